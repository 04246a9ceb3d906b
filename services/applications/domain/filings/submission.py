"""A submission on the table: the command together with all that its guards look at."""

from collections.abc import Mapping
from datetime import date

import msgspec

from libs.events.contracts.applications import ApplicationSubmitted, DigitalResult, Profile, Value
from libs.events.contracts.base import Personal, PolicyPin
from libs.events.contracts.times import business_date
from libs.events.decider import Facts, Policies
from services.applications.domain import reference
from services.applications.domain.enterprises.state import EnterpriseState
from services.applications.domain.filings.commands import SubmitApplication
from services.applications.domain.filings.state import FilingState
from services.applications.domain.forms import Field, Form, form_from, windowless_form
from services.applications.domain.streams import enterprise_stream, window_stream
from services.applications.domain.windows.state import WindowState


class Submission(msgspec.Struct, frozen=True):
    """`form` is the very text that is pinned; None when no window or rule names one: then the other guards answer."""

    command: SubmitApplication
    filing: FilingState
    enterprise: EnterpriseState
    window: WindowState | None
    form: Form | None
    form_pin: PolicyPin | None
    policies: Policies

    @property
    def today(self) -> date:
        return business_date(self.command.received_at)

    @property
    def corrects(self) -> ApplicationSubmitted | None:
        """The submission that was returned and is corrected by this one."""
        return self.filing.submission if self.filing.status == "returned" else None

    @property
    def known_region(self) -> tuple[str, tuple[str, ...]]:
        """The 注册地 on record, with its names: of the filing that is corrected, else of the profile."""
        if self.corrects is not None:
            return self.filing.region, self.filing.region_names
        profile = self.enterprise.profile
        return (profile.region, profile.region_names) if profile else ("", ())

    @property
    def contact(self) -> dict[str, str] | None:
        """Whom to ask: the window's contact, else the authority's."""
        if self.window is not None and self.window.opened is not None:
            return self.window.opened.contact
        found = reference.authority(self.policies, self.command.authority)
        return found.contact if found else None


def gathered(command: SubmitApplication, filing: FilingState, facts: Facts) -> Submission:
    window = facts.reads[window_stream(command.authority, command.window)] if command.window else None
    pin = _form_pin(command, filing, window, facts.policies)
    policy = facts.policies.pinned(pin) if pin else None
    return Submission(
        command=command,
        filing=filing,
        enterprise=facts.reads[enterprise_stream(command.enterprise)],
        window=window,
        form=form_from(policy) if policy else None,
        form_pin=policy.pin if policy else None,
        policies=facts.policies,
    )


def _form_pin(
    command: SubmitApplication, filing: FilingState, window: WindowState | None, policies: Policies
) -> PolicyPin | None:
    """A correction stays on the form it was submitted on; a window names its form; else the rule without a window."""
    if filing.status == "returned" and filing.submission is not None:
        return filing.submission.form
    if command.window:
        return window.opened.form if window is not None and window.opened is not None else None
    return windowless_form(policies, command.authority, command.kind, command.tier)


def filled_answers(submission: Submission) -> dict[str, Value]:
    """The open answers, those of profile and assessment filled in by the platform, never taken from the caller."""
    form = submission.form
    assert form is not None
    given = submission.command.answers
    platform = [field for field in form.fields if field.origin in ("profile", "digital") and not field.personal]
    ours = {field.name: _filled(field, submission) for field in platform}
    return {**{name: value for name, value in given.items() if name not in ours}, **ours}


def filled_personal(submission: Submission) -> dict[str, Personal[str]]:
    """The sealed answers; those of the profile are copied as they were sealed."""
    form, before = submission.form, submission.corrects
    assert form is not None
    sealed = dict(submission.command.personal)
    for field in form.fields:
        if field.personal and field.origin == "profile":
            kept = _keeps(field, submission)
            value = before.personal.get(field.name) if kept and before else _of_profile(field, submission)
            sealed.pop(field.name, None)
            if isinstance(value, Personal):
                sealed[field.name] = value
    return sealed


def digital_used(submission: Submission) -> DigitalResult | None:
    """最新一次 of the digital assessment when the form asks for it; a correction keeps the one it used."""
    form, before = submission.form, submission.corrects
    field = next((f for f in form.fields if f.origin == "digital"), None) if form else None
    if field is None:
        return None
    return before.digital if before and _keeps(field, submission) else submission.enterprise.digital


def _filled(field: Field, submission: Submission) -> Value:
    before = submission.corrects
    if field.profile == "region":
        return submission.command.region or submission.known_region[0] or None
    if before is not None and _keeps(field, submission):
        return before.answers.get(field.name)
    if field.origin == "digital":
        return _level(digital_used(submission))
    value = _of_profile(field, submission)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else None


def _of_profile(field: Field, submission: Submission) -> object:
    profile: Profile | None = submission.enterprise.profile
    return getattr(profile, field.profile, None) if profile is not None else None


def _keeps(field: Field, submission: Submission) -> bool:
    """Whether a correction must leave this field as it was."""
    return submission.corrects is not None and field.name not in submission.filing.unlocked


def _level(result: DigitalResult | None) -> str | None:
    if result is None:
        return None
    return "none" if result.level == 0 else str(result.level)


def changes(
    before: ApplicationSubmitted, answers: Mapping[str, Value], personal: Mapping[str, Personal[str]],
    submission: Submission,
) -> tuple[str, ...]:  # fmt: skip
    """Names of the answers and evidence slots that differ from the submission before."""
    names = dict.fromkeys((*before.answers, *answers, *before.personal, *personal))
    differing = [
        name
        for name in names
        if before.answers.get(name) != answers.get(name) or before.personal.get(name) != personal.get(name)
    ]
    old = {(file.slot, file.sha256) for file in before.evidence}
    new = {(file.slot, file.sha256) for file in submission.command.evidence}
    return (*differing, *dict.fromkeys(slot for slot, _ in sorted(old ^ new)))
