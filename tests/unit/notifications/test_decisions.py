"""Every message in full: to whom, in which words, with which link; and what is known of a filing."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from libs.events.contracts.actors import Actor
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead, Recipient
from libs.events.decider import Facts, Policies
from services.notifications.domain.matters import decide as matters
from services.notifications.domain.matters.commands import NoteMatter, matter_stream
from services.notifications.domain.matters.state import MatterState
from services.notifications.domain.messages import decide as messages
from services.notifications.domain.messages import templates
from services.notifications.domain.messages.commands import MarkRead, PostMessage, message_stream
from services.notifications.domain.messages.recipients import box_of, message_id, to_enterprise, to_reviewers
from tests.frozen import frozen, plain
from tests.unit.notifications import samples
from tests.unit.notifications.kit import APPLICATION, COUNTY, ENTERPRISE, NOW, POLICIES, Notifications

EVENTS = {
    f"{type(event).__name__} {n}": (source, event)
    for n, (source, event) in enumerate(
        [
            *((source, event) for source, event, _ in samples.TO_ENTERPRISE),
            *(("review", event) for event, *_ in samples.TO_OFFICE),
            ("review", samples.ANNOUNCED),
            ("review", samples.POOLED),
            ("review", samples.PASSED),
        ]
    )
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("known", ["known", "never heard of"])
def test_what_follows_from_an_event(name: str, known: str) -> None:
    service = Notifications()
    if known == "known":
        service.take("applications", samples.SUBMITTED)
        service.take("review", samples.OPENED)
    source, event = EVENTS[name]
    found = {"events": [plain(said) for said in service.take(source, event, "e1.1")]}
    found["streams"] = [{"stream": stream} for stream in service.streams]
    assert found == frozen("notifications", f"{name}, {known}", found)


MATTER = MatterState(
    "某公司", "declaration", "srdi", "2024.1", "320000", "320102", {"320102": ("江苏省", "南京市")}, ("review",)
)
NOTE = NoteMatter("c" * 32, NOW, Actor("service", "review"), enterprise=ENTERPRISE, application=APPLICATION)
NOTES: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    "a name": {"enterprise_name": "新名"},
    "a tier": {"tier": "innovative"},
    "an authority": {"authority": "350200"},
    "a region": {"region": "320104"},
    "a region with names": {"region": "320104", "region_names": ("江苏省", "秦淮区")},
    "all": {"kind": "pool_entry", "batch": "2025", "duties": ("publicity",), "enterprise_name": "新名"},
}


@pytest.mark.parametrize("name", NOTES)
def test_what_is_noted_of_a_filing(name: str) -> None:
    command = msgspec.structs.replace(NOTE, **NOTES[name])
    found = {}
    for before in (MatterState(), MATTER):
        said = matters.decider.decide(command, before, Facts.none())
        after = before
        for event in said:
            after = matters.decider.evolve(after, event)
        found["known" if before is MATTER else "new"] = [plain(said), plain(after)]
    assert found == frozen("notifications-matters", name, found)


FOR_ENTERPRISE, FOR_OFFICE = Recipient(ENTERPRISE), Recipient(office=COUNTY)
POSTED = MessagePosted(NOW, "m1", FOR_ENTERPRISE, "g", "t", "标题", "正文", "/x", "c.1")
READER = Actor("account", "1" * 32)
STATES: Mapping[str, tuple[Any, ...]] = {
    "none": (),
    "posted": (POSTED,),
    "declined": (MessageDeclined(NOW, "c.1", "no template"),),
    "read": (POSTED, MessageRead(NOW, "m1", READER.ref)),
    "read by another": (POSTED, MessageRead(NOW, "m1", "account:2")),
}


def post(template: str = "level-approved", **facts: str) -> PostMessage:
    return PostMessage("c" * 32, NOW, READER, recipient=FOR_ENTERPRISE, template=template, cause="c.1", facts=facts)


COMMANDS: Mapping[str, Callable[[], Any]] = {
    "post": lambda: post(tier="srdi"),
    "post without a template": lambda: post("none such"),
    "read": lambda: MarkRead("c" * 32, NOW, READER, ENTERPRISE, "m1", ENTERPRISE),
    "read in another's box": lambda: MarkRead("c" * 32, NOW, READER, ENTERPRISE, "m1", "f" * 32),
    "read in no box": lambda: MarkRead("c" * 32, NOW, READER, ENTERPRISE, "m1", ""),
}


@pytest.mark.parametrize("name", STATES)
def test_a_message(name: str) -> None:
    from libs.events.testing.scenario import scenario
    from tests.frozen import table

    found = table(scenario(messages.decider, POLICIES)(*STATES[name]), COMMANDS)
    assert found == frozen("notifications-messages", name, found)


def test_where_messages_lie_and_what_they_are_called_never_changes() -> None:
    found = {
        "ids": [message_id("c.1", FOR_ENTERPRISE), message_id("c.1", FOR_OFFICE)],
        "streams": [message_stream("p", "m"), matter_stream("e", "a"), post().stream],
        "boxes": [box_of(FOR_ENTERPRISE), box_of(FOR_OFFICE)],
        "offices": [plain(to_reviewers("320000", lv, "320102")) for lv in ("county", "city", "province", "ministry")],
        "enterprise": plain(to_enterprise("e")),
    }
    assert found == frozen("notifications-messages", "names", found)


FACTS = {"level": "city", "region": "320102", "before": "999999", "starts": "2024-05-06", "ends": "", "valid_from": "2024-05-06",
         "valid_to": "2024-12-31", "until": "2024-05-06", "received_at": "2024-05-06T01:00:00.000Z", "deadline": "",
         "since": "2024-05-06T16:30:00.000Z", "closes": "2024-05-06T15:59:59.999Z", "opens": "2024-05-06T01:00:00.000Z",
         "free": "{tier}", "next_level": "city"}  # fmt: skip


def test_every_placeholder_in_words() -> None:
    names = templates.labels(Policies(POLICIES, NOW), "320000")
    assert names is not None
    bare = {name: value for name, value in FACTS.items() if name != "next_level"}
    found = {
        "of the event": templates.values(FACTS, MATTER, names.content),
        "of the filing": templates.values({}, MATTER, names.content),
        "of nothing": templates.values(bare | {"next_level": ""}, MatterState(), names.content),
        "the event goes first": templates.values({"tier": "innovative", "enterprise": "另一家"}, MATTER, names.content),
    }
    found = plain({name: list(values.items()) for name, values in found.items()})
    assert found == frozen("notifications-messages", "words", found)


def test_a_placeholder_without_a_value_stays_empty() -> None:
    template = templates.Template("t", "g", "{nothing}：", "{enterprise}", "/{none}/x", "high", (), POLICIES[0].pin)
    names = templates.labels(Policies(POLICIES, NOW), "320000")
    assert names is not None
    assert templates.render(template, {}, MATTER, names.content) == templates.Rendered("：", "某公司", "//x")


@pytest.mark.parametrize(
    ("authority", "kind", "group"), [("320000", "x", "own"), ("350200", "x", "all"), ("350200", "y", "y")]
)
def test_the_template_of_the_authority_goes_first_and_of_another_never(authority: str, kind: str, group: str) -> None:
    def text(owner: str, name: str, kinds: tuple[str, ...] = ()) -> Any:
        entry = {"code": "t", "title": "", "body": "", "link": "", "importance": "low", "kinds": list(kinds)}
        return msgspec.structs.replace(
            POLICIES[0], kind="templates", id=f"{owner}-{name}", authority=owner, effective_from="2020-01-01",
            effective_to=None, content={"group": name, "templates": [entry]},
        )  # fmt: skip

    texts = (text("330000", "other"), text("national", "y", ("y",)), text("national", "all"), text("320000", "own"))
    found = templates.find(Policies(texts, NOW), "t", authority, kind)
    assert found is not None and found.group == group
