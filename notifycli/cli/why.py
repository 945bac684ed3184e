"""notify why: every notice that something could make, and the rule that decided."""

from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli import completing
from notifycli.cli.codes import code_typed, word_for
from notifycli.cli.finding import clinic_of
from notifycli.cli.giving import give
from notifycli.cli.language import _, in_words
from notifycli.cli.options import AsJson
from notifycli.cli.render import local, patient_text, plain, status_text, utc
from notifycli.cli.shell import Shell
from notifycli.cli.styled import Styled
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import N_, Sentence
from notifycli.domain.words import SUBJECT_KINDS
from notifycli.store.facts import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType
    from rich.padding import Padding

    from notifycli.queries.why import Why, WhyNotice
    from notifycli.store.appointments import StoredEvent

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FIRST_TIMES = ("starts_at", "sent_at", "paid_at")
INDENT = 4
BY_WHOM = {"patient": N_(" by the patient"), "clinic": N_(" by the clinic")}
BY = {"booking": "booked_by", "cancellation": "cancelled_by"}


@app.command(epilog="Examples: notify why appointment A1 --clinic nidelv, notify why patient nidelv P1")
def why(
    context: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="appointment|dialog|receipt|patient",
            autocompletion=completing.words(*SUBJECT_KINDS, "patient"),
            help="What it is.",
        ),
    ],
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", autocompletion=completing.subjects, help="Its id; of a patient, the clinic's before."
        ),
    ],
    clinic: Annotated[
        str | None,
        typer.Option(metavar="ID", autocompletion=completing.clinics, help="Its clinic, where several have that id."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every notice that something could make: when, on which channel, sent or not, and why.

    Of a patient: all that is known of them, newest first.
    """
    from notifycli.queries.why import explain, explain_patient

    shell: Shell = context.obj
    subject = code_typed(subject, (*SUBJECT_KINDS, "patient"), "notify why")
    if subject == "patient" and len(ids) == 2 and clinic is None:
        clinic = ids[0]
    elif len(ids) != 1:
        of_patient, of_subject = _("CLINIC PATIENT"), _("ID [--clinic ID]")
        ids_typed = of_patient if subject == "patient" else of_subject
        raise UsageError(_("type: notify why {subject} {ids}", subject=subject, ids=ids_typed))
    clinic_id = clinic_of(shell, subject, ids[-1], clinic)
    if subject == "patient":
        everything = explain_patient(shell.connection, shell.policy, clinic_id, ids[-1], shell.now())
        in_order = patient_in_lines(everything, clinic_id, ids[-1])
        give(shell, map(as_value, everything), lambda screen: in_order, as_json=as_json)
        return
    told = explain(shell.connection, shell.policy, Subject(subject, clinic_id, ids[0]), shell.now())
    if told is None:
        raise UsageError(_("there is no {which} {id}.", which=Sentence(subject), id=ids[0]))
    give(shell, as_value(told), lambda screen: in_lines(told), as_json=as_json)


def as_value(why_of: "Why") -> dict[str, object]:
    """The contract's."""
    return {
        "clinic": why_of.which.clinic_id,
        "patient": why_of.patient,
        "active_user": why_of.is_active_user,
        "subject": why_of.which.subject,
        "subject_id": why_of.which.subject_id,
        "details": {name: utc(cell) if name.endswith("_at") else cell for name, cell in why_of.details.items()},
        "events": [_event_as_value(event) for event in why_of.events],
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
            for notice in why_of.notices
        ],
    }


def _event_as_value(event: "StoredEvent") -> dict[str, object]:
    return {
        "event": event.kind,
        "at": utc(event.at),
        "from": _place(event.before),
        "to": None if event.kind == "cancellation" else _place(event.after),
        "origin": f"import {event.import_id}",
    }


def _place(of_event: tuple[int, str, str] | None) -> dict[str, object] | None:
    if of_event is None:
        return None
    return {"starts_at": utc(of_event[0]), "location": of_event[1], "patient": of_event[2]}


def patient_in_lines(everything: "Sequence[Why]", clinic: str, patient: str) -> "Iterator[RenderableType]":
    """What explain_patient knows, for whoever prints or shows it."""
    if not everything:
        yield plain(
            _("Nothing is known of patient {patient} at {clinic} but who they are.", patient=patient, clinic=clinic)
        )
    for place, told in enumerate(everything):
        if place:
            yield ""
        yield from in_lines(told)


def in_lines(told: "Why") -> "Iterator[RenderableType]":
    """One subject, its events, and each notice with the rule that decided."""
    head = _(
        "{subject} {id} at {clinic}, patient {patient}",
        subject=Sentence(told.which.subject),
        id=told.which.subject_id,
        clinic=told.which.clinic_id,
        patient=told.patient,
    )
    yield patient_text(head, told.is_active_user).in_bold()
    details = told.details
    times = [local(cell, told.zone) for name, cell in details.items() if name in FIRST_TIMES and cell is not None]
    others = [details.get(name) for name in ("location", "type_id")]
    others += [word_for(details.get(name)) for name in ("kind", "event", "channel", "status")]
    sender = _("sent by {sender}", sender=details["sender"]) if "sender" in details else None
    yield _indented(plain(", ".join(filter(None, (*times, *map(str, filter(None, others)), sender)))))
    for place, event in enumerate(told.events):
        is_last = event.kind not in (later.kind for later in told.events[place + 1 :])
        yield _indented(plain(_in_words(event, told, is_last)), style="dim")
    for notice in told.notices:
        yield ""
        whose = "" if notice.patient == told.patient else _(" ({patient}'s)", patient=notice.patient)
        when = f", {local(notice.due_at, told.zone)}" if notice.due_at is not None else ""
        number = _(" (notice {notice})", notice=notice.notice) if notice.notice is not None else ""
        yield plain(f"{word_for(notice.event)}{whose}{when}: ") + _verdict_in_words(notice) + Styled((number, ""))
        yield _indented(plain(in_words(notice.explanation)))


def _indented(text: Styled, style: str = "") -> "Padding":
    from rich.padding import Padding

    return Padding(text, (0, 0, 0, INDENT), expand=False, style=style)


def _in_words(event: "StoredEvent", told: "Why", is_last: bool) -> str:
    """change Wed 03.06.2026 12:00: from Thu 11.06.2026 10:00, Rom 1 to Fri 12.06.2026 10:00, Rom 2 (import 12)"""
    before, after, zone = event.before, event.after, told.zone
    became = ""
    if event.kind == "takeover" and before is not None:
        became = _(": from {before} to {after}", before=before[2], after=after[2])
    elif event.kind == "change" and before is not None and before[:2] != after[:2]:
        places = {"before": _when_and_where(before, zone), "after": _when_and_where(after, zone)}
        became = _(": from {before} to {after}", **places)
    elif event.kind != "cancellation":
        became = f": {_when_and_where(after, zone)}"
    who = told.details.get(BY[event.kind]) if is_last and event.kind in BY else None
    of_import = _(" (import {number})", number=event.import_id)
    return f"{word_for(event.kind)}{_(BY_WHOM[who]) if who else ''}, {local(event.at, zone)}{became}{of_import}"


def _when_and_where(place: tuple[int, str, str], zone: str) -> str:
    return ", ".join(filter(None, (local(place[0], zone), place[1])))


def _verdict_in_words(notice: "WhyNotice") -> Styled:
    """sent by email, sms; will not be sent: no consent"""
    if notice.verdict == "planned" and notice.reason:
        return status_text("waits" if notice.is_waiting else "will not be sent", f": {word_for(notice.reason)}")
    by = _(" by {channels}", channels=", ".join(map(word_for, notice.channels))) if notice.channels else ""
    return status_text(notice.verdict, by or (f": {word_for(notice.reason)}" if notice.reason else ""))
