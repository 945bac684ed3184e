"""The tables in docs/ that are made from the program, so that they cannot be wrong for long: the commands as --help
says them, every reason with its words (domain/reasons.py), every error message.

python -m notifycli.cli.reference docs/commands.md docs/reasons.md docs/when-something-is-wrong.md
writes them anew between their marks
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from notifycli.cli.commands import COMMANDS, all_commands
from notifycli.cli.error_reference import error_tables
from notifycli.domain.gap_causes import GAP_CAUSES
from notifycli.domain.reasons import FAILED, IN_GENERAL, NEVER, OUT_OF_REACH, SKIPPED, TROUBLES, Reason

MARKS = re.compile(r"(<!-- ([a-z ]+): made by make reference -->\n).*?(<!-- end of \2 -->)", re.DOTALL)


def reference() -> str:
    """A Markdown table: each command as it is typed, and what it does."""
    root: Any = all_commands()
    lines = ["| command | does |", "|---|---|"]
    for name in COMMANDS:
        lines += [f"| `{typed}` | {does} |" for typed, does in _rows(root.get_command(None, name), f"notify {name}")]
    return "\n".join(lines)


def reasons(group: Mapping[str, Reason]) -> str:
    """A Markdown table: each code, its rule where any of them has one, what it means, what to do."""
    has_rules = any(reason.rule for reason in group.values())
    lines = ["| code | rule | means | what to do |", "|---|---|---|---|"]
    if not has_rules:
        lines = ["| code | means | what to do |", "|---|---|---|"]
    for code, reason in group.items():
        cells = [
            f"`{code}`",
            *([reason.rule] if has_rules else []),
            reason.means,
            "; ".join(filter(None, (reason.to_do, reason.to_do_if))).format_map(IN_GENERAL),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {
    "commands": reference,
    "skipped": partial(reasons, SKIPPED),
    "never": partial(reasons, NEVER),
    "failed": partial(reasons, FAILED),
    "out of reach": partial(reasons, OUT_OF_REACH),
    "troubles": partial(reasons, TROUBLES),
    "gaps": partial(reasons, GAP_CAUSES),
    "error messages": error_tables,
}


def in_text(text: str) -> str:
    """The text with each table between its marks made anew. Raises ValueError where there are no marks."""
    if not MARKS.search(text):
        raise ValueError("the marks of a table (<!-- commands: made by make reference -->) are missing")
    return MARKS.sub(lambda table: f"{table[1]}{TABLES[table[2]]()}\n{table[3]}", text)


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
    usage = usage_of(command, typed)
    return usage.replace("|", "\\|"), (command.help or "").split("\n\n")[0].replace("\n", " ")


def usage_of(command: Any, typed: str) -> str:
    """How it is typed, with every argument and option."""
    return " ".join([typed, *(_shown(parameter) for parameter in command.params if parameter.name != "help")])


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    option = parameter.opts[0]
    if parameter.is_flag:
        return f"[{option}]"
    return f"[{option} {parameter.metavar or parameter.name.upper()}]"


def main(pages: Sequence[str]) -> None:
    for page in map(Path, pages):
        page.write_text(in_text(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
