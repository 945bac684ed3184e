"""notify gaps: what went out later than its minute, and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.finding import known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _, figures
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import how_long, newest_in_words, plain, short_form, table, utc
from notifycli.cli.shell import Shell
from notifycli.domain.gap_causes import GAP_CAUSES
from notifycli.domain.reasons import IN_GENERAL

if TYPE_CHECKING:
    from rich.console import RenderableType

    from notifycli.queries.punctuality import Gap

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FIELDS = ("notice", "clinic", "subject_id", "event", "due_at", "sent_at", "seconds", "cause")
FIRST_ROWS = 500  # by which the table is laid out


@app.command(epilog="Example: notify gaps --since yesterday")
def gaps(
    context: typer.Context,
    clinic: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help="Of this clinic.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Sent at this time or later; 30 days back by default.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Sent before this time, or by the end of this day.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="So many of the newest; 0 for all.")
    ] = 50,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show what went out more than 60 seconds after it was due, newest first, and the cause."""
    from notifycli.queries.punctuality import A_MONTH, gaps_of
    from notifycli.store.punctuality import SentBetween

    shell: Shell = context.obj
    now = shell.now()
    sent = SentBetween(
        since=shell.time_of(since, "--since") if since is not None else now - A_MONTH,
        until=shell.end_of(until, "--until") if until is not None else now + 1,
        clinic=known_clinic(shell, clinic) if clinic is not None else None,
    )
    late = gaps_of(shell.connection, sent, limit)
    zone, values = shell.settings.timezone, map(as_value, late)
    give(shell, values, lambda screen: in_lines(late, zone, limit), as_json=as_json, as_csv=as_csv, fields=FIELDS)


def as_value(gap: "Gap") -> dict[str, Any]:
    """The contract's, by FIELDS."""
    value = {field: getattr(gap, field) for field in FIELDS}
    return value | {"due_at": utc(gap.due_at), "sent_at": utc(gap.sent_at)}


def in_lines(late: "Iterator[Gap]", zone: str, limit: int) -> "Iterator[RenderableType]":
    """A table, then what each cause in it means and what to do."""
    from rich.padding import Padding

    first = list(islice(late, limit or FIRST_ROWS))
    if not first:
        yield "[green]" + _("All that went out then went out in its minute.") + "[/]"
        return
    causes: Counter[str] = Counter()
    year, time = short_form((gap.sent_at for gap in first), zone, are_all=len(first) < FIRST_ROWS)
    has_clinics = len({gap.clinic for gap in first}) > 1

    def cells(gap: "Gap") -> Sequence[Any]:
        causes[gap.cause] += 1
        clinic = (plain(gap.clinic),) if has_clinics else ()
        about = (*clinic, plain(word_for(gap.event)), plain(gap.subject_id))
        return (time(gap.sent_at), *about, how_long(gap.seconds), plain(word_for(gap.cause)), str(gap.notice))

    clinic = (_("clinic"),) if has_clinics else ()
    names = (_("sent") + year, *clinic, _("event"), _("about"), _("late by") + ">", _("cause") + "~", _("notice") + ">")
    yield table(*names, rows=map(cells, chain(first, late)))
    yield ""
    for cause, number in causes.most_common():  # counted as the table was written
        means, to_do = _(GAP_CAUSES[cause].means), _(GAP_CAUSES[cause].to_do, **IN_GENERAL)
        yield plain(f"{word_for(cause)} ({figures(number)})").in_bold()
        says = means if GAP_CAUSES[cause].to_do == "nothing" else _("{means}. To do: {to_do}", means=means, to_do=to_do)
        yield Padding(plain(says.replace("`", "")), (0, 0, 0, 4), expand=False)
    if limit and len(first) == limit:
        yield newest_in_words(limit)
