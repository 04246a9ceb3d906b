"""What `applications` is made of."""

from pathlib import Path

from libs.events.flow.projections import projection
from libs.events.flow.reactions import reaction
from libs.events.service import Service
from services.applications import api, saving
from services.applications.domain import enterprises, filings, windows
from services.applications.policy_text import checked
from services.applications.projections import filings as filings_view
from services.applications.projections import submissions
from services.applications.projections import windows as windows_view
from services.applications.reactions import (
    when_annual_update_accepted_then_note_update,
    when_application_approved_then_note_approval,
    when_application_rejected_then_note_rejection,
    when_application_returned_then_note_return,
    when_case_transferred_then_note_transfer,
    when_digital_level_known_then_note_it,
    when_jurisdiction_changed_then_correct_profile,
    when_pool_entry_accepted_then_join_pool,
    when_real_name_verified_then_note_verification,
    when_recall_answered_then_note_recall,
    when_review_started_then_note_review_start,
    when_title_cancelled_then_note_ban,
    when_title_ended_then_note_title_end,
    when_title_valid_then_note_title,
    when_window_end_reached_then_settle_filing,
    when_withdrawal_answered_then_note_withdrawal,
)
from services.applications.settings import Settings

service = Service(
    name="applications",
    aggregates=[enterprises.decider, windows.decider, filings.decider],
    projections=[projection(filings_view), projection(windows_view), projection(submissions)],
    reactions=[
        reaction(when_real_name_verified_then_note_verification),
        reaction(when_review_started_then_note_review_start),
        reaction(when_application_returned_then_note_return),
        reaction(when_application_approved_then_note_approval),
        reaction(when_application_rejected_then_note_rejection),
        reaction(when_withdrawal_answered_then_note_withdrawal),
        reaction(when_recall_answered_then_note_recall),
        reaction(when_case_transferred_then_note_transfer),
        reaction(when_title_valid_then_note_title),
        reaction(when_title_ended_then_note_title_end),
        reaction(when_title_cancelled_then_note_ban),
        reaction(when_digital_level_known_then_note_it),
        reaction(when_pool_entry_accepted_then_join_pool),
        reaction(when_annual_update_accepted_then_note_update),
        reaction(when_window_end_reached_then_settle_filing),
        reaction(when_jurisdiction_changed_then_correct_profile),
    ],
    routers=[api.router],
    policies=checked(Path(__file__).parent / "policy"),
    copies={"review": ["chains"], "assessment": ["pack", "bindings"]},
    on_start=[saving.make_indexes],
    companions=[saving.tidy],
    settings=Settings,
)
