"""What one server, one lock or one clock has wrong is no trouble of the others (SPEC 7), and no answer is lost."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from notifycli.delivery.sender import retry_while_busy
from notifycli.domain.retry import resend_at
from notifycli.store import journal
from notifycli.store.engine import Connection, StoreBusy, StoreError, short_waits, writing
from tests.support import engines
from tests.support.one_clinic import Clinic

DUE, A_MINUTE_LATER = "2026-06-03T12:05:00+02:00", "2026-06-03T12:06:00+02:00"
NO_SUCH_PASSWORD = (
    '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\nusername = "n"\npassword_file = "none"\n'
)
ANSWER, SETTLED = "an answer", 1_780_480_800
HOUR = 3600


@contextmanager
def held(folder: Path, seconds: float) -> Iterator[None]:
    """Another program writes for so long."""
    writes = threading.Event()

    def write() -> None:
        with engines.connected(folder) as other, writing(other):
            writes.set()
            threading.Event().wait(seconds)

    program = threading.Thread(target=write)
    program.start()
    try:
        assert writes.wait(10)
        yield
    finally:
        program.join()


def note(connection: Connection) -> str:
    with writing(connection):
        journal.set_state(connection, "answer", ANSWER)
    return ANSWER


@pytest.mark.slow
def test_an_answer_waits_until_it_can_be_recorded(tmp_path: Path) -> None:
    with engines.connected(tmp_path) as connection, short_waits(connection, 0.1):
        with held(tmp_path, 0.8):
            assert asyncio.run(retry_while_busy(partial(note, connection))) == ANSWER
        assert journal.state(connection, "answer", "") == ANSWER


@pytest.mark.slow
def test_what_may_be_left_to_the_next_run_does_not_wait_for_ever(tmp_path: Path) -> None:
    with (
        engines.connected(tmp_path) as connection,
        short_waits(connection, 0.1),
        held(tmp_path, 0.8),
        pytest.raises(StoreBusy, match="locked"),
    ):
        asyncio.run(retry_while_busy(partial(note, connection), longest=0))


def test_another_error_is_not_waited_for(tmp_path: Path) -> None:
    with (
        engines.connected(tmp_path) as connection,
        pytest.raises(StoreError, match="refused"),
    ):
        asyncio.run(retry_while_busy(partial(connection.execute, "SELECT * FROM nowhere")))


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path, NO_SUCH_PASSWORD)


def test_a_wrong_setting_of_one_channel_holds_up_no_other(clinic: Clinic) -> None:
    clinic.book(
        "A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;", "A2;P3;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
    )
    first = clinic.call("run", at=DUE)
    assert (first.exit, {row["channel"]: row["status"] for row in clinic.json("history")}) == (
        1,
        {"email": "queued", "sms": "sent"},
    )
    assert "email" in first.err
    assert clinic.call("run", at="2026-06-03T12:05:30+02:00").err == "", "it is told once"


def test_the_history_says_which_setting_was_wrong(clinic: Clinic) -> None:
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    clinic.call("run", at=DUE)
    (row,) = clinic.json("history")
    shown = json.loads(clinic.call("show", "--json", str(row["notice"])).out)
    assert "settings: [email] password_file" in shown["deliveries"][0]["detail"]


def test_a_clock_that_was_set_back_does_not_undo_a_switch(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    for command, at in (("disable", "13:00"), ("enable", "13:05"), ("disable", "12:30")):
        clinic.call("module", command, "nidelv", "timebook", at=f"2026-06-03T{at}:00+02:00")
    listed = {
        one["module"]: one["on"] for one in clinic.json("module", "list", "nidelv", at="2026-06-03T14:00:00+02:00")
    }
    assert listed["timebook"] is False


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        pytest.param(1, SETTLED, id="the first: at once"),
        pytest.param(3, SETTLED, id="the third: at once"),
        pytest.param(4, SETTLED + HOUR, id="then hourly"),
        pytest.param(27, SETTLED + HOUR, id="for a day"),
        pytest.param(28, None, id="then staff have to look"),
    ],
)
def test_a_run_that_always_dies_does_not_send_for_ever(attempts: int, expected: int | None) -> None:
    assert resend_at(attempts, SETTLED) == expected


def test_what_was_imported_moves_to_the_archive_and_nothing_there_is_lost(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    archive = tmp_path / "done"
    archive.mkdir()
    for text in ("clinic_id;name\nnidelv;One\n", "clinic_id;name\nnidelv;Two\n", 'clinic_id;name\nnidelv;"'):
        (tmp_path / "a.csv").write_text(text)
        clinic.call("import", "--archive", str(archive), str(tmp_path / "a.csv"))
    assert {path.name: path.read_text().split(";")[-1] for path in archive.iterdir()} == {
        "a.csv": "One\n",
        "a.csv.2": "Two\n",
    }
    assert (tmp_path / "a.csv").exists(), "what could not be read stays"


@pytest.mark.parametrize("option", [["--dry-run"], []])
def test_a_rehearsal_moves_nothing(tmp_path: Path, option: list[str]) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "a.csv").write_text("clinic_id;name\nnidelv;One\n")
    (tmp_path / "done").mkdir()
    clinic.call("import", *option, "--archive", str(tmp_path / "done"), str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").exists() is bool(option)
