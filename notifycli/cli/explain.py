"""notify import --explain: what each column of a file is taken for, and how to map the rest. Opens no database."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notifycli.cli.render import console, plain, print_json, table
from notifycli.cli.shell import Done, Shell, complain
from notifycli.domain.errors import LOOK
from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.formats.source import Source
from notifycli.intake.importing.files import FilePart, Outside, parts_of
from notifycli.intake.importing.opening import whose
from notifycli.intake.importing.options import Options
from notifycli.intake.mapping.explaining import Explanation, explained, sample_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from notifycli.intake.mapping.explaining import ExplainedColumn

FORMATS = {"csv": "CSV", "ndjson": "NDJSON"}
SEPARATORS = {"\t": "tab", "": None}


@dataclass(frozen=True)
class _File:
    """A file as it was read, or `error`, why it could not be."""

    path: Path
    error: str | None = None
    format: str | None = None
    encoding: str | None = None
    separator: str | None = None
    found: Explanation | None = None


def explain_files(shell: Shell, paths: Sequence[Path], options: Options, outside: Outside, as_json: bool) -> None:
    """Shows each file; exit code 1 where one is not understood."""
    with ExitStack() as open_ones:
        files = [_looked_at(one, options) for one in parts_of(paths, options, shell.now(), outside, open_ones)]
    if as_json:
        print_json({"files": [_as_value(one) for one in files]})
    for one in files:
        if one.error:
            complain(f"{one.path}: {one.error}")
        elif not as_json:
            _show(one)
    if any(one.found is None or one.found.kind is None for one in files):
        raise Done(LOOK)


def _looked_at(part: FilePart, options: Options) -> _File:
    source = part.rows
    if isinstance(source, Unreadable):
        return _File(part.path, error=str(source))
    try:
        sample = sample_of(source.blocks())
        owner = options.clinic or next((whose(block, options.own_columns) for block in source.blocks()), None)
    except Unreadable as error:
        return _File(part.path, error=str(error))
    found = explained(sample, source.kind or options.kind, options.clinic, options.own_columns.get(owner or "", {}))
    separator = source.separator if isinstance(source, Source) else None
    return _File(part.path, None, source.format, source.encoding, separator or None, found)


def _as_value(file: _File) -> dict[str, Any]:
    head = {"path": str(file.path), "error": file.error}
    found = file.found
    if found is None:
        return head
    return head | {
        "format": file.format,
        "encoding": file.encoding,
        "separator": file.separator,
        "rows_looked_at": found.rows,
        "kind": found.kind,
        "nearest": found.nearest,
        "lacks": list(found.lacks),
        "problem": found.problem,
        "columns": [
            {
                "name": one.name,
                "taken_for": one.taken_for,
                "samples": list(one.samples),
                "guess": one.guess.column if one.guess else None,
                "is_sure": one.guess.is_sure if one.guess else None,
            }
            for one in found.columns
        ],
        "lines_for_notify_toml": list(found.lines),
        "kind_then": found.kind_then,
        "lacks_then": list(found.lacks_then),
    }


def _show(file: _File) -> None:
    found = file.found
    assert found is not None  # what could not be read was told of
    screen = console()
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    separator = f' with "{SEPARATORS.get(file.separator, file.separator)}" between' if file.separator else ""
    form = FORMATS.get(file.format or "", file.format)
    encoding = f" in {file.encoding}" if file.encoding else ""
    screen.print(plain(f"{file.path.name}: {form}{encoding}{separator}; {rows} looked at"), style="bold")
    screen.print(f"a file of [green]{found.kind}[/]" if found.kind else plain(found.problem))
    screen.print()
    columns = table("column", "taken for", "cells, masked~")
    for one in found.columns:
        columns.add_row(plain(one.name), _taken_for(one), plain("  ".join(one.samples)))
    screen.print(columns)
    _show_lines(screen, found)


def _taken_for(column: "ExplainedColumn") -> "Text":
    from rich.text import Text

    if column.taken_for:
        return Text(column.taken_for)
    return Text.assemble(("not used", "yellow"), f" ({column.guess.column}?)" if column.guess else "")


def _show_lines(screen: "Console", found: Explanation) -> None:
    if not found.lines:
        screen.print()
        return
    screen.print("\n[dim]For notify.toml; what is unsure is commented out:[/]\n")
    for line in found.lines:
        screen.print(plain(line), style="dim" if line.startswith("#") else "cyan", soft_wrap=True)
    screen.print()
    if found.kind is None:
        screen.print(plain(_what_then(found)))
        screen.print()


def _what_then(found: Explanation) -> str:
    if found.kind_then:
        return f"With these lines it is a file of {found.kind_then}."
    unsure = {one.guess.column for one in found.columns if one.guess and not one.guess.is_sure}
    lacks = [f"{column}{_how_to_give(column, unsure)}" for column in found.lacks_then]
    return f"With these lines it still lacks {', '.join(lacks)} to be a file of {found.nearest}."


def _how_to_give(column: str, unsure: set[str]) -> str:
    if column in unsure:
        return " (see the unsure lines)"
    return " (import it with --clinic ID)" if column == "clinic_id" else ""
