"""Kafka's jars: fetched once by jgo into the package client's cache, then found again without the net."""

from __future__ import annotations

import json
import sys
from pathlib import Path

COORDINATES = "org.apache.kafka:kafka_2.13:4.3.0+org.slf4j:slf4j-simple:2.0.17"
OFFLINE = (
    "the first start needs a Maven repository (about 45 MB, once). Offline: copy ~/.m2/repository and "
    "~/.cache/jgo from a machine where it has run, or set TIDU_KAFKA_JARS to the libs folder of an "
    "unpacked Apache Kafka 4.3.0"
)


def remembered(note: Path) -> list[str] | None:
    """The jars of an earlier start, if every one of them is still there."""
    try:
        jars = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if jars.get("coordinates") != COORDINATES or not jars.get("paths"):
        return None
    paths: list[str] = jars["paths"]
    return paths if all(Path(path).is_file() for path in paths) else None


def main() -> int:
    """Resolve and write the note named by the first argument; a process of its own, jgo being large."""
    import jgo

    note = Path(sys.argv[1])
    jars = [str(path) for path in jgo.build(COORDINATES).all_jars]
    note.write_text(json.dumps({"coordinates": COORDINATES, "paths": jars}), encoding="utf-8")
    print(f"{len(jars)} jars")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
