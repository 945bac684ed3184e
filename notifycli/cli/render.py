"""One renderer for all commands: a table for people, JSON or CSV for machines.

JSON has instants as UTC ISO 8601 with Z; a table has them in the zone of whoever reads. Rich is
imported for tables only.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

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
    "skipped": "dim",
    "never": "dim",
    "failed": "bold red",
    "uncertain": "bold yellow",
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
    moments = [datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant in instants]
    years = {moment.year for moment in moments}
    if len(years) == 1:
        return f" {years.pop()}", [moment.strftime("%d.%m. %H:%M") for moment in moments]
    return "", [moment.strftime("%d.%m.%y %H:%M") for moment in moments]


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None if isinstance(value, str) else 2) + "\n")


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
    import os

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

    return Text(text or "–")


def status_text(status: str, more: str = "") -> "Text":
    """A status or verdict in its colour, and what is to be said beside it."""
    from rich.text import Text

    return Text.assemble((status, STYLES.get(status, "")), more)


def note(text: str) -> None:
    """A message on standard error that may be long: wrapped at words on a terminal, one line elsewhere."""
    if sys.stderr.isatty():
        from shutil import get_terminal_size
        from textwrap import fill

        width = get_terminal_size().columns
        text = fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    sys.stderr.write(f"{text}\n")


def patient_text(patient: str, is_active_user: bool) -> "Text":
    """The patient's id, with a green dot where they have logged in."""
    from rich.text import Text

    found = Text(patient)
    if is_active_user:
        found.append(f" {ACTIVE_USER}", style="green")
    return found


def panel(text: str, title: str) -> "Panel":
    """A message as it was sent, as wide as it needs and the screen allows."""
    from rich.panel import Panel
    from rich.text import Text

    return Panel(Text(text.rstrip()), title=title, title_align="left", border_style="dim", expand=False)
