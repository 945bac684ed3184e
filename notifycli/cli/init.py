"""notify init: a commented notify.toml and a database to begin with, and what to do next."""

import json
import os
import shlex
from pathlib import Path

import typer

from notifycli.cli.named import database_beside, named_config
from notifycli.cli.options import AsJson
from notifycli.cli.program import as_typed_here, path_of_program
from notifycli.cli.render import console, print_json
from notifycli.config import INIT_TEXT
from notifycli.domain.errors import UsageError
from notifycli.store.engine import is_no_database, named_address, open_store

app = typer.Typer(add_completion=False, rich_markup_mode=None)
DEFAULT_LINE = 'database = "notify.db"'


@app.command(epilog="Example: notify init")
def init(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """Write a commented notify.toml and make notify.db, here or where --config and --db say. Overwrites nothing."""
    config = named_config(context) or Path("notify.toml")
    _must_be_free(config)
    database = database_beside(context, config)
    was_there = not is_no_database(database)
    open_store(database).close()
    name = str(database)
    if isinstance(database, Path):
        place = _whole(database)
        name = place.name if place.parent == _whole(config).parent else str(place)
    # The text that begins every configuration, with the database that was named.
    _write(config, INIT_TEXT.replace(DEFAULT_LINE, f"database = {json.dumps(name, ensure_ascii=False)}", 1))
    if as_json:
        print_json({"config": str(_whole(config)), "database": named_address(database)})
    else:
        _say_what_next(config, database, was_there)


def _whole(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _must_be_free(config: Path) -> None:
    if os.path.lexists(config):
        raise UsageError(_there_already(config))
    if not config.absolute().parent.is_dir():
        raise UsageError(
            f"{config}: there is no folder {config.parent}.", "Make it first, or name another with --config"
        )


def _there_already(config: Path) -> str:
    return f"{config}: is there already, so nothing was written. Edit it, or name another: notify --config PATH init"


def _write(config: Path, text: str) -> None:
    """Whole or not at all, and never over another file: a link, unlike a rename, fails where there is one."""
    unfinished = config.with_name(f".{config.name}.{os.getpid()}")
    try:
        with unfinished.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, config)
        except FileExistsError:
            raise UsageError(_there_already(config)) from None
        except OSError:  # a file system without links
            _must_be_free(config)
            os.rename(unfinished, config)
    finally:
        unfinished.unlink(missing_ok=True)


def _say_what_next(config: Path, database: Path | str, was_there: bool) -> None:
    program = as_typed_here()
    notify = program if config == Path("notify.toml") else f"{program} --config {shlex.quote(str(config))}"
    named = named_address(database) if isinstance(database, str) else str(database)
    made = f"{config} is written; {named} was there already." if was_there else f"{config} and {named} are made."
    folder = config.parent if isinstance(database, str) else database.parent
    # With whole paths: cron knows neither our folder nor our PATH, and makes a line end of every %.
    words = (str(path_of_program() or "notify"), "--config", str(_whole(config)), "run")
    for_cron = " ".join(shlex.quote(word) for word in words).replace("%", r"\%")
    steps = [
        (f"Edit {config}. Until it names servers, messages become files in",
         str(folder / "outbox")),
        ("Import what your systems export, in any order:",
         f"{notify} import clinics.csv types.csv patients.csv appointments.csv"),
        ("See what would be sent, and ask whether all is in order:", f"{notify} run --dry-run; {notify} doctor"),
        ("Let cron send what is due; crontab -e, and this line:", f"* * * * *  {for_cron}"),
    ]  # fmt: skip
    screen = console()
    screen.print(made, markup=False)
    for number, (what, how) in enumerate(steps, start=1):
        screen.print(f"\n{number}. {what}", markup=False)
        screen.print(f"   {how}", markup=False, style="bold", soft_wrap=True)
    screen.print("\nTo see it all at work first:", end=" ")
    screen.print(f"{program} demo", markup=False, style="bold", soft_wrap=True)
