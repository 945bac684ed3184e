"""SPEC section 8, `notify help`: the pages of docs/ in the terminal, of an installed program, too."""

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import typer

from notifycli.cli.commands import COMMANDS, SECTIONS, app
from notifycli.cli.main import main
from notifycli.domain.reasons import FAILED, NEVER, OUT_OF_REACH, SKIPPED, TROUBLES
from notifycli.intake.mapping.columns import COLUMNS
from tests.support.places import REPOSITORY

DOCS = REPOSITORY / "docs"
TOPICS = ("columns", "reasons", "rules")
PAGES = {"columns": "files.md", "reasons": "reasons.md", "rules": "contract.md"}
NAMED = {
    "columns": sorted({column for columns in COLUMNS.values() for column in columns}),
    "reasons": sorted({*SKIPPED, *NEVER, *FAILED, *OUT_OF_REACH, *TROUBLES}),
    "rules": [f"R{number}" for number in (1, 2, 3, 4, 5, 6, 7, *range(10, 20))],
}
BEGIN = "from notifycli.cli.main import run_from_shell; run_from_shell()"


def helped(topic: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["help", topic]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("topic", TOPICS)
def test_it_names_everything(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = helped(topic, capsys)
    assert [name for name in NAMED[topic] if not re.search(rf"\b{name}\b", out)] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_in_a_pipe_it_is_the_text_as_it_stands_line_for_line(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = helped(topic, capsys)
    page = (DOCS / PAGES[topic]).read_text(encoding="utf-8")
    assert "\x1b" not in out
    assert out.strip() in re.sub(r"<!--.*-->\n", "", page)


@pytest.mark.parametrize(
    ("topic", "there", "elsewhere"),
    [
        pytest.param("columns", "### appointments", "Which file is right", id="columns and words alone"),
        pytest.param("columns", "oppsatt", "--cancel-missing", id="words among them"),
        pytest.param("rules", "| R1 |", "GSM-7", id="rules, not what a message says"),
        pytest.param("rules", "preferred_method", "notify.toml", id="channels among them"),
    ],
)
def test_it_shows_its_part_of_the_page(
    topic: str, there: str, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = helped(topic, capsys)
    assert there in out
    assert elsewhere not in out


@pytest.mark.parametrize("topic", TOPICS)
def test_json_is_one_value(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    plain = helped(topic, capsys)
    assert main(["help", topic, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"topic": topic, "text": plain}


@pytest.mark.parametrize("typed", [["import"], ["colums"], ["Rules"], [""]])
def test_another_topic_is_told_which_there_are(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", *typed]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "columns, reasons, rules" in err
    assert err.count("\n") == 1


def on_a_terminal(site: Path, topic: str, columns: int) -> str:
    """What is written to a terminal of that width."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, "help", topic],
        stdout=theirs,
        stderr=theirs,
        cwd=site.parent,
        env=os.environ | {"PYTHONPATH": str(site), "COLUMNS": str(columns), "TERM": "xterm"},
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so where the other end was closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    assert process.wait(20) == 0
    return b"".join(pieces).decode()


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal_it_is_set_as_tables_that_fit(topic: str, columns: int) -> None:
    out = on_a_terminal(REPOSITORY, topic, columns)
    plain = re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|\]8;[^\x1b]*\x1b\\)", "", out)
    assert "\x1b[" in out
    assert "|---|" not in plain
    assert [line for line in plain.splitlines() if len(line.rstrip()) > columns] == []
    folded = re.sub(r"\s+", "", plain)
    assert [name for name in NAMED[topic] if columns > 100 and name not in folded] == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but what the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=REPOSITORY, capture_output=True, check=True, timeout=60)
    (wheel,) = (folder / "dist").iterdir()
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_an_installed_program_shows_the_same(topic: str, installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = f"import notifycli; assert notifycli.__file__.startswith({str(installed)!r}); {BEGIN}"
    done = subprocess.run(
        [sys.executable, "-c", program, "help", topic],
        cwd=installed.parent,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == helped(topic, capsys)


def every_help() -> list[list[str]]:
    """Of notify, of each command, and of each one below it."""
    root: Any = typer.main.get_command(app)
    typed = [[name] for name in COMMANDS]
    typed += [[name, below] for name in COMMANDS for below in getattr(root.get_command(None, name), "commands", {})]
    return [[], *typed]


@pytest.mark.parametrize("typed", every_help(), ids=" ".join)
def test_help_fits_a_narrow_screen_and_is_not_cut(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*typed, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines[1:] if line.endswith("...")] == []


def test_the_commands_are_shown_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"^(?!Usage|Options)(\S.*):$", out, re.MULTILINE) == list(SECTIONS)
    assert {name for names in SECTIONS.values() for name in names} == set(COMMANDS)
