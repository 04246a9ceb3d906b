"""The code flow with PKCE (RFC 6749, 7636; Authlib): the address to send the browser to, and the code for its tokens."""

from collections.abc import Mapping
from typing import Any

from libs.events.web.desk import Desk
from services.identity.outside.configured import OidcProvider
from services.identity.outside.discovery import Metadata
from services.identity.outside.fetching import ask, unavailable
from services.identity.outside.flows import Flow
from services.identity.outside.tokens import not_proven

_FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


def callback(desk: Desk, name: str) -> str:
    """Where the provider sends the browser back to: one address for each provider, registered there."""
    return f"{desk.runtime.settings.origin.rstrip('/')}/api/identity/providers/{name}/callback"


def authorization_url(desk: Desk, provider: OidcProvider, metadata: Metadata, flow: Flow) -> str:
    client = _client(desk, provider, flow)
    url, _ = client.create_authorization_url(
        metadata.authorization_endpoint, state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
    )
    return str(url)


async def tokens(desk: Desk, provider: OidcProvider, metadata: Metadata, flow: Flow, code: str) -> tuple[str, str]:
    """ID token and access token. Raises IdentityNotProven when the code is not taken, ProviderUnavailable."""
    from authlib.oauth2.rfc6749.parameters import prepare_token_request

    client = _client(desk, provider, flow)
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=client.redirect_uri, code_verifier=flow.verifier
    )
    auth = client.client_auth(provider.client_auth)
    url, headers, body = auth.prepare("POST", metadata.token_endpoint, dict(_FORM), body)
    status, told = await ask("POST", url, provider.timeout_seconds, headers, body)
    if status >= 500:
        raise unavailable()
    return _text(told, "id_token"), _text(told, "access_token")


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found:
        raise not_proven("code")
    return found


def _client(desk: Desk, provider: OidcProvider, flow: Flow) -> Any:
    # Loaded with the first sign-in of this kind: most deployments have no provider.
    from authlib.oauth2.client import OAuth2Client

    return OAuth2Client(
        None, provider.client_id, provider.client_secret.get_secret_value(),
        token_endpoint_auth_method=provider.client_auth, scope=" ".join(provider.scopes),
        redirect_uri=callback(desk, flow.provider), code_challenge_method="S256",
    )  # fmt: skip
