"""A line behind a file of SQLite's that tells whether any of its bytes has changed since.

SQLite reads as many pages as the file's head says, so what stands behind them does not disturb it; and it moves the
line away when it writes, so that a copy that was worked in counts as one without. Knows no table.
"""

import hashlib
import os
from pathlib import Path

BEGINNING = b"\nnotify backup sha256 "
LENGTH = len(BEGINNING) + 2 * hashlib.sha256().digest_size + 1
AT_ONCE = 1 << 20  # bytes


def append_checksum(path: Path) -> None:
    """Raises OSError."""
    with path.open("r+b") as file:
        line = _line(_digest(path, os.path.getsize(path)))
        file.seek(0, os.SEEK_END)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def is_broken(path: Path) -> bool:
    """Whether there is such a line, and the file is not as it was then. Raises OSError."""
    size = os.path.getsize(path) - LENGTH
    if size < 0:
        return False
    with path.open("rb") as file:
        file.seek(size)
        line = file.read(LENGTH)
    return line.startswith(BEGINNING) and line != _line(_digest(path, size))


def _line(digest: str) -> bytes:
    return BEGINNING + digest.encode() + b"\n"


def _digest(path: Path, size: int) -> str:
    """Of its first `size` bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(AT_ONCE, size))):
            digest.update(part)
            size -= len(part)
    return digest.hexdigest()
