"""Messages: to whom, in which words, once for each cause."""

import re
from typing import Any

import msgspec
import pytest

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead
from libs.events.errors import Refused
from services.notifications.domain.messages.commands import MarkRead
from services.notifications.domain.messages.recipients import office_box, partition_of, to_reviewers
from services.notifications.domain.messages.refusals import MessageUnknown
from tests.unit.notifications import samples
from tests.unit.notifications.kit import COUNTY, ENTERPRISE, NOW, POLICIES, Notifications

OFFICER = Actor("official", "o" * 32, COUNTY)


def messages(events: list[Event]) -> list[MessagePosted]:
    return [event for event in events if isinstance(event, MessagePosted)]


def told() -> Notifications:
    """A service that knows the filing, as it does by the time anything happens to it."""
    service = Notifications()
    service.take("applications", samples.SUBMITTED)
    service.take("review", samples.OPENED)
    return service


@pytest.mark.parametrize(("source", "event", "template"), samples.TO_ENTERPRISE)
def test_the_enterprise_is_told_in_whole_sentences(source: str, event: Event, template: str) -> None:
    posted = [m for m in messages(told().take(source, event)) if m.recipient.enterprise]
    assert [m.template for m in posted] == [template]
    (message,) = posted
    assert message.recipient.enterprise == ENTERPRISE
    for text in (message.title, message.body, message.link):
        assert text
        assert not re.search(r"[{}]|None|：$|：[。；]|于[，。]|至[，。]|，，|（）", text), text
    assert {pin.kind for pin in message.policies} == {"templates", "labels"}


@pytest.mark.parametrize(("event", "template", "level", "region"), samples.TO_OFFICE)
def test_the_reviewers_who_have_to_act_are_told(event: Event, template: str, level: str, region: str) -> None:
    (message,) = [m for m in messages(told().take("review", event)) if m.recipient.office]
    office = message.recipient.office
    assert office is not None
    assert (message.template, office.level, office.region) == (template, level, region)
    assert (office.authority, office.role) == ("320000", "reviewer")
    assert samples.NAME in message.title


def test_whoever_sits_in_an_office_that_was_handed_over_is_told_by_which_document_and_of_nobody_by_name() -> None:
    (message,) = messages(Notifications().take("review", samples.PASSED))
    assert message.template == "office-handed-over" and message.recipient.office == samples.PASSED.office
    assert partition_of(message.recipient) == "320000"
    assert samples.PASSED.document in message.body and "县（市、区）" in message.body
    assert samples.PASSED.official not in message.body and samples.PASSED.successor not in message.body


def test_a_filing_is_named_as_people_name_it() -> None:
    (message,) = messages(told().take("review", samples.RETURNED))
    assert message.title == "申报被退回修改：2024年第一批专精特新中小企业申报"
    assert "县（市、区）主管部门" in message.body
    assert "数据前后不一致（第三条）；其他" in message.body
    assert message.group == "审核进度"
    assert message.importance == "high"


@pytest.mark.parametrize(
    ("batch", "name"),
    [
        ("2024.2", "2024年第2批专精特新中小企业申报"),
        ("2024", "2024年专精特新中小企业申报"),
        ("2024年度第一批", "2024年度第一批专精特新中小企业申报"),
    ],
)
def test_a_batch_is_said_in_words(batch: str, name: str) -> None:
    service = Notifications()
    service.take("review", msgspec.structs.replace(samples.OPENED, batch=batch))
    (message,) = messages(service.take("review", samples.STARTED))
    assert message.title.endswith(name)


def test_a_deadline_is_said_only_where_there_is_one() -> None:
    service = told()
    (without,), (with_deadline,) = (
        messages(service.take("review", e)) for e in (samples.RETURNED, samples.RETURNED_BY)
    )
    assert without.body.endswith("仍可重新提交。")
    assert with_deadline.body.endswith("请于2024年5月16日09:00前提交。")


def test_what_comes_next_after_an_approval() -> None:
    service = told()
    to_city = [m for m in messages(service.take("review", samples.APPROVED)) if m.recipient.enterprise]
    assert to_city[0].body.endswith("现转设区市审核。")
    (last,) = messages(service.take("review", samples.LAST_APPROVED))
    assert last.body.endswith("将进入公示。")


def test_only_an_approval_without_a_title_has_a_message_of_its_own() -> None:
    service = Notifications()
    service.take("review", msgspec.structs.replace(samples.OPENED, kind="pool_entry", tier=None))
    (message,) = messages(service.take("review", samples.POOLED))
    assert message.template == "pool-entry-approved"
    assert "2024年度" in message.body
    assert told().take("review", samples.ANNOUNCED) == []


