"""What a second reading of the contract found, where no worked case in tests/cases can play it.

Through the command line, with mail servers that are down, a run that is killed, and files of more than one block.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notifycli.intake.formats.blocks import CHUNK
from tests.support import engines
from tests.support.case_runner import Answer
from tests.support.one_clinic import Clinic, mail_server
from tests.support.processes import LONGEST, NOTIFY, environment
from tests.support.smtp_server import SILENCE, Script

APPOINTMENTS = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;changed_at"
BASE_IMPORT = "2026-01-05T07:00:00Z"
DUE, A_MINUTE_LATER = "2026-06-03T12:05:00+02:00", "2026-06-03T12:06:00+02:00"
BEFORE = "2026-06-03T11:00:00+02:00"
NOON = "2026-06-03T12:00:00+02:00"
DOWN: dict[str, list[str | None]] = {"GREETING": ["421 4.3.2 down for maintenance"]}
LATER_THEN_WELL: dict[str, list[str | None]] = {"RCPT": ["451 4.3.0 try again later", "250 2.1.5 Ok"]}
NOTHING = dict.fromkeys(("due", "sent", "skipped", "failed", "retrying", "uncertain"), 0)


def imported(clinic: Clinic, at: str, name: str, *lines: str, options: tuple[str, ...] = ()) -> Answer:
    path = clinic.folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return clinic.call("import", *options, str(path), at=at)


def booked(clinic: Clinic, *patients: str) -> None:
    """An appointment A1, A2 … for each, of which the confirmation is due at DUE."""
    clinic.book(
        *(f"A{number};{one};KONS;2026-06-18T10:00;booked;2026-06-03T12:00;" for number, one in enumerate(patients, 1))
    )


def moved_while_the_mail_server_asks_for_patience(clinic: Clinic) -> None:
    """A change of Per's, who gets `both`, and whose SMS goes out at DUE."""
    row = "nidelv;A1;P4;KONS;2026-06-{}T10:00;booked;2026-05-04T12:00;{}"
    imported(clinic, BEFORE, "a.csv", APPOINTMENTS, row.format(18, ""), options=("--migrated",))
    imported(clinic, NOON, "a.csv", APPOINTMENTS, row.format(19, "2026-06-03T12:00"))
    clinic.call("run", at=DUE)
    assert statuses(clinic) == {"sms": "sent", "email": "queued"}


def statuses(clinic: Clinic) -> dict[str, str]:
    return {row["channel"]: row["status"] for row in clinic.json("history")}


# R19: what went out of a notice does not cover the rest of it


def test_a_change_goes_out_by_email_a_minute_after_its_sms(tmp_path: Path) -> None:
    with mail_server(Script(LATER_THEN_WELL)) as (server, section):
        clinic = Clinic.begun_in(tmp_path, section)
        moved_while_the_mail_server_asks_for_patience(clinic)
        told = clinic.json("why", "appointment", "A1", at=DUE)
        clinic.call("run", at=A_MINUTE_LATER)
    assert [one["reason"] for one in told["notices"] if one["event"] == "change"] == [None]
    assert statuses(clinic) == {"sms": "sent", "email": "sent"}
    assert len(server.messages) == 1


# A delivery that waits, and a rule that says no meanwhile


def test_a_retry_that_a_rule_will_stop_is_foreseen_as_skipped(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P2")
        assert clinic.json("upcoming", at=DUE)[0]["channels"] == ["email"]
        clinic.call("run", at=DUE)
        assert clinic.json("upcoming", at=DUE)[0]["channels"] == ["email"]
        clinic.book("A1;P2;KONS;2026-06-18T10:00;cancelled;;", at="2026-06-03T12:05:30+02:00")

        why = clinic.json("why", "appointment", "A1", at="2026-06-03T12:05:40+02:00")["notices"]
        upcoming = clinic.json("upcoming", at="2026-06-03T12:05:40+02:00")
        rehearsed = clinic.json("run", "--dry-run", at=A_MINUTE_LATER)
        done = clinic.json("run", at=A_MINUTE_LATER)
    assert verdict_on(why, "confirmation") == ("planned", "cancelled", [])
    assert foreseen(upcoming)[0] == ("confirmation", [], "cancelled")
    assert foreseen(rehearsed["notices"]) == [("confirmation", [], "cancelled")]
    assert (rehearsed["due"], rehearsed["skipped"]) == (1, 1)
    assert done == NOTHING | {"due": 1, "skipped": 1}
    assert [row["reason"] for row in clinic.json("history")] == ["cancelled"]


def verdict_on(notices: list[dict[str, Any]], event: str) -> tuple[Any, ...]:
    (one,) = (notice for notice in notices if notice["event"] == event)
    return one["verdict"], one["reason"], one["channels"]


def foreseen(notices: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["event"], one["channels"], one["reason"]) for one in notices]


# What a run counts


def test_a_notice_that_is_tried_again_is_due_again_once(tmp_path: Path) -> None:
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P1", "P4", "P8")
        counted = [clinic.json("run", at=at) for at in (DUE, A_MINUTE_LATER)]
    assert counted[0] == NOTHING | {"due": 3, "sent": 1, "skipped": 1, "retrying": 2}
    assert counted[1] == NOTHING | {"due": 2, "retrying": 2}


