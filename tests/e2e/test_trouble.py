"""Services killed, Kafka taken away, the store taken away: what was accepted stays, what was not is told."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.client import Refusal, User
from deploy.demo.companies import PASSWORD, Company
from deploy.demo.filing import PDF, Filing
from deploy.demo.stories import digital_answers
from deploy.demo.world import Enterprise
from deploy.local.stack import Stack
from libs.events.contracts.base import SERVICES
from tests.e2e.asking import Caller, refused
from tests.e2e.tale import Tale, assert_sound

COMMANDS = 8
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Order:
    """A command with the key that makes its repetition safe."""

    user: User
    method: str
    path: str
    body: dict[str, Any] | None
    key: str

    async def send(self) -> dict[str, Any]:
        answer = await self.user._request(self.method, self.path, json=self.body, headers={"Idempotency-Key": self.key})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


async def orders(service: str, tale: Tale, newcomer: Enterprise) -> list[Order]:
    """Commands of one service that can all be accepted, in any order."""
    own = newcomer.user
    match service:
        case "identity":
            body = newcomer.company.registration
            made = [
                (own, "POST", "/identity/accounts", body | {"login": f"kill{n:04d}", "phone": f"1380001{n:04d}"})
                for n in range(COMMANDS)
            ]
        case "applications":
            profile, path = newcomer.company.profile(), f"/applications/enterprises/{newcomer.id}/profile"
            made = [(own, "PUT", path, profile | {"segment": f"精密零部件{n}"}) for n in range(COMMANDS)]
        case "assessment":
            body = {"industry": "3484", "answers": digital_answers()}
            made = [(own, "POST", f"/assessment/digital/{newcomer.id}", body) for _ in range(COMMANDS)]
        case "review":
            body = {
                "enterprise_name": "示例", "authority": "320000", "region": "320102", "origin": "国家平台",
                "document": "示例〔2026〕1号", "valid_from": "2026-07-01", "valid_to": "2029-06-30",
            }  # fmt: skip
            publisher = tale.officer("js-province-publisher")
            made = [
                (publisher, "POST", f"/review/titles/{uuid4().hex}/innovative/import", body) for _ in range(COMMANDS)
            ]
        case _:
            reader = tale.stories.enterprises["nanjing"].user
            page = (await reader.get("/notifications/inbox"))["messages"]
            found = [message for message in page if not message["read"]][:COMMANDS]
            made = [(reader, "POST", f"/notifications/messages/{m['message']}/read", None) for m in found]
    return [Order(*one, key=uuid4().hex) for one in made]


async def eventually(true: Callable[[], Awaitable[bool]], what: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():
            await asyncio.sleep(0.1)


async def test_killed_services_come_back_and_no_command_is_lost_or_doubled(tale: Tale, newcomer: Enterprise) -> None:
    """One after the other, each in the middle of its own commands, while those of all services flow."""
    stack, restarts = tale.stack, tale.stack.restarts
    given = {service: await orders(service, tale, newcomer) for service in SERVICES}
    flows = {service: asyncio.create_task(killed_in_the_middle(stack, service, given[service])) for service in SERVICES}
    first = {service: await flow for service, flow in flows.items()}

    async def restarted() -> bool:
        return all(stack.restarts[service] > restarts[service] for service in SERVICES)

    await eventually(restarted, "the supervisor to notice")
    for service in SERVICES:
        await stack.until(service)
        assert len({receipt["command"] for receipt in first[service]}) == COMMANDS
        assert await asyncio.gather(*(order.send() for order in given[service])) == first[service]


async def killed_in_the_middle(stack: Stack, service: str, given: list[Order]) -> list[dict[str, Any]]:
    """The receipts in order. The kill comes when some commands are answered and others are under way."""
    await asyncio.sleep(0.5 * SERVICES.index(service))
    sending = [asyncio.create_task(order.send()) for order in given[: COMMANDS // 2]]
    await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    sending += [asyncio.create_task(order.send()) for order in given[COMMANDS // 2 :]]
    await asyncio.sleep(0)
    os.kill(stack.pids[service], signal.SIGKILL)
    return await asyncio.gather(*sending)


@asynccontextmanager
async def without(stack: Stack, part: str) -> AsyncIterator[None]:
    await stack.hold(part)
    try:
        yield
    finally:
        await stack.release(part)


async def test_without_kafka_enterprises_go_on_and_everything_arrives_later(
    tale: Tale, call: Caller, newcomer: Enterprise, draft: Filing, filed: Filing
) -> None:
    officer, path = tale.officer("js-county"), f"/applications/drafts/{draft.path}"
    await draft.save({})
    shown = (await call(draft.user, "GET", path)).json()
    async with without(tale.stack, "kafka"):
        profile = newcomer.company.profile() | {"segment": "离线零部件"}
        changed = await call(newcomer.user, "PUT", f"/applications/enterprises/{newcomer.id}/profile", json=profile)
        assert changed.status_code == 201, changed.text
        answers, seen = shown["answers"] | {"main_product_name": "离线齿轮"}, {"If-Match": f'"{shown["version"]}"'}
        saved = await call(draft.user, "PUT", path, json={"answers": answers}, headers=seen)
        assert saved.status_code == 200, saved.text
        body = {"version": saved.json()["version"], "region": "320102"}
        submitted = await call(draft.user, "POST", f"{path}/submission", json=body)
        assert submitted.status_code == 201, submitted.text
        draft.application = submitted.json()["application"]

        async def opened() -> bool:
            return (await call(officer, "GET", draft.case, may_fail=True)).status_code == 200

        async def unsure() -> bool:
            nonlocal answer
            answer = await call(officer, "POST", f"{filed.case}/take-over", may_fail=True)
            return answer.status_code == 503

        answer = httpx.Response(200)
        await eventually(unsure, "officials to be told that their standing cannot be known")
        problem = refused(answer, 503, "platform.unavailable")
        assert answer.headers["retry-after"] and problem["way_out"]
        filing = await call(draft.user, "GET", f"/applications/filings/{draft.path}")
        assert filing.json()["status"] == "submitted"
    await eventually(opened, "the case to be opened")
    case = (await call(officer, "GET", draft.case)).json()
    assert (case["status"], case["level"]) == ("waiting", "county")
    again = await call(newcomer.user, "GET", f"/applications/enterprises/{newcomer.id}")
    assert again.json()["profile"]["segment"] == "离线零部件"


async def test_without_the_store_everything_is_told_to_come_back_and_nothing_is_half_done(
    tale: Tale, call: Caller, newcomer: Enterprise, filed: Filing
) -> None:
    user, path = newcomer.user, f"/applications/enterprises/{newcomer.id}/profile"
    drafts = f"/applications/drafts/{filed.path}"
    before, version = (await filed.user.get(drafts)), await versions(call, newcomer)
    body, key = newcomer.company.profile() | {"segment": "断电零部件"}, uuid4().hex
    session = {"login": newcomer.company.login, "password": PASSWORD}
    seen = {"If-Match": f'"{before["version"]}"'}
    async with without(tale.stack, "store"):
        answers = await asyncio.gather(
            call(user, "PUT", path, json=body, key=key, may_fail=True),
            call(user, "POST", f"/assessment/digital/{newcomer.id}", may_fail=True, json={"industry": "3484", "answers": digital_answers()}),
            call(filed.user, "PUT", drafts, json={"answers": {}}, headers=seen, may_fail=True),
            call(filed.user, "POST", f"{drafts}/evidence/audit_reports", files={"file": ("a.pdf", PDF)}, may_fail=True),
            call(tale.officer("js-county"), "POST", f"{filed.case}/take-over", may_fail=True),
            call(user, "GET", "/notifications/inbox", may_fail=True),
            call(None, "GET", "/review/register", may_fail=True),
            call(None, "POST", "/identity/session", json=session, may_fail=True),
        )  # fmt: skip
        for answer in answers:
            refused(answer, 503, "platform.unavailable")
            assert answer.headers["retry-after"]
    first = await Order(user, "PUT", path, body, key).send()
    assert await Order(user, "PUT", path, body, key).send() == first
    assert await versions(call, newcomer) == version + 1
    after = await filed.user.get(drafts)
    assert (after["version"], after["evidence"]) == (before["version"], before["evidence"])


async def versions(call: Caller, enterprise: Enterprise) -> int:
    answer = await call(enterprise.user, "GET", f"/applications/enterprises/{enterprise.id}")
    return int(answer.headers["etag"].strip('"'))


async def test_after_all_this_every_log_is_whole_and_nobody_was_told_twice(tale: Tale) -> None:
    await assert_sound(tale.stack)


async def test_an_officer_who_hears_no_answer_may_ask_again_although_the_case_has_moved_on(
    tale: Tale, window: str
) -> None:
    """The first result under the first key; nothing else under it, nobody else, and nothing new."""
    firm = await tale.world.enterprise(Company(103, "南京梯度示例移送科技有限公司", "320000", "320102"))
    filing = Filing(tale.world, firm, "declaration", "innovative", "open", "innovative-2022")
    await filing.draft()
    await filing.submit()
    officer, key = await filing.start("js-county"), {"Idempotency-Key": uuid4().hex}
    body = {"region": "320104", "reason": "企业注册地在秦淮区"}
    first = await officer.post(f"{filing.case}/transfer", body, headers=key)
    assert await officer.post(f"{filing.case}/transfer", body, headers=key) == first
    with pytest.raises(Refusal, match=r"platform\.not-permitted"):
        await officer.post(f"{filing.case}/transfer", body)
    with pytest.raises(Refusal, match=r"platform\.idempotency-key-reused"):
        await officer.post(f"{filing.case}/transfer", body | {"region": "320106"}, headers=key)
    with pytest.raises(Refusal, match=r"platform\.idempotency-key-reused"):
        await officer.post(f"{filing.case}/approval", {"opinion": "同意"}, headers=key)
    with pytest.raises(Refusal, match=r"platform\.not-found"):
        await officer.get(filing.case, headers=key)
    colleague = tale.officer("js-county-2")
    with pytest.raises(Refusal, match=r"platform\.not-permitted"):
        await colleague.post(f"{filing.case}/transfer", body, headers=key)
