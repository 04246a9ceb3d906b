"""A person is erased: found nowhere afterwards, opened by no key left; whatever dies in between, it is finished."""

import gzip
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.cli.replay import replay_stack
from deploy.demo.client import Refusal
from deploy.demo.companies import Company, identity_number
from deploy.demo.filing import Filing
from deploy.demo.world import World
from deploy.local.stack import Stack, running_stack
from libs.events.contracts.base import SERVICES, Personal
from libs.events.points import armed
from libs.events.sealing import Sealer, StoredKeys
from libs.events.store.mongo import MongoState, connect
from services.identity.app import service as identity
from services.identity.domain.subjects.commands import EraseSubject, subject_stream
from services.identity.domain.subjects.decide import decider
from services.identity.erasing import Erasures, destroy_key
from tests.backends import Backends
from tests.e2e.tale import commits_of, records_of, topics_of, verified
from tests.integration.running import eventually, head, running

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


NAME, CONTACT, NUMBER, PHONE = "欧阳殊印章", "端木罕见", identity_number(877), "18698765431"
COMPANY = Company(877, "南京待删除示例科技有限公司", "320000", "320102")
VALUES = (NAME, CONTACT, NUMBER, PHONE)


class Shredded:
    """A stack on which an enterprise named two persons and filed; one of them was erased afterwards."""

    def __init__(self, stack: Stack, world: World, filing: Filing) -> None:
        self.stack, self.world, self.filing = stack, world, filing
        self.enterprise = filing.enterprise.id
        self.sealed: list[Personal[Any]] = []

    async def subject(self, name: str) -> str:
        asked = {"enterprise": self.enterprise, "name": name}
        (found,) = (await self.world.admin.post("/identity/subjects/search", asked))["subjects"]
        return str(found["subject"])

    async def people(self) -> str:
        user = self.filing.enterprise.user
        return str(await user.get(f"/applications/enterprises/{self.enterprise}"))


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shredded]:
    async with running_stack(tmp_path_factory.mktemp("shred")) as stack:
        secrets = stack.secrets
        world = World(stack.gateway, (secrets.system_admin_login, secrets.system_admin_password))
        await world.appoint_all()
        await world.open_window(
            "open", "js-windows", "declaration", "innovative", "2027.1", authority="320000", regions=["320000"],
            title="江苏省创新型中小企业", closes="2099-12-31 17:00", form="innovative-2022", pack="innovative@2022-63",
        )  # fmt: skip
        company = Planted(877, COMPANY.name, COMPANY.authority, COMPANY.region)
        filing = Filing(world, await world.enterprise(company), "declaration", "innovative", "open", "innovative-2022")
        await filing.draft()
        await filing.submit()
        yield Shredded(stack, world, filing)
        await world.close()


class Planted(Company):
    """A company whose people have values that stand nowhere else."""

    @property
    def real_name(self) -> dict[str, Any]:
        return super().real_name | {"legal_representative": NAME, "document_number": NUMBER, "phone": PHONE}

    def profile(self, region: str | None = None) -> dict[str, Any]:
        people = {"legal_representative": NAME, "contact": CONTACT, "contact_mobile": PHONE}
        return super().profile(region) | people


def spellings(value: str) -> Iterator[bytes]:
    """As it is, as JSON escapes it, in UTF-16 and GBK, and inside base64 at each of the three alignments."""
    plain = [value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode("gb18030")]
    yield from plain
    yield msgspec.json.encode(value)[1:-1]
    yield value.encode("ascii", "backslashreplace")
    for text in plain[:1]:
        for shift in range(3):
            yield b64encode(b"\0" * shift + text)[4 if shift else 0 : -4]


def hits(content: bytes) -> list[str]:
    return [value for value in VALUES for spelling in spellings(value) if spelling in content]


def unpacked(path: Path) -> bytes:
    """A file's bytes, and what they are when they were packed."""
    raw = path.read_bytes()
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            return raw + unpack(raw)
        except (OSError, EOFError, zlib.error):
            continue
    return raw


def test_the_search_finds_every_spelling(tmp_path: Path) -> None:
    for value in VALUES:
        for text in (value, f"x{value}", f"xy{value}"):
            assert value in hits(b64encode(f"{text} and more".encode()))
        assert value in hits(value.encode("utf-16-le")) and value in hits(value.encode("gb18030"))
        packed = tmp_path / "packed.gz"
        packed.write_bytes(gzip.compress(value.encode()))
        assert value in hits(unpacked(packed))


