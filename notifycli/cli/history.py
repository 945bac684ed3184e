"""notify history: what went out and what did not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from notifycli.cli import completing
from notifycli.cli.codes import code_typed, reason_typed, word_for
from notifycli.cli.finding import exists, known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _, in_words
from notifycli.cli.options import AsCsv, AsJson, OfClinic, OfPatient
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import (
    local,
    newest_in_words,
    patient_text,
    plain,
    short_form,
    status_text,
    table,
    utc,
)
from notifycli.cli.shell import Shell
from notifycli.cli.styled import Styled
from notifycli.domain.explanations import retry_in_words
from notifycli.domain.words import CHANNELS, DELIVERY_STATUSES, EVENTS
from notifycli.store.history import HISTORY_FIELDS, HistoryFilter, external_statuses
from notifycli.store.history import history as read_history

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

app = typer.Typer(add_completion=False, rich_markup_mode=None)
WITH_THIRD_PARTIES = (*EVENTS, "app_invite")
SENDERS = ("notify", "digicare", "helsenorge", "convene")
TIMES = ("due_at", "sent_at", "status_at")
Text = str | None
Row = dict[str, Any]
FIRST_ROWS = 500  # of all; they decide what the table leaves out
WIDE = 120  # columns of a screen that has room for addresses


@app.command(epilog="Example: notify history --patient P1 --since 2026-06-01")
def history(
    context: typer.Context,
    clinic: OfClinic = None,
    patient: OfPatient = None,
    appointment: Annotated[
        Text, typer.Option(metavar="ID", autocompletion=completing.appointments, help="Of this appointment.")
    ] = None,
    event: Annotated[
        Text,
        typer.Option(
            metavar="EVENT",
            autocompletion=completing.events,
            help="confirmation, change, cancellation, reminder, dialog, reply, receipt.",
        ),
    ] = None,
    channel: Annotated[
        Text, typer.Option(metavar="CHANNEL", autocompletion=completing.channels, help="email, sms or push.")
    ] = None,
    status: Annotated[
        Text,
        typer.Option(
            metavar="STATUS",
            autocompletion=completing.statuses,
            help="queued, sending, sent, delivered, failed, uncertain or skipped.",
        ),
    ] = None,
    reason: Annotated[Text, typer.Option(metavar="REASON", help="Why skipped or failed, such as no_consent.")] = None,
    sender: Annotated[
        Text, typer.Option(metavar="SENDER", help="notify, or who else sent it: digicare, helsenorge, convene.")
    ] = None,
    since: Annotated[Text, typer.Option(metavar="TIME", help="Whose status changed at this time or later.")] = None,
    until: Annotated[
        Text, typer.Option(metavar="TIME", help="Whose status changed before this time, or by the end of this day.")
    ] = None,
    search: Annotated[
        Text, typer.Option(metavar="TEXT", help="As patient find does, or the id of what it is about.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="So many of the newest; 0 for all.")
    ] = 50,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show what went out and what did not, newest first; one row a delivery. A green dot: the patient has logged in."""
    shell: Shell = context.obj
    of_others = () if status in DELIVERY_STATUSES else external_statuses(shell.connection)
    sender = code_typed(sender, SENDERS, "--sender") if sender is not None else None
    event = code_typed(event, WITH_THIRD_PARTIES, "--event") if event is not None else None
    channel = code_typed(channel, CHANNELS, "--channel") if channel is not None else None
    status = code_typed(status, (*DELIVERY_STATUSES, *of_others), "--status") if status is not None else None
    if clinic is not None:
        known_clinic(shell, clinic)
    wanted = HistoryFilter(
        clinic=clinic,
        patient=patient,
        appointment=appointment,
        event=event,
        channel=channel,
        status=status,
        reason=reason_typed(reason) if reason is not None else None,
        sender=sender,
        since=shell.time_of(since, "--since") if since is not None else None,
        until=shell.end_of(until, "--until") if until is not None else None,
        search=search,
        limit=limit,
    )
    if search is not None:
        from notifycli.cli.found_patients import with_an_index

        with_an_index(shell)
    rows = read_history(shell.connection, wanted)
    first = list(islice(rows, limit or FIRST_ROWS))
    if not first:  # which may mean a slip of the finger
        for subject, id_ in (("patient", patient), ("appointment", appointment)):
            if id_ is not None:
                exists(shell, subject, id_, clinic)
    values, zone = map(for_machines, chain(first, rows)), shell.settings.timezone
    shown = partial(in_lines, first, rows, zone, shell.now(), limit)
    give(shell, values, shown, as_json=as_json, as_csv=as_csv, fields=HISTORY_FIELDS)


def for_machines(row: Row) -> Row:
    """By HISTORY_FIELDS."""
    return {field: utc(row[field]) if field in TIMES else row[field] for field in HISTORY_FIELDS}


def in_lines(
    first: Sequence[Row], others: Iterator[Row], zone: str, now: int, limit: int, screen: "Console"
) -> "Iterator[RenderableType]":
    """A table. What all rows have in common is left out only where the first are all that there are."""
    if not first:
        yield _("Nothing of that kind stands in the history.")
        return
    is_wide, are_all = screen.width >= WIDE, limit > 0 or len(first) < FIRST_ROWS
    has_clinics = is_wide or not are_all or len({row["clinic"] for row in first}) > 1
    year: str = ""
    time: Callable[[int], str] = partial(local, zone=zone)
    if not is_wide:
        year, time = short_form((row["status_at"] for row in first), zone, are_all=are_all)

    def cells(row: Row) -> Sequence[Styled | str]:
        clinic = (plain(row["clinic"]),) if has_clinics else ()
        about = (
            patient_text(row["patient"], row["active_user"]),
            plain(word_for(row["event"])),
            plain(row["subject_id"]),
        )
        why = _reason_or_sender(row, zone, now)
        outcome: tuple[Styled, ...] = (status_and_why(row, why),)
        if is_wide:
            outcome = (plain(word_for(row["channel"])), plain(row["address"]), status_text(row["status"]), plain(why))
        return (time(row["status_at"]), *clinic, *about, *outcome, str(row["notice"] or "–"))

    clinic = (_("clinic"),) if has_clinics else ()
    heads: tuple[str, ...] = (_("what became of it") + "~",)
    if is_wide:
        heads = (_("channel"), _("address") + "~", _("status"), _("reason") + "~")
    names = (_("when") + year, *clinic, _("patient"), _("event"), _("about"), *heads, _("notice") + ">")
    yield table(*names, rows=map(cells, chain(first, others)))
    if limit and len(first) == limit:
        yield newest_in_words(limit)


def what_became_of(row: Row, zone: str, now: int) -> Styled:
    return status_and_why(row, _reason_or_sender(row, zone, now))


def status_and_why(row: Mapping[str, Any], why: str, ending: str = "") -> Styled:
    """failed by email: unknown mailbox"""
    by = _(" by {channels}", channels=word_for(row["channel"])) if row["channel"] else ""
    return status_text(row["status"], f"{by}{f': {why}' if why else ''}{ending}")


def _reason_or_sender(row: Row, zone: str, now: int) -> str:
    if row["sender"] != "notify":
        return _("sent by {sender}", sender=row["sender"])
    if row["status"] == "queued" and row["attempts"]:
        return in_words(retry_in_words(row["detail"], row["attempts"], row["next_attempt_at"], ZoneInfo(zone), now))
    return word_for(row["reason"])
