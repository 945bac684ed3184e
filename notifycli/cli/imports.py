"""notify imports: what was imported, by whom and when, and what each import changed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.groups import Commands
from notifycli.cli.imports_tables import COUNTS, KINDS, RARE, error_of, narrow_table, outcome, wide_table
from notifycli.cli.language import _, figures, ngettext
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
    shown = [
        {**record, "open": _open_in_words(shell, record), "is_settled": _is_settled(shell, record)}
        for record in records
    ]
    with paged(shell) as screen:
        if not shown:
            screen.print(_("Nothing was imported yet."))
            return
        screen.print(wide_table(shown, zone) if screen.width >= WIDE else narrow_table(shown, zone))
        if limit and len(shown) == limit:
            newest = ngettext(
                "Only the newest is shown; more with --limit, all with --limit 0.",
                "The newest {number}; more with --limit, all with --limit 0.",
                limit,
            )
            screen.print(f"[dim]{newest}[/]")


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
        settled = _("import {number} is settled", number=number)
        say(": ".join(filter(None, (settled, _settled_in_words(rows, appointments)))))


def _settled_in_words(rows: int, appointments: int) -> str:
    settled = []
    if rows:
        settled.append(
            ngettext("{number} rejected row need not be imported", "{number} rejected rows need not be imported", rows)
        )
    if appointments:
        settled.append(
            ngettext(
                "{number} appointment held by it can go on",
                "{number} appointments held by it can go on",
                appointments,
            )
        )
    return ", ".join(settled)


def _must_be_there(number: int, record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if record is None:
        raise UsageError(_("there is no import {number}.", number=number), _("See: notify imports"))
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
    """2 still open, of rejected rows."""
    from notifycli.store.rejected import count_open

    number = count_open(shell.connection, record["import"]) if record["rejected"] and not record["error"] else 0
    return _("{number} still open", number=figures(number)) if number else ""


def _is_settled(shell: Shell, record: Mapping[str, Any]) -> bool:
    """Of a file that was not imported, whether it wants no look any more."""
    return bool(record["error"]) and not _is_open(shell, record)


def _show_one(screen: "Console", shell: Shell, record: Mapping[str, Any]) -> None:
    from notifycli.cli.problems import problems_in_words
    from notifycli.store.imports import switches_of_import

    screen.print(plain(_("import {number}: ", number=record["import"])), plain(record["file"]), sep="", style="bold")
    error = error_of(record)
    told = plain(_("not imported: {why}", why=error)) if error else outcome(record)
    screen.print(told, style="bold red" if error else "")
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
        turned = _("switched on") if switch["is_on"] else _("switched off")
        scope, name, clinic = (switch[field] for field in ("scope", "name", "clinic"))
        where = _("{what} {name} at {clinic}", what=_(scope), name=name, clinic=clinic)
        screen.print(plain(f"{turned}: {where}"))
    _show_changes(screen, shell, record)
    if since := _changed_since(shell, record):
        changed = ngettext(
            "{number} of its rows was changed by later imports.",
            "{number} of its rows were changed by later imports.",
            since,
        )
        screen.print(f"\n{changed}")


def _facts(shell: Shell, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from notifycli.store.audit import actions_about

    summary = record["summary"]
    yield _("when"), local(record["at"], shell.settings.timezone)
    yield _("who"), record["imported_by"]
    yield _("kind"), _(KINDS[record["kind"]])
    yield "SHA-256", record["sha256"]
    if options := _as_typed(summary.get("options", {})):
        yield _("options"), options
    if not record["error"]:
        rows = ngettext("{number} row", "{number} rows", record["rows"])
        others = [name for name in COUNTS[1:] if record[name] or name not in RARE]
        yield _("counts"), ", ".join([rows, *(f"{figures(record[name])} {_(name)}" for name in others)])
    if summary.get("missing") is not None:
        number = summary["missing_cancelled"] or summary["missing"]
        missing = ngettext("{number} future appointment", "{number} future appointments", number)
        cancelled = _("{missing}, cancelled by this import", missing=missing)
        left = _("{missing}; nothing was done with them", missing=missing)
        yield _("missing"), cancelled if summary["missing_cancelled"] else left
    if summary.get("ignored_columns"):
        yield _("not used"), ", ".join(summary["ignored_columns"])
    if summary.get("rejects_files"):
        yield _("rejects in"), ", ".join(summary["rejects_files"])
    for action in actions_about(shell.connection, "import", str(record["import"])):
        if action["did"] == "imports settle":
            yield _("settled by"), f"{action['by']}, {local(action['at'], shell.settings.timezone)}"
    if record["rejected"]:
        yield _("rejected rows"), _open_in_words(shell, record) or _("all imported since, or settled")


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
        shown = table(_("row last changed by it") + "~", _("clinic"))
        for row in rows[:SHOWN]:
            shown.add_row(plain(row["id"]), plain(row["clinic"]))
    screen.print()
    screen.print(shown)
    if len(first) > SHOWN or len(rows) > SHOWN:
        first_of_them = _("The first {number}; all with --json.", number=SHOWN)
        screen.print(f"[dim]{first_of_them}[/]")


def _table_of_events(events: Sequence[Mapping[str, Any]], zone: str) -> "Listing":
    subject = events[0]["subject"]
    grid = table(_("event"), _(subject), _("patient"), _("clinic"), _("time"))
    for row in events:
        event = _("change of place") if row["event"] == "change" and not row["moved"] else _(row["event"])
        ids = (plain(row[name]) for name in ("subject_id", "patient", "clinic"))
        grid.add_row(_("change of time") if row["moved"] else event, *ids, local(row["at"], zone))
    return grid
