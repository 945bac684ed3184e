"""A database into another file while all goes on, and one into the place of another: SQLite's online backup.

Knows no table. What is written is readable by its owner alone, and is in its place only when it is whole.
"""

import contextlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from notifycli.domain.sentences import Sentence
from notifycli.store.errors import StoreBusy, StoreError
from notifycli.store.sqlite.connection import WAIT_FOR_A_LOCK, SqliteConnection, store_error
from notifycli.store.sqlite.opening import VERSION, is_ours
from notifycli.store.sqlite.soundness import quick_check

PAGES_AT_ONCE = 2_000
BESIDE = ("", "-journal", "-wal", "-shm", ".lock")  # what a database may have beside it
MOST_TRIES = 5
OnCopied = Callable[[int, int], None]


def copy_to_new_file(connection: SqliteConnection, target: Path, on_copied: OnCopied) -> None:
    """As it is at this moment, found sound. `on_copied`: pages copied, of how many. Raises StoreError."""
    with new_file(target) as unfinished, closing(_opened(unfinished)) as copy:
        _copy(connection, copy, target, on_copied)


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A file to be filled within; then it is found sound and put in its place. Raises StoreError."""
    with _reserved(target), scratch_beside(target) as unfinished:
        yield unfinished
        with closing(open_sound(unfinished)):
            pass
        _sync(unfinished)
        os.replace(unfinished, target)
    _sync(target.parent)


def open_sound(path: Path) -> SqliteConnection:
    """To be read: a database of ours, and sound; nothing is made beside it. Raises StoreError."""
    _check_file(path)
    is_alone = not os.path.exists(f"{path}-wal")
    address = f"{path.absolute().as_uri()}?{'immutable=1' if is_alone else 'mode=ro'}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, factory=SqliteConnection)
    connection.path = path
    try:
        _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """A file of its own, of which nothing is left if it has not been moved away."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise store_error(error, path) from error
    os.close(number)
    try:
        yield Path(name)
    finally:
        for beside in BESIDE:
            Path(f"{name}{beside}").unlink(missing_ok=True)


def take_over(prepared: Path, database: Path, aside: Path) -> Path | None:
    """What `prepared` holds becomes what `database` holds; what this held is kept as `aside`, None where it was none.

    All at once, for those too who have it open. One that is damaged, or has other pages, is moved away instead.
    Raises StoreError.
    """
    if not os.path.exists(database) or not os.path.getsize(database):
        _put_in_place(prepared, database)
        return None
    with closing(_opened(database)) as present, closing(_opened(prepared)) as source:
        if not _is_damaged(present) and _page_size(present) == _page_size(source):
            _write_over(present, source, aside)
            return aside
    for beside in ("-wal", "-shm", ""):
        if os.path.exists(f"{database}{beside}"):
            os.rename(f"{database}{beside}", f"{aside}{beside}")
    _put_in_place(prepared, database)
    return aside


def _is_damaged(connection: SqliteConnection) -> bool:
    """Raises StoreError where it is another program's."""
    try:
        if is_ours(connection):
            return bool(quick_check(connection))
    except StoreError as error:
        if re.search("malformed|not a database", str(error.__cause__)):
            return True
        raise
    raise StoreError(
        Sentence("{path}: is a database of another program.", path=connection.path),
        Sentence("Name another file with --db."),
    )


def _page_size(connection: SqliteConnection) -> int:
    return int(connection.execute("PRAGMA page_size").fetchone()[0])


def _write_over(present: SqliteConnection, prepared: SqliteConnection, aside: Path) -> None:
    """Nobody writes while it is kept; who came in between that and the writing over has it kept anew."""
    for _ in range(MOST_TRIES):
        with closing(_opened(present.path)) as guard:
            guard.begin_writing(durable=False)
            copy_to_new_file(present, aside, lambda copied, of: None)
        try:
            with closing(_opened(present.path)) as live:
                _copy_at_once(prepared, live)
            return
        except BaseException as error:
            aside.unlink()
            if not isinstance(error, StoreBusy):
                raise
    raise StoreBusy(
        Sentence("{path}: others write to it all the time.", path=present.path),
        Sentence("Try again when imports are done."),
    )


def empty_log(connection: SqliteConnection) -> None:
    """What was written is in the file itself, so that it can be moved alone."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextlib.contextmanager
def _reserved(target: Path) -> Iterator[None]:
    """The name is ours from here on, so that no other file is written over; free again where nothing comes of it."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StoreError(
            Sentence("{path}: is there already.", path=target), Sentence("Name a file that is not there yet.")
        ) from None
    except OSError as error:
        raise store_error(error, target) from error
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _check_file(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise StoreError(Sentence("{path}: cannot be read ({reason}).", path=path, reason=error.strerror)) from error


def _check(connection: SqliteConnection) -> None:
    try:
        if not is_ours(connection):
            raise StoreError(Sentence("{path}: is no database of notify.", path=connection.path))
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        damage = quick_check(connection)
    except sqlite3.Error as error:
        raise store_error(error, connection.path) from error
    if version > VERSION:
        raise StoreError(
            Sentence("{path}: was made by a newer notify.", path=connection.path), Sentence("Update notify.")
        )
    if damage:
        raise StoreError(Sentence("{path}: is damaged ({what}).", path=connection.path, what=damage[0]))


def _opened(path: Path) -> SqliteConnection:
    try:
        connection = sqlite3.connect(path, timeout=WAIT_FOR_A_LOCK, isolation_level=None, factory=SqliteConnection)
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    connection.path = path
    return connection


def _copy(source: SqliteConnection, copy: SqliteConnection, target: Path, on_copied: OnCopied) -> None:
    """Within one view of the source: what others write meanwhile neither waits nor has it begin anew."""
    source.begin_reading()
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        source.backup(copy, pages=PAGES_AT_ONCE, progress=lambda _, left, total: on_copied(total - left, total))
    except sqlite3.Error as error:
        where = source.path if "malformed" in str(error) or "not a database" in str(error) else target
        raise store_error(error, where) from error
    finally:
        source.undo()


def _copy_at_once(source: SqliteConnection, live: SqliteConnection) -> None:
    """One transaction of the database that is written over. Raises StoreBusy where another holds it."""
    live.wait_for_locks(0)

    def look(status: int, left: int, total: int) -> None:
        if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE):
            raise sqlite3.OperationalError("database is locked")

    try:
        source.backup(live, pages=-1, progress=look)
    except sqlite3.Error as error:
        raise store_error(error, live.path) from error


def _put_in_place(prepared: Path, database: Path) -> None:
    """Without a log of another database, which would be read into this one."""
    for beside in ("-wal", "-shm"):
        Path(f"{database}{beside}").unlink(missing_ok=True)
    _sync(prepared)
    os.replace(prepared, database)
    _sync(database.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
