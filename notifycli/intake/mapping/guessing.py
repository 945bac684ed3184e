"""Which contract column an unknown column of a file may be, by its name and by what its cells look like.

Guesses only, for a person to decide; an import never goes by them. Source: SPEC section 3, a clinic's own names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from notifycli.domain.rules import FAR_AWAY
from notifycli.intake.cells import values
from notifycli.intake.kinds.cleaning import Cleaner
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, KEYS, REQUIRED, is_reject_column, names_of, plain
from notifycli.intake.mapping.masking import CLOCK, DATE

LOOKED_AT = 200  # distinct cells of a column
SAYS_NOTHING = ("name", "push_token", "type_id")  # any text will do there
SPEAKS_FOR_ITSELF = ("email", "mobile", "preferred_method")  # what such cells look like is no other column's
SURE_BY_WORDS = ("status", "kind", "event", "channel")
BY_PEOPLE = ("consent",)  # never more than a suggestion: a wrong one would send what nobody agreed to
# A number of a person must not become an id, and a birthday is no appointment.
NEVER = ("fødsel", "fodsel", "person", "birth", "fnr", "dnr", "ssn", "født", "alder")
LIKE, VERY_LIKE, MOST_FIT = 0.65, 0.8, 0.9
LONGEST_COMPARED = 40  # letters of a name; difflib is quadratic
FEWEST_ALIKE = 4  # names that begin alike
MOST_GUESSED = 60  # columns; an export that has more of which none is known is none of ours


@dataclass(frozen=True)
class Guess:
    """`place` is the column's index in the header, `column` the contract's name, `why` in words for a person."""

    place: int
    column: str
    is_sure: bool
    why: str
    weight: float


def guesses(
    kind: str, header: Sequence[str], cells: Sequence[Sequence[str]], places: Mapping[str, tuple[int, ...]]
) -> list[Guess]:
    """At most one a column, in the order of the contract's columns; of a date and a clock, both, in that order."""
    filled = [list(dict.fromkeys(cell.strip() for cell in column if cell.strip()))[:LOOKED_AT] for column in cells]
    used = {place for of_column in places.values() for place in of_column}
    plain_names = list(map(plain, header))
    free = [
        place
        for place, name in enumerate(plain_names)
        if name and place not in used and plain_names.count(name) == 1
        if not is_reject_column(name) and not any(word in name for word in NEVER)
    ][:MOST_GUESSED]
    lacking = [column for column in COLUMNS[kind] if column not in places]
    names = without_common_beginning(header)
    best = _pairs(kind, names, filled, places, free)
    taken = {guess.place for guess in best} | used
    of_pairs = {guess.column for guess in best}
    judge = _Judge(kind, names, cells, filled)
    possible = [judge.guess(place, column) for column in lacking if column not in of_pairs for place in free]
    best += _one_to_one([guess for guess in possible if guess is not None and guess.place not in taken])
    best += _ids(kind, cells, best, places, free)
    return sorted(best, key=lambda guess: COLUMNS[kind].index(guess.column))


def without_common_beginning(header: Sequence[str]) -> list[str]:
    """Names of a table's columns without what nearly all begin with: pc_pid is pid."""
    beginnings = [name[: name.find("_") + 1] for name in header]
    common = max(beginnings, key=beginnings.count, default="")
    is_common = beginnings.count(common) >= max(FEWEST_ALIKE, MOST_FIT * len(header))
    return [name.removeprefix(common) if is_common else name for name in header]


def has_a_day_and_a_clock(cells: Sequence[Sequence[str]]) -> bool:
    """Whether some column holds days and another one clocks: then each row is something that happens."""
    filled = [list(filter(None, map(str.strip, column[:LOOKED_AT]))) for column in cells]
    has_clock = any(_all_are(CLOCK, column) and all(":" in cell for cell in column) for column in filled)
    return has_clock and any(_all_are(DATE, column) for column in filled)


