"""`python -m bench.scale [RECORD]`: the tables of docs/scale.md from what bench `model` has recorded."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.scale.parts import RECORD, load, recorded
from bench.scale.plan import tables


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("record", nargs="?", type=Path, default=RECORD)
    record = parser.parse_args().record
    print(tables(load(record), recorded(record).get("runs", ())))


if __name__ == "__main__":
    main()
