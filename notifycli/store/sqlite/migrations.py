"""The schema's way from an empty file to today, one step a function, never changed once released.

Imported only when a database is not at the newest version.
"""

import json
import secrets
import sqlite3
from importlib.resources import files

from sqlite_utils import Database, Migrations

from notifycli.store.sqlite.connection import Connection
from notifycli.store.sqlite.opening import VERSION

steps = Migrations("notifycli")
MARKS = "+#@._-"  # that are part of a word: see domain.search_words


def migrate(connection: Connection) -> None:
    """Applies what is pending, each step in a transaction of its own."""
    database = Database(connection, execute_plugins=False)
    steps.apply(database)
    connection.execute(f"PRAGMA user_version = {VERSION}")


@steps()
def first_schema(database: Database) -> None:
    _run_script(database, "schema.sql")
    _run_script(database, "views.sql")
    database.conn.execute("INSERT INTO state VALUES ('database_id', ?)", (json.dumps(secrets.token_hex(6)),))


@steps()
def what_a_notice_was_decided_by(database: Database) -> None:
    """facts: JSON, by what a notice was decided last (domain/grounds.py), NULL of those before this step.

    sent_from, subject_line: a message's own, as they last left; of an SMS there is no subject, of a push its title.
    """
    database.conn.execute("ALTER TABLE notice ADD COLUMN facts TEXT")
    database.conn.execute("ALTER TABLE delivery ADD COLUMN sent_from TEXT")
    database.conn.execute("ALTER TABLE delivery ADD COLUMN subject_line TEXT")


@steps()
def finding_patients(database: Database) -> None:
    """The index of names, addresses, numbers and ids (store.finding); patients that are stored already are noted.

    `patient_ids`: a JSON array. external and appointment get what a question about one patient needs besides.
    """
    database.conn.execute(
        "CREATE TABLE patient_to_index (id INTEGER PRIMARY KEY, patients INTEGER NOT NULL, clinic_id TEXT NOT NULL,"
        " patient_ids TEXT NOT NULL) STRICT"
    )
    database.conn.execute(
        "CREATE TABLE patient_search (id INTEGER PRIMARY KEY, clinic_id TEXT NOT NULL, patient_id TEXT NOT NULL,"
        " words TEXT NOT NULL, UNIQUE (clinic_id, patient_id)) STRICT"
    )
    database.table("patient_search").enable_fts(["words"], create_triggers=True, tokenize=f"ascii tokenchars '{MARKS}'")
    database.conn.execute(
        "CREATE TRIGGER patient_is_not_found_any_more AFTER DELETE ON patient BEGIN"
        " DELETE FROM patient_search WHERE clinic_id = old.clinic_id AND patient_id = old.patient_id; END"
    )
    database.conn.execute(
        "INSERT INTO patient_to_index (clinic_id, patient_ids, patients)"
        " SELECT clinic_id, json_group_array(patient_id), count(*) FROM (SELECT clinic_id, patient_id,"
        " row_number() OVER (PARTITION BY clinic_id) / 5000 AS slice FROM patient) GROUP BY clinic_id, slice"
    )
    database.conn.execute("CREATE INDEX external_of_patient ON external (clinic_id, patient_id)")
    database.conn.execute(
        "CREATE INDEX appointment_comes_unbooked ON appointment (clinic_id, patient_id)"
        " WHERE next_check_at IS NOT NULL AND status <> 'booked'"
    )


def _run_script(database: Database, name: str) -> None:
    """Statement by statement: sqlite3's executescript would commit the transaction that a migration runs in."""
    statement = ""
    for line in files("notifycli.store.sqlite").joinpath(name).read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.conn.execute(statement)
            statement = ""
