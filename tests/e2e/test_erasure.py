"""Two persons are erased on a stack with much work behind it: found nowhere afterwards, opened by no key left."""

import gzip
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.cli.replay import replay_stack
from deploy.demo.client import Refusal
from deploy.demo.companies import Company, identity_number
from deploy.demo.filing import Filing
from deploy.demo.world import World
from deploy.local.stack import Stack
from libs.events.contracts.base import SERVICES, Personal
from libs.events.sealing import Sealer, StoredKeys
from libs.events.store.mongo import connect
from libs.events.store.mongo_state import MongoState
from tests.e2e.shell import tidu
from tests.e2e.tale import Tale, commits_of, records_of, topics_of, verified
from tests.integration.running import eventually

NAME, CONTACT, NUMBER, PHONE = "欧阳殊印章", "端木罕见", identity_number(877), "18698765431"
COMPANY = Company(877, "南京待删除示例科技有限公司", "320000", "320102")
VALUES = (NAME, CONTACT, NUMBER, PHONE)


class Shredded:
    """The stack, on which an enterprise has named two persons and filed."""

    def __init__(self, stack: Stack, world: World, filing: Filing) -> None:
        self.stack, self.world, self.filing = stack, world, filing
        self.enterprise = filing.enterprise.id

    async def subject(self, name: str) -> str:
        asked = {"enterprise": self.enterprise, "name": name}
        (found,) = (await self.world.admin.post("/identity/subjects/search", asked))["subjects"]
        return str(found["subject"])

    async def people(self) -> str:
        user = self.filing.enterprise.user
        return str(await user.get(f"/applications/enterprises/{self.enterprise}"))


@pytest.fixture(scope="module")
async def whole(tale: Tale, window: str) -> Shredded:
    company = Planted(877, COMPANY.name, COMPANY.authority, COMPANY.region)
    enterprise = await tale.world.enterprise(company)
    filing = Filing(tale.world, enterprise, "declaration", "innovative", "open", "innovative-2022")
    await filing.draft()
    await filing.submit()
    return Shredded(tale.stack, tale.world, filing)


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
    """A file's bytes, and what they are when they were packed; the broker's files end in megabytes of zeros."""
    raw = path.read_bytes()
    said = raw.rstrip(b"\0") + b"\0"
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            return said + unpack(raw)
        except (OSError, EOFError, zlib.error):
            continue
    return said


def test_the_search_finds_every_spelling(tmp_path: Path) -> None:
    for value in VALUES:
        for text in (value, f"x{value}", f"xy{value}"):
            assert value in hits(b64encode(f"{text} and more".encode()))
        assert value in hits(value.encode("utf-16-le")) and value in hits(value.encode("gb18030"))
        file = tmp_path / "file"
        plain, wide = value.encode(), value.encode("utf-16-le")
        for content in (gzip.compress(plain), zlib.compress(plain), wide, wide + b"\0" * 99, plain + b"\0" * 99):
            file.write_bytes(content)
            assert value in hits(unpacked(file))


async def test_a_person_who_is_erased_is_nowhere_any_more(whole: Shredded) -> None:
    before = await whole.people()
    assert NAME in before and CONTACT in before, "until now they can be read by those who may"
    who, other = await whole.subject(NAME), await whole.subject(CONTACT)
    data = whole.stack.data

    # A hold refuses, and says whose and until when.
    hold = ["--hold", "审计处 025-0000000", "--reason", "专项检查", "--until", "2099-01-01T00:00:00Z"]
    held = await tidu(data, "shred", who, *hold)
    assert held.code == 0, held.err
    refused = await tidu(data, "shred", who, "--reason", "本人申请")
    assert refused.code == 1
    assert "审计处 025-0000000" in refused.err and "2099-01-01" in refused.err
    assert NAME in await whole.people()
    number = held.json["holds"][0]["hold"]
    assert (await tidu(data, "shred", who, "--lift", number, "--reason", "检查结束")).code == 0

    for subject in (who, other):
        done = await tidu(data, "shred", subject, "--reason", "本人申请", "--by", "申请2027-1")
        assert done.code == 0, done.err
        assert done.json["key_destroyed"]

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
