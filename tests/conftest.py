"""Backends for tests, in this order: addresses from the environment, Docker, the embedded stack."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.backends import Backends, available, open_backends
from tests.sharing import Sharing, only_here, rank_of

# How fast examples come says something of a busy machine and nothing of the code.
settings.register_profile("tidu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tidu")


def pytest_report_header() -> str:
    return f"backends: {available()}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return Sharing(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank_of(item.nodeid))


@pytest.fixture(scope="session")
async def backends(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backends]:
    """A real Kafka and a real store, shared by the run; isolation is by prefix."""
    only_here(tmp_path_factory, "backends", processes=2)
    async with open_backends(tmp_path_factory.mktemp("stack")) as found:
        yield found
