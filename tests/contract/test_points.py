"""Crash points: the table is true, a durable step without one is found, and nothing can be armed in production."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from libs.events import points
from libs.events.settings import KernelSettings
from tests.points import ROOT, WHERE, faults

STEP = """
async def {name}(state):
    await state.documents("x").insert({{"_id": "1"}})
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in WHERE:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    return tmp_path


def test_every_durable_step_has_a_point() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("where", "text", "expected"),
    [
        ("libs/events/flow/new.py", STEP.format(name="keep"), "no crash point follows it in keep"),
        (
            "libs/events/flow/new.py",
            STEP.format(name="keep") + '    reach("made.up")\n',
            "'made.up' is not in the table",
        ),
        (
            "services/notifications/call.py",
            "async def call(sms):\n    await sms.send_and_wait(1)\n",
            "follows it in call",
        ),
        ("libs/events/flow/clients.py", "", None),
    ],
)
def test_a_new_step_without_a_point_is_found(copy: Path, where: str, text: str, expected: str | None) -> None:
    with (copy / where).open("a", encoding="utf-8") as file:
        file.write(text)
    found = faults(copy)
    assert (found == []) if expected is None else any(expected in fault for fault in found)


def test_a_point_that_no_code_reaches_is_found(copy: Path) -> None:
    relay = copy / "libs/events/flow/relay.py"
    relay.write_text(relay.read_text(encoding="utf-8").replace('reach("relay.sent")', "pass"), encoding="utf-8")
    assert "the table names 'relay.sent', which no code reaches" in faults(copy)


def test_points_cannot_be_armed_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PROFILE": "production", "POINTS": "plan.json", "MASTER_KEY": "x" * 44, "PEPPER": "own", "FINGERPRINT_SECRET": "1:own",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TIDU_{name}", value)
    with pytest.raises(ValueError, match="cannot be armed in the production profile"):
        KernelSettings()


def test_the_clock_cannot_be_stepped_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PROFILE": "production", "WALL_STEP": "off", "MASTER_KEY": "x" * 44, "PEPPER": "own", "FINGERPRINT_SECRET": "1:own",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TIDU_{name}", value)
    with pytest.raises(ValueError, match="cannot be stepped in the production profile"):
        KernelSettings()


def test_a_process_dies_at_its_point_after_passing_it_and_the_next_one_lives(tmp_path: Path) -> None:
    plan = tmp_path / "review.json"
    plan.write_text(json.dumps({"point": "relay.sent", "after": 2}), encoding="utf-8")
    code = (
        "import sys, pathlib; from libs.events import points as p; p.arm(p.killer(pathlib.Path(sys.argv[1])))\n"
        "for n in range(5): p.reach('relay.read'); print(n, flush=True); p.reach('relay.sent')"
    )

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", code, plan], cwd=ROOT, capture_output=True, text=True, check=False)

    first, second = run(), run()
    assert (first.returncode, first.stdout.split()) == (-9, ["0", "1", "2"])
    assert (second.returncode, second.stdout.split()) == (0, ["0", "1", "2", "3", "4"])
    assert not plan.exists() and plan.with_suffix(".done").exists()


def test_nothing_is_armed_unless_asked() -> None:
    points.reach("relay.sent")
    seen: list[str] = []
    with points.armed(seen.append):
        points.reach("relay.sent")
    points.reach("relay.sent")
    assert seen == ["relay.sent"]
