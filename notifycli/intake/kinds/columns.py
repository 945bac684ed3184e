"""What describes a column of a kind: the names that exports give it, and what its cells mean.

Must not know any kind in particular. Source: SPEC section 3.
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
