"""A group of commands that says which one was probably meant. Knows no command by name."""

from typing import Any

from typer.core import TyperGroup

from notifycli.config import nearest
from notifycli.config.errors import shown


class Commands(TyperGroup):
    """Typer's own guess knows neither commands in other modules nor capitals."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.list_commands(ctx):
            near = nearest(args[0], self.list_commands(ctx))
            ctx.fail(f"No such command {shown(args[0])}." + (f" Did you mean '{near}'?" if near else ""))
        return super().resolve_command(ctx, args)
