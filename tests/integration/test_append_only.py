"""The store itself refuses to change a log: roles as the provisioning step makes them."""

import asyncio
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.uri_parser import parse_uri

from libs.events.store.provision import USERS, Deployment, ProvisionRefused, connect, provision
from tests.backends import Backends

pytestmark = pytest.mark.integration
Client = MongoClient[dict[str, Any]]
COMMIT = {"_id": "c1", "shard": 0, "position": 1, "stream": "case-a-b", "version": 1}


class Deployed:
    """A deployment of its own on the shared server, with its users."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.deployment = Deployment("test", 4, f"t{token_hex(4)}")
        self.passwords = {user: token_hex(8) for user in USERS}
        self._clients: list[Client] = []

    def provision(self, shards: int = 4) -> None:
        with connect(self.uri) as client:
            wanted = Deployment(self.deployment.name, shards, self.deployment.prefix)
            provision(client, wanted, self.passwords)

    def database(self, user: str, name: str) -> Any:
        host, port = parse_uri(self.uri)["nodelist"][0]
        client: Client = MongoClient(
            host, port, username=f"{self.deployment.prefix}{user}", password=self.passwords[user],
            authSource="admin", directConnection=True, retryWrites=False,
        )  # fmt: skip
        self._clients.append(client)
        return client[f"{self.deployment.prefix}{name}"]

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture(scope="module")
def deployed(backends: Backends) -> Iterator[Deployed]:
    made = Deployed(backends.store_uri)
    made.provision()
    yield made
    made.close()


def test_a_service_inserts_finds_and_watches_in_its_log(deployed: Deployed) -> None:
    commits = deployed.database("review", "review_log").commits
    with commits.watch(max_await_time_ms=200) as stream:
        commits.insert_one(dict(COMMIT))
        assert commits.find_one({"shard": 0})["_id"] == "c1"
        assert next(stream)["operationType"] == "insert"


def test_a_position_or_a_version_is_taken_once(deployed: Deployed) -> None:
    commits = deployed.database("assessment", "assessment_log").commits
    commits.insert_one(dict(COMMIT))
    for changed in ({"version": 2}, {"position": 2}):
        with pytest.raises(DuplicateKeyError):
            commits.insert_one({**COMMIT, "_id": "c2", **changed})


FORBIDDEN: dict[str, Callable[[Any], object]] = {
    "update": lambda log: log.commits.update_one({}, {"$set": {"x": 1}}),
    "upsert": lambda log: log.commits.update_one({"_id": "new"}, {"$set": {"x": 1}}, upsert=True),
    "replace": lambda log: log.commits.replace_one({}, {"x": 1}),
    "find and modify": lambda log: log.commits.find_one_and_delete({}),
    "delete": lambda log: log.commits.delete_many({}),
    "drop": lambda log: log.commits.drop(),
    "rename": lambda log: log.commits.rename("elsewhere"),
    "write by aggregation": lambda log: list(log.commits.aggregate([{"$match": {}}, {"$out": "commits"}])),
    "drop an index": lambda log: log.commits.drop_index("shard_position"),
    "change meta": lambda log: log.meta.update_one({}, {"$set": {"generation": 9}}),
    "drop the database": lambda log: log.client.drop_database(log.name),
}


@pytest.mark.parametrize("act", FORBIDDEN)
def test_a_service_cannot(act: str, deployed: Deployed) -> None:
    with pytest.raises(OperationFailure, match=r"(?i)not authorized"):
        FORBIDDEN[act](deployed.database("review", "review_log"))


@pytest.mark.parametrize("name", ["identity", "identity_log"])
def test_a_service_sees_nothing_of_another(name: str, deployed: Deployed) -> None:
    with pytest.raises(OperationFailure, match=r"(?i)not authorized"):
        deployed.database("review", name).commits.find_one()


def test_the_auditor_reads_every_log_and_writes_none(deployed: Deployed) -> None:
    log = deployed.database("auditor", "identity_log")
    assert log.meta.find_one()["shards"] == 4
    with pytest.raises(OperationFailure, match=r"(?i)not authorized"):
        log.commits.insert_one(dict(COMMIT))


async def test_provisioning_again_changes_nothing_and_another_shard_count_is_refused(deployed: Deployed) -> None:
    await asyncio.to_thread(deployed.provision)
    with pytest.raises(ProvisionRefused, match="shards 4, not 5"):
        await asyncio.to_thread(deployed.provision, 5)
