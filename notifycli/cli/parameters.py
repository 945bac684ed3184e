"""Takes what was typed as it is: typer would load pydantic, 100 ms, to make a text of a text.

What needs more than that, such as a wrong number, is left to typer. Knows no command and no parameter by name.
"""

from pathlib import Path
from typing import Any

LARGEST = 2**63 - 1  # that the database can hold
MOST_FIGURES = len(str(LARGEST))  # Python reads no text of thousands
TAKEN: dict[Any, Any] = {
    str: str,
    list[str]: list,
    Path: Path,
    list[Path]: lambda paths: [Path(path) for path in paths],
}


class AsTyped:
    """In the place of typer's own RuntimeParam, of which a parameter knows one as soon as it has taken a value."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """None and what is no text are defaults, which need no making."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        about = param.type_descriptor
        if about.annotation in TAKEN:
            return TAKEN[about.annotation](value)
        if not isinstance(value, str | list | tuple):
            return value
        limits = about.parameter_info
        if about.annotation is int and isinstance(value, str) and value.isdecimal() and len(value) <= MOST_FIGURES:
            number = int(value)
            if (limits.min or 0) <= number <= (LARGEST if limits.max is None else limits.max):
                return number
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def take_as_typed(command: Any, context: Any) -> None:
    """Each parameter of a typer command, --help as well, that typer has taken no value for yet."""
    for param in (*command.params, command.get_help_option(context)):
        if getattr(param, "_runtime_param", param) is None:
            param._runtime_param = AsTyped()
