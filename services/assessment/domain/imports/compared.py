"""What a filing says of a score of another platform, beside what was imported of it."""

import msgspec

from libs.events.contracts.assessment import ApplicationScored
from libs.events.contracts.times import business_date
from services.assessment.domain.imports.state import ImportsState
from services.assessment.domain.policies import ScoreImportRules
from services.assessment.domain.rules.numbers import exact


class Compared(msgspec.Struct, frozen=True):
    """`imported` None: nothing was imported for that year; `agrees` None: one of the two is missing."""

    field: str
    scheme: str
    year: int
    filed: str | None
    imported: str | None
    agrees: bool | None


def compared(
    scored: ApplicationScored, fields: frozenset[str], rules: ScoreImportRules, imports: ImportsState
) -> tuple[Compared, ...]:
    """Each of the pack's `fields` that stands for such a score, by the year of the filing."""
    filing_year = business_date(scored.received_at).year
    found = []
    for id, scheme in rules.schemes.items():
        for age, field in enumerate(scheme.fields):
            if field in fields:
                year = filing_year - age
                result, filed = imports.of(id, year), scored.inputs.answers.get(field)
                imported = result.score if result else None
                same = None if imported is None or filed is None else exact(filed) == exact(imported)
                found.append(Compared(field, id, year, None if filed is None else str(filed), imported, same))
    return tuple(found)
