"""A filing as an enterprise and its officers move it: draft, evidence, submission, review, list."""

from typing import Any

from deploy.demo.client import User
from deploy.demo.world import Enterprise, World

# A one-page PDF, small and real: its type is found by content.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Filing:
    """One filing of one enterprise; `application` is known once it has been submitted."""

    def __init__(
        self, world: World, enterprise: Enterprise, kind: str, tier: str | None, window: str, form: str
    ) -> None:
        self.world, self.enterprise, self.form = world, enterprise, form
        self.kind, self.tier = kind, tier
        self.window = world.windows[window]
        self.user = enterprise.user
        self.path = f"{enterprise.id}/{kind}/{tier or 'none'}/{self.window}"
        self.version = 0
        self.application = ""

    @property
    def case(self) -> str:
        return f"/review/cases/{self.enterprise.id}/{self.application}"

    async def draft(self) -> dict[str, Any]:
        """Begin a draft (prefilled from the profile), fill it in, attach what its form asks for."""
        self.user.saw(self.world.admin)
        body = {
            "kind": self.kind, "tier": self.tier, "window": self.window, "authority": self.enterprise.company.authority,
        }  # fmt: skip
        made = await self.user.post(f"/applications/drafts/{self.enterprise.id}", body)
        self.version = made["version"]
        form = (await self.user.get(f"/applications/forms/{self.form}"))["form"]
        for slot in form["evidence"]:
            if slot.get("required"):
                await self._attach(slot["name"])
        await self.save(self.enterprise.company.answers(self.form))
        return dict(made)

    async def _attach(self, slot: str) -> None:
        path = f"/applications/drafts/{self.path}/evidence/{slot}"
        files = {"file": (f"{slot} 扫描件（1）.pdf", PDF, "application/pdf")}
        answer = await self.user.post(path, files=files, headers={"If-Match": f'"{self.version}"'})
        self.version = answer.get("version", self.version + 1)

    async def save(self, answers: dict[str, Any]) -> None:
        path = f"/applications/drafts/{self.path}"
        current = await self.user.get(path)
        self.version = current["version"]
        merged = {**current["answers"], **answers}
        saved = await self.user.put(path, {"answers": merged}, headers={"If-Match": f'"{self.version}"'})
        self.version = saved["version"]

    async def submit(self, region: str | None = None) -> dict[str, Any]:
        body = {"version": self.version, "region": region or self.enterprise.company.region}
        receipt = await self.user.post(f"/applications/drafts/{self.path}/submission", body)
        self.application = receipt["application"]
        return dict(receipt)

    async def withdraw(self, reason: str) -> None:
        body = {"application": self.application, "reason": reason}
        await self.user.post(f"/applications/filings/{self.path}/withdrawal", body)

    async def status(self) -> str:
        """The filing's state as the enterprise sees it."""
        return str((await self.user.get(f"/applications/filings/{self.path}"))["status"])

    def officer(self, name: str) -> User:
        officer = self.world.officers[name]
        officer.saw(self.user)
        return officer

    async def at_review(self, officer: User) -> dict[str, Any]:
        """The case, once it has reached review."""
        return dict(await officer.get(self.case))

    async def start(self, name: str) -> User:
        officer = self.officer(name)
        await self.at_review(officer)
        await officer.post(f"{self.case}/start")
        return officer

    async def approve(self, name: str, opinion: str, site_check: str | None = None) -> None:
        officer = await self.start(name)
        if site_check is not None:
            body = {"result": "conforms", "findings": [{"text": site_check}]}
            await officer.post(f"{self.case}/site-check", body)
        await officer.post(f"{self.case}/approval", {"opinion": opinion})
        self.user.saw(officer)

    async def send_back(self, name: str, *reasons: dict[str, str]) -> None:
        officer = await self.start(name)
        await officer.post(f"{self.case}/return", {"reasons": list(reasons)})
        self.user.saw(officer)
        await self.user.get(f"/applications/filings/{self.path}")
