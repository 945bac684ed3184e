"""What an import of one file came to, for the one who called it. Holds no personal data and no content of cells
but ids, words and times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from notifycli.intake.importing.kept import Kept
from notifycli.intake.importing.tally import Affected, What
from notifycli.intake.kinds.kind import IMPORT_EVENTS, ImportEvent

MOST_REMEMBERED = 10_000  # problems of a file in memory; those after them wait on the disk
MOST_GROUPS = 1_000
CELL = re.compile(r'^"(.*?)" ')  # what looks like a time is repeated at the beginning of a text


class Problem(NamedTuple):
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
        match = CELL.match(self.text)
        return match[1] if match else ""


@dataclass
class Group:
    """Problems of one column that are alike but for the cell; `text` leaves the cell out."""

    text: str
    first: Problem
    count: int = 0


class Problems:
    """Every problem, and their groups with how many each has; iterated in the order in which they came.

    Memory stays bounded. `ungrouped` are those of more than MOST_GROUPS groups.
    """

    def __init__(self) -> None:
        self.ungrouped = 0
        self.groups: dict[tuple[str, str], Group] = {}
        self._kept = Kept(Problem, MOST_REMEMBERED)

    @property
    def count(self) -> int:
        return self._kept.count

    def add(self, problem: Problem) -> None:
        self._kept.add(problem)
        key = (problem.column, CELL.sub("", problem.text))
        group = self.groups.get(key)
        if group is None and len(self.groups) == MOST_GROUPS:
            self.ungrouped += 1
            return
        if group is None:
            group = self.groups[key] = Group(key[1], problem)
        group.count += 1

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)


@dataclass
class Stop:
    """Why the safety stop held the file: so many of a clinic's `future` appointments cancelled or moved.

    `missing`: those among the cancelled that the file does not name. `booked`: so many would be booked, without a time
    of booking, where `future` were stored.
    """

    clinic: str
    cancelled: int
    moved: int
    missing: int
    future: int
    booked: int = 0


@dataclass
class FileReport:
    """Counts by what happened to the rows; rows = new + changed + unchanged + stale + rejected, unless `error`.

    `unit` is what the places of problems count: lines, rows, entries or messages. `notes` tell what of the file was
    not used, in sentences without a full stop. `first`: the first appointments of each thing that happened.
    `missing`: future appointments that the files of the call do not name; None where that was not asked for, or is not
    known, which a warning tells then.
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
    first: dict[What, list[Affected]] = field(default_factory=dict)
    missing: Kept[Affected] | None = None
    missing_cancelled: int = 0
    is_completeness_in_doubt: bool = False
    may_pass: bool = False  # the error is not the file's own, and another time it may be imported

    @property
    def rejected(self) -> int:
        return self.rejects.count

    def counts(self) -> tuple[int, int, int, int, int, int, int]:
        """rows, new, changed, unchanged, stale, rejected, warnings"""
        return (self.rows, self.new, self.changed, self.unchanged, self.stale, self.rejected, self.warnings.count)
