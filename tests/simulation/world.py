"""One world: a seed decides its size, its faults, and the moment of everything. First a storm, then calm; then it must rest."""

from random import Random
from typing import Any

import msgspec

from libs.events.batch import Decided
from tests.simulation import domain
from tests.simulation.broker import SESSION, Broker
from tests.simulation.callers import Callers
from tests.simulation.checks import Checks
from tests.simulation.faults import Faults, draw_mix
from tests.simulation.loop import ProcessLoop, Scheduler
from tests.simulation.processes import Process, topic_of
from tests.simulation.stores import Database

CALM_SECONDS = 60.0
LOOK_SECONDS = 0.1
STILL_SECONDS = 3.0


class Outcome(msgspec.Struct):
    """What became of a seed; `finding` is None when everything held."""

    seed: int
    finding: str | None
    faults: dict[str, int]
    acknowledged: int
    commits: int
    records: int
    steps: int
    seconds: float
    """Virtual."""


class World:
    def __init__(self, seed: int, traced: bool = False) -> None:
        self.seed, self.random = seed, Random(seed)
        self.trace: list[str] | None = [] if traced else None
        self.scheduler = Scheduler()
        self.finding: str | None = None
        random = self.random
        self.shards, self.keys, self.storm = random.randint(1, 2), random.randint(1, 3), 0.3 + random.random() * 0.9
        self.faults = Faults(random, draw_mix(random))
        self.checks = Checks(self)
        self.broker = Broker(self, self.shards)
        self.databases = {service: Database(self, service, self.shards) for service in domain.SERVICES}
        self.callers = Callers(self)
        self._strays: set[tuple[str, int, int]] = set()
        self._loops: list[ProcessLoop] = [self.callers.loop]
        self.processes: dict[str, Process] = {}
        domain.CURED.clear()

    # What happens.

    def run(self) -> Outcome:
        """Until the world rests or something was found."""
        try:
            self._begin()
            self.scheduler.run()
        except RuntimeError as error:
            self.fail(str(error))
        finally:
            for loop in self._loops:
                loop.bury()
        return Outcome(
            self.seed, self.finding, dict(self.faults.counts), self.callers.acknowledged,
            sum(len(database.by_id) for database in self.databases.values()),
            sum(len(log) for log in self.broker.logs.values()), self.scheduler.steps, self.scheduler.now,
        )  # fmt: skip

    def drop(self) -> None:
        """Take the world apart, so that most of it is gone at once and its memory serves the next one."""
        parts: list[Any] = [*self.databases.values(), *self.processes.values(), *self._loops]
        parts += [self.checks, self.checks.consumers, self.broker, self.callers, self.scheduler, self.faults, self]
        for part in parts:
            vars(part).clear()

    def _begin(self) -> None:
        random, after = self.random, self.scheduler.after
        for service in domain.SERVICES:
            for n in range(random.randint(1, 2)):
                self._start(service, f"{service[0]}{n + 1}", n == 0 or random.random() < 0.5)
        self.callers.start()
        mix = self.faults.mix
        for many, fault in (
            (mix.crashes, self._crash), (mix.stalls, self._stall), (mix.clocks, self._step_clock),
            (mix.rebalances, self._rebalance), (mix.jumps, self._jump), (mix.strays, self._throw_stray),
            (mix.outages, self._outage),
        ):  # fmt: skip
            for _ in range(many):
                after(random.random() * self.storm, fault)
        after(self.storm, self._calm)

    def _start(self, service: str, name: str, relays: bool) -> None:
        process = Process(self, service, name, relays, self.random.choice((0, 0, 0, 40, -700, 3_000)))
        self.processes[name] = process
        self._loops.append(process.loop)
        self.say(name, "starts")
        self.scheduler.after(0.0, process.start, loop=process.loop)

    def kill(self, process: Process, why: str) -> None:
        """SIGKILL: nothing more of it, except for what is already on its way. It is started again soon."""
        if process.loop.dead:
            return
        self.say(process.name, f"dies: {why}")
        process.loop.kill()
        for group in self.broker.groups.values():
            self.scheduler.after(SESSION * self.random.random(), group.expel, process)
        again = 0.05 + 0.5 * self.random.random()
        self.scheduler.after(again, self._start, process.service, process.name, process.relays)

    def task_died(self, process: Process, name: str, error: BaseException | None) -> None:
        self.fail(f"the task {name!r} of {process.name} died: {error!r}")

    def _some_process(self) -> Process:
        return self.random.choice(list(self.processes.values()))

    def _crash(self) -> None:
        self.faults.counts["crash"] += 1
        self.kill(self._some_process(), "killed")

    def _stall(self) -> None:
        """SIGSTOP for a while, perhaps for longer than its session."""
        process, seconds = self._some_process(), 0.1 + self.random.random()
        self.faults.counts["stall"] += 1
        self.say(process.name, f"stands still for {seconds:.3f}")
        process.loop.stalled_until = max(process.loop.stalled_until, self.scheduler.now + seconds)
        for group in self.broker.groups.values():
            self.scheduler.after(SESSION, group.expel, process)

    def _step_clock(self) -> None:
        process, step = self._some_process(), self.random.choice((-3_600_000, -5_000, -50, 50, 5_000, 3_600_000))
        self.faults.counts["clock step"] += 1
        self.say(process.name, f"clock steps by {step} ms")
        process.skew_ms += step

    def _rebalance(self) -> None:
        self.faults.counts["rebalance"] += 1
        self.random.choice(list(self.broker.groups.values())).rebalance()

    def _jump(self) -> None:
        members = [m for group in self.broker.groups.values() for m in group.members if not m.dead]
        if members:
            self.faults.counts["offset reset"] += 1
            self.random.choice(members).jump()

    def _throw_stray(self) -> None:
        """A record that nobody of us has sent: broken, forged, or without anything."""
        service = self.random.choice(list(domain.SERVICES))
        partition, topic = self.random.randrange(self.shards), topic_of(service)
        log = self.broker.log(topic, partition)
        self.faults.counts["stray record"] += 1
        self._strays.add((topic, partition, len(log)))
        record: tuple[Any, Any, Any] = (None, b"{}", ())
        if log and self.random.random() < 0.7:
            like = self.random.choice(log)
            record = (like.key, (like.value or b"") + b" ", like.headers)
        self.broker.append(topic, partition, [record])

    def stray(self, record: Any) -> bool:
        return (record.topic, record.partition, record.offset) in self._strays

    def _outage(self) -> None:
        part, seconds = self.random.choice(("store", "broker")), 0.1 + 0.6 * self.random.random()
        self.faults.counts[f"{part}: away"] += 1
        self.say(part, f"is away for {seconds:.3f}")
        self.faults.away[part] = self.scheduler.now + seconds

    def reach(self, process: Process, point: str) -> bool:
        """Whether the process dies at this point."""
        if not self.faults.dies_here():
            return False
        self.faults.counts["crash at a point"] += 1
        self.kill(process, f"at {point}")
        return True

    # The calm.

    def _calm(self) -> None:
        """Nothing new goes wrong, defects are mended, what is parked is asked for; all must come to rest."""
        self.say("world", "calm")
        self.faults.stormy = False
        self.faults.away.clear()
        domain.CURED.append(True)
        for process in self.processes.values():
            process.skew_ms = 0
        self._until = self.scheduler.now + CALM_SECONDS
        self._look()

    def _look(self) -> None:
        restless = self._restless()
        if restless is None:
            self.checks.at_the_end()
            self.callers.at_the_end()
            self.scheduler.stopped = True
        elif self.scheduler.now > self._until:
            self.fail(f"no rest within {CALM_SECONDS:.0f} s: {restless}")
        else:
            self._ask_for_parked()
            if self.scheduler.now > self._until - CALM_SECONDS + STILL_SECONDS:
                self._watch()
            self.scheduler.after(LOOK_SECONDS, self._look)

    def _watch(self) -> None:
        """What the watchdog does for a consumer that was thrown to the end, where no record shows it that it hangs."""
        for group in self.broker.groups.values():
            if any(member.hangs for member in group.members if not member.dead):
                self.faults.counts["met: hung at the end, joined anew"] += 1
                group.rebalance()

    def _restless(self) -> str | None:
        if self.callers.busy:
            return f"{self.callers.busy} callers wait for an answer"
        for service, database in self.databases.items():
            for shard, commits in enumerate(database.shards):
                end = commits[-1].last_position if commits else 0
                if self.checks.read[topic_of(service), shard] != end:
                    return f"{topic_of(service)}/{shard} is read up to {self.checks.read[topic_of(service), shard]} of {end}"
        due = self.databases["notifications"].collections["due_dates_v1"]
        return "ticks are due" if due else self.checks.consumers.rest()

    def _ask_for_parked(self) -> None:
        """What an operator does once the defect is mended."""
        for database in self.databases.values():
            for document in database.collections["parked"].values():
                topic = document["record"]["topic"]
                id = f"{document['consumer']}|{document['key']}"
                request = {
                    "_id": id,
                    "kind": "retry",
                    "topic": topic,
                    "consumer": document["consumer"],
                    "key": document["key"],
                }
                database.collections["parked_requests"].setdefault(id, request)

    # What the parts tell and ask.

    def fail(self, finding: str) -> None:
        if self.finding is None:
            self.say("FOUND", finding)
            self.finding = finding
        self.scheduler.stopped = True

    def say(self, who: str, what: str) -> None:
        if self.trace is not None and self.finding is None:
            self.trace.append(f"{self.scheduler.now:9.4f}  {who:9} {what}")

    def process_for(self, service: str) -> Process | None:
        alive = [p for p in self.processes.values() if p.service == service and not p.loop.dead]
        return self.random.choice(alive) if alive else None

    def reply(self, answer: Any, outcome: Decided | BaseException) -> None:
        self.callers.reply(answer, outcome)
