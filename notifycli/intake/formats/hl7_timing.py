"""Finds when the appointment of an HL7 v2 message begins and ends, of the many fields that may say so.

Must not know patients, or what is stored. Source: SPEC section 3; HL7 v2.5.1, chapters 4 and 10.
"""

import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from math import inf, isfinite
from typing import NamedTuple

from notifycli.intake.formats.hl7_messages import Hl7Message, hl7_moment, iso_time

# The field of a start; offset, duration and the latter's units are the first, third and fourth after it.
START_OF_SERVICE = ("AIS", 4)
STARTS_OF_RESOURCES = (("AIG", 8), ("AIL", 6), ("AIP", 6))
NO_OFFSET = "+-0. "
DAY = 86_400
SECONDS_OF_UNIT = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunder"), 1),
    **dict.fromkeys(("", "m", "min", "mins", "minute", "minutes", "minutt", "minutter"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "t", "time", "timer"), 3600),
    **dict.fromkeys(("d", "day", "days", "dag", "dager"), DAY),
}
A_DURATION = re.compile(r"\d{1,6}(?:\.\d{1,3})?", re.ASCII)


class Slot(NamedTuple):
    """A start as the message has it, and the end that belongs to it, "" where that is cleared."""

    start: str
    end: str | None


NOT_SAID = Slot("", None)


def start_and_end(message: Hl7Message) -> tuple[str, str | None]:
    """As ISO 8601, or as they stand where they are no time; the start is empty where it is not said, the end None.

    The appointment's own places in the order of SPEC; what cannot be read gives way to what can. A resource may be
    taken up at another time, or bear the time of sending, so it counts only where nothing else is said.
    """
    services, shifted = _slots_of(message, *START_OF_SERVICE)
    timings = [Slot(start, end) for start, end in message.of_each("TQ1", 7, 8) if start]
    schedule = [
        Slot(start, message.part(quantity, 5, head=True))
        for quantity in message.repetitions("SCH", 11)
        if (start := message.part(quantity, 4, head=True))
    ]
    slots = [*timings, *_joined(services), *schedule, *shifted]
    if not slots:
        at_once, later = zip(*(_slots_of(message, *where) for where in STARTS_OF_RESOURCES), strict=True)
        slots = [slot for of_resource in (*at_once, *later) for slot in _joined(of_resource)]
    slot = next((slot for slot in slots if hl7_moment(slot.start)), slots[0] if slots else NOT_SAID)
    of_schedule = _later(slot.start, message.value("SCH", 9), message.value("SCH", 10))
    ends = (slot.end, message.value("TQ1", 8), of_schedule)
    end = next(filter(None, ends), "" if "" in ends else None)
    return iso_time(slot.start), None if end is None else iso_time(end)


def _slots_of(message: Hl7Message, segment: str, number: int) -> tuple[list[Slot], list[Slot]]:
    """Those that begin with the appointment, and those that are said to begin some time before or after it does."""
    at_once: list[Slot] = []
    shifted: list[Slot] = []
    for start, offset, duration, units in message.of_each(segment, number, number + 1, number + 3, number + 4):
        if start:
            slots = shifted if (offset or "").strip(NO_OFFSET) else at_once
            slots.append(Slot(start, _later(start, duration, units)))
    return at_once, shifted


def _joined(slots: Sequence[Slot]) -> list[Slot]:
    """The first that begins comes first, and lasts until the last has ended; what cannot be read comes last."""
    if len(slots) < 2:
        return list(slots)
    begin, end = _instants([slot.start for slot in slots]), _instants([slot.end or "" for slot in slots])
    first, *others = sorted(range(len(slots)), key=begin.__getitem__)
    last = max((place for place in range(len(slots)) if isfinite(end[place])), key=end.__getitem__, default=first)
    return [Slot(slots[first].start, slots[last].end), *(slots[place] for place in others)]


def _instants(times: Sequence[str]) -> list[float]:
    """To compare by: epoch seconds, by the clock unless all have an offset; infinite for what cannot be read."""
    moments = [hl7_moment(text) for text in times]
    is_by_the_clock = any(at is not None and at.tzinfo is None for at in moments)
    return [inf if at is None else (at.replace(tzinfo=UTC) if is_by_the_clock else at).timestamp() for at in moments]


def _later(start: str, duration: str | None, units: str | None) -> str | None:
    """The time of an end, where start and duration say it; by the clock, as times without an offset are."""
    seconds = SECONDS_OF_UNIT.get((units or "").lower())
    begins = hl7_moment(start)
    if begins is None or seconds is None or not A_DURATION.fullmatch(duration or ""):
        return None
    try:
        return (begins + timedelta(seconds=float(duration or "") * seconds)).isoformat(timespec="seconds")
    except OverflowError:
        return None
