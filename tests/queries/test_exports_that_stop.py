"""SPEC section 8: no import of appointments for `limits.max_hours_without_import` is a trouble, since exports that stop
are the quietest way to remind people of what is no longer true. Goes by the command line."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic

MONDAY = datetime.fromisoformat("2026-06-01T06:00:00+02:00")
APPOINTMENTS = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at\n"
YORK = "clinic_id;name;timebook\nyork;York;yes\n"
PATIENT_OF_YORK = "clinic_id;patient_id;consent\nyork;P1;yes\n"


def after(hours: float) -> str:
    return (MONDAY + timedelta(hours=hours)).isoformat()


def bring(clinic: Clinic, text: str, *options: str, name: str = "rows.csv", hours: float = 0) -> int:
    """The exit code."""
    path = clinic.folder / name
    path.write_text(text, encoding="utf-8")
    seconds = (MONDAY + timedelta(hours=hours)).timestamp()
    os.utime(path, (seconds, seconds))
    return clinic.call("import", *options, str(path), at=after(hours)).exit


def row(clinic_id: str, number: int = 1, day: str = "2026-06-30") -> str:
    return f"{clinic_id};A{number};P1;KONS;{day}T10:00;booked;2026-05-01T10:00\n"


def troubles(clinic: Clinic, hours: float) -> list[tuple[str, str]]:
    """Codes and since when, but for what the reminders make."""
    found = clinic.json("status", at=after(hours))["troubles"]
    return [(one["code"], one["since"]) for one in found if one["code"] != "no_run"]


@pytest.mark.parametrize(
    ("config", "hours", "is_trouble"),
    [
        pytest.param("", 36, False, id="36 hours to the second"),
        pytest.param("", 36 + 1 / 3600, True, id="a second more"),
        pytest.param("[limits]\nmax_hours_without_import = 2\n", 2, False, id="2 hours"),
        pytest.param("[limits]\nmax_hours_without_import = 2\n", 3, True, id="3 of 2 hours"),
        pytest.param("[limits]\nmax_hours_without_import = 100\n", 99, False, id="a long weekend"),
        pytest.param("[limits]\nmax_hours_without_import = 0\n", 10_000, False, id="never"),
    ],
)
def test_so_many_hours_without_appointments(tmp_path: Path, config: str, hours: float, is_trouble: bool) -> None:
    clinic = Clinic.begun_in(tmp_path, config)
    bring(clinic, APPOINTMENTS + row("nidelv"))
    found = clinic.json("status", at=after(hours))["troubles"]
    silent = [one for one in found if one["code"] == "no_appointments"]
    assert bool(silent) is is_trouble
    assert all("do the exports still come" in one["detail"] for one in silent)


def test_it_has_lasted_since_the_hours_were_over(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv"))
    assert troubles(clinic, 100) == [("no_appointments", "2026-06-02T16:00:00Z")]


@pytest.mark.parametrize(
    ("text", "options", "name"),
    [
        pytest.param(APPOINTMENTS + row("nidelv"), [], "rows.csv", id="the same file"),
        pytest.param(APPOINTMENTS + row("nidelv", 2), [], "new.csv", id="another"),
        pytest.param(APPOINTMENTS, [], "rows.csv", id="the same without rows"),
        pytest.param(
            APPOINTMENTS + row("nidelv") + row("nidelv", 3).replace("2026-06-30", "soon"),
            [],
            "bad.csv",
            id="a row rejected",
        ),
        pytest.param(
            json.dumps(
                {
                    **{"clinic_id": "nidelv", "appointment_id": "A7", "patient_id": "P1"},
                    **{"starts_at": "2026-06-30T10:00", "status": "cancelled"},
                }
            )
            + "\n",
            [],
            "rows.ndjson",
            id="NDJSON",
        ),
    ],
)
def test_any_import_of_appointments_ends_it(tmp_path: Path, text: str, options: list[str], name: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv"))
    bring(clinic, text, *options, name=name, hours=40)
    assert [code for code, _ in troubles(clinic, 41)] == ["rows_rejected"] * ("soon" in text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("clinic_id;patient_id;consent\nnidelv;N1;yes\n", "patients.csv", id="patients"),
        pytest.param("clinic_id;dialog_id;patient_id;kind\nnidelv;D1;P1;dialog\n", "dialogs.csv", id="dialogs"),
        pytest.param("nothing;that\nis;known\n", "odd.csv", id="a file that fails"),
        pytest.param('clinic_id;appointment_id;patient_id;starts_at;status\nnidelv;"A', "cut.csv", id="one cut off"),
        pytest.param(
            "clinic_id;appointment_id;patient_id;starts_at;status\n"
            + "".join(f"nidelv;B{number};P1;2026-06-30T10:00;booked\n" for number in range(40)),
            "stopped.csv",
            id="one that is stopped",
        ),
    ],
)
def test_nothing_else_does(tmp_path: Path, text: str, name: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv"))
    bring(clinic, text, name=name, hours=40)
    assert ("no_appointments", "2026-06-02T16:00:00Z") in troubles(clinic, 41)


def test_mended_rejects_are_no_export(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv") + row("nidelv", 2, day="soon "))
    rejects = clinic.folder / "rows.csv.rejects.csv"
    mended = rejects.read_text(encoding="utf-8-sig").replace("soon ", "2026-06-30")
    assert bring(clinic, mended, name=rejects.name, hours=40) == 0
    assert [code for code, _ in troubles(clinic, 41)] == ["no_appointments"]


def test_where_appointments_never_came_the_first_import_counts(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)  # on 5 January, 8.00
    value = clinic.json("status", at="2026-01-06T20:00:00+01:00")
    assert value["well"]
    (trouble,) = clinic.json("status", at="2026-01-06T20:00:01+01:00")["troubles"]
    assert (trouble["code"], trouble["since"]) == ("no_appointments", "2026-01-06T19:00:00Z")


def two_clinics(tmp_path: Path) -> Clinic:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, YORK, name="york.csv", hours=-1)
    bring(clinic, PATIENT_OF_YORK, name="patients.csv", hours=-1)
    return clinic


def test_a_clinic_whose_own_file_stops_is_named_although_others_come(tmp_path: Path) -> None:
    clinic = two_clinics(tmp_path)
    for hours in (0, 24, 48):
        bring(clinic, APPOINTMENTS + row("nidelv"), name="nidelv.csv", hours=hours)
    bring(clinic, APPOINTMENTS + row("york"), name="york-appointments.csv")
    (trouble,) = [one for one in clinic.json("status", at=after(49))["troubles"] if one["code"] == "no_appointments"]
    assert (" of york " in trouble["detail"], trouble["since"]) == (True, "2026-06-02T16:00:00Z")


def test_of_a_clinic_without_appointments_to_come_nothing_needs_to_come(tmp_path: Path) -> None:
    clinic = two_clinics(tmp_path)
    bring(clinic, APPOINTMENTS + row("york", day="2026-06-02"), name="york-appointments.csv")
    for hours in (0, 24, 48):
        bring(clinic, APPOINTMENTS + row("nidelv"), name="nidelv.csv", hours=hours)
    assert troubles(clinic, 49) == []


def test_a_clinic_that_a_file_of_several_does_not_name_is_no_trouble(tmp_path: Path) -> None:
    clinic = two_clinics(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv") + row("york"))
    bring(clinic, APPOINTMENTS + row("nidelv", 2), name="changed.csv", hours=40)
    assert troubles(clinic, 41) == []


def test_where_all_is_silent_it_is_said_once(tmp_path: Path) -> None:
    clinic = two_clinics(tmp_path)
    bring(clinic, APPOINTMENTS + row("nidelv"), name="nidelv.csv")
    bring(clinic, APPOINTMENTS + row("york"), name="york-appointments.csv")
    assert troubles(clinic, 100) == [("no_appointments", "2026-06-02T16:00:00Z")]


@pytest.mark.parametrize("value", ["-1", "1.5", '"36"', "true", "1000000"])
def test_hours_that_are_none(tmp_path: Path, value: str) -> None:
    (tmp_path / "notify.toml").write_text(f"[limits]\nmax_hours_without_import = {value}\n", encoding="utf-8")
    answer = Clinic(tmp_path).call("status")
    assert answer.exit == 3
    assert "max_hours_without_import must be a whole number from 0 to 87600" in answer.err


def test_init_writes_the_key_with_its_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from notifycli.cli.main import main

    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    (line,) = [
        one for one in (tmp_path / "notify.toml").read_text().splitlines() if one.startswith("max_hours_without")
    ]
    assert line.split("#")[0].strip() == "max_hours_without_import = 36"
    assert "0: never" in line
