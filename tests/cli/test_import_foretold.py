"""SPEC section 8: the dry runs of imports, runs and switches tell what comes, goes and changes, and what it costs.

A1 of P3 (SMS) is on Thursday 11 June at 10, A2 of P4 (both) on Friday 12 June; both were confirmed.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic
from tests.support.timelines import NO_LIMITS, PLACED, Timeline, called, came, moment, played, ran, table, visit

A1 = visit("A1", "P3", "06-11 10:00", "06-03 12:00")
A2 = visit("A2", "P4", "06-12 10:00", "06-03 12:00")
CANCELLED = A1 | {"status": "cancelled", "cancelled": "06-03 12:20", "changed": "06-03 12:20"}
MOVED = A2 | {"starts": "06-13 10:00", "changed": "06-03 12:20"}
NEW = visit("A3", "P1", "06-15 10:00", "06-03 12:20")
PRICE = "[sms]\nprice = 0.5\n"


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    return played(tmp_path, came("06-03 12:00", A1, A2), ran("06-03 12:05"), config=NO_LIMITS + PRICE)


def foretold(timeline: Timeline, *rows: Any, at: str = "06-03 12:20", options: tuple[str, ...] = ()) -> Any:
    path = timeline.written(table(rows), "next.csv", at)
    return timeline.clinic.json("import", path, "--dry-run", *options, at=moment(at).isoformat())["notices"]


def counted(notices: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(f"{notice['event']} {notice['subject_id']}" for notice in notices))


def test_a_cancellation_takes_the_reminder_away(timeline: Timeline) -> None:
    notices = foretold(timeline, CANCELLED)
    assert counted(notices["gained"]) == {"cancellation A1": 1}
    assert counted(notices["lost"]) == {"reminder A1": 1}
    assert (notices["changed"], notices["segments"], notices["cost"]) == ([], 0, 0)


def test_a_moved_appointment_changes_its_reminder(timeline: Timeline) -> None:
    notices = foretold(timeline, MOVED)
    assert counted(notices["gained"]) == {"change A2": 1}
    [change] = notices["changed"]
    assert [change[side]["due_at"] for side in ("before", "after")] == ["2026-06-10T08:00:00Z", "2026-06-11T08:00:00Z"]
    assert (notices["lost"], notices["segments"], notices["cost"]) == ([], 1, 0.5)


def test_another_place_changes_what_the_reminder_says(timeline: Timeline) -> None:
    path = timeline.written(table([A1 | {"place": "Rom 2", "changed": "06-03 12:20"}], PLACED), "next.csv")
    notices = timeline.clinic.json("import", path, "--dry-run", at=moment("06-03 12:20").isoformat())["notices"]
    assert counted(notices["gained"]) == {"change A1": 1}
    assert counted([change["after"] for change in notices["changed"]]) == {"reminder A1": 1}


def test_a_patient_who_can_no_longer_be_reached(timeline: Timeline) -> None:
    path = timeline.written("clinic_id;patient_id;email;mobile;consent\nnidelv;P3;;;yes\n", "patients.csv")
    notices = timeline.clinic.json("import", path, "--dry-run", at=moment("06-03 12:20").isoformat())["notices"]
    assert counted(notices["lost"]) == {"reminder A1": 1}


def test_contact_details_change_where_it_goes(timeline: Timeline) -> None:
    path = timeline.written("clinic_id;patient_id;consent;preferred_method\nnidelv;P3;yes;email\n", "patients.csv")
    notices = timeline.clinic.json("import", path, "--dry-run", at=moment("06-03 12:20").isoformat())["notices"]
    [change] = notices["changed"]
    assert [change[side]["channels"] for side in ("before", "after")] == [["sms"], ["email"]]
    assert (notices["segments"], notices["cost"]) == (-1, -0.5)


def test_a_type_that_is_switched_off_takes_all_of_it_away(timeline: Timeline) -> None:
    path = timeline.written("clinic_id;type_id;name;notifications\nnidelv;KONS;x;no\n", "types.csv")
    notices = timeline.clinic.json("import", path, "--dry-run", at=moment("06-03 12:20").isoformat())["notices"]
    assert counted(notices["lost"]) == {"reminder A1": 1, "reminder A2": 1}


def test_a_file_that_would_be_stopped_has_what_it_would_upset_wait(tmp_path: Path) -> None:
    visits = [
        visit(f"A{number}", "P3", f"06-11 {number // 4 + 8:02d}:{number % 4 * 15:02d}", "06-03 12:00")
        for number in range(24)
    ]
    timeline = played(tmp_path, came("06-03 12:00", *visits), ran("06-03 12:05"))
    (tmp_path / "notify.toml").write_text("[limits]\nmax_upset = 0.1\n")
    cancelled = [each | {"status": "cancelled", "cancelled": "06-03 12:20"} for each in visits[:22]]
    notices = foretold(timeline, *cancelled)
    assert (notices["gained"], notices["changed"]) == ([], [])
    assert counted(notices["lost"]) == {f"reminder A{number}": 1 for number in range(22)}
    assert timeline.call("06-03 12:20", "import", str(tmp_path / "next.csv")).exit == 4
    coming = timeline.clinic.json("upcoming", "--until", "2026-06-20", at=moment("06-03 12:20").isoformat())
    assert {notice["subject_id"] for notice in coming if notice["channels"]} == {"A22", "A23"}


def test_it_is_said_in_words(timeline: Timeline) -> None:
    path = timeline.written(table([CANCELLED, MOVED, NEW]), "next.csv", "06-03 12:20")
    err = timeline.call("06-03 12:20", "import", path, "--dry-run").err
    assert err.splitlines()[-1] == (
        "In all, 1 cancellation, 1 change, 1 confirmation and 1 reminder would come; 1 reminder would not come;"
        " 1 reminder would change; 1 segment of SMS (0.50 kr) more."
    )
    again = timeline.written(table([A1, A2]), "same.csv", "06-03 12:20")
    err = timeline.call("06-03 12:20", "import", again, "--dry-run").err
    assert err.splitlines()[-1] == "In all, nothing that is to be sent would change."


def test_nothing_is_stored(timeline: Timeline) -> None:
    looks = (("history", "--limit", "0"), ("imports",), ("upcoming", "--until", "2026-06-20"))
    before = [timeline.clinic.json(*look) for look in looks]
    foretold(timeline, CANCELLED, MOVED, NEW)
    assert [timeline.clinic.json(*look) for look in looks] == before


def test_a_run_tells_its_segments_and_their_cost(timeline: Timeline) -> None:
    arguments = ("run", "--dry-run", "--until", "2026-06-12")
    value = timeline.clinic.json(*arguments, at=moment("06-03 12:20").isoformat())
    assert (value["segments"], value["cost"]) == (2, 1.0)
    assert timeline.call("06-03 12:20", *arguments).out.splitlines()[-1] == "2 segments of SMS (1.00 kr)"


def test_a_switch_names_the_notices_and_what_is_saved(timeline: Timeline) -> None:
    arguments = ("type", "disable", "nidelv", "KONS", "--dry-run")
    notices = timeline.clinic.json(*arguments, at=moment("06-03 12:20").isoformat())["notices"]
    assert counted(notices["lost"]) == {"reminder A1": 1, "reminder A2": 1}
    assert (notices["segments"], notices["cost"]) == (-2, -1.0)
    assert timeline.call("06-03 12:20", *arguments).err.endswith("; 2 segments of SMS (1.00 kr) less\n")


def test_without_a_price_there_is_no_cost(tmp_path: Path) -> None:
    timeline = played(tmp_path, came("06-03 12:00", A1, A2), called("06-03 12:01", "status"))
    value = timeline.clinic.json("run", "--dry-run", "--until", "2026-06-12", at=moment("06-03 12:20").isoformat())
    assert (value["segments"], value["cost"]) == (4, None)


def test_a_long_wording_costs_more_segments(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.mkdir()
    (words / "nb.reminder.sms.txt").write_text("Husk timen {{ when }}. " + "Ta med det du har. " * 10)
    own = f'{PRICE}[clinic.nidelv]\nwording = "words"\n'
    timeline = played(tmp_path, came("06-03 12:00", A1), ran("06-03 12:05"), config=NO_LIMITS + own)
    value = timeline.clinic.json("run", "--dry-run", "--until", "2026-06-12", at=moment("06-03 12:20").isoformat())
    assert (value["segments"], value["cost"]) == (2, 1.0)


def test_on_whichever_engine(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P3;KONS;2026-06-11 10:00;booked;2026-06-03 12:00;")
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    path = tmp_path / "next.csv"
    path.write_text(table([CANCELLED, visit("A3", "P1", "06-15 10:00", "06-03 12:20")]))
    at = "2026-06-03T12:20:00+02:00"
    notices = clinic.json("import", str(path), "--dry-run", at=at)["notices"]
    assert counted(notices["gained"]) == {"cancellation A1": 1, "confirmation A3": 1, "reminder A3": 1}
    assert counted(notices["lost"]) == {"reminder A1": 1}
    assert clinic.json("imports", at=at)[0]["path"].endswith("appointments.csv")
