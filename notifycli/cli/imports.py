"""notify imports: what was imported, by whom and when, and what each import changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.groups import Commands
from notifycli.cli.render import console, local, local_short, plain, print_json, print_json_stream, table, utc
from notifycli.cli.shell import Shell, Trouble, say
from notifycli.store.engine import writing

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="Example: notify imports --limit 5",
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
LARGEST = 2**63 - 1  # that SQLite can hold
COUNTS = ("rows", "new", "changed", "unchanged", "stale", "rejected")
RARE = ("stale", "rejected")  # counts that most imports have none of
SHOWN = 20  # things that an import changed; --json has every one
END_OF_REASON = re.compile(r";|, so ")  # what is to be done about it stands behind it
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
    found = last_imports(shell.connection, limit)
    if as_json:
        print_json([_as_value(shell, one) for one in found])
    else:
        _show_list(shell, found, limit)


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
    found = _must_be_there(number, one_import(shell.connection, number))
    if as_json:
        print_json_stream(_as_value(shell, found) | _details(shell, found))
    else:
        _show_one(shell, found)


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
        print_json([_as_value(shell, one) for number in numbers if (one := one_import(shell.connection, number))])
    for number, (rows, appointments) in done.items():
        say(f"import {number} is settled{_settled_in_words(rows, appointments)}")


def _settled_in_words(rows: int, appointments: int) -> str:
    told = []
    if rows:
        told.append(f"{rows:,} rejected {'row' if rows == 1 else 'rows'} need not be imported")
    if appointments:
        told.append(f"{appointments:,} {'appointment' if appointments == 1 else 'appointments'} held by it can go on")
    return f": {', '.join(told)}" if told else ""


def _must_be_there(number: int, found: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if found is None:
        raise Trouble(f"there is no import {number}. See: notify imports")
    return found


def _as_value(shell: Shell, found: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's; `held` of a file that was stopped, `settled`: nothing of it is open (any more)."""
    from notifycli.cli.import_report import held_as_value

    stops = found["summary"].get("stops", [])
    return {
        "import": found["import"],
        "at": utc(found["at"]),
        "path": found["path"],
        "kind": found["kind"],
        "clinic": found["clinic"],
        **{name: found[name] for name in ("rows", "new", "changed", "rejected")},
        "held": held_as_value(stops) if stops else None,
        "settled": not _is_open(shell, found),
        "error": _error(found),
    }


def _is_open(shell: Shell, found: Mapping[str, Any]) -> bool:
    """Whether it failed and was not imported since, or rows of it are rejected still."""
    from notifycli.queries.health import is_over
    from notifycli.store import rejected

    if found["error"]:
        held = rejected.count_held(shell.connection, found["import"])
        return found["settled_at"] is None and not is_over({**found, "held": held})
    return rejected.count_open(shell.connection, found["import"]) > 0


def _error(found: Mapping[str, Any]) -> str | None:
    from notifycli.cli.import_report import stops_in_words

    return stops_in_words(found["summary"].get("stops", [])) or found["error"]


def _details(shell: Shell, found: Mapping[str, Any]) -> dict[str, Any]:
    """What `show` tells beside the counts; what may be many is an iterator."""
    from notifycli.store import audit
    from notifycli.store import imports as stored

    number, kind, summary = found["import"], found["kind"], found["summary"]
    changed = _events(shell, found)
    return {
        **{name: found[name] for name in ("imported_by", "file", "sha256", "unchanged", "stale", "warnings")},
        "outcome": "not imported" if found["error"] else "imported",
        "events": summary.get("events", {}),
        "options": summary.get("options", {}),
        "encoding": summary.get("encoding"),
        "problems": summary.get("problems", []),
        "ignored_columns": summary.get("ignored_columns", []),
        "rejects_files": summary.get("rejects_files", []),
        "missing": summary.get("missing"),
        "missing_cancelled": summary.get("missing_cancelled", 0),
        "changed_since": _changed_since(shell, found),
        "switches": stored.switches_of_import(shell.connection, number),
        "changes": (one | {"at": utc(one["at"])} for one in changed),
        "last_changed_rows": stored.rows_of(shell.connection, number, kind),
        "actions": [
            {"at": utc(action["at"]), "by": action["by"], "did": action["did"], "detail": action["detail"]}
            for action in audit.actions_about(shell.connection, "import", str(number))
        ],
    }


