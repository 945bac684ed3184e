"""Times as people type them at a prompt: ISO 8601, dd.mm.yyyy HH:MM, or a day alone."""

import re
from zoneinfo import ZoneInfo

from notifycli.domain.errors import UsageError
from notifycli.intake.cells import times

DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}")


class NotAMoment(UsageError):
    """The text is no time; the message says so."""


def moment_typed(text: str, zone: str) -> int:
    """UTC epoch seconds; a day alone is its midnight. Raises NotAMoment."""
    whole = text.strip()
    if DAY.fullmatch(whole):
        whole += " 00:00"
    try:
        return times.instant(whole, ZoneInfo(zone)).at
    except times.NotATime as error:
        raise NotAMoment(f"{error}; write it like 2026-06-03T12:00 or 03.06.2026 12:00") from error
