"""Sealed personal values: AES-256-GCM under one key per subject, wrapped by the master key. Destroying a key erases."""

import hmac
import time
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.events.contracts.base import Personal
from libs.events.errors import Poison, Refused
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


class SubjectIsErased(Refused):
    """Nothing is sealed for somebody who was erased: what was erased would begin to exist again."""

    code = "platform.subject-erased"
    title = "此人的个人信息已依申请删除，不能再为其登记"
    status = 410

    def __init__(self) -> None:
        super().__init__(way_out="请改由其他人员担任并填写其姓名；如系误删，请联系平台管理员")


class SubjectKeys(Protocol):
    """The key database behind a port: a key-management service can stand here."""

    async def get(self, subject: str) -> tuple[str, bytes] | None:
        """(key id, key), or None when the subject has none (any more)."""

    async def get_or_make(self, subject: str) -> tuple[str, bytes]:
        """Durable before it is used. Raises Unavailable, SubjectIsErased."""

    async def destroy(self, subject: str) -> bool:
        """Destroy the key for ever; whether there was one. Never again will this subject have a key."""

    async def known(self, subject: str) -> bool:
        """Whether the subject has a key or was erased."""


class StoredKeys:
    """Keys in a collection, wrapped by the master key (base64 of 32 bytes); insert if absent.

    `erasures` says who was erased; the services may add to it and take nothing away.
    """

    def __init__(self, documents: Documents, master_key: str, erasures: Documents) -> None:
        self._documents, self._erasures = documents, erasures
        self._wrapping = AESGCM(b64decode(master_key))

    async def get(self, subject: str) -> tuple[str, bytes] | None:
        found = await self._documents.get(subject)
        if found is None or await self._is_erased(subject):
            return None
        return self._unwrap(found)

    async def get_or_make(self, subject: str) -> tuple[str, bytes]:
        found = await self.get(subject)
        if found is not None:
            return found
        if await self._is_erased(subject):
            raise SubjectIsErased
        key, nonce = token_bytes(32), token_bytes(_NONCE)
        key_id = make_id("key", subject)
        wrapped = nonce + self._wrapping.encrypt(nonce, key, f"{subject}|{key_id}".encode())
        try:
            await self._documents.insert({"_id": subject, "key": key_id, "wrapped": b64encode(wrapped).decode()})
        except AlreadyThere:
            first = await self.get(subject)
            if first is None:
                raise SubjectIsErased from None
            return first
        if await self._is_erased(subject):
            # Erased between the look and the insert: whoever comes second cleans up.
            await self._documents.delete({"_id": subject})
            raise SubjectIsErased
        reach("key.made")
        return key_id, key

    async def destroy(self, subject: str) -> bool:
        reach("shred.said")
        with suppress(AlreadyThere):
            await self._erasures.insert({"_id": subject})
        reach("shred.noted")
        gone = await self._documents.delete({"_id": subject})
        reach("shred.destroyed")
        return gone > 0

    async def known(self, subject: str) -> bool:
        return await self._documents.get(subject) is not None or await self._is_erased(subject)

    async def erased_among(self, subjects: Sequence[str]) -> set[str]:
        """Those whose key is gone and is noted as gone."""
        wanted = {"_id": {"$in": list(subjects)}}
        noted = {d["_id"] for d in await self._erasures.find(wanted, limit=len(subjects))}
        return noted - {d["_id"] for d in await self._documents.find(wanted, limit=len(subjects))}

    async def _is_erased(self, subject: str) -> bool:
        return await self._erasures.get(subject) is not None

    def _unwrap(self, found: dict[str, Any]) -> tuple[str, bytes]:
        wrapped = b64decode(found["wrapped"])
        key = self._wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"{found['_id']}|{found['key']}".encode())
        return found["key"], key


class Sealer:
    """The one codec for personal values, blobs and blind indexes."""

    def __init__(self, keys: SubjectKeys, deployment: str, pepper: str) -> None:
        self._keys, self._deployment, self._pepper = keys, deployment, pepper.encode()
        self._cache: dict[str, tuple[float, str, bytes]] = {}
        self._erased: set[str] = set()

    async def seal(self, subject: str, label: str, text: str) -> Personal[str]:
        """Seal `text` for `subject`; `label` is the field's name in the inventory. Raises Unavailable,
        SubjectIsErased."""
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
        found = None if subject in self._erased else await self._keys.get(subject)
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
        """On SubjectErased: from here this process knows no key of theirs, whatever the key database says."""
        self._erased.add(subject)
        self._cache.pop(subject, None)

    def is_erased(self, subject: str) -> bool:
        """Whether this process has heard so."""
        return subject in self._erased

    def _bound(self, v: int, subject: str, key: str, label: str) -> bytes:
        return f"tidu|{v}|{self._deployment}|{subject}|{key}|{label}".encode()

    async def _key_for_writing(self, subject: str) -> tuple[str, bytes]:
        if subject in self._erased:
            raise SubjectIsErased
        cached = self._cached(subject)
        if cached is None:
            cached = await self._keys.get_or_make(subject)
            self._remember(subject, cached)
        return cached

    async def _key_for_reading(self, subject: str, key_id: str) -> bytes | None:
        if subject in self._erased:
            return None
        found = self._cached(subject) or await self._keys.get(subject)
        if found is None or found[0] != key_id or subject in self._erased:
            return None
        if subject not in self._cache:
            self._remember(subject, found)
        return found[1]

    def _remember(self, subject: str, found: tuple[str, bytes]) -> None:
        """Not what came back from the database after the erasure was heard of."""
        if subject not in self._erased:
            self._cache[subject] = (time.monotonic(), *found)

    def _cached(self, subject: str) -> tuple[str, bytes] | None:
        entry = self._cache.get(subject)
        if entry is None or time.monotonic() - entry[0] > CACHE_SECONDS:
            self._cache.pop(subject, None)
            return None
        return entry[1], entry[2]
