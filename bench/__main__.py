"""`make bench`: ours and the bare peer alternate on one real broker; prints the ratio with its spread last."""

import asyncio
import json
import platform
import statistics
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.replay import fill, raw_events_per_second, verified_events_per_second
from deploy.local.stack import running_stack

PAIRS, EVENTS = 5, 60_000
RESULTS = Path(__file__).parent / "results"


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tidu-bench-") as folder:
        async with running_stack(Path(folder), services=()) as stack:
            print(f"{EVENTS:,} events, {PAIRS} pairs; filling the topic")
            await fill(stack.kafka, EVENTS)
            pairs = []
            for n in range(PAIRS):
                raw = await raw_events_per_second(stack.kafka, EVENTS)
                ours = await verified_events_per_second(stack.kafka, EVENTS)
                pairs.append((raw, ours))
                print(
                    f"  pair {n + 1}: raw aiokafka {raw:,.0f}/s, verified replay {ours:,.0f}/s, ratio {ours / raw:.2f}"
                )
    _record(pairs)


def _record(pairs: list[tuple[float, float]]) -> None:
    ratios = sorted(ours / raw for raw, ours in pairs)
    result = {
        "figure": "verified replay / raw aiokafka getmany",
        "pairs": [{"raw": round(raw), "ours": round(ours)} for raw, ours in pairs],
        "ratio": {"median": statistics.median(ratios), "least": ratios[0], "greatest": ratios[-1]},
        "events": EVENTS,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("aiokafka", "msgspec", "uvloop")},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "replay.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"ratio {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    asyncio.run(main())
