"""SPEC section 8, `notify init`: a configuration and a database to begin with; nothing is ever overwritten."""

import json
import os
from pathlib import Path

import pytest

from notifycli.cli.main import main
from notifycli.config import INIT_TEXT, Settings, database_address, load

VARIABLES = {"NOTIFY_CONFIG": "etc/n.toml", "NOTIFY_DB": "var/n.db"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NOTIFY_DB", "NOTIFY_CONFIG", "NOTIFY_NOW"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_both_files_are_made_and_nothing_else(here: Path) -> None:
    assert main(["init"]) == 0
    assert names_in(here) == {"notify.toml", "notify.db", "notify.db.lock"}
    assert (here / "notify.toml").read_text(encoding="utf-8") == INIT_TEXT
    assert (here / "notify.db").stat().st_mode & 0o777 == 0o600


def test_it_says_what_to_do_next_in_lines_that_can_be_typed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    out = capsys.readouterr().out
    assert "notify import clinics.csv" in out
    assert "crontab -e" in out
    (line,) = [line.strip() for line in out.splitlines() if line.strip().startswith("* * * * *")]
    assert line.endswith(f"--config {here}/notify.toml run")


def test_a_percent_in_the_path_is_no_line_end_to_cron(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "50 % off").mkdir()
    monkeypatch.chdir(here / "50 % off")
    main(["init"])
    out = capsys.readouterr().out
    assert f"--config '{here}/50 \\% off/notify.toml' run" in out


def test_what_is_there_stays_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "notify.toml").write_text("# mine\n", encoding="utf-8")
    assert main(["init"]) == 2
    assert (here / "notify.toml").read_text(encoding="utf-8") == "# mine\n"
    assert names_in(here) == {"notify.toml"}
    err = capsys.readouterr().err
    assert err.startswith("notify: notify.toml: is there already")
    assert err.count("\n") == 1


def test_a_link_to_nothing_is_not_written_through(here: Path) -> None:
    (here / "notify.toml").symlink_to("elsewhere.toml")
    assert main(["init"]) == 2
    assert names_in(here) == {"notify.toml"}


def test_a_database_that_is_there_is_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    (here / "notify.toml").unlink()
    (here / "clinics.csv").write_text("clinic_id;name\nnidelv;Nidelv\n", encoding="utf-8")
    assert main(["import", "clinics.csv"]) == 0
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["module", "list", "--json"]) == 0
    assert {one["clinic"] for one in json.loads(capsys.readouterr().out)} == {"nidelv"}


@pytest.mark.parametrize(
    ("options", "environment", "config", "database"),
    [
        pytest.param(["--config", "etc/n.toml"], {}, "etc/n.toml", "etc/notify.db", id="--config"),
        pytest.param(["--db", "var/n.db"], {}, "notify.toml", "var/n.db", id="--db"),
        pytest.param(["--config", "etc/n.toml", "--db", "var/n.db"], {}, "etc/n.toml", "var/n.db", id="both"),
        pytest.param([], VARIABLES, "etc/n.toml", "var/n.db", id="variables"),
        pytest.param(["--db", "other.db"], VARIABLES, "etc/n.toml", "other.db", id="--db over a variable"),
        pytest.param(["--db", 'a "b" \\.db'], {}, "notify.toml", 'a "b" \\.db', id="a name that TOML has to quote"),
    ],
)
def test_it_goes_where_it_is_told(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
    config: str,
    database: str,
) -> None:
    (here / "etc").mkdir()
    (here / "var").mkdir()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main([*options, "init"]) == 0
    assert (here / database).is_file()
    assert not (here / "notify.db").exists()
    settings = load(here / config, {})
    assert os.path.samefile(database_address(settings, None, {}), here / database)
    assert settings.email == Settings().email


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        pytest.param(["--config", "none/n.toml"], 2, id="no folder for the configuration"),
        pytest.param(["--db", "none/n.db"], 3, id="no folder for the database"),
        pytest.param(["--db", "."], 3, id="a folder as the database"),
    ],
)
def test_what_cannot_be_made_leaves_nothing_half(
    here: Path, options: list[str], exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*options, "init"]) == exit_code
    assert names_in(here) == set()
    assert capsys.readouterr().err.count("\n") == 1


def test_json_names_both(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"config": f"{here}/notify.toml", "database": f"{here}/notify.db"}
    assert err == ""
