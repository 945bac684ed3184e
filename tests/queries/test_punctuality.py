"""SPEC section 8, `notify gaps` and the punctuality of `notify status`: what was late and why, by what is stored."""

import csv
import io
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifycli.queries.punctuality import Punctuality, punctuality_by
from notifycli.store.engine import open_store, writing
from tests.support.engines import address_in
from tests.support.one_clinic import NOON, Clinic, mail_server
from tests.support.smtp_server import Script

FIELDS = ["notice", "clinic", "subject_id", "event", "due_at", "sent_at", "seconds", "cause"]
BOOKED = "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
NO_SMTP = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
LATER = "2026-06-05T12:00:00+02:00"


def at(clock: str, day: int = 3) -> str:
    return f"2026-06-{day:02}T{clock}:00+02:00"


def run_at(clinic: Clinic, *clocks: str) -> None:
    for clock in clocks:
        assert clinic.call("run", at=at(clock)).exit in (0, 1, 4)


def run_each_minute(clinic: Clinic, hour: int, minutes: range) -> None:
    run_at(clinic, *(f"{hour:02}:{minute:02}" for minute in minutes))


def causes(clinic: Clinic, now: str = LATER, **wanted: str) -> list[tuple[str, int, str]]:
    """What it is about, how many seconds it was late, and the cause."""
    options = [word for name, value in wanted.items() for word in (f"--{name}", value)]
    gaps: list[dict[str, Any]] = clinic.json("gaps", *options, at=now)
    assert all(list(gap) == FIELDS for gap in gaps)
    return [(f"{gap['event']} {gap['subject_id']}", gap["seconds"], gap["cause"]) for gap in gaps]


