"""What describes a kind of record: its columns, the names that exports give them, and what their cells mean.

Must not know any kind in particular, files or the database. Source: SPEC section 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from notifycli.intake.cells import values


@dataclass(frozen=True)
class Time:
    """Cells that are a time of the clinic's zone. `is_required`: a row is of no use without; `is_past`: of what has
    happened, so that one later than the import counts as missing."""

    is_required: bool = False
    is_past: bool = False


@dataclass(frozen=True)
class Phone:
    """Cells that are a phone number of the clinic's country."""


class Parts(NamedTuple):
    """Names of a time that may stand in two columns: of the date, of the clock, and of what is the clock where there is
    a date and both where there is none."""

    date: str
    clock: str
    either: str


@dataclass(frozen=True)
class Column:
    """`name`: the contract's; `names`: others in English, bokmål and nynorsk, as `plain` writes them, apart by spaces.

    Within one kind a name means one column. A name that could mean two, or a thing that must not be an id
    (fødselsnummer), is left to the configuration. `letter`: by it the database keeps the time of the cell
    (cell_times.py), so it never changes. `example`: with {yesterday} and {in_a_week}, as ISO dates. `is_ours`: notify
    itself writes it, into files of rejects, or where FHIR and HL7 become rows.
    """

    name: str
    names: str = ""
    meaning: Callable[[str], Any] | Time | Phone = values.text
    is_required: bool = False
    parts: Parts | None = None
    letter: str = ""
    example: str = ""
    is_ours: bool = False


@dataclass(frozen=True)
class Kind:
    """`key`: the column that tells one record of a clinic from another."""

    name: str
    key: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def is_time(self, column: str) -> bool:
        return isinstance(self.column(column).meaning, Time)

    @property
    def goes_by_cell(self) -> bool:
        """Whether an older file may give some cells of a record still: those that no newer one has given."""
        return any(column.letter for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_required)
