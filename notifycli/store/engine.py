"""The face of the engine: how a database is opened, its transactions, and what goes wrong there.

Whoever asks the store for anything does it within one of these, or by itself. Knows no table and no engine's own words.
"""

import contextlib
from collections.abc import Callable, Iterator

from notifycli.store.errors import StoreBusy, StoreError
from notifycli.store.sealing import seal
from notifycli.store.sqlite.connection import Connection
from notifycli.store.sqlite.opening import open_store

__all__ = [
    "Connection",
    "StoreBusy",
    "StoreError",
    "open_store",
    "reading",
    "rehearsal",
    "savepoint",
    "short_waits",
    "writing",
]


@contextlib.contextmanager
def writing(
    connection: Connection, *, durable: bool = False, on_undone: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """One write transaction; `durable` has it on the disk before it returns, against a power cut too.

    What it wrote into the history is sealed before it ends.

    `on_undone` is called where nothing of it is kept, for what belongs to it outside of the database.
    """
    is_whole = False
    try:
        connection.begin_writing(durable=durable)
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
def rehearsal(connection: Connection) -> Iterator[None]:
    """A write transaction of which nothing is kept."""
    connection.begin_writing(durable=False)
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
