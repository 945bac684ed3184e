"""notify imports: what was imported, by whom and when, and what each import changed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.groups import Commands
from notifycli.cli.imports_tables import COUNTS, RARE, error_of, narrow_table, outcome, wide_table
from notifycli.cli.options import AsJson
from notifycli.cli.pager import paged
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import local, plain, print_json, print_json_stream, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.domain.errors import UsageError
from notifycli.store.engine import writing

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.cli.listing import Listing

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="Example: notify imports --limit 5",
)
SHOWN = 20  # things that an import changed; --json has every one
WIDE = 120  # columns of a screen that has room for all


@app.callback()
def imports(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="So many of the newest; 0 for all.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """List past imports, newest first: file, who, when, counts, and what came of each."""
    from notifycli.store.imports import last_imports

    shell: Shell = context.obj
    if context.invoked_subcommand is not None:
        return
    records = last_imports(shell.connection, limit)
    if as_json:
        print_json([_as_value(shell, record) for record in records])
        return
    zone = shell.settings.timezone
    shown = [{**record, "open": _open_in_words(shell, record)} for record in records]
    with paged(shell) as screen:
        if not shown:
            screen.print("Nothing was imported yet.")
            return
        screen.print(wide_table(shown, zone) if screen.width >= WIDE else narrow_table(shown, zone))
        if limit and len(shown) == limit:
            screen.print(f"[dim]The newest {limit}; more with --limit, all with --limit 0.[/]")


@app.command(epilog="Example: notify imports show 12")
def show(
    context: typer.Context,
    number: Annotated[
        int,
        typer.Argument(
            metavar="IMPORT",
            autocompletion=completing.imports,
            min=1,
            max=LARGEST,
            help="Its number, as notify imports has it.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show one import: its file and options, counts, problems, and every event that it made."""
    from notifycli.store.imports import one_import

    shell: Shell = context.obj
    record = _must_be_there(number, one_import(shell.connection, number))
    if as_json:
        print_json_stream(_as_value(shell, record) | _details(shell, record))
    else:
        with paged(shell) as screen:
            _show_one(screen, shell, record)


