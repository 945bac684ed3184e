"""The problems of an import in words, a line for each group: right after it, and when someone asks for it later."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

MOST_GROUPS = 12
COLUMN, PLACE, REJECTED = "bold", "cyan", "bold red"


def problems_in_words(name: str, groups: Sequence[Mapping[str, Any]]) -> "Iterator[Text]":
    """One line a group, by the fields of intake/importing/summary.py and `cell`, where a lone problem has one.

    14 rows: Mobil is not a phone number and counts as none, first at line 212
    """
    from rich.text import Text

    for group in groups[:MOST_GROUPS]:
        yield Text(f"{name}").append_text(_lone(group) if group["count"] == 1 else _several(group))
    if len(groups) > MOST_GROUPS:
        yield Text(f"{name}: and {len(groups) - MOST_GROUPS:,} more kinds of problem; see --json")


def _lone(group: Mapping[str, Any]) -> "Text":
    """, line 212, starts_at: "31.11.2026 09:00" is not a date with a time"""
    from rich.text import Text

    line = Text()
    if group["first"]:
        line.append(", ").append(_place(group), PLACE)
    if group["column"]:
        line.append(", column " if group["unit"] == "row" else ", ").append(group["column"], COLUMN)
    return line.append(f": {_cell(group, '{} ')}{group['text']}")


def _several(group: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    what = "rejected" if group["what"] == "rejected" else ""
    line = Text(f": {group['count']:,} rows").append(f" {what}" if what else "", REJECTED).append(": ")
    if group["column"]:
        line.append(group["column"], COLUMN).append(" ")
    line.append(group["text"])
    if group["first"]:
        line.append(", first at ").append(_place(group), PLACE).append(_cell(group, " ({})"))
    return line


def _place(group: Mapping[str, Any]) -> str:
    return f"{group['unit']} {group['first']}"


def _cell(group: Mapping[str, Any], form: str) -> str:
    return form.format(f'"{group["cell"]}"') if group.get("cell") else ""
