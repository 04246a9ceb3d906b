"""企业基本信息, and what is noted of an enterprise."""

from datetime import date, timedelta
from typing import Any

import pytest

from libs.events.contracts import applications as said
from services.applications.domain.enterprises import commands as c
from services.applications.domain.enterprises import refusals as r
from tests.unit.applications import kit as k
from tests.unit.applications.kit import basics, given_enterprise, head


def complete(**changes: Any) -> c.CompleteProfile:
    return c.CompleteProfile(**head(), enterprise=k.ENTERPRISE, account=k.ACCOUNT, basics=basics(**changes))


def change(**changes: Any) -> c.ChangeProfile:
    return c.ChangeProfile(**head(), enterprise=k.ENTERPRISE, account=k.ACCOUNT, basics=basics(**changes))


def note(kind: type[Any], **more: Any) -> Any:
    return kind(**head(actor=k.REVIEW), enterprise=k.ENTERPRISE, **more)


def test_a_verified_legal_person_completes_its_profile() -> None:
    event = given_enterprise(k.VERIFIED).when(complete()).then_types(said.ProfileCompleted).events[0]
    profile = event.profile
    assert (profile.name, profile.credit_code) == ("南京测试传感器有限公司", k.CREDIT_CODE)
    assert profile.region_names == ("江苏省", "南京市", "玄武区")
    assert profile.industry_name == "敏感元件及传感器制造"
    assert profile.capital == "1000.00"
    assert {pin.kind for pin in event.policies} == {"divisions", "zones", "authorities", "industries"}


def test_without_verification_there_is_no_profile() -> None:
    given_enterprise().when(complete()).then_refused(r.NotVerified)
    stranger = c.ChangeProfile(**head(), enterprise=k.ENTERPRISE, account="other", basics=basics())
    given_enterprise(*k.KNOWN).when(stranger).then_refused(r.NotVerified)
    other = c.CompleteProfile(**head(), enterprise=k.ENTERPRISE, account="other", basics=basics())
    given_enterprise(k.VERIFIED).when(other).then_refused(r.NotVerified)


def test_a_profile_is_completed_once() -> None:
    given_enterprise(*k.KNOWN).when(complete()).then_refused(r.ProfileThere)


