"""A pager where a terminal is too short for what is shown, and nowhere else."""

import json
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic
from tests.support.processes import notify
from tests.support.terminals import notify_on_terminal

UPCOMING = ("--now", "2026-06-03T12:00:00+02:00", "upcoming", "--until", "2026-06-20")
TO_FILE = "tee paged.txt"  # a pager that shows all, and leaves a trace


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(*(f"A{number};P4;KONS;2026-06-18T10:{number:02d};booked;2026-06-01T11:00;" for number in range(12)))
    return clinic


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "lines", "pager", "is_paged"),
    [
        pytest.param((), 8, TO_FILE, True, id="longer than the terminal"),
        pytest.param((), 40, TO_FILE, False, id="it fits"),
        pytest.param(("--no-pager",), 8, TO_FILE, False, id="not wanted"),
        pytest.param((), 8, "", False, id="PAGER is empty"),
        pytest.param((), 8, "cat", False, id="PAGER is cat"),
        pytest.param((), 8, "no-such-program", False, id="a pager that is not there"),
        pytest.param((), 8, "tee 'paged.txt", False, id="an unbalanced quote"),
    ],
)
def test_what_is_paged(clinic, before, lines, pager, is_paged):
    answer = notify_on_terminal(clinic.folder, *before, *UPCOMING, lines=lines, PAGER=pager)
    assert answer.exit == 0
    assert [number for number in range(12) if f" A{number} " not in answer.out] == []
    assert answer.out.count("due 2026") == 1
    assert "Traceback" not in answer.out
    assert (clinic.folder / "paged.txt").exists() == is_paged


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_what_machines_read_is_not_paged(clinic, option):
    command = ("history", option) if option == "--csv" else (*UPCOMING, option)
    assert notify_on_terminal(clinic.folder, *command, lines=1, PAGER=TO_FILE).exit == 0
    assert not (clinic.folder / "paged.txt").exists()


@pytest.mark.slow
def test_a_pipe_is_not_paged(clinic):
    assert notify(clinic.folder, *UPCOMING).out.count("reminder") == 12
    assert len(json.loads(notify(clinic.folder, *UPCOMING, "--json").out)) == 24


@pytest.mark.slow
def test_who_leaves_the_pager_early_is_told_nothing_more(clinic):
    answer = notify_on_terminal(clinic.folder, *UPCOMING, lines=8, PAGER="head -n 1")
    assert (answer.exit, answer.out.count("reminder"), "Traceback" in answer.out) == (0, 0, False)


@pytest.mark.slow
def test_an_exit_code_outlives_the_pager(clinic):
    assert notify_on_terminal(clinic.folder, "check", lines=3, PAGER="head -n 1").exit == 1


@pytest.mark.slow
def test_patients_who_are_found_are_paged_too(clinic):
    answer = notify_on_terminal(clinic.folder, "patient", "find", "kari", lines=3, PAGER=TO_FILE)
    assert (answer.exit, answer.out.count("Kari Ødegård")) == (0, 1)
    assert (clinic.folder / "paged.txt").exists()