def test_two_deliveries_of_a_notice_that_are_tried_again_are_one_that_is_due(tmp_path: Path) -> None:
    (tmp_path / "outbox" / "sms.jsonl").mkdir(parents=True)
    with mail_server(Script(DOWN)) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        booked(clinic, "P4")
        counted = [clinic.json("run", at=at) for at in (DUE, A_MINUTE_LATER)]
        clinic.call("patient", "set", "nidelv", "P4", "--consent", "no", at=A_MINUTE_LATER)
        counted.append(clinic.json("run", at="2026-06-03T12:10:00+02:00"))
    assert counted[:2] == [NOTHING | {"due": 1, "retrying": 2}] * 2
    assert counted[2] == NOTHING | {"due": 1, "skipped": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("silent_at", "on_uncertain", "exit_code", "counted"),
    [
        pytest.param("GREETING", "hold", 0, {"due": 1, "sent": 1}, id="not handed over"),
        pytest.param("DOT", "hold", 1, {"uncertain": 1}, id="held"),
        pytest.param("DOT", "resend", 0, {"due": 1, "sent": 1}, id="sent again"),
    ],
)
def test_what_a_killed_run_left_counts_in_the_next(
    tmp_path: Path, silent_at: str, on_uncertain: str, exit_code: int, counted: dict[str, int]
) -> None:
    settles = f'on_uncertain = "{on_uncertain}"\n'
    with mail_server(Script({silent_at: [SILENCE]})) as (server, section):
        clinic = Clinic.begun_in(tmp_path, section + settles)
        booked(clinic, "P2")
        kill_a_run_that_sends(clinic, lambda: bool(server.uses[silent_at]))
    (tmp_path / "notify.toml").write_text(f"[email]\n{settles}", encoding="utf-8")
    answer = clinic.call("run", "--json", at=A_MINUTE_LATER)
    assert (answer.exit, counts_of(answer)) == (exit_code, NOTHING | counted)


def kill_a_run_that_sends(clinic: Clinic, has_come_to: Callable[[], bool]) -> None:
    options = ("--db", str(engines.address_in(clinic.folder)), "--config", "notify.toml", "--now", DUE)
    until = time.monotonic() + LONGEST
    with subprocess.Popen([*NOTIFY, *options, "run"], cwd=clinic.folder, env=environment()) as process:
        while process.poll() is None and time.monotonic() < until and not has_come_to():
            time.sleep(0.05)
        process.kill()
    assert statuses(clinic) == {"email": "sending"}


def counts_of(answer: Answer) -> Any:
    return json.loads(answer.out)


# The same row twice in a file, in blocks that are read one after the other

FILLER = "f" * 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_id", "by_staff", "first", "last", "is_on", "since"),
    [
        pytest.param("OFF", None, "yes", "no", False, None, id="off as it was"),
        pytest.param("KONS", None, "no", "yes", True, BASE_IMPORT, id="on as it was"),
        pytest.param("OFF", None, "no", "yes", True, "2026-06-03T10:00:00Z", id="on now"),
        pytest.param("KONS", None, "yes", "no", False, "2026-06-03T10:00:00Z", id="off now"),
        pytest.param("NEW", None, "yes", "no", False, None, id="new and off"),
        pytest.param("NEW", None, "no", "yes", True, "2026-06-03T10:00:00Z", id="new and on"),
        pytest.param("OFF", "enable", "yes", "no", True, "2026-06-03T10:00:00Z", id="staff switched it on"),
        pytest.param("KONS", "disable", "no", "yes", False, "2026-06-03T10:00:00Z", id="staff switched it off"),
    ],
)
def test_of_a_type_twice_in_a_long_file_the_later_row_counts(
    tmp_path: Path, type_id: str, by_staff: str | None, first: str, last: str, is_on: bool, since: str | None
) -> None:
    clinic = Clinic.begun_in(tmp_path)
    if by_staff:
        clinic.call("type", by_staff, "nidelv", type_id, at=NOON)
    between = [f"nidelv;T{number};no;{FILLER}" for number in range(3 * CHUNK // len(FILLER))]
    rows = [f"nidelv;{type_id};{first};the first", *between, f"nidelv;{type_id};{last};the last"]
    assert imported(clinic, NOON, "types.csv", "clinic_id;type_id;notifications;name", *rows).exit == 0
    (found,) = (one for one in clinic.json("type", "list", "nidelv") if one["type"] == type_id)
    assert (found["on"], found["since"], found["name"]) == (is_on, since, "the last")


@pytest.mark.parametrize(
    ("first", "last", "is_on"),
    [
        pytest.param("no", "yes", True, id="on as it was"),
        pytest.param("yes", "no", False, id="off now"),
        pytest.param("no", "", False, id="cleared"),
    ],
)
def test_of_a_clinic_twice_in_a_long_file_the_later_row_counts(
    tmp_path: Path, first: str, last: str, is_on: bool
) -> None:
    clinic = Clinic.begun_in(tmp_path)
    between = [f"c{number};{FILLER};no" for number in range(3 * CHUNK // len(FILLER))]
    rows = [f"nidelv;The first;{first}", *between, f"nidelv;The last;{last}"]
    assert imported(clinic, NOON, "clinics.csv", "clinic_id;name;post", *rows).exit == 0
    (found,) = (one for one in clinic.json("module", "list", "nidelv") if one["module"] == "post")
    assert found["on"] is is_on


# What a rehearsal says


def test_a_dry_run_counts_reminders_only_of_what_happens(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    booked(clinic, *["P1"] * 5)
    clinic.call("run", at=DUE)
    row = "nidelv;A{};P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;;2026-06-18T10:30"
    rows = [row.format(number) for number in range(1, 8)]
    header = f"{APPOINTMENTS};ends_at"
    told = imported(clinic, A_MINUTE_LATER, "again.csv", header, *rows, options=("--dry-run",))
    assert "would book 2; 2 notices, and 2 reminders later." in told.err
    assert len(clinic.json("upcoming", "--until", "2026-06-30T00:00:00+02:00", at=A_MINUTE_LATER)) == 5
