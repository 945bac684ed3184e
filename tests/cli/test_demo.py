"""SPEC section 8, `notify demo`: the whole tour, by itself, whatever the user has set; an installed one, too."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Any, NamedTuple

import pytest

from notifycli.cli.demo_script import as_typed, sample_data, story
from notifycli.cli.main import main
from tests.support.places import REPOSITORY

pytestmark = pytest.mark.slow

NOT_ALLOWED_TO_MATTER = {
    "NOTIFY_DB": "/nowhere/notify.db",
    "NOTIFY_CONFIG": "/nowhere/notify.toml",
    "NOTIFY_NOW": "yesterday",
}


class Told(NamedTuple):
    """What a newcomer saw, and where it was played; `home` is where it was called from."""

    code: int
    out: str
    err: str
    folder: Path
    home: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("parent") / "played"
    (home / "notify.toml").write_text("broken = [", encoding="utf-8")
    arguments = ["demo", "--folder", str(folder)]
    program = f"import sys; from notifycli.cli.main import main; sys.exit(main({arguments!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=home,
        env=os.environ | NOT_ALLOWED_TO_MATTER | {"COLUMNS": "80", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr, folder, home)


@pytest.mark.slow
def test_it_ends_well_and_needs_no_settings(told: Told) -> None:
    assert (told.code, told.err) == (0, "")


def test_each_step_says_its_sentence_and_its_command(told: Told) -> None:
    out = " ".join(told.out.split())
    steps = story(sample_data())
    assert len(steps) > 20
    for step in steps:
        assert " ".join(step.say.split()) in out
        assert " ".join(as_typed(step.arguments, 80).split()) in out
    assert out.count("$ notify ") == len(steps)


def test_what_the_commands_show_is_among_it(told: Told) -> None:
    assert "skipped: covered" in told.out
    assert "R19: the patient was told the same time and place" in " ".join(told.out.split())
    assert re.search(r"\d+ notices due, \d+ skipped, \d+ messages sent", told.out)
    assert "appointments-with-errors.csv.rejects.csv" in told.out


def test_it_shows_an_email_and_an_sms_and_where_all_lie(told: Told) -> None:
    assert f"The messages lie in {told.folder}/outbox".replace(" ", "") in "".join(told.out.split())
    email, sms = told.out.index("─ e-mail ─"), told.out.index("─ SMS ─")
    assert "Subject: " in told.out[email:sms]
    assert "To: +47" in told.out[sms:]
    assert "␍" not in told.out
    emails = len(list((told.folder / "outbox" / "email" / "new").iterdir()))
    assert re.search(rf"email +{emails} e-mails", told.out)


def test_it_fits_on_a_screen_of_80_columns(told: Told) -> None:
    of_tables = [line for line in told.out.splitlines() if line.startswith(("─", "╭", "│")) or "●" in line]
    assert len(of_tables) > 50
    assert [line for line in of_tables if len(line) > 80] == []


def test_it_is_plain_where_it_is_no_terminal(told: Told) -> None:
    assert "\x1b" not in told.out


def test_it_leaves_the_callers_folder_alone(told: Told) -> None:
    assert [path.name for path in told.home.iterdir()] == ["notify.toml"]


def test_the_picture_in_the_readme_is_what_it_shows(
    told: Told, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    picture = (REPOSITORY / "README.md").read_text(encoding="utf-8").split("```")[1]
    calls = re.findall(r"^\$ notify (.*)\n((?:[^$].*\n)*)", picture, re.MULTILINE)
    assert len(calls) == 2
    for typed, shown in calls:
        assert (
            main(["--db", str(told.folder / "notify.db"), "--config", str(told.folder / "notify.toml"), *typed.split()])
            == 0
        )
        assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == shown.splitlines()


def support_commands() -> list[str]:
    text = (REPOSITORY / "docs" / "support.md").read_text(encoding="utf-8")
    return re.findall(r"^\| [^|]+ \| `notify ([^`]+)`", text, re.MULTILINE)


@pytest.mark.parametrize("typed", support_commands())
def test_what_support_staff_are_told_to_type_works_on_the_sample_data(
    typed: str, told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copyfile(told.folder / "notify.db", tmp_path / "notify.db")
    (tmp_path / "notify.toml").touch()
    ours = ["--db", str(tmp_path / "notify.db"), "--config", str(tmp_path / "notify.toml")]
    code = main([*ours, "--now", "2026-06-03T15:31:00+02:00", *typed.split()])
    out, err = capsys.readouterr()
    if typed.startswith(("resolve", "calls done")):  # the number or id is an example
        assert (code, err.startswith("notify: ")) == (2, True)
    else:
        assert code in (0, 1)
        assert out + err


def told_next(out: str) -> list[str]:
    """The lines to type, without what is said of them."""
    return re.findall(r"^  (\S.*?)  # ", out[out.index("What to type next") :], re.MULTILINE)


def test_what_it_says_to_type_next_leads_past_the_callers_variables(told: Told) -> None:
    calls = [line for line in told_next(told.out) if " history " in line or " why " in line or " show " in line]
    assert len(calls) == 3
    assert all("notify --db notify.db --config notify.toml " in line for line in calls)


class Newcomer(NamedTuple):
    """Somebody at a shell, whose `notify` was called by `called`, and what is on the PATH beside the system's own."""

    program: Path
    called: str
    path: str
    folder: Path

    def sh(self, line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        variables = {name: value for name, value in os.environ.items() if name not in NOT_ALLOWED_TO_MATTER}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=folder,
            env=variables | {"PATH": f"{self.path}:/usr/bin:/bin", "HOME": str(home), "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def the_program_in(folder: Path) -> Path:
    """As pip writes it."""
    folder.mkdir(parents=True)
    program = folder / "notify"
    lines = [f"#!{sys.executable}", "import sys", f"sys.path.insert(0, {str(REPOSITORY)!r})"]
    lines += ["from notifycli.cli.main import run_from_shell", "run_from_shell()"]
    program.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    program.chmod(0o755)
    return program


def not_on_the_path(folder: Path) -> Newcomer:
    return Newcomer(the_program_in(folder / ".venv" / "bin"), ".venv/bin/notify", "/nowhere", folder)


def in_a_folder_with_a_space(folder: Path) -> Newcomer:
    return Newcomer(the_program_in(folder / "my clinic's"), '"my clinic\'s/notify"', "/nowhere", folder)


def on_the_path(folder: Path) -> Newcomer:
    return Newcomer(the_program_in(folder / "bin"), "notify", str(folder / "bin"), folder)


def linked_on_the_path(folder: Path) -> Newcomer:
    program = the_program_in(folder / "pipx" / "bin")
    (folder / "bin").mkdir()
    (folder / "bin" / "notify").symlink_to(program)
    return Newcomer(program, "notify", str(folder / "bin"), folder)


def another_of_that_name_on_the_path(folder: Path) -> Newcomer:
    (folder / "bin").mkdir()
    other = folder / "bin" / "notify"
    other.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    other.chmod(0o755)
    return Newcomer(the_program_in(folder / "venv"), "venv/notify", str(folder / "bin"), folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arranged", "is_short"),
    [
        pytest.param(not_on_the_path, False, id="as make demo calls it"),
        pytest.param(in_a_folder_with_a_space, False, id="in a folder with a space"),
        pytest.param(on_the_path, True, id="installed"),
        pytest.param(linked_on_the_path, True, id="installed by a link"),
        pytest.param(another_of_that_name_on_the_path, False, id="another notify is found first"),
    ],
)
def test_what_it_says_to_type_next_works_in_the_shell_that_played_it(
    arranged: Callable[[Path], Newcomer], is_short: bool, tmp_path: Path
) -> None:
    newcomer = arranged(tmp_path)
    played = newcomer.sh(f"{newcomer.called} demo --folder played", tmp_path)
    assert (played.returncode, played.stderr) == (0, "")
    lines = told_next(played.stdout)
    assert len(lines) == 6
    assert ("notify history --patient 1043" in lines) == is_short
    for line in lines[1:]:
        typed = newcomer.sh(f"{lines[0]} && {line}", tmp_path)
        assert (typed.returncode, typed.stderr) == (0, ""), line
        assert typed.stdout.count("\n") > 2
    (of_cron,) = [line for line in typed.stdout.splitlines() if line.strip().startswith("* * * * *")]
    called_by_cron = Path(shlex.split(of_cron)[5])
    assert called_by_cron.is_absolute()
    assert called_by_cron.samefile(newcomer.program)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").touch()
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert capsys.readouterr().err.count("\n") == 1


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


def played_by(site: Path, folder: Path) -> tuple[int, dict[str, Any], str]:
    program = (
        "import sys, notifycli; from notifycli.cli.main import main\n"
        f"assert notifycli.__file__.startswith({str(site)!r}), notifycli.__file__\n"
        f"sys.exit(main(['demo', '--json', '--folder', {str(folder)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=site.parent,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_the_package_holds_all_of_the_sample_data(installed: Path) -> None:
    ours, theirs = REPOSITORY / "sample_data", installed / "notifycli" / "sample_data"
    files = {path.relative_to(ours) for path in ours.rglob("*") if path.is_file()}
    assert {path.relative_to(theirs) for path in theirs.rglob("*") if path.is_file()} == files
    assert [path for path in files if (ours / path).read_bytes() != (theirs / path).read_bytes()] == []


@pytest.mark.slow
def test_the_installed_package_plays_it(installed: Path, tmp_path: Path) -> None:
    code, value, err = played_by(installed, tmp_path / "played")
    assert (code, value["as_told"], err) == (0, True, "")
    assert value["folder"] == str(tmp_path / "played")
    assert [step["notify"] for step in value["steps"]] == [list(step.arguments) for step in story(sample_data())]


def test_a_step_that_ends_otherwise_than_told_is_no_success(installed: Path, tmp_path: Path) -> None:
    script = installed / "notifycli" / "sample_data" / "demo.toml"
    whole = script.read_text(encoding="utf-8")
    first, check = whole.split("[[steps]]")[1:3]
    script.write_text(f"[[steps]]{first}[[steps]]{check.replace('exit = 1', 'exit = 0')}", encoding="utf-8")
    assert [step.get("exit") for step in tomllib.loads(script.read_text(encoding="utf-8"))["steps"]] == [None, 0]
    try:
        code, value, err = played_by(installed, tmp_path / "played")
    finally:
        script.write_text(whole, encoding="utf-8")
    assert (code, value["as_told"]) == (1, False)
    assert [step["exit"] for step in value["steps"]] == [0, 1]
    assert "notify check --clinic nidelv: exit 1, but it had to be 0" in err


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        pytest.param(80, "$ notify import 'a b.csv' c.csv", id="on one line, quoted"),
        pytest.param(27, "$ notify import 'a b.csv' \\\n    c.csv", id="continued"),
        pytest.param(5, "$ notify \\\n    import \\\n    'a b.csv' \\\n    c.csv", id="too narrow for any two words"),
    ],
)
def test_a_command_as_one_would_type_it(width: int, expected: str) -> None:
    assert as_typed(["import", "a b.csv", "c.csv"], width) == expected
