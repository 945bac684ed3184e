"""The store through its public functions: its files, its schema, its views, the wake-up indexes (DESIGN, idea 2)."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from notifycli.queries.patient_card import card_of
from notifycli.queries.why import explain, explain_patient
from notifycli.store import claims, deliveries, finding, history, journal, notices, patients, subjects
from notifycli.store.clinics import clinics_with
from notifycli.store.engine import open_store, writing
from notifycli.store.facts import Policy, Subject
from notifycli.store.history import HistoryFilter
from notifycli.store.lock import run_lock
from notifycli.store.sqlite.connection import SqliteConnection
from notifycli.store.sqlite.opening import APPLICATION_ID, VERSION
from notifycli.store.subjects import NextCheck
from tests.support.one_clinic import Clinic
from tests.support.processes import environment
from tests.support.stored import a_delivery, claimed, value

VIEWS = {
    *(
        "history",
        "status_changes",
        "appointments",
        "appointment_events",
        "patients",
        "dialogs",
        "receipts",
        "clinics",
        "switches",
    ),
    *("imports", "runs", "pauses", "patient_contact", "suppression_list", "audit"),
}
NEVER = "1970-01-01T00:00:00Z"
CHANNELS = ("email", "sms", "push")
COLUMNS_OF_FACTS = [("notice", "facts"), ("delivery", "sent_from"), ("delivery", "subject_line")]


@pytest.fixture
def connection(tmp_path):
    """To a database that was there already, as it mostly is."""
    open_store(tmp_path / "notify.db").close()
    with closing(open_store(tmp_path / "notify.db")) as connection:
        yield connection


def mode(path):
    return path.stat().st_mode & 0o777


def schema_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master"), key=repr)


# Files


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077], ids=oct)
def test_the_files_can_be_read_by_their_owner_alone(tmp_path, mask):
    path = tmp_path / "notify.db"
    before = os.umask(mask)
    try:
        with closing(open_store(path)) as connection, run_lock(path), writing(connection):
            journal.set_state(connection, "x", 1)
            files = {one.name: mode(one) for one in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert files == dict.fromkeys(("notify.db", "notify.db-wal", "notify.db-shm", "notify.db.lock"), 0o600)


def test_a_database_behind_a_link_is_as_private(tmp_path):
    (tmp_path / "notify.db").symlink_to(tmp_path / "elsewhere.db")
    before = os.umask(0o022)
    try:
        open_store(tmp_path / "notify.db").close()
    finally:
        os.umask(before)
    assert mode(tmp_path / "elsewhere.db") == 0o600


def test_the_lock_is_held_by_one_at_a_time_and_let_go(tmp_path):
    path = tmp_path / "notify.db"
    with run_lock(path) as first, run_lock(path) as second:
        assert (first, second) == (True, False)
    with run_lock(path) as third:
        assert third


def test_two_names_of_one_database_have_one_lock(tmp_path):
    (tmp_path / "notify.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "notify.db")
    with run_lock(tmp_path / "notify.db"), run_lock(tmp_path / "link.db") as by_another_name:
        assert not by_another_name


# The schema


def begun_by_sqlite_utils(path, application_id):
    """What sqlite-utils makes before the first migration."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);"
            f"PRAGMA application_id = {application_id};"
        )


def test_an_empty_file_becomes_a_database(tmp_path):
    (tmp_path / "empty.db").touch()
    for name in ("empty.db", "new.db"):
        open_store(tmp_path / name).close()
    assert schema_of(tmp_path / "empty.db") == schema_of(tmp_path / "new.db")


@pytest.mark.parametrize("application_id", [0, APPLICATION_ID], ids=["not marked yet", "marked as ours"])
def test_a_database_whose_migrations_have_only_begun_is_brought_forward(tmp_path, application_id):
    begun_by_sqlite_utils(tmp_path / "begun.db", application_id)
    with closing(open_store(tmp_path / "begun.db")) as connection:
        assert value(connection, "PRAGMA user_version") == VERSION
        assert value(connection, "PRAGMA application_id") == APPLICATION_ID
        assert value(connection, "SELECT count(*) FROM _sqlite_migrations") == VERSION
        assert journal.database_id(connection)


def test_a_database_whose_version_was_not_written_any_more_keeps_what_it_holds(tmp_path):
    path = tmp_path / "notify.db"
    with closing(open_store(path)) as connection:
        a_delivery(connection)
        name = journal.database_id(connection)
        connection.execute("PRAGMA user_version = 0")
    with closing(open_store(path)) as connection:
        assert value(connection, "PRAGMA user_version") == VERSION
        assert value(connection, "SELECT count(*) FROM delivery") == 1
        assert journal.database_id(connection) == name


