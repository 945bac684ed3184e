"""Text of HL7 v2 becomes messages of fields: separators, escapes, repetitions, batches, the bytes that frame messages.

Knows where a message and a field end, not what they mean to a clinic. Source: SPEC section 3; HL7 v2.5.1, chapter 2.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache

from notifycli.intake.formats.blocks import lines_of

CUSTOMARY = "^~\\&"  # component, repetition, escape, subcomponent; MSH-2 may be shorter, or lack
CLEARED = '""'  # what is stored is to be deleted; an empty field says nothing of it
KEPT = frozenset(("SCH", "TQ1", "PID", "PV1", "AIS", "AIG", "AIL", "AIP"))
PLACE_OF_ACTION = 2  # the field of AIS, AIG, AIL and AIP that says D of what is taken away
RESOURCES = ("AIS", "AIG", "AIL", "AIP")
# Of a CSV whose first column is called MSH, the second begins with a letter.
BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b]*(?:MSH|FHS|BHS)[!-/:-@\[-`{-~](?![A-Za-z0-9 ])")
FRAMES = re.compile("[\x0b\x1c]")  # MLLP: one before a message, one after it
BATCH_SEGMENTS = ("FHS", "BHS", "BTS", "FTS")
TRAILER = {"FHS": "FTS", "BHS": "BTS"}
HEADER = {"FTS": "FHS", "BTS": "BHS"}
MOST_DIGITS = 10
TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d+))?)?)?)?(?:([+-]\d\d):?(\d\d)?|(Z))?", re.ASCII
)
HAS_A_CLOCK = re.compile(r"[T ]\d", re.ASCII)
YEARS = range(1971, 9999)  # a time that is not known is of 1, 1753, 1899, 1900, 1970 or 9999
A_WORD = re.compile(r"[A-Z0-9]{1,5}", re.ASCII)  # a type of message; whatever else stands there is not repeated


class Hl7Message:
    """One message. `line` is that of its MSH. Keeps the segments in KEPT, but for those that are taken away where
    others of the name are not.

    Raw fields are text with separators and escapes, of the first segment of that name; `part`, `value` and `of_each`
    give clean text: None where the message says nothing, "" where it clears.
    """

    __slots__ = ("_escape", "_segments", "_splits", "line")

    def __init__(self, line: int, header: str) -> None:
        self.line = line
        of_fields = header[3:4] or "|"
        fields = header.split(of_fields)
        given = (fields[1] if len(fields) > 1 else "")[:4]
        components, repetitions, self._escape, parts = tuple(given + CUSTOMARY[len(given) :])
        self._splits = {"F": of_fields, "S": components, "T": parts, "R": repetitions, "E": self._escape}
        self._segments = {"MSH": [[fields[0], of_fields, *fields[1:]]]}

    def add(self, segment: str) -> None:
        name = segment[:3].upper()
        if name not in KEPT:
            return
        fields = segment.split(self._splits["F"])
        kept = self._segments.setdefault(name, [])
        if kept and _is_taken_away(kept[0]) and not _is_taken_away(fields):
            kept.clear()
        if not kept or _is_taken_away(kept[0]) or not _is_taken_away(fields):
            kept.append(fields)

    def field(self, segment: str, number: int) -> str:
        """Raw; "" where the segment or the field is not there."""
        kept = self._segments.get(segment)
        return _field(kept[0], number) if kept else ""

    def repetitions(self, segment: str, number: int) -> list[str]:
        return [repetition for repetition in self.field(segment, number).split(self._splits["R"]) if repetition]

    def value(self, segment: str, number: int, component: int = 1) -> str | None:
        """Of the first repetition."""
        return self.part(self._first_repetition(self.field(segment, number)), component)

    def of_each(self, segment: str, *numbers: int) -> list[list[str | None]]:
        """What `value` gives of these fields, of every segment of that name."""
        return [
            [self.part(self._first_repetition(_field(fields, number))) for number in numbers]
            for fields in self._segments.get(segment, ())
        ]

    def part(self, raw: str, component: int = 1, *, head: bool = False) -> str | None:
        """A component (1-based) of a raw repetition; with `head` only its first subcomponent."""
        if raw == CLEARED:
            return ""
        parts = raw.split(self._splits["S"])
        text = parts[component - 1] if component <= len(parts) else ""
        if head:
            text = text.split(self._splits["T"])[0]
        if text.strip() == CLEARED:
            return ""
        if self._escape in text:
            text = _escapes(self._escape).sub(self._unescaped, text)
        return text.strip() or None

    def type(self) -> tuple[str, str]:
        """Of message and trigger, in capitals, as ("SIU", "S12"); "" where it is not said, "?" for no such word."""
        words = [(self.value("MSH", 9, component) or "").upper() for component in (1, 2)]
        kind, trigger = (word if not word or A_WORD.fullmatch(word) else "?" for word in words)
        return kind, trigger

    def _first_repetition(self, raw: str) -> str:
        return raw.split(self._splits["R"], 1)[0]

    def _unescaped(self, escape: re.Match[str]) -> str:
        meaning = escape[1]
        if meaning[0] != "X":
            return "\n" if meaning[0] == "." else self._splits.get(meaning, "")
        hexadecimal = bytes.fromhex(meaning[1:]).replace(b"\0", b"")
        try:
            return hexadecimal.decode()
        except UnicodeDecodeError:
            return hexadecimal.decode("latin-1")


class Messages:
    """The messages of a file, one by one; `notes` tells, when they are through, what of batches did not fit."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = pieces
        self.notes: list[str] = []
        self.are_whole = True
        self._batches = Batches()

    def __iter__(self) -> Iterator[Hl7Message]:
        message: Hl7Message | None = None
        before = 0
        for line, segment in _segments(self._pieces):
            name = segment[:3].upper()
            if name == "MSH" and not segment[3:4].isalnum():
                if message:
                    yield message
                message = Hl7Message(line, segment)
                self._batches.messages += 1
            elif name in BATCH_SEGMENTS:
                self._batches.take(name, line, segment)
            elif message:
                message.add(segment)
            else:
                before += 1
        if message:
            yield message
        self.notes = self._batches.end()
        self.are_whole = not self.notes
        if before:
            self.notes.append(
                f"{counted(before, 'line')} before the first MSH {'was' if before == 1 else 'were'} not used"
            )


