"""docs/systemd: systemd itself understands every line of the units, and finds them well shut in."""

import subprocess
from pathlib import Path

import pytest

from tests.real.servers import needs, program
from tests.support.places import REPOSITORY

UNITS = REPOSITORY / "docs" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
NOTIFY = "/opt/notifycli/bin/notify"
MOST_EXPOSED = 20  # of 100; a service without any option has 96


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is there in notify's place: verify wants to see it."""
    needs("systemd-analyze")
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace(NOTIFY, program("true"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyzed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program("systemd-analyze"), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def verified(*units: Path) -> "subprocess.CompletedProcess[str]":
    return analyzed("verify", "--man=no", *map(str, units))


def test_every_line_is_understood(units: Path) -> None:
    answer = verified(*sorted(units.iterdir()))
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("unit", "line", "wrong"),
    [
        pytest.param("notify-run.service", "NoNewPrivileges=yes", "NoNewPriviliges=yes", id="a key"),
        pytest.param("notify-receipts.service", "Type=exec", "Type=execute", id="a value"),
        pytest.param("notify-run.timer", "OnCalendar=*-*-* *:*:00", "OnCalendar=* * * * *", id="a time"),
    ],
)
def test_a_slip_would_be_seen(units: Path, unit: str, line: str, wrong: str) -> None:
    text = (units / unit).read_text(encoding="utf-8")
    assert line in text
    (units / unit).write_text(text.replace(line, wrong), encoding="utf-8")
    assert f"{unit}:" in verified(units / unit).stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_shut_in(units: Path, service: str) -> None:
    answer = analyzed("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(units / service))
    assert answer.returncode == 0, answer.stdout.splitlines()[-1]
