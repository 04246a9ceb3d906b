"""Read models whose live version is not this release's are rebuilt before the services start, and that is shown."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

from deploy.local.run import ROOT, module, output_of
from deploy.local.trouble import StackError

URI = "TIDU_ADMIN_STORE_URI"
Step = Callable[[str, str], AbstractContextManager[None]]


def versions(root: Path = ROOT) -> Iterator[tuple[str, str, int]]:
    """(service, read model, version) as the code says, read from its text: importing five services takes seconds."""
    for path in sorted(root.glob("services/*/projections/*.py")):
        said = _constants(path)
        if {"NAME", "VERSION"} <= set(said):
            yield path.parts[-3], said["NAME"], said["VERSION"]
    clock = _constants(root / "libs/events/flow/ticks.py")
    for service in sorted(path.parent.name for path in root.glob("services/*/app.py")):
        yield service, clock["NAME"], clock["VERSION"]


def _constants(path: Path) -> dict[str, Any]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    found: dict[str, Any] = {}
    for target, value in assigned:
        tuples = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for name, said in zip(target.elts, value.elts, strict=True) if tuples else [(target, value)]:  # type: ignore[attr-defined]
            if isinstance(name, ast.Name) and isinstance(said, ast.Constant):
                found[name.id] = said.value
    return found


async def outdated(store_uri: str) -> list[tuple[str, str]]:
    """(service, read model) of those whose live version is another, or is not known. Raises StackError."""
    code, text = await output_of(module("deploy.local.read_models", "check"), {**os.environ, URI: store_uri})
    if code != 0:
        raise StackError(f"The read models could not be looked at: {text.strip()[-2000:]}")
    return [(service, name) for service, name in json.loads(text.strip().splitlines()[-1])]


async def rebuild_all(found: list[tuple[str, str]], environments: Mapping[str, Mapping[str, str]], step: Step) -> None:
    """One after another, each a step of the start. Raises StackError with the way out."""
    for service, name in found:
        if service in environments:
            with step(f"rebuild {service}.{name}", f"rebuilding {name} of {service}: this release has another version"):
                command = module("deploy.local.read_models", "rebuild", service, name)
                code, text = await output_of(command, environments[service])
            if code != 0:
                raise StackError(
                    f"{name} of {service} could not be rebuilt: {text.strip()[-2000:]}",
                    "start again: it goes on where it was; or start the release that was running before",
                )


def _check() -> int:
    from pymongo import MongoClient

    client: MongoClient[dict[str, object]] = MongoClient(os.environ[URI], retryWrites=False)
    live = {
        (service, pointer["_id"]): pointer["version"]
        for service in {service for service, _, _ in versions()}
        for pointer in client[service]["live"].find({}, {"version": 1})
    }
    client.close()
    # Without a pointer a first version has nothing before it; a later one asks the rebuild, which looks closely.
    found = [(service, name) for service, name, version in versions() if live.get((service, name), 1) != version]
    print(json.dumps(found))
    return 0


async def _rebuild(service: str, name: str) -> int:
    from libs.events.contracts.base import SERVICES
    from libs.events.flow.live import Pointers
    from libs.events.flow.rebuild import Rebuild
    from libs.events.flow.ticks import due_dates
    from libs.events.store.mongo import connect
    from libs.events.store.mongo_state import MongoState

    made = import_module(f"services.{service}.app").service
    settings, projections = made.settings(), [*made.projections, due_dates(service, made.aggregates)]
    projection = next(p for p in projections if p.name == name)
    topics = {source: f"{settings.prefix}{source}.events" for source in SERVICES}
    client = connect(settings.store_uri)
    try:
        state = MongoState(client, service, settings.prefix)
        pointer = (await Pointers(service, state).settle([projection], topics))[name]
        if pointer.version != projection.version:
            rebuild = Rebuild(service, projection, state, topics, settings.shards, settings.kafka)
            done = await rebuild.run()
            print(f"{done.collection}: {done.events} events, {done.rate:,.0f} events/s")
    finally:
        client.close()
    return 0


def main() -> int:
    match sys.argv[1:]:
        case ["check"]:
            return _check()
        case ["rebuild", service, name]:
            return asyncio.run(_rebuild(service, name))
    print("check, or rebuild SERVICE READ_MODEL", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
