"""The rows that an import rejects, in a CSV file beside theirs that opens in Excel and imports again once mended.

Knows cells, not why they were rejected. Source: SPEC section 3, "A row that cannot be used".
"""

import contextlib
import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from notifycli.intake.meaning.columns import REJECT_COLUMNS, is_reject_column

ENCODING = "utf-8-sig"  # Excel takes UTF-8 without a mark for Windows-1252


class RejectsFile:
    """FILE.rejects.csv: made with the first row, in its place when it is closed, readable by its owner only.

    `number` is for rows of FILE that have another header (NDJSON): 2 makes FILE.rejects-2.csv. Cells are written as
    they are, those too that Excel takes for formulas: a phone number begins with +. A disk that refuses is an OSError.
    """

    def __init__(self, path: Path, header: Sequence[str], number: int = 1) -> None:
        suffix = "" if number == 1 else f"-{number}"
        self.path = path.with_name(f"{path.name}.rejects{suffix}.csv")
        self.count = 0
        self._header = header
        self._dropped = {index for index, name in enumerate(header) if is_reject_column(name)}
        self._file: IO[str] | None = None
        self._written_to: Path
        self._write_row: Callable[[Iterable[object]], object]
        self._is_in_place = False

    def add(self, line: int, column: str, reason: str, cells: Sequence[str]) -> None:
        """Writes the row that began on `line` of FILE; there may be fewer or more cells than the header has."""
        if self._file is None:
            self._begin()
        self._write_row((reason, column, line, *self._own(cells)))
        self.count += 1

    def close(self) -> None:
        """Puts the file in its place. Without a row there is none, and one of an earlier import is left alone."""
        if self._file is None:
            return
        try:
            self._file.close()
            os.replace(self._written_to, self.path)
        except OSError:
            self.discard()
            raise
        self._file, self._is_in_place = None, True

    def discard(self) -> None:
        """Removes what was written, for an import that changes nothing."""
        if self._is_in_place:
            self.path.unlink(missing_ok=True)
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # on a full disk, closing fails again
            self._file.close()
        self._written_to.unlink(missing_ok=True)
        self._file = None

    def _begin(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".tmp", dir=self.path.parent)  # 0600
        self._file = os.fdopen(descriptor, "w", encoding=ENCODING, newline="")
        self._written_to = Path(name)
        self._write_row = csv.writer(self._file, delimiter=";", lineterminator="\r\n").writerow
        self._write_row((*REJECT_COLUMNS, *self._own(self._header)))

    def _own(self, cells: Sequence[str]) -> list[str]:
        """Without the three columns that a file of rejects brings along when it is imported in its turn."""
        return [cell for index, cell in enumerate(cells) if index not in self._dropped]
