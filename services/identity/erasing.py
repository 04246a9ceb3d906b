"""From the decision to the destroyed key: at once, after a crash, and again after an old backup of the keys."""

import asyncio
import time
from collections.abc import Sequence

import structlog

from libs.events.codec import decode
from libs.events.contracts.identity import SubjectErased
from libs.events.envelope import Commit
from libs.events.errors import Conflict, Transient
from libs.events.ids import make_id
from libs.events.names import category_of
from libs.events.runtime import Runtime
from services.identity.domain.subjects.commands import NoteKeyDestroyed, subject_stream
from services.identity.domain.subjects.decide import decider as subjects

log = structlog.get_logger("erasing")

POLL_SECONDS = 5.0
ALL_AGAIN_SECONDS = 60.0
AT_ONCE = 500
PAGE = 500


async def destroy_keys(runtime: Runtime) -> None:
    """Beside the service for ever: whatever the log says is erased has no key, and the log says that as well."""
    work = Erasures(runtime)
    while True:
        try:
            await work.go_through()
        except (Transient, Conflict) as error:
            await log.awarning("erasing.waiting", error=str(error))
        await asyncio.sleep(POLL_SECONDS)


class Erasures:
    """What has been read of the log's erasures; all of them are looked at again each minute."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._read: dict[int, int] = {}
        self._known: list[str] = []
        self._open: list[str] = []
        self._checked = float("-inf")

    async def go_through(self) -> None:
        """What could not be settled stays open for the next time."""
        await self._read_on()
        if time.monotonic() - self._checked > ALL_AGAIN_SECONDS:
            self._open, self._checked = list(self._known), time.monotonic()
        while self._open:
            await self._settle(self._open[:AT_ONCE])
            del self._open[:AT_ONCE]

    async def _read_on(self) -> None:
        for shard in range(self._runtime.settings.shards):
            commits = await self._further(shard)
            events = [decode(event.type, event.body) for commit in commits for event in commit.events]
            found = [event.subject for event in events if isinstance(event, SubjectErased)]
            self._known += found
            self._open += found

    async def _further(self, shard: int) -> list[Commit]:
        """Commits of subjects since the last look: first all of them, then what has been added to the shard."""
        store = self._runtime.store
        if shard not in self._read:
            end = (await store.head(shard)).position
            found = await store.read_streams(shard, "subject-", "subject.")
            self._read[shard] = end
            return found
        found, at = list[Commit](), self._read[shard]
        while page := await store.read_shard(shard, at, PAGE):
            found += [commit for commit in page if category_of(commit.stream) == "subject"]
            at = page[-1].last_position
        self._read[shard] = at
        return found

    async def _settle(self, erased: Sequence[str]) -> None:
        gone = await self._runtime.keys.erased_among(erased)
        for subject in erased:
            self._runtime.sealer.forget(subject)
            state = (await self._runtime.state(subjects, subject_stream(subject))).state
            if subject not in gone or not state.destroyed:
                await destroy_key(self._runtime, subject)


async def destroy_key(runtime: Runtime, subject: str) -> None:
    """Idempotent: the key goes for ever, then the log says so, once for each time that there was one."""
    found = await runtime.keys.destroy(subject)
    runtime.sealer.forget(subject)
    state = (await runtime.state(subjects, subject_stream(subject))).state
    command = NoteKeyDestroyed(
        id=make_id("key-destroyed", subject, str(state.destroyed)),
        received_at=runtime.business.now(),
        actor=runtime.actor,
        subject=subject,
        found=found,
    )
    await runtime.handle(command)
