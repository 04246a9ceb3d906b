"""The model of the queues says what queueing theory says wherever theory has a formula, and the same for the same seed."""

import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import msgspec
import pytest

pytest.importorskip("simpy", reason="comes with the group bench")

import simpy

from bench.load import poisson
from bench.scale.calibrate import Calibration, Low, fit, split
from bench.scale.model import Cores, Model, Outcome, Process
from bench.scale.parts import GATHERS, KAFKA, READERS, SERVICES, STORE, Cost, Parts, load
from bench.scale.plan import SCALES, bottlenecks, needs, tables

NEAR = 0.08
ONE = Parts({"review": 1.0}, {"review": 100.0})
"""One service that takes a tenth of a second for each command, and nothing else."""


def alone(
    cores: int, load_: float, spread: float, *, threads: int = 1, n: int = 12_000, slice_ms: float = math.inf
) -> float:
    """The mean time in one process, as a multiple of its work; `load_` is of the cores or threads there are."""
    env, random = simpy.Environment(), Random(1)
    process = Process(env, Cores(env, cores), random, threads=threads, spread=spread, slice_ms=slice_ms)
    rate = load_ * (min(cores, threads) if threads else cores)
    return fmean(times(env, lambda: process.burst(1_000), poisson(rate, n / rate, random)))


def changed(parts: Parts, **fields: Any) -> Parts:
    return msgspec.structs.replace(parts, **fields)


@pytest.mark.parametrize("load_", [0.3, 0.6])
def test_one_thread_with_work_by_chance_is_m_m_1(load_: float) -> None:
    assert alone(1, load_, 1.0) == pytest.approx(1 / (1 - load_), rel=NEAR)


@pytest.mark.parametrize("load_", [0.3, 0.6])
def test_one_thread_with_equal_work_is_m_d_1(load_: float) -> None:
    assert alone(1, load_, 0.0) == pytest.approx(1 + load_ / (2 * (1 - load_)), rel=NEAR)


@pytest.mark.parametrize("load_", [0.3, 0.6])
def test_two_threads_on_two_cores_are_m_m_2(load_: float) -> None:
    """Erlang: the mean is S / (1 - ρ²)."""
    assert alone(2, load_, 1.0, threads=2) == pytest.approx(1 / (1 - load_**2), rel=NEAR)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_what_shares_a_core_waits_the_same_on_average_whatever_the_spread_of_its_work(spread: float) -> None:
    """M/G/1 with processor sharing: S / (1 - ρ), whatever the distribution."""
    assert alone(1, 0.5, spread, threads=0) == pytest.approx(2, rel=NEAR)


def test_what_shares_two_cores_waits_as_in_m_m_2() -> None:
    assert alone(2, 0.6, 0.0, threads=0) == pytest.approx(1 / (1 - 0.6**2), rel=NEAR)


def test_the_whole_model_with_one_part_that_costs_something_is_the_queue_of_that_part() -> None:
    found = Model(changed(ONE, spread=1.0), cores=1, seed="1", slice_ms=math.inf).run(poisson(5, 1_200, Random(1)))
    assert found.mean_ms == pytest.approx(200, rel=0.1)


def test_small_slices_of_equal_work_turn_a_queue_into_sharing() -> None:
    assert alone(1, 0.5, 0.0, slice_ms=50.0, n=4_000) == pytest.approx(2, rel=0.12)


def test_nobody_is_faster_than_one_core_and_all_together_not_faster_than_the_cores() -> None:
    env = simpy.Environment()
    cores, ends = Cores(env, 2), list[float]()

    def one(seconds: float) -> Any:
        yield cores.work(seconds)
        ends.append(env.now)

    for seconds in (1.0, 1.0, 2.0):
        env.process(one(seconds))
    env.run()
    assert ends == pytest.approx([1.5, 1.5, 2.5])


