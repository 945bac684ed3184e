"""How one patient is shown: on one screen of 80 columns and 24 lines, as far as it goes, or as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from notifycli.cli.codes import word_for
from notifycli.cli.coming import as_values, goes_to
from notifycli.cli.history import status_and_why
from notifycli.cli.language import _, all_of, ngettext
from notifycli.cli.pager import paged
from notifycli.cli.render import local, patient_text, plain, table, utc
from notifycli.cli.shell import Shell
from notifycli.domain.reasons import OUT_OF_REACH
from notifycli.domain.sentences import N_
from notifycli.queries.patient_card import PatientCard
from notifycli.queries.upcoming import Coming
from notifycli.store.history import HISTORY_FIELDS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from notifycli.cli.listing import Cell

SHOWN_APPOINTMENTS, SHOWN_NEXT, SHOWN_LAST = 3, 2, 4
EMAIL, MOBILE, CONSENT, METHOD = N_("e-mail"), N_("mobile"), N_("consent"), N_("method")  # labels
LABEL_OF_CHANNEL = {"email": EMAIL, "sms": MOBILE}


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
    head = _("patient {patient} at {clinic}", patient=row["patient"], clinic=row["clinic"])
    yield patient_text(f"{head}, {name}" if name else head, row["last_login_at"] is not None)
    facts = table("", "", "~")
    facts.show_header = False
    for label, value in _facts(card, zone).items():
        facts.add_row(Text(_(label), "dim"), value, _origin(card, label, zone))
    yield facts
    to_come = ngettext("appointments, {number} to come", "appointments, {number} to come", reach.upcoming_appointments)
    yield from _part(
        to_come if card.appointments else _("appointments"),
        card.appointments,
        SHOWN_APPOINTMENTS,
        partial(_of_appointment, zone),
    )
    yield from _part(_("next notices"), card.next, SHOWN_NEXT, partial(_of_next, zone, now))
    yield from _part(_("last notices"), card.last, SHOWN_LAST, partial(_of_last, zone))
    if len(card.last) > SHOWN_LAST:
        command = f"notify history --clinic {row['clinic']} --patient {row['patient']}"
        yield Text(_("more: {command}", command=command), "dim")


def _facts(card: PatientCard, zone: str) -> "dict[str, Cell]":
    from rich.text import Text

    row, reach = card.row, card.reach
    landline = _(" (a landline: no SMS)") if row["mobile"] and not row["mobile_gets_sms"] else ""
    why_not = all_of(_(OUT_OF_REACH[reason].means) for reason in reach.reasons)
    nowhere = Text(_("nowhere: {why_not}", why_not=why_not), "bold red")
    never = _("has never logged in")
    return {
        EMAIL: plain(row["email"]),
        MOBILE: plain((row["mobile"] or "–") + landline),
        CONSENT: Text(_("yes")) if row["consent"] else Text(_("no"), "bold red"),
        METHOD: Text(word_for(row["preferred_method"] or "default")),
        N_("goes to"): Text(", ".join(map(word_for, reach.channels))) if reach.possible else nowhere,
        N_("last login"): Text(local(row["last_login_at"], zone) if row["last_login_at"] else never),
        N_("language"): Text(row["language"] or _("the clinic's")),
    }


PLACES = {EMAIL: "email", MOBILE: "mobile", CONSENT: "consent", METHOD: "method"}


def _origin(card: PatientCard, label: str, zone: str) -> "Text":
    """Where it comes from; of an address that is gone since when and why."""
    from rich.text import Text

    for gone in card.suppressed:
        if LABEL_OF_CHANNEL.get(gone["channel"]) == label:
            since = {"at": local(gone["at"], zone), "reason": word_for(gone["reason"])}
            return Text(_("no more since {at}: {reason}", **since), "yellow")
    origin = card.origins.get(PLACES.get(label, ""))
    if origin == "import":
        imported_at = local(card.row["imported_at"], zone)
        return Text(_("import {number}, {at}", number=card.row["import_id"], at=imported_at), "dim")
    if origin != "staff":
        return Text("", "dim")
    if PLACES[label] not in card.set_by_staff:
        return Text(_("set by staff"), "dim")
    by, at = card.set_by_staff[PLACES[label]]
    return Text(_("set by staff, {by}, {at}", by=by, at=local(at, zone)), "dim")


def _part(
    title: str, rows: Sequence[Any], shown: int, in_cells: "Callable[[Any], tuple[Cell, ...]]"
) -> "Iterator[RenderableType]":
    from rich.text import Text

    yield Text(title if rows else _("{title}: none", title=title), "bold")
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
    return at, plain(appointment["appointment"]), plain(word_for(appointment["status"])), where_and_what


def _of_next(zone: str, now: int, coming: Coming) -> "tuple[Cell, ...]":
    at, about = plain(local(coming.due_at, zone)), plain(coming.which.subject_id)
    return at, about, plain(word_for(coming.event)), goes_to(coming, zone, now)


def _of_last(zone: str, row: Mapping[str, Any]) -> "tuple[Cell, ...]":
    number = _(" (notice {notice})", notice=row["notice"])
    if row["notice"] is None:
        number = _(" (of {sender})", sender=row["sender"])
    became = status_and_why(row, word_for(row["reason"]), number)
    return plain(local(row["status_at"], zone)), plain(row["subject_id"]), plain(word_for(row["event"])), became
