"""Sealed personal values: AES-256-GCM under one key per subject, wrapped by the master key. Destroying a key erases."""

import hmac
import time
import unicodedata
from base64 import b64decode, b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.events.contracts.base import Personal
from libs.events.errors import Poison
from libs.events.ids import make_id
from libs.events.points import reach
from libs.events.store.ports import AlreadyThere, Documents

VERSION = 1
CACHE_SECONDS = 60.0
_NONCE = 12


def normal_name(name: str) -> str:
    """A person's name however it was typed: full width to half, one case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def person_subject(place: str, blind_name: str) -> str:
    """The one subject of a natural person in an enterprise (or another place that names people), whatever the role;
    `blind_name` is the blind index of the normal name. Namesakes share it (docs/decisions)."""
    return make_id("subject", place, blind_name)


class SubjectKeys(Protocol):
    """The key database behind a port: a key-management service can stand here."""

    async def get(self, subject: str) -> tuple[str, bytes] | None:
        """(key id, key), or None when the subject has none (any more)."""

    async def get_or_make(self, subject: str) -> tuple[str, bytes]:
        """Durable before it is used. Raises Unavailable."""


class StoredKeys:
    """Keys in a collection, wrapped by the master key (base64 of 32 bytes); insert if absent."""

    def __init__(self, documents: Documents, master_key: str) -> None:
        self._documents, self._wrapping = documents, AESGCM(b64decode(master_key))

    async def get(self, subject: str) -> tuple[str, bytes] | None:
        found = await self._documents.get(subject)
        return None if found is None or found.get("wrapped") is None else self._unwrap(found)

    async def get_or_make(self, subject: str) -> tuple[str, bytes]:
        found = await self.get(subject)
        if found is not None:
            return found
        key, nonce = token_bytes(32), token_bytes(_NONCE)
        key_id = make_id("key", subject)
        wrapped = nonce + self._wrapping.encrypt(nonce, key, f"{subject}|{key_id}".encode())
        try:
            await self._documents.insert({"_id": subject, "key": key_id, "wrapped": b64encode(wrapped).decode()})
            reach("key.made")
        except AlreadyThere:
            first = await self.get(subject)
            if first is None:
                raise Poison(f"the key of subject {subject} has been destroyed") from None
            return first
        return key_id, key

    def _unwrap(self, found: dict[str, Any]) -> tuple[str, bytes]:
        wrapped = b64decode(found["wrapped"])
        key = self._wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"{found['_id']}|{found['key']}".encode())
        return found["key"], key


class Sealer:
    """The one codec for personal values, blobs and blind indexes."""

    def __init__(self, keys: SubjectKeys, deployment: str, pepper: str) -> None:
        self._keys, self._deployment, self._pepper = keys, deployment, pepper.encode()
        self._cache: dict[str, tuple[float, str, bytes]] = {}

    async def seal(self, subject: str, label: str, text: str) -> Personal[str]:
        """Seal `text` for `subject`; `label` is the field's name in the inventory. Raises Unavailable."""
        key_id, key = await self._key_for_writing(subject)
        nonce = token_bytes(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), self._bound(VERSION, subject, key_id, label))
        return Personal(VERSION, subject, key_id, label, b64encode(nonce).decode(), b64encode(sealed).decode())

    async def open(self, value: Personal[str]) -> str | None:
        """The text, or None when the subject's key is gone. Raises Poison when the value was tampered with."""
        key = await self._key_for_reading(value.subject, value.key)
        if key is None:
            return None
        try:
            opened = AESGCM(key).decrypt(
                b64decode(value.nonce),
                b64decode(value.ciphertext),
                self._bound(value.v, value.subject, value.key, value.label),
            )
        except InvalidTag as error:
            raise Poison(f"a sealed value ({value.label}) does not open") from error
        return opened.decode()

    async def encrypt_blob(self, subject: str, content: bytes) -> bytes:
        key_id, key = await self._key_for_writing(subject)
        nonce = token_bytes(_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, content, self._bound(VERSION, subject, key_id, "blob"))

    async def decrypt_blob(self, subject: str, content: bytes) -> bytes | None:
        found = await self._keys.get(subject)
        if found is None:
            return None
        key_id, key = found
        try:
            return AESGCM(key).decrypt(
                content[:_NONCE], content[_NONCE:], self._bound(VERSION, subject, key_id, "blob")
            )
        except InvalidTag as error:
            raise Poison("a stored file does not open") from error

    def blind(self, what: str, text: str) -> str:
        """A blind index: the same value is found again, and nobody reads it. 32 hex digits."""
        return hmac.new(self._pepper, f"{what}\x1f{text}".encode(), sha256).hexdigest()[:32]

    def person(self, place: str, name: str) -> str:
        """The subject of the person of this name in `place`."""
        return person_subject(place, self.blind("person", normal_name(name)))

    def forget(self, subject: str) -> None:
        """On SubjectErased."""
        self._cache.pop(subject, None)

    def _bound(self, v: int, subject: str, key: str, label: str) -> bytes:
        return f"tidu|{v}|{self._deployment}|{subject}|{key}|{label}".encode()

    async def _key_for_writing(self, subject: str) -> tuple[str, bytes]:
        cached = self._cached(subject)
        if cached is None:
            cached = await self._keys.get_or_make(subject)
            self._cache[subject] = (time.monotonic(), *cached)
        return cached

    async def _key_for_reading(self, subject: str, key_id: str) -> bytes | None:
        found = self._cached(subject) or await self._keys.get(subject)
        if found is None or found[0] != key_id:
            return None
        self._cache.setdefault(subject, (time.monotonic(), *found))
        return found[1]

    def _cached(self, subject: str) -> tuple[str, bytes] | None:
        entry = self._cache.get(subject)
        if entry is None or time.monotonic() - entry[0] > CACHE_SECONDS:
            self._cache.pop(subject, None)
            return None
        return entry[1], entry[2]
