"""notify compare: another system's messages against ours."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.finding import known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _, figures
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import local, note, plain, short_form, table, utc
from notifycli.cli.shell import Done, Shell
from notifycli.cli.styled import Styled
from notifycli.domain.errors import LOOK, UsageError
from notifycli.domain.sentences import N_

if TYPE_CHECKING:
    from rich.console import RenderableType

    from notifycli.cli.listing import Listing
    from notifycli.domain.comparing import Difference, OurNotice, TheirNotice
    from notifycli.intake.message_log import ReadLog, Wanted
    from notifycli.queries.comparing import Comparison

app = typer.Typer(add_completion=False, rich_markup_mode=None)
CSV_FIELDS = (
    "kind", "clinic", "patient", "subject_id", "event", "their_time", "their_channels", "their_status",
    "our_time", "our_channels", "our_status", "notice", "reason", "explanation",
)  # fmt: skip
KINDS = {
    "other_channel": N_("other channel"),
    "other_time": N_("other time"),
    "only_theirs": N_("only theirs"),
    "only_ours": N_("only ours"),
}
WHY = {
    "R1": N_("5 minutes after the booking (R1)"),
    "R2": N_("5 minutes after the change (R2)"),
    "R3": N_("5 minutes after the cancellation (R3)"),
    "R4": N_("48 hours before the appointment (R4)"),
    "R5": N_("at once when notices were switched on (R5)"),
    "R6": N_("at once (R6)"),
    "R7": N_("at once when the bill card was paid (R7)"),
    "prefers_email": N_("the patient is written to by e-mail here"),
    "prefers_sms": N_("the patient is written to by SMS here"),
    "prefers_both": N_("the patient is written to by e-mail and SMS here"),
    "no_method": N_("no method is chosen: e-mail, or SMS where that is not possible"),
    "not_ours": N_("no kind of notice of ours"),
    "nothing_known": N_("we know of nothing that it could be about"),
    "doubled": N_("they sent it more than once"),
}
IN_SHORT = (
    *(N_("prefers email"), N_("prefers sms"), N_("prefers both"), N_("no method")),
    *(N_("not ours"), N_("nothing known"), N_("doubled")),
)
SHOWN_OF_A_KIND = 50  # differences of one kind on a screen, unless --limit says otherwise
EMPTY = Styled(("", ""))
COLOURS = {"other_channel": "yellow", "other_time": "yellow", "only_theirs": "bold red", "only_ours": "bold yellow"}


@app.command(epilog="Example: notify compare old-system.csv --minutes 15")
def compare(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="The other system's log, in the columns of external; else what imports of external brought.",
        ),
    ] = None,
    minutes: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=1440, help="How far apart two times are still the same.")
    ] = 10,
    clinic: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            autocompletion=completing.clinics,
            help="Of this clinic; whose log it is, if it has no column.",
        ),
    ] = None,
    sender: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this sender sent.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only from this time on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only until this time, a day to its end.")] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="SHEET", help="The sheet of a workbook, by name or number.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="The file's encoding, where it is guessed wrong.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="So many of each kind on the screen; 0 for all.")
    ] = SHOWN_OF_A_KIND,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output, with why's explanation.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Hold another system's log of messages against what we sent, or would have sent. Nothing of it is stored.

    What differs is listed with our reason; then the exit code is 1.
    """
    from notifycli.cli.import_report import tell_problems
    from notifycli.cli.progress import counted
    from notifycli.intake.message_log import Wanted
    from notifycli.queries.comparing import compare as compared

    shell: Shell = context.obj
    if clinic is not None:
        known_clinic(shell, clinic)
    begins_at = shell.time_of(since, "--since") if since is not None else None
    ends_at = shell.end_of(until, "--until") if until is not None else None
    log = _read(shell, file, Wanted(clinic, sender, begins_at, ends_at), sheet, encoding, as_json or as_csv)
    now, tolerance = shell.now(), minutes * 60
    with counted(shell, _("comparing"), _("notices so far")) as on_compared:
        comparison = compared(shell.connection, shell.policy, log.as_log(), tolerance, now, on_compared)
    rows = (_as_row(shell, difference, now) for difference in comparison.differences)
    shown = in_lines(log, comparison, shell.settings.timezone, limit or LARGEST)
    value = as_value(comparison)
    give(shell, value, lambda screen: shown, as_json=as_json, as_csv=as_csv, fields=CSV_FIELDS, rows=rows)
    if log.report.ignored_columns:
        names = ", ".join(log.report.ignored_columns)
        note(_("{file}: columns that were not used: {names}", file=log.report.path.name, names=names))
    tell_problems(log.report)
    if log.never_sent:
        note(_("Left out: {number} of which the log says that none was sent.", number=figures(log.never_sent)))
    if comparison.differences or log.report.rejected:
        raise Done(LOOK)


def _read(
    shell: Shell, file: Path | None, wanted: "Wanted", sheet: str | None, encoding: str | None, is_quiet: bool
) -> "ReadLog":
    from notifycli.cli.importing import known_encoding, progress_bar, standard_input
    from notifycli.intake.importing.files import Options, Outside
    from notifycli.intake.kinds.messages import MESSAGES
    from notifycli.intake.message_log import imported_messages, read_messages
    from notifycli.intake.sources.given import PIPE

    if file is None:
        return imported_messages(shell.connection, wanted)
    if file.is_dir():
        raise UsageError(_("{path} is a folder.", path=file), _("Name the file of the log"))
    if encoding is not None:
        known_encoding(encoding)
    own = {name: of_clinic.columns for name, of_clinic in shell.settings.clinic.items() if of_clinic.columns}
    options = Options(kind=MESSAGES.name, clinic=wanted.clinic, sheet=sheet, encoding=encoding, own_columns=own)
    outside = Outside(standard_input(is_named=file == PIPE), time.time())
    with progress_bar(is_quiet or shell.is_verbose) as progress:
        return read_messages(shell.connection, file, options, wanted, shell.now(), outside, progress)


