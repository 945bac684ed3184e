"""What was named on the command line or in the environment, for commands that work where the settings do not (yet)."""

import os
from pathlib import Path
from typing import Any

import typer

from notifycli.config import Settings, database_address, path_of


def named_config(context: typer.Context) -> Path | None:
    """--config, else NOTIFY_CONFIG; None where neither names one."""
    given = _typed(context, "config")
    if given is None and os.environ.get("NOTIFY_CONFIG"):
        return path_of(os.environ["NOTIFY_CONFIG"], Path(), os.environ)
    return Path(given) if given is not None else None


def database_beside(context: typer.Context, config: Path) -> Path | str:
    """--db, else NOTIFY_DB, else the database of a configuration at `config` that says nothing of its own."""
    return database_address(Settings(folder=config.absolute().parent), _typed(context, "db"), os.environ)


def _typed(context: typer.Context, option: str) -> Any:
    return context.parent.params.get(option) if context.parent is not None else None
