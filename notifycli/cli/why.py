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
    answer = explain(shell.connection, shell.policy, which, shell.now())
    if answer is None:
        raise UsageError(f"there is no {subject} {subject_id}")
    if as_json:
        print_json(_as_value(answer))
    else:
        _show(answer)


def _as_value(answer: "Why") -> dict[str, object]:
    return {
        "clinic": answer.which.clinic_id,
        "patient": answer.patient,
        "active_user": answer.is_active_user,
        "subject": answer.which.subject,
        "subject_id": answer.which.subject_id,
        "details": {name: utc(cell) if name.endswith("_at") else cell for name, cell in answer.details.items()},
        "events": [
            {
                "event": event.kind,
                "at": utc(event.at),
                "from": _place(event.before),
                "to": None if event.kind == "cancellation" else _place(event.after),
                "origin": f"import {event.import_id}",
            }
            for event in answer.events
        ],
        "notices": [
            {
                "event": notice.event,
                "patient": notice.patient,
                "verdict": notice.verdict,
                "reason": notice.reason,
                "due_at": utc(notice.due_at),
                "channels": list(notice.channels),
                "next_attempt_at": utc(notice.next_attempt_at),
                "explanation": notice.explanation,
                "notice": notice.notice,
            }
            for notice in answer.notices
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


def _details_in_words(answer: "Why") -> str:
    """Thu 11.06.2026 10:00, Rom 1, KONS, booked"""
    told = answer.details
    times = [local(cell, answer.zone) for name, cell in told.items() if name in FIRST_TIMES and type(cell) is int]
    others = (told.get(name) for name in ("location", "type_id", "kind", "status"))
    return ", ".join([*times, *map(str, filter(None, others))])


def _show(answer: "Why") -> None:
    screen = console()
    head = patient_text(
        f"{answer.which.subject} {answer.which.subject_id} at {answer.which.clinic_id}, patient {answer.patient}",
        answer.is_active_user,
    )
    screen.print(head)
    screen.print(plain(_details_in_words(answer)))
    for event in answer.events:
        screen.print(plain(f"  {_in_words(event, answer.zone)}"), style="dim")
    rows = table("event", "due", "what became of it, and why~")
    for notice in answer.notices:
        whose = "" if notice.patient == answer.patient else f" ({notice.patient}'s)"
        rows.add_row(notice.event + whose, local(notice.due_at, answer.zone), status_text(notice.verdict, _how(notice)))
        rows.add_row("", "", plain(notice.explanation))
    screen.print(rows)


def _how(notice: "WhyNotice") -> str:
    """by email, sms (notice 12)"""
    by = f" by {', '.join(notice.channels)}" if notice.channels else f": {notice.reason}" if notice.reason else ""
    return by + (f" (notice {notice.notice})" if notice.notice is not None else "")
