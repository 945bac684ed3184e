"""How notices that are to come are shown, by upcoming and by the dry run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from notifycli.cli.render import console, local, local_short, patient_text, plain, status_text, table, utc
from notifycli.domain.explanations import retry_of
from notifycli.domain.reasons import short
from notifycli.queries.upcoming import Coming

if TYPE_CHECKING:
    from rich.text import Text

WIDE = 100  # columns of a screen that has room for weekdays


def as_values(notices: Sequence[Coming]) -> list[dict[str, Any]]:
    """The contract's JSON."""
    return [
        {
            "clinic": notice.which.clinic_id,
            "patient": notice.patient,
            "event": notice.event,
            "subject": notice.which.subject,
            "subject_id": notice.which.subject_id,
            "due_at": utc(notice.due_at),
            "channels": list(notice.channels),
            "reason": notice.reason,
            "active_user": notice.is_active_user,
        }
        for notice in notices
    ]


def show_coming(notices: Sequence[Coming], zone: str, now: int, otherwise: str) -> None:
    screen = console()
    if not notices:
        screen.print(otherwise)
        return
    year, times = "", [local(notice.due_at, zone) for notice in notices]
    if screen.width < WIDE:
        year, times = local_short([notice.due_at for notice in notices], zone)
    rows = table(f"due{year}", "clinic", "patient", "event", "about", "goes to~")
    for notice, time in zip(notices, times, strict=True):
        rows.add_row(
            time,
            plain(notice.which.clinic_id),
            patient_text(notice.patient, notice.is_active_user),
            notice.event,
            plain(notice.which.subject_id),
            goes_to(notice, zone, now),
        )
    screen.print(rows)


def goes_to(notice: Coming, zone: str, now: int) -> "Text":
    """email, sms; email: refused for now (busy), 6 attempts, again at 21:04; will not be sent: no consent"""
    if notice.reason:
        if notice.is_held_back:
            return status_text("waits", f": {short(notice.reason)}")
        return status_text("will not be sent", f": {short(notice.reason)}")
    tried = {delivery.channel: delivery for delivery in notice.waiting if delivery.attempts}
    parts = []
    for channel in notice.channels:
        of_channel = tried.get(channel)
        parts.append(f"{channel}: {retry_of(of_channel, ZoneInfo(zone), now)}" if of_channel else channel)
    return plain("; ".join(parts) if tried else ", ".join(parts))
