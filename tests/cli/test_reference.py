"""What is made from the program: docs/commands.md and the manual page by --help, docs/reasons.md by every code."""

import shutil
import subprocess
from pathlib import Path

import pytest

from notifycli.cli import manual, reference
from notifycli.cli.commands import COMMANDS
from notifycli.cli.error_reference import error_tables
from tests.support.places import REPOSITORY

PAGES = [REPOSITORY / "docs" / name for name in ("commands.md", "reasons.md", "when-something-is-wrong.md")]


@pytest.mark.slow
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


def test_the_manual_page_is_of_today() -> None:
    page = REPOSITORY / "docs" / "notify.1"
    assert page.read_text(encoding="utf-8") == manual.manual(), "run: make reference"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_manual_page(command: str) -> None:
    assert f"\n.SS notify {command}" in manual.manual()


def test_no_line_of_the_manual_page_is_taken_for_a_request_by_mistake() -> None:
    requests = {line.split()[0] for line in manual.manual().splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".PP", ".TP", ".B"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_man_reads_it() -> None:
    call = ["groff", "-man", "-Tutf8", "-ww", "-z", str(REPOSITORY / "docs" / "notify.1")]
    assert subprocess.run(call, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "group"),
    [
        pytest.param(
            "| …: was made by a newer notify | Update notify |", "The database and its backups", id="Sentence"
        ),
        pytest.param("| it is empty | export it anew |", "Files that come in", id="a text with a name"),
        pytest.param("| say one of --sent and --resend |  |", "What was typed", id="without advice"),
        pytest.param(r"| \[…\] has a username and no password |", "notify.toml and secrets", id="an f-string"),
    ],
)
def test_an_error_message_stands_under_what_one_sees(row: str, group: str) -> None:
    assert row in error_tables().partition(f"### {group}\n")[2].partition("\n### ")[0]
