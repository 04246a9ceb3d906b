"""The account questions of the manuals, by their own titles, on the running stack: SMS and e-mail really arrive."""

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from deploy.demo.client import Refusal, User
from deploy.demo.companies import PASSWORD, Company
from deploy.demo.post import Post
from deploy.demo.run import world_of
from deploy.demo.world import World
from deploy.local.stack import Stack

NEW_PASSWORD = "Other-words-7-here"
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@dataclass
class Desk:
    """Everybody at a browser, and their phones."""

    world: World
    post: Post
    gateway: str

    def user(self, login: str = "", password: str = PASSWORD) -> User:
        user = User(self.gateway, login, password)
        self.world._users.append(user)
        return user

    async def verified(self, company: Company) -> User:
        user = self.user(company.login)
        await user.post("/identity/accounts", company.registration)
        await user.sign_in()
        assert (await user.post("/identity/me/real-name", company.real_name))["verified"]
        return user

    async def code(self, purpose: str, **asked: str) -> dict[str, str]:
        found = await self.post.code(self.user(), purpose, **asked)
        assert found is not None, "no code has arrived"
        return found

    async def licence(self) -> str:
        async with httpx.AsyncClient(base_url=f"{self.gateway}/api/identity") as http:
            answer = await http.post("/licences", files={"file": ("执照.png", PNG)})
        assert answer.json()["scan"] == "not-scanned"
        return str(answer.json()["licence"])

    async def check(self, company: Company, phone: str) -> str:
        """人工核验 with the fields of the manual's form."""
        stated = {
            name: company.real_name[name] for name in ("credit_code", "name", "legal_representative", "document_number")
        }
        given = {"phone": phone, "licence": await self.licence(), **await self.code("manual-check", phone=phone)}
        return str((await self.user().post("/identity/checks", stated | given))["check"])

    async def reset(self, login: str, phone: str) -> None:
        given = await self.code("password-reset", login=login, phone=phone)
        body = {"login": login, "phone": phone, "password": NEW_PASSWORD, **given}
        await self.user().post("/identity/password-resets", body)


@pytest.fixture(scope="module")
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    world = world_of(stack)
    await world.admin.sign_in()
    yield Desk(world, world.post, stack.gateway)
    await world.close()


@pytest.fixture(scope="module")
async def checker(desk: Desk) -> User:
    """An account checker of 玄武区."""
    body = {
        "login": "checker@xw", "password": PASSWORD, "name": "示例核验", "document": "示例任〔2024〕9号",
        "office": {"authority": "320000", "level": "county", "region": "320102", "role": "account_checker"},
    }  # fmt: skip
    await desk.world.admin.post("/identity/officials", body)
    user = desk.user("checker@xw")
    user.saw(desk.world.admin)
    await user.sign_in()
    return user


def company(serial: int, name: str) -> Company:
    return Company(serial, f"南京梯度示例{name}科技有限公司", "320000", "320102")


async def test_企业登录平台时发现绑定手机号需要修改_如何处理(desk: Desk) -> None:
    """邮箱核验; the SMS with the login name goes to the new number."""
    firm = company(301, "改号")
    await desk.verified(firm)
    old = await desk.code("phone-change-email", login=firm.login, email=firm.registration["email"])
    new = await desk.code("phone-change-new", phone="13800001301")
    body = {
        "method": "email", "login": firm.login, "email": firm.registration["email"], "new_phone": "13800001301", **old,
        "new_challenge": new["challenge"], "new_code": new["code"],
    }  # fmt: skip
    await desk.user().post("/identity/phone-changes", body)
    assert firm.login in str(await desk.post.wait_for("+8613800001301", "手机号修改成功"))
    assert await desk.post.wait_for(f"+86{firm.registration['phone']}", "改绑")


async def test_自然人是否可以进行优质中小企业申报(desk: Desk) -> None:
    """Told why not and both ways; the second one, binding the enterprise, is gone."""
    firm = company(302, "自然人")
    user = desk.user(firm.login)
    await user.post("/identity/accounts", firm.registration | {"kind": "natural"})
    me = await user.sign_in()
    assert (me["may_declare"], len(me["notice"]["ways_out"])) == (False, 2)
    await user.post("/identity/me/real-name", firm.real_name)
    assert (await user.sign_in())["may_declare"] is True


