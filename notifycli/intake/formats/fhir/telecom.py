"""Chooses the address and the number at which a person or an organisation can be reached.

Must not know patients. Source: https://hl7.org/fhir/R4/datatypes.html#ContactPoint; its `use` cannot be relied on.
"""

from collections.abc import Sequence
from typing import Any

from notifycli.domain.contact import email_address
from notifycli.intake.formats.fhir.elements import is_in_use, objects, text
from notifycli.intake.formats.persons import mobile_among

NEVER_A_NUMBER = ("email", "url", "fax", "pager")
PREFIXES = ("mailto:", "tel:", "sms:")
LONGEST_ADDRESS = 320
Point = tuple[str, str]  # system and value


def points_in_use(telecom: Any, odd: list[str], now: int) -> list[Point]:
    """Those that count now, the best first: by rank, those without one last."""
    ranked = []
    for point in objects(telecom, "telecom", odd):
        value = text(point.get("value"), "telecom", odd)
        prefix = next((prefix for prefix in PREFIXES if value[: len(prefix)].lower() == prefix), "")
        value = value[len(prefix) :].strip()
        if not value or not is_in_use(point, "telecom", odd, now):
            continue
        rank = point.get("rank")
        if type(rank) is not int or rank <= 0:
            if rank is not None:
                odd.append("telecom")
            rank = float("inf")
        ranked.append((rank, text(point.get("system"), "telecom", odd).lower(), value))
    ranked.sort(key=lambda point: point[0])
    return [(system, value) for _, system, value in ranked]


def email_of(points: Sequence[Point]) -> str:
    """The first address, whatever it is called; else what is called one, to be warned of."""
    called = [value for system, value in points if system == "email"]
    short = (value for _, value in points if "@" in value and len(value) <= LONGEST_ADDRESS)
    addresses = (value for value in short if email_address(value) is not None)
    return next(addresses, called[0] if called else "")


def mobile_of(points: Sequence[Point], country: str) -> str:
    """Of all that may be meant as a number."""
    candidates = (value for system, value in points if system not in NEVER_A_NUMBER and "@" not in value)
    return mobile_among(candidates, country)


def phone_of(points: Sequence[Point]) -> str:
    """Where an organisation can be called."""
    return next((value for system, value in points if system in ("phone", "sms", "") and "@" not in value), "")
