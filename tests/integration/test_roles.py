"""A service under its own user does all of its work and nothing else, also through the kernel's own ports."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from libs.events.errors import Unavailable
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import Taken, Write
from libs.events.store.provision import AUDITOR, KEYS, SERVICES, USERS, Deployment, provision
from libs.events.store.provision import connect as connect_plainly
from tests.backends import SHARDS, Backends
from tests.contract.test_store import commit
from tests.integration.running import eventually, post, running
from tests.toy import service

pytestmark = pytest.mark.integration
DENIED = r"(?i)not authorized"


class Users:
    """The users of a deployment of its own, as the provisioning step makes them."""

    def __init__(self, backends: Backends, prefix: str) -> None:
        self.backends, self.prefix = backends, prefix
        self._clients: dict[str, MongoClient[dict[str, Any]]] = {}
        self._passwords = {user: token_hex(8) for user in USERS}
        with connect_plainly(backends.store_uri) as client:
            provision(client, Deployment("test", SHARDS, prefix), self._passwords)

    def uri(self, user: str) -> str:
        place = urlsplit(self.backends.store_uri)
        name = f"{self.prefix}{user}:{self._passwords[user]}"
        return f"mongodb://{name}@{place.hostname}:{place.port}/?directConnection=true&authSource=admin"

    def database(self, user: str, name: str) -> Any:
        if user not in self._clients:
            self._clients[user] = MongoClient(self.uri(user), retryWrites=False)
        return self._clients[user][f"{self.prefix}{name}"]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture(scope="module")
async def users(backends: Backends) -> AsyncIterator[Users]:
    made = Users(backends, await backends.fresh())
    yield made
    made.close()


async def test_a_whole_service_works_with_no_more_than_its_own_rights(users: Users) -> None:
    backends = replace(users.backends, store_uri=users.uri("notifications"))
    async with running(backends, users.prefix, service) as runtime:
        decided = await runtime.handle(post(runtime, 1, title="echo", count=2))
        assert decided.commit is not None
        await runtime.read_after("notifications", decided.commit.shard, decided.commit.last_position)
        assert (await runtime.view("counters").get("message-a1-m") or {})["seen"] == ["0", "1"]
        assert len(await runtime.store.read_stream(decided.commit.shard, "message-a1-m-echo")) == 2
        sealed = await runtime.sealer.seal("s1", "contact", "张示例")
        assert await runtime.sealer.open(sealed) == "张示例"


async def test_the_kernels_store_takes_and_finds_under_a_services_user(users: Users) -> None:
    client = connect(users.uri("review"))
    store = MongoCommits(client, "review", users.prefix)
    try:
        assert await store.append([commit(1, 1), commit(2, 2)]) is None
        assert await store.append([commit(2, 3)]) == Taken(0, "id")
        assert (await store.head(0)).position == 2
        watching = store.watch()
        rung: list[tuple[int, int]] = []

        async def bell() -> bool:
            number = 3 + len(await store.read_shard(0, 2, 100))
            await store.append([commit(number, number)])
            return bool(rung)

        async def listen() -> None:
            rung.append(await anext(watching))

        listening = asyncio.create_task(listen())
        await eventually(bell, "for the doorbell")
        await listening
        await watching.aclose()  # type: ignore[attr-defined]
    finally:
        client.close()


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_changes_or_removes_what_is_in_its_log(users: Users, name: str) -> None:
    log = users.database(name, f"{name}_log")
    log.commits.insert_one({"_id": "r", "shard": 0, "position": 10_000, "stream": "x-y", "version": 1})
    attempts = (
        lambda: log.commits.update_one({"_id": "r"}, {"$set": {"position": 1}}),
        lambda: log.commits.replace_one({"_id": "r"}, {"position": 1}),
        lambda: log.commits.find_one_and_update({"_id": "r"}, {"$set": {"position": 1}}),
        lambda: log.commits.delete_one({"_id": "r"}),
        lambda: log.commits.drop(),
        lambda: log.commits.create_index("actor"),
        lambda: log.commits.drop_indexes(),
        lambda: log.create_collection("other"),
        lambda: log.client.drop_database(log.name),
        lambda: log.meta.replace_one({"_id": "deployment"}, {"shards": 1}),
        lambda: log.client.admin.command("createUser", "mallory", pwd="x", roles=["root"]),
    )
    for attempt in attempts:
        with pytest.raises(OperationFailure, match=DENIED):
            attempt()
    assert log.commits.find_one({"_id": "r"})["position"] == 10_000


@pytest.mark.parametrize("mine", SERVICES)
def test_no_service_sees_another(users: Users, mine: str) -> None:
    for other in SERVICES:
        if other == mine:
            continue
        for name in (other, f"{other}_log"):
            for attempt in (
                lambda db: db.commits.find_one(),
                lambda db: db.commits.insert_one({}),
                lambda db: db.commits.count_documents({}),
            ):
                with pytest.raises(OperationFailure, match=DENIED):
                    attempt(users.database(mine, name))


async def test_a_denied_write_is_an_error_in_the_kernels_words_and_writes_nothing(users: Users) -> None:
    client = connect(users.uri("review"))
    try:
        with pytest.raises(Unavailable):
            await MongoState(client, "identity", users.prefix).transact([Write("docs", "k", {"n": 1})], [])
    finally:
        client.close()
    assert users.database("identity", "identity").docs.find_one() is None


def test_the_auditor_reads_logs_and_nothing_else(users: Users) -> None:
    for name in SERVICES:
        log = users.database(AUDITOR, f"{name}_log")
        assert log.meta.find_one({"_id": "deployment"})["shards"] == SHARDS
        for attempt in (
            lambda log=log: log.commits.insert_one({}),
            lambda log=log: log.commits.delete_many({}),
            lambda log=log: log.meta.update_one({}, {"$set": {"shards": 1}}),
            lambda name=name: users.database(AUDITOR, name).checkpoints.find_one(),
        ):
            with pytest.raises(OperationFailure, match=DENIED):
                attempt()
    with pytest.raises(OperationFailure, match=DENIED):
        users.database(AUDITOR, KEYS).subject_keys.find_one()


async def test_the_stack_gives_each_service_its_own_user(backends: Backends) -> None:
    stack = backends.stack
    if stack is None:
        pytest.skip("only the embedded stack has users of its own")
    client: MongoClient[dict[str, Any]] = MongoClient(stack.store_uri("review"), retryWrites=False)
    try:
        assert client["review_log"].meta.find_one({"_id": "deployment"}) is not None
        for denied in (
            lambda: client["review_log"].commits.delete_many({}),
            lambda: client["identity_log"].commits.find_one(),
            lambda: client["identity"].credentials.find_one(),
        ):
            with pytest.raises(OperationFailure, match=DENIED):
                denied()
    finally:
        client.close()
    nobody: MongoClient[dict[str, Any]] = MongoClient(stack.store_uri(), retryWrites=False)
    with pytest.raises(OperationFailure):
        nobody["review_log"].commits.find_one()
    nobody.close()