def test_the_same_seed_gives_the_same_run() -> None:
    parts, arrivals = everything(), poisson(40, 20, Random(1))
    first, again, other = (Model(parts, seed=seed).run(arrivals) for seed in ("1", "1", "2"))
    assert (first.latencies, first.visible, first.cpu, first.counts) == (
        again.latencies, again.visible, again.cpu, again.counts,
    )  # fmt: skip
    assert first.latencies != other.latencies


def test_more_than_the_cores_can_do_is_not_done() -> None:
    """Twice as many commands as there is CPU for take twice as long; CPU used is what the parts say."""
    parts = changed(everything(), spread=0.0)
    bound = 2_000 / (parts.client + parts.per_command)
    found = Model(parts, cores=2, seed="1").run(poisson(2 * bound, 15, Random(1)))
    done_per_second = len(found.all) / found.seconds
    assert done_per_second < 2 * bound
    assert sum(found.cpu.values()) <= 2 * found.seconds * 1.2
    assert found.ms(99) > 2_500


def test_one_thread_bounds_what_two_cores_could_do() -> None:
    found = Model(ONE, cores=2, seed="1", slice_ms=math.inf).run(poisson(15, 60, Random(1)))
    assert len(found.all) / found.seconds == pytest.approx(10, rel=0.01)


def test_a_writer_has_one_insert_in_flight_and_takes_what_has_come_meanwhile() -> None:
    parts = Parts({"review": 1.0}, {}, insert=Cost(each=1.0, batch=9.0), journal=90.0)
    found = Model(parts, shards=1, seed="1").run([0.0, 0.01, 0.02, 0.03])
    assert found.counts["inserts", "review"] == 2
    assert found.counts["commits", "review"] == 4
    assert sorted(found.all) == pytest.approx([0.1, 0.172, 0.182, 0.192])


def test_every_command_is_relayed_and_consumed_once_by_each_that_reads() -> None:
    found = Model(everything(), seed="1").run(poisson(40, 20, Random(1)))
    for topic in SERVICES:
        assert found.counts["sent", topic] == len(found.latencies[topic])
    for reader in SERVICES:
        read = sum(len(found.latencies[topic]) for topic in SERVICES if reader in READERS[topic])
        assert found.counts["consumed", reader] == read
    assert len(found.visible) == len(found.latencies["applications"])


def test_cpu_is_what_the_parts_say() -> None:
    parts = changed(everything(), spread=0.0)
    found = Model(parts, seed="1").run([float(n) for n in range(100)])
    assert sum(found.cpu.values()) * 10 == pytest.approx(parts.client + expected(parts, found) / 100, rel=1e-6)


def test_each_and_batch_are_told_apart_by_two_runs() -> None:
    found = split((130.0, 100, 10), (110.0, 100, 2))
    assert (found.each, found.batch) == pytest.approx((1.05, 2.5))
    found = split((100.0, 100, 10), (110.0, 100, 2))
    assert (found.each, found.batch) == pytest.approx((1.05, 0.0)), "no batch costs less than nothing"
    assert split((0.0, 0, 0), (0.0, 0, 0)) == Cost()


def test_costs_are_found_again_in_what_a_run_with_them_shows() -> None:
    """The model itself stands for the machine: calibrated at ten a second it predicts forty."""
    true = changed(everything(), idle={})
    random, services = Random(1), list(true.shares)
    burst = [at for n in range(5) for at in [n * 4.0] * 40]
    homes = [random.choices(services, list(true.shares.values()), k=n) for n in (150, len(burst))]
    apart, together = (
        low(true, arrivals, home) for arrivals, home in zip(([n / 10 for n in range(150)], burst), homes, strict=True)
    )
    found = fit(Calibration(apart, together, {}, true.insert, true.journal, 1.0, 0.0, 0.0))
    assert found.per_command == pytest.approx(true.per_command, rel=0.05)
    arrivals = poisson(40, 20, Random(2))
    wanted, predicted = (Model(parts, seed="3").run(arrivals) for parts in (true, found))
    assert predicted.mean_ms == pytest.approx(wanted.mean_ms, rel=0.15)
    assert sum(predicted.cpu.values()) == pytest.approx(sum(wanted.cpu.values()), rel=0.05)


