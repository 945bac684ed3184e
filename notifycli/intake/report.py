"""What an import of one file came to, for the one who called it. Holds no personal data and no content of cells
but ids, words and times."""

from dataclasses import dataclass, field
from pathlib import Path

from notifycli.intake.merging import IMPORT_EVENTS, ImportEvent

MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Problem:
    """`line` of the file (1-based), `column` as the file names it, empty where it concerns the whole row or file."""

    line: int | None
    column: str
    text: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.column) if part)
        return f"{where}: {self.text}" if where else self.text


@dataclass
class Problems:
    """Every problem up to MOST_REMEMBERED, and how many there were."""

    first: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problem: Problem) -> None:
        self.count += 1
        if len(self.first) < MOST_REMEMBERED:
            self.first.append(problem)


@dataclass
class Stop:
    """Why the safety stop held the file: so many of a clinic's future appointments cancelled or moved."""

    clinic: str
    upset: int
    future: int


@dataclass
class FileReport:
    """Counts by what happened to the rows; rows = new + changed + unchanged + stale + rejected, unless `error`."""

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

    @property
    def rejected(self) -> int:
        return self.rejects.count

    def counts(self) -> tuple[int, int, int, int, int, int, int]:
        """rows, new, changed, unchanged, stale, rejected, warnings"""
        return (self.rows, self.new, self.changed, self.unchanged, self.stale, self.rejected, self.warnings.count)
