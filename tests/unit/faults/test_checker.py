"""The checker finds each defect that is planted in a true run, and nothing in the true run itself."""

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checker
from tests.faults.checker import judge
from tests.faults.checks import ids
from tests.faults.evidence import Evidence, Raw
from tests.faults.ledger import Entry
from tests.unit.faults.small import SERVICE, USER, evidence

VECTORS = Path(__file__).parents[2] / "vectors"
GONE = "f" * 32
Plant = Callable[[Evidence], object]


@pytest.fixture(scope="module")
async def true_run() -> Evidence:
    return await evidence()


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "hash.json").read_text(encoding="utf-8")), ids=lambda v: v["name"]
)
def test_the_hash_is_that_of_the_vectors(vector: dict[str, Any]) -> None:
    assert ids.hash_of(vector["headers"], vector["body"].encode()) == vector["hash"]


def test_ids_are_those_of_the_vectors() -> None:
    for vector in json.loads((VECTORS / "ids.json").read_text(encoding="utf-8")):
        assert ids.id_of(*vector["fields"]) == vector["id"]


def test_nothing_is_found_in_a_true_run(true_run: Evidence) -> None:
    assert len(true_run.commits[SERVICE]) == 19  # twelve posts, six echoes, one tick
    assert judge(true_run) == []


def first(e: Evidence, **where: Any) -> dict[str, Any]:
    return next(c for c in e.commits[SERVICE] if all(c[name] == value for name, value in where.items()))


def echo(e: Evidence) -> dict[str, Any]:
    return next(c for c in e.commits[SERVICE] if c["causation_id"] != c["_id"])


def tick(e: Evidence) -> dict[str, Any]:
    return next(c for c in e.commits[SERVICE] if c["actor"].startswith("service:") and c["causation_id"] == c["_id"])


def told(e: Evidence) -> Entry:
    return next(e.ledger.of("acknowledged"))


def renamed(commit: dict[str, Any], id_: str) -> None:
    if commit["causation_id"] == commit["_id"]:
        commit["causation_id"] = commit["correlation_id"] = id_
    commit["_id"] = id_
    for n, event in enumerate(commit["events"], start=1):
        event["id"] = f"{id_}.{n}"


