"""Second factors as the log knows them: that there is one, of which kind, and that it is gone."""

from libs.events.contracts.base import Event
from libs.events.contracts.identity import AccountTokensRevoked
from libs.events.contracts.officials import RecoveryCodeUsed, SecondFactorEnrolled, SecondFactorRemoved
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.officials.commands import EnrolFactor, NoteRecovery, RemoveFactor
from services.identity.domain.officials.refusals import FactorUnknown, LastFactor, OfficialUnknown
from services.identity.domain.officials.state import OfficialState

ALL = "all"


def enrol(command: EnrolFactor, official: OfficialState) -> list[Event]:
    refuse_unless(official.exists, OfficialUnknown())
    if command.factor in official.factors:
        return []
    return [SecondFactorEnrolled(command.received_at, command.official, command.kind, command.factor, command.codes)]


def remove(command: RemoveFactor, official: OfficialState) -> list[Event]:
    """A reset takes all of them and voids every token; one's own last factor stays where one is required."""
    refuse_unless(official.exists, OfficialUnknown())
    if command.before is not None:
        return [
            SecondFactorRemoved(command.received_at, command.official, ALL, command.reason),
            AccountTokensRevoked(command.received_at, command.official, command.before, "second factor reset"),
        ]
    refuse_unless(command.factor in official.factors, FactorUnknown())
    refuse_if(command.keep_one and len(official.factors) == 1, LastFactor(way_out="请先登记另一种方式"))
    return [SecondFactorRemoved(command.received_at, command.official, command.factor, command.reason)]


def recovered(command: NoteRecovery, official: OfficialState) -> list[Event]:
    refuse_unless(official.exists, OfficialUnknown())
    return [RecoveryCodeUsed(command.received_at, command.official, command.left)]
