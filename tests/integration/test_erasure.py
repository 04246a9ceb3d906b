"""A person is being erased: whatever dies in between, it is finished (on a whole stack: `tests/e2e/test_erasure.py`)."""

from dataclasses import replace

import pytest

from libs.events.points import armed
from services.identity.app import service as identity
from services.identity.domain.subjects.commands import EraseSubject, subject_stream
from services.identity.domain.subjects.decide import decider
from services.identity.erasing import Erasures, destroy_key
from tests.backends import Backends
from tests.integration.running import head, running

pytestmark = pytest.mark.integration


SERVICE = replace(identity, companions=[], on_start=[])


class Dead(Exception):
    """The process ended here."""


@pytest.mark.parametrize("point", ["shred.said", "shred.noted", "shred.destroyed"])
async def test_what_was_begun_is_finished_by_the_next_process(backends: Backends, point: str) -> None:
    def die(reached: str) -> None:
        if reached == point:
            raise Dead

    async with running(backends, await backends.fresh(), SERVICE) as runtime:
        who = runtime.sealer.person("e1", "张三")
        sealed = await runtime.sealer.seal(who, "contact", "张三")
        await runtime.handle(EraseSubject(**head(runtime, point), subject=who, reason="本人申请", basis=""))
        with armed(die), pytest.raises(Dead):
            await destroy_key(runtime, who)
        await Erasures(runtime).go_through()
        state = (await runtime.state(decider, subject_stream(who))).state
        assert state.destroyed == 1
        assert await runtime.keys.erased_among([who]) == {who}
        assert await runtime.sealer.open(sealed) is None


async def test_an_erasure_is_applied_again_after_an_old_backup_of_the_keys(backends: Backends) -> None:
    async with running(backends, await backends.fresh(), SERVICE) as runtime:
        who = runtime.sealer.person("e1", "李四")
        sealed = await runtime.sealer.seal(who, "contact", "李四")
        backup = await runtime.keys._documents.get(who)
        await runtime.handle(EraseSubject(**head(runtime, "e"), subject=who, reason="本人申请", basis=""))
        await destroy_key(runtime, who)
        assert backup is not None
        await runtime.keys._documents.insert(backup)
        await runtime.keys._erasures.delete({"_id": who})
        assert await runtime.keys.get(who) is not None, "the backup brought the key back"
        await Erasures(runtime).go_through()
        assert await runtime.keys.get(who) is None
        state = (await runtime.state(decider, subject_stream(who))).state
        assert state.destroyed == 2
        assert await runtime.sealer.open(sealed) is None