def add(e: Evidence, like: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One commit more, at its shard's head."""
    head = e.by_shard(SERVICE)[like["shard"]][-1]
    size = len(like["events"])
    made = deepcopy(like) | {
        "position": head["last_position"] + 1, "last_position": head["last_position"] + size, **more,
    }  # fmt: skip
    e.commits[SERVICE].append(made)
    return made


def records(e: Evidence, shard: int = 0) -> list[Raw]:
    return e.topics[SERVICE][shard]  # type: ignore[return-value]


def header(record: Raw, name: str, value: bytes | None) -> Raw:
    return replace(record, headers=tuple((n, value if n == name else v) for n, v in record.headers))


def documents(e: Evidence, name: str = "counters_v1") -> dict[str, Any]:
    return e.state[SERVICE][name]  # type: ignore[return-value]


def checkpoint(e: Evidence) -> dict[str, Any]:
    return documents(e, "checkpoints")[f"{SERVICE}.counters.v1|0"]  # type: ignore[no-any-return]


def fork(e: Evidence) -> None:
    """Another true record at a position that is there already."""
    record = records(e)[-1]
    values = {name: (value or b"").decode() for name, value in record.headers}
    values["ce_time"] = "2030-01-01T00:00:00.000Z"
    values["ce_hash"] = ids.hash_of(values, record.value or b"")
    headers = tuple((name, values[name].encode()) for name, _ in record.headers)
    records(e).append(replace(record, offset=record.offset + 1, headers=headers))


def message_again(e: Evidence) -> None:
    for stream in ("message-k0-m", "message-k1-m"):
        for event in first(e, stream=stream)["events"]:
            event["body"] = event["body"].replace('"cause":""', '"cause":"x.1"').replace('"k1"', '"k0"')


PLANTED: dict[str, tuple[str, str, Plant]] = {
    "a commit is gone": ("lost", "positions", lambda e: e.commits[SERVICE].pop(2)),
    "a commit is there twice": ("doubled", "positions", lambda e: e.commits[SERVICE].append(deepcopy(first(e)))),
    "an id is taken twice": ("doubled", "names", lambda e: add(e, first(e))),
    "a commit names more positions than events": ("broken", "positions", lambda e: first(e)["events"].pop()),
    "a version is left out": ("lost", "versions", lambda e: first(e, position=1).update(version=2, last_version=2)),
    "a version comes again": ("doubled", "versions", lambda e: add(e, first(e), _id=GONE)),
    "an event's id is not its command's": ("broken", "names", lambda e: first(e)["events"][0].update(id=f"{GONE}.1")),
    "a commit lies in another shard": ("broken", "names", lambda e: first(e).update(partition_key="elsewhere")),
    "a commit is of another source": ("broken", "names", lambda e: first(e).update(source="/tidu/other/1/x")),
    "a body was changed": ("broken", "hashes", lambda e: first(e)["events"][0].update(body="{}")),
    "an actor was changed": ("broken", "hashes", lambda e: first(e).update(actor="account:u2")),
    "a chain was cut": ("broken", "hashes", lambda e: first(e, position=1).update(previous_hash="1" * 64)),
    "time goes back": ("broken", "clocks", lambda e: e.commits[SERVICE][1].update(recorded_at="2000-01-01T00:00:00.000Z")),
    "the clock stands": ("broken", "clocks", lambda e: e.commits[SERVICE][1].update(clock=e.commits[SERVICE][0]["clock"])),
    "what was read comes later": ("broken", "clocks", lambda e: first(e)["reads"].append(["message-k0-m", 99])),
    "the topic lacks its last event": ("lost", "topics", lambda e: records(e).pop()),
    "the topic lacks an event in the middle": ("lost", "topics", lambda e: records(e).pop(3)),
    "the topic has more than the store": ("lost", "topics", lambda e: e.commits[SERVICE].remove(e.by_shard(SERVICE)[0][-1])),
    "the topic forks": ("doubled", "topics", fork),
    "a record is no event": ("broken", "topics", lambda e: records(e).append(Raw(99, b"k", b"v", ()))),
    "a record's body was changed": (
        "lost", "topics", lambda e: records(e).__setitem__(-1, replace(records(e)[-1], value=b"{}")),
    ),
    "a header outside the hash was changed": (
        "broken", "topics", lambda e: records(e).__setitem__(-1, header(records(e)[-1], "ce_traceparent", b"x")),
    ),
    "a record has another key": (
        "broken", "topics", lambda e: records(e).__setitem__(-1, replace(records(e)[-1], key=b"x")),
    ),
    "an acknowledged command is not in the log": (
        "lost", "acknowledged", lambda e: renamed(first(e, _id=told(e).receipt["command"]), GONE),
    ),
    "an acknowledged command is there twice": (
        "doubled", "acknowledged", lambda e: add(e, first(e, _id=told(e).receipt["command"])),
    ),
    "a command stands elsewhere than told": ("broken", "acknowledged", lambda e: setattr(told(e), "place", "x/0/1")),
    "a receipt is of another hash": ("broken", "acknowledged", lambda e: told(e).receipt.update(hash="x")),
    "a repetition was answered otherwise": ("broken", "acknowledged", lambda e: told(e).answers[1].update(version=9)),
    "a refused command left events": (
        "doubled", "asked for",
        lambda e: add(e, first(e, actor=USER.ref), _id=ids.id_of("command", SERVICE, USER.ref, "k0", "too-much"),
                      partition_key="k0"),
    ),
    "a command that nobody sent": ("doubled", "asked for", lambda e: add(e, first(e, actor=USER.ref), _id=GONE)),
    "the load met an internal error": ("broken", "load", lambda e: e.ledger.defect("500")),
    "a document is missing": ("lost", "read models", lambda e: documents(e).popitem()),
    "a document is too much": ("doubled", "read models", lambda e: documents(e).update(x={"_id": "x"})),
    "a document is not the fold": ("broken", "read models", lambda e: documents(e)["message-k0-m"].update(seen=[])),
    "an event was folded twice": (
        "broken", "read models", lambda e: documents(e)["message-k0-m"]["seen"].append("9"),
    ),
    "a read model of nobody": ("broken", "read models", lambda e: e.state[SERVICE].update(old_v1={})),  # type: ignore[attr-defined]
    "a consumer is behind": ("lost", "checkpoints", lambda e: checkpoint(e).update(position=1)),
    "a consumer is at another hash": ("broken", "checkpoints", lambda e: checkpoint(e).update(hash="x")),
    "a consumer is gone": (
        "lost", "checkpoints", lambda e: documents(e, "checkpoints").pop(f"{SERVICE}.counters.v1|0"),
    ),
    "a consumer of nobody": ("broken", "checkpoints", lambda e: checkpoint(e).update(consumer="x")),
    "the relay is behind": (
        "lost", "checkpoints", lambda e: documents(e, "relay")[f"{SERVICE}.events|0"].update(position=1),
    ),
    "something is parked": ("broken", "parked", lambda e: e.state[SERVICE].update(parked={"x": {"error": "e"}})),  # type: ignore[attr-defined]
    "something foreign was kept": ("broken", "foreign", lambda e: e.state[SERVICE].update(foreign={"x": {}})),  # type: ignore[attr-defined]
    "a reaction left nothing": ("lost", "reactions", lambda e: e.commits[SERVICE].remove(echo(e))),
    "a reaction had a random id": ("doubled", "reactions", lambda e: renamed(echo(e), GONE)),
    "a reaction ran twice": ("doubled", "reactions", lambda e: add(e, echo(e), _id=GONE)),
    "an effect names another cause": (
        "doubled", "reactions", lambda e: echo(e).update(causation_id=first(e)["events"][0]["id"]),
    ),
    "a cause is in no log": ("lost", "causes", lambda e: echo(e).update(causation_id=f"{GONE}.1")),
    "an effect stands before its cause": ("broken", "causes", lambda e: echo(e).update(clock="0" * 16)),
    "an effect left its correlation": ("broken", "causes", lambda e: echo(e).update(correlation_id=GONE)),
    "a root names another's correlation": ("broken", "causes", lambda e: first(e).update(correlation_id=GONE)),
    "a tick for nothing": ("doubled", "ticks", lambda e: renamed(tick(e), GONE)),
    "a message came twice": ("doubled", "messages", message_again),
    "what cannot be judged": ("broken", "positions", lambda e: first(e).pop("events")),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found(true_run: Evidence, name: str) -> None:
    kind, check, plant = PLANTED[name]
    broken = deepcopy_of(true_run)
    plant(broken)
    assert (kind, check) in {(finding.kind, finding.check) for finding in judge(broken)}


def test_every_check_was_seen_to_find_something(true_run: Evidence) -> None:
    silent = [check.__name__ for check in checker.CHECKS if not any(_says(check, true_run, name) for name in PLANTED)]
    assert silent == []


def _says(check: checker.Check, run: Evidence, name: str) -> bool:
    broken = deepcopy_of(run)
    PLANTED[name][2](broken)
    with suppress(KeyError):  # evidence that cannot be judged is for `judge`
        return any(True for _ in check(broken))
    return False


def test_what_a_scenario_expects_is_no_finding(true_run: Evidence) -> None:
    broken = deepcopy_of(true_run)
    records(broken).append(Raw(99, b"k", b"v", ()))
    broken.state[SERVICE].update(foreign={"x": {"reason": "r"}})  # type: ignore[attr-defined]
    broken.expected.strays, broken.expected.foreign = True, {SERVICE: 1}
    assert judge(broken) == []
    broken.expected.foreign = {SERVICE: 2}
    assert [finding.check for finding in judge(broken)] == ["foreign"]


def test_a_command_that_was_never_answered_may_be_there_or_not(true_run: Evidence) -> None:
    broken = deepcopy_of(true_run)
    told(broken).outcome = "unknown"
    assert judge(broken) == []
    broken.ledger.sent(SERVICE, USER.ref, "never-answered", "POST /toy")
    assert judge(broken) == []


def deepcopy_of(e: Evidence) -> Evidence:
    """A copy to plant in; models are code and stay."""
    return replace(
        e, commits=deepcopy(e.commits), topics={s: {n: list(r) for n, r in t.items()} for s, t in e.topics.items()},
        state=deepcopy(e.state), ledger=deepcopy(e.ledger), expected=deepcopy(e.expected),
    )  # fmt: skip
