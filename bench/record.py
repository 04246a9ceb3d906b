"""What is left of a run: a JSON and a plot per bench, and one table of all that were ever run here."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.figures import Figure, Spread, order
from bench.frame import Bench, Given

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "aiokafka", "faststream", "motor", "pymongo", "msgspec", "pydantic", "fastapi", "uvicorn", "uvloop", "secantusdb",
    "confluent-kafka", "quixstreams", "faust-streaming", "bytewax", "eventsourcing", "hdrhistogram", "simpy",
)  # fmt: skip


def folder(quick: bool) -> Path:
    """Trials never overwrite figures."""
    found = RESULTS / "quick" if quick else RESULTS
    found.mkdir(parents=True, exist_ok=True)
    return found


def write(bench: Bench, given: Given, figures: list[Figure], seconds: float) -> list[str]:
    """JSON, plot and the table anew; says what could not be made."""
    content = {
        "bench": bench.name, "words": bench.words, "figures": [figure.record() for figure in figures],
        "pairs": given.pairs, "seed": given.seed, "quick": given.quick, "long": given.long, "sizes": given.sizes,
        "seconds": round(seconds, 1), "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine(),
    }  # fmt: skip
    home = folder(given.quick)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (home / f"{bench.name}.json").write_text(text + "\n", encoding="utf-8")
    (home / "table.md").write_text(table(home), encoding="utf-8")
    try:
        _plot(bench, figures, home / f"{bench.name}.png")
    except ImportError:
        return ["no plot: matplotlib is not installed; `make bench` brings it"]
    return []


def machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "cpu": f"{os.cpu_count()} × {_cpu()}",
        "kernel": platform.release(),
        "fsync": "embedded store: synced on every commit, writes majority and journal; embedded Kafka: acks=all, its own flushing",
        "commit": _git("rev-parse", "HEAD") + (" with changes" if _git("status", "--porcelain", "-uno") else ""),
    }


def table(home: Path) -> str:
    """Every figure that was recorded, as a table in Markdown."""
    rows = [
        "| id | figure | ours | peer | ratio | reach | |",
        "|---|---|---|---|---|---|---|",
    ]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(home.glob("*.json"))]
    figures = [figure for content in found for figure in content.get("figures", [])]
    for figure in sorted(figures, key=lambda one: order(one["id"])):
        ours, peer, ratio = (Spread.of(figure[name]["values"]) if figure[name] else "" for name in _SPREADS)
        unit = figure["unit"]
        beside = f"{figure['peer_name']} {peer} {unit}" if peer else figure["peer_name"]
        shown = Figure(figure["id"], figure["words"], None, met=figure["met"], why=figure["why"]).verdict
        rows.append(
            f"| {figure['id']} | {figure['words']} | {ours} {unit if ours else ''} | {beside} | {ratio} "
            f"| {figure['reach']} | {shown} |"
        )
    return "\n".join(rows) + "\n"


_SPREADS = ("ours", "peer", "ratio")


def _plot(bench: Bench, figures: list[Figure], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    canvas = pyplot.figure(figsize=(9, 5), layout="constrained")
    (bench.draw or _values)(figures, canvas)
    canvas.suptitle(f"{bench.name}: {bench.words}")
    canvas.savefig(path, dpi=110)
    pyplot.close(canvas)


def _values(figures: list[Figure], canvas: Any) -> None:
    """Every value as a dot, ours beside the peer's: one small plot per figure."""
    shown = [figure for figure in figures if figure.ours]
    for n, figure in enumerate(shown, start=1):
        axes = canvas.add_subplot(1, len(shown), n)
        for x, (name, spread) in enumerate((("ours", figure.ours), (figure.peer_name, figure.peer))):
            if spread:
                axes.scatter([x] * spread.n, spread.values, s=18)
                axes.hlines(spread.median, x - 0.2, x + 0.2)
                axes.annotate(name, (x, 0), ha="center", va="bottom", fontsize=7)
        axes.set_xlim(-0.6, 1.6)
        axes.set_ylim(bottom=0)
        axes.set_xticks([])
        axes.set_title(f"{figure.id} {figure.unit}", fontsize=8)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    for line in (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if os.path.exists("/proc/cpuinfo") else ()
    ):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git(*args: str) -> str:
    done = subprocess.run(["git", *args], cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()
