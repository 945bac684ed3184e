"""The face of the engine: how a database is opened, its transactions, and what goes wrong there.

Whoever asks the store for anything does it within one of these, or by itself. Knows no table and no engine's own words.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from notifycli.domain.sentences import N_, Sentence
from notifycli.store.connection import Connection
from notifycli.store.errors import StoreBusy, StoreError, StoreLost
from notifycli.store.sealing import seal

__all__ = [
    "EVERYTHING",
    "SETTLING",
    "Connection",
    "StoreBusy",
    "StoreError",
    "StoreLost",
    "of_clinic",
    "open_store",
    "reading",
    "rehearsal",
    "savepoint",
    "short_waits",
    "writing",
]


EVERYTHING = ""
SETTLING = "settling"  # what was sent and may have arrived or not


def of_clinic(clinic_id: str) -> str:
    """What of a clinic its imports, its switches and the decisions about it write."""
    return f"clinic {clinic_id}"


def open_store(address: Path | str) -> Connection:
    """The database at `address`, a file or postgresql://…, made or brought forward where needed. Raises StoreError."""
    if isinstance(address, str):
        connection: Connection = _opening_of_servers().open_server(address)
        return connection
    from notifycli.store.sqlite.opening import open_file

    return open_file(address)


def open_to_read(address: Path | str, patience: float) -> Connection:
    """A connection that makes and mends nothing, and waits for a lock so many seconds at most. Raises StoreError."""
    if isinstance(address, str):
        reader: Connection = _opening_of_servers().open_server_to_read(address, patience)
        return reader
    from notifycli.store.sqlite.opening import open_file_to_read

    return open_file_to_read(address, patience)


def _opening_of_servers() -> Any:
    """Its library is an extra."""
    try:
        from notifycli.store.postgres import opening
    except ImportError as error:
        needs = N_("a database on a server needs psycopg, which is not installed here")
        raise StoreError(Sentence(needs), Sentence("Type: pip install 'notifycli[postgres]'")) from error
    return opening


def named_address(address: Path | str) -> str:
    """As people may read it: without a secret."""
    if isinstance(address, Path):
        return str(address.absolute())
    from notifycli.store.postgres.address import without_secrets

    return without_secrets(address)


def is_no_database(address: Path | str) -> bool:
    """Whether a file is still to be made; of a server only it can tell."""
    return isinstance(address, Path) and not (os.path.exists(address) and os.path.getsize(address))


@contextlib.contextmanager
def writing(
    connection: Connection,
    *,
    alone: str | None = EVERYTHING,
    durable: bool = False,
    on_undone: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """One write transaction; `durable` has it on the disk before it returns, against a power cut too.

    What it wrote into the history is sealed before it ends. `alone`: what no other process writes meanwhile,
    `of_clinic(id)` or another name; None where each change names what it expects. With a file for a database nobody
    else writes anyway. `on_undone` is called where nothing of it is kept, for what belongs to it outside of the
    database.
    """
    is_whole = False
    try:
        connection.begin_writing(durable=durable, alone=alone)
        yield
        seal(connection)
        is_whole = True
        connection.end()
    except BaseException as error:
        # who is told to end while the disk works hears of it when the commit is done
        is_kept = is_whole and not connection.in_transaction and not isinstance(error, StoreError)
        if not is_kept:
            connection.undo()
            on_undone()
        raise


@contextlib.contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that is undone by itself where it fails."""
    connection.begin_part()
    try:
        yield
    except BaseException:
        connection.undo_part()
        raise
    connection.end_part()


@contextlib.contextmanager
def rehearsal(connection: Connection, *, alone: str | None = EVERYTHING) -> Iterator[None]:
    """A write transaction of which nothing is kept; `alone`: as of `writing`."""
    connection.begin_writing(durable=False, alone=alone)
    try:
        yield
    finally:
        connection.undo()


@contextlib.contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """One view of the database, unchanged by others while it lasts; what is written within is undone."""
    connection.begin_reading()
    try:
        yield
    finally:
        connection.undo()


@contextlib.contextmanager
def short_waits(connection: Connection, seconds: float = 1.0) -> Iterator[None]:
    """Has statements within wait no longer than this for a lock, for those who know better how to wait."""
    connection.wait_for_locks(seconds)
    try:
        yield
    finally:
        connection.wait_for_locks()
