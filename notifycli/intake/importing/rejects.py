"""The rows that an import rejects, in a CSV file beside theirs that opens in Excel and imports again once mended.

Knows cells, not why they were rejected. Source: SPEC section 3, "A row that cannot be used".
"""

import contextlib
import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from notifycli.intake.formats.blocks import Block, PassingTrouble
from notifycli.intake.mapping.columns import REJECT_COLUMNS, is_reject_column, plain

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
        names = list(map(plain, header))
        self._origin = names.index("rejectimport") if "rejectimport" in names else None
        self._origin_line = names.index("rejectline") if "rejectline" in names else None
        self._file: IO[str] | None = None
        self._written_to: Path
        self._write_row: Callable[[Iterable[object]], object]
        self._is_in_place = False

    def add(self, line: int, column: str, reason: str, cells: Sequence[str], import_id: int | None = None) -> None:
        """Writes the row that began on `line` of FILE; there may be fewer or more cells than the header has.

        A row that was rejected before stays as fresh as it was in the import that it came from, and keeps the line that
        it had there, so that it is known again.
        """
        if self._file is None:
            folder, prefix = self.path.parent, f".{self.path.name}."
            descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)  # 0600
            self._file = os.fdopen(descriptor, "w", encoding=ENCODING, newline="")
            self._written_to = Path(name)
            self._write_row = csv.writer(self._file, delimiter=";", lineterminator="\r\n").writerow
            self._write_row((*REJECT_COLUMNS, *self._own(self._header)))
        came_from = _cell(cells, self._origin)
        line_there = _cell(cells, self._origin_line) if came_from else ""
        self._write_row((reason, column, line_there or line, came_from or import_id or "", *self._own(cells)))
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

    def _own(self, cells: Sequence[str]) -> list[str]:
        """Without the columns that a file of rejects brings along when it is imported in its turn."""
        return [cell for index, cell in enumerate(cells) if index not in self._dropped]


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


class Rejects:
    """The rows of one file that are left out, in a file of their own for each header (NDJSON may have several)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[tuple[str, ...], RejectsFile] = {}

    def add(self, block: Block, row: int, column: str, reason: str, import_id: int) -> None:
        """Raises Unreadable where the disk refuses them: then the file must not be imported either."""
        if block.header not in self._files:
            self._files[block.header] = RejectsFile(self._path, block.header, len(self._files) + 1)
        with _refused_by_the_disk():
            self._files[block.header].add(block.lines[row], column, reason, block.rows[row], import_id)

    def close(self) -> list[Path]:
        """Puts them in their places."""
        with _refused_by_the_disk():
            for file in self._files.values():
                file.close()
        return self.paths

    @property
    def paths(self) -> list[Path]:
        return [file.path for file in self._files.values() if file.count]

    def discard(self) -> None:
        for file in self._files.values():
            file.discard()


@contextmanager
def _refused_by_the_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PassingTrouble(
            f"its rejected rows cannot be written beside it ({error.strerror}), so none of it was imported;"
            " make room or give this user the right to write there"
        ) from error
