"""The tables that are made from the program: docs/commands.md says what --help says, docs/reasons.md every code."""

from pathlib import Path

import pytest

from notifycli.cli import reference
from notifycli.cli.commands import COMMANDS
from tests.support.places import REPOSITORY

PAGES = [REPOSITORY / "docs" / name for name in ("commands.md", "reasons.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_has_the_tables_of_today(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert reference.in_text(text) == text, "run: make reference"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_reference(command: str) -> None:
    assert f"| `notify {command} " in reference.reference()


def test_a_text_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        reference.in_text("no marks here")
