"""The problems of an import in words, a line for each group: right after it, and when someone asks for it later."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

MOST_GROUPS = 24
END_OF_FILE = float("inf")
COLUMN, PLACE, REJECTED = "bold", "cyan", "bold red"


def problems_in_words(name: str, groups: Sequence[Mapping[str, Any]]) -> "Iterator[Text]":
    """One line a group, in the order of their first places, by the fields of intake/importing/summary.py and `cell`.

    patients.csv, line 212, Mobil: is not a phone number and counts as none (14 rows alike)
    """
    from rich.text import Text

    in_order = sorted(groups, key=lambda group: group["first"] or END_OF_FILE)
    for group in in_order[:MOST_GROUPS]:
        line = Text(name)
        if group["first"]:
            line.append(", ").append(f"{group['unit']} {group['first']}", PLACE)
        if group["column"]:
            line.append(", column " if group["unit"] == "row" else ", ").append(group["column"], COLUMN)
        cell = f'"{group["cell"]}" ' if group.get("cell") else ""
        line.append(f": {cell}{group['text']}")
        if group["count"] > 1:
            line.append(f" ({group['count']:,} rows alike")
            if group["what"] == "rejected":
                line.append(", ").append("rejected", REJECTED)
            line.append(")")
        yield line
    if len(groups) > MOST_GROUPS:
        yield Text(f"{name}: and {len(groups) - MOST_GROUPS:,} more kinds of problem; see --json")
