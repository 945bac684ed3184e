"""One renderer for all commands: a table for people, JSON or CSV for machines.

JSON has instants as UTC ISO 8601 with Z; a table has them in the zone of whoever reads. Rich is
imported for tables only.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from notifycli.cli.visible import visible, visible_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "sent": "green",
    "delivered": "bold green",
    "planned": "cyan",
    "queued": "cyan",
    "sending": "yellow",
    "waits": "yellow",
    "skipped": "dim",
    "will not be sent": "dim",
    "never": "dim",
    "failed": "bold red",
    "uncertain": "bold yellow",
}
INDENT = "  "  # of a message's second line and those after it
AS_IT_STANDS: dict[str, Any] = {
    "break_long_words": False,
    "break_on_hyphens": False,
    "replace_whitespace": False,
    "expand_tabs": False,
}
ACTIVE_USER = "●"


def utc(instant: int | None) -> str | None:
    """2026-06-03T10:05:00Z, for machines."""
    return None if instant is None else datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant: int | None, zone: str) -> str:
    """Wed 03.06.2026 12:05, for people; an en dash where there is none."""
    if instant is None:
        return "–"
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%a %d.%m.%Y %H:%M")


def local_to_the_second(instant: int, zone: str) -> str:
    """03.06.2026 12:05:07, for an order of things."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M:%S")


def local_short(instants: Sequence[int], zone: str) -> tuple[str, list[str]]:
    """Times for a narrow table, 03.06. 12:05, and the year in which all lie; with several, each bears its own."""
    return short_times([(instant, zone) for instant in instants])


def local_with_year(instant: int, zone: str) -> str:
    """03.06.26 12:05, for a narrow table that grows."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%d.%m.%y %H:%M")


def short_times(instants: Sequence[tuple[int, str]]) -> tuple[str, list[str]]:
    """The same of instants that have a zone each."""
    moments = [datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant, zone in instants]
    years = {moment.year for moment in moments}
    if len(years) == 1:
        return f" {years.pop()}", [moment.strftime("%d.%m. %H:%M") for moment in moments]
    return "", [moment.strftime("%d.%m.%y %H:%M") for moment in moments]


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None if isinstance(value, str) else 2) + "\n")


def print_json_stream(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """What print_json prints, but iterators within are arrays whose items come one by one, however many."""
    sys.stdout.writelines(_json_pieces(value, "\n"))
    sys.stdout.write("\n")


def _json_pieces(value: Any, line_end: str) -> Iterator[str]:
    """`line_end`: a line feed, and how far the value's own end is set in."""
    inner = line_end + "  "
    if isinstance(value, Mapping) and value:
        for number, (key, member) in enumerate(value.items()):
            yield f"{',' if number else '{'}{inner}{json.dumps(key, ensure_ascii=False)}: "
            yield from _json_pieces(member, inner)
        yield line_end + "}"
    elif isinstance(value, Iterator | list | tuple):
        is_empty = True
        for member in value:
            yield ("[" if is_empty else ",") + inner
            yield from _json_pieces(member, inner)
            is_empty = False
        yield "[]" if is_empty else line_end + "]"
    else:
        yield json.dumps(value, ensure_ascii=False)


def print_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def console() -> "Console":
    """Standard output, with colour only to a terminal; as wide as it is, or 160 columns in a pipe."""
    from notifycli.cli.screen import Screen

    is_terminal = sys.stdout.isatty()
    return Screen(file=sys.stdout, highlight=False, width=None if is_terminal else _piped_width(), soft_wrap=False)


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) > 0 else 160


def table(*columns: str, title: str | None = None) -> "Table":
    """A name that ends with ">" is set to the right; one with "~" is wrapped where the screen is narrow.

    The others stay on one line where there is room for them, else all fold: no text is lost.
    """
    from notifycli.cli.screen import FittingTable

    return FittingTable(columns, title)


def plain(text: str | None) -> "Text":
    """A value as it stands, whatever brackets are in it; an en dash where there is none."""
    from rich.text import Text

    return Text(visible(text) if text else "–")


def status_text(status: str, more: str = "") -> "Text":
    """A status or verdict in its colour, and what is to be said beside it."""
    from rich.text import Text

    return Text.assemble((visible(status), STYLES.get(status, "")), visible(more))


def note(text: "str | Text") -> None:
    """A message on standard error that may be long: wrapped at words on a terminal, one plain line elsewhere."""
    if not sys.stderr.isatty():
        sys.stderr.write(f"{visible(str(text))}\n")
        return
    from notifycli.cli.screen import Screen

    screen = Screen(file=sys.stderr, highlight=False)
    for line in _wrapped(text, screen.width):
        screen.print(line, overflow="ignore", no_wrap=True, crop=False)


def _wrapped(text: "str | Text", width: int) -> "Iterator[Text]":
    """By textwrap, since rich breaks or cuts a path that is longer than a line."""
    from textwrap import wrap

    from rich.text import Text

    whole, end = Text(text) if isinstance(text, str) else text, 0
    for number, line in enumerate(wrap(whole.plain, width, subsequent_indent=INDENT, **AS_IT_STANDS)):
        own = line.removeprefix(INDENT) if number else line
        begin = whole.plain.index(own, end)
        end = begin + len(own)
        yield Text(INDENT if number else "").append_text(whole[begin:end])


def patient_text(patient: str, is_active_user: bool) -> "Text":
    """The patient's id, with a green dot where they have logged in."""
    from rich.text import Text

    text = Text(visible(patient))
    if is_active_user:
        text.append(f" {ACTIVE_USER}", style="green")
    return text


def panel(text: str, title: str) -> "Panel":
    """A message as it was sent, as wide as it needs and the screen allows."""
    from rich.panel import Panel
    from rich.text import Text

    return Panel(Text(visible_lines(text.rstrip())), title=title, title_align="left", border_style="dim", expand=False)
