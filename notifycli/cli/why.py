"""notify why: every notice that something could make, and the rule that decided."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli.finding import clinic_of
from notifycli.cli.render import console, local, patient_text, plain, print_json, status_text, table, utc
from notifycli.cli.shell import Shell, Trouble
from notifycli.store.facts import Subject

if TYPE_CHECKING:
    from notifycli.queries.why import Why, WhyNotice

app = typer.Typer(add_completion=False, rich_markup_mode=None)
SUBJECTS = ("appointment", "dialog", "receipt")


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
    if subject not in SUBJECTS:
        raise Trouble(f"'{subject}' is none of {', '.join(SUBJECTS)}")
    which = Subject(subject, clinic_of(shell, subject, subject_id, clinic), subject_id)
    found = explain(shell.connection, shell.policy, which, shell.now())
    if found is None:
        raise Trouble(f"there is no {subject} {subject_id}")
    if as_json:
        print_json(_as_value(found))
    else:
        _show(found, _happenings(shell, found))


def _as_value(found: "Why") -> dict[str, object]:
    return {
        "clinic": found.which.clinic_id,
        "patient": found.patient,
        "subject": found.which.subject,
        "subject_id": found.which.subject_id,
        "notices": [
            {
                "event": one.event,
                "verdict": one.verdict,
                "reason": one.reason,
                "due_at": utc(one.due_at),
                "channels": list(one.channels),
                "explanation": one.explanation,
                "notice": one.notice,
            }
            for one in found.notices
        ],
    }


def _happenings(shell: Shell, found: "Why") -> list[str]:
    """booking Wed 03.06.2026 12:00 (import 12)"""
    from notifycli.store.imports import happenings_of

    if found.which.subject != "appointment":
        return []
    happened = happenings_of(shell.connection, found.which.clinic_id, found.which.subject_id)
    return [f"{kind} {local(at, found.zone)} (import {number})" for kind, at, number in happened]


def _show(found: "Why", events: Sequence[str]) -> None:
    screen = console()
    head = patient_text(
        f"{found.which.subject} {found.which.subject_id} at {found.which.clinic_id}, patient {found.patient}",
        found.is_active_user,
    )
    screen.print(head)
    for appointment_event in events:
        screen.print(plain(f"  {appointment_event}"), style="dim")
    rows = table("event", "due", "what became of it, and why~")
    for one in found.notices:
        rows.add_row(one.event, local(one.due_at, found.zone), status_text(one.verdict, _how(one)))
        rows.add_row("", "", plain(one.explanation))
    screen.print(rows)


def _how(one: "WhyNotice") -> str:
    """by email, sms (notice 12)"""
    by = f" by {', '.join(one.channels)}" if one.channels else f": {one.reason}" if one.reason else ""
    return by + (f" (notice {one.notice})" if one.notice is not None else "")
