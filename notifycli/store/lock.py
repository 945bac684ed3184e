"""One run at a time: a lock on a file beside the database, let go when its process ends, however it ends.

The file belongs to the database that a name leads to, so that two names of one database have one lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from notifycli.domain.sentences import Sentence
from notifycli.store.errors import StoreError

SHORT_WAIT = 0.05  # seconds
WAIT_FOR_A_RUN = 30.0  # seconds


@contextmanager
def run_lock(database: Path | str) -> Iterator[bool]:
    """True where the lock is ours until the end of the block, False where another run has it. Raises StoreError.

    Of a database on a server (a text) it always is: runs share the work there, each by its own claims.
    """
    if isinstance(database, str):
        yield True
        return
    file = _opened(database)
    try:
        yield _is_taken(file)
    finally:
        os.close(file)


@contextmanager
def waited_for_lock(database: Path, seconds: float) -> Iterator[None]:
    """Waits for the lock; raises StoreError where another has it for longer than that."""
    file = _opened(database)
    try:
        for _ in range(int(seconds / SHORT_WAIT) + 1):
            if _is_taken(file):
                break
            Event().wait(SHORT_WAIT)
        else:
            raise StoreError(
                Sentence("{database}: a run is under way.", database=database), Sentence("Try again when it is done.")
            )
        yield
    finally:
        os.close(file)


def _opened(database: Path) -> int:
    path = f"{os.path.realpath(database)}.lock"
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(
            Sentence("{path}: cannot be made ({strerror}).", path=path, strerror=error.strerror),
            Sentence("May this user write to the folder, and has its disk room?"),
        ) from error


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def no_run_meanwhile(database: Path | str) -> Iterator[None]:
    """Of a file; of a database on a server its own locks keep two apart. Waits some seconds; raises StoreError."""
    if isinstance(database, str):
        yield
        return
    with waited_for_lock(database, WAIT_FOR_A_RUN):
        yield
