"""Identity, as a table of contents."""

from pathlib import Path

from libs.events.flow.projections import projection
from libs.events.flow.reactions import reaction
from libs.events.service import Service
from services.identity import api
from services.identity.administrator import ensure_system_administrator
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.businessclock.decide import decider as clock
from services.identity.domain.keys.decide import decider as keys
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.reservations.decide import decider as reservations
from services.identity.domain.subjects.decide import decider as subjects
from services.identity.erasing import destroy_keys
from services.identity.projections import accounts as accounts_view
from services.identity.projections import officials as officials_view
from services.identity.reactions import (
    when_account_registered_then_confirm_reservations,
    when_application_submitted_then_note_first_filing,
    when_official_appointed_then_confirm_login,
    when_real_name_verified_then_confirm_enterprise,
)
from services.identity.settings import Settings
from services.identity.signing import ensure_signing_key
from services.identity.tidying import tidy

service = Service(
    name="identity",
    aggregates=[accounts, officials, reservations, keys, clock, subjects],
    projections=[projection(accounts_view), projection(officials_view)],
    reactions=[
        reaction(when_account_registered_then_confirm_reservations),
        reaction(when_real_name_verified_then_confirm_enterprise),
        reaction(when_official_appointed_then_confirm_login),
        reaction(when_application_submitted_then_note_first_filing),
    ],
    routers=[api.router],
    policies=Path(__file__).parent / "policy",
    settings=Settings,
    on_start=[ensure_signing_key, ensure_system_administrator],
    companions=[tidy, destroy_keys],
)
