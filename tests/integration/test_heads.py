"""The heads are signed outside the services: a cut tail and a log written anew are seen, and so is who touches the lines."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.events.audit.heads import Checked, Signer, check, key_id, publish_key, read_key, read_lines
from libs.events.audit.heads_main import LOCAL_KEY, signing_key
from libs.events.audit.verify import Report, verify_service
from libs.events.envelope import Commit, chained
from tests.backends import Backends
from tests.integration.lab import SERVICE, Log, log_of
from tests.integration.test_audit import Tamperer, home

pytestmark = pytest.mark.integration
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
KEYS = {key_id(KEY.public_key()): KEY.public_key()}


def at(minute: int, day: int = 21) -> str:
    return f"2026-11-{day}T09:{minute:02d}:00.000Z"


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        for n in range(6):
            await made.post(n, count=2)
        yield made


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path, KEY, "test")


async def signed_three_times(log: Log, signer: Signer) -> None:
    for minute in range(3):
        await signer.sign({SERVICE: log.store}, at(minute))
        await log.post(f"after {minute}")
    await signer.sign({SERVICE: log.store}, at(0, day=22))


async def verified(log: Log, checked: Checked) -> Report:
    return await verify_service(
        SERVICE, log.store, log.backends.kafka, log.topic, "store", signed=checked.expected.get(SERVICE, {})
    )


async def test_a_true_log_is_what_was_signed_and_each_line_names_what_has_moved(
    log: Log, signer: Signer, tmp_path: Path
) -> None:
    await signed_three_times(log, signer)
    head, alarms = await signer.sign({SERVICE: log.store}, at(1, day=22))
    assert head.heads == {} and alarms == []
    found = check(tmp_path, KEYS)
    assert found.faults == () and [line.number for line in found.lines] == [1, 2, 3, 4, 5]
    assert [line.heads[SERVICE][home(log)][0] for line in found.lines[:4]] == [12, 13, 14, 15]
    assert {line.at[:10] for line in found.lines} == {"2026-11-21", "2026-11-22"}
    assert (await verified(log, found)).faults == ()
    assert key_id(read_key(publish_key(tmp_path, KEY.public_key()))) == found.lines[0].key


async def test_a_cut_tail_is_seen_although_what_is_left_is_whole(log: Log, signer: Signer, tmp_path: Path) -> None:
    await signed_three_times(log, signer)
    with Tamperer(log) as tamperer:
        assert tamperer.delete(after=12, until=15) == 3
    (fault,) = (await verified(log, check(tmp_path, KEYS))).faults
    assert (fault.service, fault.shard, fault.position) == (SERVICE, home(log), 13)
    assert "the tail was cut" in fault.what and at(1) in fault.what and "line 2" in fault.what
    _, alarms = await signer.sign({SERVICE: log.store}, at(5, day=22))
    assert [f"shard {home(log)}: position 15 was signed, the log ends at 12" in alarm for alarm in alarms] == [True]
    assert (await verified(log, check(tmp_path, KEYS))).faults == (fault,)  # signing again hides nothing


async def test_a_log_written_anew_with_right_hashes_is_seen(log: Log, signer: Signer, tmp_path: Path) -> None:
    await signed_three_times(log, signer)
    with Tamperer(log) as tamperer:
        previous = ""
        for position in (11, 13, 14, 15):  # the last commits, chained anew
            commit = tamperer.at(position)
            commit["events"][0]["body"] = commit["events"][0]["body"].replace('"t"', '"u"')
            commit["previous_hash"] = previous or commit["previous_hash"]
            anew = chained(msgspec.convert(commit, Commit))
            previous = anew.hash
            tamperer.put(msgspec.to_builtins(anew))
    assert (await verified(log, Checked((), {}, ()))).faults == ()  # the chain alone says nothing
    (fault,) = (await verified(log, check(tmp_path, KEYS))).faults
    assert (fault.shard, fault.position) == (home(log), 12)
    assert "rewritten" in fault.what and at(0) in fault.what


def write(folder: Path, lines: list[str]) -> None:
    for path in folder.glob("heads-*.jsonl"):
        path.unlink()
    (folder / "heads-2026-11-21.jsonl").write_text("".join(f"{line}\n" for line in lines))


async def test_a_removed_an_edited_and_a_torn_line_are_named(log: Log, signer: Signer, tmp_path: Path) -> None:
    await signed_three_times(log, signer)
    lines = list(read_lines(tmp_path))
    write(tmp_path, [*lines[:1], *lines[2:]])
    (number, words), *_ = check(tmp_path, KEYS).faults
    assert number == 2 and "removed" in words
    write(tmp_path, [lines[0], lines[1].replace('"13",', '"12",').replace("[13,", "[12,"), *lines[2:]])
    faults = dict(check(tmp_path, KEYS).faults)
    assert "the line was edited" in faults[2] and "does not follow" in faults[3] and 4 not in faults
    (tmp_path / "heads-2026-11-21.jsonl").write_text("\n".join([*lines[:3], lines[3][:80]]))
    assert [number for number, _ in check(tmp_path, KEYS).faults] == [4]
    await signer.sign({SERVICE: log.store}, at(9))  # it goes on behind what it finds, and hides nothing
    assert [number for number, _ in check(tmp_path, KEYS).faults] == [4]


async def test_lines_signed_by_somebody_else_prove_nothing(log: Log, signer: Signer, tmp_path: Path) -> None:
    await signed_three_times(log, signer)
    other = Ed25519PrivateKey.generate()
    await Signer(tmp_path, other, "test").sign({SERVICE: log.store}, at(9, day=22))
    ((number, words),) = check(tmp_path, KEYS).faults
    assert number == 5 and key_id(other.public_key()) in words
    assert len(check(tmp_path, {key_id(other.public_key()): other.public_key()}).faults) == 4


def test_production_refuses_the_default_key() -> None:
    assert signing_key("", "local") == LOCAL_KEY
    for given in ("", LOCAL_KEY):
        with pytest.raises(ValueError, match="its own TIDU_HEADS_KEY"):
            signing_key(given, "production")
    with pytest.raises(ValueError):
        signing_key("no key", "local")
