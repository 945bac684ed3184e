"""How notices that are to come are shown, by upcoming and by the dry run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from notifycli.cli.codes import word_for
from notifycli.cli.language import _, in_words
from notifycli.cli.render import local, patient_text, plain, short_form, status_text, table, utc
from notifycli.cli.styled import Styled
from notifycli.domain.explanations import retry_of
from notifycli.queries.upcoming import Coming

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDE = 100  # columns of a screen that has room for weekdays


def as_values(notices: Iterable[Coming]) -> Iterator[dict[str, Any]]:
    """The contract's JSON."""
    for notice in notices:
        yield {
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


def in_lines(
    screen: "Console", notices: Sequence[Coming], zone: str, now: int, otherwise: str
) -> "Iterator[RenderableType]":
    """A table; `otherwise`: what is said where there are none."""
    if not notices:
        yield otherwise
        return
    year: str = ""
    time: Callable[[int], str] = partial(local, zone=zone)
    if screen.width < WIDE:
        year, time = short_form((notice.due_at for notice in notices), zone, are_all=True)
    rows = (
        (
            time(notice.due_at),
            plain(notice.which.clinic_id),
            patient_text(notice.patient, notice.is_active_user),
            word_for(notice.event),
            plain(notice.which.subject_id),
            goes_to(notice, zone, now),
        )
        for notice in notices
    )
    names = (_("due") + year, _("clinic"), _("patient"), _("event"), _("about"), _("goes to") + "~")
    yield table(*names, rows=rows)


def goes_to(notice: Coming, zone: str, now: int) -> Styled:
    """email, sms; email: refused for now (busy), 6 attempts, again at 21:04; will not be sent: no consent"""
    if notice.reason:
        if notice.is_held_back:
            return status_text("waits", f": {word_for(notice.reason)}")
        return status_text("will not be sent", f": {word_for(notice.reason)}")
    tried = {delivery.channel: delivery for delivery in notice.waiting if delivery.attempts}
    parts = []
    for channel in notice.channels:
        of_channel = tried.get(channel)
        again = f": {in_words(retry_of(of_channel, ZoneInfo(zone), now))}" if of_channel else ""
        parts.append(f"{word_for(channel)}{again}")
    return plain("; ".join(parts) if tried else ", ".join(parts))
