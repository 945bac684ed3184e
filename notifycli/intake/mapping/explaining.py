"""Explains a file: its kind, what each column is taken for, and the lines of notify.toml that would map the rest.

Changes nothing, and shows of cells their shape only. Must not know paths or the store. Source: SPEC section 3, a
clinic's own names.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notifycli.intake.formats.blocks import MOST_COLUMNS, Block
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import (
    KEYS,
    REQUIRED,
    WHAT_HAPPENS,
    Attempt,
    NoKnownHeader,
    attempt,
    recognise,
)
from notifycli.intake.mapping.guessing import Guess, guesses, has_a_day_and_a_clock
from notifycli.intake.mapping.masking import looks_like_a_cell, mask, samples

ROWS = 1_000  # that are looked at
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
PLACEHOLDER = "ID"
NO_HEADER = "its first line looks like a row; write the names of its columns in a line above it"
ENOUGH = 0.5  # of a kind's required columns, for a file of which no column is known


@dataclass(frozen=True)
class Sample:
    """The first rows of a file, by column; a later row's other columns (NDJSON) stand behind those of the first."""

    header: tuple[str, ...]
    cells: list[list[str]]
    rows: int


@dataclass(frozen=True)
class ExplainedColumn:
    """`taken_for`: a contract column, None where it is not used. `samples` are masked."""

    name: str
    taken_for: str | None
    samples: tuple[str, ...]
    guess: Guess | None


@dataclass(frozen=True)
class Explanation:
    """`kind` is None where the header is not known: then `problem` says why, and `nearest` to which it is nearest.

    `lines` are for notify.toml. With them it would be a file of `kind_then`, or lack `lacks_then` to be one of nearest.
    """

    rows: int
    kind: str | None
    nearest: str | None
    lacks: tuple[str, ...]
    problem: str | None
    columns: tuple[ExplainedColumn, ...]
    lines: tuple[str, ...]
    kind_then: str | None
    lacks_then: tuple[str, ...]


def sample_of(blocks: Iterable[Block]) -> Sample:
    """Raises Unreadable where the rows looked at cannot be read."""
    header: list[str] = []
    cells: list[list[str]] = []
    count = 0
    for block in blocks:
        where: list[int | None] = []  # its columns stand among those so far; new ones are added until they are too many
        for name in block.header:
            place = next((at for at, known in enumerate(header) if known == name and at not in where), None)
            if place is None and len(header) < MOST_COLUMNS:
                header.append(name)
                cells.append([""] * count)
                place = len(header) - 1
            where.append(place)
        for row in block.rows[: ROWS - count]:
            for column in cells:
                column.append("")
            for place, cell in zip(where, row, strict=False):
                if place is not None:
                    cells[place][-1] = cell
            count += 1
        if count >= ROWS:
            break
    return Sample(tuple(header), cells, count)


def explained(sample: Sample, kind: str | None, clinic: str | None, own: Mapping[str, str]) -> Explanation:
    """`clinic`: the --clinic that was given; `own`: the clinic's own column names from notify.toml."""
    understood = attempt(sample.header, kind, clinic is not None, own)
    if not understood.places and any(map(looks_like_a_cell, sample.header)):
        columns = zip(sample.header, sample.cells, strict=True)  # the names may be somebody's
        masked = tuple(ExplainedColumn(mask(name), None, samples(cells, False), None) for name, cells in columns)
        return Explanation(sample.rows, None, None, (), NO_HEADER, masked, (), None, ())
    is_known = understood.kind is not None and not understood.missing and not understood.clash
    has_key = bool(understood.rival) or (
        understood.nearest not in (None, "clinics") and KEYS[understood.nearest] in understood.places
    )
    is_told = is_known or kind or has_key  # the key of clinics stands in every file
    nearest = understood.nearest if is_told else _nearest_by_guess(sample, clinic is not None, own)
    tried = understood if nearest == understood.nearest else attempt(sample.header, nearest, clinic is not None, own)
    guessed = guesses(nearest, sample.header, sample.cells, tried.places) if nearest else []
    ids = {cell.strip() for place in tried.places.get("clinic_id", ()) for cell in sample.cells[place]}
    whose = clinic or (ids.pop() if len(ids) == 1 else None) or None
    sure = {sample.header[guess.place]: guess.column for guess in guessed if guess.is_sure}
    then = attempt(sample.header, kind or nearest, clinic is not None, {**own, **sure})
    return Explanation(
        rows=sample.rows,
        kind=understood.kind if is_known else None,
        nearest=nearest,
        lacks=tuple(tried.missing),
        problem=None if is_known else _problem(sample.header, understood, tried, kind, clinic, own),
        columns=tuple(_columns(sample, tried, guessed)),
        lines=tuple(_lines(sample.header, guessed, whose, own)),
        kind_then=None if then.missing or then.clash else then.kind,
        lacks_then=tuple(then.missing),
    )


