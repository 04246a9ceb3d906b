"""The load pauses at once, also when it has only just been told to go on."""

import asyncio

from tests.faults.people import Gate


async def test_nobody_slips_through_a_gate_that_opens_and_shuts_at_once() -> None:
    gate, inside = Gate(), []

    async def one() -> None:
        async with gate:
            inside.append(1)

    waiting = asyncio.create_task(one())
    await asyncio.sleep(0)
    gate.open()
    await gate.shut()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not inside
    gate.open()
    await waiting
    assert inside
