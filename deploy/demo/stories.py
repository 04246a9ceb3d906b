"""The demo's cases, in one business time from September 2024 to the end of a title three years later."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from deploy.demo import companies as c
from deploy.demo.client import Refusal, User
from deploy.demo.filing import Filing
from deploy.demo.world import Enterprise, World

Step = Callable[[str, str], None]
FIGURES = {"code": "figures-inconsistent", "text": "与审计报告不一致", "clause": "附件2 第一条"}


@dataclass
class Outcome:
    """A case as the summary shows it."""

    case: str
    name: str
    application: str
    state: str
    notes: list[str] = field(default_factory=list)


class Stories:
    """`step(case, words)` is called after each visible step."""

    def __init__(self, world: World, step: Step) -> None:
        self.world, self.step = world, step
        self.outcomes: list[Outcome] = []
        self.enterprises: dict[str, Enterprise] = {}
        self.filings: dict[str, Filing] = {}

    async def run(self) -> list[Outcome]:
        await self._prepare()
        await self._september()
        await self._lists_of_tier_one()
        await self._second_tier()
        await self._titles_end()
        return self.outcomes

    def filing(self, name: str, enterprise: str, kind: str, tier: str | None, window: str, form: str) -> Filing:
        made = self.filings[name] = Filing(self.world, self.enterprises[enterprise], kind, tier, window, form)
        return made

    def done(self, case: str, name: str, filing: Filing, state: str, *notes: str) -> None:
        self.outcomes.append(Outcome(case, name, filing.application, state, list(notes)))

    # Before anybody files.

    async def _prepare(self) -> None:
        world = self.world
        await world.appoint_all()
        self.step("0", "任命县、市、省三级人员")
        await world.move_to("2024-09-09 09:00")
        self.step("0", "业务时间移至 2024-09-09")
        await self._windows()
        self.step("0", "维护申报时间")
        people = {
            "nanjing": (c.NANJING, None), "xiamen": (c.XIAMEN, None), "failing": (c.FAILING, None),
            "early": (c.EARLY, None), "late": (c.LATE, None), "misplaced": (c.MISPLACED, "320102"),
            "corrected": (c.CORRECTED, "320102"),
        }  # fmt: skip
        made = await asyncio.gather(*(world.enterprise(company, region) for company, region in people.values()))
        self.enterprises = dict(zip(people, made, strict=True))
        self.step("0", "七家示例企业注册、实名认证、完善信息")

    async def _windows(self) -> None:
        js, xm = {"authority": "320000", "regions": ["320000"]}, {"authority": "350200", "regions": ["350200"]}
        open_window = self.world.open_window
        await open_window(
            "pool", "js-windows", "pool_entry", None, "2024", title="江苏省 2024 年度入库填报",
            closes="2024-12-31 17:00", form="jiangsu-pool", **js,
        )  # fmt: skip
        await open_window(
            "js-innovative", "js-windows", "declaration", "innovative", "2024.2", title="江苏省 2024 年度第二批创新型中小企业",
            closes="2024-11-30 17:00", form="innovative-2022", pack="innovative@2022-63", **js,
        )  # fmt: skip
        await open_window(
            "js-srdi", "js-windows", "declaration", "srdi", "2024.2", title="江苏省 2024 年度第二批专精特新中小企业",
            closes="2024-10-11 17:00", form="jiangsu-srdi-2022", pack="srdi@2022-63", **js,
        )  # fmt: skip
        await open_window(
            "xm-innovative", "xm-windows", "declaration", "innovative", "2024.3", title="厦门市 2024 年第三批创新型中小企业",
            closes="2024-11-30 17:00", form="innovative-2022", pack="innovative@2022-63", **xm,
        )  # fmt: skip

    # 9 September 2024 and the days after.

    async def _september(self) -> None:
        await self._case_1_first_steps()
        await asyncio.gather(
            self._case_2_county(), self._case_3(), self._case_4_early(), self._case_4_late(), self._case_5_transfer(),
            self._case_5_region(),
        )  # fmt: skip

    async def _case_1_first_steps(self) -> None:
        nanjing = self.enterprises["nanjing"]
        await nanjing.user.post(f"/assessment/digital/{nanjing.id}", {"industry": "3484", "answers": digital_answers()})
        self.step("1", "完成数字化水平评测")
        srdi = self.filing("srdi", "nanjing", "declaration", "srdi", "js-srdi", "jiangsu-srdi-2022")
        await srdi.draft()
        missing = await refused(srdi.submit())
        assert len(missing) == 2, missing
        self.step("1", f"专精特新提交被拒，一次说明：{'；'.join(missing)}")
        pool = self.filing("pool", "nanjing", "pool_entry", None, "pool", "jiangsu-pool")
        await pool.draft()
        await pool.submit()
        await pool.approve("js-county", "入库信息属实，同意入库。")
        self.done("1a", "江苏 入库", pool, await until(pool, "approved"))
        self.step("1", "入库：县级审核通过")
        innovative = self.filing(
            "js-innovative", "nanjing", "declaration", "innovative", "js-innovative", "innovative-2022"
        )
        await innovative.draft()
        await innovative.submit()
        await innovative.approve("js-county", "材料齐全，同意推荐。")
        await innovative.approve("js-city", "符合评价标准。")
        self.step("1", "创新型：县级、市级审核通过，等待公示")

    async def _case_2_county(self) -> None:
        filing = self.filing("xiamen", "xiamen", "declaration", "innovative", "xm-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit()
        await filing.approve("xm-county", "审核通过。", site_check="现场生产与申报一致。")
        self.step("2", "厦门：区级审核、实地抽查通过")

    async def _case_3(self) -> None:
        filing = self.filing("failing", "failing", "declaration", "innovative", "js-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit()
        officer = filing.officer("js-county")
        score = await scored(filing, officer)
        await filing.start("js-county")
        reason = {"code": "below-standard", "text": f"评分 {score['high']} 分，未达 60 分", "clause": "附件1"}
        await officer.post(f"{filing.case}/rejection", {"reasons": [reason]})
        filing.user.saw(officer)
        shown = await filing.user.get(f"/assessment/scores/{filing.enterprise.id}/{filing.application}")
        weakest = [i["label"] for i in indicators(shown) if i.get("points") in ("0", 0)]
        self.done(
            "3", "未达标准，不予通过", filing, await until(filing, "rejected"), f"得分 {score['high']}", *weakest[:3]
        )
        self.step("3", f"评分 {score['high']} 分，未达标准，不予通过，逐项说明")

    async def _case_4_early(self) -> None:
        filing = self.filing("early", "early", "declaration", "innovative", "js-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit()
        await filing.withdraw("发现研发费用填写有误")
        self.done("4a", "审核前撤回", filing, await until(filing, "withdrawn"))
        self.step("4", "审核开始前撤回：成功")

    async def _case_4_late(self) -> None:
        filing = self.filing("late", "late", "declaration", "innovative", "js-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit()
        officer = await filing.start("js-county")
        try:
            await filing.withdraw("想再修改")
            note = "撤回请求被退回：审核已开始"
        except Refusal as refusal:
            note = f"撤回被拒：{refusal.problem.get('detail', refusal.code)}"
        filing.user.saw(officer)
        self.done("4b", "审核开始后撤回被拒", filing, await until(filing, "in_review"), note)
        self.step("4", "审核开始后撤回：被拒，并说明由谁决定")

    async def _case_5_transfer(self) -> None:
        filing = self.filing("misplaced", "misplaced", "declaration", "innovative", "js-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit(region="320102")
        officer = await filing.start("js-county")
        await officer.post(f"{filing.case}/transfer", {"region": "320104", "reason": "企业注册地在秦淮区"})
        filing.user.saw(officer)
        self.world.officers["js-county-other"].saw(officer)
        await filing.approve("js-county-other", "审核通过。")
        self.done("5a", "注册地有误，移送", filing, await until(filing, "in_review"), "玄武区 → 秦淮区")
        self.step("5", "注册地有误：移送秦淮区后审核通过")

    async def _case_5_region(self) -> None:
        filing = self.filing("corrected", "corrected", "declaration", "innovative", "js-innovative", "innovative-2022")
        await filing.draft()
        await filing.submit(region="320102")
        await filing.send_back("js-county", {"code": "region-wrong", "text": "注册地应为秦淮区", "field": "region"})
        await until(filing, "returned")
        await filing.save({"region": "320104"})
        await filing.submit(region="320104")
        await filing.approve("js-county-other", "注册地已更正，审核通过。")
        self.done("5b", "退回更正注册地，重新走流程", filing, await until(filing, "in_review"), "第 2 轮，新辖区首级")
        self.step("5", "另一件：退回更正注册地，按新辖区从首级重新审核")

    # Public notice and titles of the first tier.

    async def _lists_of_tier_one(self) -> None:
        world = self.world
        js, xm = self.filings["js-innovative"], self.filings["xiamen"]
        await publish(js, "js-city-publisher", "320000/320100/2024.2/notice", "city", "innovative")
        await publish(xm, "xm-county-publisher", "350200/350203/2024.3/notice", "county", "innovative")
        self.step("2", "区级公示五个工作日")
        await world.move_to("2024-09-20 09:00")
        place = "320000/320100/2024.2/announcement"
        await announce(js, "js-city-publisher", place, "city", "innovative", "宁工信示例〔2024〕8号")
        place = "350200/350200/2024.3/announcement"
        await announce(xm, "xm-city-publisher", place, "city", "innovative", "厦工信示例〔2024〕15号")
        self.done("2", "厦门 创新型", xm, await until(xm, "approved"))
        self.step("2", "市局公布，取得创新型中小企业称号")
        state = await until(js, "approved")
        officer = js.officer("js-province")
        await officer.post(f"{js.case}/record", {"document": "苏示例备〔2024〕3号"})
        self.done("1b", "江苏 创新型", js, state, "省级备案")
        self.step("1", "创新型：市级公示、公告，省级备案")

    # The second tier: returned, the window closes, corrected, approved at three levels.

    async def _second_tier(self) -> None:
        filing, world = self.filings["srdi"], self.world
        await title_noted(filing)
        await filing.save({})
        await filing.submit()
        self.step("1", "专精特新：提交")
        await filing.send_back(
            "js-county",
            {**FIGURES, "field": "rd_expense_y1"},
            {"code": "evidence-missing", "text": "请补充细分市场说明", "field": "market_share_statement"},
        )
        await until(filing, "returned")
        self.step("1", "县级退回：两项，逐项写明原因")
        await world.move_to("2024-10-14 09:00")
        await filing.save({"rd_expense_y1": "372.50", "market_share_statement": "省内前三，依据行业协会统计。"})
        await filing.submit()
        self.step("1", "申报时间已结束，退回的仍可修改并重新提交")
        await filing.approve("js-county", "已更正，同意推荐。", site_check="产线与研发台账属实。")
        await filing.approve("js-city", "同意推荐。")
        await filing.approve("js-province", "符合认定条件。")
        self.step("1", "县级（实地抽查）、市级、省级依次通过")
        await publish(filing, "js-province-publisher", "320000/320000/2024.2/notice", "province", "srdi")
        await world.move_to("2024-10-22 09:00")
        place = "320000/320000/2024.2/announcement"
        await announce(filing, "js-province-publisher", place, "province", "srdi", "苏工信示例〔2024〕21号")
        state = await until(filing, "approved")
        inbox = await filing.user.get("/notifications/inbox/latest")
        self.done("1", "江苏 专精特新", filing, state, f"未读消息 {inbox.get('unread', '')}")
        self.step("1", "公示五个工作日、公告，取得专精特新称号")

    # Three years later.

    async def _titles_end(self) -> None:
        filing = self.filings["xiamen"]
        title = await titled(filing, "innovative")
        for moment, words in expiry_days(title["valid_to"]):
            await self.world.move_to(moment)
            await until_register(filing, words)
            self.step("6", words)
        self.done("6", "厦门称号到期", filing, str((await titled(filing, "innovative"))["status"]))


def digital_answers() -> dict[str, Any]:
    """A factory at level two: information systems rule its main scenes, most machines are still on their own."""
    questions = {
        "q1": ["a", "b"], "q2": "d", "q3": "c", "q4": list("abcdefghi"), "q5": "c", "q6": list("abc"),
        "q7": list("ab"), "q8": "c", "q9": list("abc"), "q10": list("abc"), "q11": "b", "q12": "better",
        "q13": "better", "q14": "better", "q15": "equal",
    }  # fmt: skip
    scenes = [
        "product_design",
        "process_design",
        "marketing",
        "after_sales",
        "scheduling",
        "production_control",
        "quality_control",
        "equipment_management",
        "work_safety",
        "energy",
        "purchasing",
        "warehousing",
        "finance",
        "human_resources",
        "office",
        "decision_support",
    ]
    return questions | {f"scene_{name}": 2 if n < 10 else 1 for n, name in enumerate(scenes)}


async def refused(attempt: Any) -> list[str]:
    try:
        await attempt
    except Refusal as refusal:
        return refusal.details
    raise AssertionError("this should have been refused")


async def until(filing: Filing, status: str) -> str:
    """Wait until the enterprise sees this state; what it sees in the end."""
    seen = ""
    for _ in range(600):
        seen = await filing.status()
        if seen == status:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"{filing.path}: expected {status}, still {seen}")


def indicators(score: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = score["result"]["indicators"]
    return found


async def scored(filing: Filing, officer: User) -> dict[str, Any]:
    """The score as the officer sees it, once the assessment has made it."""
    for _ in range(600):
        case = await filing.at_review(officer)
        if case.get("score"):
            return dict(case["score"])
        await asyncio.sleep(0.05)
    raise AssertionError("no score arrived")


async def publish(filing: Filing, name: str, place: str, level: str, tier: str) -> None:
    """Freeze a list of this one case, wait for its answer, start the public notice."""
    officer = filing.officer(name)
    member = {"case": filing.application, "enterprise": filing.enterprise.id}
    await officer.post(f"/review/lists/{place}/freezing", {"level": level, "tier": tier, "members": [member]})
    await list_status(officer, place, "frozen")
    await officer.post(f"/review/lists/{place}/publication", {})
    await list_status(officer, place, "published")


async def announce(filing: Filing, name: str, place: str, level: str, tier: str, document: str) -> None:
    """Once the notice has ended by the clock: the announcement's list, frozen and announced."""
    officer = filing.officer(name)
    await at_duty(filing, officer, "announce")
    member = {"case": filing.application, "enterprise": filing.enterprise.id}
    await officer.post(f"/review/lists/{place}/freezing", {"level": level, "tier": tier, "members": [member]})
    await list_status(officer, place, "frozen")
    await officer.post(f"/review/lists/{place}/announcement", {"document": document})
    filing.user.saw(officer)


