"""Backends for tests, in this order: addresses from the environment, Docker, the embedded stack."""

from collections.abc import AsyncIterator

import pytest

from tests.backends import Backends, available, open_backends


def pytest_report_header() -> str:
    return f"backends: {available()}"


@pytest.fixture(scope="session")
async def backends(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backends]:
    """A real Kafka and a real store, shared by the run; isolation is by prefix."""
    async with open_backends(tmp_path_factory.mktemp("stack")) as found:
        yield found
