"""notify db: what is done to a database as a whole."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from notifycli import config
from notifycli.cli.groups import Commands
from notifycli.cli.options import AsJson
from notifycli.cli.progress import counted
from notifycli.cli.render import print_json
from notifycli.cli.shell import Shell, say
from notifycli.domain.errors import CANNOT_WORK, NotifyError, UsageError

app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def db() -> None:
    """Move everything from one database to another, from a file to a server or back."""


@app.command(epilog="Example: notify db move notify.db postgresql://notify@db.example/notify")
def move(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help="A file, or postgresql://HOST/NAME.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; must be empty, or is made.")],
    as_json: AsJson = False,
) -> None:
    """Move everything from one database to another, which must be empty; checked by counts and a sum of each table.

    What broke off goes on when it is called again. The old one stays as it was, but no run sends by it any more.
    """
    from notifycli.store.engine import named_address, open_store, writing
    from notifycli.store.moved import refuse_moved, retire
    from notifycli.store.moving import move

    shell: Shell = context.obj
    old, new = (config.typed_address(given, shell.settings, os.environ) for given in (source, target))
    if named_address(old) == named_address(new):
        raise UsageError("FROM and TO are the same database.")
    if isinstance(old, Path) and not old.is_file():
        raise NotifyError(f"{old}: there is no such file.", "Look at the name and the folder.", CANNOT_WORK)
    with ExitStack() as stack:
        guard, reader, writer = (stack.enter_context(closing(open_store(place))) for place in (old, old, new))
        refuse_moved(guard)
        stack.enter_context(_no_run(old))
        with writing(guard):
            pass  # what somebody wrote by hand is sealed here, as it would be there
        with writing(guard, durable=True), counted(shell, "moving", "rows") as on_rows:
            moved = move(reader, writer, on_rows)
            retire(guard, named_address(new), shell.now())
    if as_json:
        print_json({"tables": {name: of_table.rows for name, of_table in moved.items()}})
        return
    from rich.table import Table

    from notifycli.cli.render import console

    table = Table(box=None, pad_edge=False)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, of_table in moved.items():
        if of_table.rows:
            table.add_row(name, f"{of_table.rows:,}")
    console().print(table)
    say(f'All of it is there, counted and compared. Now write into notify.toml: database = "{named_address(new)}"')


@contextmanager
def _no_run(place: Path | str) -> Iterator[None]:
    """Sends by a file meanwhile; on a server the guard's transaction keeps all out."""
    from notifycli.store.lock import run_lock

    with run_lock(place) as is_ours:
        if not is_ours:
            raise NotifyError(f"{place}: a run is under way.", "Try again when it is done.", CANNOT_WORK)
        yield
