"""How notices that are to come are shown, by upcoming and by the dry run."""

from collections.abc import Sequence
from typing import Any

from notifycli.cli.render import console, local, local_short, patient_text, plain, status_text, table, utc
from notifycli.queries.upcoming import Coming

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


def show_coming(notices: Sequence[Coming], zone: str, otherwise: str) -> None:
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
            status_text("skipped", f": {one.reason}") if one.reason else plain(", ".join(one.channels)),
        )
    screen.print(found)
