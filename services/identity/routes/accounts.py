"""Accounts: registering, the real-name check, oneself; lists for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.contracts.times import instant
from libs.events.errors import refuse_together
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.identity import attempts, persons, proving, queries, realname, registration, reserving, sessions
from services.identity.bodies import LoginName, PersonRealName, RealName, Registration, Why
from services.identity.domain.accounts.commands import RevokeAccountTokens
from services.identity.domain.accounts.logins import login_refusals, normalise
from services.identity.domain.rules import account_rules
from services.identity.passwords import passwords_of

router = APIRouter(tags=["accounts"])
Filter = Annotated[str, Query(max_length=64)]
Page = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/rules")
async def rules(desk: At) -> Response:
    """注册须知: what the rules ask of login names, passwords and documents."""
    return desk.respond(queries.public_rules(desk))


@router.post("/login-names")
async def login_name(desk: At, body: LoginName) -> Response:
    """登录名是否可用: free or not, with free ones like it."""
    desk.allow("identity.register")
    rules = account_rules(desk.policies())
    await attempts.count_address(desk, "login-names", rules["login_names"])
    refuse_together(login_refusals(body.login, rules))
    free = await reserving.is_free(desk.runtime, "login", desk.blind("login", normalise(body.login)))
    suggestions = [] if free else await registration.free_names(desk, body.login, rules)
    return desk.respond({"free": free, "suggestions": suggestions})


@router.post("/accounts", status_code=201)
async def register(desk: At, body: Registration) -> Response:
    """注册法人账户或自然人账户."""
    desk.allow("identity.register")
    await attempts.count_address(desk, "registration", account_rules(desk.policies())["registration"])
    return await registration.register(desk, passwords_of(desk.runtime.settings, "registration"), body)


@router.get("/me")
async def me(desk: At) -> Response:
    """我的账户: verified or not, the enterprise, and the way to what is not possible yet."""
    desk.allow("identity.read_self")
    if desk.principal.kind == "official":
        return desk.respond(await queries.own_official(desk))
    content, version = await queries.own_account(desk)
    return desk.respond(content, version)


@router.post("/me/real-name", status_code=201)
async def request_real_name(desk: At, body: RealName) -> Response:
    """法人实名认证: checked at once; a refusal names every reason."""
    desk.allow("identity.request_real_name")
    return await realname.request(desk, body)


@router.post("/me/real-name/person", status_code=201)
async def request_person_real_name(desk: At, body: PersonRealName) -> Response:
    """自然人实名认证: from then on the identity number signs in too; it does not let anybody declare."""
    desk.allow("identity.request_real_name")
    return await persons.request(desk, body)


@router.post("/me/revocation", status_code=201)
async def revoke_own(desk: At, body: Why) -> Response:
    """结束我的所有登录, after a recent proof."""
    desk.allow("identity.request_real_name")
    own = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    proving.refuse_unless_recent(desk, own, "identity.request_real_name")
    return await _revoke(desk, desk.principal.id, body)


@router.get("/accounts")
async def accounts(desk: At, credit_code: Filter = "", real_name: Filter = "", page: Page = 1) -> Response:
    """账户列表 (system administrators and auditors)."""
    return desk.respond(await queries.find_accounts(desk, credit_code, real_name, page))


@router.post("/accounts/{account}/revocation", status_code=201)
async def revoke(desk: At, account: Id, body: Why) -> Response:
    """强制下线: every token and session of an account is void."""
    desk.allow("identity.revoke")
    return await _revoke(desk, account, body)


async def _revoke(desk: Desk, account: str, body: Why) -> Response:
    before = instant(desk.runtime.wall())
    command = RevokeAccountTokens(**desk.head, account=account, before=before, reason=body.reason)
    response = await desk.handle(command, body)
    await sessions.end_all(desk.documents(sessions.COLLECTION), account)
    return response
