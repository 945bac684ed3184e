"""notify status: the last run and imports, the backlog, failures. Exit code 1 if something wants a look.

A trouble of --json has a `code` (CODES), `since` when, and in `detail` what it is and what to type next.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from notifycli.cli.imports_tables import COUNTS, KINDS
from notifycli.cli.language import _, figures, in_words
from notifycli.cli.rehearsing import rehearsal_in_words
from notifycli.cli.render import console, how_long, local, percent, plain, print_json, table, utc
from notifycli.cli.shell import Done, Shell
from notifycli.domain.errors import LOOK
from notifycli.domain.reasons import TROUBLES, short
from notifycli.domain.sentences import N_, Sentence

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.queries.health import Health
    from notifycli.store.engine import Connection

app = typer.Typer(add_completion=False, rich_markup_mode=None)
WIDE = 120  # columns of a screen that has room for all counts of an import
UNITS = (  # in seconds
    (24 * 3600, N_("{number} day ago"), N_("{number} days ago")),
    (3600, N_("{number} hour ago"), N_("{number} hours ago")),
    (60, N_("{number} minute ago"), N_("{number} minutes ago")),
    (1, N_("{number} second ago"), N_("{number} seconds ago")),
)
WORK = {
    **{"due": N_("{number} due"), "sent": N_("{number} sent"), "skipped": N_("{number} skipped")},
    **{"failed": N_("{number} failed"), "retrying": N_("{number} retrying"), "uncertain": N_("{number} uncertain")},
}
WAITS = {"due": N_("{number} due"), "queued": N_("{number} queued"), "retrying": N_("{number} to be tried again")}
WRONG_WITH = {
    "retrying": N_("{deliveries} to be tried again, a server does not take them; see: notify doctor"),
    "uncertain": N_("{deliveries} may have arrived or not; see: notify history --status uncertain"),
    "failed": N_("{deliveries} failed in the last 24 hours; see: notify history --status failed"),
}
MOST_NAMED = 20  # files with a trouble of their own; clinics in one sentence
CODES = tuple(TROUBLES)


class StatusTrouble(NamedTuple):
    """What wants a look, since when in UTC epoch seconds, and what to type next."""

    code: str
    since: int | None
    detail: str


@app.command(epilog="Example, for monitoring: notify status --prometheus /var/lib/node_exporter/notify.prom")
def status(
    context: typer.Context,
    prometheus: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write metrics for node_exporter's textfile collector, in the table's stead."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show the last run and imports, what waits and what failed. Exit code 1 if something wants a look."""
    from notifycli.queries.health import health_of

    shell: Shell = context.obj
    hours = shell.settings.limits.max_hours_without_import
    health = health_of(shell.connection, shell.now(), hours)
    looks = [*_looks(health, hours), *_looks_at_imports(health)]
    rehearsal = rehearsal_in_words(shell.settings)
    if prometheus is not None:
        from notifycli.cli.metrics import Seen, write_metrics

        write_metrics(prometheus, Seen(health, [look.code for look in looks], bool(rehearsal)))
    if as_json:
        print_json(as_value(health, looks) | ({"rehearsal": True} if rehearsal else {}))
    elif prometheus is None:
        punctual = [*_punctuality(shell.connection, health.now)]
        _show(health, punctual, looks, rehearsal, shell.settings.timezone)
    if looks:
        raise Done(LOOK)


