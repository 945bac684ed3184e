"""On which engine the tests' databases are: files of SQLite, or, with `pytest --postgres`, databases on a server.

Knows how a test's folder becomes a database, and how a test looks into it; must not know any test.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from notifycli.store.engine import Connection, open_store
from tests.support import postgres_server

SERVER = "NOTIFY_TESTS_SERVER"  # the variable that names it to the workers of pytest-xdist
server: str | None = None  # the address of its databases, with {} for a name
there: set[tuple[str, str]] = set()  # servers, and databases there
made: set[tuple[str, str]] = set()  # of these, those that go with the test that made them
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%(%' AND name NOT LIKE '%sqlite%'"
TABLES_ON_A_SERVER = (
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    " AND tablename NOT IN ('notify_schema', 'unsealed')"
)
INDEX_OF_WORDS = "patient_search_"  # SQLite's, which are tables of their own


def address_in(folder: Path) -> Path | str:
    """Of the database that belongs to a folder; on a server it is made where it is not there yet."""
    if server is None:
        return folder / "notify.db"
    name = _name_of(folder)
    if (server, name) not in there:
        postgres_server.execute(server, f"CREATE DATABASE {name}")
        _note(name)
    return server.format(name)


def copy(folder: Path, other: Path) -> None:
    """Of the database of a folder, for another folder that has none yet, or another one."""
    if server is None:
        (other / "notify.db").touch(mode=0o600)
        shutil.copyfile(folder / "notify.db", other / "notify.db")
        return
    name = _name_of(other)
    postgres_server.execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    postgres_server.execute(server, f"CREATE DATABASE {name} TEMPLATE {_name_of(folder)} STRATEGY FILE_COPY")
    _note(name)


def kept(folder: Path) -> Path:
    """Another folder, with a copy of the database for tests to come: see `copy`."""
    other = Path(tempfile.mkdtemp(prefix="kept-", dir=os.environ.get("TMPDIR")))
    copy(folder, other)
    if server is not None:
        made.discard((server, _name_of(other)))
    return other


def drop(databases: set[tuple[str, str]]) -> None:
    """Of those that a test made on a server; a file goes with its folder."""
    for where, name in databases:
        postgres_server.execute(where, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    made.difference_update(databases)
    there.difference_update(databases)


def variables(folder: Path) -> dict[str, str]:
    """By which a process that is started in a folder knows where its database is."""
    return {} if server is None else {"NOTIFY_DB": str(address_in(folder))}


@contextmanager
def connected_to(address: Path | str) -> Iterator[Connection]:
    connection = open_store(address)
    try:
        yield connection
    finally:
        connection.close()


def connected(folder: Path) -> AbstractContextManager[Connection]:
    """For tests that look into the database of a folder, or change what no command changes."""
    return connected_to(address_in(folder))


def rows(folder: Path, sql: str, *values: Any) -> list[Any]:
    """What a question finds, in SQL that both engines understand, with ? for each value."""
    with connected(folder) as connection:
        return connection.execute(sql, values).fetchall()


def change(folder: Path, sql: str, *values: Any) -> None:
    with connected(folder) as connection:
        connection.execute(sql, values)


def let_services_recover(folder: Path) -> None:
    """Hosts that share a server leave a service in trouble alone by its clock, which no --now of a test moves."""
    if server is not None:
        change(folder, "DELETE FROM circuit")


def tables(connection: Connection) -> list[str]:
    """Those of the program, whichever engine has them."""
    sql = TABLES if connection.has_one_run_at_a_time else TABLES_ON_A_SERVER
    names = [name for (name,) in connection.execute(sql)]
    return sorted(name for name in names if not name.startswith(INDEX_OF_WORDS))


def content(connection: Connection, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order of their own."""
    return {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for name in tables(connection)
        if name not in but
    }


def _note(name: str) -> None:
    assert server is not None
    there.add((server, name))
    made.add((server, name))


def _name_of(folder: Path) -> str:
    return "t" + hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:20]
