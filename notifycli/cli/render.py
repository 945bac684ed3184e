"""One renderer for all commands: a table for people, JSON or CSV for machines.

JSON has instants as UTC ISO 8601 with Z; a table has them in the zone of whoever reads. Rich is
imported for tables only.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from notifycli.cli.language import _, in_figures, is_english, ngettext
from notifycli.cli.styled import Styled
from notifycli.cli.visible import visible, visible_lines
from notifycli.domain.explanations import DAYS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    from notifycli.cli.listing import Cell, Listing

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
WITH_YEAR, WITHOUT_YEAR = "%d.%m.%y %H:%M", "%d.%m. %H:%M"
WHOLE = json.JSONEncoder(ensure_ascii=False, indent=2, default=list)


def utc(instant: int | None) -> str | None:
    """2026-06-03T10:05:00Z, for machines."""
    return None if instant is None else datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant: int | None, zone: str) -> str:
    """Wed 03.06.2026 12:05, for people; an en dash where there is none."""
    if instant is None:
        return "–"
    moment = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return f"{_(DAYS[moment.weekday()])} {moment:%d.%m.%Y %H:%M}"


def local_to_the_second(instant: int, zone: str) -> str:
    """03.06.2026 12:05:07, for an order of things."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M:%S")


def local_short(instants: Sequence[int], zone: str) -> tuple[str, list[str]]:
    """Times for a narrow table, 03.06. 12:05, and the year in which all lie; with several, each bears its own."""
    return short_times([(instant, zone) for instant in instants])


def local_with_year(instant: int, zone: str) -> str:
    """03.06.26 12:05, for a narrow table that grows."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime(WITH_YEAR)


def short_times(instants: Sequence[tuple[int, str]]) -> tuple[str, list[str]]:
    """The same of instants that have a zone each."""
    moments = [datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant, zone in instants]
    years = {moment.year for moment in moments}
    if len(years) == 1:
        return f" {years.pop()}", [moment.strftime(WITHOUT_YEAR) for moment in moments]
    return "", [moment.strftime(WITH_YEAR) for moment in moments]


def short_form(first: Iterable[int], zone: str, *, are_all: bool) -> tuple[str, Callable[[int], str]]:
    """The year that belongs into the heading, and how each time is told; where more come, each bears its own year."""
    year, _ = local_short(list(first), zone) if are_all else ("", [])
    form = WITHOUT_YEAR if year else WITH_YEAR
    return year, lambda instant: datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime(form)


def percent(share: float, decimals: int = 1) -> str:
    """99.4%, in Norwegian 99,4 %; 100% only where it is all, 0% only where it is nothing."""
    step = 10.0**-decimals
    rounded = round(100 * share, decimals)
    if 0 < share < 1:
        rounded = min(max(rounded, step), 100 - step)
    return in_figures(rounded, 0 if share in (0, 1) else decimals) + ("%" if is_english() else "\N{NO-BREAK SPACE}%")


def newest_in_words(limit: int) -> str:
    """Beneath a list that has as many rows as it may."""
    newest = ngettext(
        "The newest; more with --limit, all with --limit 0.",
        "The newest {number}; more with --limit, all with --limit 0.",
        limit,
    )
    return f"[dim]{newest}[/]"


def how_long(seconds: int) -> str:
    """75 s, 12 min, 3 h 5 min, 2 d 4 h"""
    if seconds < 2 * 60:
        return _("{seconds} s", seconds=seconds)
    minutes, hours = seconds // 60, seconds // 3600
    if hours < 2:
        return _("{minutes} min", minutes=minutes)
    if hours < 48:
        return _("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
    return _("{days} d {hours} h", days=hours // 24, hours=hours % 24)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None if isinstance(value, str) else 2) + "\n")


def print_json_stream(value: Mapping[str, Any] | Sequence[Any] | Iterator[Any]) -> None:
    """What print_json prints, but iterators are arrays whose items come one by one, however many; each is whole."""
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
            if isinstance(value, Iterator):
                yield WHOLE.encode(member).replace("\n", inner)
            else:
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


def console(output: "IO[str] | None" = None) -> "Console":
    """Standard output, or another, with colour only to a terminal; as wide as it is, or 160 columns in a pipe.

    A letter that its encoding lacks becomes a question mark.
    """
    from notifycli.cli.screen import Screen

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    width = None
    if not sys.stdout.isatty():
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) > 0 else 160
    return Screen(file=output or sys.stdout, highlight=False, width=width, soft_wrap=False)


def table(*columns: str, rows: "Iterable[Sequence[Cell]]" = ()) -> "Listing":
    """A name that ends with ">" is set to the right; one with "~" is wrapped where the screen is narrow.

    The others stay whole: where they do not fit beside each other, a row has several lines. `rows` are written as they
    come.
    """
    from notifycli.cli.listing import Listing

    return Listing(columns, rows)


def plain(text: str | None) -> Styled:
    """A value as it stands, whatever brackets are in it; an en dash where there is none."""
    return Styled((text or "–", ""))


def status_text(status: str, more: str = "") -> Styled:
    """A status or verdict in its colour, and what is to be said beside it."""
    return Styled((_(status), STYLES.get(status, "")), (more, ""))


def note(text: "str | Text") -> None:
    """A message on standard error that may be long: wrapped at words on a terminal, one plain line elsewhere."""
    if not sys.stderr.isatty():
        sys.stderr.write(f"{visible(str(text))}\n")
        return
    from textwrap import wrap

    from rich.text import Text

    from notifycli.cli.screen import Screen

    screen = Screen(file=sys.stderr, highlight=False)
    whole, end = Text(text) if isinstance(text, str) else text, 0
    # By textwrap, since rich breaks or cuts a path that is longer than a line.
    for number, line in enumerate(wrap(whole.plain, screen.width, subsequent_indent=INDENT, **AS_IT_STANDS)):
        own = line.removeprefix(INDENT) if number else line
        begin = whole.plain.index(own, end)
        end = begin + len(own)
        shown = Text(INDENT if number else "").append_text(whole[begin:end])
        screen.print(shown, overflow="ignore", no_wrap=True, crop=False)


def patient_text(patient: str, is_active_user: bool) -> Styled:
    """The patient's id, with a green dot where they have logged in."""
    return Styled((patient, ""), (f" {ACTIVE_USER}", "green")) if is_active_user else Styled((patient, ""))


def panel(text: str, title: str) -> "Panel":
    """A message as it was sent, as wide as it needs and the screen allows."""
    from rich.panel import Panel
    from rich.text import Text

    return Panel(Text(visible_lines(text.rstrip())), title=title, title_align="left", border_style="dim", expand=False)
