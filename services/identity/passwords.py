"""Passwords by argon2id, in threads of their own so that no more than a few run at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from libs.events.settings import KernelSettings
from services.identity.settings import Settings


class Passwords:
    """`fits` takes as long for somebody unknown as for somebody known."""

    def __init__(self, memory_kib: int, rounds: int, at_once: int) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def fits(self, password: str, hash_: str | None) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, password, hash_)

    def _verify(self, password: str, hash_: str | None) -> bool:
        try:
            return self._hasher.verify(hash_ or self._nobodys, password) and hash_ is not None
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=8)
def _passwords(purpose: str, memory_kib: int, rounds: int, at_once: int) -> Passwords:
    return Passwords(memory_kib, rounds, at_once)


def passwords_of(settings: KernelSettings, purpose: Literal["sign-in", "registration"] = "sign-in") -> Passwords:
    """A process's one pool for a purpose: however many register, signing in has its own."""
    assert isinstance(settings, Settings)
    return _passwords(purpose, settings.argon2_memory_kib, settings.argon2_rounds, settings.argon2_at_once)
