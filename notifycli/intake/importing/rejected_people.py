"""Files of rejects lose the rows of a patient who is forgotten; other files that may know them are named.

Knows markers (an id, addresses, numbers), not whose they are or why.
"""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from notifycli.intake.importing.rejects import ENCODING

BLOCK = 1 << 20


def files_of_rejects(paths: Iterable[Path]) -> list[Path]:
    """Beside the files that were imported."""
    beside: set[Path] = set()
    for path in paths:
        if path.parent.is_dir():
            beside |= set(path.parent.glob(f"{_escaped(path.name)}.rejects*.csv"))
    return sorted(beside)


def take_rows_out(path: Path, markers: Sequence[str]) -> int:
    """Rows with a cell that is one of the markers; how many. Raises OSError and csv.Error. Its age stays."""
    wanted = {_plain(marker) for marker in markers}
    status = path.stat()
    with open(path, encoding=ENCODING, newline="") as stream:
        rows = list(csv.reader(stream, delimiter=";"))
    left = [row for row in rows if not wanted & {_plain(cell) for cell in row}]
    if len(left) == len(rows):
        return 0
    new = path.with_name(f".{path.name}.tmp")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding=ENCODING, newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\r\n").writerows(left)
        stream.flush()
        os.fsync(stream.fileno())
    os.utime(new, (status.st_atime, status.st_mtime))
    os.replace(new, path)
    return len(rows) - len(left)


def may_know(path: Path, markers: Sequence[str]) -> bool:
    """Whether a file has any of them in its bytes, as they stand; what is packed cannot be looked into."""
    wanted = [marker.encode() for marker in markers]
    longest = max(map(len, wanted))
    rest = b""
    with open(path, "rb") as stream:
        while block := stream.read(BLOCK):
            if any(marker in rest + block for marker in wanted):
                return True
            rest = block[-longest:]
    return False


def _plain(cell: str) -> str:
    """Numbers in any spelling, by their last eight digits."""
    text = cell.strip().casefold()
    digits = text.removeprefix("+").replace(" ", "")
    return f"#{digits[-8:]}" if digits.isdigit() and len(digits) in (8, 10, 12) else text


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
