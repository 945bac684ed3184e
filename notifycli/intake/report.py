"""What an import of one file came to, for the one who called it. Holds no personal data and no content of cells
but ids, words and times."""

import json
import re
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from notifycli.intake.merging import IMPORT_EVENTS, ImportEvent

MOST_REMEMBERED = 10_000  # problems of a file in memory; those after them wait on the disk
MOST_GROUPS = 1_000
CELL = re.compile(r'^"(.*?)" ')  # what looks like a time is repeated at the beginning of a text


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` is its place in the file (1-based), counted by `unit`: line, row, entry or message.

    `column` is as the file names it; empty where it concerns the whole row or file.
    """

    line: int | None
    column: str
    text: str
    unit: str = "line"

    def __str__(self) -> str:
        column = f"column {self.column}" if self.column and self.unit == "row" else self.column
        where = ", ".join(part for part in (self.place, column) if part)
        return f"{where}: {self.text}" if where else self.text

    @property
    def place(self) -> str:
        return f"{self.unit} {self.line}" if self.line else ""

    @property
    def cell(self) -> str:
        """The cell, where the text repeats it."""
        found = CELL.match(self.text)
        return found[1] if found else ""


@dataclass
class Group:
    """Problems of one column that are alike but for the cell; `text` leaves the cell out."""

    text: str
    first: Problem
    count: int = 0


class Problems:
    """Every problem, and their groups with how many each has; iterated in the order in which they came.

    Memory stays bounded: problems beyond MOST_REMEMBERED wait in a temporary file without a name. Where the disk has
    no room for it they are counted and no longer kept. `ungrouped` are those of more than MOST_GROUPS groups.
    """

    def __init__(self) -> None:
        self.count = 0
        self.ungrouped = 0
        self.groups: dict[tuple[str, str], Group] = {}
        self._first: list[Problem] = []
        self._others: IO[str] | None = None
        self._is_kept = True

    def add(self, problem: Problem) -> None:
        self.count += 1
        self._group(problem)
        if len(self._first) < MOST_REMEMBERED:
            self._first.append(problem)
        elif self._is_kept:
            self._keep_on_disk(problem)

    def __iter__(self) -> Iterator[Problem]:
        yield from self._first
        if self._others is not None:
            self._others.seek(0)
            yield from (Problem(*json.loads(line)) for line in self._others)

    def _group(self, problem: Problem) -> None:
        key = (problem.column, CELL.sub("", problem.text))
        group = self.groups.get(key)
        if group is None and len(self.groups) == MOST_GROUPS:
            self.ungrouped += 1
            return
        if group is None:
            group = self.groups[key] = Group(key[1], problem)
        group.count += 1

    def _keep_on_disk(self, problem: Problem) -> None:
        try:
            if self._others is None:
                self._others = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - it lives as long as this
                weakref.finalize(self, _close, self._others)
            self._others.write(json.dumps([problem.line, problem.column, problem.text, problem.unit]) + "\n")
        except OSError:
            self._is_kept, self._others = False, None


def _close(file: IO[str]) -> None:
    with suppress(OSError):  # on a full disk, what is still to be written
        file.close()


@dataclass
class Stop:
    """Why the safety stop held the file: so many of a clinic's future appointments cancelled or moved."""

    clinic: str
    upset: int
    future: int


@dataclass
class FileReport:
    """Counts by what happened to the rows; rows = new + changed + unchanged + stale + rejected, unless `error`.

    `unit` is what the places of problems count: lines, rows, entries or messages. `notes` tell what of the file was
    not used, in sentences without a full stop.
    """

    path: Path
    kind: str | None = None
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    warnings: Problems = field(default_factory=Problems)
    rejects: Problems = field(default_factory=Problems)
    events: dict[ImportEvent, int] = field(default_factory=lambda: dict.fromkeys(IMPORT_EVENTS, 0))
    moved: int = 0
    error: str | None = None
    stops: list[Stop] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    rejects_files: list[Path] = field(default_factory=list)
    encoding: str = ""
    notices: int | None = None
    reminders: int | None = None
    unit: str = "line"
    notes: list[str] = field(default_factory=list)
    may_pass: bool = False  # the error is not the file's own, and another time it may be imported

    @property
    def rejected(self) -> int:
        return self.rejects.count

    def counts(self) -> tuple[int, int, int, int, int, int, int]:
        """rows, new, changed, unchanged, stale, rejected, warnings"""
        return (self.rows, self.new, self.changed, self.unchanged, self.stale, self.rejected, self.warnings.count)
