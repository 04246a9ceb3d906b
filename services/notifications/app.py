"""Notifications, as a table of contents."""

from pathlib import Path

from libs.events.flow.projections import projection
from libs.events.flow.reactions import reaction
from libs.events.service import Service
from services.notifications import api
from services.notifications.domain.matters.decide import decider as matters
from services.notifications.domain.messages.decide import decider as messages
from services.notifications.projections import inbox
from services.notifications.reactions import (
    when_application_lapses_or_revives_then_tell_enterprise,
    when_application_submitted_then_note_matter,
    when_application_submitted_then_tell_enterprise,
    when_case_arrives_then_tell_office,
    when_case_moves_then_note_matter,
    when_office_passes_then_tell_its_reviewers,
    when_real_name_verified_then_tell_enterprise,
    when_review_moves_then_tell_enterprise,
    when_title_changes_then_tell_enterprise,
    when_update_noted_then_tell_enterprise,
)
from services.notifications.settings import Settings

service = Service(
    name="notifications",
    gathers=0.1,
    aggregates=[messages, matters],
    projections=[projection(inbox)],
    reactions=[
        # A matter is noted before anybody is told of it: reactions to one topic run in this order.
        reaction(when_application_submitted_then_note_matter),
        reaction(when_application_submitted_then_tell_enterprise),
        reaction(when_application_lapses_or_revives_then_tell_enterprise),
        reaction(when_update_noted_then_tell_enterprise),
        reaction(when_case_moves_then_note_matter),
        reaction(when_case_arrives_then_tell_office),
        reaction(when_office_passes_then_tell_its_reviewers),
        reaction(when_review_moves_then_tell_enterprise),
        reaction(when_title_changes_then_tell_enterprise),
        reaction(when_real_name_verified_then_tell_enterprise),
    ],
    routers=[api.router],
    policies=Path(__file__).parent / "policy",
    settings=Settings,
)