def test_after_a_transfer_both_regions_have_their_names() -> None:
    posted = messages(told().take("review", samples.TRANSFERRED))
    assert all("江苏省南京市玄武区" in m.body for m in posted)
    assert "江苏省南京市秦淮区" in posted[-1].body or "江苏省南京市秦淮区" in posted[0].body


def test_one_message_for_one_cause_and_recipient() -> None:
    service = told()
    first = service.take("review", samples.APPROVED, "same.1")
    assert len({m.message for m in messages(first)}) == 2
    assert service.take("review", samples.APPROVED, "same.1") == []
    assert len(messages(service.take("review", samples.APPROVED, "other.1"))) == 2


def test_without_a_template_in_force_nobody_is_told_and_that_is_said() -> None:
    service = Notifications(tuple(p for p in POLICIES if p.kind != "templates"))
    events = service.take("review", samples.EXPIRED)
    assert [type(e) for e in events] == [MessageDeclined]
    early = msgspec.structs.replace(samples.EXPIRED, received_at=NOW.replace(year=1999))
    assert [type(e) for e in Notifications().take("review", early)] == [MessageDeclined]


def test_a_message_about_an_unknown_filing_is_still_sent() -> None:
    (message,) = messages(Notifications().take("review", samples.WITHDRAWN))
    assert message.title == "撤回成功："


def test_words_of_others_are_never_taken_for_placeholders() -> None:
    odd = msgspec.structs.replace(samples.CANCELLED, reason="{document} {0.__class__} %s")
    (message,) = messages(told().take("review", odd))
    assert "{document} {0.__class__} %s" in message.body


def test_an_authority_may_have_its_own_words() -> None:
    (national,) = [p for p in POLICIES if p.id == "templates-expiring"]
    entries = [{**e, "title": "本省：" + e["title"]} for e in national.content["templates"]]
    own = msgspec.structs.replace(
        national, id="own", authority="320000", content={**national.content, "templates": entries}
    )
    (message,) = messages(Notifications((*POLICIES, own)).take("review", samples.EXPIRING))
    assert message.title.startswith("本省：")
    elsewhere = msgspec.structs.replace(samples.EXPIRING, authority="350200")
    (message,) = messages(Notifications((*POLICIES, own)).take("review", elsewhere))
    assert not message.title.startswith("本省：")


def test_without_names_for_levels_and_kinds_nobody_is_told_and_that_is_said() -> None:
    nameless = Notifications(tuple(policy for policy in POLICIES if policy.kind != "labels"))
    assert [type(e) for e in nameless.take("review", samples.STARTED)] == [MessageDeclined]


def read(
    service: Notifications, message: MessagePosted, box: str, id_: str = "r1", actor: Actor = OFFICER
) -> list[Event]:
    command = MarkRead(id_, NOW, actor, partition_of(message.recipient), message.message, box)
    return service.handle(command)


def test_a_message_is_read_once_by_each_reader() -> None:
    service = told()
    (message,) = [m for m in service.posted if m.recipient.office]
    box = office_box(COUNTY)
    assert read(service, message, box) == [MessageRead(NOW, message.message, OFFICER.ref)]
    assert read(service, message, box, "r2") == []
    colleague = Actor("official", "p" * 32, COUNTY)
    assert len(read(service, message, box, "r3", colleague)) == 1


def test_anothers_message_is_as_good_as_none() -> None:
    service = told()
    (message,) = [m for m in service.posted if m.recipient.office]
    with pytest.raises(MessageUnknown):
        read(service, message, ENTERPRISE)
    with pytest.raises(MessageUnknown):
        read(Notifications(), message, office_box(COUNTY))
    assert issubclass(MessageUnknown, Refused)


@pytest.mark.parametrize(
    ("authority", "level", "region", "seat"),
    [
        ("320000", "county", "320102", "320102"),
        ("320000", "city", "320102", "320100"),
        ("320000", "province", "320102", "320000"),
        ("350200", "county", "350200z01", "350200z01"),
        ("350200", "city", "350200z01", "350200"),
        ("320000", "ministry", "320102", "000000"),
    ],
)
def test_where_the_reviewers_of_a_level_sit(authority: str, level: Any, region: str, seat: str) -> None:
    office = to_reviewers(authority, level, region).office
    assert office is not None
    assert (office.authority, office.region) == (authority, seat)