def test_what_goes_out_in_its_minute_is_no_gap(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    clinic.call("run", at="2026-06-03T12:06:00+02:00")
    assert clinic.call("gaps", at=LATER).exit == 0
    assert causes(clinic) == []
    assert "in its minute" in clinic.call("gaps", at=LATER).out
    told = clinic.call("status", at=at("12:06")).out
    assert "100% of 1 in their minute; median 60 s, 99 % within 60 s" in told


def test_no_run_came(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    run_at(clinic, "12:01")
    clinic.book(BOOKED)
    run_at(clinic, "12:02", "12:30")
    assert causes(clinic) == [("confirmation A1", 1500, "cron_silent")]
    (gap,) = clinic.json("gaps", at=LATER)
    assert (gap["clinic"], gap["due_at"], gap["sent_at"]) == ("nidelv", "2026-06-03T10:05:00Z", "2026-06-03T10:30:00Z")
    told = clinic.call("status", at=at("12:31")).out
    assert "0% of 1 in their minute; median 25 min, 99 % within 25 min" in told
    assert "1 cron silent in the last 24 hours; see: notify gaps" in told


def test_no_run_had_ever_come(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(BOOKED)
    run_at(clinic, "12:30")
    assert causes(clinic) == [("confirmation A1", 1500, "cron_silent")]


def test_the_import_came_late(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    run_each_minute(clinic, 11, range(58, 60))
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T10:00;")
    run_at(clinic, "12:00")
    assert causes(clinic) == [("confirmation A1", 6900, "import_late")]


def test_a_reminder_that_no_run_came_for(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-05T14:00;booked;2026-06-01T10:00;", at=at("10:00", day=1))
    for clock in ("10:05", "10:06"):
        clinic.call("run", at=at(clock, day=1))
    run_at(clinic, "14:10")
    assert causes(clinic) == [("reminder A1", 600, "cron_silent")]


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([f"12:{minute:02}" for minute in range(4, 10)], id="cron went on"),
        pytest.param(["12:05"], id="a run by hand"),
    ],
)
def test_the_safety_stop_held_it(tmp_path: Path, runs: list[str]) -> None:
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 1\n")
    clinic.book(*(f"A{number};P1;KONS;2026-06-1{number}T10:00;booked;2026-06-03T12:00;" for number in (6, 7)))
    run_at(clinic, *runs)
    clinic.call("run", "--release", at=at("12:10"))
    assert causes(clinic) == [(f"confirmation A{number}", 300, "safety_stop") for number in (7, 6)]


def test_the_server_was_down(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, NO_SMTP)
    clinic.call("patient", "set", "nidelv", "P1", "--mobile", "")
    clinic.book(BOOKED)
    run_each_minute(clinic, 12, range(5, 8))
    (tmp_path / "notify.toml").write_text("", encoding="utf-8")
    run_at(clinic, "12:08")
    assert causes(clinic) == [("confirmation A1", 180, "server_down")]


def test_the_server_said_later(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["451 4.7.1 later", "451 4.7.1 later", "250 ok"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.call("patient", "set", "nidelv", "P1", "--mobile", "")
        clinic.book(BOOKED)
        run_each_minute(clinic, 12, range(5, 9))
    assert causes(clinic) == [("confirmation A1", 180, "retry")]


def test_nobody_knew_whether_it_had_arrived(tmp_path: Path) -> None:
    with mail_server(Script({"DOT": ["334 what?", "334 what?", "250 ok"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.call("patient", "set", "nidelv", "P1", "--mobile", "")
        clinic.book(BOOKED)
        run_each_minute(clinic, 12, range(5, 9))
    [(about, seconds, cause)] = causes(clinic)
    assert (about, cause) == ("confirmation A1", "uncertain")
    assert seconds > 60


def test_contact_details_came_later(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    for option in ("--email", "--mobile"):
        clinic.call("patient", "set", "nidelv", "P1", option, "")
    clinic.book(BOOKED)
    run_each_minute(clinic, 12, range(5, 9))
    clinic.call("patient", "set", "nidelv", "P1", "--email", "ny@post.example", at=at("12:09"))
    run_at(clinic, "12:09")
    assert causes(clinic) == [("confirmation A1", 240, "contact_late")]


def test_the_patient_came_later(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P77;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    run_each_minute(clinic, 12, range(5, 9))
    patients = tmp_path / "p77.csv"
    patients.write_text("clinic_id;patient_id;consent;email\nnidelv;P77;yes;p77@post.example\n", encoding="utf-8")
    clinic.call("import", str(patients), at=at("12:09"))
    run_at(clinic, "12:09")
    assert causes(clinic) == [("confirmation A1", 240, "patient_late")]


def test_staff_looked_at_it_again(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.call("patient", "set", "nidelv", "P1", "--consent", "no")
    clinic.book(BOOKED)
    run_each_minute(clinic, 12, range(5, 9))
    clinic.call("patient", "set", "nidelv", "P1", "--consent", "yes", at=at("12:09"))
    (skipped,) = clinic.json("history", at=at("12:09"))
    clinic.call("retry", str(skipped["notice"]), at=at("12:09"))
    run_at(clinic, "12:09")
    assert causes(clinic) == [("confirmation A1", 240, "opened_again")]


@pytest.mark.slow
def test_a_stopped_file_held_it(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    many = [f"M{number};P2;KONS;2026-07-{number:02}T09:00;{{}};2026-05-01T08:00;" for number in range(1, 25)]
    clinic.book(*(row.format("booked") for row in many), at=at("08:00", day=1))
    clinic.call("run", at=at("08:00", day=1))
    moved = [row.format("booked").replace("T09:00", "T11:00") for row in many]
    path = tmp_path / "moved.csv"
    header = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;location;changed_at"
    lines = [header, *(f"nidelv;{row};2026-06-03T11:54" for row in moved)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert clinic.call("import", str(path)).exit == 4
    run_each_minute(clinic, 12, range(3))
    assert clinic.call("import", "--force", str(path), at=at("12:03")).exit == 0
    run_at(clinic, "12:03")
    late = causes(clinic, since="2026-06-03")
    assert len(late) == 24
    assert {cause for _, _, cause in late} == {"import_stopped"}


def test_a_fallback_of_what_had_gone_out_in_time_is_no_gap(tmp_path: Path) -> None:
    """The notice went out with the e-mail that came back an hour later."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    run_at(clinic, "12:05")
    with closing(open_store(address_in(tmp_path))) as store, writing(store):
        store.execute("UPDATE delivery SET status = 'failed', status_at = status_at + 3600, reason = 'expired'")
        store.execute(
            "INSERT INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, sent_at)"
            " SELECT notice_id, 'push', clinic_id, due_at, 'sent', status_at + 60, status_at + 60 FROM delivery LIMIT 1"
        )
    assert causes(clinic) == []
    assert "100% of 1 in their minute" in clinic.call("status", at=at("13:30")).out


def test_an_idle_run_keeps_the_time_and_notes_a_pause(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    run_at(clinic, "12:00", "12:01", "12:10", "12:11")
    with closing(open_store(address_in(tmp_path))) as store:
        pauses = store.execute("SELECT cause, began_at, ended_at FROM pauses").fetchall()
    assert pauses == [
        ("cron_silent", "1970-01-01T00:00:00Z", "2026-06-03T10:00:00Z"),
        ("cron_silent", "2026-06-03T10:01:00Z", "2026-06-03T10:10:00Z"),
    ]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        pytest.param((), ["A3", "A2", "A1"], id="the newest first"),
        pytest.param(("--limit", "2"), ["A3", "A2"], id="so many"),
        pytest.param(("--limit", "0"), ["A3", "A2", "A1"], id="all"),
        pytest.param(("--since", "2026-06-03T12:40"), ["A3", "A2"], id="since, included"),
        pytest.param(("--until", "2026-06-03T12:40"), ["A1"], id="until, not included"),
        pytest.param(("--since", "2026-06-03", "--until", "2026-06-03"), ["A3", "A2", "A1"], id="a day"),
        pytest.param(("--clinic", "nidelv"), ["A3", "A2", "A1"], id="of the clinic"),
    ],
)
def test_what_is_asked_for(tmp_path: Path, options: tuple[str, ...], ids: list[str]) -> None:
    clinic = late_by_the_hour(tmp_path)
    assert [gap["subject_id"] for gap in clinic.json("gaps", *options, at=LATER)] == ids


def late_by_the_hour(folder: Path) -> Clinic:
    clinic = Clinic.begun_in(folder)
    for number, clock in enumerate(("12:20", "12:40", "13:00"), 1):
        clinic.book(f"A{number};P1;KONS;2026-06-18T1{number}:00;booked;2026-06-03T12:00;", at=NOON)
        run_at(clinic, clock)
    return clinic


def test_what_is_older_than_a_month_is_not_listed_unless_it_is_asked_for(tmp_path: Path) -> None:
    clinic = late_by_the_hour(tmp_path)
    assert clinic.json("gaps", at="2026-07-04T12:00:00+02:00") == []
    assert len(clinic.json("gaps", "--since", "2026-06-01", at="2026-07-04T12:00:00+02:00")) == 3
    assert "last 30 days    nothing went out" in clinic.call("status", at="2026-07-04T12:00:00+02:00").out


def test_a_csv(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(late_by_the_hour(tmp_path).call("gaps", "--csv", at=LATER).out)))
    assert rows[0] == FIELDS
    assert [row[FIELDS.index("cause")] for row in rows[1:]] == ["cron_silent"] * 3


def test_the_table_explains_each_cause_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = late_by_the_hour(tmp_path).call("gaps", at=LATER).out
    assert out.count("no run came: cron, or the machine, was off") == 1
    assert "cron silent (3)" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_an_unknown_clinic_is_wrong_usage(tmp_path: Path) -> None:
    assert Clinic.begun_in(tmp_path).call("gaps", "--clinic", "nidelf").exit == 2


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        pytest.param([], Punctuality(0, 0, None, None, None), id="nothing went out"),
        pytest.param([(7, 1)], Punctuality(1, 0, 1.0, 7, 7), id="a single notice"),
        pytest.param([(60, 1), (61, 1)], Punctuality(2, 1, 0.5, 60, 61), id="60 seconds are in time, 61 are not"),
        pytest.param([(1, 99), (500, 1)], Punctuality(100, 1, 0.99, 1, 1), id="one of a hundred is beyond the p99"),
        pytest.param([(1, 98), (500, 2)], Punctuality(100, 2, 0.98, 1, 500), id="two of a hundred are not"),
        pytest.param([(-3, 4)], Punctuality(4, 0, 1.0, 0, 0), id="a clock that was set back"),
    ],
)
def test_by_nearest_rank(delays: list[tuple[int, int]], expected: Punctuality) -> None:
    assert punctuality_by(delays) == expected