class Batches:
    """Whether batches (BHS to BTS) and files of them (FHS to FTS) hold what their trailers say."""

    def __init__(self) -> None:
        self.messages = 0
        self._in_file = 0
        self._begun: dict[str, int] = {}
        self._notes: list[str] = []

    def take(self, name: str, line: int, segment: str) -> None:
        if name == "BTS":
            self._compare(name, line, segment, self.messages, "message")
        elif name == "FTS":
            self._compare(name, line, segment, self._in_file, "batch")
        else:
            self._begun[name] = line
        self.messages = 0
        self._in_file = 0 if name in ("FHS", "FTS") else self._in_file + (name == "BHS")

    def end(self) -> list[str]:
        unended = (
            f"{name} on line {line} has no {TRAILER[name]}; is the file whole?" for name, line in self._begun.items()
        )
        return [*self._notes, *unended]

    def _compare(self, name: str, line: int, segment: str, there: int, what: str) -> None:
        self._begun.pop(HEADER[name], None)
        number = segment[4:].split(segment[3:4] or "|")[0].strip()
        if not (number.isdecimal() and number.isascii() and len(number) < MOST_DIGITS) or int(number) == there:
            return
        verb = "is" if there == 1 else "are"
        self._notes.append(f"{name} on line {line} says {counted(int(number), what)}, but there {verb} {there:,}")


def is_hl7(beginning: bytes) -> bool:
    """Whether a file that begins so holds HL7 v2: MSH, FHS or BHS and a separator, perhaps in MLLP frames."""
    return BEGINNING.match(beginning) is not None


def iso_time(text: str) -> str:
    """YYYYMMDD[HH[MM[SS[.S+]]]][+-ZZZZ] as ISO 8601 to the second; a date alone as a date, anything else as it is."""
    match = TIME.fullmatch(text)
    if match is None:
        return text
    year, month, day, hour, minute, second, _, hours_off, minutes_off, zulu = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    offset = "+00:00" if zulu else f"{hours_off}:{minutes_off or '00'}" if hours_off else ""
    return f"{year}-{month}-{day}T{hour}:{minute or '00'}:{second or '00'}{offset}"


@lru_cache(32)  # one message says the same times in many places
def hl7_moment(text: str) -> datetime | None:
    """To the microsecond, naive where there is no offset; ISO 8601 too. None where it is no time, or a date alone, or
    of a year that systems write where they know no time."""
    iso = iso_time(text)
    if not HAS_A_CLOCK.search(iso):
        return None
    try:
        whole = datetime.fromisoformat(iso)
    except ValueError:
        return None
    digits = TIME.fullmatch(text)
    if digits is not None:
        whole = whole.replace(microsecond=int((digits[7] or "")[:6].ljust(6, "0")))
    return whole if whole.year in YEARS else None


def counted(count: int, what: str) -> str:
    """ "1 message", "2 messages", "2 batches" """
    ending = "" if count == 1 else "es" if what.endswith("ch") else "s"
    return f"{count:,} {what}{ending}"


def _segments(pieces: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each with the number of its line, without what frames messages; NUL, which no text holds, falls away."""
    line = 0
    for piece in pieces:
        for line, text in enumerate(lines_of(piece), line + 1):  # noqa: B020 - counts on from the piece before
            for segment in FRAMES.split(text.replace("\0", "")):
                if segment := segment.strip():
                    yield line, segment


def _field(fields: list[str], number: int) -> str:
    return fields[number].strip() if number < len(fields) else ""


def _is_taken_away(fields: list[str]) -> bool:
    return fields[0].upper() in RESOURCES and fields[PLACE_OF_ACTION : PLACE_OF_ACTION + 1] == ["D"]


@lru_cache(10)
def _escapes(escape: str) -> re.Pattern[str]:
    """Those with a meaning of their own; others stay as they are, as a path of Windows in a text does."""
    around = re.escape(escape)
    return re.compile(rf"{around}([FSTREHN]|X(?:[0-9A-Fa-f]{{2}})+|\.br){around}")
