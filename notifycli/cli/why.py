"""notify why: every notice that something could make, and the rule that decided."""

from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli.finding import clinic_of
from notifycli.cli.render import console, local, patient_text, plain, print_json, status_text, table, utc
from notifycli.cli.shell import Shell
from notifycli.domain.errors import UsageError
from notifycli.domain.words import SUBJECT_KINDS
from notifycli.store.facts import Subject

if TYPE_CHECKING:
    from notifycli.queries.why import Why, WhyNotice
    from notifycli.store.appointments import StoredEvent

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FIRST_TIMES = ("starts_at", "sent_at", "paid_at")


@app.command(epilog="Example: notify why appointment A1 --clinic nidelv")
def why(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="appointment|dialog|receipt", help="What it is.")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    clinic: Annotated[str | None, typer.Option(metavar="ID", help="Its clinic, where several have that id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Say of every notice that something could make: when, on which channel, sent or not, and why."""
    from notifycli.queries.why import explain

    shell: Shell = context.obj
    if subject not in SUBJECT_KINDS:
        raise UsageError(f"'{subject}' is none of {', '.join(SUBJECT_KINDS)}")
    which = Subject(subject, clinic_of(shell, subject, subject_id, clinic), subject_id)
    found = explain(shell.connection, shell.policy, which, shell.now())
    if found is None:
        raise UsageError(f"there is no {subject} {subject_id}")
    if as_json:
        print_json(_as_value(found))
    else:
        _show(found)


def _as_value(found: "Why") -> dict[str, object]:
    return {
        "clinic": found.which.clinic_id,
        "patient": found.patient,
        "active_user": found.is_active_user,
        "subject": found.which.subject,
        "subject_id": found.which.subject_id,
        "details": {name: utc(cell) if name.endswith("_at") else cell for name, cell in found.details.items()},
        "events": [
            {
                "event": one.kind,
                "at": utc(one.at),
                "from": _place(one.before),
                "to": None if one.kind == "cancellation" else _place(one.after),
                "origin": f"import {one.import_id}",
            }
            for one in found.events
        ],
        "notices": [
            {
                "event": one.event,
                "patient": one.patient,
                "verdict": one.verdict,
                "reason": one.reason,
                "due_at": utc(one.due_at),
                "channels": list(one.channels),
                "next_attempt_at": utc(one.next_attempt_at),
                "explanation": one.explanation,
                "notice": one.notice,
            }
            for one in found.notices
        ],
    }


def _place(of_event: tuple[int, str, str] | None) -> dict[str, object] | None:
    if of_event is None:
        return None
    return {"starts_at": utc(of_event[0]), "location": of_event[1], "patient": of_event[2]}


def _in_words(event: "StoredEvent", zone: str) -> str:
    """change Wed 03.06.2026 12:00: from Thu 11.06.2026 10:00, Rom 1 to Fri 12.06.2026 10:00, Rom 2 (import 12)"""
    before, after = event.before, event.after
    became = ""
    if event.kind == "takeover" and before is not None:
        became = f": from {before[2]} to {after[2]}"
    elif before is not None and before[:2] != after[:2]:
        became = f": from {_when_and_where(before, zone)} to {_when_and_where(after, zone)}"
    return f"{event.kind} {local(event.at, zone)}{became} (import {event.import_id})"


def _when_and_where(place: tuple[int, str, str], zone: str) -> str:
    return ", ".join(filter(None, (local(place[0], zone), place[1])))


def _details_in_words(found: "Why") -> str:
    """Thu 11.06.2026 10:00, Rom 1, KONS, booked"""
    told = found.details
    times = [local(cell, found.zone) for name, cell in told.items() if name in FIRST_TIMES and type(cell) is int]
    others = (told.get(name) for name in ("location", "type_id", "kind", "status"))
    return ", ".join([*times, *map(str, filter(None, others))])


def _show(found: "Why") -> None:
    screen = console()
    head = patient_text(
        f"{found.which.subject} {found.which.subject_id} at {found.which.clinic_id}, patient {found.patient}",
        found.is_active_user,
    )
    screen.print(head)
    screen.print(plain(_details_in_words(found)))
    for event in found.events:
        screen.print(plain(f"  {_in_words(event, found.zone)}"), style="dim")
    rows = table("event", "due", "what became of it, and why~")
    for one in found.notices:
        whose = "" if one.patient == found.patient else f" ({one.patient}'s)"
        rows.add_row(one.event + whose, local(one.due_at, found.zone), status_text(one.verdict, _how(one)))
        rows.add_row("", "", plain(one.explanation))
    screen.print(rows)


def _how(one: "WhyNotice") -> str:
    """by email, sms (notice 12)"""
    by = f" by {', '.join(one.channels)}" if one.channels else f": {one.reason}" if one.reason else ""
    return by + (f" (notice {one.notice})" if one.notice is not None else "")
