"""The manual page docs/notify.1, made from what --help says, so that it cannot be wrong for long.

python -m notifycli.cli.manual docs/notify.1    writes it anew; read it with: man docs/notify.1
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notifycli import __version__
from notifycli.cli.commands import LazyCommands, all_commands
from notifycli.cli.reference import usage_of

EXIT_CODES = {
    "0": "Done; warnings and skipped notices are no trouble.",
    "1": "Done, but something wants a look.",
    "2": "Wrong usage, an unknown id, or an id that several clinics have.",
    "3": "Could not work: a database that cannot be opened, wrong settings.",
    "4": "Safety stop: nothing was sent, or nothing of that file imported.",
}
VARIABLES = {
    "NOTIFY_DB": "The database, where --db names none.",
    "NOTIFY_CONFIG": "The settings, where --config names none.",
    "NOTIFY_NOW": "Another clock, where --now gives none.",
}


def manual() -> str:
    """In the language of man(7)."""
    root = all_commands()
    assert isinstance(root, LazyCommands)
    lines = [
        f'.TH NOTIFY 1 "" "notifycli {__version__}" "notifycli"',
        *(".SH NAME", r"notify \- tell patients of their appointments, once, and say why"),
        *(".SH SYNOPSIS", ".B notify", "[OPTIONS] COMMAND [ARGS]..."),
        *(".SH DESCRIPTION", *_paragraphs(root.help or "")),
        *(".SH OPTIONS", *_parameters(root)),
    ]
    for title, names in root.sections():
        lines.append(f".SH {_escaped(title).upper()}")
        for name in names:
            lines += _command(root.get_command(None, name), f"notify {name}")
    lines += [".SH EXIT STATUS", *_definitions(EXIT_CODES), ".SH ENVIRONMENT", *_definitions(VARIABLES)]
    return "\n".join(lines) + "\n"


def _command(command: Any, typed: str) -> Iterator[str]:
    """A command with its arguments and options; of a group those below it, too."""
    commands = getattr(command, "commands", None)
    if not commands or command.invoke_without_command:
        yield f".SS {_escaped(usage_of(command, typed))}"
        yield from _paragraphs(command.help or "")
        yield from _parameters(command)
        if command.epilog:
            yield from (".PP", _escaped(command.epilog))
    for name, below in (commands or {}).items():
        yield from _command(below, f"{typed} {name}")


def _parameters(command: Any) -> Iterator[str]:
    for parameter in command.params:
        help_ = getattr(parameter, "help", None)
        if help_:
            names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.metavar
            value = "" if parameter.param_type_name == "argument" or parameter.is_flag else f" {parameter.metavar}"
            yield from _definitions({f"{names}{value}": help_})


def _definitions(terms: dict[str, str]) -> Iterator[str]:
    for term, meaning in terms.items():
        yield from (".TP", f".B {_escaped(term)}", _escaped(meaning))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (".PP", _escaped(" ".join(paragraph.split())))


def _escaped(text: str) -> str:
    """What man would obey stands for itself: backslashes, hyphens, a dot or an apostrophe at the begin of a line."""
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", r"\e").replace("-", r"\-"))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(manual(), encoding="utf-8")
