"""Gives a result to whoever asked: JSON or CSV to machines, lines on a screen, or in a pager, to people.

Knows no command and nothing of what is given.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from notifycli.cli.pager import paged
from notifycli.cli.render import print_csv, print_json_stream

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from notifycli.cli.shell import Shell


def give(
    shell: "Shell",
    values: Any,
    in_lines: "Callable[[Console], Iterable[RenderableType]]",
    *,
    as_json: bool,
    as_csv: bool = False,
    fields: Sequence[str] = (),
    rows: Iterable[Sequence[Any]] | None = None,
) -> None:
    """`values`: the JSON, see print_json_stream. CSV has `fields` in its head, and `rows`, else those of each value.

    `in_lines`: asked for people alone; what it makes for that screen is shown one by one.
    """
    if as_json:
        print_json_stream(values)
    elif as_csv:
        print_csv(fields, rows if rows is not None else ([value[field] for field in fields] for value in values))
    else:
        with paged(shell) as screen:
            for line in in_lines(screen):
                screen.print(line)