def _looks(health: "Health", hours: int) -> Iterator[StatusTrouble]:
    """What wants a look but files."""
    if health.last_import_at is None:
        text = Sentence("nothing was imported yet, so nobody is told of anything; see: notify import -h")
        yield StatusTrouble("no_import", None, text)
    for clinic, since in list(health.silent_since.items())[:MOST_NAMED]:
        text = Sentence(
            "no appointments{whose} were imported for more than {hours} hours, so patients may be told what is no"
            " longer true; do the exports still come? See: notify imports",
            whose=Sentence(" of {clinic}", clinic=clinic) if clinic else "",
            hours=hours,
        )
        yield StatusTrouble("no_appointments", since, text)
    if health.safety_stop:
        text = Sentence("the safety stop holds a backlog; look: notify run --dry-run, let it go: notify run --release")
        yield StatusTrouble("safety_stop", health.oldest_due_at, text)
    if health.seems_cron_off:
        last = Sentence("no run yet")
        if health.seconds_since_run is not None:
            last = Sentence("the last run was {ago}", ago=_ago(health.seconds_since_run))
        text = Sentence("something is due and {last}; is notify run in the crontab? Try it here: notify run", last=last)
        yield StatusTrouble("no_run", health.oldest_due_at if health.last_run_at is None else health.last_run_at, text)
    of_deliveries = (
        ("retrying", health.retrying, health.retrying_since),
        ("uncertain", health.uncertain, health.uncertain_since),
        ("failed", health.failed_24h, health.failed_since),
    )
    for code, number, began_at in of_deliveries:
        if number:
            many = Sentence("{number} deliveries", number=_counted(number))
            deliveries = Sentence("1 delivery") if number == 1 else many
            yield StatusTrouble(code, began_at, Sentence(WRONG_WITH[code], deliveries=deliveries))


def _looks_at_imports(health: "Health") -> Iterator[StatusTrouble]:
    """Files that were not imported and rows that were rejected, each the newest first."""
    from notifycli.cli.import_report import stops_in_words

    for failed in health.failed_imports[:MOST_NAMED]:
        stops = failed["summary"].get("stops", [])
        names = {"path": failed["path"], "number": failed["import"]}
        why = stops_in_words(stops) or str(failed["error"])
        text = Sentence("{path} was not imported: {why}, or: notify imports settle {number}", why=why, **names)
        yield StatusTrouble("import_stopped" if stops else "import_failed", failed["since"], text)
    if others := health.failed_imports[MOST_NAMED:]:
        text = Sentence(
            "{number} more files were not imported; see: notify imports --limit 0", number=format(len(others), ",")
        )
        yield StatusTrouble("import_failed", min(failed["since"] for failed in others), text)
    for failed in health.open_rejects[:MOST_NAMED]:
        yield StatusTrouble("rows_rejected", failed["at"], _open_in_words(failed))
    if others := health.open_rejects[MOST_NAMED:]:
        text = Sentence(
            "{number} more files have rejected rows that are still open; see: notify imports --limit 0",
            number=format(len(others), ","),
        )
        yield StatusTrouble("rows_rejected", min(failed["at"] for failed in others), text)


def _open_in_words(health: Mapping[str, Any]) -> str:
    """3 rows of /exports/patients.csv rejected; mend and import ..., or: notify imports settle 12"""
    rows = Sentence("1 row")
    if health["open"] != 1:
        rows = Sentence("{number} rows", number=format(health["open"], ","))
    files: str = reduce(
        lambda first, second: Sentence("{first} and {second}", first=first, second=second),
        health["summary"].get("rejects_files", []) or [Sentence("them")],
    )
    return Sentence(
        "{path}: {rows} rejected; mend and import {files}, or: notify imports settle {number}",
        **{"path": health["path"], "rows": rows, "files": files, "number": health["import"]},
    )


def _counted(number: int) -> str:
    from notifycli.queries.health import MOST_COUNTED

    counted = format(number, ",")
    return Sentence("{number} or more", number=counted) if number >= MOST_COUNTED else counted


def _ago(seconds: int) -> Sentence:
    """2 hours ago"""
    length, of_one, of_many = next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])
    number = seconds // length
    return Sentence(of_one if number == 1 else of_many, number=number)


def as_value(health: "Health", looks: Sequence[StatusTrouble]) -> dict[str, Any]:
    """The contract's; `waiting` and `late` are counted up to 10,000. A rehearsal is no trouble: it was asked for."""
    return {
        "well": not looks,
        "troubles": [{"code": look.code, "since": utc(look.since), "detail": look.detail} for look in looks],
        "last_run": utc(health.last_run_at),
        "last_import": utc(health.last_import_at),
        "waiting": health.waiting,
        "late": health.late,
    }


