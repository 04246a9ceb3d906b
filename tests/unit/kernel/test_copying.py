"""Policies that another service ships: copied whole and once, with their source named; never a copy of a copy."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.platform import PolicyPart, PolicyPublished
from libs.events.copying import reactions
from libs.events.ids import make_id, reaction_id
from libs.events.policies import PolicyText, PublishPolicy
from libs.events.publishing import publish_policies
from libs.events.recorded import Recorded

NOW = datetime(2024, 9, 2, tzinfo=UTC)
WHOLE = PolicyPublished(NOW, "pack", "p", "320000", "5ha", "标题", "来源", "2024-01-01", "2025-01-01", "kind: pack", 0)


def met(data: Event, stream: str = "policy-320000-pack-p") -> Recorded[Any]:
    return Recorded(
        data=data, id="c1.1", type="assessment.PolicyPublished.v1", service="assessment", stream=stream, version=1,
        partition_key="320000", shard=0, position=1, hash="", time=NOW, clock=1, actor=Actor("service", "assessment"),
        correlation_id="c1", causation_id="c1", traceparent="-",
    )  # fmt: skip


def copied(data: Event) -> list[Any]:
    found = reactions("review", {"assessment": ["pack", "table"]})
    assert [(one.name, one.source) for one in found] == [
        ("when_policy_published_then_review_copies_pack", "assessment"),
        ("when_policy_published_then_review_copies_table", "assessment"),
    ]
    assert all(set(one.handles) == {PolicyPublished, PolicyPart} for one in found)
    return [command for one in found for command in one.react(met(data))]


def test_a_whole_text_is_copied_with_its_source_named() -> None:
    text = PolicyText("pack", "p", "320000", "标题", "来源", "2024-01-01", "2025-01-01", "kind: pack")
    command = PublishPolicy("", NOW, Actor("service", "assessment"), text, "5ha", 0, 0, "assessment")
    assert copied(WHOLE) == [command]


def test_a_piece_goes_to_the_stream_of_its_authority() -> None:
    (command,) = copied(PolicyPart(NOW, "pack", "p", "5ha", 2, 3, "kind"))
    text = PolicyText("pack", "p", "320000", "", "assessment", "", None, "kind")
    assert command == PublishPolicy("", NOW, Actor("service", "assessment"), text, "5ha", 2, 3, None)


def test_a_copy_and_what_nobody_asked_for_are_left() -> None:
    assert copied(msgspec.structs.replace(WHOLE, origin="review")) == []
    assert copied(msgspec.structs.replace(WHOLE, kind="chain")) == []
    assert copied(PolicyPart(NOW, "chain", "p", "5ha", 1, 1, "x")) == []


def test_two_services_that_copy_the_same_do_it_by_commands_of_different_ids() -> None:
    """Both write the stream of the same name, each in its own log; an id is one for all logs."""
    ids = {
        reaction_id("c1.1", one.name, command.stream)
        for service in ("identity", "assessment")
        for one in reactions(service, {"review": ["pack"]})
        for command in one.react(met(WHOLE))
    }
    assert len(ids) == 2


class Starting:
    """As much of a runtime as publishing needs; what is handled is kept."""

    def __init__(self, folder: Any, known: Any = ()) -> None:
        self.service = SimpleNamespace(policies=folder, name="review")
        self.policies = SimpleNamespace(all=lambda: known)
        self.business = SimpleNamespace(now=lambda: NOW)
        self.actor = Actor("service", "review")
        self.handler = self
        self.handled: list[PublishPolicy] = []

    async def handle(self, command: PublishPolicy) -> None:
        self.handled.append(command)


def write(folder: Any, since: str = "2024-01-01", more: str = "") -> None:
    folder.mkdir(exist_ok=True)
    head = f"kind: chain\nid: x\nauthority: '320000'\ntitle: t\nsource: s\neffective_from: {since}\n"
    (folder / "x.yaml").write_text(head + more, encoding="utf-8")


async def published(folder: Any, known: Any = ()) -> list[PublishPolicy]:
    starting = Starting(folder, known)
    await publish_policies(starting)  # type: ignore[arg-type]
    return starting.handled


async def test_at_start_a_new_file_is_published_under_an_id_that_follows_from_its_content(tmp_path: Any) -> None:
    write(tmp_path / "chains")
    (command,) = await published(tmp_path)
    hash_ = command.text.sha256
    assert command.id == make_id("policy", "review", "chain", "x", hash_, "2024-01-01", "0")
    assert (command.received_at, command.actor, command.sha256) == (NOW, Actor("service", "review"), hash_)
    assert (command.part, command.parts, command.origin) == (0, 0, None)
    assert await published(None) == []


async def test_what_is_known_is_not_published_again_unless_its_time_changes(tmp_path: Any) -> None:
    write(tmp_path / "chains")
    (command,) = await published(tmp_path)
    text = command.text
    same = SimpleNamespace(kind="chain", id="x", sha256=text.sha256, effective_from="2024-01-01", effective_to=None)
    assert await published(tmp_path, [same]) == []
    for change in ({"effective_to": "2025-01-01"}, {"effective_from": "2023-01-01"}, {"sha256": "0"}, {"id": "y"}):
        assert len(await published(tmp_path, [SimpleNamespace(**vars(same) | change)])) == 1


async def test_a_long_file_is_published_in_pieces_and_then_as_a_whole(tmp_path: Any) -> None:
    write(tmp_path / "chains", more="note: " + "企" * 60_000 + "\n")
    *pieces, whole = await published(tmp_path)
    assert [(p.part, p.parts) for p in pieces] == [(n, len(pieces)) for n in range(1, len(pieces) + 1)] != []
    assert (whole.part, whole.parts) == (0, len(pieces))
    assert "".join(p.text.text for p in pieces) == whole.text.text
    assert {p.sha256 for p in pieces} == {whole.sha256} == {whole.text.sha256}
    assert len({p.id for p in (*pieces, whole)}) == len(pieces) + 1
