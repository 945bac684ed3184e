"""SPEC section 8, `notify browse`: what it needs to begin, what it says of trouble, and its colours."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the browser needs the extra browse, textual")

from tests.support import engines
from tests.support.browsing import Screen, browse
from tests.support.one_clinic import Clinic
from tests.support.processes import LONGEST, NOTIFY, environment, notify
from tests.support.terminals import notify_on_terminal

pytestmark = pytest.mark.slow

DUE = "2026-06-03T12:05:00+02:00"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """P8 was not told of A2, and P4 by e-mail of A1."""
    begun = Clinic.begun_in(tmp_path)
    begun.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", "A2;P8;KONS;2026-06-18T11:00;booked;;")
    begun.call("run", at=DUE)
    return begun


def test_without_a_terminal_it_says_what_a_script_may_use(clinic: Clinic) -> None:
    answer = notify(clinic.folder, "browse")
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err == "notify: browse needs a terminal. In a script: notify history --json\n"


def test_standard_error_has_to_be_a_terminal_too(clinic: Clinic) -> None:
    ours, its = pty.openpty()
    command = [*NOTIFY, "browse"]
    answer = subprocess.run(
        command,
        cwd=clinic.folder,
        env=environment(clinic.folder),
        stdin=its,
        stdout=its,
        stderr=subprocess.PIPE,
        timeout=LONGEST,
    )
    os.close(its)
    os.close(ours)
    assert (answer.returncode, answer.stderr.count(b"\n")) == (2, 1)
    assert b"browse needs a terminal" in answer.stderr


def test_without_the_extra_it_says_what_to_install(clinic: Clinic) -> None:
    hidden = clinic.folder / "hidden" / "textual.py"
    hidden.parent.mkdir()
    hidden.write_text("raise ModuleNotFoundError('No module named textual', name='textual')\n")
    path = os.pathsep.join([str(hidden.parent), os.environ.get("PYTHONPATH", "")])
    answer = notify_on_terminal(clinic.folder, "browse", PYTHONPATH=path)
    assert (answer.exit, answer.out) == (3, "notify: browse needs textual; type: pip install 'notifycli[browse]'\n")


def test_a_database_that_cannot_be_opened_is_told_before_the_screen_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "notify.db").write_text(
        "no database at all, only some text that is long enough to be read as one\n" * 9
    )
    answer = notify_on_terminal(tmp_path, "browse")
    assert (answer.exit, "Traceback" in answer.out, "\x1b" in answer.out) == (3, False, False)
    assert answer.out.startswith("notify: ")


def test_trouble_of_the_database_is_told_and_is_gone_when_it_is_over(clinic: Clinic) -> None:
    def rename(before: str, after: str) -> None:
        with engines.connected(clinic.folder) as connection:
            if engines.server is None:
                connection.execute("PRAGMA legacy_alter_table = ON")
            connection.execute(f"ALTER TABLE {before} RENAME TO {after}")

    async def story(screen: Screen) -> None:
        await screen.press("tab")
        rename("patient", "elsewhere")
        assert "the database refused what was asked" in " ".join((await screen.press("p")).split())
        rename("elsewhere", "patient")
        await screen.press("p", "p")
        assert "P8 at nidelv" in await screen.until("P8 at nidelv")

    browse(clinic.folder, story, DUE)


@pytest.mark.parametrize(
    ("variables", "is_grey", "is_light"),
    [
        pytest.param({"COLORFGBG": "15;0"}, False, False, id="a dark terminal"),
        pytest.param({"COLORFGBG": "0;15"}, False, True, id="a light terminal"),
        pytest.param({"COLORFGBG": "15;0", "NO_COLOR": "1"}, True, False, id="no colours"),
    ],
)
def test_colours_are_as_the_terminal_wants_them(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_grey: bool, is_light: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    async def story(screen: Screen) -> None:
        assert all(len(set(colour)) == 1 for colour in screen.colours()) == is_grey
        assert (min(screen.background()) > 200) == is_light

    browse(clinic.folder, story, DUE)
