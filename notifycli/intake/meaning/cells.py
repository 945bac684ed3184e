"""What the text of one cell means: a clean value, or a problem in words that never repeat the cell.

In a file whose columns have slipped, any cell may hold a name or an address; only what looks like a time is repeated.

Knows cells of one kind at a time; must not know rows, files or what is stored. Source: SPEC section 3.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifycli.domain import contact
from notifycli.intake.meaning import times, words

FAR_AWAY = 2**62
SAMPLE = 100  # cells that tell whether those of a column repeat themselves
REMEMBERED = 50_000  # distinct cells of one column; exports repeat themselves


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be used; `reason` is for the one who mends it."""

    reason: str


class NotYet(int):
    """The time of the import, in place of one that lies after it. It is not stored as if it had been given."""


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
        super().__init__(str.strip)

    def of(self, cells: Sequence[str]) -> list[Any]:
        found: list[Any] = list(map(str.strip, cells))
        self.has_trouble = not all(found)
        return [one or Reject("is missing") for one in found] if self.has_trouble else found


def text(cell: str) -> str:
    return " ".join(cell.split())


def optional_identifier(cell: str) -> str:
    return cell.strip()


def required_text(cell: str) -> Any:
    return text(cell) or Reject("is missing")


def yes_or_no(cell: str, *, blank: bool | Reject | None = False) -> Any:
    word = cell.strip().lower()
    if not word:
        return blank
    if word in words.YES or word in words.NO:
        return word in words.YES
    return Reject("is neither yes nor no")


def required_yes_or_no(cell: str) -> Any:
    return yes_or_no(cell, blank=Reject("is missing"))


def yes_no_or_blank(cell: str) -> Any:
    return yes_or_no(cell, blank=None)


def yes_unless_no(cell: str) -> Any:
    return yes_or_no(cell, blank=True)


def one_of(known: dict[str, Any], what: str) -> Callable[[str], Any]:
    """A required word of a list."""

    def meaning(cell: str) -> Any:
        word = text(cell).lower()
        if not word:
            return Reject("is missing")
        return known[word] if word in known else Reject(f"is not a known {what}; such are {_some_of(known)}")

    return meaning


def perhaps_one_of(known: dict[str, Any], what: str, instead: Any) -> Callable[[str], Any]:
    """A word of a list that the row can do without: blank or unknown becomes `instead`, the latter with a warning."""

    def meaning(cell: str) -> Any:
        word = text(cell).lower()
        if not word or word in known:
            return known.get(word, instead)
        return Doubtful(instead, f"is not a known {what} and was left out; such are {_some_of(known)}")

    return meaning


def email(cell: str) -> Any:
    address = cell.strip()
    if not address:
        return None
    return contact.email_address(address) or Doubtful(None, "is not an e-mail address and counts as none")


def phone(country: str) -> Callable[[str], Any]:
    """The number as E.164 and whether it gets SMS, or (None, False)."""

    def meaning(cell: str) -> Any:
        if not cell.strip():
            return (None, False)
        number = contact.phone_number(cell.strip(), country)
        if number is None:
            return Doubtful((None, False), "is not a phone number and counts as none")
        return (number, contact.can_get_sms(number))

    return meaning


def country(cell: str) -> Any:
    code = cell.strip().upper() or "NO"
    return code if contact.is_country(code) else Reject("is not a country code such as NO")


def time_zone(cell: str) -> Any:
    name = cell.strip() or "Europe/Oslo"
    return name if zone_named(name) else Reject("is not a time zone such as Europe/Oslo")


@lru_cache(1_000)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Instants(Meanings):
    """Times of one zone: UTC epoch seconds, None where the cell is blank and may be.

    `latest`: what lies later becomes this instant, with a warning; None where any time may be.
    """

    def __init__(self, zone: ZoneInfo, *, required: bool, latest: int | None) -> None:
        super().__init__(self._instant)
        self._zone = zone
        self._required = required
        self._latest = latest
        self._hours = times.Hours(zone)

    def of(self, cells: Sequence[str]) -> list[Any]:
        return self._all_plain(cells) or super().of(cells)

    def _all_plain(self, cells: Sequence[str]) -> list[Any] | None:
        """The quick way for a column of plain times that hardly repeat; None where it is not such a column."""
        some = cells[:SAMPLE]
        if len(set(some)) * 2 < len(some):
            return None
        hours, rests = self._hours, times.BEHIND_THE_HOUR
        try:
            found: list[Any] = [hours[cell[:13]] + rests[cell[13:]] for cell in cells]  # type: ignore[operator]
        except (KeyError, TypeError):
            return None
        return None if self._latest is not None and max(found) > self._latest else found

    def _read(self, new: Iterable[str]) -> None:
        """Plain times at once, the others one by one."""
        hours, rests, known = self._hours, times.BEHIND_THE_HOUR, self._known
        latest = FAR_AWAY if self._latest is None else self._latest
        slow = []
        for cell in new:
            beginning, rest = hours[cell[:13]], rests.get(cell[13:])
            if beginning is None or rest is None or beginning + rest > latest:
                slow.append(cell)
            else:
                known[cell] = beginning + rest
        super()._read(slow)

    def _instant(self, cell: str) -> Any:
        if not cell.strip():
            return Reject("is missing") if self._required else None
        try:
            at, occurs_twice = times.instant(cell, self._zone)
        except times.NotATime as error:
            return Reject(str(error))
        if self._latest is not None and at > self._latest:
            return Doubtful(NotYet(self._latest), "lies in the future; the time of the import was taken")
        return Doubtful(at, "occurs twice that night; the first was taken") if occurs_twice else at


def _some_of(known: Iterable[str]) -> str:
    """The first words of a list, which are the contract's own."""
    return ", ".join(list(known)[:4])
