"""A connection to PostgreSQL whose errors are the store's own, and the transactions that it can have.

Connects anew where the server was lost between two transactions; what is lost within one is undone by the server, and
the caller begins it again. Knows no table by name.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import ClientCursor, errors
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from notifycli.domain.search_words import Wanted
from notifycli.domain.sentences import N_, Sentence
from notifycli.store.connection import Finding, StoredTable
from notifycli.store.errors import StoreBusy, StoreError, StoreLost
from notifycli.store.postgres import tables
from notifycli.store.postgres.address import without_secrets
from notifycli.store.postgres.bulk import copy, insert_new
from notifycli.store.postgres.dialect import in_postgres_words
from notifycli.store.postgres.word_index import matching

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what is wrong is raised, and told once
WAIT_FOR_A_LOCK = 30.0  # seconds
WRITERS = 0x4E6F7479  # the advisory lock of whoever writes
LOCK_OF_NAME = "hashtextextended({0}, 4)"
BUSY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)
LOST = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.IdleInTransactionSessionTimeout)
# A few rows are looked up by an index, as all of these queries are written for; the planner takes a list of unknown
# length, and a table that has just grown, for reasons to read all of it.
AS_THE_QUERIES_MEAN_IT = (
    "SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET random_page_cost = 1.1"
)
# A server that is lost is to be noticed soon, and of several hosts (?host=a,b) the one that takes writes is meant
USUAL: dict[str, Any] = {
    "fallback_application_name": "notify",
    "connect_timeout": 5,
    "target_session_attrs": "read-write",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
# and the server is to notice soon that we are lost, since others wait for what we hold locked
OF_THE_SERVER = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 10000"
)
Rows = ClientCursor[tuple[Any, ...]]


class BooleanAsNumber(Dumper):
    """The schema keeps truth as 1 and 0."""

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"

    def quote(self, obj: bool) -> bytes:
        return self.dump(obj)


class PostgresConnection:
    """Raises StoreError and StoreBusy in place of psycopg's errors. `address` is named in what is said of them."""

    has_one_run_at_a_time = False

    def __init__(self, address: str) -> None:
        self.address = address
        self._is_begun = False  # a transaction
        self._held: set[str] = set()
        self._scratches: set[str] = set()
        self._seconds = WAIT_FOR_A_LOCK
        self._server = self._connect()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            given = conninfo_to_dict(self.address)
            server = psycopg.connect(**{**USUAL, **given}, autocommit=True, cursor_factory=ClientCursor)
            server.adapters.register_dumper(bool, BooleanAsNumber)
            server.execute("SET TimeZone = 'UTC'; SET client_min_messages = warning")
            server.execute(AS_THE_QUERIES_MEAN_IT)
            server.execute(OF_THE_SERVER)
            server.execute(f"SET lock_timeout = {int(self._seconds * 1000)}")
            # whoever set less for the whole server does not mean who sends messages
            server.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
            )
        except psycopg.Error as error:
            raise store_error(error, self.address) from error
        return server

    @property
    def in_transaction(self) -> bool:
        return self._server.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def execute(self, sql: str, parameters: Any = (), /) -> "PostgresCursor":
        return self._asked(lambda: self._cursor().execute(in_postgres_words(sql).encode(), parameters))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "PostgresCursor":
        def ask() -> Rows:
            cursor = self._cursor()
            cursor.executemany(in_postgres_words(sql).encode(), parameters)
            return cursor

        return self._asked(ask)

    def _cursor(self) -> Rows:
        if self._server.closed:
            if self._is_begun:
                raise psycopg.OperationalError("the connection was lost within a transaction")
            self._server = self._connect()
        return ClientCursor(self._server)

    def _asked(self, ask: Any) -> "PostgresCursor":
        try:
            return PostgresCursor(ask())
        except psycopg.Error as error:
            raise store_error(error, self.address) from error

    def named(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        answer = self.execute(sql, parameters)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer]

    def insert(self, sql: str, parameters: Any) -> int:
        return int(self.execute(f"{sql} RETURNING id", parameters).fetchone()[0])

    def insert_new(self, table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]) -> int:
        try:
            return insert_new(self._server, table, fields, columns)
        except psycopg.Error as error:
            raise store_error(error, self.address) from error

    def run_script(self, script: str) -> None:
        """Statements that take no parameters, in PostgreSQL's own words."""
        self._asked(lambda: self._cursor().execute(script.encode()))

    def schema_version(self) -> int:
        """0 of an empty database."""
        if self.execute("SELECT to_regclass('notify_schema')").fetchone()[0] is None:
            return 0
        return int(self.execute("SELECT version FROM notify_schema").fetchone()[0])

    def set_schema_version(self, version: int) -> None:
        self.execute("CREATE TABLE IF NOT EXISTS notify_schema (version BIGINT NOT NULL)")
        self.execute("DELETE FROM notify_schema")
        self.execute("INSERT INTO notify_schema VALUES (?)", (version,))

    def begin_writing(self, *, durable: bool, alone: str | None = "") -> None:
        """Every commit here is durable: the answers of servers must survive a failover, too."""
        self._held = set()
        self._begin("BEGIN")
        kind = "" if alone == "" else "_shared"
        self.execute(f"SELECT pg_advisory_xact_lock{kind}(?)", (WRITERS,))
        if alone:
            self.hold([alone])

    def hold(self, names: Iterable[str]) -> None:
        """In one order, so that two that hold several do not wait for each other."""
        for name in sorted(set(names) - self._held):
            self.execute(f"SELECT pg_advisory_xact_lock({LOCK_OF_NAME.format('?')})", (name,))
            self._held.add(name)

    def _begin(self, sql: str) -> None:
        self.execute(sql)
        self._is_begun = True

    def begin_reading(self) -> None:
        self._begin("BEGIN ISOLATION LEVEL REPEATABLE READ")

    def end(self) -> None:
        try:
            self.execute("COMMIT")
        finally:
            self._is_begun = False

    def undo(self) -> None:
        """Does nothing where the server was lost: it has undone it then."""
        self._is_begun = False
        self._scratches.clear()  # those that were made within are gone
        if self.in_transaction:
            self.execute("ROLLBACK")

    def begin_part(self) -> None:
        self.execute("SAVEPOINT part")

    def end_part(self) -> None:
        self.execute("RELEASE SAVEPOINT part")

    def undo_part(self) -> None:
        if self.in_transaction:
            self._scratches.clear()
            self.execute("ROLLBACK TO SAVEPOINT part")
            self.execute("RELEASE SAVEPOINT part")

    def make_scratch(self, table: str, like: str, columns: Sequence[str], key: Sequence[str]) -> None:
        if table in self._scratches:
            return
        sql = "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
        known = {name for (name,) in self.execute(sql, (like,))}
        cells = ", ".join(column if column in known else f"0::bigint AS {column}" for column in columns)
        self.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS SELECT {cells} FROM {like} WITH NO DATA")
        self.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_key ON pg_temp.{table} ({', '.join(key)})")
        self._scratches.add(table)

    def drop_scratch(self, table: str) -> None:
        self._scratches.discard(table)
        self.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")

    @property
    def name(self) -> str:
        """As people may read it."""
        return without_secrets(self.address)

    @property
    def host(self) -> str:
        """The one of several that is connected to; a folder where it is a socket."""
        return self._server.info.host

    @property
    def is_encrypted(self) -> bool:
        return bool(self._server.pgconn.ssl_in_use)

    def tables(self) -> list[StoredTable]:
        return tables.tables(self)

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        tables.load(self, table, columns, rows)

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        try:
            copy(self._server, table, columns, rows)
        except psycopg.Error as error:
            raise store_error(error, self.address) from error

    def clear(self, table: str) -> None:
        tables.clear(self, table)

    def continue_numbers(self, table: str) -> None:
        tables.continue_numbers(self, table)

    def findings(self) -> Iterator[Finding]:
        from notifycli.store.postgres import soundness

        return soundness.findings(self, self.schema_version())

    def why_commits_may_be_lost(self) -> str | None:
        from notifycli.store.postgres import soundness

        return soundness.why_commits_may_be_lost(self)

    def findings_of_all(self) -> Iterator[Finding]:
        """What PostgreSQL itself looks after is not read through here."""
        return iter(())

    def matching(self, wanted: Wanted) -> tuple[str, dict[str, str]]:
        return matching(wanted)

    def change_counter(self) -> int:
        return int(self.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])

    def wait_for_locks(self, seconds: float | None = None) -> None:
        self._seconds = WAIT_FOR_A_LOCK if seconds is None else seconds
        self.execute(f"SET lock_timeout = {int(self._seconds * 1000)}")

    def wipe_free_space(self) -> bool:
        """Of the tables; what its log and its archives hold is the server's own to let go."""
        self.execute("VACUUM (FULL)")
        return True

    def interrupt(self) -> None:
        self._server.cancel_safe()

    def close(self) -> None:
        self._server.close()


