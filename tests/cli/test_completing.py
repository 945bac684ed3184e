"""Tab in a shell: commands, words and ids, quickly and silent whatever is wrong."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from notifycli.cli.commands import COMMANDS, app
from notifycli.cli.main import main
from tests.support import engines
from tests.support.one_clinic import Clinic
from tests.support.timelines import Timeline, came, ran, visit

BEGIN = "from notifycli.cli.main import run_from_shell; run_from_shell()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two appointments were booked and confirmed."""
    place = tmp_path_factory.mktemp("clinic")
    steps = [
        came(
            "06-03 12:00",
            visit("A1", "P1", "06-11 10:00", "06-03 12:00"),
            visit("A2", "P2", "06-12 10:00", "06-03 12:00"),
        )
    ]
    Timeline.begun_in(place).play([*steps, ran("06-03 12:05")])
    return place


@pytest.fixture
def offered(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What bash is offered for the last word of a line; a line that ends in a blank begins a new word."""

    def ask(line: str, at: Path = folder) -> list[str]:
        monkeypatch.chdir(at)
        for name, address in engines.variables(at).items():
            monkeypatch.setenv(name, address)
        typed = line.split(" ")
        monkeypatch.setenv("_NOTIFY_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))
        assert main([]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out.split()

    return ask


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("notify hist", ["history"]),
        ("notify wording pre", ["preview"]),
        ("notify history --appo", ["--appointment"]),
        ("notify history --clinic ", ["nidelv"]),
        ("notify history --clinic lof", []),
        ("notify history --patient P1", ["P1"]),
        ("notify check --clinic nidelv --patient P3", ["P3"]),
        ("notify history --event c", ["confirmation", "change", "cancellation"]),
        ("notify history --status un", ["uncertain"]),
        ("notify why app", ["appointment"]),
        ("notify why appointment A", ["A1", "A2"]),
        ("notify why dialog A", []),
        ("notify module enable nidelv ", ["timebook", "post", "economy"]),
        ("notify type disable nidelv K", ["KONS"]),
        ("notify patient show nidelv P2", ["P2"]),
        ("notify show ", ["2", "1"]),
        ("notify retry 1 ", ["2", "1"]),
        ("notify resolve ", []),
        ("notify wording show rem", ["reminder"]),
        ("notify wording show reminder s", ["sms"]),
        ("notify wording list --clinic ", ["nidelv"]),
        ("notify import --kind pa", ["patients"]),
        ("notify help r", ["reasons", "rules"]),
    ],
)
def test_what_is_offered(offered: Any, line: str, expected: list[str]) -> None:
    assert offered(line) == expected


def test_numbers_of_imports_are_offered_newest_first(offered: Any) -> None:
    numbers = offered("notify imports show ")
    assert numbers == sorted(numbers, key=int, reverse=True)
    assert offered("notify imports settle 1")[-1] == "1"


@pytest.mark.sqlite("a database beside its settings")
def test_the_database_and_settings_that_were_named_count(offered: Any, folder: Path, tmp_path: Path) -> None:
    assert offered("notify history --clinic ", tmp_path) == []
    assert offered(f"notify --db {folder / 'notify.db'} history --clinic ", tmp_path) == ["nidelv"]
    assert offered(f"notify --config {folder / 'notify.toml'} history --clinic ", tmp_path) == ["nidelv"]


@pytest.mark.sqlite("a file that is no database")
@pytest.mark.parametrize(
    "name", [pytest.param(None, id="no database"), "a folder", "no database of ours", "settings that are wrong"]
)
def test_whatever_is_wrong_it_is_silent_and_makes_nothing(offered: Any, tmp_path: Path, name: str | None) -> None:
    if name == "a folder":
        (tmp_path / "notify.db").mkdir()
    elif name == "no database of ours":
        (tmp_path / "notify.db").write_bytes(b"something else")
    elif name is not None:
        (tmp_path / "notify.toml").write_text("databse = 1", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    assert offered("notify history --clinic ", tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before


def test_an_id_that_a_shell_would_take_apart_is_not_offered(offered: Any, tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("B 1;P1;KONS;2026-06-18T10:00;booked;;", "B$2;P1;KONS;2026-06-18T11:00;booked;;")
    clinic.book("B-3;P1;KONS;2026-06-18T12:00;booked;;")
    assert offered("notify why appointment B", tmp_path) == ["B-3"]


def parameters() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    waiting = [(f"notify {name}", root.get_command(None, name)) for name in COMMANDS]
    while waiting:
        typed, command = waiting.pop()
        waiting += [(f"{typed} {name}", below) for name, below in getattr(command, "commands", {}).items()]
        yield from ((typed, parameter) for parameter in command.params)


def test_every_clinic_that_can_be_named_by_an_option_is_offered(offered: Any) -> None:
    named = [typed for typed, parameter in parameters() if "--clinic" in parameter.opts]
    assert len(named) > 5
    assert [typed for typed in named if offered(f"{typed} --clinic ") != ["nidelv"]] == []


def test_installing_writes_the_shells_script(tmp_path: Path) -> None:
    surroundings = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    bash = shutil.which("bash")
    assert bash is not None
    call = f"{sys.executable} -c '{BEGIN}' --install-completion; true"
    done = subprocess.run([bash, "-c", call], env=surroundings, capture_output=True, text=True, check=True)
    assert "bash completion installed" in done.stdout
    assert "_NOTIFY_COMPLETE" in (tmp_path / ".bash_completions" / "notify.sh").read_text(encoding="utf-8")
