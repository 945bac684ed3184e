"""The command reference in docs/commands.md, made from what --help says, so that it cannot be wrong for long.

python -m notifycli.cli.reference docs/commands.md    writes it anew between its two marks
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from notifycli.cli.commands import COMMANDS, app

BEGINNING, END = "<!-- commands: made by make reference -->", "<!-- end of commands -->"


def reference() -> str:
    """A Markdown table: each command as it is typed, and what it does."""
    root: Any = typer.main.get_command(app)
    lines = ["| command | does |", "|---|---|"]
    for name in COMMANDS:
        lines += [f"| `{typed}` | {does} |" for typed, does in _rows(root.get_command(None, name), f"notify {name}")]
    return "\n".join(lines)


def in_text(text: str) -> str:
    """The text with the reference between its marks made anew. Raises ValueError where they are missing."""
    before, beginning, rest = text.partition(BEGINNING)
    _, end, after = rest.partition(END)
    if not beginning or not end:
        raise ValueError(f"the marks {BEGINNING} and {END} are missing")
    return f"{before}{BEGINNING}\n{reference()}\n{END}{after}"


def _rows(command: Any, typed: str) -> Iterator[tuple[str, str]]:
    commands = getattr(command, "commands", None)
    if commands and command.invoke_without_command:
        yield _row(command, typed)
    if commands:
        for name, subcommand in commands.items():
            yield from _rows(subcommand, f"{typed} {name}")
        return
    yield _row(command, typed)


def _row(command: Any, typed: str) -> tuple[str, str]:
    usage = " ".join([typed, *(_shown(parameter) for parameter in command.params if parameter.name != "help")])
    return usage.replace("|", "\\|"), (command.help or "").split("\n\n")[0].replace("\n", " ")


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    option = parameter.opts[0]
    if parameter.is_flag:
        return f"[{option}]"
    return f"[{option} {parameter.metavar or parameter.name.upper()}]"


def main(path: Path) -> None:
    path.write_text(in_text(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
