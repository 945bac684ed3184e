"""Reads elements of a resource, whatever stands in their places: texts, objects, codes, periods.

`odd` collects the names of elements that are not as FHIR has them; these are as if they were absent. Must not know any
one resource.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

NOTHING: dict[str, Any] = {}
PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
OUT_OF_USE = ("old", "maiden")


def text(value: Any, element: str, odd: list[str]) -> str:
    """The text without space around it; "" where there is none. A NUL fits no column."""
    if type(value) is str and "\0" not in value:
        return value.strip()
    if value is not None:
        odd.append(element)
    return ""


def an_object(value: Any, element: str, odd: list[str]) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value is not None:
        odd.append(element)
    return NOTHING


def objects(value: Any, element: str, odd: list[str]) -> list[dict[str, Any]]:
    """The objects of a list; a null in it stands for a value that is not told."""
    if value is None:
        return []
    if type(value) is not list:
        odd.append(element)
        return []
    for item in value:
        if type(item) is not dict:
            there = [item for item in value if type(item) is dict]
            if len(there) + value.count(None) < len(value):
                odd.append(element)
            return there
    return value


def texts(value: Any, element: str, odd: list[str]) -> list[str]:
    """The texts of a list."""
    if value is None:
        return []
    if type(value) is not list:
        odd.append(element)
        return []
    return list(filter(None, (text(item, element, odd) for item in value)))


def codes(concept: Any, element: str, odd: list[str]) -> Iterator[tuple[str, str]]:
    """System and code of each coding of a CodeableConcept, those without a code left out."""
    for coding in objects(an_object(concept, element, odd).get("coding"), element, odd):
        if code := text(coding.get("code"), element, odd):
            yield text(coding.get("system"), element, odd), code


def first_code(concept: Any, element: str, odd: list[str]) -> str:
    return next((code for _, code in codes(concept, element, odd)), "")


def last_updated(meta: Any) -> str:
    """meta.lastUpdated, by which the freshness of a resource's cells goes (SPEC section 3); "" where it is no time."""
    at = meta.get("lastUpdated") if type(meta) is dict else None
    return leap_second_before(at.strip()) if type(at) is str and fhir_moment(at) is not None else ""


def fhir_moment(value: Any, *, is_end: bool = False) -> float | None:
    """A dateTime as UTC epoch seconds; of a year, month or day its beginning, or with `is_end` that of the next.

    None where it is none, or lies beyond all years. What has no offset is taken as UTC: it only tells old from new.
    """
    if type(value) is not str:
        return None
    try:
        partial = PARTIAL.fullmatch(value.strip())
        if partial is None:
            whole = datetime.fromisoformat(leap_second_before(value.strip()))
            return (whole if whole.tzinfo else whole.replace(tzinfo=UTC)).timestamp()
        year, month, day = (int(part) if part else None for part in partial.groups())
        first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        if not is_end:
            return first.timestamp()
        if day is not None:
            return (first + timedelta(days=1)).timestamp()
        if month is None or month == 12:
            return first.replace(year=first.year + 1, month=1).timestamp()
        return first.replace(month=month + 1).timestamp()
    except (ValueError, OverflowError):
        return None


def leap_second_before(value: str) -> str:
    """FHIR allows a minute of 61 seconds, Python does not."""
    return f"{value[:17]}59{value[19:]}" if value[17:19] == "60" else value


def has_ended(period: Any, element: str, odd: list[str], now: int) -> bool:
    end = fhir_moment(an_object(period, element, odd).get("end"), is_end=True)
    return end is not None and end <= now


def has_not_begun(period: Any, now: int) -> bool:
    start = fhir_moment(period.get("start")) if type(period) is dict else None
    return start is not None and start > now


def is_in_use(part: dict[str, Any], element: str, odd: list[str], now: int) -> bool:
    """A name, an address or a way to reach somebody: not marked as old, and within its period."""
    if part.get("use") in OUT_OF_USE:
        return False
    period = part.get("period")
    return period is None or not (has_ended(period, element, odd, now) or has_not_begun(period, now))
