"""The command reference, docs/commands.md, says what --help says."""

import pytest

from notifycli.cli import reference
from notifycli.cli.commands import COMMANDS
from tests.support.places import REPOSITORY

COMMANDS_PAGE = REPOSITORY / "docs" / "commands.md"


def test_the_page_has_the_reference_of_today() -> None:
    text = COMMANDS_PAGE.read_text(encoding="utf-8")
    assert reference.in_text(text) == text, "run: make reference"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_reference(command: str) -> None:
    assert f"| `notify {command} " in reference.reference()


def test_a_text_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        reference.in_text("no marks here")
