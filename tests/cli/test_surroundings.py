"""Where and how people call it: pipes that close, full devices, other time zones, locales without letters, no HOME."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic
from tests.support.processes import LONGEST, NOTIFY, environment

pytestmark = pytest.mark.slow

LATER = "2026-06-03T12:10:00+02:00"
MANY = 300  # rows, so that more is written than a pipe takes


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    begun = Clinic.begun_in(tmp_path_factory.mktemp("clinic"), "[limits]\nmax_due = 0\n")
    begun.book(*(f"A{number};P{1 + number % 6};KONS;2026-06-18T10:00;booked;;Rom 2" for number in range(MANY)))
    return begun


def command(clinic: Clinic, *arguments: str) -> list[str]:
    config = clinic.folder / "notify.toml"
    return [*NOTIFY, "--db", str(clinic.folder / "notify.db"), "--config", str(config), "--now", LATER, *arguments]


def called(clinic: Clinic, *arguments: str, **set_: str) -> subprocess.CompletedProcess[str]:
    unset = {name for name, value in set_.items() if value == "unset"}
    env = {name: value for name, value in (environment() | set_).items() if name not in unset}
    return subprocess.run(
        command(clinic, *arguments), capture_output=True, encoding="utf-8", env=env, timeout=LONGEST, cwd=clinic.folder
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("upcoming", "--until", "2026-07-01", "--limit", "0"), id="a table"),
        pytest.param(("upcoming", "--until", "2026-07-01", "--json"), id="JSON"),
        pytest.param(("calls", "--until", "2026-07-01", "--csv"), id="CSV"),
        pytest.param(("help", "rules"), id="a page"),
        pytest.param(("import", "--template", "appointments"), id="a template"),
    ],
)
def test_who_has_read_enough_may_close_the_pipe(clinic: Clinic, arguments: tuple[str, ...]) -> None:
    """As `head -1` does: no complaint, no traceback."""
    process = subprocess.Popen(
        command(clinic, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(LONGEST), err) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full is Linux's")
@pytest.mark.parametrize(
    "arguments",
    [("status",), ("upcoming", "--until", "2026-07-01", "--json"), ("--version",), ("import", "--template", "types")],
    ids=["a table", "JSON", "a word", "a template"],
)
def test_what_could_not_be_written_is_no_success(clinic: Clinic, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(clinic, *arguments), stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=LONGEST
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1)


@pytest.mark.parametrize(
    "set_",
    [
        pytest.param({"TZ": "America/New_York"}, id="a machine in New York"),
        pytest.param({"TZ": "Nowhere/At_All"}, id="a time zone that is none"),
        pytest.param({"LC_ALL": "C", "LANG": "C"}, id="locale C"),
        pytest.param({"HOME": "unset"}, id="no HOME, as under cron"),
    ],
)
def test_the_machine_does_not_change_what_is_told(clinic: Clinic, set_: dict[str, str]) -> None:
    for arguments in (("why", "appointment", "A1"), ("patient", "show", "nidelv", "P1"), ("upcoming", "--json")):
        there, here = called(clinic, *arguments, **set_), called(clinic, *arguments)
        assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)


def test_imports_runs_and_a_backup_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    calls = []
    for number in range(3):
        path = tmp_path / f"part-{number}.csv"
        rows = (f"nidelv;A{number}-{n};P2;KONS;2026-06-18T1{number}:{n:02};booked;2026-06-03T12:00" for n in range(10))
        path.write_text(
            "\n".join(["clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at", *rows, ""]),
            encoding="utf-8",
        )
        calls.append(("import", str(path)))
    calls += [("run",), ("run",), ("backup", str(tmp_path / "copy.db"))]
    processes = [
        subprocess.Popen(command(clinic, *call), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        for call in calls
    ]
    told = [process.communicate(timeout=LONGEST) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(calls), told
    clinic.call("run", at=LATER)
    history = json.loads(clinic.call("history", "--json", "--limit", "0", at=LATER).out)
    sent = [row["subject_id"] for row in history if row["status"] == "sent"]
    assert sorted(sent) == sorted(f"A{number}-{n}" for number in range(3) for n in range(10))
    assert len(list((tmp_path / "outbox" / "email" / "new").iterdir())) == 30
