"""Backends for tests, in this order: addresses from the environment, Docker, the embedded stack."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from tests.backends import Backends, available, open_backends

# How fast examples come says something of a busy machine and nothing of the code.
settings.register_profile("tidu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tidu")


def pytest_report_header() -> str:
    return f"backends: {available()}"


@pytest.fixture(scope="session")
async def backends(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backends]:
    """A real Kafka and a real store, shared by the run; isolation is by prefix."""
    async with open_backends(tmp_path_factory.mktemp("stack")) as found:
        yield found


LONGEST_FIRST = ("e2e", "backends", "test_local_stack", "simulation")
"""With `--no-loadscope-reorder` they are begun in this order; what is short fills up the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes (`-n`): what shares a Kafka, a store or a stack stays together, so each starts once."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    ranks = {group: rank for rank, group in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(_group(item), len(ranks)))


def _group(item: pytest.Item) -> str:
    folder, name = item.path.parent.name, item.path.stem
    if folder in ("e2e", "simulation", "faults"):
        return folder
    return "backends" if "backends" in getattr(item, "fixturenames", ()) else name
