"""An import that is told to end has changed nothing, or all, of a file; its rejected rows stay with it (SPEC 3, 7).

In processes of their own, ended at moments spread over the whole import. NOTIFY_ENDINGS=20 makes them more.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.one_clinic import APPOINTMENTS, Clinic
from tests.support.processes import NOTIFY, environment

pytestmark = pytest.mark.slow

ENDINGS = int(os.environ.get("NOTIFY_ENDINGS", "4"))
CHANCE = random.Random(20261129)
ROWS, REJECTED = 6_000, 3
NOON = "2026-06-03T12:00:00+02:00"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    clinic = Clinic.begun_in(tmp_path)
    good = [f"nidelv;A{number};P{number % 8 + 1};KONS;2026-06-18T10:00;booked;{NOON};Rom 2" for number in range(ROWS)]
    bad = [f"nidelv;B{number};P1;KONS;no time;booked;{NOON};Rom 2" for number in range(REJECTED)]
    (tmp_path / "appointments.csv").write_text("\n".join([APPOINTMENTS, *good, *bad]))
    return clinic


def appointments(folder: Path) -> int:
    with engines.connected(folder) as connection:
        [[number]] = connection.execute("SELECT count(*) FROM appointment")
        [[imports]] = connection.execute("SELECT count(*) FROM import WHERE kind = 'appointments' AND error IS NULL")
    assert (imports > 0) == (number > 0)
    return int(number)


@contextmanager
def started(folder: Path, *files: str) -> Iterator[subprocess.Popen[str]]:
    command = [
        *NOTIFY,
        "--db",
        str(engines.address_in(folder)),
        "--config",
        "notify.toml",
        "--now",
        NOON,
        "import",
        *files,
    ]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", range(ENDINGS))
@pytest.mark.parametrize(
    ("one", "code"),
    [pytest.param(signal.SIGTERM, 143, id="SIGTERM"), pytest.param(signal.SIGINT, 130, id="Ctrl-C")],
)
def test_an_import_that_is_told_to_end_has_changed_nothing_or_all(
    clinic: Clinic, one: signal.Signals, code: int, number: int
) -> None:
    folder = clinic.folder
    with started(folder, "appointments.csv") as process:
        begun = time.monotonic()
        while not (folder / "notify.db-wal").exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.8 * (number + CHANCE.random()) / ENDINGS)
        process.send_signal(one)
        said, complained = process.communicate(timeout=10)
    assert time.monotonic() - begun < 10
    assert process.returncode in (code, 1, -one), complained  # -one: all was done, and Python was about to end
    assert "Traceback" not in complained
    stored = appointments(folder)
    assert stored in ((0, ROWS) if process.returncode == code else (ROWS,))
    if process.returncode == code:
        assert (said, complained) == ("", "notify: stopped\n")
    assert (folder / "appointments.csv.rejects.csv").exists() == (stored > 0)
    assert list(folder.glob(".*.tmp")) == []
    assert clinic.call("import", str(folder / "appointments.csv")).exit == 1
    assert appointments(folder) == ROWS


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_one_that_is_told_to_end_as_its_rows_are_written_for_good_is_complete(
    clinic: Clinic, one: signal.Signals
) -> None:
    """Whoever ends it hears so after the fact; the rejected rows are not taken away then."""
    folder = clinic.folder
    script = (
        "import os, sqlite3, sys\n"
        "from notifycli.store.sqlite.connection import SqliteConnection as Connection\n"
        "from notifycli.cli.main import run_from_shell\n"
        "class Ended(Connection):\n"
        "    def execute(self, sql, *values):\n"
        "        done = super().execute(sql, *values)\n"
        "        if sql == 'COMMIT' and super().execute('SELECT count(*) FROM appointment').fetchone()[0]:\n"
        f"            os.kill(os.getpid(), {int(one)})\n"
        "        return done\n"
        "usual = sqlite3.connect\n"
        "sqlite3.connect = lambda *given, **named: usual(*given, **named | {'factory': Ended})\n"
        "run_from_shell()\n"
    )
    command = [
        NOTIFY[0],
        "-c",
        script,
        "--db",
        str(engines.address_in(folder)),
        "--config",
        "notify.toml",
        "--now",
        NOON,
    ]
    done = subprocess.run(
        [*command, "import", "appointments.csv"], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (128 + one, "notify: stopped\n")
    assert appointments(folder) == ROWS
    assert (folder / "appointments.csv.rejects.csv").read_text().count("\n") == REJECTED + 1


def test_files_before_the_one_that_is_ended_stay_whole(clinic: Clinic) -> None:
    folder = clinic.folder
    rows = [f"nidelv;D{number};P1;dialog;{NOON}" for number in range(3 * ROWS)]
    (folder / "dialogs.csv").write_text("\n".join(["clinic_id;dialog_id;patient_id;kind;sent_at", *rows]))
    with started(folder, "appointments.csv", "dialogs.csv") as process:
        while not appointments(folder) and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 143
    assert appointments(folder) == ROWS
    with engines.connected(folder) as connection:
        assert connection.execute("SELECT count(*) FROM dialog").fetchone() == (0,)


def test_one_that_waits_for_its_standard_input_ends_as_well(clinic: Clinic) -> None:
    with started(clinic.folder, "-") as process:
        assert process.stdin is not None
        process.stdin.write(f"{APPOINTMENTS}\nnidelv;A1;P1;KONS;2026-06-18T10:00;booked;{NOON};Rom 2\n")
        process.stdin.flush()
        time.sleep(1.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 143
    assert appointments(clinic.folder) == 0
