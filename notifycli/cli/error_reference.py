"""Every error message of the program with what to do, read out of its source for docs/when-something-is-wrong.md.

Knows source texts only: nothing of it runs. What is put together from other texts where it is told (the words of a
server, of a library) is not a message of ours, and left out.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1]
VALUE = "…"
FIELD = re.compile(r"\{[^{}]*\}")
FEWEST_WORDS = 2  # of a message that says what happened
TOLD_BY_OTHERS = {  # caught, and told in other words where they are shown
    *("NotATime", "NotAMoment", "Unclear", "NotAnAddress", "SomeAreStored", "GivenUp", "StatusError"),
    *("RequestFailed", "ConnectionFailed", "Unanswered"),
}
OF_ROOM = {
    "config": "notify.toml and secrets",
    "wording": "Wording",
    "intake": "Files that come in",
    "store": "The database and its backups",
    "channels": "Servers, gateways and mailboxes",
    "delivery": "Servers, gateways and mailboxes",
    "doctor": "Servers, gateways and mailboxes",
    "cli": "The program and its parts",
}
GROUPS = ("What was typed", *dict.fromkeys(OF_ROOM.values()))


class ErrorMessage(NamedTuple):
    """Values stand as …; `advice` is "" where the message is all that there is to say."""

    group: str
    text: str
    advice: str


@cache
def error_tables() -> str:
    """A heading and a Markdown table for each group, in alphabetical order."""
    parts = []
    ordered = sorted(error_messages(), key=_place)
    for group, messages in groupby(ordered, key=lambda message: message.group):
        rows = [f"| {_in_a_cell(message.text)} | {_in_a_cell(message.advice)} |" for message in messages]
        parts.append("\n".join([f"### {group}", "", "| it says | do |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _place(message: ErrorMessage) -> tuple[int, str, ErrorMessage]:
    return GROUPS.index(message.group), message.text.lower(), message


def error_messages() -> set[ErrorMessage]:
    trees = {path.relative_to(PACKAGE): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
    errors = _names_of_errors(trees.values())
    return {
        message
        for path, tree in trees.items()
        for call, texts in _calls_in(tree, _assigned(tree))
        if _name(call.func) in errors and (message := _message(path.parts[0], call, texts)) is not None
    }


def _names_of_errors(trees: Collection[ast.Module]) -> set[str]:
    """NotifyError and every class below it, but those that are told in other words."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {"NotifyError"}
    while more := {cls.name for cls in classes if {_name(base) for base in cls.bases} & names} - names:
        names |= more
    return {name for name in names - TOLD_BY_OTHERS if not name.startswith("_")}


def _calls_in(node: ast.AST, texts: Mapping[str, str]) -> Iterator[tuple[ast.Call, Mapping[str, str]]]:
    """Each call with the texts that have a name where it stands."""
    for child in ast.iter_child_nodes(node):
        own = {**texts, **_assigned(child)} if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else texts
        if isinstance(child, ast.Call):
            yield child, own
        yield from _calls_in(child, own)


def _assigned(scope: ast.AST) -> dict[str, str]:
    """Texts that are given a name there, once: what a name means that has two is not known."""
    texts: dict[str, str] = {}
    for node in ast.walk(scope) if not isinstance(scope, ast.Module) else scope.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            texts[name] = VALUE if name in texts else _text(node.value, texts)
    return texts


def _message(room: str, call: ast.Call, texts: Mapping[str, str]) -> ErrorMessage | None:
    given = [" ".join(_text(argument, texts).split()) for argument in call.args[:2]]
    text, advice = [*given, "", ""][:2]
    if not advice and "; " in text:
        text, _, advice = text.rpartition("; ")
    if len(re.findall(r"\w{2,}", text)) < FEWEST_WORDS:
        return None
    group = GROUPS[0] if _name(call.func) == "UsageError" else OF_ROOM.get(room, OF_ROOM["cli"])
    if _name(call.func) == "ConfigError":
        group = OF_ROOM["config"]
    return ErrorMessage(group, text.rstrip("."), advice.rstrip("."))


def _text(node: ast.expr, texts: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return "" if node.value is None else str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(part, texts) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left, texts) + _text(node.right, texts)
    if isinstance(node, ast.Call) and _name(node.func) in ("_", "N_", "Sentence") and node.args:
        return FIELD.sub(VALUE, _text(node.args[0], texts))
    if isinstance(node, ast.Name):
        return texts.get(node.id, VALUE)
    return VALUE


def _part(part: ast.expr, texts: Mapping[str, str]) -> str:
    """Of an f-string. What stands in braces is a value, unless it is a text of ours, whose name is in capitals."""
    if isinstance(part, ast.FormattedValue):
        is_ours = isinstance(part.value, ast.Name) and part.value.id.isupper()
        return _text(part.value, texts) if is_ours else VALUE
    return _text(part, texts)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _in_a_cell(text: str) -> str:
    return re.sub(r"([|*<>`\[\]_\\])", r"\\\1", text)
