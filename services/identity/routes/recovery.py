"""Ways out of trouble: a forgotten password or login name, another phone, two accounts of one enterprise, the end."""

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.web.desk import At
from services.identity import captchas, changing, recovering, strength
from services.identity.bodies import (
    CaptchaAsked,
    Closing,
    Merging,
    PasswordForgotten,
    PasswordShown,
    PhoneChange,
    Proof,
    Recovery,
)
from services.identity.passwords import passwords_of
from services.identity.routes.codes import Challenge

router = APIRouter(tags=["recovery"])


@router.post("/passwords/strength")
async def password_strength(desk: At, body: PasswordShown) -> Response:
    """密码强度: 低、中、高, and what would be refused; nothing is kept."""
    desk.allow("identity.register")
    return desk.respond(strength.shown(desk, body.password, body.login))


@router.post("/captchas", status_code=201)
async def captcha(desk: At, body: CaptchaAsked) -> Response:
    """图形验证码, or a question in words."""
    desk.allow("identity.ask_code")
    return desk.respond(await captchas.make(desk, body.kind), status=201)


@router.get("/captchas/{captcha}/audio")
async def captcha_audio(desk: At, captcha: Challenge) -> Response:
    """语音验证码: the letters of an image, spoken."""
    desk.allow("identity.ask_code")
    sound = await captchas.spoken(desk, captcha)
    if sound is None:
        desk.raise_not_found()
    return Response(sound, 200, {"Cache-Control": "no-store"}, media_type="audio/wav")


@router.post("/password-resets", status_code=201)
async def reset_password(desk: At, body: PasswordForgotten) -> Response:
    """忘记密码: a code to the bound phone, then a new password; all sessions end."""
    desk.allow("identity.recover")
    return await changing.reset_password(desk, passwords_of(desk.runtime.settings, "registration"), body)


@router.post("/phone-changes", status_code=201)
async def change_phone(desk: At, body: PhoneChange) -> Response:
    """手机号修改，手机核验或邮箱核验."""
    desk.allow("identity.recover")
    return await changing.change_phone(desk, body)


@router.post("/recoveries", status_code=201)
async def recover(desk: At, body: Recovery) -> Response:
    """账号找回: the login name goes to the bound phone; 信息有误 leads on to the manual check."""
    desk.allow("identity.recover")
    return await recovering.recover(desk, body)


@router.post("/me/phone-confirmation", status_code=201)
async def confirm_phone(desk: At, body: Proof) -> Response:
    """绑定手机号: the code that the number got (purpose bind-phone)."""
    desk.allow("identity.maintain_own")
    return await changing.confirm_phone(desk, body)


@router.post("/me/merging", status_code=201)
async def merge(desk: At, body: Merging) -> Response:
    """并入同一企业的已实名账户."""
    desk.allow("identity.maintain_own")
    return await changing.merge(desk, body)


@router.post("/me/closing", status_code=201)
async def close(desk: At, body: Closing) -> Response:
    """注销账户: the number and the enterprise become free, the login name never does."""
    desk.allow("identity.maintain_own")
    return await changing.close(desk, passwords_of(desk.runtime.settings), body)
