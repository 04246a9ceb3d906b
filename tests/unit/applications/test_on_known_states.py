"""编辑企业基本信息 on what this process last knew: no look where that is the newest, nobody's change lost where it is not."""

from collections.abc import Callable
from typing import Any

from libs.events.states import States
from services.applications.domain.streams import enterprise_stream
from tests.unit.applications import kit as k
from tests.unit.applications.shell import Stage
from tests.unit.applications.stories import PROFILE, known, on_stage

STREAM, PATH = enterprise_stream(k.ENTERPRISE), f"/enterprises/{k.ENTERPRISE}/profile"
CONTACT = {name: PROFILE[name] for name in ("contact", "contact_mobile", "email")}
REST = {name: value for name, value in PROFILE.items() if name not in CONTACT}


def counted(stage: Stage) -> list[str]:
    """The streams that are looked at from now on."""
    looked: list[str] = []
    read: Callable[..., Any] = stage.runtime.store.read_stream

    async def read_stream(shard: int, stream: str, after: int = 0) -> Any:
        looked.append(stream)
        return await read(shard, stream, after)

    stage.runtime.store.read_stream = read_stream  # type: ignore[method-assign]
    return looked


async def another_process_changes(stage: Stage, **fields: str) -> None:
    """This process is left with what it knew before."""
    before = stage.runtime.handler.states.get(STREAM)
    assert before is not None
    assert (await stage.ask("PUT", PATH, PROFILE | fields)).status_code == 201
    stage.runtime.handler.states = States()
    stage.runtime.handler.states.put(STREAM, before)


async def shown(stage: Stage) -> dict[str, Any]:
    return dict((await stage.get(f"/enterprises/{k.ENTERPRISE}"))["profile"])


@on_stage
async def test_a_change_of_what_is_known_looks_at_nothing(stage: Stage) -> None:
    await known(stage)
    looked = counted(stage)
    assert (await stage.ask("PUT", PATH, PROFILE | {"address": "别处1号"})).status_code == 201
    assert looked == []


@on_stage
async def test_what_another_process_has_changed_meanwhile_is_not_taken_back(stage: Stage) -> None:
    await known(stage)
    await another_process_changes(stage, contact_mobile="13900139000")
    assert (await stage.ask("PUT", PATH, REST | {"address": "别处2号"})).status_code == 201
    now = await shown(stage)
    assert (now["contact_mobile"], now["address"]) == ("13900139000", "别处2号")


@on_stage
async def test_what_is_refused_on_old_knowledge_is_looked_at_anew(stage: Stage) -> None:
    """Only what was known before makes it nothing new; by now it is the way back."""
    await known(stage)
    await another_process_changes(stage, address="别处3号")
    answer = await stage.ask("PUT", PATH, PROFILE)
    assert answer.status_code == 201 and "unchanged" not in answer.json()
    assert (await shown(stage))["address"] == PROFILE["address"]


@on_stage
async def test_the_version_that_the_caller_names_counts(stage: Stage) -> None:
    await known(stage)
    for sent in ('"1"', "0"):
        answer = await stage.ask("PUT", PATH, PROFILE | {"address": "别处4号"}, headers={"If-Match": sent})
        assert answer.status_code == 412
