"""SPEC section 8: commands but `init` and `demo` make the database too, and say so on standard error."""

from pathlib import Path

import pytest

from notifycli.cli.main import main

COMMANDS = [
    pytest.param(["run"], id="run"),
    pytest.param(["run", "--json"], id="run, by the slow way"),
    pytest.param(["status"], id="status"),
    pytest.param(["imports"], id="imports"),
    pytest.param(["history", "--json"], id="history"),
    pytest.param(["upcoming"], id="upcoming"),
    pytest.param(["check"], id="check"),
    pytest.param(["import", "nothing.csv"], id="import"),
    pytest.param(["show", "1"], id="a command that ends in an error"),
]


def call(folder: Path, *arguments: str) -> int:
    return main(["--config", str(folder / "notify.toml"), *arguments])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notify.toml").touch()
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_new_database_is_told_of_once(folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    call(folder, *command)
    made = f"notify: {folder / 'notify.db'}: a new, empty database was made"
    told = capsys.readouterr()
    assert told.err.count(made) == 1
    assert "database" not in told.out
    call(folder, *command)
    assert "database was made" not in capsys.readouterr().err


def test_init_makes_it_without_that_word(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notify.toml").unlink()
    assert main(["init"]) == 0
    assert capsys.readouterr().err == ""
    call(folder, "run")
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_demo_does_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--folder", str(folder / "demo")]) == 0
    told = capsys.readouterr()
    assert "database was made" not in told.out + told.err


def test_a_file_without_content_is_a_new_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notify.db").touch()
    call(folder, "run")
    assert "database was made" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["import", "--help"], ["nonsense"]])
def test_what_needs_no_database_makes_none(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call(folder, *command)
    assert not (folder / "notify.db").exists()
    assert "database" not in capsys.readouterr().err


def test_one_that_cannot_be_made_is_not_told_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--db", str(folder / "none" / "notify.db"), "status"]) == 3
    assert "was made" not in capsys.readouterr().err
