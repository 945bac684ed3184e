"""SPEC section 8, notify purge: messages, addresses and names go out of what is old; counts and codes stay.

A clinic's week of June 2026; P1's appointment is on 22 June.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifycli.cli.purge import _before
from tests.store.keep_database import a_week
from tests.support.case_runner import Program
from tests.support.one_clinic import Clinic

A_YEAR_LATER = "2027-08-01T12:00:00+02:00"
MARKERS = (b"kari@post.example", b"91000002", b"Lunde", "Ødegård".encode(), b"Rom 1")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week")
    clinic = Clinic.begun_in(folder)
    a_week(clinic)
    clinic.call("imports", "settle", "10", at="2026-06-05T12:00:00+02:00")
    for day in ("06", "20", "30"):
        clinic.call("run", at=f"2026-06-{day}T12:00:00+02:00")
    clinic.call("run", at="2026-07-30T12:00:00+02:00")
    with closing(sqlite3.connect(folder / "notify.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def program(week: Path, tmp_path: Path) -> Program:
    (tmp_path / "notify.toml").write_text("", encoding="utf-8")
    (tmp_path / "notify.db").write_bytes((week / "notify.db").read_bytes())
    for path in (week / "outbox").rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(week)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return Program(tmp_path)


def asked(program: Program, *arguments: str, at: str = A_YEAR_LATER) -> tuple[int, Any]:
    answer = program.call(at, [*arguments, "--json"])
    return answer.exit, json.loads(answer.out)


def columns(program: Program, at: str = A_YEAR_LATER) -> list[tuple[Any, ...]]:
    _, rows = asked(program, "history", "--limit", "0", at=at)
    names = ("notice", "delivery", "event", "channel", "status", "reason", "due_at", "sent_at", "attempts", "patient")
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.slow
def test_it_tells_first_and_does_nothing(program: Program) -> None:
    before = (program.folder / "notify.db").read_bytes()
    code, told = asked(program, "purge")
    assert code == 1
    assert told["messages"] > 20
    assert told["patients"] >= 8
    assert (told["older_than"], told["done"]) == ("2026-08-01T10:00:00Z", False)
    assert (program.folder / "notify.db").read_bytes() == before


def test_messages_addresses_and_names_go_and_counts_stay(program: Program) -> None:
    before = columns(program)
    _, verified = asked(program, "verify")
    (program.folder / "kept.head").write_text(verified["head"])
    code, told = asked(program, "purge", "--yes")
    assert (code, told["done"]) == (0, True)
    assert columns(program) == before
    for path in program.folder.rglob("*"):
        if path.is_file() and path.name != "notify.toml":
            content = path.read_bytes()
            left = [marker for marker in MARKERS if marker in content]
            assert left == ([b"Rom 1"] if path.name == "notify.db" else []), "the appointments' rooms are no one's"
    for options in ([], ["--outbox", str(program.folder / "outbox")], ["--head", str(program.folder / "kept.head")]):
        code, verified = asked(program, "verify", *options)
        assert (code, verified["findings"]) == (0, [])
    assert asked(program, "purge")[0] == 0, "nothing is left to purge"
    assert asked(program, "audit")[1][0]["did"] == "purge"


@pytest.mark.parametrize("age", ["14 months", "2 years", "500 d"])
def test_what_is_younger_stays(program: Program, age: str) -> None:
    assert asked(program, "purge", "--older-than", age, "--yes") == (
        0,
        {"older_than": asked(program, "purge", "--older-than", age)[1]["older_than"], "done": True}
        | {"messages": 0, "patients": 0},
    )


def test_an_appointment_still_to_come_keeps_what_was_told_of_it(program: Program) -> None:
    with closing(sqlite3.connect(program.folder / "notify.db")) as connection:
        connection.execute("UPDATE appointment SET starts_at = 1900000000 WHERE appointment_id = 'A1'")
        connection.commit()
    asked(program, "purge", "--yes")
    _, rows = asked(program, "history", "--limit", "0", "--appointment", "A1")
    assert all(row["text"] for row in rows if row["sent_at"])
    assert asked(program, "patient", "show", "nidelv", "P1")[1]["email"] == "kari@post.example"


def test_a_later_export_gives_a_patient_back(program: Program) -> None:
    asked(program, "purge", "--yes")
    path = program.folder / "patients.csv"
    path.write_text(
        "clinic_id;patient_id;given_name;family_name;email;consent\nnidelv;P1;Kari;Ny;kari@ny.example;yes\n"
    )
    asked(program, "import", str(path))
    _, shown = asked(program, "patient", "show", "nidelv", "P1")
    assert (shown["given_name"], shown["family_name"], shown["email"]) == ("Kari", "Ny", "kari@ny.example")


def test_who_takes_a_text_away_by_hand_is_named_all_the_same(program: Program) -> None:
    asked(program, "purge", "--older-than", "2 years", "--yes")
    with closing(sqlite3.connect(program.folder / "notify.db")) as connection:
        connection.execute("UPDATE delivery SET text = NULL")
        connection.execute("UPDATE chain SET salts = zeroblob(length(salts))")
        connection.commit()
    code, verified = asked(program, "verify")
    assert code == 1
    assert {finding["kind"] for finding in verified["findings"]} == {"altered"}


@pytest.mark.parametrize("age", ["soon", "12", "-3 months", "12 moons", "9999 years"])
def test_what_is_no_age(program: Program, age: str) -> None:
    answer = program.call(A_YEAR_LATER, ["purge", f"--older-than={age}", "--yes"])
    assert answer.exit == 2
    assert "is no age" in answer.err


AGES: list[Any] = [
    pytest.param("12 months", "2027-08-01T10:00:00", "2026-08-01T10:00:00", id="months"),
    pytest.param("1 month", "2027-03-31T10:00:00", "2027-03-03T10:00:00", id="a day that the month lacks"),
    pytest.param("2 years", "2028-02-29T10:00:00", "2026-03-01T10:00:00", id="a leap day"),
    pytest.param("3 uker", "2027-03-31T10:00:00", "2027-03-10T10:00:00", id="weeks, in Norwegian"),
    pytest.param("30d", "2027-03-31T10:00:00", "2027-03-01T10:00:00", id="days"),
]


@pytest.mark.parametrize(("age", "now", "before"), AGES)
def test_ages(age: str, now: str, before: str) -> None:
    from datetime import UTC, datetime

    def seconds(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    assert _before(age, seconds(now)) == seconds(before)
