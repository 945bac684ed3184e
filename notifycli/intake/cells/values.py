"""What the text of one cell means: a clean value, or a problem in words that never repeat the cell.

In a file whose columns have slipped, any cell may hold a name or an address, and a name comes as often as a word; so
only what looks like a time is repeated, or a word that is a known one but for a slip of the finger.

Knows cells of one kind at a time; must not know rows, files or what is stored. Source: SPEC section 3.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifycli.domain import contact
from notifycli.intake.cells import words

FORMULA = '="'
FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')
LONGEST_ID = 200  # characters; no system has longer ones, and a database's index has room for two of them
LONGEST_TOKEN = 4_096  # of an app on a device
NO_PART_OF_AN_ID = ("Cc", "Cf", "Zl", "Zp")  # control and format characters, separators of lines and paragraphs
# Controls, separators, and the marks that turn the direction of writing; not those that join letters.
TO_SPACES = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF],
    " ",
)
BEHIND_A_NAME = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>")
WEB_ADDRESS = re.compile(r"""https?://(\[[0-9a-f:.]+\]|[^\s/?#:\[\]"<>\\]+)(:\d+)?([/?#][^\s"<>\\]*)?""", re.IGNORECASE)
NEAR = 0.8  # how alike a word is to a known one, that it may be repeated: one or two letters are other ones
SHORTEST_SLIP, LONGEST_SLIP = 5, 20  # letters of such a word; names of four letters are near too many words
REMEMBERED = 50_000  # distinct cells of one column; exports repeat themselves


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be used; `reason` is for the one who mends it."""

    reason: str


class StandIn(int):
    """The time of the import, in place of one that cannot be used. It is not stored as if it had been given."""


class NotYet(StandIn):
    """In place of a time later than the import."""


class Illegible(StandIn):
    """In place of a time that cannot be read."""


class OccursTwice(int):
    """The first of two instants that one local time means where summer time ends; `second` is the other."""

    second: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The row is used with `value` in this place, and a warning is given."""

    value: Any
    warning: str


class Meanings:
    """What the cells of a column mean, each distinct text read once. `has_trouble`: some were Reject or Doubtful."""

    def __init__(self, meaning: Callable[[str], Any]) -> None:
        self.has_trouble = False
        self._meaning = meaning
        self._known: dict[str, Any] = {}

    def of(self, cells: Sequence[str]) -> list[Any]:
        try:
            return list(map(self._known.__getitem__, cells))
        except KeyError:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            self._read(set(cells).difference(self._known))
        return list(map(self._known.__getitem__, cells))

    def _read(self, new: Iterable[str]) -> None:
        for cell in new:
            value = self._known[cell] = self._meaning(cell)
            self.has_trouble = self.has_trouble or isinstance(value, Reject | Doubtful)


class Identifiers(Meanings):
    """Ids: text as it stands, but for space around it. They hardly repeat, so none is remembered."""

    def __init__(self) -> None:
        super().__init__(identifier)

    def of(self, cells: Sequence[str]) -> list[Any]:
        values: list[Any] = list(map(str.strip, cells))
        whole = "".join(cells)
        is_short = max(map(len, values), default=0) <= LONGEST_ID
        if is_short and all(values) and whole.isprintable() and FORMULA not in whole:
            self.has_trouble = False
            return values
        values = list(map(identifier, cells))
        self.has_trouble = any(type(value) is Reject for value in values)
        return values


def unwrapped(cell: str) -> str:
    """Without the formula by which an export tells Excel that 0123 is a text: ="0123"."""
    if FORMULA not in cell:
        return cell
    formula = FORMULA_TEXT.fullmatch(cell.strip())
    return formula[1].replace('""', '"') if formula else cell


def identifier(cell: str, longest: int = LONGEST_ID) -> Any:
    raw = unwrapped(cell)
    if not raw.isprintable() and any(unicodedata.category(letter) in NO_PART_OF_AN_ID for letter in raw):
        return Reject("holds a control character, such as a line end, and so is no id")
    if len(raw.strip()) > longest:
        return Reject(f"has more than {longest} characters, and so is no id")
    return raw.strip() or Reject("is missing")


def optional_identifier(cell: str, longest: int = LONGEST_ID) -> Any:
    value = identifier(cell, longest)
    if type(value) is Reject and unwrapped(cell).strip():
        return Doubtful("", f"{value.reason}; it counts as none")
    return "" if type(value) is Reject else value


