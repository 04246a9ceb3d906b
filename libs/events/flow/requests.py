"""What an operator asks of running consumers, by documents: retry, discard, resume. Answered by who owns the shard."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from libs.events.clock import system_wall
from libs.events.contracts.times import instant
from libs.events.errors import Conflict, Poison, Transient
from libs.events.flow.consumers import Consumer
from libs.events.flow.discarding import discarded
from libs.events.flow.parking import ANSWERS, COLLECTION, REQUESTS, arrived_again, is_wall
from libs.events.handling import Handler
from libs.events.points import reach
from libs.events.store.ports import Document, Move, Write

if TYPE_CHECKING:
    from libs.events.flow.runner import Subscription


class Answer(msgspec.Struct, omit_defaults=True):
    """What came of a request: records applied or discarded, still parked, and why the first of those waits."""

    applied: int = 0
    discarded: int = 0
    left: int = 0
    event: str = ""
    error: str = ""
    shards: list[int] = []
    resumed: list[int] = []


class Operator:
    """One subscription's answers. `handler` records what is discarded; a process without one leaves such a request."""

    def __init__(self, subscription: "Subscription") -> None:
        self._subscription = subscription
        self.handler: Handler | None = None
        self._me = os.urandom(8).hex()
        self._resumed: set[str] = set()

    def now(self) -> datetime:
        return instant(system_wall())

    async def answer(self) -> None:
        """Raises Stale, Unavailable: then the request is still there, and comes again."""
        requests = self._subscription.state.documents(REQUESTS)
        for request in await requests.find({"topic": self._subscription.topic}, limit=100):
            for consumer in self._subscription.consumers:
                if request["consumer"] not in (consumer.name, consumer.lot.consumer):
                    continue
                async with self._subscription.lock:
                    said = await self._carry_out(consumer, request)
                if said is not None:
                    await self._say(request, said)

    async def _carry_out(self, consumer: Consumer, request: Document) -> Answer | None:
        """None: not this process's to answer, or not now."""
        if request["kind"] == "resume":
            return self._resume(consumer, request)
        parked = self._subscription.state.documents(COLLECTION)
        wanted = {"consumer": consumer.lot.consumer, "key": request["key"]}
        first = await parked.find(wanted, sort=("n",), limit=1)
        if not first:
            return Answer()
        if (consumer.name, first[0]["record"]["partition"]) not in self._subscription.cursors:
            return None
        if request["kind"] == "discard":
            return await self._discard(consumer, request)
        return await self._retry(consumer, request["key"], first[0]["partition_key"])

    async def _say(self, request: Document, said: Answer) -> None:
        """A resume concerns every process that has shards: each says so for itself, and the asker takes it away."""
        everybody = request["kind"] == "resume"
        id = f"{request['_id']}|{self._me}" if everybody else request["_id"]
        answer = {"_id": id, "request": request["_id"], "ask": request.get("ask", ""), **msgspec.to_builtins(said)}
        await self._subscription.state.documents(ANSWERS).replace(answer, upsert=True)
        if not everybody or system_wall() / 1000 > request.get("until", 0):
            await self._subscription.state.documents(REQUESTS).delete({"_id": request["_id"]})
        reach("parking.answered")

    # Retry.

    async def _retry(self, consumer: Consumer, key: str, partition_key: str) -> Answer | None:
        """Apply a key's records in the log's order. One whose documents cannot be known waits for all before it of its
        partition key, and all after it wait for it: whoever asks for such a key asks for all of the partition key."""
        answer, standing, walled = Answer(), set[str](), False
        for document in await consumer.lot.waiting(partition_key):
            asked = document["key"] == key or is_wall(key)
            wall = is_wall(document["key"])
            free = not walled and document["key"] not in standing and not (wall and standing)
            if asked and free:
                said = await self._try(consumer, document)
                if said is None:
                    answer.applied += 1
                    continue
                if isinstance(said, Transient):
                    return None
                answer.event, answer.error = document["event"], said
            elif asked and not answer.error:
                answer.error = f"it waits behind what is parked under {self._before(key, standing)}: retry that first"
                answer.event = document["event"]
            standing.add(document["key"])
            walled = walled or wall
            answer.left += asked
        return answer

    @staticmethod
    def _before(key: str, standing: set[str]) -> str:
        return ", ".join(sorted(standing - {key})) or key

    async def _try(self, consumer: Consumer, document: Document) -> str | Transient | None:
        """None: applied. Words: why not. Transient: something is away, try again."""
        shard = document["record"]["partition"]
        try:
            consumer.careful = True
            writes = await consumer.retry(arrived_again(document["record"]))
        except (Poison, ValueError) as error:
            again = {**document, "error": str(error), "attempts": document.get("attempts", 0) + 1}
            await self._subscription.state.documents(COLLECTION).replace(again)
            reach("parking.tried")
            return str(error)
        except (Transient, Conflict) as error:
            return error if isinstance(error, Transient) else Transient(str(error))
        finally:
            consumer.careful = False
        await self._take_out(consumer, shard, document, writes)
        reach("parking.applied")
        return None

    async def _take_out(self, consumer: Consumer, shard: int, document: Document, writes: list[Write]) -> None:
        """One transaction, and only if the shard is still this process's and nobody has taken the record out."""
        out = Write(COLLECTION, document["_id"], None, there=True)
        saved = self._subscription.cursors[consumer.name, shard].saved
        still = [Move(consumer.name, self._subscription.topic, shard, saved, saved)] if saved else []
        await self._subscription.state.transact([*writes, out], still)
        reach("parking.taken-out")
        consumer.lot.drained(document["key"])

    # Discard.

    async def _discard(self, consumer: Consumer, request: Document) -> Answer | None:
        """The first of a key, or all of it. The event comes first: what is given up is in the log for ever."""
        if self.handler is None:
            return None
        parked = self._subscription.state.documents(COLLECTION)
        wanted = {"consumer": consumer.lot.consumer, "key": request["key"]}
        documents = await parked.find(wanted, sort=("n",), limit=100_000)
        chosen = documents if request.get("all") else documents[:1]
        for document in chosen:
            command = discarded(document, request["reason"], request["by"], self.handler.service, self.now())
            await self.handler.handle(command)
            reach("parking.recorded")
            await self._take_out(consumer, document["record"]["partition"], document, [])
        return Answer(discarded=len(chosen), left=len(documents) - len(chosen))

    # Resume.

    def _resume(self, consumer: Consumer, request: Document) -> Answer | None:
        """Let a consumer that stood for too many failures go on from where it stands; it may stop again."""
        if request["ask"] in self._resumed:
            return None
        self._resumed.add(request["ask"])
        shards = sorted(self._subscription.shards)
        stopped = [s for s in shards if (self._trouble(consumer, s) or "").startswith("stopped")]
        if stopped:
            consumer.lot.begin_anew()
        for shard in stopped:
            self._subscription.cursors[consumer.name, shard].trouble = "behind"
            self._subscription.detached.set()
        return Answer(shards=shards, resumed=stopped)

    def _trouble(self, consumer: Consumer, shard: int) -> str | None:
        return self._subscription.cursors[consumer.name, shard].trouble
