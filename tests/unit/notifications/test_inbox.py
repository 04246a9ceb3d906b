"""我的消息, as the read model folds it."""

from libs.events.contracts.notifications import MessagePosted, MessageRead, Recipient
from services.notifications.projections import inbox
from tests.unit.notifications.kit import COUNTY, ENTERPRISE, NOW, recorded

TO_COMPANY = MessagePosted(NOW, "m1", Recipient(ENTERPRISE), "认定通知", "t", "标题", "正文", "/titles/srdi", "c.1")
TO_COUNTY = MessagePosted(NOW, "m2", Recipient(office=COUNTY), "审核进度", "t", "标题", "正文", "/review", "c.1")


def test_a_message_lies_in_the_box_of_its_recipient() -> None:
    company = inbox.apply(None, recorded(TO_COMPANY, "notifications"))
    county = inbox.apply(None, recorded(TO_COUNTY, "notifications"))
    assert company is not None and company["box"] == ENTERPRISE
    assert county is not None and county["box"] == "320000.county.320102.reviewer"
    assert inbox.key(recorded(TO_COUNTY, "notifications")) == "m2"


def test_readers_are_kept() -> None:
    document = inbox.apply(None, recorded(TO_COMPANY, "notifications"))
    read = inbox.apply(document, recorded(MessageRead(NOW, "m1", "account:1"), "notifications"))
    assert read is not None and read["read_by"] == ["account:1"]
