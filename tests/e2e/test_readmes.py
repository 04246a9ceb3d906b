"""Every command in the services' READMEs works, run in order by a reader who has what the README says they need."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deploy.demo.client import User
from deploy.demo.companies import PASSWORD, Company
from deploy.demo.filing import Filing
from deploy.local.run import ROOT
from tests.e2e.readme import run_readme
from tests.e2e.tale import Tale

Variables = dict[str, str]


async def token(user: User) -> str:
    return str((await user.sign_in())["access_token"])


async def of_identity(tale: Tale) -> Variables:
    secrets = tale.stack.secrets
    return {"ADMIN_LOGIN": secrets.system_admin_login, "ADMIN_PASSWORD": secrets.system_admin_password}


async def of_applications(tale: Tale) -> Variables:
    """A verified enterprise that has no profile yet."""
    company = Company(201, "南京梯度示例读者科技有限公司", "320000", "320102")
    user = User(tale.stack.gateway, company.login, PASSWORD)
    await user.post("/identity/accounts", company.registration)
    await user.sign_in()
    await user.post("/identity/me/real-name", company.real_name)
    enterprise = (await user.sign_in())["enterprise"]
    await user.get(f"/applications/enterprises/{enterprise}")
    tokens = {"TOKEN": await token(user), "MANAGER": await token(tale.officer("js-windows"))}
    await user.close()
    return tokens | {"ENTERPRISE": enterprise, "OFFICER": await token(tale.officer("js-province"))}


async def of_assessment(tale: Tale) -> Variables:
    filing = tale.filing("srdi")
    return {
        "TOKEN": await token(filing.user), "OFFICER": await token(tale.officer("js-province")),
        "ENTERPRISE": filing.enterprise.id, "APPLICATION": filing.application,
    }  # fmt: skip


async def of_review(tale: Tale) -> Variables:
    """Four filings that wait at 厦门's 思明区."""
    await tale.world.open_window(
        "readme", "xm-windows", "declaration", "innovative", "2027.2", authority="350200", regions=["350200"],
        title="厦门市创新型中小企业", closes="2099-12-31 17:00", form="innovative-2022", pack="innovative@2022-63",
    )  # fmt: skip
    waiting = {}
    for n, name in enumerate(("FIRST", "SECOND", "THIRD", "FOURTH")):
        enterprise = await tale.world.enterprise(
            Company(211 + n, f"厦门梯度示例读者{n}科技有限公司", "350200", "350203")
        )
        filing = Filing(tale.world, enterprise, "declaration", "innovative", "readme", "innovative-2022")
        await filing.draft()
        await filing.submit()
        await filing.at_review(filing.officer("xm-county"))
        waiting[name] = f"{enterprise.id}/{filing.application}"
    officers = {"REVIEWER": "xm-county", "PUBLISHER": "xm-county-publisher", "CITY": "xm-city-publisher"}
    return waiting | {"BATCH": "2027.2"} | {name: await token(tale.officer(who)) for name, who in officers.items()}


async def of_notifications(tale: Tale) -> Variables:
    return {"TOKEN": await token(tale.filing("srdi").user)}


READERS: dict[str, tuple[Callable[[Tale], Awaitable[Variables]], int]] = {
    "identity": (of_identity, 24), "applications": (of_applications, 14), "assessment": (of_assessment, 22),
    "review": (of_review, 17), "notifications": (of_notifications, 5),
}  # fmt: skip


@pytest.mark.parametrize("service", READERS)
async def test_a_readme_is_true(tale: Tale, tmp_path: Path, service: str) -> None:
    needs, curls = READERS[service]
    variables = {"GATEWAY": tale.stack.gateway, **await needs(tale)}
    ran = await run_readme(ROOT / "services" / service / "README.md", variables, tmp_path)
    wrong = [f"{one.statuses} {one.text}" for one in ran if not one.as_promised]
    assert not wrong, "\n".join(wrong) + (tmp_path / "output").read_text()
    assert sum(len(one.statuses) for one in ran) >= curls