def _punctuality(connection: "Connection", now: int) -> Iterator[tuple[str, str]]:
    """Of the last day and month; what was late in the last day, with its causes."""
    from notifycli.queries.punctuality import A_MONTH, causes_of, punctuality_of
    from notifycli.store.health import A_DAY, MOST_COUNTED
    from notifycli.store.punctuality import SentBetween

    for label, since in ((_("last 24 hours"), now - A_DAY), (_("last 30 days"), now - A_MONTH)):
        of_span = punctuality_of(connection, since, now + 1)
        if of_span.share is None or of_span.median is None or of_span.p99 is None:
            yield label, _("nothing went out")
            continue
        told = {"share": percent(of_span.share), "number": figures(of_span.count)}
        told |= {"median": how_long(of_span.median), "most": how_long(of_span.p99)}
        yield label, _("{share} of {number} in their minute; median {median}, 99 % within {most}", **told)
    late = SentBetween(now - A_DAY, now + 1)
    causes = [
        f"{figures(number)} {in_words(short(cause))}"
        for cause, number in causes_of(connection, late, MOST_COUNTED).most_common()
    ]
    if causes:
        told_causes = _("{causes} in the last 24 hours; see: notify gaps", causes=", ".join(causes))
        yield _("went out late"), told_causes


def _show(
    health: "Health",
    punctual: Sequence[tuple[str, str]],
    looks: Sequence[StatusTrouble],
    rehearsal: str | None,
    zone: str,
) -> None:
    screen = console()
    rows = table("", "~")
    rows.show_header = False
    for label, words in [*_lines(health, zone), *punctual]:
        rows.add_row(f"[dim]{label}[/]", words)
    screen.print(rows)
    _show_imports(screen, health.imports, zone)
    screen.print()
    if rehearsal:
        screen.print(plain(f"{rehearsal[0].upper()}{rehearsal[1:]}."), style="bold yellow")
    for look in looks:
        screen.print(plain(_("look: ")), plain(in_words(look.detail)), sep="", style="yellow")
    if not looks:
        screen.print(_("All is well."), style="green")


def _lines(health: "Health", zone: str) -> Iterator[tuple[str, str]]:
    last = _("never")
    if health.last_run_at is not None and health.seconds_since_run is not None:
        last = f"{local(health.last_run_at, zone)}, {in_words(_ago(health.seconds_since_run))}"
    yield _("last run"), last
    if health.last_work:
        told = (
            _(WORK[name], number=figures(number))
            for name, number in health.last_work.items()
            if name in WORK and number
        )
        yield _("last with work"), f"{local(health.last_work['at'], zone)}: {', '.join(told)}"
    numbers = {"due": health.due, "queued": health.queued, "retrying": health.retrying}
    waits = ", ".join(_(WAITS[name], number=_counted(number)) for name, number in numbers.items() if number)
    if waits and health.oldest_due_at is not None:
        waits = _("{waits}; the oldest was due {at}", waits=waits, at=local(health.oldest_due_at, zone))
    yield _("backlog"), waits or _("nothing waits")
    yield _("late"), _("{number} by more than a minute", number=_counted(health.late))
    yield _("uncertain"), figures(health.uncertain)
    yield _("failed"), _("{number} in the last 24 hours", number=figures(health.failed_24h))
    stopped = _("yes")
    yield _("safety stop"), f"[bold red]{stopped}[/]" if health.safety_stop else _("no")


def _show_imports(screen: "Console", imports: list[dict[str, Any]], zone: str) -> None:
    screen.print()
    if not imports:
        screen.print(_("Nothing was imported yet."))
        return
    counts = COUNTS if screen.width >= WIDE else ("rows", "rejected")
    rows = table(_("last import of"), _("when"), _("file") + "~", *(f"{_(name)}>" for name in counts))
    for failed in imports:
        numbers = [f"{failed[name]:,}" if not failed["error"] else "–" for name in counts]
        rows.add_row(_(KINDS[failed["kind"]]), local(failed["at"], zone), plain(failed["file"]), *numbers)
    screen.print(rows)