async def at_duty(filing: Filing, officer: User, duty: str) -> None:
    for _ in range(600):
        if (await filing.at_review(officer))["duty"] == duty:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the case does not wait for {duty}")


async def list_status(officer: User, place: str, status: str) -> None:
    seen: Any = None
    for _ in range(600):
        seen = await officer.get(f"/review/lists/{place}")
        if seen["status"] == status and not seen.get("working"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the list {place} is not {status}: {seen}")


async def title_noted(filing: Filing) -> None:
    """Wait until `applications` knows of the innovative title: the prerequisite of the next tier."""
    for _ in range(600):
        found = await filing.user.get(
            f"/applications/drafts/{filing.path}/check?region={filing.enterprise.company.region}"
        )
        if not found["refusals"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"still refused: {found['refusals']}")


async def titled(filing: Filing, tier: str) -> dict[str, Any]:
    return dict(await filing.user.get(f"/review/titles/{filing.enterprise.id}/{tier}"))


def expiry_days(valid_to: str) -> list[tuple[str, str]]:
    """Ninety, thirty and seven days before the end, and the day after it."""
    end = date.fromisoformat(valid_to)
    days = [(end - timedelta(days=n), f"称号将于 {n} 天后到期") for n in (90, 30, 7)]
    return [(f"{day} 09:00", words) for day, words in [*days, (end + timedelta(days=1), "称号到期")]]


async def until_register(filing: Filing, words: str) -> None:
    """Wait for the message (or the end) that this day brings."""
    for _ in range(600):
        title = await titled(filing, "innovative")
        due = [days for days in title["notices"] if f" {days} 天" in words]
        if (words == "称号到期" and title["status"] == "expired") or (words != "称号到期" and not due):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{words}: {title}")