@app.command(epilog="Example: notify imports settle 12")
def settle(
    context: typer.Context,
    numbers: Annotated[
        list[int],
        typer.Argument(
            metavar="IMPORT...",
            autocompletion=completing.imports,
            min=1,
            max=LARGEST,
            help="Numbers, as notify imports has them.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Say of an import that its rejected rows need not be mended, and that a file that failed need not be imported.

    What waits for a file that was stopped goes on as it stands.
    """
    from notifycli.store import rejected
    from notifycli.store.imports import one_import

    shell: Shell = context.obj
    for number in numbers:
        _must_be_there(number, one_import(shell.connection, number))
    with writing(shell.connection):
        done = {number: rejected.settle(shell.connection, number, shell.now(), shell.user) for number in numbers}
    if as_json:
        print_json([_as_value(shell, record) for number in numbers if (record := one_import(shell.connection, number))])
    for number, (rows, appointments) in done.items():
        say(f"import {number} is settled{_settled_in_words(rows, appointments)}")


def _settled_in_words(rows: int, appointments: int) -> str:
    settled = []
    if rows:
        settled.append(f"{rows:,} rejected {'row' if rows == 1 else 'rows'} need not be imported")
    if appointments:
        settled.append(
            f"{appointments:,} {'appointment' if appointments == 1 else 'appointments'} held by it can go on"
        )
    return f": {', '.join(settled)}" if settled else ""


def _must_be_there(number: int, record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if record is None:
        raise UsageError(f"there is no import {number}.", "See: notify imports")
    return record


def _as_value(shell: Shell, record: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's; `held` of a file that was stopped, `settled`: nothing of it is open (any more)."""
    from notifycli.cli.import_report import held_as_value

    stops = record["summary"].get("stops", [])
    return {
        "import": record["import"],
        "at": utc(record["at"]),
        "path": record["path"],
        "kind": record["kind"],
        "clinic": record["clinic"],
        **{name: record[name] for name in ("rows", "new", "changed", "rejected")},
        "held": held_as_value(stops) if stops else None,
        "settled": not _is_open(shell, record),
        "error": error_of(record),
    }


def _is_open(shell: Shell, record: Mapping[str, Any]) -> bool:
    """Whether it failed and was not imported since, or rows of it are rejected still."""
    from notifycli.queries.health import is_over
    from notifycli.store import rejected

    if record["error"]:
        held = rejected.count_held(shell.connection, record["import"])
        return record["settled_at"] is None and not is_over({**record, "held": held})
    return rejected.count_open(shell.connection, record["import"]) > 0


def _details(shell: Shell, record: Mapping[str, Any]) -> dict[str, Any]:
    """What `show` tells beside the counts; what may be many is an iterator."""
    from notifycli.store import audit
    from notifycli.store import imports as stored

    number, kind, summary = record["import"], record["kind"], record["summary"]
    changed = _events(shell, record)
    return {
        **{name: record[name] for name in ("imported_by", "file", "sha256", "unchanged", "stale", "warnings")},
        "outcome": "not imported" if record["error"] else "imported",
        "events": summary.get("events", {}),
        "options": summary.get("options", {}),
        "encoding": summary.get("encoding"),
        "problems": summary.get("problems", []),
        "ignored_columns": summary.get("ignored_columns", []),
        "rejects_files": summary.get("rejects_files", []),
        "missing": summary.get("missing"),
        "missing_cancelled": summary.get("missing_cancelled", 0),
        "changed_since": _changed_since(shell, record),
        "switches": stored.switches_of_import(shell.connection, number),
        "changes": (event | {"at": utc(event["at"])} for event in changed),
        "last_changed_rows": stored.rows_of(shell.connection, number, kind),
        "actions": [
            {"at": utc(action["at"]), "by": action["by"], "did": action["did"], "detail": action["detail"]}
            for action in audit.actions_about(shell.connection, "import", str(number))
        ],
    }


def _events(shell: Shell, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    from notifycli.store.imports import events_of

    return events_of(shell.connection, record["import"], record["kind"])


def _changed_since(shell: Shell, record: Mapping[str, Any]) -> int:
    """How many of the rows that it stored or changed a later import has changed."""
    from notifycli.store.imports import count_rows_of

    touched: int = record["new"] + record["changed"] + record["summary"].get("missing_cancelled", 0)
    return touched - count_rows_of(shell.connection, record["import"], record["kind"])


def _open_in_words(shell: Shell, record: Mapping[str, Any]) -> str:
    """2 still open, of rejected rows; of a file that was not imported "settled" where it wants no look any more."""
    from notifycli.store.rejected import count_open

    if record["error"]:
        return "" if _is_open(shell, record) else "settled"
    number = count_open(shell.connection, record["import"]) if record["rejected"] else 0
    return f"{number:,} still open" if number else ""


def _show_one(screen: "Console", shell: Shell, record: Mapping[str, Any]) -> None:
    from notifycli.cli.problems import problems_in_words
    from notifycli.store.imports import switches_of_import

    screen.print(plain(f"import {record['import']}: "), plain(record["file"]), sep="", style="bold")
    error = error_of(record)
    screen.print(plain(f"not imported: {error}") if error else outcome(record), style="bold red" if error else "")
    pairs = table("", "~")
    pairs.show_header = False
    for label, words in _facts(shell, record):
        pairs.add_row(f"  [dim]{label}[/]", plain(words))
    screen.print(pairs)
    problems = record["summary"].get("problems", [])
    if problems:
        screen.print()
    for line in problems_in_words(record["file"], problems):
        screen.print(line)
    for switch in switches_of_import(shell.connection, record["import"]):
        turned = "on" if switch["is_on"] else "off"
        screen.print(plain(f"switched {turned}: {switch['scope']} {switch['name']} at {switch['clinic']}"))
    _show_changes(screen, shell, record)
    if since := _changed_since(shell, record):
        rows = "1 of its rows was" if since == 1 else f"{since:,} of its rows were"
        screen.print(f"\n{rows} changed by later imports.")


def _facts(shell: Shell, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from notifycli.store.audit import actions_about

    summary = record["summary"]
    yield "when", local(record["at"], shell.settings.timezone)
    yield "who", record["imported_by"]
    yield "kind", record["kind"]
    yield "SHA-256", record["sha256"]
    if options := _as_typed(summary.get("options", {})):
        yield "options", options
    if not record["error"]:
        counts = ", ".join(f"{record[name]:,} {name}" for name in COUNTS if record[name] or name not in RARE)
        yield "counts", counts.replace("1 rows", "1 row", 1) if record["rows"] == 1 else counts
    if summary.get("missing") is not None:
        number = summary["missing_cancelled"] or summary["missing"]
        done = ", cancelled by this import" if summary["missing_cancelled"] else "; nothing was done with them"
        yield "missing", f"{number:,} future {'appointment' if number == 1 else 'appointments'}{done}"
    if summary.get("ignored_columns"):
        yield "not used", ", ".join(summary["ignored_columns"])
    if summary.get("rejects_files"):
        yield "rejects in", ", ".join(summary["rejects_files"])
    for action in actions_about(shell.connection, "import", str(record["import"])):
        if action["did"] == "imports settle":
            yield "settled by", f"{action['by']}, {local(action['at'], shell.settings.timezone)}"
    if record["rejected"]:
        yield "rejected rows", _open_in_words(shell, record) or "all imported since, or settled"


def _as_typed(options: Mapping[str, Any]) -> str:
    """--clinic nidelv --migrated"""
    parts = ((f"--{name.replace('_', '-')}", value) for name, value in options.items())
    return " ".join(name if value is True else f"{name} {value}" for name, value in parts)


def _show_changes(screen: "Console", shell: Shell, record: Mapping[str, Any]) -> None:
    """The first of what it changed: events, or of a kind that makes none the rows that it changed last."""
    from notifycli.store.imports import rows_of

    first = list(islice(_events(shell, record), SHOWN + 1))
    rows = list(islice(rows_of(shell.connection, record["import"], record["kind"]), SHOWN + 1))
    if not first and not rows:
        return
    if first:
        shown = _table_of_events(first[:SHOWN], shell.settings.timezone)
    else:
        shown = table("row last changed by it~", "clinic")
        for row in rows[:SHOWN]:
            shown.add_row(plain(row["id"]), plain(row["clinic"]))
    screen.print()
    screen.print(shown)
    if len(first) > SHOWN or len(rows) > SHOWN:
        screen.print(f"[dim]The first {SHOWN}; all with --json.[/]")


def _table_of_events(events: Sequence[Mapping[str, Any]], zone: str) -> "Listing":
    subject = events[0]["subject"]
    grid = table("event", subject, "patient", "clinic", "at")
    for row in events:
        event = "change of place" if row["event"] == "change" and not row["moved"] else row["event"]
        ids = (plain(row[name]) for name in ("subject_id", "patient", "clinic"))
        grid.add_row("change of time" if row["moved"] else event, *ids, local(row["at"], zone))
    return grid
