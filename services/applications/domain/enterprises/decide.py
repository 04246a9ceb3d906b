"""What an enterprise's commands decide."""

from typing import assert_never

import msgspec

from libs.events.contracts.applications import (
    BanNoted,
    DigitalLevelNoted,
    NoteDeclined,
    PoolJoined,
    ProfileChanged,
    ProfileCompleted,
    TitleEndNoted,
    TitleNoted,
    UpdateNoted,
    VerificationNoted,
)
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Facts, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.applications.domain.enterprises.commands import (
    ChangeProfile,
    CompleteProfile,
    CorrectRegion,
    JoinPool,
    NoteBan,
    NoteDigitalLevel,
    NoteTitle,
    NoteTitleEnd,
    NoteUpdate,
    NoteVerification,
)
from services.applications.domain.enterprises.profile import (
    FREE_FOR_HOLDERS,
    changed_fields,
    pins,
    profile_faults,
    profile_of,
)
from services.applications.domain.enterprises.refusals import (
    VERIFY,
    HoldersUpdateYearly,
    NoProfile,
    NotVerified,
    ProfileInvalid,
    ProfileThere,
)
from services.applications.domain.enterprises.state import EnterpriseState

EnterpriseCommands = (
    CompleteProfile
    | ChangeProfile
    | NoteVerification
    | NoteTitle
    | NoteTitleEnd
    | NoteBan
    | NoteDigitalLevel
    | JoinPool
    | NoteUpdate
    | CorrectRegion
    | Tick
)


def decide(command: EnterpriseCommands, state: EnterpriseState, facts: Facts) -> list[Event]:
    match command:
        case CompleteProfile():
            return complete(command, state, facts)
        case ChangeProfile():
            return change(command, state, facts)
        case NoteVerification(received_at=at, enterprise=e):
            return [VerificationNoted(at, e, command.account, command.name, command.credit_code)]
        case NoteTitle():
            return note_title(command, state)
        case NoteTitleEnd():
            return note_title_end(command, state)
        case NoteBan(received_at=at, enterprise=e):
            return [BanNoted(at, e, command.until, command.reason, command.cause)]
        case NoteDigitalLevel(received_at=at, enterprise=e):
            return [DigitalLevelNoted(at, e, command.result)]
        case JoinPool(received_at=at, enterprise=e):
            return [PoolJoined(at, e, command.authority, command.year, command.cause)]
        case NoteUpdate(received_at=at, enterprise=e):
            return [UpdateNoted(at, e, command.year, command.cause)]
        case CorrectRegion():
            return correct_region(command, state)
        case Tick():
            return []
        case _:
            assert_never(command)


def complete(command: CompleteProfile, state: EnterpriseState, facts: Facts) -> list[Event]:
    """首次登入须完善企业基本信息; legal persons' verified accounts only."""
    refuse_unless(state.stands_for(command.account), NotVerified(way_out=VERIFY))
    refuse_if(state.profile, ProfileThere(way_out="如需修改，请使用编辑"))
    faults = profile_faults(command.basics, business_date(command.received_at), facts.policies)
    refuse_if(faults, ProfileInvalid(faults))
    profile = profile_of(command.basics, state, facts.policies)
    used = pins(facts.policies)
    return [ProfileCompleted(command.received_at, command.enterprise, command.account, profile, used)]


def change(command: ChangeProfile, state: EnterpriseState, facts: Facts) -> list[Event]:
    """未认定的企业可以编辑; 已认定的只可信息更新, but for its contacts."""
    refuse_unless(state.stands_for(command.account), NotVerified(way_out=VERIFY))
    if state.profile is None:
        raise NoProfile(way_out="请先完善企业基本信息")
    today = business_date(command.received_at)
    faults = profile_faults(command.basics, today, facts.policies)
    refuse_if(faults, ProfileInvalid(faults))
    profile = profile_of(command.basics, state, facts.policies)
    changed = changed_fields(state.profile, profile)
    locked = [field for field in changed if field not in FREE_FOR_HOLDERS]
    titles = state.titles_on(today)
    refuse_if(titles and locked, HoldersUpdateYearly(locked, titles))
    if not changed:
        return []
    used = pins(facts.policies)
    return [ProfileChanged(command.received_at, command.enterprise, command.account, profile, changed, policies=used)]


def note_title(command: NoteTitle, state: EnterpriseState) -> list[Event]:
    """A title granted, imported or extended; an extension keeps the first day."""
    at, e = command.received_at, command.enterprise
    before = state.titles.get(command.tier)
    began = command.valid_from or (before.valid_from if before else business_date(at))
    return [TitleNoted(at, e, command.tier, began, command.valid_to, command.cause)]


def note_title_end(command: NoteTitleEnd, state: EnterpriseState) -> list[Event]:
    at, e = command.received_at, command.enterprise
    if command.tier not in state.titles:
        return [NoteDeclined(at, "", e, command.cause, f"没有记录到有效的称号 {command.tier}")]
    return [TitleEndNoted(at, e, command.tier, command.reason, command.cause)]


def correct_region(command: CorrectRegion, state: EnterpriseState) -> list[Event]:
    """The profile follows a filing's corrected 注册地."""
    if state.profile is None or state.profile.region == command.region:
        return []
    profile = msgspec.structs.replace(state.profile, region=command.region, region_names=command.region_names)
    changed = ("region", "region_names")
    return [
        ProfileChanged(
            command.received_at, command.enterprise, command.actor.id, profile, changed, reason=command.reason
        )
    ]
