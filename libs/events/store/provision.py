"""Databases, indexes, roles and users of a deployment; runs before the services, with an admin's URI.

The services' own users may find, insert and watch in their logs and nothing else, so append-only
is the store's rule and not a promise. Every step can be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, IndexModel, MongoClient, WriteConcern
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

SERVICES = ("identity", "applications", "assessment", "review", "notifications")
KEYS = "tidu_keys"
ADMIN, AUDITOR, RESTORER = "admin", "auditor", "restorer"
USERS = (*SERVICES, AUDITOR, RESTORER)

COMMIT_INDEXES = [
    IndexModel([("shard", ASCENDING), ("position", ASCENDING)], name="shard_position", unique=True),
    IndexModel(
        [("shard", ASCENDING), ("stream", ASCENDING), ("version", ASCENDING)],
        name="shard_stream_version",
        unique=True,
    ),
]
# killCursors: MongoDB lets everybody end their own cursors, the embedded store asks for the right.
APPEND_ONLY = ["find", "insert", "changeStream", "killCursors"]
_EXISTS = {51002, 51003}  # role, user
Client = MongoClient[dict[str, Any]]


class ProvisionRefused(Exception):
    """The store belongs to another deployment, does not answer, or refused a step."""


@dataclass(frozen=True)
class Deployment:
    """What `meta` says of a deployment for ever: its name and its number of shards.

    `prefix` stands before every database and user, so that tests share one server.
    """

    name: str
    shards: int
    prefix: str = ""


def connect(uri: str, wait: float = 60) -> Client:
    """A client whose server answers as a writable primary within `wait` seconds."""
    client: Client = MongoClient(uri, serverSelectionTimeoutMS=500, retryWrites=False)
    until = time.monotonic() + wait
    while True:
        reason = "it is no primary"
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return client
        except OperationFailure as error:
            client.close()
            raise ProvisionRefused(f"the store refuses this user: {error.details}") from error
        except PyMongoError as error:
            reason = str(error)
        if time.monotonic() > until:
            client.close()
            raise ProvisionRefused(f"the store is not ready after {wait:.0f} s: {reason}")
        time.sleep(0.1)


def create_admin(client: Client, password: str) -> None:
    """The first user of a new embedded store, made before the store enforces users."""
    _user(client, ADMIN, password, [_role("root", "admin")])


def provision(client: Client, deployment: Deployment, passwords: Mapping[str, str]) -> None:
    """Everything a deployment needs in its store; `passwords` has one for each of `USERS`."""
    prefix = deployment.prefix
    try:
        _keys(client, prefix)
        for service in SERVICES:
            _log(client, service, deployment)
            _service_user(client, prefix, service, passwords[service])
        logs = [_role("read", f"{prefix}{service}_log") for service in SERVICES]
        _user(client, f"{prefix}{AUDITOR}", passwords[AUDITOR], logs)
        anywhere = ["readWriteAnyDatabase", "dbAdminAnyDatabase"]
        _user(client, RESTORER, passwords[RESTORER], [_role(r, "admin") for r in anywhere])
    except PyMongoError as error:
        raise ProvisionRefused(f"the store refused a step: {error}") from error


def _log(client: Client, service: str, deployment: Deployment) -> None:
    database = client[f"{deployment.prefix}{service}_log"]
    _collections(client, database.name, "commits", "meta")
    database["commits"].create_indexes(COMMIT_INDEXES)
    meta = database.get_collection("meta", write_concern=WriteConcern("majority", j=True))
    wanted = {"_id": "deployment", "name": deployment.name, "shards": deployment.shards}
    try:
        meta.insert_one({**wanted, "generation": 1})
    except DuplicateKeyError:
        _same(service, wanted, meta.find_one({"_id": "deployment"}) or {})


def _same(service: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for field in ("name", "shards"):
        if found.get(field) != wanted[field]:
            raise ProvisionRefused(
                f"{service}_log was made with {field} {found.get(field)}, not {wanted[field]}; "
                "both are chosen once per deployment"
            )


def _keys(client: Client, prefix: str) -> None:
    """Keys can be destroyed; that a subject was erased cannot be forgotten."""
    database = f"{prefix}{KEYS}"
    _collections(client, database, "subject_keys", "erasures")
    keys, erasures = ({"db": database, "collection": c} for c in ("subject_keys", "erasures"))
    # The embedded store grants by database only; MongoDB keeps to the collection.
    _grant(
        client,
        _role("key_keeper", database),
        [(keys, ["find", "insert", "update", "remove"]), (erasures, ["find", "insert"])],
    )


def _service_user(client: Client, prefix: str, service: str, password: str) -> None:
    own = f"{prefix}{service}"
    appender = _role(f"{service}_log_appender", f"{own}_log")
    _grant(client, appender, [({"db": f"{own}_log", "collection": ""}, APPEND_ONLY)])
    # The embedded store tries a user's roles from the last to the first and looks each of our own up for every command;
    # what nearly all commands need are roles that it knows by itself, at the end.
    ours = [_role("key_keeper", f"{prefix}{KEYS}"), appender]
    _user(client, own, password, [*ours, _role("read", f"{own}_log"), _role("readWrite", own)])


def _role(name: str, database: str) -> dict[str, str]:
    return {"role": name, "db": database}


def _grant(client: Client, role: Mapping[str, str], privileges: Iterable[tuple[Mapping[str, str], list[str]]]) -> None:
    body = {"privileges": [{"resource": r, "actions": a} for r, a in privileges], "roles": []}
    _create_or_update(client[role["db"]], "Role", role["role"], body)


def _user(client: Client, name: str, password: str, roles: list[dict[str, str]]) -> None:
    _create_or_update(client["admin"], "User", name, {"pwd": password, "roles": roles})


def _create_or_update(database: Database[dict[str, Any]], kind: str, name: str, body: dict[str, Any]) -> None:
    try:
        database.command(f"create{kind}", name, **body)
    except OperationFailure as error:
        if error.code not in _EXISTS:
            raise
        database.command(f"update{kind}", name, **body)


def _collections(client: Client, database: str, *names: str) -> None:
    have = set(client[database].list_collection_names())
    for name in names:
        if name not in have:
            client[database].create_collection(name)