def test_a_zone_is_a_place_of_registration() -> None:
    zone = complete(authority=k.XIAMEN, region=k.TORCH)
    event = given_enterprise(k.VERIFIED).when(zone).then_types(said.ProfileCompleted).events[0]
    assert event.profile.region_names == ("福建省", "厦门市", "厦门火炬高新区")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "320100"),
        ("region", "320000"),
        ("region", "999999"),
        ("region", k.SIMING),
        ("authority", "123456"),
        ("industry", "39"),
        ("industry", "398"),
        ("industry", "9999"),
        ("postcode", "21000"),
        ("capital", "1,000.00"),
        ("capital", "1000.005"),
        ("capital", "-5"),
        ("capital", "一千"),
        ("address", "  "),
        ("segment", ""),
        ("product", "x" * 201),
        ("registered_on", date(2030, 1, 1)),
        ("fax", "12"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    outcome = given_enterprise(k.VERIFIED).when(complete(**{field: value})).then_refused(r.ProfileInvalid)
    assert field in {error["field"] for error in outcome.refusal.facts["errors"]}


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = complete(region="1", industry="x", postcode="", capital="1,0", address="")
    refusal = given_enterprise(k.VERIFIED).when(wrong).then_refused(r.ProfileInvalid).refusal
    fields = {error["field"] for error in refusal.facts["errors"]}
    assert fields == {"region", "industry", "postcode", "capital", "address"}


def test_the_province_around_a_separate_city_does_not_take_it() -> None:
    outcome = given_enterprise(k.VERIFIED).when(complete(authority="350000", region=k.SIMING))
    assert {error["field"] for error in outcome.refusal.facts["errors"]} == {"region"}


def test_who_holds_no_title_may_change_everything() -> None:
    outcome = given_enterprise(*k.KNOWN).when(change(region=k.QINHUAI, address="新地址"))
    event = outcome.then_types(said.ProfileChanged).events[0]
    assert set(event.changed) == {"region", "region_names", "address"}
    assert outcome.state.profile_version == 2


def test_the_same_again_is_no_change() -> None:
    given_enterprise(*k.KNOWN).when(change()).then_nothing()


def test_a_change_needs_a_profile_and_must_be_right() -> None:
    given_enterprise(k.VERIFIED).when(change()).then_refused(r.NoProfile)
    given_enterprise(*k.KNOWN).when(change(postcode="x")).then_refused(r.ProfileInvalid)


def test_title_holders_change_contacts_phones_and_e_mail_only() -> None:
    holder = (*k.KNOWN, k.INNOVATIVE)
    new = k.sealed("contact", 2)
    free = change(contact=new, contact_mobile=new, contact_phone=new, email=new, legal_representative_mobile=new)
    given_enterprise(*holder).when(free).then_types(said.ProfileChanged)
    outcome = given_enterprise(*holder).when(change(address="别处", legal_representative=new, email=new))
    refusal = outcome.then_refused(r.HoldersUpdateYearly).refusal
    assert set(refusal.facts["fields"]) == {"address", "legal_representative"}


def test_when_the_title_has_expired_everything_is_free_again() -> None:
    past = said.TitleNoted(k.EARLIER, k.ENTERPRISE, "innovative", date(2021, 1, 1), date(2024, 4, 9), "cause")
    given_enterprise(*k.KNOWN, past).when(change(address="别处")).then_types(said.ProfileChanged)


def test_verification_is_noted() -> None:
    command = note(c.NoteVerification, account=k.ACCOUNT, name="南京测试传感器有限公司", credit_code=k.CREDIT_CODE)
    assert given_enterprise().when(command).state.stands_for(k.ACCOUNT)


def test_a_title_lives_from_grant_to_end_and_an_extension_keeps_its_beginning() -> None:
    grant = note(c.NoteTitle, tier="srdi", valid_from=date(2024, 1, 1), valid_to=date(2026, 12, 31), cause="e1")
    granted = given_enterprise(*k.KNOWN).when(grant).then_types(said.TitleNoted)
    assert granted.state.titles_on(date(2026, 12, 31)) == ("srdi",)
    assert granted.state.titles_on(date(2027, 1, 1)) == ()
    longer = note(c.NoteTitle, tier="srdi", valid_to=date(2029, 12, 31), cause="e2")
    extended = given_enterprise(*granted.history).when(longer)
    assert extended.state.titles["srdi"].valid_from == date(2024, 1, 1)
    end = note(c.NoteTitleEnd, tier="srdi", reason="取消", cause="e3")
    ended = given_enterprise(*extended.history).when(end).then_types(said.TitleEndNoted)
    assert ended.state.titles == {}
    given_enterprise(*ended.history).when(end).then_types(said.NoteDeclined)


def test_an_extension_of_an_unknown_title_begins_today() -> None:
    longer = note(c.NoteTitle, tier="srdi", valid_to=date(2029, 12, 31), cause="e2")
    assert given_enterprise().when(longer).state.titles["srdi"].valid_from == date(2024, 4, 10)


def test_the_longer_ban_holds() -> None:
    long = note(c.NoteBan, until=date(2027, 1, 1), reason="造假", cause="e1")
    short = note(c.NoteBan, until=date(2025, 1, 1), reason="事故", cause="e2")
    first = given_enterprise().when(long).then_types(said.BanNoted)
    state = given_enterprise(*first.history).when(short).state
    assert state.ban_on(date(2027, 1, 1)) is not None
    assert state.ban_on(date(2027, 1, 2)) is None


def test_the_latest_digital_level_counts() -> None:
    first = note(c.NoteDigitalLevel, result=said.DigitalResult("a1", 3, "70", "e1"))
    second = note(c.NoteDigitalLevel, result=said.DigitalResult("a2", 1, "30", "e2"))
    outcome = given_enterprise(*given_enterprise().when(first).history).when(second)
    assert outcome.then_types(said.DigitalLevelNoted).state.digital == second.result


def test_pool_and_update_are_kept_by_year() -> None:
    pool = given_enterprise().when(note(c.JoinPool, authority=k.JIANGSU, year=2024, cause="e"))
    assert pool.then_types(said.PoolJoined).state.pool == {(k.JIANGSU, 2024)}
    update = given_enterprise().when(note(c.NoteUpdate, year=2024, cause="e"))
    assert update.then_types(said.UpdateNoted).state.updates == {2024}


def test_a_corrected_region_reaches_the_profile_once() -> None:
    names = ("江苏省", "南京市", "秦淮区")
    command = note(c.CorrectRegion, region=k.QINHUAI, region_names=names, reason="更正")
    outcome = given_enterprise(*k.KNOWN).when(command).then_types(said.ProfileChanged)
    assert outcome.state.profile is not None
    assert outcome.state.profile.region_names == names
    given_enterprise(*outcome.history).when(command).then_nothing()
    given_enterprise().when(command).then_nothing()


def test_time_alone_does_nothing_to_an_enterprise() -> None:
    given_enterprise(*k.KNOWN).when(k.tick("enterprise-x", "any", k.LATER + timedelta(days=1))).then_nothing()