def _nearest_by_guess(sample: Sample, clinic_given: bool, own: Mapping[str, str]) -> str | None:
    """The kind of which the most columns may be there, required ones first; None where too few are.

    A kind weighs the share of its required columns, and a fifth for each other; what is unsure counts half. What has a
    day and a clock happens, and is an appointment unless most of its columns say otherwise.
    """
    happens = has_a_day_and_a_clock(sample.cells)
    weights: dict[str, float] = {}
    for kind in WHAT_HAPPENS if happens else KINDS:
        places = attempt(sample.header, kind, clinic_given, own).places
        certainty = dict.fromkeys(places, 1.0)
        for guess in guesses(kind, sample.header, sample.cells, places):
            certainty[guess.column] = 1.0 if guess.is_sure else 0.5
        required = [column for column in REQUIRED[kind] if column != "clinic_id" or kind == "clinics"]
        others = sum(weight for column, weight in certainty.items() if column not in REQUIRED[kind])
        weights[kind] = sum(certainty.get(column, 0) for column in required) / len(required) + others / 5
    if happens:
        weights["appointments"] = max(weights["appointments"], ENOUGH)
    best = max(weights, key=lambda kind: weights[kind])
    return best if weights[best] >= ENOUGH else None


def _problem(
    header: Sequence[str],
    understood: Attempt,
    tried: Attempt,
    kind: str | None,
    clinic: str | None,
    own: Mapping[str, str],
) -> str | None:
    if tried.nearest != understood.nearest:
        return f"no known header; perhaps it is {tried.nearest}, but it lacks {', '.join(tried.missing)}"
    try:
        recognise(header, kind, clinic is not None, own)
    except NoKnownHeader as error:
        return str(error)
    return None


def _columns(sample: Sample, understood: Attempt, guessed: Sequence[Guess]) -> Iterator[ExplainedColumn]:
    taken = {place: column for column, places in understood.places.items() for place in places}
    by_place = {guess.place: guess for guess in guessed}
    for place, name in enumerate(sample.header):
        column = taken.get(place)
        is_time = bool(understood.nearest and column and KINDS[understood.nearest].is_time(column))
        yield ExplainedColumn(name, column, samples(sample.cells[place], is_time), by_place.get(place))


def _lines(header: Sequence[str], guessed: Sequence[Guess], whose: str | None, own: Mapping[str, str]) -> Iterator[str]:
    """A table of its own, so that a line can be taken in or out; what is unsure is commented out."""
    guesses_to_tell = [guess for guess in guessed if _can_be_written(header[guess.place])]
    if not guesses_to_tell:
        return
    if whose is None or not _can_be_written(whose):
        yield f"# Put the clinic's id in the place of {PLACEHOLDER}."
        whose = PLACEHOLDER
    if own:
        yield "# This stands for all column names that the clinic has in notify.toml now."
    yield f"[clinic.{whose if BARE_KEY.fullmatch(whose) else _quoted(whose)}.columns]"
    mapped = {header[guess.place] for guess in guesses_to_tell}
    yield from (f"{_quoted(name)} = {_quoted(column)}" for name, column in own.items() if name not in mapped)
    for guess in guesses_to_tell:
        line = f"{_quoted(header[guess.place])} = {_quoted(guess.column)}"
        yield line if guess.is_sure else f"# {line}  # unsure: {guess.why}"


def _can_be_written(text: str) -> bool:
    """Halves of characters, which JSON can bring, have no place in a file."""
    return text.isprintable()


def _quoted(text: str) -> str:
    """A basic string of TOML, which a string of JSON is, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
