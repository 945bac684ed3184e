"""SPEC section 8, `notify status`: what monitoring asks; cheap on a large database; exit 1 where it wants a look."""

import sqlite3
from pathlib import Path

import pytest

from notifycli.health import health_of
from notifycli.store.engine import open_store, writing
from tests.one_clinic import Clinic, mail_server
from tests.smtp_server import Script

DUE = "2026-06-03T12:05:00+02:00"
BOOKED = "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
FIELDS = {
    *("look", "now", "last_run_at", "seconds_since_run", "due", "queued", "retrying", "oldest_due_at", "uncertain"),
    *("failed_24h", "safety_stop", "troubles", "last_import_at", "imports"),
    *("last_work_at", "last_work_due", "last_work_sent", "last_work_skipped", "last_work_failed"),
    *("last_work_retrying", "last_work_uncertain"),
}


def test_all_is_well(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at=DUE)
    answer = clinic.call("status", at="2026-06-03T12:05:20+02:00")
    assert answer.exit == 0, str(answer)
    assert "20 seconds ago" in answer.out
    assert "All is well." in answer.out


def test_the_json_has_the_documented_fields_and_no_other(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at=DUE)
    value = clinic.json("status", at="2026-06-03T12:05:20+02:00")
    assert set(value) == FIELDS
    assert (value["last_run_at"], value["seconds_since_run"], value["last_work_sent"]) == (
        "2026-06-03T10:05:00Z",
        20,
        1,
    )
    assert value["last_import_at"] == "2026-06-03T10:00:00Z"
    of_kind = {one["kind"]: one for one in value["imports"]}
    assert list(of_kind) == ["clinics", "types", "patients", "appointments"]
    assert {name: of_kind["appointments"][name] for name in ("file", "rows", "new", "rejected", "error")} == {
        **{"file": "appointments.csv", "rows": 1, "new": 1, "rejected": 0, "error": None},
    }


def test_an_empty_database_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    value = Clinic(tmp_path).json("status")
    assert (value["look"], value["last_run_at"], value["imports"]) == ([], None, [])
    assert Clinic(tmp_path).call("status").exit == 0


@pytest.mark.parametrize(
    ("last_run", "asked_at", "is_late"),
    [
        pytest.param("2026-06-03T12:01:00+02:00", "2026-06-03T12:06:00+02:00", False, id="five minutes to the second"),
        pytest.param("2026-06-03T12:01:00+02:00", "2026-06-03T12:06:01+02:00", True, id="a second more"),
        pytest.param("2026-06-03T12:01:00+02:00", "2026-06-03T12:04:59+02:00", False, id="nothing is due yet"),
        pytest.param(None, "2026-06-03T12:05:00+02:00", True, id="no run ever"),
        pytest.param(None, "2026-06-03T12:04:59+02:00", False, id="no run yet, nothing due"),
    ],
)
def test_cron_seems_to_be_off(tmp_path: Path, last_run: str | None, asked_at: str, is_late: bool) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    if last_run:
        clinic.call("run", at=last_run)
    value = clinic.json("status", at=asked_at)
    assert any("crontab" in look for look in value["look"]) is is_late
    assert value["due"] == (asked_at >= DUE)
    assert clinic.call("status", at=asked_at).exit == int(is_late)