def test_a_database_opened_again_is_the_same(tmp_path):
    path = tmp_path / "notify.db"
    with closing(open_store(path)) as connection:
        name = journal.database_id(connection)
    before = schema_of(path)
    with closing(open_store(path)) as connection:
        assert journal.database_id(connection) == name
    assert schema_of(path) == before


OPEN_WHEN_TOLD = (
    "import sys; from pathlib import Path; from notifycli.store.sqlite import migrations\n"
    "from notifycli.store.engine import open_store; from notifycli.store.journal import database_id\n"
    "for path in sys.stdin: print(database_id(open_store(Path(path.strip()))), flush=True)"
)


@pytest.mark.slow
def test_two_processes_that_open_a_new_database_at_once(tmp_path):
    command = [sys.executable, "-c", OPEN_WHEN_TOLD]
    pipes = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "text": True,
        "env": environment(),
        "cwd": os.getcwd(),
    }
    with subprocess.Popen(command, **pipes) as first, subprocess.Popen(command, **pipes) as second:
        for number in range(10):
            path = tmp_path / f"{number}.db"
            for one in (first, second):
                one.stdin.write(f"{path}\n")
            for one in (first, second):
                one.stdin.flush()
            names = [one.stdout.readline().strip() for one in (first, second)]
            assert names[0] == names[1] != ""
            assert schema_of(path) == schema_of(tmp_path / "0.db")
        for one in (first, second):
            one.stdin.close()


def test_a_database_that_another_process_is_just_making_is_waited_for(tmp_path):
    path = tmp_path / "notify.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, other.execute, ["COMMIT"])
        done.start()
        try:
            open_store(path).close()
        finally:
            done.join()


# Views


def test_there_is_a_view_for_each_thing(connection):
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert names == VIEWS


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_each_view_answers(undone, name):
    assert undone.execute(f"SELECT * FROM {name}").fetchall() == []


def test_views_show_times_as_people_read_them(undone):
    connection = undone
    delivery = a_delivery(connection)
    claimed(connection, delivery, 1_780_480_800)
    claims.mark_sent(connection, delivery, 1_780_480_801, "250 ok", "A1")
    columns = "event, subject_id, channel, address, status, due_at, sent_at, attempts, sender"
    assert connection.execute(f"SELECT {columns} FROM history").fetchall() == [
        (
            "dialog",
            "D1",
            "email",
            "kari@post.example",
            "sent",
            "1970-01-01T00:00:00Z",
            "2026-06-03T10:00:01Z",
            1,
            "notify",
        )
    ]
    told = connection.execute("SELECT at, status, detail FROM status_changes ORDER BY id").fetchall()
    assert told == [
        (NEVER, "queued", None),
        ("2026-06-03T10:00:00Z", "sending", None),
        ("2026-06-03T10:00:01Z", "sent", "250 ok"),
    ]


# Indexes

# A whole table; of an index, only that of what is queued may be gone through.
NOT_TO_BE_SCANNED = re.compile(
    r"SCAN (appointment|dialog|receipt|delivery|notice|external|patient|d|n|e|p)\b"
    r"(?! USING (COVERING )?INDEX delivery_queued)"
)


class Explained(SqliteConnection):
    """Keeps the plan of each statement, as it is bound, before it is carried out."""

    plans: list[str]

    def execute(self, sql, values=()):
        if not sql.startswith(("PRAGMA", "EXPLAIN")):
            rows = super().execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            self.plans += [row[3] for row in rows]
        return super().execute(sql, values)

    def executemany(self, sql, values):
        values = list(values)
        for bound in values:
            self.plans += [row[3] for row in super().execute(f"EXPLAIN QUERY PLAN {sql}", bound).fetchall()]
        return super().executemany(sql, values)


@pytest.fixture
def explained(tmp_path):
    """A store of some rows, since an empty table is no matter; without statistics, as in the field."""
    open_store(tmp_path / "notify.db").close()
    with closing(sqlite3.connect(tmp_path / "notify.db", factory=Explained, isolation_level=None)) as connection:
        connection.plans = []
        for number, channel in enumerate(CHANNELS, 1):
            a_delivery(connection, number, channel)
        connection.plans.clear()
        yield connection


