"""SPEC section 8, `notify status --prometheus FILE`: the figures of status as metrics, written whole or not at all."""

import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from notifycli.domain.reasons import TROUBLES
from tests.support.one_clinic import NOON, Clinic, mail_server
from tests.support.smtp_server import Script

BOOKED = "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
AT_NOON, DUE = 1_780_480_800, "2026-06-03T12:05:00+02:00"
HALF_PAST = "2026-06-03T12:30:00+02:00"


def written(clinic: Clinic, at: str) -> dict[str, float]:
    """Each value under its metric's name without notify_, and {label} where it has one."""
    file = clinic.folder / "notify.prom"
    answer = clinic.call("status", "--prometheus", str(file), at=at)
    assert (answer.out, answer.err) == ("", "")
    values: dict[str, float] = {}
    for family in text_string_to_metric_families(file.read_text()):
        assert (family.type, bool(family.documentation)) == ("gauge", True)
        for sample in family.samples:
            (label,) = sample.labels.values() or ("",)
            values[sample.name.removeprefix("notify_") + (f"{{{label}}}" if label else "")] = sample.value
    assert answer.exit == 1 - values["well"]
    return values


def test_a_clinic_where_all_is_well(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at=DUE)
    values = written(clinic, HALF_PAST)
    assert values.items() >= {
        **{"well": 1, "status_timestamp_seconds": AT_NOON + 1800, "last_run_timestamp_seconds": AT_NOON + 300},
        **{"last_import_timestamp_seconds": AT_NOON, "last_work_timestamp_seconds": AT_NOON + 300},
        **{"last_work{due}": 1, "last_work{sent}": 1, "last_work{failed}": 0, "late": 0, "uncertain": 0},
        **{"backlog{due}": 0, "backlog{queued}": 0, "backlog{retrying}": 0, "failed_imports": 0, "rejected_rows": 0},
        "rehearsal": 0,
    }.items()  # fmt: skip
    assert {name for name in values if name.startswith("troubles")} == {f"troubles{{{code}}}" for code in TROUBLES}


def test_a_time_that_never_was_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    Clinic(tmp_path).call("status")  # which makes the database, and says so
    values = written(Clinic(tmp_path), NOON)
    assert (values["well"], values["troubles{no_import}"]) == (0, 1)
    assert [name for name in values if name.endswith("timestamp_seconds")] == ["status_timestamp_seconds"]


@pytest.mark.parametrize(
    ("script", "name", "code"),
    [
        pytest.param({"RCPT": ["451 4.7.1 later"]}, "backlog{retrying}", "retrying", id="to be tried again"),
        pytest.param({"RCPT": ["550 5.1.1 unknown"]}, "failed_last_day", "failed", id="failed for good"),
        pytest.param({"DOT": ["334 what?"]}, "uncertain", "uncertain", id="uncertain"),
    ],
)
def test_what_went_wrong_is_counted(tmp_path: Path, script: dict[str, list[str | None]], name: str, code: str) -> None:
    with mail_server(Script(script)) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.call("patient", "set", "nidelv", "P4", "--mobile", "")
        clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
    values = written(clinic, DUE)
    assert (values[name], values[f"troubles{{{code}}}"], values["well"]) == (1, 1, 0)


def test_what_waits_and_since_when(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 1\n")
    clinic.book(*(f"A{number};P1;KONS;2026-06-1{number}T10:00;booked;2026-06-03T12:00;" for number in range(6, 9)))
    clinic.call("run", at=DUE)
    values = written(clinic, HALF_PAST)
    assert (values["backlog{due}"], values["late"], values["safety_stop"]) == (3, 3, 1)
    assert values["oldest_due_timestamp_seconds"] == AT_NOON + 300


def test_a_rehearsal_is_told(tmp_path: Path) -> None:
    assert written(Clinic.begun_in(tmp_path, '[rehearsal]\nonly = ["@nidelv.example"]\n'), NOON)["rehearsal"] == 1


def test_files_that_were_not_imported_and_rows_that_are_open(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "odd.csv").write_text("nothing;that\nis;known\n", encoding="utf-8")
    clinic.call("import", str(tmp_path / "odd.csv"))
    clinic.book("A1;P1;KONS;at ten;booked;;", "A2;P1;KONS;at eleven;booked;;")
    values = written(clinic, NOON)
    assert (values["failed_imports"], values["rejected_rows"], values["troubles{rows_rejected}"]) == (1, 2, 1)


def test_it_takes_the_place_of_the_last_one_at_once(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    before = {path.name for path in tmp_path.iterdir()} | {"notify.prom"}
    written(clinic, NOON)
    with (tmp_path / "notify.prom").open(encoding="utf-8") as reader:
        written(clinic, HALF_PAST)
        assert "notify_status_timestamp_seconds 1.7804808e+09" in reader.read()
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("missing/notify.prom", "No such file or directory", id="no folder"),
        pytest.param("folder", "Is a directory", id="a folder in its place"),
    ],
)
def test_a_file_that_cannot_be_written(tmp_path: Path, place: str, words: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "folder").mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = clinic.call("status", "--prometheus", str(tmp_path / place))
    assert (answer.exit, answer.out) == (3, "")
    assert f"{words}; name a file in a folder" in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_json_may_stand_beside_it(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    assert clinic.json("status", "--prometheus", str(tmp_path / "notify.prom"))["well"] is True
    assert "notify_well 1.0" in (tmp_path / "notify.prom").read_text()


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = Clinic.begun_in(tmp_path)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = clinic.call("status", "--prometheus", str(tmp_path / "notify.prom"))
    assert (answer.exit, "pip install 'notifycli[metrics]'" in answer.err) == (3, True)


def test_it_says_nothing_of_patients(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    written(clinic, HALF_PAST)
    text = (tmp_path / "notify.prom").read_text()
    assert not [word for word in ("P1", "Kari", "kari@", "91000001", "A1", "nidelv") if word in text]
