"""Kafka's jars: fetched once by jgo into the package client's cache, then found again without the net."""

from __future__ import annotations

import json
import sys
import zipfile
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
    note = Path(sys.argv[1])
    jars = _resolve()
    if broken := [jar for jar in jars if not zipfile.is_zipfile(jar)]:
        _forget(broken)
        jars = _resolve(again=True)
    paths = [str(jar) for jar in jars]
    note.write_text(json.dumps({"coordinates": COORDINATES, "paths": paths}), encoding="utf-8")
    print(f"{len(jars)} jars")
    return 0


def _resolve(again: bool = False) -> list[Path]:
    import jgo

    return jgo.build(COORDINATES, update=again).all_jars


def _forget(jars: list[Path]) -> None:
    """A download that was cut short stays in the cache as if it were whole: fetched again."""
    from jgo.maven import MavenContext

    for jar in jars:
        for cached in MavenContext().repo_cache.rglob(jar.name):
            cached.unlink()
        jar.unlink()
        print(f"{jar.name} was damaged, fetched again")


if __name__ == "__main__":
    raise SystemExit(main())
