"""提交, the first time and again: after a return (a new round), after a withdrawal (the same round), after a lapse."""

from collections.abc import Callable, Iterator
from datetime import datetime

from libs.events.contracts.applications import (
    ApplicationAccepted,
    ApplicationRevived,
    ApplicationSubmitted,
    JurisdictionChanged,
)
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.times import business_date
from libs.events.decider import Facts
from libs.events.errors import Refused, refuse_together
from libs.events.ids import entity_id
from services.applications.domain import reference
from services.applications.domain.answers import canonical
from services.applications.domain.chains import empty_chain
from services.applications.domain.filings import guards
from services.applications.domain.filings.commands import SubmitApplication
from services.applications.domain.filings.state import FilingState
from services.applications.domain.filings.submission import (
    Submission,
    changes,
    digital_used,
    filled_answers,
    filled_personal,
    gathered,
)

Guard = Callable[[Submission], Iterator[Refused]]

ALWAYS: tuple[Guard, ...] = (guards.account, guards.profile)
IN_WINDOW: tuple[Guard, ...] = (guards.window, guards.no_other_filing, guards.prerequisites)
CONTENT: tuple[Guard, ...] = (guards.ban, guards.form, guards.evidence, guards.jurisdiction)
CORRECTION: tuple[Guard, ...] = (guards.correction_deadline, guards.only_unlocked)


def submit(command: SubmitApplication, filing: FilingState, facts: Facts) -> list[Event]:
    """Every guard is answered together; after a return no window is needed (退回后企业仍可重新提交)."""
    submission = gathered(command, filing, facts)
    asked = (*ALWAYS, *CORRECTION, *CONTENT) if submission.corrects else (*ALWAYS, *IN_WINDOW, *CONTENT)
    refuse_together([refusal for guard in asked for refusal in guard(submission)])
    submitted = submission_event(submission)
    return [*_revival(submission), *_jurisdiction(submission, submitted), submitted, *_acceptance(submitted)]


def submission_event(s: Submission) -> ApplicationSubmitted:
    """The whole filing as it was shown; all guards have passed."""
    assert s.form is not None
    assert s.form_pin is not None
    assert s.enterprise.profile is not None
    command, profile = s.command, s.enterprise.profile
    opened = s.window.opened if s.window else None
    answers, personal = canonical(s.form, filled_answers(s)), filled_personal(s)
    before = s.filing.submission if _continues(s.filing) else None
    nobody = empty_chain(s.policies, command.authority, command.kind, command.tier)
    return ApplicationSubmitted(
        command.received_at,
        application=_application(s),
        enterprise=command.enterprise,
        account=command.account,
        kind=command.kind,
        tier=command.tier,
        window=command.window,
        batch=opened.batch if opened else "",
        authority=command.authority,
        region=command.region,
        region_names=_region_names(s),
        round=_round(s.filing),
        draft_version=command.draft_version,
        enterprise_name=profile.name,
        credit_code=profile.credit_code,
        answers=answers,
        personal=personal,
        evidence=command.evidence,
        form=s.form_pin,
        pack=s.corrects.pack if s.corrects else opened.pack if opened else None,
        digital=digital_used(s),
        profile_version=s.enterprise.profile_version,
        window_closes=s.window.closes if s.window else None,
        changed=changes(before, answers, personal, s) if before else (),
        empty_chain=nobody is not None,
        policies=_pins(s, nobody),
    )


def _continues(filing: FilingState) -> bool:
    return filing.status in ("returned", "withdrawn") or _revives(filing)


def _revives(filing: FilingState) -> bool:
    """A withdrawn filing that lapsed with its window; inside the window again, it was extended."""
    return filing.may_be_revived and filing.before_lapse == "withdrawn"


def _application(s: Submission) -> str:
    return s.filing.application if _continues(s.filing) else entity_id(s.command.stream, s.filing.count + 1)


def _round(filing: FilingState) -> int:
    """The round rises only after a return; a recall gives back what the return gave and no more."""
    if not _continues(filing):
        return 1
    return filing.round + 1 if filing.status == "returned" and not filing.was_recalled else filing.round


def _region_names(s: Submission) -> tuple[str, ...]:
    if s.command.region == s.filing.region and _continues(s.filing):
        return s.filing.region_names
    found = reference.region(s.policies, s.command.region)
    assert found is not None
    return found.names


def _pins(s: Submission, nobody: PolicyPin | None) -> tuple[PolicyPin, ...]:
    opened = s.window.opened if s.window else None
    codes = (reference.newest(s.policies, "prerequisite_codes").pin,) if opened and opened.prerequisites else ()
    return (*reference.region_pins(s.policies), *codes, *((nobody,) if nobody else ()))


def _revival(s: Submission) -> list[Event]:
    if not _revives(s.filing) or s.window is None:
        return []
    return [
        ApplicationRevived(s.command.received_at, s.filing.application, s.command.enterprise, s.window.extended_because)
    ]


def _jurisdiction(s: Submission, submitted: ApplicationSubmitted) -> list[Event]:
    if not _continues(s.filing) or submitted.region == s.filing.region:
        return []
    return [
        JurisdictionChanged(
            s.command.received_at,
            submitted.application,
            submitted.enterprise,
            before=s.filing.region,
            region=submitted.region,
            region_names=submitted.region_names,
        )
    ]


def _acceptance(submitted: ApplicationSubmitted) -> list[Event]:
    """Nobody reviews it and no window can still change it: accepted at once."""
    if not submitted.empty_chain or submitted.window is not None:
        return []
    return [acceptance(submitted.received_at, submitted)]


def acceptance(at: datetime, submission: ApplicationSubmitted) -> ApplicationAccepted:
    return ApplicationAccepted(
        at,
        submission.application,
        submission.enterprise,
        submission.kind,
        submission.authority,
        business_date(submission.received_at).year,
    )