def _events(shell: Shell, found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    from notifycli.store.imports import events_of

    return events_of(shell.connection, found["import"], found["kind"])


def _changed_since(shell: Shell, found: Mapping[str, Any]) -> int:
    """How many of the rows that it stored or changed a later import has changed."""
    from notifycli.store.imports import count_rows_of

    touched: int = found["new"] + found["changed"] + found["summary"].get("missing_cancelled", 0)
    return touched - count_rows_of(shell.connection, found["import"], found["kind"])


def _show_list(shell: Shell, imports: Sequence[Mapping[str, Any]], limit: int) -> None:
    screen, zone = console(), shell.settings.timezone
    found = [{**one, "open": _open_in_words(shell, one)} for one in imports]
    if not found:
        screen.print("Nothing was imported yet.")
        return
    screen.print(_wide_table(found, zone) if screen.width >= WIDE else _narrow_table(found, zone))
    if limit and len(found) == limit:
        screen.print(f"[dim]The newest {limit}; more with --limit, all with --limit 0.[/]")


def _open_in_words(shell: Shell, found: Mapping[str, Any]) -> str:
    """2 still open, of rejected rows; of a file that was not imported "settled" where it wants no look any more."""
    from notifycli.store.rejected import count_open

    if found["error"]:
        return "" if _is_open(shell, found) else "settled"
    number = count_open(shell.connection, found["import"]) if found["rejected"] else 0
    return f"{number:,} still open" if number else ""


def _wide_table(found: Sequence[Mapping[str, Any]], zone: str) -> "Table":
    counts = [name for name in COUNTS if name not in RARE or any(one[name] for one in found)]
    year, times = local_short([one["at"] for one in found], zone)
    rows = table("import>", f"when{year}", "who", "file", "kind", *(f"{name}>" for name in counts), "what came of it~")
    for one, time in zip(found, times, strict=True):
        who, file, kind = (plain(one[name]) for name in ("imported_by", "file", "kind"))
        rows.add_row(
            str(one["import"]), time, who, file, kind, *(f"{one[name]:,}" for name in counts), _outcome_and_open(one)
        )
    return rows


def _narrow_table(found: Sequence[Mapping[str, Any]], zone: str) -> "Table":
    """Who imported stands there where it was not always the same."""
    has_people = len({one["imported_by"] for one in found}) > 1
    year, times = local_short([one["at"] for one in found], zone)
    rows = table("import>", f"when{year}", *(["who"] if has_people else []), "file", "rows>", "what came of it~")
    for one, time in zip(found, times, strict=True):
        who = [plain(one["imported_by"])] if has_people else []
        counted = plain(f"{one['rows']:,} {one['kind'] or ''}".rstrip())
        rows.add_row(str(one["import"]), time, *who, plain(one["file"]), counted, _counts_and_outcome(one))
    return rows


def _counts_and_outcome(found: Mapping[str, Any]) -> "Text":
    """9 changed, 3 rejected; 2 changes, 2 cancellations"""
    from rich.text import Text

    told = [(f"{found[name]:,} {name}", "bold red" if name == "rejected" else "") for name in COUNTS[1:] if found[name]]
    told = [(text + (f" ({found['open']})" if style and found["open"] else ""), style) for text, style in told]
    told = [one for one in told if "unchanged" not in one[0]] or told
    if found["error"] or not told:
        return _outcome(found)
    events = _events_in_words(found)
    return Text(", ").join(Text(*one) for one in told).append(f"; {events}" if events else "")


def _outcome_and_open(found: Mapping[str, Any]) -> "Text":
    outcome = _outcome(found)
    return outcome.append(f", {found['open']}", "bold red") if found["open"] and not found["error"] else outcome


def _outcome(found: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    if error := _error(found):
        reason = END_OF_REASON.split(error)[0]
        if found.get("open") == "settled":
            return Text(f"not imported, settled: {reason}", "dim")
        return Text.assemble(("not imported", "bold red"), f": {reason}")
    return Text(_events_in_words(found) or "imported")


def _events_in_words(found: Mapping[str, Any]) -> str:
    from notifycli.cli.import_report import events_in_words

    return events_in_words(found["summary"].get("events", {}))


def _show_one(shell: Shell, found: Mapping[str, Any]) -> None:
    screen = console()
    screen.print(plain(f"import {found['import']}: "), plain(found["file"]), sep="", style="bold")
    error = _error(found)
    screen.print(plain(f"not imported: {error}") if error else _outcome(found), style="bold red" if error else "")
    pairs = table("", "~")
    pairs.show_header = False
    for label, said in _said(shell, found):
        pairs.add_row(f"  [dim]{label}[/]", plain(said))
    screen.print(pairs)
    _show_problems(screen, found)
    _show_switches(screen, shell, found)
    _show_changes(screen, shell, found)
    if since := _changed_since(shell, found):
        rows = "1 of its rows was" if since == 1 else f"{since:,} of its rows were"
        screen.print(f"\n{rows} changed by later imports.")


def _said(shell: Shell, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from notifycli.store.audit import actions_about

    summary = found["summary"]
    yield "when", local(found["at"], shell.settings.timezone)
    yield "who", found["imported_by"]
    yield "kind", found["kind"]
    yield "SHA-256", found["sha256"]
    if options := _as_typed(summary.get("options", {})):
        yield "options", options
    if not found["error"]:
        counts = ", ".join(f"{found[name]:,} {name}" for name in COUNTS if found[name] or name not in RARE)
        yield "counts", counts.replace("1 rows", "1 row", 1) if found["rows"] == 1 else counts
    if summary.get("missing") is not None:
        yield "missing", _missing_in_words(summary["missing"], summary["missing_cancelled"])
    if summary.get("ignored_columns"):
        yield "not used", ", ".join(summary["ignored_columns"])
    if summary.get("rejects_files"):
        yield "rejects in", ", ".join(summary["rejects_files"])
    for action in actions_about(shell.connection, "import", str(found["import"])):
        if action["did"] == "imports settle":
            yield "settled by", f"{action['by']}, {local(action['at'], shell.settings.timezone)}"
    if found["rejected"]:
        yield "rejected rows", _open_in_words(shell, found) or "all imported since, or settled"


def _missing_in_words(missing: int, cancelled: int) -> str:
    """What of the clinics' future appointments the file, and those of its call, did not name."""
    if cancelled:
        return f"{cancelled:,} future {'appointment' if cancelled == 1 else 'appointments'}, cancelled by this import"
    return f"{missing:,} future {'appointment' if missing == 1 else 'appointments'}; nothing was done with them"


def _as_typed(options: Mapping[str, Any]) -> str:
    """--clinic nidelv --migrated"""
    parts = ((f"--{name.replace('_', '-')}", value) for name, value in options.items())
    return " ".join(name if value is True else f"{name} {value}" for name, value in parts)


def _show_problems(screen: "Console", found: Mapping[str, Any]) -> None:
    from notifycli.cli.problems import told

    problems = found["summary"].get("problems", [])
    if problems:
        screen.print()
    for line in told(found["file"], problems):
        screen.print(line)


def _show_switches(screen: "Console", shell: Shell, found: Mapping[str, Any]) -> None:
    from notifycli.store.imports import switches_of_import

    for one in switches_of_import(shell.connection, found["import"]):
        turned = "on" if one["is_on"] else "off"
        screen.print(plain(f"switched {turned}: {one['scope']} {one['name']} at {one['clinic']}"))


def _show_changes(screen: "Console", shell: Shell, found: Mapping[str, Any]) -> None:
    """The first of what it changed: events, or of a kind that makes none the rows that it changed last."""
    from notifycli.store.imports import rows_of

    first = list(islice(_events(shell, found), SHOWN + 1))
    rows = list(islice(rows_of(shell.connection, found["import"], found["kind"]), SHOWN + 1))
    if not first and not rows:
        return
    screen.print()
    screen.print(_table_of_events(first[:SHOWN], shell.settings.timezone) if first else _table_of_rows(rows[:SHOWN]))
    if len(first) > SHOWN or len(rows) > SHOWN:
        screen.print(f"[dim]The first {SHOWN}; all with --json.[/]")


def _table_of_events(events: Sequence[Mapping[str, Any]], zone: str) -> "Table":
    subject = events[0]["subject"]
    found = table("event", subject, "patient", "clinic", "at")
    for one in events:
        event = "change of place" if one["event"] == "change" and not one["moved"] else one["event"]
        ids = (plain(one[name]) for name in ("subject_id", "patient", "clinic"))
        found.add_row("change of time" if one["moved"] else event, *ids, local(one["at"], zone))
    return found


def _table_of_rows(rows: Sequence[Mapping[str, str]]) -> "Table":
    found = table("row last changed by it~", "clinic")
    for one in rows:
        found.add_row(plain(one["id"]), plain(one["clinic"]))
    return found
