"""账号找回: what a verified enterprise states of itself is compared; the login name goes to the bound phone."""

import hmac

from starlette.responses import Response

from libs.events.contracts.base import Personal
from libs.events.ids import enterprise_id, make_id
from libs.events.recorded import Because
from libs.events.web.desk import Desk
from libs.events.web.problems import address_of
from services.identity import attempts, changing, codes, documents
from services.identity.bodies import Recovery
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.refusals import RecoveryMismatch
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.answers.commands import Tell
from services.identity.domain.checks.decide import check_rules
from services.identity.holders import account_of_enterprise
from services.identity.realname import texts

_NOTHING = Personal[str](
    1, "0" * 32, "0" * 32, "legal_representative_document", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


async def recover(desk: Desk, body: Recovery) -> Response:
    """信息有误 is all that is told where anything differs or nobody stands for the enterprise; then the manual check."""
    rules = check_rules(desk.policies())
    code, phone = creditcode.normalise(body.credit_code), changing.phone_or_refuse(body.phone)
    await attempts.count_address(desk, "recovery", rules["recoveries"])
    await codes.redeem(desk, "recovery", body.challenge, body.code, phone)
    per_code = rules["recoveries_per_code"]
    key = desk.blind("recovery", f"{code}|{address_of(desk.request)}")
    await attempts.count(desk.documents(attempts.COLLECTION), key, per_code["attempts"], desk.runtime.wall(), per_code)
    account = await account_of_enterprise(desk.runtime, code)
    if not await _fits(desk, account, code, body):
        raise RecoveryMismatch(
            way_out="请核对后重试；仍提示信息有误的，请选择“手机号修改”的人工核验，提交加盖企业公章的营业执照扫描件",
            contact=texts(desk.policies())["contact"],
        )
    desk = desk.as_public(desk.blind("registrant", account.account))
    answer = make_id("answer", "recovery", account.account, desk.request.headers.get("idempotency-key", ""))
    command = Tell(
        **Because(id="", received_at=desk.now, actor=desk.actor),
        answer=answer,
        about="login-name",
        account=account.account,
    )
    told = {"sent": True, "next": "登录名已发送到账户绑定的手机号和电子邮箱；该号码已停用的，请用手机号修改的人工核验"}
    return await desk.handle(command, body, show=lambda _: told)


async def _fits(desk: Desk, account: AccountState, code: str, body: Recovery) -> bool:
    """Everything is compared, whatever differed before."""
    person = desk.person(enterprise_id(code), body.legal_representative)
    known = account.legal_representative or _NOTHING
    number = await desk.runtime.sealer.open(account.document_number or _NOTHING) or ""
    stated = documents.normalise(body.document_number)
    same = (
        hmac.compare_digest(person, known.subject),
        hmac.compare_digest(number.encode(), stated.encode()),
        hmac.compare_digest(account.name.encode(), body.name.strip().encode()),
    )
    return all(same) and account.verified