def test_the_backlog_and_its_oldest(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(*(f"A{number};P1;KONS;2026-06-18T10:00;booked;2026-06-03T11:5{number};" for number in range(3)))
    value = clinic.json("status", at="2026-06-03T12:10:00+02:00")
    assert (value["due"], value["oldest_due_at"]) == (3, "2026-06-03T09:55:00Z")
    assert "3 due; the oldest was due Wed 03.06.2026 11:55" in clinic.call("status", at="2026-06-03T12:10:00+02:00").out


@pytest.mark.parametrize(
    ("script", "field", "word"),
    [
        pytest.param({"RCPT": ["451 4.7.1 later"]}, "retrying", "notify doctor", id="to be tried again"),
        pytest.param({"RCPT": ["550 5.1.1 unknown"]}, "failed_24h", "--status failed", id="failed for good"),
        pytest.param({"DOT": ["334 what?"]}, "uncertain", "--status uncertain", id="uncertain"),
    ],
)
def test_what_went_wrong_wants_a_look(
    tmp_path: Path, script: dict[str, list[str | None]], field: str, word: str
) -> None:
    with mail_server(Script(script)) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    value = clinic.json("status", at=DUE)
    assert {name: value[name] for name in ("retrying", "failed_24h", "uncertain")} == {
        **{"retrying": 0, "failed_24h": 0, "uncertain": 0, field: 1},
    }
    (look,) = value["look"]
    assert word in look
    assert clinic.call("status", at=DUE).exit == 1


def test_a_failure_is_forgotten_after_a_day(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 unknown"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    assert clinic.json("status", at="2026-06-04T12:05:00+02:00")["failed_24h"] == 1
    assert clinic.json("status", at="2026-06-04T12:05:01+02:00")["failed_24h"] == 0


def test_the_safety_stop_wants_a_look_until_it_is_released(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 1\n")
    clinic.book(*(f"A{number};P1;KONS;2026-06-1{number}T10:00;booked;2026-06-03T12:00;" for number in range(6, 9)))
    assert clinic.call("run", at=DUE).exit == 4
    value = clinic.json("status", at=DUE)
    assert (value["safety_stop"], value["due"]) == (True, 3)
    assert any("--release" in look for look in value["look"])
    clinic.call("run", "--release", at=DUE)
    assert (clinic.json("status", at=DUE)["safety_stop"], clinic.call("status", at=DUE).exit) == (False, 0)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(
            "clinic_id;patient_id;consent\nnidelv;;yes\nnidelv;P9;yes\n", "1 row rejected", id="a row rejected"
        ),
        pytest.param("nothing;that\nis;known\n", "was not imported", id="not recognised"),
        pytest.param('clinic_id;patient_id;consent\nnidelv;"P9;yes\n', "was not imported", id="an unbalanced quote"),
    ],
)
def test_an_import_that_went_wrong_wants_a_look_for_a_day(tmp_path: Path, content: str, word: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "odd.csv").write_text(content, encoding="utf-8")
    clinic.call("import", str(tmp_path / "odd.csv"))
    (look,) = clinic.json("status")["look"]
    assert "odd.csv" in look
    assert word in look
    assert clinic.json("status", at="2026-06-04T12:00:00+02:00")["look"] == []


def test_it_says_nothing_of_patients(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at=DUE)
    out = clinic.call("status", at=DUE).out
    assert not [word for word in ("P1", "Kari", "kari@", "91000001", "A1") if word in out]


def test_it_costs_the_same_on_a_large_database(tmp_path: Path) -> None:
    small, large = steps_of_health(tmp_path / "small.db", 500), steps_of_health(tmp_path / "large.db", 20_000)
    assert large < 1.2 * small + 1_000


def steps_of_health(path: Path, deliveries: int) -> int:
    """How many steps of SQLite's machine it takes beside so many deliveries that went out long ago."""
    connection = open_store(path)
    with writing(connection):
        fill(connection, deliveries)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 10
        return 0

    connection.set_progress_handler(count, 10)
    health_of(connection, 1_780_000_000)
    connection.close()
    return steps


def fill(connection: sqlite3.Connection, deliveries: int) -> None:
    numbers = [(number, f"A{number}") for number in range(deliveries)]
    connection.executemany(
        "INSERT INTO notice (id, clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
        " written_at) VALUES (?, 'nidelv', 'P1', 'appointment', ?, 'reminder', 1, 1, 1, 1)",
        numbers,
    )
    connection.executemany(
        "INSERT INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, attempts)"
        " VALUES (?, 'sms', 'nidelv', 1, 'sent', 1, 1)",
        [(number,) for number, _ in numbers],
    )
