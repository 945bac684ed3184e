"""The rooms stay apart: imports run one way, SQL sits in store/, and nothing below the shell reads a clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "notifycli"
FILES = sorted(PACKAGE.rglob("*.py"))
DOMAIN = sorted((PACKAGE / "domain").glob("*.py"))
LONGEST_FILE = 400

# Which rooms a room may import; "" is what lies beside them: run.py, sending.py and the like.
MAY_IMPORT = {
    "domain": {"domain"},
    "store": {"store", "domain"},
    "wording": {"wording", "domain"},
    "channels": {"channels", "domain"},
    "config": {"config", "domain"},
    "intake": {"intake", "store", "domain"},
    "": {"", "store", "channels", "wording", "config", "domain"},
    "cli": {"cli", "", "intake", "store", "wording", "channels", "config", "domain"},
}
# Rooms within a room, which know less than it does.
WITHIN = {
    "intake/formats": ("notifycli.intake.formats", "notifycli.domain"),
    "intake/meaning": ("notifycli.intake.meaning", "notifycli.intake.formats.blocks", "notifycli.domain"),
}
PURE = {
    *("bisect", "collections", "dataclasses", "datetime", "functools", "re", "typing", "zoneinfo"),
    *("email_validator", "phonenumbers"),  # these two judge contact details by their form alone
}
CLOCKS = {"now", "today", "utcnow"}  # of whatever class; and everything of the module time
SQL = re.compile(
    r"^\s*(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX|VIEW|TRIGGER))\b", re.S
)


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imported_modules(tree: ast.AST) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "notifycli":
            found |= {f"notifycli.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def rooms_imported(tree: ast.AST) -> Iterator[str]:
    for name in imported_modules(tree):
        if name.startswith("notifycli."):
            first = name.split(".")[1]
            yield first if (PACKAGE / first).is_dir() else ""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    assert set(rooms_imported(tree_of(path))) <= MAY_IMPORT[room_of(path)]


@pytest.mark.parametrize(
    ("path", "room"),
    [(path, room) for room in WITHIN for path in sorted((PACKAGE / room).rglob("*.py"))],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_room_within_a_room_knows_less(path: Path, room: str) -> None:
    ours = {name for name in imported_modules(tree_of(path)) if name.startswith("notifycli.")}
    assert [name for name in ours if not name.startswith(WITHIN[room])] == []


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_knows_nothing_but_what_is_pure(path: Path) -> None:
    outside = {name for name in imported_modules(tree_of(path)) if not name.startswith("notifycli.")}
    assert {name.split(".")[0] for name in outside} <= PURE


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) != "cli"], ids=name_of)
def test_nothing_below_the_shell_reads_a_clock(path: Path) -> None:
    tree = tree_of(path)
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCKS]
    assert "time" not in imported_modules(tree)


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) != "store"], ids=name_of)
def test_sql_sits_in_the_store(path: Path) -> None:
    texts = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)]
    assert not [text for text in texts if isinstance(text, str) and SQL.match(text)]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nobody_uses_smtplib(path: Path) -> None:
    assert "smtplib" not in imported_modules(tree_of(path))


def test_every_room_is_looked_at() -> None:
    assert {room_of(path) for path in FILES} == set(MAY_IMPORT)


def test_sql_would_be_found() -> None:
    assert SQL.match("SELECT a FROM b")
    assert SQL.match("UPDATE b SET a = 1")
