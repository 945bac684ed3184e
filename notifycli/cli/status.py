"""notify status: the last run and imports, the backlog, failures. Exit code 1 if something wants a look.

The fields of --json: look (texts, empty when all is well), now, last_run_at, seconds_since_run; last_work_at and
last_work_due, _sent, _skipped, _failed, _retrying, _uncertain (the last run that had something to do); due, queued,
retrying (each counted up to 10,000), oldest_due_at, uncertain, failed_24h, safety_stop, troubles (kind: deliveries),
last_import_at, imports (kind, at, file, rows, new, changed, unchanged, stale, rejected, warnings, error).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.render import console, local, plain, print_json, table, utc
from notifycli.cli.shell import Done, Shell

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.health import Health

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LOOK = 1
WIDE = 120  # columns of a screen that has room for all counts of an import
UNITS = ((24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
COUNTS = ("rows", "new", "changed", "unchanged", "stale", "rejected")


@app.command(epilog="Example, for monitoring: notify status --json")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show the last run and imports, what waits and what failed. Exit code 1 if something wants a look."""
    from notifycli.health import health_of

    shell: Shell = context.obj
    found = health_of(shell.connection, shell.now())
    looks = list(_looks(found))
    if as_json:
        print_json(_as_value(found, looks))
    else:
        _show(found, looks, shell.settings.timezone)
    if looks:
        raise Done(LOOK)


def _looks(found: "Health") -> Iterator[str]:
    """What wants a look, each with what to type next."""
    if found.safety_stop:
        yield "the safety stop holds a backlog; look: notify run --dry-run, let it go: notify run --release"
    if found.seems_cron_off:
        last = "no run yet" if found.last_run_at is None else f"the last run was {_ago(found.seconds_since_run)}"
        yield f"something is due and {last}; is notify run in the crontab? Try it here: notify run"
    if found.retrying:
        yield f"{_deliveries(found.retrying)} to be tried again, a server does not take them; see: notify doctor"
    if found.uncertain:
        yield f"{_deliveries(found.uncertain)} may have arrived or not; see: notify history --status uncertain"
    if found.failed_24h:
        yield f"{_deliveries(found.failed_24h)} failed in the last 24 hours; see: notify history --status failed"
    for one in found.bad_imports:
        if one["error"]:
            yield f"{one['file']} was not imported: {one['error']}"
        else:
            rows = "1 row" if one["rejected"] == 1 else f"{one['rejected']:,} rows"
            yield f"{one['file']}: {rows} rejected; mend and import {one['file']}.rejects.csv"


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{_counted(number)} deliveries"


def _counted(number: int) -> str:
    from notifycli.health import MOST_COUNTED

    return f"{number:,} or more" if number >= MOST_COUNTED else f"{number:,}"


def _ago(seconds: int | None) -> str:
    """2 hours ago"""
    if seconds is None:
        return "never"
    length, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    number = seconds // length
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def _as_value(found: "Health", looks: list[str]) -> dict[str, Any]:
    work = found.last_work or {
        "at": None,
        "due": 0,
        "sent": 0,
        "skipped": 0,
        "failed": 0,
        "retrying": 0,
        "uncertain": 0,
    }
    return {
        "look": looks,
        "now": utc(found.now),
        "last_run_at": utc(found.last_run_at),
        "seconds_since_run": found.seconds_since_run,
        **{f"last_work_{name}": utc(number) if name == "at" else number for name, number in work.items()},
        "due": found.due,
        "queued": found.queued,
        "retrying": found.retrying,
        "oldest_due_at": utc(found.oldest_due_at),
        "uncertain": found.uncertain,
        "failed_24h": found.failed_24h,
        "safety_stop": found.safety_stop,
        "troubles": found.troubles,
        "last_import_at": utc(max((one["at"] for one in found.imports), default=None)),
        "imports": [one | {"at": utc(one["at"])} for one in found.imports],
    }


def _show(found: "Health", looks: list[str], zone: str) -> None:
    screen = console()
    rows = table("", "~")
    rows.show_header = False
    for label, said in _lines(found, zone):
        rows.add_row(f"[dim]{label}[/]", said)
    screen.print(rows)
    _show_imports(screen, found.imports, zone)
    screen.print()
    for look in looks:
        screen.print(plain("look: "), plain(look), sep="", style="yellow")
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
