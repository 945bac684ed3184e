"""SPEC section 8, `notify import --template KIND`: a file of that kind to begin with, and all of them fit together."""

import contextlib
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from notifycli.cli.main import main
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, REQUIRED

NOW = "2026-06-01T12:00:00+02:00"
NOT_OF_A_CLINICS_FILE = {"reject_import", "fresh_at"}  # notify's own, in files of rejects and between its readers


def call(folder: Path, *arguments: str, at: str = NOW) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["--db", str(folder / "notify.db"), "--now", at, *arguments])
    return code, out.getvalue(), err.getvalue()


def template(folder: Path, kind: str, at: str = NOW) -> str:
    code, out, err = call(folder, "import", "--template", kind, at=at)
    assert (code, err) == (0, "")
    return out


def written(folder: Path, at: str = NOW) -> list[str]:
    """The templates of all kinds, each in a file, in the order in which they are imported."""
    paths = [folder / f"{kind}.csv" for kind in KINDS]
    for path in paths:
        path.write_text(template(folder, path.stem, at), encoding="utf-8")
    return [str(path) for path in paths]


def imported(folder: Path, *arguments: str, at: str = NOW) -> list[dict[str, Any]]:
    code, out, _ = call(folder, "import", *arguments, "--json", at=at)
    assert code == 0
    return list(json.loads(out)["files"])


def assert_spotless(report: dict[str, Any], kind: str) -> None:
    assert (report["kind"], report["rows"], report["new"]) == (kind, 1, 1)
    assert (report["rejected"], report["warnings"], report["error"]) == (0, 0, None)


@pytest.mark.parametrize("kind", list(KINDS))
def test_it_has_every_column_and_one_row_that_names_what_is_required(kind: str, tmp_path: Path) -> None:
    header, example = csv.reader(template(tmp_path, kind).splitlines(), delimiter=";")
    assert header == [column for column in COLUMNS[kind] if column not in NOT_OF_A_CLINICS_FILE]
    assert len(example) == len(header)
    row = dict(zip(header, example, strict=True))
    assert [column for column in REQUIRED[kind] if not row[column]] == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_it_writes_nothing(kind: str, tmp_path: Path) -> None:
    template(tmp_path, kind)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "at",
    [
        NOW,
        pytest.param("2026-03-28T12:00:00+01:00", id="the day before summer time begins"),
        pytest.param("2026-03-22T23:59:59+01:00", id="a week before it begins"),
        pytest.param("2026-10-25T02:30:00+01:00", id="in the hour that comes twice"),
        pytest.param("2026-12-31T23:30:00Z", id="another year in Norway than in UTC"),
        pytest.param("2028-02-29T00:00:00Z", id="on the leap day"),
        pytest.param("2026-06-01T00:00:01+02:00", id="a second after midnight"),
    ],
)
def test_all_of_them_in_one_call_are_imported_without_a_warning(at: str, tmp_path: Path) -> None:
    reports = imported(tmp_path, *written(tmp_path, at), at=at)
    for report, kind in zip(reports, KINDS, strict=True):
        assert_spotless(report, kind)


def test_each_by_itself_in_order_is_imported_without_a_warning(tmp_path: Path) -> None:
    for path, kind in zip(written(tmp_path), KINDS, strict=True):
        (report,) = imported(tmp_path, path)
        assert_spotless(report, kind)


def test_it_can_be_piped_into_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        path = tmp_path / f"{kind}.csv"
        path.write_text(template(tmp_path, kind), encoding="utf-8")
        with path.open(encoding="utf-8") as pipe:
            monkeypatch.setattr(sys, "stdin", pipe)
            (report,) = imported(tmp_path, "-")
        assert_spotless(report, kind)


def test_what_they_hold_can_be_sent_and_looked_at(tmp_path: Path) -> None:
    """What happened before the clinic was switched on is told to nobody; the reminder is."""
    imported(tmp_path, *written(tmp_path))
    assert call(tmp_path, "check")[0] == 0
    (reminder,) = json.loads(call(tmp_path, "upcoming", "--until", "2026-06-30", "--json")[1])
    assert (reminder["event"], reminder["channels"], reminder["reason"]) == ("reminder", ["email"], None)
    code, out, _ = call(tmp_path, "run", "--json", at=reminder["due_at"])
    assert (code, json.loads(out)["sent"]) == (0, 1)
    history = json.loads(call(tmp_path, "history", "--json")[1])
    assert [(row["event"], row["sender"]) for row in history] == [("reminder", "notify"), ("app_invite", "convene")]


@pytest.mark.parametrize("kind", ["appointment", "", "people", "all"])
def test_a_kind_that_is_none_is_told_which_there_are(kind: str, tmp_path: Path) -> None:
    code, out, err = call(tmp_path, "import", "--template", kind)
    assert (code, out) == (2, "")
    assert ", ".join(KINDS) in err
    assert err.count("\n") == 1


def test_without_it_a_file_is_still_asked_for(tmp_path: Path) -> None:
    code, _, err = call(tmp_path, "import")
    assert code == 2
    assert "FILE" in err
