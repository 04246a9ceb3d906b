"""Nothing personal in the clear in anything that the whole run wrote: log files (addresses and queries that the gateway
saw among them), the other files beside them, commits, topics, every document of the store, metrics.

There is no exporter of traces: a trace's id travels in commits and in the headers of topics, which are read here.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.demo import companies
from deploy.demo.companies import PASSWORD, Company
from deploy.demo.world import OFFICES
from libs.events.contracts.base import SERVICES
from tests.e2e.tale import Tale, commits_of, records_of, topics_of

DEMO = (
    companies.NANJING, companies.XIAMEN, companies.FAILING, companies.EARLY, companies.LATE, companies.MISPLACED,
    companies.CORRECTED,
)  # fmt: skip
TESTS = tuple(Company(serial, "", "320000", "320102") for serial in (101, 102, *range(301, 306)))
# What the READMEs type, and the tests besides.
OTHERS = {
    "11010519491231002X",
    "110105194912310038",
    "13800138000",
    "13900139000",
    "contact@example.com",
    "13800000901",
    "n@example.com",
    "Right-pass-1",
    "Lantern-77-orbit",
    "Other-words-7-here",
    *(f"1380000130{n}" for n in range(1, 7)),
    "keys@xw",
    "示例钥匙",
    "checker@xw",
    "示例核验",
}
# Read as what they hold, not as files: the store through its documents, Kafka through its records.
ELSEWHERE = ("store", "kafka", "secrets.json")


def personal(tale: Tale) -> dict[str, str]:
    """Every plain value that must not be found → what it is."""
    found = dict.fromkeys(OTHERS, "typed by a reader of the READMEs or by a test")
    for company in DEMO + TESTS:
        for given in (company.registration, company.real_name, company.profile()):
            for name in (
                "phone",
                "email",
                "document_number",
                "legal_representative",
                "contact",
                "contact_mobile",
                "login",
            ):
                if name in given:
                    found[str(given[name])] = name
    found |= {f"示例{name}": "an officer's name" for name in OFFICES} | {PASSWORD: "password"}
    secrets = tale.stack.secrets
    found |= {secrets.system_admin_password: "the administrator's password", secrets.master_key: "the master key"}
    return (
        found
        | {secrets.pepper: "the pepper"}
        | {word: f"{user}'s store password" for user, word in secrets.passwords.items()}
    )


def hits(values: dict[str, str], text: bytes) -> Iterator[str]:
    """Values found, also where a writer has escaped them."""
    for value, what in values.items():
        spellings = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        if any(spelling.encode() in text for spelling in spellings):
            yield f"{what}: {value}"


def test_the_search_finds_what_is_there(tale: Tale) -> None:
    values = personal(tale)
    assert len(values) > 60 and all(len(value) > 5 or "示例" in value for value in values)
    for text in ('{"phone": "13800000001"}', json.dumps({"name": "示例法人"}), "示例联系人"):
        assert list(hits(values, text.encode()))


def test_no_log_file_says_who_somebody_is(tale: Tale) -> None:
    values, files = personal(tale), [path for path in tale.stack.folder.logs.rglob("*") if path.is_file()]
    assert {path.name.partition(".")[0] for path in files} >= {*SERVICES, "kafka", "store", "gateway"}
    texts = {path.name: path.read_bytes() for path in files}
    assert {name: found for name, text in texts.items() if (found := list(hits(values, text)))} == {}
    assert [name for name, text in texts.items() if b"eyJ" in text or b"tidu_local=" in text] == []


def test_no_other_file_says_who_somebody_is(tale: Tale) -> None:
    """State, configurations, heads, marks: all under the stack's folder but the data of store and Kafka and the secrets."""
    values, root = personal(tale), tale.stack.folder.root
    files = [path for path in root.rglob("*") if path.is_file() and path.relative_to(root).parts[0] not in ELSEWHERE]
    assert {"stack.json", "Caddyfile"} <= {path.name for path in files}
    found = {str(path.relative_to(root)): list(hits(values, _read(path))) for path in files}
    assert {name: what for name, what in found.items() if what} == {}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""  # A part that runs replaces its files.


async def test_no_document_of_the_store_says_who_somebody_is(tale: Tale) -> None:
    """Every collection of every database: read models, drafts, credentials, codes, sessions, access logs, marks."""
    values, found, read = personal(tale), {}, 0
    client = AsyncIOMotorClient(tale.stack.admin_store_uri, document_class=RawBSONDocument)
    try:
        for database in set(await client.list_database_names()) - {"admin", "config"}:
            for collection in await client[database].list_collection_names():
                async for document in client[database][collection].find():
                    read += 1
                    if what := list(hits(values, document.raw)):
                        found[f"{database}.{collection}"] = what
    finally:
        client.close()
    assert read > 1000 and found == {}


async def test_no_metric_says_who_somebody_is(tale: Tale) -> None:
    values = personal(tale)
    async with httpx.AsyncClient(timeout=60) as http:
        for service in SERVICES:
            answer = await http.get(f"{tale.stack.service_url(service)}/metrics")
            assert answer.status_code == 200 and b"# TYPE" in answer.content
            assert list(hits(values, answer.content)) == [], service


async def test_no_commit_says_who_somebody_is(tale: Tale) -> None:
    values = personal(tale)
    for service in SERVICES:
        commits = await commits_of(tale.stack, service)
        text = "\n".join(str(commit) for commit in commits).encode()
        assert commits and list(hits(values, text)) == [], service


async def test_no_topic_says_who_somebody_is(tale: Tale) -> None:
    values, topics = personal(tale), await topics_of(tale.stack)
    assert {f"{service}.events" for service in SERVICES} <= set(topics)
    for topic in topics:
        for record in await records_of(tale.stack, topic):
            parts = [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
            assert list(hits(values, b"\n".join(parts))) == [], topic
