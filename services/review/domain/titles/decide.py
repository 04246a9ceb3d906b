"""What a title answers to each command (有效期与复核: 工信部企业〔2022〕63号; 厦工信规〔2023〕2号第三章)."""

from datetime import date, timedelta
from typing import assert_never

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CertificationExpiring,
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleGrantDeclined,
    TitleGranted,
    TitleImported,
)
from libs.events.contracts.times import business_date
from libs.events.decider import Facts, PolicyMissing, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.review.domain.offices import sits
from services.review.domain.titles.commands import CancelTitle, GrantTitle, ImportTitle, TitleCommand
from services.review.domain.titles.refusals import (
    DatesReversed,
    NoSuchTitle,
    NotTheCertifier,
    TierUnknown,
    TitleStillValid,
)
from services.review.domain.titles.rules import TierRule, last_day, rule_of
from services.review.domain.titles.state import TitleState

STANDING = ("valid", "awaiting_re_review")


def decide(command: TitleCommand, title: TitleState, facts: Facts) -> list[Event]:
    match command:
        case GrantTitle():
            return grant(command, title, facts)
        case ImportTitle():
            return import_(command, title, facts)
        case CancelTitle():
            return cancel(command, title, facts)
        case Tick():
            return tick(command, title)
        case _:
            assert_never(command)


def grant(command: GrantTitle, title: TitleState, facts: Facts) -> list[Event]:
    """认定 from the announcement on; a title that is still valid is not granted twice."""
    try:
        rule = rule_of(facts.policies, command.authority, command.tier)
        refuse_if(title.status == "valid", TitleStillValid())
    except (PolicyMissing, TierUnknown, TitleStillValid) as refusal:
        return [
            TitleGrantDeclined(
                command.received_at,
                enterprise=command.enterprise,
                tier=command.tier,
                application=command.application,
                reason=refusal.code,
            )
        ]
    return [
        TitleGranted(
            command.received_at,
            enterprise=command.enterprise,
            enterprise_name=command.enterprise_name,
            tier=command.tier,
            authority=command.authority,
            region=command.region,
            application=command.application,
            document=command.document,
            valid_from=command.announced_on,
            valid_to=last_day(command.announced_on, rule.years),
            policies=(rule.pin,),
            level=command.level,
            notice_days=rule.notice_days,
            re_review=rule.re_review,
        )
    ]


def import_(command: ImportTitle, title: TitleState, facts: Facts) -> list[Event]:
    """A title from elsewhere or before: entered where its tier is certified, with the dates of its document."""
    office = command.actor.office
    if office is None or not sits(command.actor, command.authority, office.level, command.region, "publisher"):
        raise NotTheCertifier()
    rule = rule_of(facts.policies, command.authority, command.tier)
    refuse_unless(_certifies(office, command.authority, rule), NotTheCertifier(rule=rule.pin.id))
    refuse_if(command.valid_to < command.valid_from, DatesReversed())
    refuse_if(title.status == "valid", TitleStillValid())
    return [
        TitleImported(
            command.received_at,
            enterprise=command.enterprise,
            enterprise_name=command.enterprise_name,
            tier=command.tier,
            authority=command.authority,
            region=command.region,
            origin=command.origin,
            document=command.document,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            sub_type=command.sub_type,
            policies=(rule.pin,),
            level=office.level,
            notice_days=rule.notice_days,
            re_review=rule.re_review,
        )
    ]


def cancel(command: CancelTitle, title: TitleState, facts: Facts) -> list[Event]:
    """取消: by the authority that announced; 小巨人 by the ministry."""
    refuse_unless(title.status in STANDING, NoSuchTitle())
    rule = rule_of(facts.policies, title.authority, title.tier)
    refuse_unless(_certified(command, title, rule), NotTheCertifier())
    return [
        TitleCancelled(
            command.received_at,
            enterprise=title.enterprise,
            enterprise_name=title.enterprise_name,
            tier=title.tier,
            authority=title.authority,
            region=title.region,
            reason=command.reason,
            document=command.document,
            ban_until=command.ban_until,
            valid_from=title.valid_from,
        )
    ]


def _certifies(office: Office, authority: str, rule: TierRule) -> bool:
    """The ministry; or the authority's own office: the one for all of it, at whatever level (厦门: the city)."""
    if rule.certified_by == "ministry":
        return office.level == "ministry"
    return (office.authority, office.region) == (authority, authority)


def _certified(command: CancelTitle, title: TitleState, rule: TierRule) -> bool:
    office = command.actor.office
    if office is None:
        return False
    if rule.cancelled_by == "ministry":
        return office.role == "publisher" and office.level == "ministry"
    return sits(command.actor, title.authority, title.level or office.level, title.region, "publisher")


def tick(command: Tick, title: TitleState) -> list[Event]:
    """All that is due by today and not yet said: reminders first, then the end."""
    if title.status != "valid" or title.valid_from is None or title.valid_to is None:
        return []
    today, ends = business_date(command.received_at), title.valid_to
    said = [_expiring(command, title, days, ends) for days in title.notices if ends - timedelta(days=days) <= today]
    return [*said, *([_end(command, title, ends)] if today > ends else [])]


def _expiring(command: Tick, title: TitleState, days: int, ends: date) -> Event:
    return CertificationExpiring(
        command.received_at,
        enterprise=title.enterprise,
        enterprise_name=title.enterprise_name,
        tier=title.tier,
        authority=title.authority,
        region=title.region,
        days=days,
        valid_to=ends,
        valid_from=title.valid_from,
    )


def _end(command: Tick, title: TitleState, ends: date) -> Event:
    """到期: where the re-review is organised after the end, the title waits for it (到期待复核)."""
    if title.re_review == "after_expiry":
        return TitleAwaitingReReview(
            command.received_at,
            enterprise=title.enterprise,
            tier=title.tier,
            valid_to=ends,
            valid_from=title.valid_from,
        )
    return TitleExpired(
        command.received_at,
        enterprise=title.enterprise,
        enterprise_name=title.enterprise_name,
        tier=title.tier,
        authority=title.authority,
        region=title.region,
        valid_to=ends,
        valid_from=title.valid_from,
    )
