"""消息模板: finding the one in force for a code and filling it in. Texts and labels are policy data."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.times import CHINA, business_date, parse_time
from libs.events.decider import Policies, Policy
from services.notifications.domain.matters.state import MatterState

DAYS = ("starts", "ends", "valid_from", "valid_to", "until")
MOMENTS = ("received_at", "since", "deadline", "closes", "opens")


class Template(msgspec.Struct, frozen=True):
    """`kinds` are the filings it is for, none meaning all."""

    code: str
    group: str
    title: str
    body: str
    link: str
    importance: str
    kinds: Sequence[str]
    pin: PolicyPin


class Rendered(msgspec.Struct, frozen=True):
    title: str
    body: str
    link: str


def find(policies: Policies, code: str, authority: str, kind: str) -> Template | None:
    """The authority's own template of a code, else the national one."""
    ranked = sorted(policies.of_kind("templates"), key=lambda policy: policy.authority != authority)
    found = [
        _template(policy, entry)
        for policy in ranked
        if policy.authority in (authority, "national")
        for entry in policy.content["templates"]
        if entry["code"] == code
    ]
    return next((template for template in found if not template.kinds or kind in template.kinds), None)


def labels(policies: Policies, authority: str) -> Policy | None:
    """The names of levels, tiers and kinds, and the sentences that come and go."""
    known = {policy.authority: policy for policy in policies.of_kind("labels")}
    return known.get(authority, known.get("national"))


def _template(policy: Policy, entry: Mapping[str, Any]) -> Template:
    return Template(
        code=entry["code"],
        group=policy.content["group"],
        title=entry["title"],
        body=entry["body"],
        link=entry["link"],
        importance=entry["importance"],
        kinds=entry.get("kinds", ()),
        pin=policy.pin,
    )


def render(template: Template, facts: Mapping[str, str], matter: MatterState, names: Mapping[str, Any]) -> Rendered:
    """Placeholders without a value stay empty; a value is never taken for a placeholder."""
    words = _Words(values(facts, matter, names))
    return Rendered(template.title.format_map(words), template.body.format_map(words), template.link.format_map(words))


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def values(facts: Mapping[str, str], matter: MatterState, names: Mapping[str, Any]) -> dict[str, str]:
    """Every placeholder in words; what the event says goes before what is known of the matter."""
    tier = facts.get("tier") or matter.tier or ""
    known = {
        "enterprise": matter.enterprise_name,
        "filing": filing_name(matter, names),
        "region": matter.name_of(matter.region),
    }
    said = {name: _in_words(name, value, matter, names) for name, value in facts.items()}
    return {
        **known,
        **said,
        "tier": names["tiers"].get(tier, tier),
        "tier_code": tier,
        "next": _next(facts, matter, names),
    }


def filing_name(matter: MatterState, names: Mapping[str, Any]) -> str:
    """2024年第2批创新型中小企业申报."""
    tier = matter.tier or ""
    return (
        f"{_batch(matter.batch, names)}{names['tiers'].get(tier, tier)}{names['kinds'].get(matter.kind, matter.kind)}"
    )


def _batch(batch: str, names: Mapping[str, Any]) -> str:
    """`2024` and `2024.2` in words; a batch that is already words stays."""
    found = re.fullmatch(r"(\d{4})(?:\.(\d{1,2}))?", batch)
    if found is None:
        return batch
    year, n = found.groups()
    return str(names["batch"]["nth" if n else "year"]).format_map({"year": year, "n": n})


def _in_words(name: str, value: str, matter: MatterState, names: Mapping[str, Any]) -> str:
    if name == "level":
        return str(names["levels"].get(value, value))
    if name in ("region", "before"):
        return matter.name_of(value)
    if name in DAYS or name in MOMENTS:
        return _sentence(name, _when(name, value), names)
    return value


def _when(name: str, value: str) -> str:
    if not value:
        return ""
    if name in DAYS:
        return day_text(date.fromisoformat(value))
    moment = parse_time(value)
    return f"{day_text(business_date(moment))}{moment.astimezone(CHINA):%H:%M}"


def _sentence(name: str, text: str, names: Mapping[str, Any]) -> str:
    """A deadline or a ban is said in a sentence of its own, and not at all when there is none."""
    return names[name].format_map({name: text}) if text and name in names else text


def _next(facts: Mapping[str, str], matter: MatterState, names: Mapping[str, Any]) -> str:
    """What follows an approval: the next level, else the first duty that the route still has."""
    ways = names["next"]
    if level := facts.get("next_level"):
        return str(ways["review"]).format_map({"level": names["levels"].get(level, level)})
    if facts.get("next_level") is None:
        return ""
    return str(next((ways[duty] for duty in matter.duties if duty in ways), ways["done"]))


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