def test_without_a_record_nothing_is_invented(tmp_path: Path) -> None:
    assert load(tmp_path / "model.json") is None
    said = tables(None)
    assert said.count("not yet measured") > 20
    assert "| the nation | 505 |" in said


def test_ten_times_as_much_needs_ten_times_as_many_cores() -> None:
    nation, ten = (needs(everything(), scale) for scale in SCALES[1:])
    assert ten.cores / nation.cores == pytest.approx(10, rel=0.05)
    assert ten.partitions >= nation.partitions
    assert nation.partitions >= max(nation.processes.values())


def test_bottlenecks_come_in_their_order() -> None:
    found = bottlenecks(everything())
    assert [one.full_at for one in found] == sorted(one.full_at for one in found)
    slow = changed(everything(), journal=1_000.0)
    assert "journal" in bottlenecks(slow)[0].what


@pytest.mark.parametrize("service", SERVICES)
def test_who_reads_what_is_as_the_services_say(service: str) -> None:
    app = import_module(f"services.{service}.app").service
    read = {source for one in app.projections for source in one.sources} | {one.source for one in app.reactions}
    assert read == {topic for topic, readers in READERS.items() if service in readers}
    assert GATHERS.get(service, 0.0) == app.gathers


def test_events_gather_in_the_pause_after_a_fetch() -> None:
    arrivals = [0.0, *(0.01 + n * 0.005 for n in range(10))]
    parts = changed(everything(), spread=0.0, shares={"applications": 1.0})
    counts = Model(parts, cores=8, shards=1).run(arrivals).counts
    assert {counts["consumed", name] for name in ("identity", "review")} == {len(arrivals)}
    assert counts["fetches", "identity"] == 2 < counts["fetches", "review"]


def everything() -> Parts:
    return Parts(
        shares={"applications": 0.5, "assessment": 0.3, "review": 0.1, "notifications": 0.1},
        handling={"applications": 4.0, "assessment": 5.0, "review": 3.0, "notifications": 3.0},
        following={name: Cost(0.5, 0.4) for name in SERVICES},
        client=1.0, gateway=0.5, insert=Cost(0.3, 0.8), copying=Cost(0.2, 0.6), kafka=Cost(0.1, 1.0),
        journal=1.0, waits=1.5, hop=2.0, spread=0.5, idle={STORE: 20.0, KAFKA: 15.0}, events=1.5,
        topic_bytes=300.0, store_bytes=900.0,
    )  # fmt: skip


def expected(parts: Parts, found: Outcome) -> float:
    """CPU milliseconds of what this run counted."""
    commands = len(found.all)
    handling = sum(parts.handling[name] * len(times) for name, times in found.latencies.items())
    each = found.total("commits") * parts.insert.each + found.total("inserts") * parts.insert.batch
    kafka = found.total("sent") * parts.kafka.each + found.total("windows") * parts.kafka.batch
    copying = found.total("consumed") * parts.copying.each + found.total("fetches") * parts.copying.batch
    following = found.total("consumed") * 0.5 + found.total("fetches") * 0.4
    return commands * parts.gateway + handling + each + kafka + copying + following


def low(true: Parts, arrivals: list[float], homes: list[str]) -> Low:
    found = Model(true, seed="measured").run(arrivals, homes)
    latencies = {name: [one * 1_000 for one in times] for name, times in found.latencies.items()}
    return Low(arrivals, homes, found.cpu, latencies, [one * 1_000 for one in found.visible])


def times(env: simpy.Environment, burst: Callable[[], Any], arrivals: list[float]) -> list[float]:
    found = list[float]()

    def one(at: float) -> Any:
        yield env.timeout(at)
        yield from burst()
        found.append(env.now - at)

    for at in arrivals:
        env.process(one(at))
    env.run()
    return found
