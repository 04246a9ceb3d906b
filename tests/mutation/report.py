"""`python -m tests.mutation.report`: the figures and the survivors of .mutants/ into docs/mutation.md, each with its word."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from tests.mutation.figures import ALIVE, NOTICED, UNDECIDED, Run, counted, latest, runs, said, together
from tests.mutation.mutants import ROOT
from tests.mutation.parts import parts

DOCUMENT = ROOT / "docs" / "mutation.md"
WORDS = Path(__file__).with_name("words.yaml")
MARK = "<!-- what follows is written by `python -m tests.mutation.report` -->"
UNJUDGED = "no word yet"
COLUMNS = (
    "part",
    "mutants",
    "tried",
    "killed",
    "timed out",
    "survived",
    "no test",
    "undecided",
    "noticed",
    "seed",
    "on",
)


def main() -> None:
    found = [run for run in runs() if ", of it " not in run.part]
    text = DOCUMENT.read_text(encoding="utf-8").split(MARK)[0]
    DOCUMENT.write_text(f"{text}{MARK}\n\n{_figures(found)}\n{_survivors(latest(found))}", encoding="utf-8")


def _figures(found: list[Run]) -> str:
    now = latest(found)
    main, before = counted(now), [run for run in found if run not in now]
    beside = [run for run in now if run not in main]
    share, margin = together(main)
    text = [
        "## Figures\n",
        f"**{said(share, margin)} noticed** over {len(main)} parts, each counted by the mutants it has. The margins are",
        "those of samples, at 95 %; a part of which all mutants were tried has none.\n",
        *_table(main),
    ]
    missing = [part for part in parts() if part not in {run.part for run in now}]
    if missing:
        text += [f"\nNot measured: {', '.join(missing)}."]
    if beside:
        text += ["", "Beside them, not counted, because unit tests are only a part of their proof:\n", *_table(beside)]
    if before:
        text += ["", "Runs before, other samples; tests were added after them where the survivors showed a gap:\n"]
        text += _table(before)
    return "\n".join(text) + "\n"


def _table(found: list[Run]) -> list[str]:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|" + "--:|" * (len(COLUMNS) - 1)]
    for run in found:
        tried = str(run.tried) if run.is_complete else f"{run.tried}, cut short"
        ends = [run.count(end) for end in (*NOTICED, *ALIVE, UNDECIDED)]
        cells = [run.part, run.of, tried, *ends, said(run.noticed, run.margin), run.seed, run.date[:10]]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def _survivors(found: list[Run]) -> str:
    rules = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for run in found:
        for mutant in sorted(run.mutants, key=lambda mutant: (mutant["path"], mutant["line"])):
            if mutant["end"] in ALIVE:
                change = f"{mutant['before']} → {mutant['after']}".replace("|", "\\|").replace("`", "'")
                line = f"{mutant['line']} `{mutant['scope'] or 'module'}`: `{change}`"
                groups[_word(mutant, rules)][mutant["path"]].append(line)
    text = ["## Survivors\n", "Of the latest run of each part. The number is the line at that time.\n"]
    for word, files in sorted(groups.items(), key=lambda group: (group[0] == UNJUDGED, group[0])):
        text.append(f"### {word} ({sum(map(len, files.values()))})\n")
        for path, lines in sorted(files.items()):
            text += [f"- {path}", *(f"  - {line}" for line in lines)]
        text.append("")
    return "\n".join(text)


def _word(mutant: dict[str, Any], rules: list[dict[str, str]]) -> str:
    """The first rule that fits: `operator` by name, `path` and `change` as regular expressions."""
    for rule in rules:
        change = f"{mutant['scope']}: {mutant['before']} -> {mutant['after']}"
        if (
            rule.get("operator", mutant["operator"]) == mutant["operator"]
            and re.search(rule.get("path", ""), mutant["path"])
            and re.search(rule.get("change", ""), change)
        ):
            return rule["word"]
    return UNJUDGED


if __name__ == "__main__":
    main()
