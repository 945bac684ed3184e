"""notify status: the last run and imports, the backlog, failures. Exit code 1 if something wants a look.

A trouble of --json has a `code` (CODES), `since` when, and in `detail` what it is and what to type next.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from notifycli.cli.imports_tables import COUNTS
from notifycli.cli.rehearsing import rehearsal_in_words
from notifycli.cli.render import console, local, plain, print_json, table, utc
from notifycli.cli.shell import Done, Shell
from notifycli.domain.errors import LOOK
from notifycli.domain.reasons import TROUBLES

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.queries.health import Health

app = typer.Typer(add_completion=False, rich_markup_mode=None)
WIDE = 120  # columns of a screen that has room for all counts of an import
UNITS = ((24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
MOST_NAMED = 20  # files with a trouble of their own; clinics in one sentence
CODES = tuple(TROUBLES)


class StatusTrouble(NamedTuple):
    """What wants a look, since when in UTC epoch seconds, and what to type next."""

    code: str
    since: int | None
    detail: str


@app.command(epilog="Example, for monitoring: notify status --json")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show the last run and imports, what waits and what failed. Exit code 1 if something wants a look."""
    from notifycli.queries.health import health_of

    shell: Shell = context.obj
    hours = shell.settings.limits.max_hours_without_import
    health = health_of(shell.connection, shell.now(), hours)
    looks = [*_looks(health, hours), *_looks_at_imports(health)]
    rehearsal = rehearsal_in_words(shell.settings)
    if as_json:
        print_json(_as_value(health, looks) | ({"rehearsal": True} if rehearsal else {}))
    else:
        _show(health, looks, rehearsal, shell.settings.timezone)
    if looks:
        raise Done(LOOK)


def _looks(health: "Health", hours: int) -> Iterator[StatusTrouble]:
    """What wants a look but files."""
    if health.last_import_at is None:
        yield StatusTrouble(
            "no_import", None, "nothing was imported yet, so nobody is told of anything; see: notify import -h"
        )
    for clinic, since in list(health.silent_since.items())[:MOST_NAMED]:
        whose = f" of {clinic}" if clinic else ""
        yield StatusTrouble(
            "no_appointments",
            since,
            f"no appointments{whose} were imported for more than {hours} hours, so patients may be told what is no"
            " longer true; do the exports still come? See: notify imports",
        )
    if health.safety_stop:
        text = "the safety stop holds a backlog; look: notify run --dry-run, let it go: notify run --release"
        yield StatusTrouble("safety_stop", health.oldest_due_at, text)
    if health.seems_cron_off:
        last = "no run yet" if health.last_run_at is None else f"the last run was {_ago(health.seconds_since_run)}"
        text = f"something is due and {last}; is notify run in the crontab? Try it here: notify run"
        yield StatusTrouble("no_run", health.oldest_due_at if health.last_run_at is None else health.last_run_at, text)
    if health.retrying:
        text = f"{_deliveries(health.retrying)} to be tried again, a server does not take them; see: notify doctor"
        yield StatusTrouble("retrying", health.retrying_since, text)
    if health.uncertain:
        text = f"{_deliveries(health.uncertain)} may have arrived or not; see: notify history --status uncertain"
        yield StatusTrouble("uncertain", health.uncertain_since, text)
    if health.failed_24h:
        text = f"{_deliveries(health.failed_24h)} failed in the last 24 hours; see: notify history --status failed"
        yield StatusTrouble("failed", health.failed_since, text)


def _looks_at_imports(health: "Health") -> Iterator[StatusTrouble]:
    """Files that were not imported and rows that were rejected, each the newest first."""
    for failed in health.failed_imports[:MOST_NAMED]:
        yield StatusTrouble(
            "import_stopped" if failed["summary"].get("stops") else "import_failed",
            failed["since"],
            f"{failed['path']} was not imported: {_why(failed)}, or: notify imports settle {failed['import']}",
        )
    if others := health.failed_imports[MOST_NAMED:]:
        text = f"{len(others):,} more files were not imported; see: notify imports --limit 0"
        yield StatusTrouble("import_failed", min(failed["since"] for failed in others), text)
    for failed in health.open_rejects[:MOST_NAMED]:
        yield StatusTrouble("rows_rejected", failed["at"], _open_in_words(failed))
    if others := health.open_rejects[MOST_NAMED:]:
        text = f"{len(others):,} more files have rejected rows that are still open; see: notify imports --limit 0"
        yield StatusTrouble("rows_rejected", min(failed["at"] for failed in others), text)


