"""What was still incomplete after the findings of the second reading were mended, through the command line."""

from pathlib import Path
from typing import Any

import pytest

from notifycli.intake.formats.blocks import CHUNK
from tests.properties.test_second_reading import A_MINUTE_LATER, APPOINTMENTS, BEFORE, DOWN, DUE, NOON, booked, imported
from tests.support import engines
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

FULL = APPOINTMENTS + ";cancelled_at"
OWN = '[clinic.nidelv]\ncolumns = { "Kontakt" = "email", "Kont.or" = "clinic_id" }\n'
FILLER = "x" * 80


def foreseen(rows: list[dict[str, Any]]) -> list[tuple[str, list[str], str | None]]:
    return [(row["event"], row["channels"], row["reason"]) for row in rows]


def test_another_clinics_row_beyond_the_first_block_refuses_the_file(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, OWN)
    imported(clinic, BEFORE, "c.csv", "clinic_id;name", "solberg;S")
    rows = [f"nidelv;N{i};ja;n{i}@post.example;{FILLER}" for i in range(2500)] + ["solberg;S1;ja;s1@post.example;x"]
    told = imported(clinic, NOON, "p.csv", "Klinikk;Pasientnr;Samtykke;Kontakt;Fornavn", *rows)
    assert told.exit == 1
    assert "rows of other clinics" in told.err
    assert clinic.call("patient", "show", "nidelv", "N1").exit == 2


def test_upcoming_of_a_subject_with_a_retry(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P2")
        clinic.call("run", at=DUE)
        clinic.book("A1;P2;KONS;2026-06-18T10:00;cancelled;;", at="2026-06-03T12:05:30+02:00")
        assert ("cancellation", ["email"], None) in foreseen(clinic.json("upcoming", at="2026-06-03T12:05:40+02:00"))


def test_reminder_of_a_subject_with_a_retry(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P2")
        clinic.call("run", at=DUE)
        until = ("--until", "2026-06-30T00:00:00+02:00")
        assert [e for e, *_ in foreseen(clinic.json("upcoming", *until, at=DUE))] == ["confirmation", "reminder"]


def test_a_clinics_file_that_does_not_bring_it(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "c.csv").write_text("clinic_id;name\nsolberg;S\n")
    (tmp_path / "d.csv").write_text("dialog_id;patient_id;kind\nD1;P1;dialog\n")
    assert clinic.call("import", "--clinic", "nowhere", str(tmp_path / "c.csv"), str(tmp_path / "d.csv")).exit == 2


def test_own_name_of_the_clinic_in_another_spelling(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, OWN)
    assert (
        imported(clinic, NOON, "p.csv", "kontor;Pasientnr;Samtykke;Kontakt", "nidelv;N1;ja;n1@post.example").exit == 0
    )


def test_a_stopped_run_counts_what_a_kill_left(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 1\n")
    booked(clinic, "P3")
    clinic.call("run", at=DUE)
    with engines.connected(tmp_path) as db:
        db.execute("UPDATE delivery SET status='sending', sent_at=NULL")
    clinic.book(*(f"B{i};P3;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;" for i in range(3)))
    assert clinic.json("run", at=A_MINUTE_LATER)["uncertain"] == 1


def test_too_late_at_the_next_attempt(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        clinic.book("A1;P2;KONS;2026-06-03T12:10;booked;2026-06-03T12:00;")
        for m in (5, 6, 8):
            clinic.call("run", at=f"2026-06-03T12:0{m}:00+02:00")
        seen = foreseen(clinic.json("upcoming", at="2026-06-03T12:09:00+02:00"))
        assert clinic.json("run", at="2026-06-03T12:13:00+02:00")["skipped"] == 1
    assert seen == [("confirmation", [], "too_late")]


def test_the_address_was_removed(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P1")
        clinic.call("run", at=DUE)
        clinic.call("patient", "set", "nidelv", "P1", "--email", "", at=DUE)
        assert foreseen(clinic.json("upcoming", at=DUE)) == [("confirmation", ["sms"], None)]


@pytest.mark.slow
def test_everything_due_counts_when_the_server_is_dead(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, *["P2"] * 150)
        assert clinic.json("run", at=DUE)["due"] == 150


def test_before_any_run_has_looked(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    imported(
        clinic, NOON, "d.csv", "clinic_id;dialog_id;patient_id;kind;sent_at", "nidelv;D1;N1;dialog;2026-06-03T12:00"
    )
    assert foreseen(clinic.json("upcoming", at="2026-06-03T12:00:30+02:00")) == [("dialog", [], "unknown_patient")]


def test_open_again_after_a_cancellation_by_the_patient(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    for minute, status, changed, cancelled in (
        (0, "booked", "", ""),
        (10, "avbestilt", "", "2026-06-03T12:10"),
        (20, "booked", "2026-06-03T12:20", ""),
        (30, "pending", "2026-06-03T12:30", ""),
    ):
        imported(
            clinic,
            f"2026-06-03T12:{minute:02}:00+02:00",
            "a.csv",
            FULL,
            f"nidelv;A1;P2;KONS;2026-06-18T10:00;{status};2026-06-03T12:00;{changed};{cancelled}",
        )
        clinic.call("run", at=f"2026-06-03T12:{minute + 5:02}:00+02:00")
    assert "Du har avbestilt" not in clinic.json("history", "--event", "cancellation")[0]["text"]


def test_a_status_that_others_gave(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    imported(
        clinic,
        NOON,
        "e.csv",
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status",
        "nidelv;E1;P1;convene;app_invite;sms;2026-06-03T11:00;Levert",
    )
    (row,) = clinic.json("history")
    assert clinic.call("history", "--status", row["status"]).exit == 0


@pytest.mark.slow
def test_two_files_of_types_in_one_call(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "a.csv").write_text("clinic_id;type_id;notifications;name\nnidelv;OFF;yes;x\n")
    between = "".join(f"nidelv;T{i};no;{FILLER}\n" for i in range(3 * CHUNK // 100))
    (tmp_path / "b.csv").write_text(
        f"clinic_id;type_id;notifications;name\nnidelv;OFF;yes;y\n{between}nidelv;OFF;yes;z\n"
    )
    clinic.call("import", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    assert [one["on"] for one in clinic.json("type", "list", "nidelv") if one["type"] == "OFF"] == [True]


def test_reminders_of_what_is_migrated(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    rows = [f"nidelv;A{i};P1;KONS;2026-06-18T10:00;booked;2026-05-04T12:00;" for i in range(3)]
    assert (
        "3 reminders" in imported(clinic, NOON, "a.csv", APPOINTMENTS, *rows, options=("--migrated", "--dry-run")).err
    )
