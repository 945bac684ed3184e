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
            "clinic": one.which.clinic_id,
            "patient": one.patient,
            "event": one.event,
            "subject": one.which.subject,
            "subject_id": one.which.subject_id,
            "due_at": utc(one.due_at),
            "channels": list(one.channels),
            "reason": one.reason,
            "active_user": one.is_active_user,
        }
        for one in notices
    ]


def show_coming(notices: Sequence[Coming], zone: str, now: int, otherwise: str) -> None:
    screen = console()
    if not notices:
        screen.print(otherwise)
        return
    year, times = "", [local(one.due_at, zone) for one in notices]
    if screen.width < WIDE:
        year, times = local_short([one.due_at for one in notices], zone)
    found = table(f"due{year}", "clinic", "patient", "event", "about", "goes to~")
    for one, time in zip(notices, times, strict=True):
        found.add_row(
            time,
            plain(one.which.clinic_id),
            patient_text(one.patient, one.is_active_user),
            one.event,
            plain(one.which.subject_id),
            goes_to(one, zone, now),
        )
    screen.print(found)


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
