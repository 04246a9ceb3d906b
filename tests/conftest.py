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