class PostgresCursor:
    """What PostgresConnection.execute gives back."""

    def __init__(self, cursor: Rows) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def description(self) -> Any:
        return self._cursor.description

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def store_error(error: psycopg.Error, address: str) -> StoreError:
    """What a trouble of the server means, where it is, and what to do."""
    where = without_secrets(address)
    if isinstance(error, BUSY):
        held = N_("{path}: another program has held it locked for {seconds} seconds.")
        return StoreBusy(
            Sentence(held, path=where, seconds=round(WAIT_FOR_A_LOCK)), Sentence("Try again when it is done.")
        )
    if isinstance(error, LOST) or (isinstance(error, psycopg.OperationalError) and error.sqlstate is None):
        if "certificate" in str(error):
            another = N_("{path}: the server shows a certificate that does not hold for this address.")
            advice = Sentence("Is sslrootcert who signed it, and does it name the host as the address does?")
            return StoreLost(Sentence(another, path=where), advice)
        lost = N_("{path}: the server cannot be reached, or was lost.")
        return StoreLost(Sentence(lost, path=where), Sentence("Is it running, and is the address right?"))
    if isinstance(error, errors.RaiseException):
        return StoreError(str(error.diag.message_primary), "")  # the words of our own schema
    if isinstance(error, errors.InsufficientPrivilege):
        denied = N_("{path}: this user may not do that.")
        return StoreError(
            Sentence(denied, path=where), Sentence("See docs/many-hosts.md for the rights that it needs.")
        )
    if isinstance(error, errors.InvalidCatalogName | errors.InvalidPassword | errors.InvalidAuthorizationSpecification):
        refused = N_("{path}: the server does not let this user in ({name}).")
        return StoreError(Sentence(refused, path=where, name=type(error).__name__), Sentence("See: notify doctor"))
    asked = N_("{path}: the database refused what was asked of it ({name}).")
    return StoreError(Sentence(asked, path=where, name=type(error).__name__), Sentence("See: notify doctor"))