async def test_进行认证时显示统一社会信用代码已存在_如何处理(desk: Desk, checker: User) -> None:
    """All steps: 账号找回 says 信息有误, the manual check sends its result to the new phone, then 忘记密码, then sign-in."""
    firm, phone = company(303, "已存在"), "13800001303"
    await desk.verified(firm)
    second = desk.user("second0303")
    await second.post("/identity/accounts", firm.registration | {"login": "second0303", "phone": phone})
    await second.sign_in()
    told = await second.post("/identity/me/real-name", firm.real_name | {"phone": phone})
    assert [step["step"] for step in told["reasons"][0]["steps"]] == ["步骤一", "步骤二", "步骤三"]
    stated = {name: firm.real_name[name] for name in ("credit_code", "name", "document_number")}
    wrong = stated | {"legal_representative": "别人", "phone": phone, **await desk.code("recovery", phone=phone)}
    with pytest.raises(Refusal) as refusal:
        await desk.user().post("/identity/recoveries", wrong)
    assert refusal.value.problem["title"] == "信息有误" and "人工核验" in refusal.value.problem["way_out"]
    check = await desk.check(firm, phone)
    assert check in str(await desk.post.wait_for(f"+86{phone}", "申请已收到"))
    listed = await waiting(checker, check)
    assert listed["region"] == "320102" and phone not in str(listed)
    await checker.post(f"/identity/checks/{check}/taking", {})
    await checker.post(f"/identity/checks/{check}/answer", {"approved": True})
    assert firm.login in str(await desk.post.wait_for(f"+86{phone}", "人工核验通过"))
    await desk.reset(firm.code, phone)
    assert (await desk.user(firm.code, NEW_PASSWORD).sign_in())["credit_code"] == firm.code
    with pytest.raises(Refusal):
        await desk.user("second0303").sign_in()


async def waiting(checker: User, check: str) -> Any:
    """The check in the list of its region, as soon as it is there."""
    import asyncio

    for _ in range(100):
        found = [
            one for one in (await checker.get("/identity/checks?status=waiting"))["checks"] if one["check"] == check
        ]
        if found:
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError("the check is not in the list")


async def test_企业忘记用户名和密码(desk: Desk) -> None:
    """账号找回 sends the login name to the bound phone, 忘记密码 sets a new password."""
    firm = company(304, "忘记")
    await desk.verified(firm)
    phone = str(firm.registration["phone"])
    stated = {name: firm.real_name[name] for name in ("credit_code", "name", "legal_representative", "document_number")}
    await desk.user().post(
        "/identity/recoveries", stated | {"phone": phone, **await desk.code("recovery", phone=phone)}
    )
    assert firm.login in str(await desk.post.wait_for(f"+86{phone}", "找回账户"))
    await desk.reset(firm.login, phone)
    assert (await desk.user(firm.login, NEW_PASSWORD).sign_in())["verified"] is True
    assert await desk.post.wait_for(str(firm.registration["email"]), "登录密码已重置")


async def test_企业注册时提示用户名已存在(desk: Desk) -> None:
    firm = company(305, "重名")
    await desk.user().post("/identity/accounts", firm.registration)
    with pytest.raises(Refusal) as refusal:
        await desk.user().post("/identity/accounts", firm.registration | {"phone": "13800001305"})
    free = refusal.value.problem["suggestions"][0]
    await desk.user().post("/identity/accounts", firm.registration | {"login": free, "phone": "13800001305"})


async def test_企业注册时无法上传营业执照(desk: Desk) -> None:
    """Said in words; the name of a file never matters."""
    async with httpx.AsyncClient(base_url=f"{desk.gateway}/api/identity") as http:
        refused = await http.post("/licences", files={"file": ("执照.jpg", b"MZ not an image")})
    assert refused.status_code == 422 and "jpg" in refused.json()["way_out"]
    assert await desk.licence()


async def test_企业注册时无法收到验证码(desk: Desk) -> None:
    """A wrong number is named at once, a limit with its time; what was sent can be asked after."""
    user = desk.user()
    with pytest.raises(Refusal) as wrong:
        await user.post("/identity/codes", {"purpose": "registration", "phone": "1380000130"})
    assert wrong.value.code == "identity.phone-not-allowed"
    given = await desk.code("registration", phone="13800001306")
    with pytest.raises(Refusal) as soon:
        await user.post("/identity/codes", {"purpose": "registration", "phone": "13800001306"})
    assert soon.value.code == "identity.code-too-soon" and soon.value.problem["until"]
    state = await user.get(f"/identity/codes/{given['challenge']}")
    assert state["state"] == "handed-over" and "信号" in state["way_out"]


async def test_收到的短信和邮件在信箱页上看得见(desk: Desk) -> None:
    async with httpx.AsyncClient(base_url=desk.gateway) as http:
        page = (await http.get("/mailbox/")).text
    assert "本机收件箱" in page and "验证码" in page and "<script" not in page
