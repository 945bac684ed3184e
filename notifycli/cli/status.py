"""notify status: the last run and imports, the backlog, failures. Exit code 1 if something wants a look.

A trouble of --json has a `code` (CODES), `since` when, and in `detail` what it is and what to type next.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from notifycli.cli.render import console, local, plain, print_json, table, utc
from notifycli.cli.shell import Done, Shell
from notifycli.domain.reasons import TROUBLES

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.queries.health import Health

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LOOK = 1
WIDE = 120  # columns of a screen that has room for all counts of an import
UNITS = ((24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
COUNTS = ("rows", "new", "changed", "unchanged", "stale", "rejected")
MOST_NAMED = 20  # files with a trouble of their own; clinics in one sentence
CODES = tuple(TROUBLES)


class Look(NamedTuple):
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
    found = health_of(shell.connection, shell.now(), hours)
    looks = [*_looks(found, hours), *_looks_at_imports(found)]
    if as_json:
        print_json(_as_value(found, looks))
    else:
        _show(found, looks, shell.settings.timezone)
    if looks:
        raise Done(LOOK)


def _looks(found: "Health", hours: int) -> Iterator[Look]:
    """What wants a look but files."""
    if found.last_import_at is None:
        yield Look("no_import", None, "nothing was imported yet, so nobody is told of anything; see: notify import -h")
    for clinic, since in list(found.silent_since.items())[:MOST_NAMED]:
        whose = f" of {clinic}" if clinic else ""
        yield Look(
            "no_appointments",
            since,
            f"no appointments{whose} were imported for more than {hours} hours, so patients may be told what is no"
            " longer true; do the exports still come? See: notify imports",
        )
    if found.safety_stop:
        text = "the safety stop holds a backlog; look: notify run --dry-run, let it go: notify run --release"
        yield Look("safety_stop", found.oldest_due_at, text)
    if found.seems_cron_off:
        last = "no run yet" if found.last_run_at is None else f"the last run was {_ago(found.seconds_since_run)}"
        text = f"something is due and {last}; is notify run in the crontab? Try it here: notify run"
        yield Look("no_run", found.oldest_due_at if found.last_run_at is None else found.last_run_at, text)
    if found.retrying:
        text = f"{_deliveries(found.retrying)} to be tried again, a server does not take them; see: notify doctor"
        yield Look("retrying", found.retrying_since, text)
    if found.uncertain:
        text = f"{_deliveries(found.uncertain)} may have arrived or not; see: notify history --status uncertain"
        yield Look("uncertain", found.uncertain_since, text)
    if found.failed_24h:
        text = f"{_deliveries(found.failed_24h)} failed in the last 24 hours; see: notify history --status failed"
        yield Look("failed", found.failed_since, text)


def _looks_at_imports(found: "Health") -> Iterator[Look]:
    """Files that were not imported and rows that were rejected, each the newest first."""
    for failed in found.failed_imports[:MOST_NAMED]:
        yield Look(
            "import_stopped" if failed["summary"].get("stops") else "import_failed",
            failed["since"],
            f"{failed['path']} was not imported: {_why(failed)}, or: notify imports settle {failed['import']}",
        )
    if others := found.failed_imports[MOST_NAMED:]:
        text = f"{len(others):,} more files were not imported; see: notify imports --limit 0"
        yield Look("import_failed", min(one["since"] for one in others), text)
    for one in found.open_rejects[:MOST_NAMED]:
        yield Look("rows_rejected", one["at"], _open_in_words(one))
    if others := found.open_rejects[MOST_NAMED:]:
        text = f"{len(others):,} more files have rejected rows that are still open; see: notify imports --limit 0"
        yield Look("rows_rejected", min(one["at"] for one in others), text)


def _why(failed: Mapping[str, Any]) -> str:
    from notifycli.cli.import_report import stops_in_words

    return stops_in_words(failed["summary"].get("stops", [])) or str(failed["error"])


def _open_in_words(found: Mapping[str, Any]) -> str:
    """3 rows of /exports/patients.csv rejected; mend and import ..., or: notify imports settle 12"""
    rows = "1 row" if found["open"] == 1 else f"{found['open']:,} rows"
    files = " and ".join(found["summary"].get("rejects_files", []))
    mend = f"mend and import {files}" if files else "mend and import them"
    return f"{found['path']}: {rows} rejected; {mend}, or: notify imports settle {found['import']}"


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{_counted(number)} deliveries"


def _counted(number: int) -> str:
    from notifycli.queries.health import MOST_COUNTED

    return f"{number:,} or more" if number >= MOST_COUNTED else f"{number:,}"


def _ago(seconds: int | None) -> str:
    """2 hours ago"""
    if seconds is None:
        return "never"
    length, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    number = seconds // length
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def _as_value(found: "Health", looks: Sequence[Look]) -> dict[str, Any]:
    """The contract's; `waiting` and `late` are counted up to 10,000."""
    return {
        "well": not looks,
        "troubles": [{"code": look.code, "since": utc(look.since), "detail": look.detail} for look in looks],
        "last_run": utc(found.last_run_at),
        "last_import": utc(found.last_import_at),
        "waiting": found.waiting,
        "late": found.late,
    }


def _show(found: "Health", looks: Sequence[Look], zone: str) -> None:
    screen = console()
    rows = table("", "~")
    rows.show_header = False
    for label, said in _lines(found, zone):
        rows.add_row(f"[dim]{label}[/]", said)
    screen.print(rows)
    _show_imports(screen, found.imports, zone)
    screen.print()
    for look in looks:
        screen.print(plain("look: "), plain(look.detail), sep="", style="yellow")
    if not looks:
        screen.print("[green]All is well.[/]")


def _lines(found: "Health", zone: str) -> Iterator[tuple[str, str]]:
    last = "never" if found.last_run_at is None else local(found.last_run_at, zone)
    yield "last run", last if found.last_run_at is None else f"{last}, {_ago(found.seconds_since_run)}"
    if found.last_work:
        told = [f"{number:,} {name}" for name, number in found.last_work.items() if name != "at" and number]
        yield "last with work", f"{local(found.last_work['at'], zone)}: {', '.join(told)}"
    numbers = {"due": found.due, "queued": found.queued, "to be tried again": found.retrying}
    waits = [f"{_counted(number)} {name}" for name, number in numbers.items() if number]
    oldest = f"; the oldest was due {local(found.oldest_due_at, zone)}" if found.oldest_due_at is not None else ""
    yield "backlog", ", ".join(waits) + oldest if waits else "nothing waits"
    yield "late", f"{_counted(found.late)} by more than a minute"
    yield "uncertain", f"{found.uncertain:,}"
    yield "failed", f"{found.failed_24h:,} in the last 24 hours"
    yield "safety stop", "[bold red]yes[/]" if found.safety_stop else "no"


def _show_imports(screen: "Console", imports: list[dict[str, Any]], zone: str) -> None:
    screen.print()
    if not imports:
        screen.print("Nothing was imported yet.")
        return
    counts = COUNTS if screen.width >= WIDE else ("rows", "rejected")
    rows = table("last import of", "when", "file~", *(f"{name}>" for name in counts))
    for one in imports:
        numbers = [f"{one[name]:,}" if not one["error"] else "–" for name in counts]
        rows.add_row(one["kind"] or "(not known)", local(one["at"], zone), plain(one["file"]), *numbers)
    screen.print(rows)
