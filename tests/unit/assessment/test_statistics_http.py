"""统计 over HTTP: counts by pack and region within the asker's jurisdiction, and whom a corrected pack touches."""

from typing import Any

import msgspec

from libs.events.ids import make_id
from libs.events.policies import PublishPolicy, read_policy_file
from services.assessment.projections import verdicts
from tests.unit.applications.shell import Stage, official
from tests.unit.assessment import kit
from tests.unit.assessment.samples import POLICY, SRDI
from tests.unit.assessment.stage import open_stage
from tests.unit.assessment.test_flow import SUBMITTED, folded

WUXI, NANJING = "320205", "320102"


async def file(stage: Stage, application: str, region: str = "320505", **changes: Any) -> None:
    told = {"application": application, "enterprise": application * 4, "region": region, "round": 1}
    await stage.runtime.hear("applications", msgspec.structs.replace(SUBMITTED, **(told | changes)))


async def filed() -> Stage:
    stage = await open_stage()
    await file(stage, "a" * 8)
    await file(stage, "b" * 8, answers=dict(SRDI) | {"market_years": 1})
    await file(stage, "c" * 8, region=WUXI, answers=dict(SRDI) | {"rd_staff": 0, "net_profit_y1": "0.00"})
    await file(stage, "d" * 8, region=WUXI, pack=None)
    await file(stage, "e" * 8, region=NANJING, pack=kit.pin_of("innovative@2022-63"))
    return stage


async def test_verdicts_are_counted_by_pack_and_region() -> None:
    stage = await filed()
    items = (await stage.get("/statistics/scores", who="province"))["items"]
    counts = {(one["pack"], one["region"]): [one[n] for n in ("pass", "fail", "open", "declined")] for one in items}
    assert counts == {
        (None, WUXI): [0, 0, 0, 1], ("innovative@2022-63", NANJING): [1, 0, 0, 0],
        ("srdi@2022-63", "320505"): [1, 1, 0, 0], ("srdi@2022-63", WUXI): [0, 0, 1, 0],
    }  # fmt: skip
    by_city = (await stage.get("/statistics/scores?by=city&pack=srdi@2022-63", who="province"))["items"]
    assert [(one["region"], one["pass"], one["fail"], one["open"]) for one in by_city] == [
        ("320200", 0, 0, 1), ("320500", 1, 1, 0),
    ]  # fmt: skip
    [whole] = (await stage.get("/statistics/scores?by=province&pack=srdi@2022-63", who="province"))["items"]
    assert (whole["region"], whole["pass"], whole["fail"], whole["open"]) == ("320000", 1, 1, 1)


async def test_an_official_counts_what_lies_in_his_jurisdiction_and_nobody_else_counts() -> None:
    stage = await filed()
    stage.people["xiamen"] = official("province", authority="350200", region="350200")
    assert {one["region"] for one in (await stage.get("/statistics/scores", who="city"))["items"]} == {"320505"}
    assert (await stage.get("/statistics/scores", who="xiamen"))["items"] == []
    for path in ("/statistics/scores", "/packs/srdi@2022-63/touched"):
        for who, status in (("owner", 403), ("public", 401)):
            assert (await stage.ask("GET", path, who=who)).status_code == status


async def test_the_latest_submission_counts_and_a_correction_is_counted() -> None:
    stage = await filed()
    await file(stage, "b" * 8, round=2)
    path = f"/scores/{'c' * 32}/{'c' * 8}/corrections"
    body = {"answers": {"rd_staff": 16, "net_profit_y1": "450.00"}, "reason": "经核对"}
    assert (await stage.ask("POST", path, body, who="province")).status_code == 201
    items = (await stage.get("/statistics/scores?pack=srdi@2022-63", who="province"))["items"]
    assert [(one["region"], one["pass"], one["fail"], one["corrected"]) for one in items] == [
        (WUXI, 1, 0, 1), ("320505", 2, 0, 0),
    ]  # fmt: skip


async def test_a_corrected_pack_lists_whom_it_touches_with_both_verdicts_until_each_is_corrected() -> None:
    """The text that the scores have pinned, and the one in force now; nothing is changed by looking."""
    stage = await filed()
    assert (await stage.get("/packs/srdi@2022-63/touched", who="province"))["items"] == []
    await publish_corrected(stage)
    found = await stage.get("/packs/srdi@2022-63/touched", who="province")
    assert [(one["application"][0], one["before"]["verdict"], one["now"]["verdict"]) for one in found["items"]] == [
        ("a", "pass", "open"), ("b", "fail", "fail"), ("c", "open", "fail"),
    ]  # fmt: skip
    assert found["changed"] == 2 and [one["changed"] for one in found["items"]] == [True, False, True]
    first = (await stage.get("/packs/srdi@2022-63/touched?size=1", who="province"))["items"]
    rest = (await stage.get(f"/packs/srdi@2022-63/touched?after={first[0]['application']}", who="province"))["items"]
    assert [one["application"][0] for one in first + rest] == ["a", "b", "c"]
    body = {"current_text": True, "reason": "标准文本更正"}
    path = f"/scores/{'a' * 32}/{'a' * 8}/corrections"
    answer = await stage.ask("POST", path, body, who="city")
    assert answer.json()["verdict"] == "open", answer.text
    left = (await stage.get("/packs/srdi@2022-63/touched", who="province"))["items"]
    assert [one["application"][0] for one in left] == ["b", "c"]
    assert (await stage.ask("GET", "/packs/luck/touched", who="province")).status_code == 404


async def publish_corrected(stage: Stage) -> None:
    """A text of the same pack in which 75 points are asked for."""
    text = read_policy_file(POLICY / "packs" / "srdi-2022-63.yaml")
    assert "pass_at: 60" in text.text
    text = msgspec.structs.replace(text, text=text.text.replace("pass_at: 60", "pass_at: 75"))
    now = stage.runtime.business.now()
    await stage.runtime.handle(PublishPolicy(make_id("corrected"), now, stage.runtime.actor, text, text.sha256))
    await stage.runtime.settle()


def test_a_transfer_moves_where_an_application_counts() -> None:
    history = kit.scored(kit.submit(), kit.move("320602"))
    assert folded(verdicts, history, f"score-{kit.ENTERPRISE}-{kit.CASE}")["region"] == "320602"
    assert verdicts.apply(None, kit.recorded(kit.scored(kit.move())[0], "score-e-c")) is None


def test_a_late_word_of_an_earlier_round_changes_nothing() -> None:
    history = kit.scored(kit.submit(2))
    late = kit.given_score(*history).when(kit.submit(1, pack=None)).events
    document = folded(verdicts, [*history, *late], f"score-{kit.ENTERPRISE}-{kit.CASE}")
    assert (document["round"], document["verdict"]) == (2, "pass")
