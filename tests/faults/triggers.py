"""What the load does not do by itself: something becomes due, a stray record lies in a topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from aiokafka import AIOKafkaProducer

from deploy.demo.companies import PASSWORD
from deploy.demo.world import CONTACT, china
from tests.faults.firms import Firm
from tests.faults.harness import Trial
from tests.faults.people import Account, Person, Refusal

DAY = timedelta(days=1)


class Administrator:
    """The one who moves business time."""

    def __init__(self, trial: Trial) -> None:
        self._world, self._random = trial.workload.world, Random(f"{trial.seed}/triggers")
        self._officers, secrets = trial.workload.town.officers, trial.stack.secrets
        self.person = Person(
            self._world, Account(secrets.system_admin_login, secrets.system_admin_password), self._random
        )
        self._made = 0

    async def something_due(self, service: str) -> None:
        """Something of this service becomes due now: it is made, and business time is moved beyond it."""
        if not self.person.account.token:
            await self.person.sign_in()
        self._made += 1
        due = {"identity": self._abandoned, "applications": self._window, "review": self._title}[service]
        await self._move(await due())

    async def _now(self) -> datetime:
        return datetime.fromisoformat((await self.person.get("/identity/time"))["now"])

    async def _move(self, by: timedelta) -> None:
        at = (await self._now()) + by
        await self.person.command("/identity/clock", {"at": at.isoformat(), "reason": "示例"})

    async def _abandoned(self) -> timedelta:
        """A registration that breaks off after names were reserved: they are held for half an hour."""
        firm = Firm(90_000 + self._made, "", "320000", "320102")
        try:
            await Person(self._world, Account(firm.login, PASSWORD), self._random).command(
                "/identity/accounts", firm.registration | {"agreements": ["privacy"]}, public=True
            )
        except Refusal as refusal:
            if refusal.code != "identity.agreements-missing":
                raise
        return timedelta(minutes=35)

    async def _window(self) -> timedelta:
        """A window that closes in a minute."""
        manager = Person(self._world, self._officers["js-windows"], self._random)
        closes = (await self._now()).astimezone(UTC) + timedelta(minutes=1)
        body = {
            "authority": "320000", "batch": f"2025.{self._made}", "title": "江苏省示例短期申报", "regions": ["320000"],
            "opens": china("2024-09-01 00:00").isoformat(), "closes": closes.isoformat(timespec="minutes"),
            "contact": CONTACT, "kind": "pool_entry", "tier": None, "form": "jiangsu-pool",
        }  # fmt: skip
        await manager.command("/applications/windows", body)
        return timedelta(minutes=15)

    async def _title(self) -> timedelta:
        """A title whose last reminder comes tomorrow."""
        publisher = Person(self._world, self._officers["js-province-publisher"], self._random)
        today = (await self._now()).astimezone(china("2024-09-01 00:00").tzinfo).date()
        body = {
            "enterprise_name": "示例企业", "authority": "320000", "region": "320102", "origin": "示例",
            "document": "示例〔2026〕2号", "valid_from": today.isoformat(), "valid_to": (today + 8 * DAY).isoformat(),
        }  # fmt: skip
        await publisher.command(f"/review/titles/{publisher.new_key()}/srdi/import", body)
        return timedelta(hours=25)


async def stray(trial: Trial, topic: str) -> None:
    """A record that is no event, in the topic; every reader of it keeps it aside."""
    producer = AIOKafkaProducer(bootstrap_servers=trial.stack.kafka)
    await producer.start()
    try:
        partition = trial.random.randrange(trial.stack.state.shards)
        await producer.send_and_wait(topic, b"not an event", key=b"nobody", partition=partition)
    finally:
        await producer.stop()
    source = topic.removesuffix(".events")
    trial.expected.strays = True
    for service in _readers(source):
        trial.expected.foreign[service] = trial.expected.foreign.get(service, 0) + 1


def _readers(source: str) -> set[str]:
    from tests.faults.evidence import models

    return {
        service
        for service, model in models().items()
        if any(source in projection.sources for projection in model.projections)
        or any(reaction.source == source for reaction in model.reactions)
    }
