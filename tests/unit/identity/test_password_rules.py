"""语境词, breached passwords, 定期更换: what is asked of a password beside its form."""

from hashlib import sha1
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.events.decider import Policies
from libs.events.ids import make_id
from libs.events.policies import PublishPolicy, read_policy_file
from services.identity.breached import BreachedPasswords
from services.identity.domain.accounts.passwords import PasswordFromContext, context_refusals, password_rules
from services.identity.settings import Settings
from tests.unit.identity.kit import NOW, POLICIES
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, REGISTRATION, on_stage, registered, staged

IN_FORCE = Policies(POLICIES, NOW)
RULES = Path(__file__).parents[3] / "services/identity/policy/accounts/passwords.yaml"


@pytest.mark.parametrize(
    "password",
    ["Tidu@2024!", "tidu-srdi-2024", "专精特新2024!a", "Xiaojuren#1", "ZJTX-abc-2024", "梯度培育ab-12", "T1du-Tidu-9!", "13800138000!a",
     "13800138000@Tidu"],
)  # fmt: skip
def test_a_word_of_the_context_with_little_beside_is_refused_with_the_reason(password: str) -> None:
    [refusal] = context_refusals(password, ["13800138000"], IN_FORCE)
    assert isinstance(refusal, PasswordFromContext)
    assert refusal.detail and refusal.way_out and refusal.rule


@pytest.mark.parametrize("password", ["Lantern-tidu-7", "Right-pass-1", "Orbit-13800138000", "abc-de-12345"])
def test_beside_enough_else_it_is_allowed(password: str) -> None:
    assert context_refusals(password, ["13800138000", "abc", "de"], IN_FORCE) == []


@on_stage
async def test_registration_refuses_it_and_the_measure_of_strength_says_so_before(stage: Stage) -> None:
    shown = await stage.browser().post("/passwords/strength", {"password": "Xiaojuren#2024"})
    assert [one["code"] for one in shown.json()["refusals"]] == ["identity.password-from-context"]
    for password in ("Xiaojuren#2024", "13800138000#a", "someone@2024#"):
        answer = await stage.browser().post("/accounts", REGISTRATION | {"password": password})
        assert (answer.status_code, answer.json()["code"]) == (422, "identity.password-from-context")


def listed(tmp_path: Path, *passwords: str, counted: bool = True) -> Path:
    hashes = sorted(sha1(one.encode()).hexdigest().upper() for one in passwords)
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{one}:7\n" if counted else f"{one}\n" for one in hashes), encoding="ascii")
    return path


@pytest.mark.parametrize("counted", [True, False])
def test_every_hash_of_a_sorted_file_is_found_and_no_other(tmp_path: Path, counted: bool) -> None:
    passwords = [f"Breached-{n}" for n in range(500)]
    found = BreachedPasswords(listed(tmp_path, *passwords, counted=counted))
    assert all(one in found for one in passwords)
    assert not any(f"Unknown-{n}" in found for n in range(500))


def test_a_file_that_is_no_such_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("password\n123456\n", encoding="ascii")
    with pytest.raises(ValueError, match="not a sorted list"):
        BreachedPasswords(path)
    with pytest.raises(ValueError, match="breached_passwords"):
        Settings(breached_passwords=tmp_path / "none.txt")


def test_where_the_operator_sets_a_larger_list_it_counts_for_everybody(tmp_path: Path) -> None:
    password = "Quiet-harbour-31"

    @staged(breached_passwords=listed(tmp_path, password, "another"))
    async def with_list(stage: Stage) -> None:
        refused = await stage.browser().post("/accounts", REGISTRATION | {"password": password})
        assert (refused.status_code, refused.json()["code"]) == (422, "identity.password-breached")
        browser = await registered(stage)
        answer = await browser.post("/me/password", {"password": PASSWORD, "new_password": password})
        assert answer.json()["code"] == "identity.password-breached"

    @on_stage
    async def without(stage: Stage) -> None:
        assert (await stage.browser().post("/accounts", REGISTRATION | {"password": password})).status_code == 201

    with_list()
    without()


async def signed_in(stage: Stage, password: str = PASSWORD) -> tuple[Browser, Any]:
    browser = stage.browser()
    answer = await browser.sign_in("xiamen01", password)
    assert answer.status_code == 200, answer.text
    return browser, answer.json().get("password_renewal")


async def published(stage: Stage, days: int) -> None:
    """As an operator does who wants passwords renewed: another text of the policy."""
    text = read_policy_file(RULES)
    changed = msgspec.structs.replace(
        text, text=text.text.replace("renewal_days: null", f"renewal_days: {days}"), effective_from="2024-05-01"
    )
    now, actor = stage.runtime.business.now(), stage.runtime.actor
    await stage.runtime.handle(PublishPolicy(make_id("renewal"), now, actor, changed, changed.sha256))
    await stage.runtime.settle()


@on_stage
async def test_nobody_is_asked_to_renew_a_password_unless_the_operator_wants_it(stage: Stage) -> None:
    await registered(stage)
    stage.wall.pass_seconds(1000 * 86_400)
    assert password_rules(IN_FORCE)["renewal_days"] is None
    assert (await signed_in(stage))[1] is None


@on_stage
async def test_where_the_operator_wants_it_signing_in_says_how_old_the_password_is(stage: Stage) -> None:
    await published(stage, days=90)
    await registered(stage)
    stage.wall.pass_seconds(89 * 86_400)
    assert (await signed_in(stage))[1] is None
    stage.wall.pass_seconds(86_400)
    browser, told = await signed_in(stage)
    assert (told["days"], told["limit_days"]) == (90, 90) and told["way_out"]
    new = "Lantern-77-orbit"
    assert (await browser.post("/me/password", {"password": PASSWORD, "new_password": new})).status_code == 201
    assert (await signed_in(stage, new))[1] is None
