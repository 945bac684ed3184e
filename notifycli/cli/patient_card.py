"""How one patient is shown: on one screen of 80 columns and 24 lines, as far as it goes, or as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from notifycli.cli.coming import as_values, goes_to
from notifycli.cli.pager import paged
from notifycli.cli.render import local, patient_text, plain, status_text, table, utc
from notifycli.cli.shell import Shell
from notifycli.domain.reasons import OUT_OF_REACH, short
from notifycli.queries.patient_card import PatientCard
from notifycli.queries.upcoming import Coming
from notifycli.store.history import HISTORY_FIELDS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from notifycli.cli.listing import Cell

SHOWN_APPOINTMENTS, SHOWN_NEXT, SHOWN_LAST = 3, 2, 4
LABEL_OF_CHANNEL = {"email": "e-mail", "sms": "mobile"}


def as_value(card: PatientCard) -> dict[str, Any]:
    row, reach = card.row, card.reach
    return {
        "clinic": row["clinic"],
        "patient": row["patient"],
        "given_name": row["given_name"],
        "family_name": row["family_name"],
        "email": row["email"],
        "mobile": row["mobile"],
        "mobile_gets_sms": bool(row["mobile_gets_sms"]),
        "push": bool(row["push_token"]) and bool(row["push_allowed"]),
        "language": row["language"],
        "consent": bool(row["consent"]),
        "method": row["preferred_method"] or "default",
        "last_login_at": utc(row["last_login_at"]),
        "active_user": row["last_login_at"] is not None,
        "possible": reach.possible,
        "channels": list(reach.channels),
        "reasons": list(reach.reasons),
        "upcoming_appointments": reach.upcoming_appointments,
        "import": row["import_id"],
        "imported_at": utc(row["imported_at"]),
        "origins": card.origins,
        "set_by_staff": {place: {"by": by, "at": utc(at)} for place, (by, at) in card.set_by_staff.items()},
        "suppressed": [gone | {"at": utc(gone["at"])} for gone in card.suppressed],
        "appointments": [
            {name: utc(cell) if name.endswith("_at") else cell for name, cell in appointment.items()}
            for appointment in card.appointments
        ],
        "next_notices": [*as_values(card.next)],
        "last_notices": [
            {
                name: utc(notice[name]) if name.endswith("_at") else notice[name]
                for name in HISTORY_FIELDS
                if name != "text"
            }
            for notice in card.last
        ],
    }


def show_card(shell: Shell, card: PatientCard) -> None:
    with paged(shell) as screen:
        for line in in_lines(card, shell.settings.timezone, shell.now()):
            screen.print(line)


def in_lines(card: PatientCard, zone: str, now: int) -> "Iterator[RenderableType]":
    """For whoever prints or shows it."""
    from rich.text import Text

    row, reach = card.row, card.reach
    name = f"{row['given_name']} {row['family_name']}".strip()
    head = f"patient {row['patient']} at {row['clinic']}" + (f", {name}" if name else "")
    yield patient_text(head, row["last_login_at"] is not None)
    facts = table("", "", "~")
    facts.show_header = False
    for label, value in _facts(card, zone).items():
        facts.add_row(Text(label, "dim"), value, _origin(card, label, zone))
    yield facts
    title = f"appointments, {reach.upcoming_appointments} to come" if card.appointments else "appointments"
    yield from _part(title, card.appointments, SHOWN_APPOINTMENTS, partial(_of_appointment, zone))
    yield from _part("next notices", card.next, SHOWN_NEXT, partial(_of_next, zone, now))
    yield from _part("last notices", card.last, SHOWN_LAST, partial(_of_last, zone))
    if len(card.last) > SHOWN_LAST:
        command = f"notify history --clinic {row['clinic']} --patient {row['patient']}"
        yield Text(f"more: {command}", "dim")


def _facts(card: PatientCard, zone: str) -> "dict[str, Cell]":
    from rich.text import Text

    row, reach = card.row, card.reach
    landline = " (a landline: no SMS)" if row["mobile"] and not row["mobile_gets_sms"] else ""
    nowhere = " and ".join(OUT_OF_REACH[reason].means for reason in reach.reasons)
    return {
        "e-mail": plain(row["email"]),
        "mobile": plain((row["mobile"] or "–") + landline),
        "consent": Text("yes") if row["consent"] else Text("no", "bold red"),
        "method": Text(row["preferred_method"] or "default"),
        "goes to": Text(", ".join(reach.channels)) if reach.possible else Text(f"nowhere: {nowhere}", "bold red"),
        "last login": Text(local(row["last_login_at"], zone) if row["last_login_at"] else "never"),
        "language": Text(row["language"] or "the clinic's"),
    }


PLACES = {"e-mail": "email", "mobile": "mobile", "consent": "consent", "method": "method"}


def _origin(card: PatientCard, label: str, zone: str) -> "Text":
    """Where it comes from; of an address that is gone since when and why."""
    from rich.text import Text

    for gone in card.suppressed:
        if LABEL_OF_CHANNEL.get(gone["channel"]) == label:
            return Text(f"no more since {local(gone['at'], zone)}: {short(gone['reason'])}", "yellow")
    origin = card.origins.get(PLACES.get(label, ""))
    if origin == "import":
        return Text(f"import {card.row['import_id']}, {local(card.row['imported_at'], zone)}", "dim")
    return Text(_who_set(card, PLACES[label], zone) if origin == "staff" else "", "dim")


def _who_set(card: PatientCard, place: str, zone: str) -> str:
    if place not in card.set_by_staff:
        return "set by staff"
    by, at = card.set_by_staff[place]
    return f"set by staff, {by}, {local(at, zone)}"


def _part(
    title: str, rows: Sequence[Any], shown: int, in_cells: "Callable[[Any], tuple[Cell, ...]]"
) -> "Iterator[RenderableType]":
    from rich.text import Text

    yield Text(title if rows else f"{title}: none", "bold")
    if not rows:
        return
    part = table("", "", "", "~")
    part.show_header = False
    for row in rows[:shown]:
        part.add_row(*in_cells(row))
    yield part


def _of_appointment(zone: str, appointment: Mapping[str, Any]) -> "tuple[Cell, ...]":
    about = ", ".join(filter(None, (appointment["location"], appointment["type_id"])))
    where_and_what = plain(about) if about else plain(None)
    at = plain(local(appointment["starts_at"], zone))
    return at, plain(appointment["appointment"]), plain(appointment["status"]), where_and_what


def _of_next(zone: str, now: int, coming: Coming) -> "tuple[Cell, ...]":
    at, about = plain(local(coming.due_at, zone)), plain(coming.which.subject_id)
    return at, about, plain(coming.event), goes_to(coming, zone, now)


def _of_last(zone: str, row: Mapping[str, Any]) -> "tuple[Cell, ...]":
    by = f" by {row['channel']}" if row["channel"] else ""
    reason = f": {short(row['reason'])}" if row["reason"] else ""
    number = f" (notice {row['notice']})" if row["notice"] is not None else f" (of {row['sender']})"
    became = status_text(row["status"], by + reason + number)
    return plain(local(row["status_at"], zone)), plain(row["subject_id"]), plain(row["event"]), became
