"""The same story leaves the same behind on both engines: tables, columns, indexes, views, and the rows in them.

Each engine is asked in its own words here for what it has; the program asks neither.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from notifycli.store import journal
from notifycli.store.engine import Connection, open_store
from notifycli.store.postgres.connection import PostgresConnection
from notifycli.store.postgres.migrations import STEPS
from notifycli.store.sqlite.connection import SqliteConnection
from notifycli.store.sqlite.migrations import steps as steps_of_files
from notifycli.store.sqlite.opening import VERSION
from tests.store.conftest import Open
from tests.store.keep_database import a_week
from tests.support import engines, postgres_server
from tests.support.one_clinic import Clinic
from tests.support.stored import a_delivery, log_of

TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}
OF_THE_SERVER = "('notify_schema', 'unsealed')"  # which version it is, and what its triggers note of the chain
COLUMNS_OF_A_FILE = (
    'SELECT m.name, c.name, c.type, c.pk > 0 OR c."notnull" FROM sqlite_master m, pragma_table_info(m.name) c'
    " WHERE m.type = 'table' AND m.name NOT LIKE '%sqlite%'"
)
COLUMNS_ON_A_SERVER = (
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
    f" AND c.relname NOT IN {OF_THE_SERVER}"
)
VIEWS_OF_A_FILE = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'view'"
VIEWS_ON_A_SERVER = (
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
    " WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace"
)
INDEXES_OF_A_FILE = (
    "SELECT m.name, m.tbl_name, l.\"unique\", m.sql LIKE '% WHERE %', (SELECT group_concat(coalesce(i.name, '()')) FROM"
    " (SELECT name FROM pragma_index_info(m.name) ORDER BY seqno) i)"
    " FROM sqlite_master m, pragma_index_list(m.tbl_name) l ON l.name = m.name"
    " WHERE m.type = 'index' AND m.sql IS NOT NULL AND m.name NOT LIKE '%sqlite%'"
)
INDEXES_ON_A_SERVER = (
    "SELECT c.relname, t.relname, i.indisunique, i.indpred IS NOT NULL, (SELECT string_agg(coalesce(a.attname, '()'),"
    " ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n) LEFT JOIN pg_attribute a"
    " ON a.attrelid = i.indrelid AND a.attnum = k.attnum) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = current_schema()::regnamespace"
    f" AND t.relname NOT IN {OF_THE_SERVER} AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = c.oid)"
)
ONLY_ON_A_SERVER = "patient_search_words"  # the index of words, which has tables of its own in a file
# A server gives no number twice, not even one that was undone; and files have a clock of their own
OF_ONE_DATABASE = {"process", "until_at", "began_at", "import_id", "last_import_id", "import", "about_id"}
OTHERWISE = (
    "timezone=Pacific/Auckland",
    "DateStyle=German",
    "standard_conforming_strings=off",
    "default_transaction_isolation=serializable",
    "search_path=elsewhere",
    "quote_all_identifiers=on",
)
NORWEGIAN_ORDER = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=nb-NO")
NUMBER_OF_AN_IMPORT = re.compile(r"import \d+")


def columns(connection: Connection) -> set[tuple[Any, ...]]:
    if connection.has_one_run_at_a_time:
        rows = connection.execute(COLUMNS_OF_A_FILE).fetchall()
        return {
            (table, name, TYPES[kind], bool(is_given))
            for table, name, kind, is_given in rows
            if not table.startswith(engines.INDEX_OF_WORDS)
        }
    return set(connection.execute(COLUMNS_ON_A_SERVER).fetchall())


def views(connection: Connection) -> set[tuple[str, str]]:
    sql = VIEWS_OF_A_FILE if connection.has_one_run_at_a_time else VIEWS_ON_A_SERVER
    return set(connection.execute(sql).fetchall())


def indexes(connection: Connection) -> set[tuple[Any, ...]]:
    """Name, table, whether it is of unique rows, of some of them; the columns."""
    sql = INDEXES_OF_A_FILE if connection.has_one_run_at_a_time else INDEXES_ON_A_SERVER
    rows = connection.execute(sql).fetchall()
    return {
        (name, table, bool(is_unique), bool(is_partial), cells)
        for name, table, is_unique, is_partial, cells in rows
        if name != ONLY_ON_A_SERVER
    }


@pytest.mark.parametrize("what", [columns, views, indexes])
def test_a_new_database_has_the_same_schema(both: tuple[Connection, Connection], what: Any) -> None:
    file, server = both
    assert what(file) == what(server) != set()


def test_each_step_makes_the_same_of_both(on_server: str) -> None:
    """So that a database of any version can be moved from one engine to the other."""
    assert len(STEPS) == VERSION
    with (
        closing(sqlite3.connect(":memory:", factory=SqliteConnection, isolation_level=None)) as file,
        closing(PostgresConnection(on_server)) as server,
    ):
        names = [step.__name__ for step in STEPS]
        for number, step in enumerate(STEPS):
            steps_of_files.apply(Database(file), **({"stop_before": names[number + 1]} if names[number + 1 :] else {}))
            step(server)
            for what in (columns, views, indexes):
                assert what(file) == what(server) != set()


def test_a_database_that_is_opened_again_is_the_same(opened: Open) -> None:
    first, second = opened(), opened()
    assert journal.database_id(first) == journal.database_id(second) != ""
    a_delivery(first)
    assert len(log_of(opened(), 1)) == 1


def test_a_database_of_the_first_schema_on_a_server_is_brought_forward(on_server: str) -> None:
    with closing(PostgresConnection(on_server)) as server:
        STEPS[0](server)
        server.set_schema_version(1)
        a_delivery(server)
        name = journal.database_id(server)
    with closing(open_store(on_server)) as forward:
        assert isinstance(forward, PostgresConnection)
        assert (forward.schema_version(), journal.database_id(forward)) == (VERSION, name)
        assert len(log_of(forward, 1)) == 1


def rows_of(connection: Connection, name: str, folder: Path) -> list[str]:
    """Without what differs from one database to the other, even of one engine."""
    ids = set() if name in ("notice", "delivery") else {"id"}
    rows = [
        {column: cell for column, cell in row.items() if column not in OF_ONE_DATABASE | ids}
        for row in connection.named(f"SELECT * FROM {name}")
        if row.get("name") != "database_id"
    ]
    return sorted(NUMBER_OF_AN_IMPORT.sub("import N", repr(row).replace(str(folder), "")) for row in rows)


Left = dict[str, list[str]]


def left_of_a_week(folder: Path) -> Left:
    """The rows of every table and every view."""
    folder.mkdir()
    a_week(Clinic.begun_in(folder))
    with engines.connected(folder) as connection:
        names = {*engines.tables(connection), *(view for view, _ in views(connection))} - {"file_seen"}
        return {name: rows_of(connection, name, folder) for name in sorted(names)}


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Left:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "server", None)
        return left_of_a_week(tmp_path_factory.mktemp("week") / "file")


@pytest.fixture(scope="module")
def set_otherwise() -> Iterator[str]:
    """A server as somebody else may have set it: another order of letters, time zone, first schema and so on."""
    with postgres_server.running_server((*postgres_server.LITTLE, *OTHERWISE), NORWEGIAN_ORDER) as server:
        postgres_server.execute(server.format("template1"), "CREATE SCHEMA elsewhere")
        yield server


@pytest.mark.postgres
@pytest.mark.parametrize("which", ["server", "set_otherwise"])
def test_a_week_leaves_the_same_rows(
    in_a_file: Left, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Imports with rejects, runs, switches, staff, reports of services."""
    monkeypatch.setattr(engines, "server", request.getfixturevalue(which))
    left = left_of_a_week(tmp_path / "server")
    assert left.keys() == in_a_file.keys()
    # a chain has salts, by chance, and links side by side as transactions wrote them
    assert {name: rows for name, rows in left.items() if rows != in_a_file[name] and name != "chain"} == {}
    assert sum(map(bool, left.values())) > 25
