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
    explanation: Explanation | None = None


def explain_files(shell: Shell, paths: Sequence[Path], options: Options, outside: Outside, as_json: bool) -> None:
    """Shows each file; exit code 1 where one is not understood."""
    with ExitStack() as open_ones:
        files = [_looked_at(part, options) for part in parts_of(paths, options, shell.now(), outside, open_ones)]
    if as_json:
        print_json({"files": [as_value(file) for file in files]})
    for file in files:
        if file.error:
            complain(f"{file.path}: {file.error}")
        elif not as_json:
            _show(file)
    if any(file.explanation is None or file.explanation.kind is None for file in files):
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
    explanation = explained(
        sample, source.kind or options.kind, options.clinic, options.own_columns.get(owner or "", {})
    )
    separator = source.separator if isinstance(source, Source) else None
    return _File(part.path, None, source.format, source.encoding, separator or None, explanation)


def as_value(file: _File) -> dict[str, Any]:
    """The contract's."""
    head = {"path": str(file.path), "error": file.error}
    explanation = file.explanation
    if explanation is None:
        return head
    return head | {
        "format": file.format,
        "encoding": file.encoding,
        "separator": file.separator,
        "rows_looked_at": explanation.rows,
        "kind": explanation.kind,
        "nearest": explanation.nearest,
        "lacks": list(explanation.lacks),
        "problem": explanation.problem,
        "columns": [
            {
                "name": column.name,
                "taken_for": column.taken_for,
                "samples": list(column.samples),
                "guess": column.guess.column if column.guess else None,
                "is_sure": column.guess.is_sure if column.guess else None,
            }
            for column in explanation.columns
        ],
        "lines_for_notify_toml": list(explanation.lines),
        "kind_then": explanation.kind_then,
        "lacks_then": list(explanation.lacks_then),
    }


def _show(file: _File) -> None:
    from rich.text import Text

    explanation = file.explanation
    assert explanation is not None  # what could not be read was told of
    screen = console()
    rows = "1 row" if explanation.rows == 1 else f"{explanation.rows:,} rows"
    separator = f' with "{SEPARATORS.get(file.separator, file.separator)}" between' if file.separator else ""
    form = FORMATS.get(file.format or "", file.format)
    encoding = f" in {file.encoding}" if file.encoding else ""
    screen.print(plain(f"{file.path.name}: {form}{encoding}{separator}; {rows} looked at"), style="bold")
    screen.print(f"a file of [green]{explanation.kind}[/]" if explanation.kind else plain(explanation.problem))
    screen.print()
    columns = table("column", "taken for", "cells, masked~")
    for column in explanation.columns:
        perhaps = f" ({column.guess.column}?)" if column.guess else ""
        taken_for = Text(column.taken_for) if column.taken_for else Text.assemble(("not used", "yellow"), perhaps)
        columns.add_row(plain(column.name), taken_for, plain("  ".join(column.samples)))
    screen.print(columns)
    _show_lines(screen, explanation)


def _show_lines(screen: "Console", explanation: Explanation) -> None:
    if not explanation.lines:
        screen.print()
        return
    screen.print("\n[dim]For notify.toml; what is unsure is commented out:[/]\n")
    for line in explanation.lines:
        screen.print(plain(line), style="dim" if line.startswith("#") else "cyan", soft_wrap=True)
    screen.print()
    if explanation.kind is not None:
        return
    then = f"With these lines it is a file of {explanation.kind_then}."
    if not explanation.kind_then:
        unsure = {column.guess.column for column in explanation.columns if column.guess and not column.guess.is_sure}
        how_to_give = {"clinic_id": " (import it with --clinic ID)"} | dict.fromkeys(unsure, " (see the unsure lines)")
        lacks = ", ".join(f"{column}{how_to_give.get(column, '')}" for column in explanation.lacks_then)
        then = f"With these lines it still lacks {lacks} to be a file of {explanation.nearest}."
    screen.print(plain(then))
    screen.print()
