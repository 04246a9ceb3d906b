"""The deadline evening: what enterprises and officials do in it, request by request, drawn beforehand from a seed."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from random import Random
from typing import Any

from bench.client import Answer
from bench.cycling import REASON, Cycling
from bench.load import Loop
from bench.people import Person
from bench.town import Filing, Town
from deploy.demo.stories import digital_answers

MIX = {"submit": 4, "withdraw": 1, "start": 3, "return": 3, "message": 9, "profile": 40, "digital": 40}
"""Of a hundred commands. The nation's evening is planned with thirty commands to a submission; here it is twenty-five. A
submission is followed to review, and what is withdrawn or sent back is submitted again."""
SAVE = "save"
"""A draft saved by itself while it is filled in: a write, but no command and no event."""
COMMANDS, VISIBLE = "commands", "visible"


class Evening:
    """`kinds` fixes beforehand what each arrival is; `act` does it and marks when its command was answered."""

    def __init__(self, town: Town, cycling: Cycling, saves: Sequence[Filing] = ()) -> None:
        self._town, self._cycling, self._random = town, cycling, town.random
        self._started, self._drafts = deque[Filing](), deque(saves)
        self._unread: deque[tuple[Person, str]] = deque()
        self._n = 0
        self.instead: Counter[str] = Counter()
        """What could not be done for want of a filing or a message; a profile was changed instead."""

    def kinds(self, number: int, random: Random, saves_per_command: float = 0.0) -> list[str]:
        total = sum(MIX.values())
        weights = {**MIX, SAVE: total * saves_per_command}
        return random.choices(list(weights), list(weights.values()), k=number)

    async def act(self, n: int, kind: str, loop: Loop) -> str:
        """An error's code, or nothing."""
        error = await self._act(n, kind, loop)
        if kind != SAVE:
            loop.mark(n, kind, error)  # each kind beside all of them; a submission to where it is visible
        return error

    async def _act(self, n: int, kind: str, loop: Loop) -> str:
        match kind:
            case "submit" if self._cycling.free:
                return await self._cycling.submit(n, loop, COMMANDS)  # followed to review, counted to its receipt
            case "withdraw" if self._cycling.waiting:
                error = await self._cycling.withdraw()
            case "start" if self._cycling.waiting:
                error = await self._start()
            case "return" if self._started:
                error = await self._send_back()
            case "message":
                error = await self._read_message()
            case "digital":
                error = await self._digital()
            case "save" if self._drafts:
                error = await self._save()
                loop.mark(n, SAVE, error)
                return error
            case _:
                if kind != "profile":
                    self.instead[kind] += 1
                error = await self._profile()
        loop.mark(n, COMMANDS, error)
        return error

    async def close(self) -> None:
        """What officials have begun goes back, so that it may be submitted again. Raises Refused."""
        while self._started:
            filing = self._started.popleft()
            await self._county.do("POST", f"{filing.case}/return", {"reasons": [REASON]})
            self._cycling.settle(filing)

    async def _start(self) -> str:
        filing = self._cycling.waiting.popleft()
        answer = await self._county.command("POST", f"{filing.case}/start")
        if answer.good:
            filing.begun = True
            self._started.append(filing)
        else:
            self._cycling.waiting.append(filing)
        return _error(answer)

    async def _send_back(self) -> str:
        filing = self._started.popleft()
        answer = await self._county.command("POST", f"{filing.case}/return", {"reasons": [REASON]})
        if answer.good:
            self._cycling.settle(filing)
        else:
            self._started.append(filing)
        return _error(answer)

    async def _read_message(self) -> str:
        """The inbox is looked at when nothing unread is known."""
        if not self._unread:
            _, person = self._next()
            answer = await person.get("/notifications/inbox")
            if not answer.good:
                return answer.code
            unread = [message["message"] for message in answer.json()["messages"] if not message["read"]]
            self._unread.extend((person, message) for message in unread)
        if not self._unread:
            self.instead["message"] += 1
            return await self._profile()
        person, message = self._unread.popleft()
        return _error(await person.command("POST", f"/notifications/messages/{message}/read"))

    async def _profile(self) -> str:
        known, person = self._next()
        body = known.profile() | {"product": f"微型精密齿轮 {self._n}"}
        return _error(await person.command("PUT", f"/applications/enterprises/{person.enterprise}/profile", body))

    async def _digital(self) -> str:
        _, person = self._next()
        answers = digital_answers() | {"scene_office": self._n % 3}
        body = {"industry": "3484", "answers": answers}
        return _error(await person.command("POST", f"/assessment/digital/{person.enterprise}", body))

    async def _save(self) -> str:
        filing = self._drafts.popleft()
        answer = await filing.save({"main_product_name": f"微型精密齿轮 {self._n}"})
        self._drafts.append(filing)
        self._n += 1
        return _error(answer)

    def _next(self) -> tuple[Any, Person]:
        self._n += 1
        return self._town.firms[self._n % len(self._town.firms)]

    @property
    def _county(self) -> Person:
        return self._town.officers["js-county"]


def _error(answer: Answer) -> str:
    return "" if answer.good else answer.code


async def evening(
    town: Town, cycling: Cycling, arrivals: Sequence[float], random: Random, saves: float = 0.0,
    drafts: Sequence[Filing] = (),
) -> tuple[Loop, Evening]:  # fmt: skip
    """One open loop of it. `drafts` are saved, as often beside each command as `saves` says, and never submitted: of a
    filing that was sent back only what was objected to can be changed. Raises ValueError for saves without drafts."""
    if saves and not drafts:
        raise ValueError("there is no draft to be saved: set some aside before the first is submitted")
    loop = Loop(arrivals)
    made = Evening(town, cycling, drafts)
    kinds = made.kinds(len(arrivals), random, saves)
    await loop.run(lambda n: made.act(n, kinds[n], loop))
    await made.close()
    return loop, made
