"""The rooms stay apart: domain/ imports itself, pure parts of the standard library and what reads contact details."""

import ast
from pathlib import Path

import pytest

DOMAIN = sorted((Path(__file__).parent.parent / "notifycli" / "domain").glob("*.py"))
ALLOWED = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "email_validator",
    "functools",
    "phonenumbers",
    "re",
    "typing",
    "zoneinfo",
}
CLOCKS = {"now", "today", "utcnow"}


def imported_modules(tree: ast.AST) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_knows_no_other_room(path):
    modules = imported_modules(ast.parse(path.read_text(encoding="utf-8")))
    outside = {name for name in modules if not name.startswith("notifycli.domain")}
    assert {name.split(".")[0] for name in outside} <= ALLOWED


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_reads_no_clock(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCKS]


def test_there_is_a_domain_to_look_at():
    assert {"rules", "routing", "retry", "switches", "happenings", "model"} <= {path.stem for path in DOMAIN}
