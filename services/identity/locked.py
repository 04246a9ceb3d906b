"""Small secrets under the master key: AES-GCM, a key of its own for each purpose, bound to a name."""

from base64 import b64decode, b64encode
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.events.runtime import Runtime

_NONCE = 12


def lock(runtime: Runtime, purpose: str, name: str, plain: bytes) -> str:
    """Base64; `purpose` and `name` must be given again to open it."""
    nonce = token_bytes(_NONCE)
    return b64encode(nonce + _cipher(runtime, purpose).encrypt(nonce, plain, name.encode())).decode()


def unlock(runtime: Runtime, purpose: str, name: str, locked: str) -> bytes:
    """Raises InvalidTag or ValueError for what was not locked under these."""
    raw = b64decode(locked, validate=True)
    return _cipher(runtime, purpose).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode())


def _cipher(runtime: Runtime, purpose: str) -> AESGCM:
    master = b64decode(runtime.settings.master_key.get_secret_value())
    return AESGCM(HKDF(SHA256(), 32, None, f"tidu identity {purpose}".encode()).derive(master))
