"""How far something is that takes long: on a terminal's standard error, nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifycli.cli.shell import Shell


@contextmanager
def counted(shell: "Shell", doing: str, of_what: str) -> Iterator[Callable[[int], None]]:
    """Gives what takes numbers and tells their sum: sending: 1,200 deliveries are through."""
    if shell.is_verbose or not sys.stderr.isatty():
        yield lambda more: None
        return
    from rich.console import Console

    with Console(stderr=True).status(doing) as status:
        total = 0

        def add(more: int) -> None:
            nonlocal total
            total += more
            status.update(f"{doing}: {total:,} {of_what}")

        yield add


@contextmanager
def copied(shell: "Shell") -> Iterator[Callable[[int, int], None]]:
    """Gives what takes how much is copied, and of how much: copying the database: 40 %; 0 where nobody knows."""
    if shell.is_verbose or not sys.stderr.isatty():
        yield lambda pages, of: None
        return
    from rich.console import Console

    with Console(stderr=True).status("copying the database") as status:
        yield lambda pages, of: status.update("copying the database" + (f": {100 * pages // of} %" if of else ""))
