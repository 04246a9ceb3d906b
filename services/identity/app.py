"""Identity, as a table of contents."""

from pathlib import Path

from libs.events.flow.projections import projection
from libs.events.flow.reactions import reaction
from libs.events.service import Service
from services.identity import api
from services.identity.administrator import ensure_system_administrator
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.answers.decide import decider as answers
from services.identity.domain.businessclock.decide import decider as clock
from services.identity.domain.checks.decide import decider as checks
from services.identity.domain.keys.decide import decider as keys
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.oversight.decide import decider as oversight
from services.identity.domain.reservations.decide import decider as reservations
from services.identity.domain.subjects.decide import decider as subjects
from services.identity.erasing import destroy_keys
from services.identity.projections import accounts as accounts_view
from services.identity.projections import acts as acts_view
from services.identity.projections import answers as answers_view
from services.identity.projections import checks as checks_view
from services.identity.projections import officials as officials_view
from services.identity.reactions import (
    when_account_affair_settled_then_tell,
    when_account_closed_then_release_reservations,
    when_account_registered_then_confirm_reservations,
    when_application_submitted_then_note_first_filing,
    when_appointment_ended_then_release_person,
    when_check_answered_then_carry_out_check,
    when_delegation_ended_then_end_appointment,
    when_office_passes_then_take_it,
    when_official_appointed_then_confirm_login,
    when_outside_identity_linked_then_confirm_reservation,
    when_outside_identity_unlinked_then_release_reservation,
    when_person_verified_then_confirm_person,
    when_phone_changed_then_move_reservation,
    when_real_name_verified_then_confirm_enterprise,
)
from services.identity.settings import Settings
from services.identity.signing import ensure_signing_key
from services.identity.telling import tell_due
from services.identity.tidying import tidy

service = Service(
    name="identity",
    gathers=0.1,
    aggregates=[accounts, checks, answers, officials, oversight, reservations, keys, clock, subjects],
    projections=[
        projection(accounts_view),
        projection(checks_view),
        projection(answers_view),
        projection(officials_view),
        projection(acts_view),
    ],
    reactions=[
        reaction(when_account_registered_then_confirm_reservations),
        reaction(when_real_name_verified_then_confirm_enterprise),
        reaction(when_official_appointed_then_confirm_login),
        reaction(when_appointment_ended_then_release_person),
        reaction(when_office_passes_then_take_it),
        reaction(when_delegation_ended_then_end_appointment),
        reaction(when_application_submitted_then_note_first_filing),
        reaction(when_phone_changed_then_move_reservation),
        reaction(when_person_verified_then_confirm_person),
        reaction(when_account_closed_then_release_reservations),
        reaction(when_check_answered_then_carry_out_check),
        reaction(when_outside_identity_linked_then_confirm_reservation),
        reaction(when_outside_identity_unlinked_then_release_reservation),
        reaction(when_account_affair_settled_then_tell),
    ],
    routers=[api.router],
    policies=Path(__file__).parent / "policy",
    copies={"review": ["calendar"]},
    settings=Settings,
    on_start=[ensure_signing_key, ensure_system_administrator],
    companions=[tell_due, tidy, destroy_keys],
)