async def test_a_person_who_is_erased_is_nowhere_any_more(whole: Shredded) -> None:
    before = await whole.people()
    assert NAME in before and CONTACT in before, "until now they can be read by those who may"
    who, other = await whole.subject(NAME), await whole.subject(CONTACT)
    run, data = CliRunner(), ["--data", str(whole.stack.folder.root)]

    # A hold refuses, and says whose and until when.
    held = await _invoke(
        run,
        [
            "shred",
            who,
            "--hold",
            "审计处 025-0000000",
            "--reason",
            "专项检查",
            "--until",
            "2099-01-01T00:00:00Z",
            *data,
        ],
    )
    assert held.exit_code == 0, held.output
    refused = await _invoke(run, ["shred", who, "--reason", "本人申请", *data])
    assert refused.exit_code == 1
    assert "审计处 025-0000000" in refused.output and "2099-01-01" in refused.output
    assert NAME in await whole.people()
    hold = msgspec.json.decode(held.stdout)["holds"][0]["hold"]
    assert (await _invoke(run, ["shred", who, "--lift", hold, "--reason", "检查结束", *data])).exit_code == 0

    for subject in (who, other):
        done = await _invoke(run, ["shred", subject, "--reason", "本人申请", "--by", "申请2027-1", *data])
        assert done.exit_code == 0, done.output
        assert msgspec.json.decode(done.stdout)["key_destroyed"]

    async def forgotten() -> bool:
        shown = await whole.people()
        return NAME not in shown and CONTACT not in shown

    await eventually(forgotten, "for the other services to have heard of it")

    # Nothing is sealed for them again: a clear refusal with a way out.
    with pytest.raises(Refusal) as again:
        user = whole.filing.enterprise.user
        await user.post(
            f"/applications/enterprises/{whole.enterprise}/profile", whole.filing.enterprise.company.profile()
        )
    assert again.value.status in (409, 410) and again.value.problem.get("way_out")

    # Raw: every file of the stack (store, broker, logs), every record of every topic, every commit.
    files = [path for path in whole.stack.folder.root.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert {path.name: found for path in files if (found := hits(unpacked(path)))} == {}
    for topic in await topics_of(whole.stack):
        for record in await records_of(whole.stack, topic):
            parts = [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
            assert hits(b"\n".join(parts)) == [], topic

    # Sealed values remain in the logs, and no key that is left opens one of them.
    sealed = [
        value for service in SERVICES for value in await _sealed(whole.stack, service) if value.subject in (who, other)
    ]
    assert {value.label for value in sealed} >= {"legal_representative", "legal_representative_document", "contact"}
    client = connect(whole.stack.store_uri("identity"))
    try:
        held_keys = MongoState(client, "tidu_keys")
        secrets = whole.stack.secrets
        keys = StoredKeys(held_keys.documents("subject_keys"), secrets.master_key, held_keys.documents("erasures"))
        assert await keys.erased_among([who, other]) == {who, other}
        opener = Sealer(keys, "local", secrets.pepper)
        assert [value for value in sealed if await opener.open(value) is not None] == []
        left = await held_keys.documents("subject_keys").find({}, limit=10_000)
        assert left and not {who, other} & {document["_id"] for document in left}
    finally:
        client.close()

    # The log is what it was, and says so.
    assert [fault for report in await verified(whole.stack) for fault in report.faults] == []
    timeline = str(msgspec.to_builtins(await replay_stack(whole.stack, whole.filing.application)))
    assert "〔已删除：legal_representative" in timeline and "〔已删除：contact" in timeline


async def _invoke(run: CliRunner, arguments: list[str]) -> Any:
    import asyncio

    return await asyncio.to_thread(run.invoke, app, arguments)


async def _sealed(stack: Stack, service: str) -> list[Personal[Any]]:
    found: list[Personal[Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict) and set(value) == set(Personal.__struct_fields__):
            found.append(msgspec.convert(value, Personal[str]))
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                walk(item)

    for commit in await commits_of(stack, service):
        for event in commit.events:
            walk(msgspec.json.decode(event.body))
    return found
