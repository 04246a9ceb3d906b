"""`python -m tests.faults.told FILE…`: what `make faults` wrote with `--json`, as the table of docs/reliability.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

HEAD = "| scenario | faults | commands acknowledged | lost | doubled | other | ready again: median, worst (times) |"


def row(one: dict[str, Any]) -> str:
    if one["skipped"]:
        return f"| {one['scenario']} | - | - | - | - | - | skipped: {one['skipped']} |"
    found = len(one["findings"]) - one["lost"] - one["doubled"]
    ready = [
        f"{part} {median(seconds):.1f} s, {max(seconds):.1f} s ({len(seconds)})"
        for part, seconds in sorted(one["ready_seconds"].items())
    ]
    cells = (one["scenario"], sum(one["faults"].values()), one["acknowledged"], one["lost"], one["doubled"], found)
    return f"| {' | '.join(map(str, cells))} | {'; '.join(ready) or '-'} |"


def main(files: list[str]) -> None:
    print(HEAD, "|---|--:|--:|--:|--:|--:|---|", sep="\n")
    for file in files:
        content = json.loads(Path(file).read_text(encoding="utf-8"))
        for one in content["scenarios"]:
            print(row(one))
    first = json.loads(Path(files[0]).read_text(encoding="utf-8"))
    print(f"\n{first['at'][:10]}, seed {first['seed']}, {first['machine']}")


if __name__ == "__main__":
    main(sys.argv[1:])