class _Judge:
    """Weighs a column of the file against a contract column."""

    def __init__(
        self, kind: str, header: Sequence[str], cells: Sequence[Sequence[str]], filled: Sequence[Sequence[str]]
    ) -> None:
        self._kind = kind
        self._cells = cells
        self._header = header
        self._filled = filled
        self._names = names_of(kind)
        self._cleaner = Cleaner(kind, {}, FAR_AWAY)

    def guess(self, place: int, column: str) -> Guess | None:
        called_so = [name in self._names[column] for name in map(plain, self._header)]
        if any(called_so) and not called_so[place]:
            return None
        like, fit = self._likeness(self._header[place], column), self._fit(place, column)
        if fit is not None and fit < MOST_FIT and (self._filled[place] or like < VERY_LIKE):
            return None
        is_fit = fit is not None and fit >= MOST_FIT
        if column in (KEYS[self._kind], "patient_id"):
            is_fit = _are_ids(self._cells[place], column == KEYS[self._kind])
        by_cells = fit is not None and is_fit and (column in SPEAKS_FOR_ITSELF or self._is_required(column))
        if like < LIKE and not by_cells:
            return None
        is_sure = like >= VERY_LIKE or (is_fit and (like >= LIKE or column in SURE_BY_WORDS))
        why = "by its name" if like >= LIKE else "by what its cells look like"
        weight = like + is_fit + 0.1 * self._is_required(column)
        return Guess(place, column, is_sure and column not in BY_PEOPLE, why, weight)

    def _is_required(self, column: str) -> bool:
        return column in REQUIRED[self._kind]

    def _likeness(self, name: str, column: str) -> float:
        own = plain(name)[:LONGEST_COMPARED]
        return max(_likeness(own, known) for known in self._names[column])

    def _fit(self, place: int, column: str) -> float | None:
        """The share of cells that the common cleaning takes; None where it takes any text or there are no cells."""
        cells = self._filled[place]
        takes_any_text = KINDS[self._kind].column(column).meaning is values.text
        if takes_any_text or column in SAYS_NOTHING or not cells:
            return None
        clean = self._cleaner.clean({column: cells}, [""] * len(cells))
        bad = set(clean.rejects) | {trouble.row for trouble in clean.warnings}
        if column == "mobile":
            bad |= {row for row, (_, gets_sms) in enumerate(clean.columns[column]) if not gets_sms}
        return 1 - len(bad) / len(cells)


def _likeness(own: str, known: str) -> float:
    """From 0 to 1; a name within the other counts as like."""
    shorter, longer = sorted((own, known), key=len)
    within = 0.75 if len(shorter) >= 4 and shorter in longer else 0.0
    matcher = SequenceMatcher(None, own, known, autojunk=False)
    return max(within, matcher.ratio() if matcher.real_quick_ratio() >= LIKE else 0.0)


def _one_to_one(possible: Sequence[Guess]) -> list[Guess]:
    """The weightiest first; cells alone tell only where they tell it of one column."""
    best: list[Guess] = []
    for guess in sorted(possible, key=lambda guess: -guess.weight):
        if any(guess.place == other.place or guess.column == other.column for other in best):
            continue
        rivals = [other for other in possible if other.column == guess.column and other.weight == guess.weight]
        is_sure = guess.is_sure and len(rivals) == 1
        best.append(Guess(guess.place, guess.column, is_sure, guess.why, guess.weight))
    return best


def _pairs(
    kind: str,
    names: Sequence[str],
    filled: Sequence[Sequence[str]],
    places: Mapping[str, tuple[int, ...]],
    free: Sequence[int],
) -> list[Guess]:
    """A date and a clock that together are a required time, where there is one of each that no other time is called."""
    for column in [column.name for column in KINDS[kind].columns if column.parts and column.is_required]:
        own = places.get(column, ())
        if len(own) > 1:
            continue
        of_others = {name for other, known in names_of(kind).items() if other != column for name in known}
        left = [place for place in (*own, *free) if plain(names[place]) not in of_others]
        dates = [place for place in left if _all_are(DATE, filled[place])]
        clocks = [place for place in left if _all_are(CLOCK, filled[place])]
        if len(dates) == len(clocks) == 1 and set(own) <= {*dates, *clocks}:
            why = "a date and a clock, together a time"
            return [Guess(place, column, True, why, 2.0) for place in (dates[0], clocks[0])]
    return []


def _all_are(form: re.Pattern[str], cells: Sequence[str]) -> bool:
    return bool(cells) and all(form.fullmatch(cell) for cell in cells)


def _ids(
    kind: str,
    cells: Sequence[Sequence[str]],
    guessed: Sequence[Guess],
    places: Mapping[str, tuple[int, ...]],
    free: Sequence[int],
) -> list[Guess]:
    """An id that is lacking still, where one column alone looks like it."""
    more: list[Guess] = []
    for column in dict.fromkeys((KEYS[kind], "patient_id")):
        is_wanted = column in REQUIRED[kind] and column != "clinic_id" and column not in places
        if not is_wanted or any(guess.column == column for guess in guessed):
            continue
        taken = {guess.place for guess in (*guessed, *more)}
        like = [place for place in free if place not in taken and _are_ids(cells[place], column == KEYS[kind])]
        if len(like) == 1:
            more.append(Guess(like[0], column, False, "its cells look like ids", 0.0))
    return more


def _are_ids(cells: Sequence[str], all_different: bool) -> bool:
    own = [cell.strip() for cell in cells]
    if not own or (all_different and len(set(own)) < len(own)):
        return False
    if any(not cell or DATE.fullmatch(cell) or CLOCK.fullmatch(cell) for cell in own):
        return False
    if any(letter.isspace() or letter in "@:" for cell in own for letter in cell):
        return False
    return all(any(map(str.isdigit, cell)) for cell in own)
