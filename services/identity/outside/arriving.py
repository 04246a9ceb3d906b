"""统一登录 there and back: the browser goes to the provider with what binds it to us, and comes back with a code."""

from urllib.parse import urlsplit

import msgspec
from joserfc.jwk import KeySet
from starlette.responses import RedirectResponse, Response

from libs.events.errors import Refused
from libs.events.web.desk import Desk
from libs.events.web.problems import address_of
from services.identity import attempts
from services.identity.domain.rules import account_rules
from services.identity.outside import cookies, exchanging, flows, targets, welcoming
from services.identity.outside.configuration import provider_called
from services.identity.outside.configured import OidcProvider
from services.identity.outside.discovery import Metadata, keys_of, metadata_of
from services.identity.outside.flows import Flow
from services.identity.outside.people import Person, person_of
from services.identity.outside.tokens import Expected, IdentityNotProven, KeyNotHere, not_proven, verified


class Returned(msgspec.Struct, frozen=True):
    """What the provider's redirect carries (RFC 6749, 4.1.2; RFC 9207)."""

    state: str = ""
    code: str = ""
    issuer: str = ""
    error: str = ""


class RefusedByProvider(Refused):
    code = "identity.provider-refused"
    title = "统一登录没有确认身份"
    status = 401


async def start(desk: Desk, name: str, return_to: str) -> Response:
    """Off to the provider. Counted as a sign-in from the address until it has succeeded. Raises ProviderUnknown,
    TargetNotAllowed, TooManyAttempts, ProviderUnavailable."""
    provider = provider_called(desk, name)
    target = targets.checked(return_to, provider.return_paths)
    rules, documents = account_rules(desk.policies())["sign_in"], desk.documents(attempts.COLLECTION)
    limit = rules["attempts_per_address"]
    await attempts.count(documents, attempts.sign_in_key(desk), limit, desk.runtime.wall(), rules)
    metadata = await metadata_of(provider)
    flow = await flows.begin(desk, name, target)
    return flows.keep(desk, _to(exchanging.authorization_url(desk, provider, metadata, flow)), flow)


async def finish(desk: Desk, name: str, returned: Returned) -> Response:
    """Back from the provider. Whatever is not as it was begun ends it. Raises SignInBroken, RefusedByProvider,
    IdentityNotProven, ProviderUnavailable, OtherEnterprise."""
    provider = provider_called(desk, name)
    flow = await flows.take(desk, name, returned.state)
    try:
        person = await _proven(desk, name, provider, flow, returned)
    except IdentityNotProven as error:
        told = {"from": address_of(desk.request), "provider": name, "reason": error.facts["reason"]}
        desk.runtime.notes.soon("sign-in-failed", "public:", **told)
        raise
    response = await welcoming.welcome(desk, person, flow)
    return cookies.forget(desk, response, "flow")


async def _proven(desk: Desk, name: str, provider: OidcProvider, flow: Flow, returned: Returned) -> Person:
    metadata = await metadata_of(provider)
    _same_issuer(metadata, returned)
    if returned.error or not returned.code:
        raise RefusedByProvider(way_out="请重新用统一登录进入，或用登录名和密码登录", provider_error=returned.error)
    id_token, access_token = await exchanging.tokens(desk, provider, metadata, flow, returned.code)
    expected = Expected(
        metadata.issuer, provider.client_id, flow.nonce, access_token, provider.algorithms,
        desk.runtime.wall() // 1000, account_rules(desk.policies())["outside"]["leeway_seconds"],
    )  # fmt: skip
    try:
        claims = verified(id_token, await keys_of(provider), expected)
    except KeyNotHere:
        claims = _with_newer(id_token, await keys_of(provider, again=True), expected)
    return person_of(desk, name, provider, claims)


def _with_newer(id_token: str, keys: KeySet, expected: Expected) -> dict[str, object]:
    try:
        return dict(verified(id_token, keys, expected))
    except KeyNotHere as error:
        raise not_proven(error.reason) from None


def _same_issuer(metadata: Metadata, returned: Returned) -> None:
    """Against mix-up (RFC 9207): whoever says who they are must be whom we sent the browser to."""
    silent = not returned.issuer and not metadata.authorization_response_iss_parameter_supported
    if not silent and returned.issuer != metadata.issuer:
        raise not_proven("issuer")


def _to(url: str) -> Response:
    assert urlsplit(url).hostname
    return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
