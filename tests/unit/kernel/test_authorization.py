"""The one authorization function over its table: who, in which relation; and the filter of a list says the same."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from libs.events.contracts.actors import Office, covering
from libs.events.store.matching import matches
from libs.events.web.authorization import (
    Grant,
    NotPermitted,
    Relation,
    Table,
    Target,
    authorize,
    load_table,
    scope,
)
from libs.events.web.principals import ANYONE, NotSignedIn, Principal

NATION, JIANGSU, NANJING, XUANWU, XIAMEN = "000000", "320000", "320100", "320102", "350200"
OFFICER = Principal("official", "o", office=Office(JIANGSU, "city", NANJING, "reviewer"))
CENTRAL = Principal("official", "c", office=Office(NATION, "ministry", NATION, "reviewer"))
OWNER = Principal("account", "a", account_kind="legal", enterprise="e1")
UNVERIFIED = Principal("account", "b", account_kind="legal")
SEATLESS = Principal("official", "s")
PROVEN = Principal("official", "p", office=Office(JIANGSU, "county", XUANWU, "reviewer"), stepped_up=True)
EVERYBODY = (ANYONE, OFFICER, CENTRAL, OWNER, UNVERIFIED, SEATLESS, PROVEN)
HERE = Target("e1", JIANGSU, XUANWU)


def may(principal: Principal, target: Target, *grants: Grant) -> bool:
    try:
        authorize({"x.do": grants}, principal, "x.do", target)
    except (NotPermitted, NotSignedIn):
        return False
    return True


def test_an_action_without_a_row_is_permitted_to_nobody() -> None:
    assert not any(may(principal, HERE) for principal in EVERYBODY)


def test_an_owner_reaches_only_what_is_the_enterprises() -> None:
    own = Grant("account", "own")
    assert may(OWNER, HERE, own)
    assert not may(OWNER, Target("e2", JIANGSU, XUANWU), own)
    assert not may(UNVERIFIED, Target(None), own)
    assert not may(UNVERIFIED, HERE, own)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("e", JIANGSU, XUANWU), True), (Target("e", JIANGSU, NANJING), True), (Target("e", JIANGSU, "320200"), False),
        (Target("e", XIAMEN, XUANWU), False), (Target("e", JIANGSU, None), False), (Target("e", None, XUANWU), False),
    ],
)  # fmt: skip
def test_an_office_reaches_its_authoritys_cases_in_its_region(target: Target, expected: bool) -> None:
    covers = Grant("official", "covers")
    assert may(OFFICER, target, covers) is expected
    assert may(CENTRAL, target, covers) is (target.region is not None)


def test_roles_and_levels_narrow_a_grant() -> None:
    assert may(OFFICER, HERE, Grant("official", "covers", roles=("reviewer",), levels=("city",)))
    assert not may(OFFICER, HERE, Grant("official", "covers", roles=("window_manager",)))
    assert not may(OFFICER, HERE, Grant("official", "covers", levels=("province",)))
    assert not may(SEATLESS, HERE, Grant("official", "any"))
    assert may(SEATLESS, HERE, Grant("official", "any", seated=False))
    assert not may(OFFICER, HERE, Grant("official", "any", roles=("publisher",), seated=False))


def test_a_natural_person_is_not_a_legal_one_and_the_unverified_are_told_the_way() -> None:
    natural = Principal("account", "n", account_kind="natural", enterprise=None)
    table: Table = {"x.do": (Grant("account", "any", kind="legal", verified=True),)}
    with pytest.raises(NotPermitted, match="请先完成法人实名认证"):
        authorize(table, UNVERIFIED, "x.do", HERE)
    with pytest.raises(NotPermitted):
        authorize(table, natural, "x.do", HERE)
    authorize(table, OWNER, "x.do", HERE)


def test_somebody_without_a_token_is_asked_to_sign_in_and_the_hidden_stays_hidden() -> None:
    table: Table = {"x.do": (Grant("account", "own", hide=True),)}
    with pytest.raises(NotSignedIn):
        authorize(table, ANYONE, "x.do", HERE)
    with pytest.raises(NotPermitted) as found:
        authorize(table, OWNER, "x.do", Target("e2"))
    assert found.value.hidden


_GRANTS = st.builds(
    Grant,
    st.sampled_from(["anyone", "account", "official"]),
    st.sampled_from(["own", "covers", "same", "below", "above", "authority", "any"]),
    roles=st.sampled_from([(), ("reviewer",), ("window_manager",)]),
    levels=st.sampled_from([(), ("city",), ("ministry",)]),
    verified=st.booleans(),
    states=st.sampled_from([(), ("open",), ("open", "over")]),
    step_up=st.booleans(),
)
_TARGETS = st.builds(
    Target,
    st.sampled_from([None, "e1", "e2"]),
    st.sampled_from([None, JIANGSU, XIAMEN, NATION]),
    st.sampled_from([None, XUANWU, NANJING, JIANGSU, NATION, "320200", "350200z01"]),
    st.sampled_from([None, "open", "over"]),
)


@given(st.lists(_GRANTS, min_size=1, max_size=3), st.sampled_from(EVERYBODY), _TARGETS)
def test_a_list_holds_exactly_what_may_be_read_one_by_one(
    grants: list[Grant], principal: Principal, target: Target
) -> None:
    # What lies nowhere reaches no list.
    assume(principal.kind != "official" or target.region is not None)
    document = {
        "enterprise": target.enterprise,
        "authority": target.authority,
        "region": target.region,
        "covering": list(covering(target.region)) if target.region else [],
        "status": target.state,
    }
    listed = {name: value for name, value in document.items() if value}
    try:
        where = scope({"x.do": tuple(grants)}, principal, "x.do")
    except (NotPermitted, NotSignedIn):
        assert not may(principal, target, *grants)
        return
    assert matches(listed, where) == may(principal, target, *grants)


@pytest.mark.parametrize(
    ("relation", "reached"),
    [
        ("covers", {XUANWU, NANJING}), ("same", {NANJING}), ("below", {XUANWU}), ("above", {JIANGSU, NATION}),
        ("authority", {XUANWU, NANJING, JIANGSU, NATION, "320200"}),
    ],
)  # fmt: skip
def test_each_relation_reaches_its_places(relation: Relation, reached: set[str]) -> None:
    grant = Grant("official", relation)
    places = {XUANWU, NANJING, JIANGSU, NATION, "320200"}
    assert {place for place in places if may(OFFICER, Target("e", JIANGSU, place), grant)} == reached


def test_a_state_that_a_row_does_not_name_is_refused() -> None:
    grant = Grant("official", "covers", states=("open",))
    assert may(OFFICER, Target("e", JIANGSU, XUANWU, "open"), grant)
    assert not may(OFFICER, Target("e", JIANGSU, XUANWU, "over"), grant)
    assert not may(OFFICER, Target("e", JIANGSU, XUANWU), grant)


@pytest.mark.parametrize(
    ("principal", "target", "grant", "code"),
    [
        (OWNER, HERE, Grant("official"), "officials-only"),
        (OFFICER, HERE, Grant("account"), "accounts-only"),
        (SEATLESS, HERE, Grant("official"), "no-appointment"),
        (OFFICER, HERE, Grant("official", roles=("publisher",)), "role-not-allowed"),
        (OFFICER, HERE, Grant("official", levels=("county",)), "level-not-allowed"),
        (Principal("account", "n", account_kind="natural"), HERE, Grant("account", kind="legal"), "natural-person"),
        (UNVERIFIED, HERE, Grant("account", "own"), "not-verified"),
        (OWNER, Target("e2"), Grant("account", "own"), "not-your-enterprise"),
        (OFFICER, Target("e", XIAMEN, "350203"), Grant("official", "covers"), "other-authority"),
        (OFFICER, Target("e", JIANGSU, "320200"), Grant("official", "covers"), "outside-jurisdiction"),
        (OFFICER, Target("e", JIANGSU, XUANWU, "over"), Grant("official", "covers", states=("open",)), "state-not-allowed"),
        (OFFICER, HERE, Grant("official", "covers", step_up=True), "step-up-required"),
    ],
)  # fmt: skip
def test_every_denial_says_why(principal: Principal, target: Target, grant: Grant, code: str) -> None:
    with pytest.raises(NotPermitted) as found:
        authorize({"x.do": (grant,)}, principal, "x.do", target)
    assert found.value.code == code
    with pytest.raises(NotPermitted) as nothing:
        authorize({}, principal, "x.do", target)
    assert nothing.value.code == "no-such-action"


def test_the_nearest_grant_says_why_and_a_step_up_is_never_hidden() -> None:
    grants = (
        Grant("account", hide=True),
        Grant("official", "covers", levels=("county",)),
        Grant("official", "covers", step_up=True, hide=True),
    )
    with pytest.raises(NotPermitted) as found:
        authorize({"x.do": grants}, OFFICER, "x.do", HERE)
    assert (found.value.code, found.value.hidden) == ("step-up-required", False)
    authorize({"x.do": grants}, PROVEN, "x.do", HERE)
    with pytest.raises(NotPermitted) as far:
        authorize({"x.do": grants}, OFFICER, "x.do", Target("e", JIANGSU, "320200"))
    assert far.value.hidden


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "authorization.yaml"
    path.write_text("x.do: [{who: official, relation: everywhere}]")
    with pytest.raises(ValueError, match=r"authorization\.yaml.*everywhere"):
        load_table(path)
    path.write_text("x.do: [{who: official, role: reviewer}]")
    with pytest.raises(ValueError, match="role"):
        load_table(path)
