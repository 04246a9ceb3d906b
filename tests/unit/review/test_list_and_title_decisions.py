"""Every command in every situation of a list and of a title: what the log says, word for word, or who hears why not."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from libs.events.contracts.review import TitleExtended
from libs.events.contracts.times import day_start
from services.review.domain.lists.due import due as list_due
from services.review.domain.titles.due import due as title_due
from tests import histories as h
from tests.frozen import frozen, table
from tests.unit.review import test_lists as a_list
from tests.unit.review import test_titles as a_title
from tests.unit.review.kit import LATER, REVIEW, day, given_list, given_title, officer, publisher

FROZEN = lambda: given_list().when(a_list.freeze(a_list.pairs(2))).history  # noqa: E731
PUBLISHED = lambda: given_list(*a_list.answered(3, (1,))).when(a_list.publish()).history  # noqa: E731
OVER = day_start(date(2024, 5, 14))
LISTS: Mapping[str, Callable[[], list[Any]]] = {
    "nothing": list,
    "members added": lambda: given_list().when(a_list.add(a_list.pairs(2))).history,
    "frozen": FROZEN,
    "answered": lambda: a_list.answered(3, (1,)),
    "all declined": lambda: a_list.answered(2, (0, 1)),
    "published": PUBLISHED,
    "ended": lambda: given_list(*PUBLISHED()).when(a_list.tick(OVER)).history,
    "for an announcement": lambda: a_list.answered(2, purpose="announcement"),
    "announced": lambda: given_list(*a_list.answered(2, purpose="announcement")).when(a_list.announce()).history,
    "of a county": lambda: a_list.answered(1, by=publisher("county"), level="county", region=h.COUNTY),
}
ON_LISTS: Mapping[str, Callable[[], Any]] = {
    "add": lambda: a_list.add(a_list.pairs(3)),
    "add nobody": lambda: a_list.add(()),
    "freeze": lambda: a_list.freeze(a_list.pairs(3)),
    "freeze nobody": lambda: a_list.freeze(()),
    "freeze by a reviewer": lambda: a_list.freeze(a_list.pairs(1), officer("province")),
    "answers": lambda: a_list.answers(0, 2, [a_list.pairs(1)[0].case]),
    "publish": a_list.publish,
    "publish next week": lambda: a_list.publish(starts=date(2024, 5, 15)),
    "publish yesterday": lambda: a_list.publish(starts=date(2024, 5, 7)),
    "publish by the county": lambda: a_list.publish(publisher("county"), region=h.COUNTY),
    "publish an announcement": lambda: a_list.publish(purpose="announcement"),
    "announce": a_list.announce,
    "announce a notice": lambda: a_list.announce(purpose="notice"),
    "tick in the notice": lambda: a_list.tick(OVER.replace(day=12)),
    "tick after it": lambda: a_list.tick(OVER),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list(name: str) -> None:
    found = table(given_list(*LISTS[name]()), ON_LISTS, list_due)
    assert found == frozen("review-lists", name, found)


TITLES: Mapping[str, Callable[[], list[Any]]] = {
    "nothing": list,
    "granted": h.granted,
    "granted for re-review after its end": lambda: h.granted("srdi", "after_expiry"),
    "reminded": lambda: given_title(*h.granted()).when(a_title.tick(day(2027, 6, 25))).history,
    "extended": lambda: [
        *h.granted(),
        TitleExtended(LATER, h.ENTERPRISE, "innovative", h.CASE, "厦工信企业〔2027〕1号", date(2030, 6, 30)),
    ],
    "awaiting": lambda: given_title(*h.granted("srdi", "after_expiry")).when(a_title.tick(day(2027, 7, 1))).history,
    "expired": lambda: given_title(*h.granted()).when(a_title.tick(day(2030, 1, 1))).history,
    "imported": lambda: given_title().when(a_title.import_()).history,
    "cancelled": lambda: given_title(*h.granted()).when(a_title.cancel()).history,
    "of the third tier": lambda: h.granted("giant"),
}
ON_TITLES: Mapping[str, Callable[[], Any]] = {
    "grant": a_title.grant,
    "grant of another tier": lambda: a_title.grant(tier="unheard_of"),
    "grant for one year": lambda: a_title.grant(tier="tech"),
    "import": a_title.import_,
    "import for one day": lambda: a_title.import_(valid_from=date(2025, 6, 30)),
    "import reversed": lambda: a_title.import_(valid_to=date(2022, 6, 30)),
    "import by a reviewer": lambda: a_title.import_(officer("city", authority=h.XIAMEN, region=h.XIAMEN)),
    "import of another tier": lambda: a_title.import_(tier="unheard_of"),
    "import of the third tier": lambda: a_title.import_(a_title.MINISTRY, tier="giant"),
    "cancel": a_title.cancel,
    "cancel by the ministry": lambda: a_title.cancel(a_title.MINISTRY, tier="giant"),
    "cancel by the province": lambda: a_title.cancel(publisher("province")),
    "cancel by a service": lambda: a_title.cancel(REVIEW),
    "tick on the day of a reminder": lambda: a_title.tick(day_start(date(2027, 4, 1))),
    "tick on the last day": lambda: a_title.tick(day(2027, 6, 30)),
    "tick after it": lambda: a_title.tick(day(2027, 7, 1)),
}


@pytest.mark.parametrize("name", TITLES)
def test_a_title(name: str) -> None:
    found = table(given_title(*TITLES[name]()), ON_TITLES, title_due)
    assert found == frozen("review-titles", name, found)
