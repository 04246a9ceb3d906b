"""`python -m tests.simulation --seeds 10000`, or `--seed 123` for one world step by step."""

import argparse
import sys

from tests.simulation.runs import replay, run, told


def main() -> int:
    """Exit 0 when every world held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many worlds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="this world alone, with its trace")
    given = parser.parse_args()
    if given.seed is not None:
        outcome, trace = replay(given.seed)
        print("\n".join(trace))
        print(told([outcome]))
        return outcome.finding is not None
    if given.seeds < 1:
        parser.error("--seeds must be at least 1")
    findings = run(range(given.first, given.first + given.seeds))
    for outcome in findings.failed:
        print(f"seed {outcome.seed}: {outcome.finding}\n  step by step: make simulate SEED={outcome.seed}")
    if findings.failed:
        _, trace = replay(findings.failed[0].seed)
        print(f"the end of seed {findings.failed[0].seed}:", *trace[-60:], sep="\n")
    print(findings.line())
    return bool(findings.failed)


if __name__ == "__main__":
    sys.exit(main())
