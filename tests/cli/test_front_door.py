"""SPEC section 8: --version, -h, python -m notifycli, and what a slip of the finger is told."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from notifycli import __version__
from notifycli.cli.commands import COMMANDS
from notifycli.cli.main import main
from tests.support.places import REPOSITORY

GROUPS = {"module": "list", "type": "enable", "patient": "show", "imports": "settle"}


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(capsys, "--version") == (0, f"notifycli {__version__}\n", "")


def test_the_version_is_that_of_the_package() -> None:
    assert __version__ == importlib.metadata.version("notifycli")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--version", "history"], id="before a command"),
        pytest.param(["--db", "none.db", "--version"], id="behind another option"),
        pytest.param(["--config", "broken.toml", "--version"], id="with settings that cannot be used"),
        pytest.param(["-v", "--version"], id="with -v"),
        pytest.param(["--version", "-v"], id="before -v"),
    ],
)
def test_the_version_asks_neither_database_nor_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("broken = [", encoding="utf-8")
    assert answered(capsys, *arguments) == (0, f"notifycli {__version__}\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.toml"]


@pytest.mark.parametrize(
    "command",
    [
        [],
        *([name] for name in COMMANDS),
        *([group, name] for group, name in GROUPS.items()),
    ],
    ids=lambda command: " ".join(command) or "notify",
)
def test_h_is_help(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    short, long = answered(capsys, *command, "-h"), answered(capsys, *command, "--help")
    assert short == long
    assert short[0] == 0
    assert "-h, --help" in short[1]
    assert short[2] == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("hisotry", "history", id="letters in another order"),
        pytest.param("histroy", "history", id="in yet another"),
        pytest.param("upcomming", "upcoming", id="a letter too many"),
        pytest.param("statu", "status", id="one too few"),
        pytest.param("DOCTOR", "doctor", id="capitals"),
        pytest.param("Reciepts", "receipts", id="a capital, and i before e"),
        pytest.param("patients", "patient", id="the plural"),
        pytest.param("modul", "module", id="in Norwegian"),
        pytest.param("importt", "import", id="two that are near"),
    ],
)
def test_a_command_that_was_meant_is_named(capsys: pytest.CaptureFixture[str], typed: str, meant: str) -> None:
    code, out, err = answered(capsys, typed)
    assert (code, out) == (2, "")
    assert f"'{typed}'" in err
    assert f"'{meant}'" in err.partition("Did you mean")[2]
    assert err.count("\n") <= 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param(["module", "lst"], "list", id="module"),
        pytest.param(["type", "ENABLE"], "enable", id="type, in capitals"),
        pytest.param(["type", "disabel"], "disable", id="type"),
        pytest.param(["patient", "sohw"], "show", id="patient"),
        pytest.param(["imports", "Setle"], "settle", id="imports, with a capital"),
    ],
)
def test_a_subcommand_that_was_meant_is_named(capsys: pytest.CaptureFixture[str], typed: list[str], meant: str) -> None:
    code, out, err = answered(capsys, *typed)
    assert (code, out) == (2, "")
    assert f"'{meant}'" in err.partition("Did you mean")[2]
    assert f"notify {typed[0]} --help" in err
    assert err.count("\n") <= 2


@pytest.mark.parametrize("typed", [["xyzzy"], ["module", "xyzzy"], ["x" * 100_000], ["a\x1b[31mb"]], ids=range(4))
def test_what_is_near_nothing_gets_no_guess(capsys: pytest.CaptureFixture[str], typed: list[str]) -> None:
    code, _, err = answered(capsys, *typed)
    assert code == 2
    assert "Did you mean" not in err
    assert "--help" in err
    assert err.count("\n") <= 2
    assert len(err) < 300
    assert "\x1b" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["history", "-v"], id="-v"),
        pytest.param(["run", "--db", "x.db"], id="--db"),
        pytest.param(["module", "list", "--config", "x.toml"], id="--config, of a subcommand"),
        pytest.param(["upcoming", "--now", "2026-06-01"], id="--now"),
        pytest.param(["status", "--version"], id="--version"),
        pytest.param(["status", "--lang", "nb"], id="--lang"),
    ],
)
def test_an_option_of_all_commands_is_sent_before_the_command(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    option = next(word for word in arguments if word.startswith("-"))
    code, _, err = answered(capsys, *arguments)
    assert code == 2
    assert f"{option} stands before the command: notify {option} " in err
    assert err.count("\n") <= 2


def test_the_hint_shows_where_the_value_goes_and_sentences_end(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, of_language = answered(capsys, "import", "--lang", "nb", "a.csv")
    assert "notify --lang nb|en import" in of_language
    _, _, of_option = answered(capsys, "history", "--patinet", "P1")
    assert "). See: notify history --help" in of_option


@pytest.mark.parametrize("number", [str(2**63), "9" * 5000], ids=["no database holds it", "thousands of figures"])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["history", "--limit"], id="history"),
        pytest.param(["upcoming", "--limit"], id="upcoming"),
        pytest.param(["patient", "find", "kari", "--limit"], id="patient find"),
        pytest.param(["imports", "--limit"], id="imports"),
        pytest.param(["imports", "show"], id="imports show"),
        pytest.param(["show"], id="show"),
        pytest.param(["retry"], id="retry"),
        pytest.param(["resolve", "--sent"], id="resolve"),
    ],
)
@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_number_that_is_too_large_is_wrong_usage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    command: list[str],
    number: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = answered(capsys, "--lang", language, *command, number)
    assert (code, out) == (2, "")
    assert "--help" in err
    assert err.count("\n") == 1
    assert language == "en" or "input" not in err.casefold()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["history", "--search", "br\udcf8"], id="a search"),
        pytest.param(["patient", "find", "br\udcf8"], id="a patient"),
        pytest.param(["why", "appointment", "A\udcf8"], id="an id"),
        pytest.param(["check", "--clinic", "br\udcf8"], id="a clinic"),
    ],
)
def test_bytes_that_are_no_letters_are_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = answered(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "notify: what was typed is not UTF-8; set the terminal to UTF-8\n" in err


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--version"], ["-h"], ["hisotry"]], ids=" ".join)
def test_python_m_is_the_same_program(tmp_path: Path, arguments: list[str]) -> None:
    ways = (["-m", "notifycli"], ["-c", "from notifycli.cli.main import run_from_shell; run_from_shell()"])
    module, command = (
        subprocess.run(
            [sys.executable, *way, *arguments],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for way in ways
    )
    assert (module.returncode, module.stdout, module.stderr) == (command.returncode, command.stdout, command.stderr)
    assert module.stdout or module.stderr
