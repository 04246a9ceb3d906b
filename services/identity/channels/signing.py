"""Signatures of requests to SMS providers: ours (HMAC-SHA256), and 腾讯云 API 3.0 (TC3-HMAC-SHA256). Pure."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

CONTENT_TYPE = "application/json; charset=utf-8"
_ALGORITHM = "TC3-HMAC-SHA256"
_SIGNED = "content-type;host;x-tc-action"


def plain_signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Over `timestamp\\nnonce\\nbody`, 64 hex digits: the receiver checks age, that the nonce is new, and the body."""
    return hmac.new(secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, sha256).hexdigest()


def tc3_string_to_sign(service: str, host: str, action: str, timestamp: int, body: bytes) -> str:
    """腾讯云签名方法 v3, steps 1 and 2: POST to `/`, three signed headers, the body's hash."""
    headers = f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    canonical = f"POST\n/\n\n{headers}\n{_SIGNED}\n{sha256(body).hexdigest()}"
    scope = f"{_day(timestamp)}/{service}/tc3_request"
    return f"{_ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"


def tc3_signature(secret_key: str, service: str, timestamp: int, string_to_sign: str) -> str:
    """Step 3: the key is derived for the day, the service and the purpose."""
    key = f"TC3{secret_key}".encode()
    for part in (_day(timestamp), service, "tc3_request"):
        key = _hmac(key, part)
    return _hmac(key, string_to_sign).hex()


def tc3_authorization(
    secret_id: str, secret_key: str, service: str, host: str, action: str, timestamp: int, body: bytes
) -> str:
    """Step 4: the header `Authorization`."""
    signature = tc3_signature(
        secret_key, service, timestamp, tc3_string_to_sign(service, host, action, timestamp, body)
    )
    scope = f"{_day(timestamp)}/{service}/tc3_request"
    return f"{_ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _day(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).date().isoformat()
