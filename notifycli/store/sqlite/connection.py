"""A connection to SQLite whose errors are the store's own, and the transactions that it can have.

Knows no table by name. An idle run passes here every minute, so nothing is imported that it does not need.
"""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notifycli.domain.sentences import N_, Sentence
from notifycli.store.errors import StoreBusy, StoreError
from notifycli.store.sqlite.bulk import insert_new
from notifycli.store.sqlite.dialect import in_sqlites_words
from notifycli.store.sqlite.word_index import MATCHING, as_query

if TYPE_CHECKING:
    from notifycli.domain.search_words import Wanted
    from notifycli.store.connection import Finding, StoredTable

WAIT_FOR_A_LOCK = 30.0  # seconds; an import of a million rows holds it for some ten
MAY_BE_USED = N_("May this user read and write the file and its folder?")
FREE_SOME_SPACE = N_("Free some space and call it again; what was done before is kept.")


class SqliteConnection(sqlite3.Connection):
    """Raises StoreError and StoreBusy in place of sqlite3's errors. `path` is named in what is said of them."""

    path = Path("notify.db")
    has_one_run_at_a_time = True

    def execute(self, sql: str, parameters: Any = (), /) -> "SqliteCursor":
        try:
            return super().cursor(SqliteCursor).execute(in_sqlites_words(sql), parameters)
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "SqliteCursor":
        try:
            return super().cursor(SqliteCursor).executemany(in_sqlites_words(sql), parameters)
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error

    def named(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        """Each row by the names of its columns."""
        cursor = self.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def insert(self, sql: str, parameters: Any) -> int:
        """The number of the row that the statement makes, which has a number for its key."""
        return int(self.execute(sql, parameters).lastrowid or 0)

    def begin_writing(self, *, durable: bool, alone: str | None = "") -> None:
        """`durable`: on the disk when it is committed, against a power cut too. Nobody else writes meanwhile."""
        self.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self.execute("BEGIN IMMEDIATE")

    def hold(self, names: Iterable[str]) -> None:
        """Whoever writes is alone already."""

    def begin_reading(self) -> None:
        self.execute("BEGIN")

    def end(self) -> None:
        """What was written is kept."""
        self.execute("COMMIT")

    def undo(self) -> None:
        """Does nothing where SQLite has undone it itself."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def begin_part(self) -> None:
        self.execute("SAVEPOINT part")

    def end_part(self) -> None:
        self.execute("RELEASE part")

    def undo_part(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK TO part")
            self.execute("RELEASE part")

    def change_counter(self) -> int:
        """Another number after each change that another connection has committed; none of its own changes it."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def wait_for_locks(self, seconds: float | None = None) -> None:
        self.execute(f"PRAGMA busy_timeout = {int((WAIT_FOR_A_LOCK if seconds is None else seconds) * 1000)}")

    def insert_new(self, table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]) -> int:
        return insert_new(self, table, fields, columns)

    def make_scratch(self, table: str, like: str, columns: Sequence[str], key: Sequence[str]) -> None:
        primary_key = f"PRIMARY KEY ({', '.join(key)})"
        self.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({', '.join(columns)}, {primary_key}) WITHOUT ROWID")

    def drop_scratch(self, table: str) -> None:
        self.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def tables(self) -> "list[StoredTable]":
        from notifycli.store.sqlite import tables

        return tables.tables(self)

    def wipe_free_space(self) -> bool:
        from notifycli.store.sqlite.wiping import wipe_free_space

        return wipe_free_space(self)

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        from notifycli.store.sqlite import tables

        tables.load(self, table, columns, rows)

    def clear(self, table: str) -> None:
        from notifycli.store.sqlite import tables

        tables.clear(self, table)

    def continue_numbers(self, table: str) -> None:
        """SQLite goes by the largest."""

    def findings(self) -> "Iterator[Finding]":
        from notifycli.store.sqlite import opening, soundness

        return soundness.findings(self, opening.VERSION)

    def why_commits_may_be_lost(self) -> str | None:
        return None

    def findings_of_all(self) -> "Iterator[Finding]":
        from notifycli.store.sqlite import soundness

        return soundness.findings_of_all(self)

    def matching(self, wanted: "Wanted") -> tuple[str, dict[str, str]]:
        return MATCHING, {"wanted": as_query(wanted)}


class SqliteCursor(sqlite3.Cursor):
    """What SqliteConnection.execute gives back; reading its rows may find a trouble, too."""

    connection: SqliteConnection

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.Error as error:
            raise store_error(error, self.connection.path) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self.connection.path) from error

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override] # a generator, since a __next__ would cost a call a row
        try:
            yield from iter(super().__next__, None)
        except sqlite3.Error as error:
            raise store_error(error, self.connection.path) from error


def store_error(error: Exception, path: Path) -> StoreError:
    """What a trouble of the database means, where it is, and what to do. `error`: an sqlite3.Error, or an OSError."""
    text = str(error)
    if "locked" in text or "busy" in text:
        held = N_("{path}: another program has held it locked for {seconds} seconds.")
        return StoreBusy(
            Sentence(held, path=path, seconds=round(WAIT_FOR_A_LOCK)), Sentence("Try again when it is done.")
        )
    message, advice = _in_words(error, text, path)
    return StoreError(Sentence("{path}: {message}", path=path, message=message), advice)


def _in_words(error: Exception, text: str, path: Path) -> tuple[str, str]:
    if "unable to open" in text:
        return Sentence("cannot be opened."), Sentence(MAY_BE_USED)
    if "readonly" in text or "read-only" in text:
        advice = N_("Give this user the right to write to the file and its folder.")
        return Sentence("may only be read."), Sentence(advice)
    if "not a database" in text:
        return Sentence("is not a database of notify."), Sentence("Name another file with --db.")
    if "full" in text or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return Sentence("the disk is full."), Sentence(FREE_SOME_SPACE)
    if "disk I/O" in text:
        return Sentence("the disk is full or fails."), Sentence(FREE_SOME_SPACE)
    if "malformed" in text:
        advice = N_("Put back a copy, or save what can be read with: sqlite3 {name} .recover")
        return Sentence("is damaged."), Sentence(advice, name=path.name)
    if isinstance(error, OSError):
        return Sentence("cannot be opened ({reason}).", reason=error.strerror), Sentence(MAY_BE_USED)
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if name == "SQLITE_CONSTRAINT_TRIGGER":
        return text, ""  # the words of our own schema
    refused = N_("the database refused what was asked of it ({name}).")
    return Sentence(refused, name=name), Sentence("See: notify doctor")
