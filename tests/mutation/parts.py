"""What is mutated, and which tests are asked: the unit tests, and the contract tests that need no backend."""

from pathlib import Path

from tests.mutation.mutants import ROOT

SERVICES = ("identity", "applications", "assessment", "review", "notifications")
KERNEL = {
    "libs/events (core)": (
        "batch", "clock", "codec", "copying", "decider", "envelope", "errors", "fingerprint", "handling", "ids", "names",
        "policies", "recorded", "sealing", "publishing", "states", "trace",
    ),
    "libs/events/flow": (
        "flow/runner", "flow/cursors", "flow/consumers", "flow/parking", "flow/wire", "flow/projections",
        "flow/reactions", "flow/ticks", "flow/relay", "flow/starts",
    ),
    "libs/events/contracts": ("contracts/actors", "contracts/times", "contracts/base", "contracts/upcasts"),
    "libs/events/store": ("store/matching", "store/fitting", "store/memory"),
    "libs/events/web": (
        "web/authorization", "web/principals", "web/problems", "web/limits", "web/numbers", "web/models", "web/strangers",
    ),
}  # fmt: skip
"""Files of the kernel whose behaviour unit tests reach. What needs a broker or a database (store/mongo, flow/broker,
flow/topics, flow/follower, flow/detached, audit, runtime) is proven by the integration tests and the fault harness."""
PROVEN_ELSEWHERE = ("libs/events/flow", "libs/events/store", "libs/events/web")
"""Unit tests are only a part of their proof, so they are measured beside the others and not counted with them."""
ALL_SERVICES = ("tests/unit/test_reference_data.py", "tests/unit/test_published.py")
KERNEL_TESTS = ("tests/unit/kernel", "tests/unit/test_reference_data.py", "tests/unit/review/test_titles.py",
                "tests/unit/applications/test_windows.py", "tests/contract/test_schemas.py",
                "tests/mutation/worlds.py")  # fmt: skip
"""The kernel's own, and enough of the services' to meet it in use; all of them would take ten times as long."""


def parts() -> dict[str, tuple[list[Path], list[str]]]:
    """Name → files, and folders of tests."""
    found: dict[str, tuple[list[Path], list[str]]] = {}
    for service in SERVICES:
        files = sorted((ROOT / "services" / service / "domain").rglob("*.py"))
        found[f"services/{service}/domain"] = (files, [f"tests/unit/{service}", *ALL_SERVICES])
    for name, modules in KERNEL.items():
        found[name] = ([ROOT / "libs/events" / f"{module}.py" for module in modules], list(KERNEL_TESTS))
    return found
