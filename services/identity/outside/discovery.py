"""What a provider says of itself (OpenID Connect Discovery 1.0), and its keys; kept by each process for a while."""

import time
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from services.identity.outside.configured import OidcProvider, is_safe
from services.identity.outside.fetching import ask, unavailable

KEPT_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 60.0
"""A token that no known key fits makes us look again, no more often than that: whoever makes up tokens costs nobody much."""
_JSON = {"Accept": "application/json"}


class Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False


class _Known(msgspec.Struct):
    metadata: Metadata
    since: float
    keys: KeySet | None = None
    keys_since: float = 0.0


_known: dict[str, _Known] = {}


async def metadata_of(provider: OidcProvider) -> Metadata:
    """Raises ProviderUnavailable."""
    return (await _about(provider)).metadata


async def keys_of(provider: OidcProvider, again: bool = False) -> KeySet:
    """`again`: not those that were kept, unless they have just been fetched. Raises ProviderUnavailable."""
    known = await _about(provider)
    longest = KEYS_AGAIN_SECONDS if again else KEPT_SECONDS
    if known.keys is None or time.monotonic() - known.keys_since > longest:
        told = await _fetched(known.metadata.jwks_uri, provider)
        found = told.get("keys")
        known.keys = KeySet([key for one in (found if isinstance(found, list) else []) for key in _usable(one)])
        known.keys_since = time.monotonic()
    return known.keys


async def _about(provider: OidcProvider) -> _Known:
    known = _known.get(provider.issuer)
    if known is None or time.monotonic() - known.since > KEPT_SECONDS:
        told = await _fetched(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", provider)
        known = _known[provider.issuer] = _Known(_trusted(told, provider), time.monotonic())
    return known


def _trusted(told: dict[str, Any], provider: OidcProvider) -> Metadata:
    """Its own name must be the one we asked for (4.3), and it may not lead us off the safe way. Raises ProviderUnavailable."""
    try:
        metadata = msgspec.convert(told, Metadata)
    except msgspec.ValidationError as error:
        raise unavailable() from error
    addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    kept_safe = provider.issuer.startswith("http:") or all(one.startswith("https:") for one in addresses)
    if metadata.issuer != provider.issuer or not kept_safe or not all(is_safe(one) for one in addresses):
        raise unavailable()
    return metadata


async def _fetched(url: str, provider: OidcProvider) -> dict[str, Any]:
    status, told = await ask("GET", url, provider.timeout_seconds, _JSON)
    if status != 200:
        raise unavailable()
    return told


def _usable(jwk: Any) -> list[Key]:
    """A key of a kind we do not know keeps nobody from the others; shared secrets are no keys to verify with."""
    if not isinstance(jwk, dict) or jwk.get("kty") == "oct" or jwk.get("use", "sig") != "sig":
        return []
    try:
        return [JWKRegistry.import_key(jwk)]
    except (JoseError, ValueError, TypeError, KeyError):
        return []
