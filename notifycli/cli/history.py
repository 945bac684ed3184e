"""notify history: what went out and what did not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from notifycli.cli import completing
from notifycli.cli.codes import code_typed, reason_typed, word_for
from notifycli.cli.finding import exists, known_clinic
from notifycli.cli.language import _, in_words, ngettext
from notifycli.cli.options import AsCsv, AsJson, OfClinic, OfPatient
from notifycli.cli.pager import paged
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import (
    local,
    patient_text,
    plain,
    print_csv,
    print_json_stream,
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
    from rich.console import Console

    from notifycli.cli.listing import Listing

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
        for which, id_ in (("patient", patient), ("appointment", appointment)):
            if id_ is not None:
                exists(shell, which, id_, clinic)
    if as_json:
        print_json_stream(for_machines(row) for row in chain(first, rows))
    elif as_csv:
        print_csv(HISTORY_FIELDS, (list(for_machines(row).values()) for row in chain(first, rows)))
    else:
        with paged(shell) as screen:
            _show(screen, first, rows, shell.settings.timezone, shell.now(), limit)


def for_machines(row: Row) -> Row:
    """By HISTORY_FIELDS."""
    return {field: utc(row[field]) if field in TIMES else row[field] for field in HISTORY_FIELDS}


def _show(screen: "Console", first: Sequence[Row], others: Iterator[Row], zone: str, now: int, limit: int) -> None:
    """What all rows have in common is left out only where the first are all that there are."""
    if not first:
        screen.print(_("Nothing of that kind stands in the history."))
        return
    rows, are_all = chain(first, others), limit > 0 or len(first) < FIRST_ROWS
    if screen.width >= WIDE:
        screen.print(_wide_table(rows, zone, now))
    else:
        year, time = short_form((row["status_at"] for row in first), zone, are_all=are_all)
        has_clinics = not are_all or len({row["clinic"] for row in first}) > 1
        screen.print(_narrow_table(rows, year, time, zone, now, has_clinics))
    if limit and len(first) == limit:
        newest = ngettext(
            "The newest; more with --limit, all with --limit 0.",
            "The newest {number}; more with --limit, all with --limit 0.",
            limit,
        )
        screen.print(f"[dim]{newest}[/]")


def _wide_table(rows: Iterable[Row], zone: str, now: int) -> "Listing":
    cells = (
        (
            local(row["status_at"], zone),
            plain(row["clinic"]),
            patient_text(row["patient"], row["active_user"]),
            plain(word_for(row["event"])),
            plain(row["subject_id"]),
            plain(word_for(row["channel"])),
            plain(row["address"]),
            status_text(row["status"]),
            plain(_reason_or_sender(row, zone, now)),
            str(row["notice"] or "–"),
        )
        for row in rows
    )
    before, after = (_("when"), _("clinic"), _("patient"), _("event"), _("about"), _("channel")), (_("status"),)
    names = (*before, _("address") + "~", *after, _("reason") + "~", _("notice") + ">")
    return table(*names, rows=cells)


def _narrow_table(
    rows: Iterable[Row], year: str, time: Callable[[int], str], zone: str, now: int, has_clinics: bool
) -> "Listing":
    cells = (
        (
            time(row["status_at"]),
            *((plain(row["clinic"]),) if has_clinics else ()),
            patient_text(row["patient"], row["active_user"]),
            plain(word_for(row["event"])),
            plain(row["subject_id"]),
            what_became_of(row, zone, now),
            str(row["notice"] or "–"),
        )
        for row in rows
    )
    clinic = [_("clinic")] if has_clinics else []
    names = (_("when") + year, *clinic, _("patient"), _("event"), _("about"))
    names += (_("what became of it") + "~", _("notice") + ">")
    return table(*names, rows=cells)


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
