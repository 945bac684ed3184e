"""The schema's way from an empty file to today, one step a function, never changed once released.

Imported only when a database is not at the newest version.
"""

import json
import secrets
import sqlite3
from importlib.resources import files
from typing import cast

from sqlite_utils import Database, Migrations

from notifycli.store.sealing import seal
from notifycli.store.sqlite.connection import SqliteConnection
from notifycli.store.sqlite.opening import VERSION
from notifycli.store.steps import SECOND_SCHEMA

steps = Migrations("notifycli")
MARKS = "+#@._-"  # that are part of a word: see domain.search_words


def migrate(connection: SqliteConnection) -> None:
    """Applies what is pending, each step in a transaction of its own."""
    database = Database(connection, execute_plugins=False)
    steps.apply(database)
    connection.execute(f"PRAGMA user_version = {VERSION}")


@steps()
def first_schema(database: Database) -> None:
    for script in ("schema.sql", "triggers.sql", "views.sql"):
        _run_script(database, script)
    database.table("patient_search").enable_fts(["words"], create_triggers=True, tokenize=f"ascii tokenchars '{MARKS}'")
    database.conn.execute("INSERT INTO state VALUES ('database_id', ?)", (json.dumps(secrets.token_hex(6)),))


@steps()
def second_schema(database: Database) -> None:
    """Leases of claims, and what else came with them."""
    for name in SECOND_SCHEMA:
        _run_script(database, name, "steps")
    _run_script(database, "chain_triggers.sql")
    seal(cast(SqliteConnection, database.conn))


def _run_script(database: Database, name: str, folder: str = "sqlite") -> None:
    """Statement by statement: sqlite3's executescript would commit the transaction that a migration runs in."""
    statement = ""
    for line in files(f"notifycli.store.{folder}").joinpath(name).read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.conn.execute(statement)
            statement = ""
