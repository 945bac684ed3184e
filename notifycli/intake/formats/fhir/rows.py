"""Collects rows of resources into blocks, and holds how they are to be read. Must not know what a resource holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from notifycli.intake.formats.blocks import Block

MOST_ROWS = 1_000  # of a block


@dataclass(frozen=True)
class Reading:
    """How the resources of a file are to be read.

    `now` is UTC epoch seconds. `clinic_given`: all rows are one clinic's, so that there is no clinic_id. `countries`:
    ISO 3166 by clinic_id ("" for that of a clinic that is given), Norway where it is not told. `consent_codes` mark a
    Consent as being about notices.
    """

    now: int
    clinic_given: bool
    countries: Mapping[str, str] = field(default_factory=dict)
    consent_codes: frozenset[str] = frozenset()


class FhirRow(NamedTuple):
    """Cells by the columns of its kind; `odd` names elements that were left out, `warnings` are column and text."""

    place: int
    cells: list[str]
    odd: list[str]
    warnings: list[tuple[str, str]]


def blocks_of(header: tuple[str, ...], rows: Iterable[FhirRow]) -> Iterator[Block]:
    cells: list[list[str]] = []
    places: list[int] = []
    warnings: list[tuple[int, str, str]] = []
    for row in rows:
        if row.odd or row.warnings:
            left_out = (("", f"{element} is not as FHIR has it and was left out") for element in dict.fromkeys(row.odd))
            warnings += ((len(cells), column, warning) for column, warning in (*left_out, *row.warnings))
        cells.append(row.cells)
        places.append(row.place)
        if len(cells) == MOST_ROWS:
            yield Block(header, cells, places, warnings=warnings)
            cells, places, warnings = [], [], []
    if cells:
        yield Block(header, cells, places, warnings=warnings)
