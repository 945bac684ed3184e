"""The acceptance cases against the whole program: the shared ones where they are at hand, and this repository's own."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support import case_runner
from tests.support.places import REPOSITORY

SHARED = REPOSITORY.parent / "shared" / "cases"
OWN = REPOSITORY / "tests" / "cases"
KINDS = {"clinics", "types", "patients", "appointments", "dialogs", "receipts", "external"}
CASE_KEYS = {"name", "says", "runs", "steps", "history", "alone", "config"}
STEP_KEYS = {"at", "import", "options", "notify", "exit", "json"}
HISTORY_FIELDS = {
    *("notice", "delivery", "clinic", "patient", "event", "subject", "subject_id", "channel", "address", "text"),
    *("status", "reason", "due_at", "sent_at", "status_at", "attempts", "sender", "active_user"),
}


def case_files(folder: Path) -> list[Any]:
    files = sorted(folder.glob("*.json"))
    if not files:
        return [pytest.param(folder, marks=pytest.mark.skip(reason="no cases at hand here"), id="absent")]
    return [pytest.param(path, id=path.stem) for path in files]


def read(path: Path) -> dict[str, Any]:
    case = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(case, dict)
    return case


@pytest.mark.parametrize("case_file", case_files(SHARED))
def test_a_shared_case_has_the_history_that_it_must(case_file: Path, tmp_path: Path) -> None:
    differences = case_runner.play(case_file, tmp_path)
    assert not differences, "\n" + "\n".join([read(case_file)["says"], *differences])


@pytest.mark.parametrize("case_file", case_files(OWN))
def test_an_own_case_has_the_history_that_it_must(case_file: Path, tmp_path: Path) -> None:
    differences = case_runner.play(case_file, tmp_path)
    assert not differences, "\n" + "\n".join([read(case_file)["says"], *differences])


@pytest.mark.parametrize("case_file", case_files(OWN))
def test_an_own_case_is_well_formed(case_file: Path) -> None:
    case = read(case_file)
    assert set(case) <= CASE_KEYS
    assert case["name"] == case_file.stem
    assert case["says"].strip()
    assert case["steps"]
    tomllib.loads(case.get("config", ""))
    moments = [case_runner.seconds(step["at"]) for step in case["steps"]]
    assert moments == sorted(moments)
    assert is_in_order(case_runner.runs_of(case, OWN / "base"))
    assert all(has_an_offset(at) for at in [step["at"] for step in case["steps"]])


@pytest.mark.parametrize("case_file", case_files(OWN))
def test_the_tables_of_an_own_case_have_as_many_cells_as_columns(case_file: Path) -> None:
    case = read(case_file)
    fields, *rows = [line.split(";") for line in case["history"]] or [[]]
    assert set(fields) <= HISTORY_FIELDS
    assert {len(row) for row in rows} <= {len(fields)}
    for step in case["steps"]:
        assert set(step) <= STEP_KEYS
        assert ("import" in step) != ("notify" in step)
        assert set(step.get("import", {})) <= KINDS
        for lines in step.get("import", {}).values():
            assert len({line.count(";") for line in lines}) == 1


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        pytest.param({"a": 1}, {"a": 1, "b": 2}, True, id="only the fields named count"),
        pytest.param({"a": 1}, {"b": 2}, False, id="a field that is absent"),
        pytest.param({"a": None}, {}, False, id="null is not absent"),
        pytest.param([1, 2], [2, 1], True, id="the order of an array does not count"),
        pytest.param([1], [1, 1], False, id="the length of an array counts"),
        pytest.param(["*", 1], [1, 2], True, id="anything takes what is left"),
        pytest.param({"has": [1]}, [2, 1], True, id="has at least"),
        pytest.param({"has": [1, 1]}, [1], False, id="has each once"),
        pytest.param({"contains": "b"}, "abc", True, id="contains"),
        pytest.param({"contains": ""}, None, False, id="contains wants a text"),
        pytest.param(0, False, False, id="zero is not false"),
    ],
)
def test_matchers(expected: Any, actual: Any, fits: bool) -> None:
    assert (case_runner.mismatches(expected, actual) == []) is fits


@pytest.mark.parametrize(
    ("line", "row", "fits"),
    [
        pytest.param("sent_at\n2026-06-03T10:05:00Z", {"sent_at": "2026-06-03T10:05:59Z"}, True, id="59 s late"),
        pytest.param("sent_at\n2026-06-03T10:05:00Z", {"sent_at": "2026-06-03T10:06:00Z"}, False, id="60 s late"),
        pytest.param("sent_at\n2026-06-03T10:05:00Z", {"sent_at": "2026-06-03T10:04:59Z"}, False, id="a second early"),
        pytest.param("due_at\n2026-06-03T10:05:00Z", {"due_at": "2026-06-03T10:05:01Z"}, False, id="due is exact"),
        pytest.param("event;reason\ndialog;", {"event": "dialog", "reason": None}, True, id="empty is null"),
        pytest.param(
            "event;reason\ndialog;", {"event": "dialog", "reason": "covered"}, False, id="null is nothing else"
        ),
    ],
)
def test_history_rows(line: str, row: dict[str, Any], fits: bool) -> None:
    assert (case_runner.history_differences(line.split("\n"), [row]) == []) is fits


def is_in_order(runs: list[str]) -> bool:
    moments = [case_runner.seconds(at) for at in runs]
    return moments == sorted(moments) and all(has_an_offset(at) for at in runs)


def has_an_offset(moment: str) -> bool:
    return moment[-6] in "+-" or moment.endswith("Z")
