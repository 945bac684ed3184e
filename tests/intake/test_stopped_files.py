"""SPEC sections 3 and 8: a file that was stopped is a trouble until it is decided, and says how many of how many."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic
from tests.support.open_imports import LAST, LATER, again, begun_in, bring, codes, is_settled


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return begun_in(tmp_path)


HEADER = "clinic_id;appointment_id;patient_id;type_id;starts_at;status"


def table(count: int, status: str = "booked", *, first: int = 0) -> str:
    rows = (f"nidelv;A{number};P4;KONS;2026-06-18T10:00;{status}" for number in range(first, first + count))
    return "\n".join([HEADER, *rows, ""])


def stopped(clinic: Clinic) -> int:
    """The import that would cancel all of 40 appointments."""
    bring(clinic, table(40), "--force", name="all.csv")
    number = bring(clinic, table(40, "cancelled"), name="wrong.csv", at=LATER)
    assert codes(clinic) == ["import_stopped"]
    return number


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda clinic, number: clinic.call("imports", "settle", str(number)), id="settled"),
        pytest.param(
            lambda clinic, number: again(clinic, clinic.folder / "wrong.csv", "--force", at=LAST), id="forced"
        ),
        pytest.param(lambda clinic, number: bring(clinic, table(40), name="new.csv", at=LAST), id="all have a row"),
    ],
)
def test_a_stopped_file_is_a_trouble_until_it_is_decided(clinic: Clinic, ends: Callable[[Clinic, int], object]) -> None:
    number = stopped(clinic)
    assert held_reasons(clinic)
    ends(clinic, number)
    assert codes(clinic) == []
    assert is_settled(clinic, number)
    assert held_reasons(clinic) == []


def test_a_row_of_some_that_it_holds_is_not_enough(clinic: Clinic) -> None:
    number = stopped(clinic)
    bring(clinic, table(39), name="new.csv", at=LAST)
    assert codes(clinic) == ["import_stopped"]
    assert not is_settled(clinic, number)
    assert set(held_reasons(clinic)) == {"held"}


def held_reasons(clinic: Clinic) -> list[str]:
    """Of the last of the 40 appointments."""
    notices = clinic.json("why", "appointment", "A39", at=LAST)["notices"]
    return [one["reason"] for one in notices if one["reason"] == "held"]


def test_settling_drops_what_it_holds_and_says_so(clinic: Clinic) -> None:
    number = stopped(clinic)
    assert "40 appointments held by it can go on" in clinic.call("imports", "settle", str(number)).err


@pytest.mark.slow
@pytest.mark.parametrize(
    "ends", [pytest.param("--force", id="forced"), pytest.param("", id="with the appointments named")]
)
def test_what_a_complete_file_lacks_is_held_no_longer_than_that(clinic: Clinic, ends: str) -> None:
    bring(clinic, table(40), "--force", name="all.csv")
    assert clinic.call("run", at="2026-06-03T12:10:00+02:00").exit == 0
    lacking = bring(clinic, table(1), "--cancel-missing", name="lacking.csv", at=LATER)
    assert codes(clinic) == ["import_stopped"]
    if ends:
        again(clinic, clinic.folder / "lacking.csv", "--cancel-missing", ends, at=LAST)
    else:
        bring(clinic, table(40), "--cancel-missing", name="lacking.csv", at=LAST)
    assert (codes(clinic), is_settled(clinic, lacking), held_reasons(clinic)) == ([], True, [])


@pytest.mark.parametrize(
    ("stored", "content", "options", "expected"),
    [
        pytest.param(40, table(40, "cancelled"), [], (40, 0, 0, 40), id="cancels"),
        pytest.param(40, table(40).replace("T10", "T11"), [], (0, 40, 0, 40), id="moves"),
        pytest.param(40, table(1), ["--cancel-missing"], (39, 0, 0, 40), id="lacks"),
        pytest.param(0, table(31), [], (0, 0, 31, 0), id="books without a time of booking"),
        pytest.param(3, table(31), [], (0, 0, 28, 3), id="books beside what is stored"),
    ],
)
def test_a_file_held_at_exit_4_says_how_many_of_how_many(
    clinic: Clinic, stored: int, content: str, options: list[str], expected: tuple[int, ...]
) -> None:
    if stored:
        bring(clinic, table(stored), "--force", name="all.csv")
    (clinic.folder / "wrong.csv").write_text(content, encoding="utf-8")
    answer = clinic.call("import", *options, str(clinic.folder / "wrong.csv"), "--json", at=LATER)
    assert answer.exit == 4
    [file] = clinic.json("import", *options, str(clinic.folder / "wrong.csv"), at=LATER)["files"]
    held = dict(zip(("cancel", "move", "book", "of"), expected, strict=True))
    assert file["held"] == held
    assert clinic.json("imports", "--limit", "1")[0]["held"] == held
    assert file["error"] in answer.err


def test_what_is_not_held_has_no_such_field(clinic: Clinic) -> None:
    (clinic.folder / "new.csv").write_text(table(3), encoding="utf-8")
    [file] = clinic.json("import", str(clinic.folder / "new.csv"))["files"]
    assert "held" not in file


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        pytest.param(0, "would book 31 appointments of nidelv, where none is stored, and has no column", id="none"),
        pytest.param(1, "would book 30 appointments of nidelv, where 1 is stored, and has no column", id="one"),
        pytest.param(3, "would book 28 appointments of nidelv, where 3 are stored, and has no column", id="three"),
    ],
)
def test_the_words_of_a_stop_of_bookings(clinic: Clinic, stored: int, words: str) -> None:
    if stored:
        bring(clinic, table(stored), "--force", name="all.csv")
    (clinic.folder / "first.csv").write_text(table(31), encoding="utf-8")
    answer = clinic.call("import", str(clinic.folder / "first.csv"), at=LATER)
    assert answer.exit == 4
    assert words in answer.err
    assert "--migrated" in answer.err
    assert "--force" in answer.err
    assert "would book 31" in clinic.call("imports").out or stored
    assert codes(clinic) == ["import_stopped"]
    again(clinic, clinic.folder / "first.csv", "--migrated", at=LATER)
    assert codes(clinic) == []
