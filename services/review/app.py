"""What `review` is made of."""

from pathlib import Path

from libs.events.flow.projections import projection
from libs.events.flow.reactions import reaction
from libs.events.service import Service
from services.review import api
from services.review.domain import case, lists, successions, tallies, titles
from services.review.passing import pass_cases
from services.review.projections import case_timeline, officer_queue, public_register, submissions
from services.review.projections import lists as lists_view
from services.review.projections import successions as successions_view
from services.review.reactions import (
    when_application_approved_then_grant_title,
    when_application_lapsed_or_voided_then_close_case,
    when_application_revived_then_reopen_case,
    when_application_scored_then_note_score,
    when_application_submitted_then_open_case,
    when_appointment_handed_over_then_note_succession,
    when_list_progressed_then_command_members,
    when_member_answered_then_tally_it,
    when_portion_answered_then_note_on_list,
    when_recall_requested_then_answer_recall,
    when_withdrawal_requested_then_answer_withdrawal,
)
from services.review.settings import Settings

service = Service(
    name="review",
    aggregates=[case.decider, lists.decider, successions.decider, tallies.decider, titles.decider],
    projections=[
        projection(officer_queue),
        projection(case_timeline),
        projection(submissions),
        projection(lists_view),
        projection(public_register),
        projection(successions_view),
    ],
    reactions=[
        reaction(when_application_submitted_then_open_case),
        reaction(when_withdrawal_requested_then_answer_withdrawal),
        reaction(when_recall_requested_then_answer_recall),
        reaction(when_application_lapsed_or_voided_then_close_case),
        reaction(when_application_revived_then_reopen_case),
        reaction(when_application_scored_then_note_score),
        reaction(when_list_progressed_then_command_members),
        reaction(when_member_answered_then_tally_it),
        reaction(when_portion_answered_then_note_on_list),
        reaction(when_application_approved_then_grant_title),
        reaction(when_appointment_handed_over_then_note_succession),
    ],
    routers=[api.router],
    policies=Path(__file__).parent / "policy",
    copies={"applications": ["divisions", "zones", "authorities"]},
    settings=Settings,
    companions=[pass_cases],
)