def push_token(cell: str) -> Any:
    return optional_identifier(cell, LONGEST_TOKEN)


def text(cell: str) -> str:
    """Without formula, control characters and needless space."""
    plain = unwrapped(cell)
    if not plain.isprintable():
        plain = plain.translate(TO_SPACES)
    return " ".join(plain.split())


def written_time(cell: str) -> str:
    """As `text`; of a date and a clock that stand apart, each may be a formula."""
    return text(FORMULA_TEXT.sub(r"\1", cell) if FORMULA in cell else cell)


def required_text(cell: str) -> Any:
    return text(cell) or Reject("is missing")


def yes_or_no(cell: str, *, blank: bool | Reject | None = False) -> Any:
    word = text(cell).lower()
    if not word:
        return blank
    if word in words.YES or word in words.NO:
        return word in words.YES
    return Reject("is neither yes nor no")


def required_yes_or_no(cell: str) -> Any:
    return yes_or_no(cell, blank=Reject("is missing"))


def perhaps_yes_or_no(blank: bool | None) -> Callable[[str], Any]:
    """What the row can do without: what cannot be read counts as blank, with a warning."""

    def meaning(cell: str) -> Any:
        value = yes_or_no(cell, blank=blank)
        return Doubtful(blank, "is neither yes nor no and counts as blank") if type(value) is Reject else value

    return meaning


def one_of(known: dict[str, Any], what: str) -> Callable[[str], Any]:
    """A required word of a list."""

    def meaning(cell: str) -> Any:
        word = text(cell).lower()
        if not word:
            return Reject("is missing")
        return known[word] if word in known else Reject(_not_known(word, what, known))

    return meaning


def perhaps_one_of(known: dict[str, Any], what: str, instead: Any) -> Callable[[str], Any]:
    """A word of a list that the row can do without: blank or unknown becomes `instead`, the latter with a warning."""

    def meaning(cell: str) -> Any:
        word = text(cell).lower()
        if not word or word in known:
            return known.get(word, instead)
        return Doubtful(instead, _not_known(word, f"{what} and was left out", known))

    return meaning


def email(cell: str) -> Any:
    address = text(cell)
    if not address:
        return None
    return contact.email_address(address) or Doubtful(None, "is not an e-mail address and counts as none")


def sender_email(cell: str) -> Any:
    """An address alone, or behind the name of its owner, as in a From header."""
    header = text(cell)
    behind_a_name = BEHIND_A_NAME.fullmatch(header)
    if not header or (behind_a_name and contact.email_address(behind_a_name[1])):
        return header
    return contact.email_address(header) or Doubtful("", "is not an e-mail address and counts as missing")


def web_address(cell: str) -> Any:
    address = text(cell)
    if not address or WEB_ADDRESS.fullmatch(address):
        return address
    return Doubtful("", "is no address that begins with http:// or https:// and counts as missing")


def phone(country: str) -> Callable[[str], Any]:
    """The number as E.164 and whether it gets SMS, or (None, False)."""

    def meaning(cell: str) -> Any:
        written = text(cell)
        if not written:
            return (None, False)
        number = contact.phone_number(written, country)
        if number is None:
            return Doubtful((None, False), "is not a phone number and counts as none")
        return (number, contact.can_get_sms(number))

    return meaning


def country(cell: str) -> Any:
    code = text(cell).upper() or "NO"
    return code if contact.is_country(code) else Doubtful("NO", "is not a country code such as NO, which was taken")


def time_zone(cell: str) -> Any:
    name = text(cell) or "Europe/Oslo"
    if zone_named(name):
        return name
    return Doubtful("Europe/Oslo", "is not a time zone such as Europe/Oslo, which was taken")


@lru_cache(1_000)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _not_known(word: str, what: str, known: Iterable[str]) -> str:
    """ "avtallt" is not a known status (did you mean avtalt?): booked, avtalt, bestilt and every other."""
    meant = get_close_matches(word, known, 1, NEAR) if SHORTEST_SLIP <= len(word) <= LONGEST_SLIP else []
    told = f'"{word}" is not a known {what} (did you mean {meant[0]}?)' if meant else f"is not a known {what}"
    return f"{told}: {', '.join(known)}"
