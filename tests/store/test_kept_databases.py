"""Databases of every earlier version, kept as that version made them (keep_database), are brought forward and go on."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from notifycli.store.engine import open_store
from notifycli.store.sqlite.migrations import first_schema
from notifycli.store.sqlite.opening import VERSION
from tests.store.keep_database import KEPT, LAST
from tests.support.case_runner import Program

ALL_KEPT = sorted(KEPT.glob("schema-*.sql"))
A_WEEK_LATER = "2026-06-12T12:00:00+02:00"


def version_of(path: Path) -> int:
    return int(re.findall(r"\d+", path.stem)[0])


def restored(kept: Path, folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "notify.db")) as connection:
        connection.executescript(kept.read_text(encoding="utf-8"))
    return folder / "notify.db"


def schema_of(connection: sqlite3.Connection) -> set[tuple[Any, ...]]:
    """What sqlite-utils makes for itself is its own."""
    sql = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name NOT LIKE '%\\_migrations' ESCAPE '\\'"
    return set(connection.execute(sql))


@pytest.fixture(params=ALL_KEPT, ids=lambda path: path.stem)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """Today's program with a database that an earlier one made."""
    (tmp_path / "notify.toml").write_text("", encoding="utf-8")
    restored(request.param, tmp_path)
    return Program(tmp_path)


def asked(program: Program, *arguments: str, at: str = LAST) -> Any:
    answer = program.call(at, [*arguments, "--json"])
    assert answer.exit in (0, 1), answer
    return json.loads(answer.out)


def test_every_version_is_kept() -> None:
    """But the newest, which may change until the next migration is written."""
    assert {version_of(path) for path in ALL_KEPT} >= {1, *range(1, VERSION)}


def test_the_first_schema_is_what_it_was(tmp_path: Path) -> None:
    """A change of it would be no change for those who have it: it is to be a migration."""
    first = restored(KEPT / "schema-1.sql", tmp_path)
    with closing(sqlite3.connect(first)) as kept, closing(sqlite3.connect(":memory:")) as new:
        first_schema(Database(new))
        assert schema_of(kept) == schema_of(new)


def test_it_becomes_what_a_new_database_is(program: Program, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "notify.db")) as forward, closing(open_store(tmp_path / "new.db")) as new:
        assert schema_of(forward) == schema_of(new)
        assert forward.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert forward.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_its_history_is_told(program: Program) -> None:
    history = asked(program, "history", "--limit", "0")
    assert {(row["status"], row["reason"]) for row in history} >= {
        *(("delivered", None), ("sent", None), ("queued", None)),
        *(("failed", "unknown_mailbox"), ("skipped", "no_contact")),
    }
    assert [row["sender"] for row in history].count("helsenorge") == 1


def test_its_patients_are_found(program: Program) -> None:
    assert [patient["patient"] for patient in asked(program, "patient", "find", "odegard", "kari")] == ["P1"]


def test_why_knows_what_happened_then(program: Program) -> None:
    told = asked(program, "why", "appointment", "A1")
    assert [(event["event"], event["from"] is None) for event in told["events"]] == [
        ("booking", True),
        ("change", False),
    ]
    assert {(one["event"], one["verdict"]) for one in told["notices"]} >= {
        *(("confirmation", "sent"), ("change", "planned"), ("reminder", "planned"))
    }


def test_a_run_goes_on_where_the_last_one_ended(program: Program) -> None:
    before = {row["delivery"] for row in asked(program, "history", "--limit", "0") if row["status"] == "queued"}
    assert before
    asked(program, "run")
    after = {row["delivery"]: row["status"] for row in asked(program, "history", "--limit", "0")}
    assert {after[delivery] for delivery in before} == {"sent"}


def test_nobody_is_told_twice(program: Program) -> None:
    for at in (LAST, A_WEEK_LATER):
        asked(program, "run", at=at)
    told = [
        (row["subject"], row["subject_id"], row["event"], row["patient"], row["channel"], row["due_at"])
        for row in asked(program, "history", "--limit", "0", at=A_WEEK_LATER)
    ]
    assert len(told) == len(set(told))


def test_nothing_differs_in_it(program: Program) -> None:
    """What was written before the chain is sealed as it stood when the database was brought forward."""
    for at in (LAST, A_WEEK_LATER):
        assert asked(program, "verify", at=at)["findings"] == []
        asked(program, "run", at=at)
