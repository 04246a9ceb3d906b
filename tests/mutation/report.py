"""`python -m tests.mutation.report`: the figures and the survivors of .mutants/ into docs/mutation.md, each with its word."""

import json
import re
from collections import defaultdict
from math import sqrt
from pathlib import Path
from typing import Any

import yaml

from tests.mutation.mutants import ROOT

DOCUMENT = ROOT / "docs" / "mutation.md"
WORDS = Path(__file__).with_name("words.yaml")
MARK = "<!-- what follows is written by `python -m tests.mutation.report` -->"
ALIVE = ("survived", "no test")
UNJUDGED = "no word yet"


def main() -> None:
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / ".mutants").glob("*.json"))]
    parts = [part for part in parts if not part["part"].startswith("part of")]
    text = DOCUMENT.read_text(encoding="utf-8").split(MARK)[0]
    DOCUMENT.write_text(f"{text}{MARK}\n\n{_figures(parts)}\n{_survivors(parts)}", encoding="utf-8")


def _figures(parts: list[dict[str, Any]]) -> str:
    lines = [
        "| part | mutants | tried | killed | timed out | survived | no test | noticed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for part in parts:
        ends = [mutant["end"] for mutant in part["mutants"]]
        count = {end: ends.count(end) for end in ("killed", "timeout", *ALIVE)}
        share = (count["killed"] + count["timeout"]) / len(ends)
        margin = 1.96 * sqrt(share * (1 - share) / len(ends)) if len(ends) < part["of"] else 0
        noticed = f"{share:.1%}" + (f" ± {margin:.1%}" if margin else "")
        cells = [part["part"], part["of"], len(ends), *count.values(), noticed]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "## Figures\n\n" + "\n".join(lines) + "\n"


def _survivors(parts: list[dict[str, Any]]) -> str:
    rules = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in parts:
        for mutant in part["mutants"]:
            if mutant["end"] in ALIVE:
                change = f"{mutant['before']} → {mutant['after']}".replace("|", "\\|").replace("`", "'")
                line = f"{mutant['line']} `{mutant['scope'] or 'module'}`: `{change}`"
                groups[_word(mutant, rules)][mutant["path"]].append(line)
    text = ["## Survivors\n"]
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
