"""A group of commands: its help shows whole phrases, and a slip is told which command was meant. Knows none by name."""

import re
from collections.abc import Iterable
from typing import Any

from typer.core import TyperGroup

from notifycli.cli.parameters import take_as_typed
from notifycli.config import nearest
from notifycli.config.errors import shown


class Commands(TyperGroup):
    """Typer's own guess knows neither commands in other modules nor capitals."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        take_as_typed(self, ctx)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.list_commands(ctx):
            near = nearest(args[0], self.list_commands(ctx))
            ctx.fail(f"No such command {shown(args[0])}." + (f" Did you mean '{near}'?" if near else ""))
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            take_as_typed(command, ctx)
        return name, command, rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """By sections; what is longer than a line is wrapped, where typer's own cuts it."""
        for title, names in self.sections():
            commands: list[tuple[str, Any]] = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, in_short(command.help)) for name, command in commands])

    def sections(self) -> Iterable[tuple[str, list[str]]]:
        """Titles, each with commands in the order in which they are shown."""
        return [("Commands", list(self.commands))]


def in_short(help_: str | None) -> str:
    """The first sentence of a help text, as far as its first colon or semicolon."""
    first = " ".join((help_ or "").partition("\n\n")[0].split())
    return re.split(r"[:;]\s|\.\s|\.$", first)[0]
