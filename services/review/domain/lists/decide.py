"""What a list answers to each command."""

from typing import assert_never

from libs.events.contracts.actors import Level
from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ListAnnounced,
    ListAnswersNoted,
    ListFrozen,
    ListMembersAdded,
    ListPublicityEnded,
    ListPublicityRecounted,
    ListPublished,
)
from libs.events.contracts.times import business_date
from libs.events.contracts.workdays import Calendar
from libs.events.decider import Facts, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.review.domain.chain import chain_of, publicity_of
from services.review.domain.lists.commands import (
    AddListMembers,
    AnnounceList,
    FreezeList,
    ListCommand,
    NoteAnswers,
    OnList,
    PublishList,
)
from services.review.domain.lists.members import Members
from services.review.domain.lists.notice import counted_anew
from services.review.domain.lists.refusals import (
    AlreadyAnnounced,
    AlreadyPublished,
    AnswersMissing,
    EmptyList,
    ListAlreadyFrozen,
    ListNotFrozen,
    NobodyAccepted,
    NoPublicityHere,
    NoticeInThePast,
    NotThePublisher,
    OtherPurpose,
)
from services.review.domain.lists.state import ListState
from services.review.domain.lists.working import begin, work
from services.review.domain.offices import sits


def decide(command: ListCommand, state: ListState, facts: Facts) -> list[Event]:
    match command:
        case AddListMembers():
            return add(command, state)
        case FreezeList():
            return freeze(command, state)
        case PublishList():
            return publish(command, state, facts)
        case AnnounceList():
            return announce(command, state)
        case NoteAnswers():
            return note(command, state)
        case Tick():
            return tick(command, state, facts)
        case _:
            assert_never(command)


def add(command: AddListMembers, state: ListState) -> list[Event]:
    """Members who are there already are not added again."""
    _by_publisher(command, command.level)
    refuse_if(state.frozen, ListAlreadyFrozen())
    there = dict(state.added)
    new = Members.of((m.case, m.enterprise) for m in command.members if m.case not in there)
    refuse_unless(command.members, EmptyList())
    if not new:
        return []
    return [ListMembersAdded(command.received_at, list=command.stream, cases=new.cases, enterprises=new.enterprises)]


def freeze(command: FreezeList, state: ListState) -> list[Event]:
    """名单冻结: the hash is of all members; the work of asking them begins."""
    _by_publisher(command, command.level)
    refuse_if(state.frozen, ListAlreadyFrozen())
    given = Members.of((m.case, m.enterprise) for m in command.members)
    whole = Members.of([*state.added, *zip(given.cases, given.enterprises, strict=True)])
    refuse_unless(whole, EmptyList())
    frozen = ListFrozen(
        command.received_at,
        list=command.stream,
        authority=command.authority,
        region=command.region,
        level=command.level,
        batch=command.batch,
        tier=command.tier,
        sha256=whole.sha256,
        count=len(whole),
        cases=given.cases,
        enterprises=given.enterprises,
        purpose=command.purpose,
        kind=command.kind,
    )
    return begin(state, frozen)


def note(command: NoteAnswers, state: ListState) -> list[Event]:
    """What a portion answered, once."""
    if not state.frozen or state.members.has_answered(command.portion, command.size):
        return []
    return [
        ListAnswersNoted(
            command.received_at,
            list=command.list,
            portion=command.portion,
            size=command.size,
            declined=command.declined,
            reasons=command.reasons,
        )
    ]


def publish(command: PublishList, state: ListState, facts: Facts) -> list[Event]:
    """公示 for the days that the authority's chain says, in working days where it says so."""
    refuse_unless(command.purpose == "notice", OtherPurpose("这份名单供公告使用"))
    members = _ready(command, state)
    refuse_if(state.starts, AlreadyPublished())
    today = business_date(command.received_at)
    starts = command.starts or today
    refuse_if(starts < today, NoticeInThePast())
    chain = chain_of(facts.policies, state.authority, state.kind, state.tier)
    length = publicity_of(chain, state.level)
    if length is None:
        raise NoPublicityHere()
    period = Calendar(facts.policies).period(starts, length)
    published = ListPublished(
        command.received_at,
        list=state.list,
        authority=state.authority,
        region=state.region,
        level=state.level,
        batch=state.batch,
        tier=state.tier,
        starts=period.starts,
        ends=period.ends,
        policies=(chain.pin, *period.policies),
        count=len(members),
        sha256=members.sha256,
        provisional=period.provisional,
        kind=state.kind,
    )
    return begin(state, published)


def announce(command: AnnounceList, state: ListState) -> list[Event]:
    """公告: valid from today."""
    refuse_unless(command.purpose == "announcement", OtherPurpose("这份名单供公示使用"))
    members = _ready(command, state)
    refuse_if(state.announced_on, AlreadyAnnounced())
    announced = ListAnnounced(
        command.received_at,
        list=state.list,
        authority=state.authority,
        region=state.region,
        level=state.level,
        batch=state.batch,
        tier=state.tier,
        document=command.document,
        announced_on=business_date(command.received_at),
        count=len(members),
        sha256=members.sha256,
        kind=state.kind,
    )
    return begin(state, announced)


def tick(command: Tick, state: ListState, facts: Facts) -> list[Event]:
    """The notice ends the day after its last, or goes on where a calendar published since has more days off; otherwise the
    next portion of whatever is unfinished."""
    notice, today = state.notice, business_date(command.received_at)
    if notice is None or state.ended or today <= notice.ends:
        return work(state, command.received_at)
    days = counted_anew(notice, facts.policies)
    if today > days.ends:
        return begin(state, ListPublicityEnded(command.received_at, list=state.list))
    longer = ListPublicityRecounted(
        command.received_at,
        list=state.list,
        starts=days.starts,
        ends=days.ends,
        provisional=days.provisional,
        policies=days.policies,
    )
    return begin(state, longer)


def _by_publisher(command: OnList, level: Level) -> None:
    refuse_unless(sits(command.actor, command.authority, level, command.region, "publisher"), NotThePublisher())


def _ready(command: OnList, state: ListState) -> Members:
    """The accepted members of a frozen list on which every case has answered."""
    refuse_unless(state.frozen, ListNotFrozen())
    _by_publisher(command, state.level)
    missing = state.members.missing
    refuse_if(missing, AnswersMissing(f"尚有 {missing} 个案卷没有答复", missing=missing))
    members = state.members.accepted()
    refuse_unless(members, NobodyAccepted())
    return members
