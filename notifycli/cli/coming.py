"""How notices that are to come are shown, by upcoming and by the dry run."""

from collections.abc import Sequence
from typing import Any

from notifycli.cli.render import console, local, patient_text, table, utc
from notifycli.coming import Coming


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
    found = table("due", "clinic", "patient", "event", "about", "goes to")
    for one in notices:
        goes_to = ", ".join(one.channels) if not one.reason else f"[dim]nowhere: {one.reason}[/]"
        found.add_row(
            local(one.due_at, zone),
            one.which.clinic_id,
            patient_text(one.patient, one.is_active_user),
            one.event,
            f"{one.which.subject} {one.which.subject_id}",
            goes_to,
        )
    screen.print(found)
