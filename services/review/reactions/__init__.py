"""Automations, each named after what it does; listed in the order in which they run."""

from libs.events.flow.reactions import reaction
from services.review.reactions import (
    when_application_approved_then_grant_title,
    when_application_lapsed_or_voided_then_close_case,
    when_application_revived_then_reopen_case,
    when_application_scored_then_note_score,
    when_application_submitted_then_open_case,
    when_list_progressed_then_command_members,
    when_member_answered_then_note_on_list,
    when_recall_requested_then_answer_recall,
    when_withdrawal_requested_then_answer_withdrawal,
)

REACTIONS = [
    reaction(module)
    for module in (
        when_application_submitted_then_open_case,
        when_withdrawal_requested_then_answer_withdrawal,
        when_recall_requested_then_answer_recall,
        when_application_lapsed_or_voided_then_close_case,
        when_application_revived_then_reopen_case,
        when_application_scored_then_note_score,
        when_list_progressed_then_command_members,
        when_member_answered_then_note_on_list,
        when_application_approved_then_grant_title,
    )
]