AFTER = subjects.Waiting(5, Subject("dialog", "nidelv", "D1"))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: journal.is_anything_to_do(c, 10), id="is_anything_to_do"),
        pytest.param(lambda c: subjects.subjects_waiting(c, 10, 500), id="subjects_waiting"),
        pytest.param(lambda c: subjects.subjects_waiting(c, 10, 500, AFTER), id="subjects_waiting after one"),
        pytest.param(lambda c: subjects.count_waiting(c, 10), id="count_waiting"),
        pytest.param(
            lambda c: subjects.set_next_checks(c, [NextCheck(AFTER.subject, None, False)]),
            id="set_next_checks",
        ),
        pytest.param(lambda c: deliveries.queued(c, "email", 10, 100), id="queued"),
        pytest.param(lambda c: deliveries.delivery_by_id(c, 1), id="one"),
        pytest.param(lambda c: deliveries.uncertain(c, 10), id="uncertain"),
        pytest.param(lambda c: deliveries.left_by_dead_runs(c), id="left_by_dead_runs"),
        pytest.param(lambda c: deliveries.channels_tried(c, 1), id="channels_tried"),
        pytest.param(lambda c: deliveries.statuses(c, 1), id="statuses"),
        pytest.param(lambda c: claimed(c, 1, 10), id="claim"),
        pytest.param(lambda c: journal.troubles_now(c), id="troubles_now"),
        pytest.param(lambda c: notices.queued_until(c, 10), id="queued for everybody"),
    ],
)
def test_what_a_run_asks_is_found_by_an_index(explained, ask):
    ask(explained)
    assert explained.plans
    assert not [plan for plan in explained.plans if NOT_TO_BE_SCANNED.match(plan)]


OF_A_PATIENT = subjects.WhoseSubjects(None, "P1")
POLICY, NOW = Policy(lambda clinic_id, source: False, 7 * 24 * 3600), 1_780_482_000


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: history.history(c, HistoryFilter(patient="P1")), id="history --patient"),
        pytest.param(lambda c: history.history(c, HistoryFilter(appointment="A1")), id="history --appointment"),
        pytest.param(lambda c: history.history(c, HistoryFilter(search="kari 007")), id="history --search"),
        pytest.param(lambda c: subjects.subjects_waiting(c, 10, 500, whose=OF_A_PATIENT), id="upcoming --patient"),
        pytest.param(lambda c: notices.queued_until(c, 10, OF_A_PATIENT), id="queued for a patient"),
        pytest.param(lambda c: patients.appointments_of(c, "nidelv", "P1", 10), id="appointments of a patient"),
        pytest.param(lambda c: patients.patients_to_check(c, "nidelv", "P1", 10), id="check --patient"),
    ],
)
def test_what_is_asked_of_one_patient_is_found_by_an_index(explained, ask):
    ask(explained)
    assert explained.plans
    assert not [plan for plan in explained.plans if NOT_TO_BE_SCANNED.match(plan)]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: card_of(c, POLICY, "nidelv", "P1", NOW), id="patient show"),
        pytest.param(lambda c: explain_patient(c, POLICY, "nidelv", "P1", NOW), id="why patient"),
        pytest.param(lambda c: explain(c, POLICY, Subject("appointment", "nidelv", "A1"), NOW), id="why appointment"),
        pytest.param(lambda c: clinics_with(c, "appointment", "A1", None), id="whose appointment"),
        pytest.param(lambda c: history.notice(c, 1), id="show"),
        pytest.param(lambda c: finding.patients(c, "kari 91000001", None, 50), id="patient find"),
    ],
)
def test_what_is_asked_on_the_phone_is_found_by_an_index(tmp_path, ask):
    """Of a patient who has an appointment, and was told of it."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2")
    assert clinic.call("run", at="2026-06-03T12:05:00+02:00").exit == 0
    with closing(sqlite3.connect(tmp_path / "notify.db", factory=Explained, isolation_level=None)) as connection:
        connection.plans = []
        assert ask(connection)
    assert connection.plans
    assert not [plan for plan in connection.plans if NOT_TO_BE_SCANNED.match(plan)]


@pytest.mark.parametrize(
    ("sql", "is_scanned"),
    [
        pytest.param("SELECT 1 FROM dialog WHERE sent_at = 1", True, id="no index serves it"),
        pytest.param("SELECT 1 FROM dialog WHERE next_check_at <= 1", False, id="the wake-up index serves it"),
    ],
)
def test_the_plan_tells_a_scan_from_a_search(explained, sql, is_scanned):
    explained.execute(sql)
    assert any(NOT_TO_BE_SCANNED.match(plan) for plan in explained.plans) is is_scanned