def _why(failed: Mapping[str, Any]) -> str:
    from notifycli.cli.import_report import stops_in_words

    return stops_in_words(failed["summary"].get("stops", [])) or str(failed["error"])


def _open_in_words(health: Mapping[str, Any]) -> str:
    """3 rows of /exports/patients.csv rejected; mend and import ..., or: notify imports settle 12"""
    rows = "1 row" if health["open"] == 1 else f"{health['open']:,} rows"
    files = " and ".join(health["summary"].get("rejects_files", []))
    mend = f"mend and import {files}" if files else "mend and import them"
    return f"{health['path']}: {rows} rejected; {mend}, or: notify imports settle {health['import']}"


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{_counted(number)} deliveries"


def _counted(number: int) -> str:
    from notifycli.queries.health import MOST_COUNTED

    return f"{number:,} or more" if number >= MOST_COUNTED else f"{number:,}"


def _ago(seconds: int | None) -> str:
    """2 hours ago"""
    if seconds is None:
        return "never"
    length, unit = next((failed for failed in UNITS if seconds >= failed[0]), UNITS[-1])
    number = seconds // length
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def _as_value(health: "Health", looks: Sequence[StatusTrouble]) -> dict[str, Any]:
    """The contract's; `waiting` and `late` are counted up to 10,000. A rehearsal is no trouble: it was asked for."""
    return {
        "well": not looks,
        "troubles": [{"code": look.code, "since": utc(look.since), "detail": look.detail} for look in looks],
        "last_run": utc(health.last_run_at),
        "last_import": utc(health.last_import_at),
        "waiting": health.waiting,
        "late": health.late,
    }


def _show(health: "Health", looks: Sequence[StatusTrouble], rehearsal: str | None, zone: str) -> None:
    screen = console()
    rows = table("", "~")
    rows.show_header = False
    for label, words in _lines(health, zone):
        rows.add_row(f"[dim]{label}[/]", words)
    screen.print(rows)
    _show_imports(screen, health.imports, zone)
    screen.print()
    if rehearsal:
        screen.print(plain(f"{rehearsal[0].upper()}{rehearsal[1:]}."), style="bold yellow")
    for look in looks:
        screen.print(plain("look: "), plain(look.detail), sep="", style="yellow")
    if not looks:
        screen.print("[green]All is well.[/]")


def _lines(health: "Health", zone: str) -> Iterator[tuple[str, str]]:
    last = "never" if health.last_run_at is None else local(health.last_run_at, zone)
    yield "last run", last if health.last_run_at is None else f"{last}, {_ago(health.seconds_since_run)}"
    if health.last_work:
        told = [f"{number:,} {name}" for name, number in health.last_work.items() if name != "at" and number]
        yield "last with work", f"{local(health.last_work['at'], zone)}: {', '.join(told)}"
    numbers = {"due": health.due, "queued": health.queued, "to be tried again": health.retrying}
    waits = [f"{_counted(number)} {name}" for name, number in numbers.items() if number]
    oldest = f"; the oldest was due {local(health.oldest_due_at, zone)}" if health.oldest_due_at is not None else ""
    yield "backlog", ", ".join(waits) + oldest if waits else "nothing waits"
    yield "late", f"{_counted(health.late)} by more than a minute"
    yield "uncertain", f"{health.uncertain:,}"
    yield "failed", f"{health.failed_24h:,} in the last 24 hours"
    yield "safety stop", "[bold red]yes[/]" if health.safety_stop else "no"


def _show_imports(screen: "Console", imports: list[dict[str, Any]], zone: str) -> None:
    screen.print()
    if not imports:
        screen.print("Nothing was imported yet.")
        return
    counts = COUNTS if screen.width >= WIDE else ("rows", "rejected")
    rows = table("last import of", "when", "file~", *(f"{name}>" for name in counts))
    for failed in imports:
        numbers = [f"{failed[name]:,}" if not failed["error"] else "–" for name in counts]
        rows.add_row(failed["kind"] or "(not known)", local(failed["at"], zone), plain(failed["file"]), *numbers)
    screen.print(rows)