def as_value(comparison: "Comparison") -> dict[str, Any]:
    """The contract's."""
    counts = Counter[str](difference.kind for difference in comparison.differences)
    differences = map(_difference_as_value, comparison.differences)
    return {"same": comparison.same, **{kind: counts[kind] for kind in KINDS}, "differences": differences}


def _difference_as_value(difference: "Difference") -> dict[str, Any]:
    theirs, ours = difference.theirs, difference.shown_of_ours
    of_theirs, of_ours = None, None
    if theirs is not None:
        of_theirs = {"at": utc(theirs.at), "channels": list(theirs.channels), "status": _status_of(theirs)}
    if ours is not None:
        of_ours = {"at": utc(ours.at), "channels": list(ours.channels), "status": ours.verdict, "notice": ours.number}
    return {
        "kind": difference.kind,
        "clinic": difference.clinic,
        "patient": difference.patient,
        "subject_id": difference.subject_id,
        "event": difference.event,
        "theirs": of_theirs,
        "ours": of_ours,
        "reason": difference.reason,
    }


def _status_of(theirs: "TheirNotice") -> str:
    return "failed" if theirs.has_failed else "sent"


def _as_row(shell: Shell, difference: "Difference", now: int) -> Sequence[Any]:
    """By CSV_FIELDS."""
    from notifycli.queries.comparing import explanation_of

    theirs, ours = difference.theirs, difference.shown_of_ours
    return (
        *(difference.kind, difference.clinic, difference.patient, difference.subject_id, difference.event),
        *((utc(theirs.at), " ".join(theirs.channels), _status_of(theirs)) if theirs else ("", "", "")),
        *((utc(ours.at), " ".join(ours.channels), ours.verdict, ours.number) if ours else ("", "", "", "")),
        *(difference.reason, explanation_of(shell.connection, shell.policy, difference, now)),
    )


def in_lines(log: "ReadLog", comparison: "Comparison", zone: str, limit: int) -> "Iterator[RenderableType]":
    """How many of each kind, and why; then so many of each, at most."""
    if not (log.count or comparison.differences):
        yield _("There is no message to compare.")
        return
    span = {"since": local(comparison.since, zone), "until": local(comparison.until, zone)}
    yield _("{number} messages of theirs, {since} to {until}", number=figures(log.count), **span)
    yield ""
    by_kind = {kind: [each for each in comparison.differences if each.kind == kind] for kind in KINDS}
    counts = table(_("compared with ours"), _("notices") + ">", _("our reason") + "~")
    counts.add_row(plain(_("same")), plain(figures(comparison.same)), EMPTY)
    for kind, of_kind in by_kind.items():
        reasons = Counter(difference.reason for difference in of_kind).most_common()
        is_one = len(reasons) == 1
        style = COLOURS[kind] if of_kind else ""
        why = plain(_long(reasons[0][0])) if is_one else EMPTY
        counts.add_row(Styled((_(KINDS[kind]), style)), Styled((figures(len(of_kind)), style)), why)
        for reason, number in () if is_one else reasons:
            counts.add_row(EMPTY, plain(figures(number)), plain(_long(reason)))
    yield counts
    for kind, of_kind in by_kind.items():
        if of_kind:
            yield f"\n[{COLOURS[kind]}]{_(KINDS[kind])}[/]"
            yield _table_of(of_kind[:limit], zone)
        if len(of_kind) > limit:
            more = _("The first {limit} of {all}; all with --limit 0.", limit=limit, all=figures(len(of_kind)))
            yield f"[dim]{more}[/]"
    if any(difference.subject_id for difference in comparison.differences):
        yield "\n[dim]" + _("All about one of ours: notify why appointment ID") + "[/]"


def _long(reason: str | None) -> str:
    return _(WHY[reason]) if reason in WHY else word_for(reason)


def _table_of(differences: Sequence["Difference"], zone: str) -> "Listing":
    """Which clinic only where there are several."""
    times = [side.at for each in differences for side in (each.theirs, each.shown_of_ours) if side is not None]
    year, time_ = short_form(times, zone, are_all=True)

    def side(of: "TheirNotice | OurNotice | None") -> Styled:
        return plain(f"{time_(of.at)} {'+'.join(map(word_for, of.channels))}" if of is not None else None)

    has_clinics = len({each.clinic for each in differences}) > 1
    names = (_("patient"), _("event"), _("theirs") + year, _("ours") + year, _("our reason") + "~")
    rows = (
        (
            *((plain(each.clinic),) if has_clinics else ()),
            plain(each.patient),
            plain(" ".join(filter(None, (word_for(each.event), each.subject_id)))),
            side(each.theirs),
            side(each.shown_of_ours),
            plain(word_for(each.reason)),
        )
        for each in differences
    )
    return table(*((_("clinic"),) if has_clinics else ()), *names, rows=rows)
