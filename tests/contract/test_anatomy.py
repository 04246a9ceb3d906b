"""The anatomy holds, and its check is seen to fail on each thing it watches."""

import shutil
from pathlib import Path

import pytest

from tests.anatomy import faults

ROOT = Path(__file__).parents[2]


def test_every_service_has_the_anatomy() -> None:
    assert faults(ROOT) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "policy")
    shutil.copytree(ROOT / "services", tmp_path / "services", ignore=ignored)
    for service in (tmp_path / "services").iterdir():
        if service.is_dir():
            (service / "policy").mkdir()
            (service / "policy" / "authorization.yaml").touch()
    assert faults(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize(
    ("where", "text", "expected"),
    [
        ("review/projections/half.py", "NAME = 'half'\n", "HANDLES"),
        ("review/reactions/after_something.py", "SOURCE, HANDLES = '', ()\ndef react(event): ...\n", "is named"),
        ("review/reactions/when_a_then_b.py", "HANDLES = ()\n", "SOURCE, react missing"),
        ("identity/domain/clock.py", "from datetime import datetime\nNOW = datetime.now()\n", "reads a clock"),
        ("identity/domain/luck.py", "import random\n", "imports random"),
        ("identity/domain/wait.py", "async def wait(): ...\n", "awaits"),
        ("applications/domain/web.py", "from libs.events.web.desk import At\n", "imports libs.events.web.desk"),
        ("applications/domain/other.py", "from services.review.domain import chain\n", "imports services.review"),
        ("assessment/domain/long.py", "x = 1\n" * 401, "more than 400 lines"),
    ],
)
def test_a_fault_is_found(copy: Path, where: str, text: str, expected: str) -> None:
    (copy / "services" / where).write_text(text, encoding="utf-8")
    (found,) = faults(copy)
    assert expected in found


def test_a_missing_file_is_found(copy: Path) -> None:
    (copy / "services" / "review" / "queries.py").unlink()
    assert faults(copy) == ["services/review/queries.py is missing"]
