"""A command that needs nothing but its own service's log: somebody registers, noted in the ledger like the load's."""

from __future__ import annotations

from itertools import count
from typing import Any

from deploy.demo.companies import PASSWORD
from tests.faults.firms import Firm
from tests.faults.harness import Trial
from tests.faults.people import Account, Gate, Person, World

# Beyond what the load registers in its longest form.
_serials = count(90_000)


async def register(trial: Trial) -> dict[str, Any]:
    """The receipt, once there is one: repeated under its key while the answer is 503. Also while the load pauses."""
    gate = Gate()
    gate.open()
    world = World(trial.workload.world.http, trial.ledger, gate, trial.random)
    firm = Firm(next(_serials), "南京示例断网科技有限公司", "320000", "320102")
    person = Person(world, Account(firm.login, PASSWORD), trial.random)
    return await person.command("/identity/accounts", firm.registration, public=True)
