"""SPEC section 8, `notify status`: what monitoring asks; cheap on a large database; exit 1 where it wants a look."""

import sqlite3
from pathlib import Path

import pytest

from notifycli.queries.health import health_of
from notifycli.store.engine import open_store, writing
from tests.support.one_clinic import NOON, Clinic, mail_server
from tests.support.smtp_server import Script

DUE = "2026-06-03T12:05:00+02:00"
BOOKED = "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
FIELDS = {"well", "troubles", "last_run", "last_import", "waiting", "late"}


def codes(clinic: Clinic, at: str = NOON) -> list[str]:
    """Of what is a trouble; that the exit code says the same is seen here once and for all."""
    value = clinic.json("status", at=at)
    assert all(set(one) == {"code", "since", "detail"} for one in value["troubles"])
    assert value["well"] is (not value["troubles"])
    assert clinic.call("status", at=at).exit == int(not value["well"])
    return [one["code"] for one in value["troubles"]]


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
    assert value == {
        **{"well": True, "troubles": [], "last_run": "2026-06-03T10:05:00Z", "last_import": "2026-06-03T10:00:00Z"},
        **{"waiting": 0, "late": 0},
    }


def test_a_database_without_any_import_is_not_well(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    value = Clinic(tmp_path).json("status")
    assert (value["well"], value["last_run"], value["last_import"]) == (False, None, None)
    assert codes(Clinic(tmp_path)) == ["no_import"]
    assert "All is well" not in Clinic(tmp_path).call("status").out


def test_a_database_whose_imports_all_failed_is_not_well_either(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    clinic = Clinic(tmp_path)
    (tmp_path / "odd.csv").write_text("nothing;that\nis;known\n", encoding="utf-8")
    clinic.call("import", str(tmp_path / "odd.csv"))
    assert codes(clinic) == ["no_import", "import_failed"]
    clinic.call("imports", "settle", "1")
    assert codes(clinic) == ["no_import"]


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
    assert codes(clinic, asked_at) == ["no_run"] * is_late
    value = clinic.json("status", at=asked_at)
    assert all("crontab" in one["detail"] for one in value["troubles"])
    assert value["waiting"] == (asked_at >= DUE)


def test_the_backlog_and_its_oldest(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(*(f"A{number};P1;KONS;2026-06-18T10:00;booked;2026-06-03T11:5{number};" for number in range(3)))
    value = clinic.json("status", at="2026-06-03T12:10:00+02:00")
    assert (value["waiting"], value["late"]) == (3, 3)
    (trouble,) = value["troubles"]
    assert (trouble["code"], trouble["since"]) == ("no_run", "2026-06-03T09:55:00Z")
    assert "3 due; the oldest was due Wed 03.06.2026 11:55" in clinic.call("status", at="2026-06-03T12:10:00+02:00").out


@pytest.mark.parametrize(
    ("script", "code", "word"),
    [
        pytest.param({"RCPT": ["451 4.7.1 later"]}, "retrying", "notify doctor", id="to be tried again"),
        pytest.param({"RCPT": ["550 5.1.1 unknown"]}, "failed", "--status failed", id="failed for good"),
        pytest.param({"DOT": ["334 what?"]}, "uncertain", "--status uncertain", id="uncertain"),
    ],
)
def test_what_went_wrong_wants_a_look(
    tmp_path: Path, script: dict[str, list[str | None]], code: str, word: str
) -> None:
    with mail_server(Script(script)) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.call("patient", "set", "nidelv", "P4", "--mobile", "")
        clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    assert codes(clinic, DUE) == [code]
    (trouble,) = clinic.json("status", at=DUE)["troubles"]
    assert word in trouble["detail"]
    assert trouble["since"] == "2026-06-03T10:05:00Z"


def test_a_failure_is_forgotten_after_a_day(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 unknown"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.call("patient", "set", "nidelv", "P4", "--mobile", "")
        clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    assert codes(clinic, "2026-06-04T12:05:00+02:00") == ["failed"]
    assert codes(clinic, "2026-06-04T12:05:01+02:00") == []


def test_the_safety_stop_wants_a_look_until_it_is_released(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 1\n")
    clinic.book(*(f"A{number};P1;KONS;2026-06-1{number}T10:00;booked;2026-06-03T12:00;" for number in range(6, 9)))
    assert clinic.call("run", at=DUE).exit == 4
    assert codes(clinic, DUE) == ["safety_stop"]
    value = clinic.json("status", at=DUE)
    assert value["waiting"] == 3
    assert "--release" in value["troubles"][0]["detail"]
    clinic.call("run", "--release", at=DUE)
    assert codes(clinic, DUE) == []


def test_it_says_nothing_of_patients(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at=DUE)
    out = clinic.call("status", at=DUE).out
    assert not [word for word in ("P1", "Kari", "kari@", "91000001", "A1") if word in out]


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("patient", "script", "code"),
    [
        pytest.param("P2", {"RCPT": ["550 5.1.1 unknown"]}, None, id="e-mail fails, SMS in its place"),
        pytest.param("P4", {"RCPT": ["550 5.1.1 unknown"]}, None, id="both, of which one arrives"),
        pytest.param("P1", {"RCPT": ["550 5.7.1 blocked"]}, None, id="the clinic's way, SMS in its place"),
        pytest.param("P3", {"RCPT": ["550 5.1.1 unknown"]}, None, id="SMS alone"),
        pytest.param("P9", {"RCPT": ["550 5.1.1 unknown"]}, "failed", id="no other channel"),
    ],
)
def test_a_failure_is_none_where_the_notice_reached_the_patient_otherwise(
    tmp_path: Path, patient: str, script: dict[str, list[str | None]], code: str | None
) -> None:
    with mail_server(Script(script)) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        (tmp_path / "p9.csv").write_text("clinic_id;patient_id;consent;email\nnidelv;P9;yes;p9@post.example\n")
        clinic.call("import", str(tmp_path / "p9.csv"))
        clinic.book(f"A1;{patient};KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    assert codes(clinic, DUE) == ([code] if code else [])


def test_two_failures_of_one_notice_are_a_trouble(tmp_path: Path) -> None:
    gateway = tmp_path / "sms"
    gateway.write_text("#!/bin/sh\nexit 69\n", encoding="utf-8")
    gateway.chmod(0o755)
    with mail_server(Script({"RCPT": ["550 5.1.1 unknown"]})) as (_, config):
        sms = f'[sms]\ntransport = "command"\ncommand = ["{gateway}"]\n'
        clinic = Clinic.begun_in(tmp_path, config + sms)
        clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    statuses = [one["status"] for one in clinic.json("history", at=DUE)]
    assert "failed" in statuses
    assert not {"sent", "delivered"} & set(statuses)
    assert "failed" in codes(clinic, DUE)
