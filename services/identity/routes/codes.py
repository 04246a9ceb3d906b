"""验证码: getting one, and why one has not arrived."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from libs.events.contracts.times import instant, time_text
from libs.events.errors import Refused
from libs.events.web.desk import At, Desk
from services.identity import captchas, codes, phones, sending
from services.identity.bodies import CodeAsked
from services.identity.channels.chosen import Name
from services.identity.domain.accounts.refusals import EmailNotAllowed, PhoneNotAllowed
from services.identity.emails import normalise as normal_email
from services.identity.pairs import belongs

router = APIRouter(tags=["codes"])
Challenge = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class PurposeUnknown(Refused):
    code = "identity.code-purpose-unknown"
    title = "没有这种用途的验证码"
    status = 422


@router.post("/codes", status_code=202)
async def ask(desk: At, body: CodeAsked) -> Response:
    """获取验证码; the answer says when another may be asked for. For a pair of login name and number it is the same
    whether or not they belong together."""
    desk.allow("identity.ask_code")
    rules = codes.rules_of(desk.policies())
    purpose = codes.purpose_of(body.purpose, rules)
    if purpose is None:
        raise PurposeUnknown(way_out="可用的用途：" + "、".join(rules["purposes"]))
    name: Name = "email" if purpose.channel == "email" else "sms"
    target = _target(body, name)
    sending.require(desk.runtime, name)
    await captchas.need_when_busy(desk, "one-time-code", rules["without_captcha"], body.captcha, body.captcha_answer)
    login = body.login if purpose.pair else ""
    goes = not purpose.pair or await belongs(desk, login, name, target)
    issued = await codes.issue(desk, purpose, target, login)
    if goes:
        sending.begin(desk.runtime, name, issued.message, purpose.pair)
    else:
        sending.begin_nothing(desk.runtime, name, issued.challenge)
    return desk.respond(_shown(desk, issued, name, target), status=202)


def _target(body: CodeAsked, name: Name) -> str:
    if name == "email":
        email = normal_email(body.email)
        if email is None:
            raise EmailNotAllowed("请填写有效的电子邮箱", way_out="请核对邮箱地址后重新获取")
        return email
    phone = phones.normalise(body.phone)
    if phone is None:
        raise PhoneNotAllowed("请填写中国大陆的手机号码", way_out="请核对号码后重新获取")
    return phone


def _shown(desk: Desk, issued: codes.Issued, name: Name, target: str) -> dict[str, object]:
    return {
        "challenge": issued.challenge,
        "channel": name,
        "target": phones.masked(target) if name == "sms" else phones.masked_email(target),
        "expires_at": time_text(instant(issued.expires)),
        "again_at": time_text(instant(issued.again)),
        "digits": codes.rules_of(desk.policies())["digits"],
    }


@router.get("/codes/{challenge}")
async def why_not_arrived(desk: At, challenge: Challenge) -> Response:
    """收不到验证码: where it is, what is wrong, and the way out; nothing of whose account it is."""
    desk.allow("identity.ask_code")
    found = await codes.state_of(desk, challenge)
    if found is None:
        desk.raise_not_found()
    return desk.respond(found)
