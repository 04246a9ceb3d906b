"""消息模板 as data: every one is well formed, and each that is not planned has a rule that uses it."""

import string
from typing import Any

import pytest

from libs.events.contracts.base import contract_of
from services.notifications.app import service
from tests.unit.notifications import samples
from tests.unit.notifications.kit import POLICIES

LABELS = next(p for p in POLICIES if p.kind == "labels").content
GROUPS = next(p for p in POLICIES if p.kind == "inbox").content["groups"]
TEMPLATES = [(p.content["group"], t) for p in POLICIES if p.kind == "templates" for t in p.content["templates"]]
TO_MANY = ("window-opened", "window-extended")
"""Announced to every enterprise of a region; there is no list of those yet."""


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(("group", "template"), TEMPLATES, ids=[t["code"] for _, t in TEMPLATES])
def test_a_template_uses_known_placeholders_and_a_known_event(group: str, template: dict[str, Any]) -> None:
    assert group in GROUPS
    assert template["audience"] in ("enterprise", "office")
    used = named(template["title"]) | named(template["body"]) | named(template["link"])
    assert used <= set(LABELS["placeholders"])
    if not template.get("planned"):
        source, name = template["event"].split(".")
        assert contract_of(source, name) is not None


def test_template_codes_are_unique() -> None:
    codes = [t["code"] for _, t in TEMPLATES]
    assert len(codes) == len(set(codes))


def test_every_template_that_is_not_planned_is_sent() -> None:
    sent = (
        {t for _, _, t in samples.TO_ENTERPRISE}
        | {t for _, t, _, _ in samples.TO_OFFICE}
        | {"pool-entry-approved", "office-handed-over"}
    )
    wanted = {t["code"] for _, t in TEMPLATES if not t.get("planned")}
    assert wanted - sent == set(TO_MANY)
    assert sent <= wanted


def test_a_template_is_sent_on_the_event_it_names() -> None:
    on = {t["code"]: t["event"] for _, t in TEMPLATES}
    for source, event, template in samples.TO_ENTERPRISE:
        assert on[template] == f"{source}.{type(event).__name__}"
    for case, template, _, _ in samples.TO_OFFICE:
        assert on[template] == f"review.{type(case).__name__}"
    assert on["office-handed-over"] == f"review.{type(samples.PASSED).__name__}"


def test_reactions_start_at_the_origin_and_have_names_of_their_own() -> None:
    names = [reaction.name for reaction in service.reactions]
    assert len(names) == len(set(names))
    assert {reaction.start for reaction in service.reactions} == {"origin"}
