"""A database that cannot be worked with is told of (exit 3, SPEC section 8), and nothing in it is lost.

Missing, full, locked, read-only, damaged, of another program. "notify run" is what cron calls, so it must tell as
well as import does.
"""

import json
import os
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from notifycli.store.sqlite import opening
from tests.support.bad_input import (
    ADDRESS,
    APPOINTMENTS,
    NAME,
    NOW,
    PATIENTS,
    PERSON,
    a_clinic_that_has_run,
    assert_at_most_one_value,
    assert_nobody_is_named,
    assert_refused,
    content_of,
    written,
)
from tests.support.case_runner import Program
from tests.support.processes import notify_on_disks, notify_within

pytestmark = [pytest.mark.slow, pytest.mark.sqlite("its disk, its locks, a file that is none of ours")]

A_PAGE = opening.PAGE
LATER, EVEN_LATER = "2026-06-03T12:01:00+02:00", "2026-06-03T12:10:00+02:00"
SOON = 0.3  # seconds to wait for a lock, in place of the 30
COMMANDS = [
    pytest.param(["import", "in/file.csv"], id="import"),
    pytest.param(["import", "--json", "in/file.csv"], id="import --json"),
    pytest.param(["run"], id="run"),
    pytest.param(["history", "--json"], id="history"),
]
WRITING = [pytest.param(command, id=" ".join(command)) for command in (["import", "in/file.csv"], ["run"])]


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Called in its own folder, with a file that would bring one more patient."""
    monkeypatch.chdir(tmp_path)
    program = a_clinic_that_has_run(tmp_path)
    written(tmp_path / "in" / "file.csv", PATIENTS.replace("P1", "P2"))
    return program


def made_with_sqlite(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in (
            "CREATE TABLE person (address TEXT)",
            f"INSERT INTO person VALUES ('{ADDRESS}')",
            *statements,
        ):
            connection.execute(statement)
        connection.commit()


def newer(path):
    copied(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {opening.VERSION + 1}")


def copied(path):
    """Whole, with what still stands in the write-ahead log."""
    with closing(sqlite3.connect("notify.db")) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)


def overwritten(offset, count):
    def made(path):
        copied(path)
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(b"\xff" * count)

    return made


def cut_short(path):
    copied(path)
    os.truncate(path, 5 * A_PAGE)


UNUSABLE = [
    pytest.param(lambda path: written(path, f"{NAME}, {ADDRESS}\n" * 200), "not a database of notify", id="a text"),
    pytest.param(lambda path: written(path, NAME), "not a database of notify", id="a few bytes"),
    pytest.param(made_with_sqlite, "of another program", id="of another program"),
    pytest.param(lambda path: made_with_sqlite(path, "PRAGMA user_version = 1"), "of another program",
                 id="of another program that has our version"),
    pytest.param(lambda path: made_with_sqlite(path, "PRAGMA user_version = 77"), "of another program",
                 id="of another program that has a higher version"),
    pytest.param(lambda path: made_with_sqlite(path, "PRAGMA application_id = 77"), "of another program",
                 id="of another program that has a name"),
    pytest.param(newer, "Update notify", id="of a newer notify"),
    pytest.param(overwritten(A_PAGE, 30 * A_PAGE), "damaged", id="pages overwritten"),
    pytest.param(cut_short, "damaged", id="cut short"),
    pytest.param(overwritten(16, 60), "not a database of notify", id="header overwritten"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("make", "words"), UNUSABLE)
def test_a_file_that_is_no_database_of_ours_is_left_as_it_is(program, make, words, command):
    path = program.folder / "of-somebody.db"
    make(path)
    before = path.read_bytes()
    answer = program.call(NOW, ["--db", str(path), *command])
    assert_refused(answer, 3, f"{path}: ", words)
    assert answer.out == ""
    assert path.read_bytes() == before
    assert not [name for name in os.listdir() if name.startswith("of-somebody.db-")]


def a_folder(path):
    path.mkdir()


def a_link_to_nowhere(path):
    path.symlink_to("nowhere/notify.db")


def a_link_to_itself(path):
    path.symlink_to(path.name)


def a_link_to_a_device(path):
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        pytest.param(a_folder, "x.db", "--db", id="a folder"),
        pytest.param(lambda path: None, "nowhere/x.db", "--db", id="in a folder that does not exist"),
        pytest.param(lambda path: None, "in/file.csv/x.db", "--db", id="in a file"),
        pytest.param(a_link_to_nowhere, "x.db", "folder", id="a link to nowhere"),
        pytest.param(a_link_to_itself, "x.db", "folder", id="a link to itself"),
        pytest.param(os.mkfifo, "x.db", "--db", id="a pipe"),
        pytest.param(a_link_to_a_device, "x.db", "--db", id="a device"),
    ],
)
def test_a_place_where_no_database_can_be_is_told_with_what_to_type(program, make, name, words, command):
    path = program.folder / name
    make(path)
    answer = program.call(NOW, ["--db", str(path), *command])
    assert_refused(answer, 3, f"{path}: ", words)
    assert answer.out == ""
    assert not (program.folder / "nowhere").exists()


@pytest.mark.parametrize("command", [*COMMANDS[:2], pytest.param(["module", "disable", "nidelv", "post"], id="module")])
def test_a_locked_database_is_waited_for_and_then_told(program, monkeypatch, command):
    monkeypatch.setattr(opening, "WAIT_FOR_A_LOCK", SOON)
    path = program.folder / "held.db"
    copied(path)
    before = content_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = program.call(NOW, ["--db", str(path), *command])
    assert_refused(answer, 3, f"{path}: ", "locked", "Try again")
    assert_at_most_one_value(answer)
    assert content_of(path) == before


def test_a_run_that_has_nothing_to_do_says_nothing_of_a_lock(program):
    with closing(sqlite3.connect("notify.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = program.call(NOW, ["run"])
    assert (answer.exit, answer.out, answer.err) == (0, "", "")


def test_a_locked_database_can_be_read(program):
    with closing(sqlite3.connect("notify.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = program.call(NOW, ["history", "--json"])
    assert (answer.exit, answer.err) == (0, "")


def test_the_wait_for_a_lock_is_long_enough_for_a_large_import():
    assert 10 <= opening.WAIT_FOR_A_LOCK <= 50, (
        "an import of a million rows takes ten seconds, the next run comes in 60"
    )


# Disks

READ_ONLY_DISK = "mkdir there; mount -t tmpfs none there; cp whole.db there/notify.db; mount -o remount,ro there"
READ_ONLY_FILE = "mount --bind held.db held.db; mount -o remount,bind,ro held.db"
SMALL_DISK = "mkdir there out; mount -t tmpfs -o size=8m none there; cp whole.db there/notify.db"
FILLED = "cat /dev/zero 2> /dev/null > there/fill || true"
KEPT = "rm there/fill; cp -r there/* out"
MANY = PATIENTS + "".join(f"nidelv;Q{number};{PERSON};yes\n" for number in range(4_000))


def on(path, *command):
    return ["--db", path, "--config", "notify.toml", "--now", LATER, *command]


@pytest.mark.parametrize("command", WRITING)
def test_on_a_read_only_disk(program, command):
    copied(program.folder / "whole.db")
    answer = notify_on_disks(READ_ONLY_DISK, program.folder, *on("there/notify.db", *command))
    assert_refused(answer, 3, "there/notify.db: ", "May this user")


@pytest.mark.parametrize("command", WRITING)
def test_a_read_only_file(program, command):
    copied(program.folder / "held.db")
    before = content_of(program.folder / "held.db")
    answer = notify_on_disks(READ_ONLY_FILE, program.folder, *on("held.db", *command))
    assert_refused(answer, 3, "held.db: ", "right to write")
    assert content_of(program.folder / "held.db") == before


SEARCHING = [
    pytest.param(["patient", "find", "--json", "P1"], id="patient find"),
    pytest.param(["history", "--json", "--search", "P1"], id="history"),
]


@pytest.mark.parametrize("command", SEARCHING)
def test_a_search_answers_where_its_index_cannot_be_brought_up_to_date(program, command):
    assert program.call(NOW, ["patient", "find", "P1"]).exit == 0
    assert program.call(NOW, ["import", "in/file.csv"]).exit == 0
    copied(program.folder / "held.db")
    answer = notify_on_disks(READ_ONLY_FILE, program.folder, *on("held.db", *command))
    assert answer.exit == 0
    assert {row["patient"] for row in json.loads(answer.out)} == {"P1"}
    assert "held.db: may only be read. Patients who are new" in answer.err


@pytest.mark.parametrize("blocks", [0, 100], ids=["nothing may be written", "little may be written"])
def test_a_limit_on_the_size_of_files(program, blocks):
    written(program.folder / "in" / "file.csv", MANY)
    before = content_of(program.folder / "notify.db")
    answer = notify_within(f"ulimit -f {blocks}", program.folder, *on("notify.db", "import", "in/file.csv"))
    assert_refused(answer, 3, "notify.db: ", "disk", "Free")
    assert content_of(program.folder / "notify.db") == before


@pytest.mark.parametrize("left", [0, 400_000], ids=["full at once", "full after some rows"])
def test_an_import_onto_a_full_disk_changes_nothing(program, left):
    written(program.folder / "in" / "file.csv", MANY)
    copied(program.folder / "whole.db")
    before = content_of(program.folder / "whole.db")
    filled = f"{SMALL_DISK}; {FILLED}; truncate -s -{left} there/fill"
    answer = notify_on_disks(filled, program.folder, *on("there/notify.db", "import", "in/file.csv"), after=KEPT)
    assert_refused(answer, 3, "there/notify.db: ", "the disk is full", "Free some space")
    assert content_of(program.folder / "out" / "notify.db") == before


@pytest.mark.parametrize("left", [0, 20 * A_PAGE, 30 * A_PAGE, 40 * A_PAGE, 6_000_000])
def test_a_run_on_a_full_disk_loses_none_and_doubles_none(program, left):
    header, row, _ = APPOINTMENTS.split("\n")
    rows = [row.replace("A1", f"B{number}") for number in range(9)]
    path = written(program.folder / "in" / "file.csv", "\n".join([header, *rows]))
    assert program.call(NOW, ["patient", "set", "nidelv", "P1", "--method", "both"]).exit == 0
    assert program.call(NOW, ["import", str(path)]).exit == 0
    copied(program.folder / "whole.db")
    filled = f"{SMALL_DISK}; {FILLED}; truncate -s -{left} there/fill"
    answer = notify_on_disks(filled, program.folder, *on("there/notify.db", "run"), after=KEPT)
    assert (answer.exit, answer.err) == (0, "") if left == 6_000_000 else answer.exit in (1, 3), answer
    assert answer.out == ""
    assert_nobody_is_named(answer)
    assert len(answer.err.splitlines()) <= 2

    after = Program(program.folder / "out")
    written(after.folder / "notify.toml", "")
    for at in (LATER, EVEN_LATER):
        after.call(at, ["run"])
    rows = [row for row in after.history(EVEN_LATER) if row["subject_id"] != "A1"]
    lines = (after.folder / "outbox" / "sms.jsonl").read_text().splitlines()
    texted = Counter(json.loads(line)["delivery"] for line in lines)
    assert Counter(row["channel"] for row in rows) == {"email": 9, "sms": 9}
    assert {row["status"] for row in rows if row["channel"] == "email"} == {"sent"}
    assert len(os.listdir(after.folder / "outbox" / "email" / "new")) == 9
    assert {row["delivery"] for row in rows if row["status"] == "sent" and row["channel"] == "sms"} <= set(texted)
    assert {row["status"] for row in rows} <= {"sent", "uncertain"}
    assert max(texted.values()) == 1
