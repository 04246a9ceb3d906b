"""提交 → 评分 under the pack that the filing is bound to, every round anew."""

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.assessment.domain.scores.commands import ScoreApplication

SOURCE, HANDLES, START = "applications", (ApplicationSubmitted,), "origin"


def react(event: Recorded[ApplicationSubmitted]) -> list[Command]:
    filed = event.data
    return [
        ScoreApplication(
            **because(event),
            enterprise=filed.enterprise,
            application=filed.application,
            authority=filed.authority,
            region=filed.region,
            round=filed.round,
            submission=event.id,
            pack=filed.pack,
            answers=filed.answers,
            digital_level=filed.digital.level if filed.digital else None,
        )
    ]
