"""SPEC section 8, notify audit: what staff do and import is kept with who and when; nothing takes it away.

Goes by the command line. A1 is on Thursday 11 June at 10.
"""

import json
import os
import pwd
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notifycli.store.engine import StoreError
from tests.support import engines
from tests.support.timelines import NO_LIMITS, Timeline, arrived, called, came, iso, played, ran, visit

ME = pwd.getpwuid(os.getuid()).pw_name
A1 = visit("A1", "P7", "06-11 10:00", "06-03 12:00")  # nobody can reach P7
BOOKED = (came("06-03 12:00", A1), ran("06-03 12:05"))


@pytest.fixture(autouse=True)
def nobody_called_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    return Timeline.begun_in(tmp_path)


def audit(timeline: Timeline, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = timeline.clinic.json("audit", *options)
    return found


def last(timeline: Timeline) -> dict[str, Any]:
    return audit(timeline)[0]


def set_mobile(timeline: Timeline) -> None:
    timeline.call("06-03 12:10", "patient", "set", "nidelv", "P7", "--mobile", "91000007", "--method", "sms")


DEEDS: list[Any] = [
    pytest.param(
        lambda timeline: timeline.call("06-03 12:10", "module", "disable", "nidelv", "post"),
        {"did": "module disable", "clinic": "nidelv", "patient": None, "detail": "module post"},
        id="module",
    ),
    pytest.param(
        lambda timeline: timeline.call("06-03 12:10", "type", "enable", "nidelv", "OFF"),
        {"did": "type enable", "clinic": "nidelv", "patient": None, "detail": "type OFF"},
        id="type",
    ),
    pytest.param(
        set_mobile,
        {"did": "patient set", "clinic": "nidelv", "patient": "P7", "detail": "mobile set, method sms"},
        id="patient set",
    ),
    pytest.param(
        lambda timeline: timeline.play(BOOKED).call("06-03 12:10", "retry", "1"),
        {"did": "retry", "clinic": "nidelv", "patient": "P7", "detail": "notice 1 skipped: no_contact"},
        id="retry",
    ),
    pytest.param(
        lambda timeline: timeline.call("06-03 12:10", "run", "--release"),
        {"did": "run --release", "clinic": None, "patient": None, "detail": ""},
        id="release",
    ),
    pytest.param(
        lambda timeline: timeline.play([came("06-03 12:10", A1, options=("--force",))]),
        {"did": "import --force", "clinic": "nidelv", "patient": None, "detail": "import 4: appointments.csv"},
        id="import",
    ),
    pytest.param(
        lambda timeline: timeline.play([came("06-03 12:10", A1 | {"status": "who knows"})]),
        {"did": "import", "clinic": "nidelv", "patient": None, "detail": "import 4: appointments.csv"},
        id="an import of which a row was rejected",
    ),
    pytest.param(
        lambda timeline: timeline.call("06-03 12:10", "imports", "settle", "3"),
        {"did": "imports settle", "detail": "import 3: 0 rejected rows dropped, 0 held appointments let go"},
        id="settle",
    ),
]


@pytest.mark.parametrize(("deed", "expected"), DEEDS)
def test_a_deed_is_kept_with_who_and_when(
    timeline: Timeline, deed: Callable[[Timeline], Any], expected: dict[str, Any]
) -> None:
    before = len(audit(timeline))
    deed(timeline)
    kept = last(timeline)
    assert kept | expected == kept
    assert (kept["by"], kept["at"]) == (ME, "2026-06-03T10:10:00Z")
    assert list(kept) == ["at", "by", "did", "clinic", "patient", "detail"]
    assert len(audit(timeline)) > before


NOTHING_DONE = [
    pytest.param(("module", "enable", "nidelv", "post"), id="a switch that stood so"),
    pytest.param(("module", "disable", "nidelv", "post", "--dry-run"), id="a rehearsal of a switch"),
    pytest.param(("module", "disable", "nidelv", "psot"), id="a slip"),
    pytest.param(("run",), id="a run"),
    pytest.param(("run", "--dry-run"), id="a rehearsal of a run"),
    pytest.param(("retry", "99"), id="an unknown notice"),
    pytest.param(("resolve", "99", "--sent"), id="an unknown delivery"),
    pytest.param(("patient", "set", "nidelv", "P99", "--method", "sms"), id="an unknown patient"),
    pytest.param(("history",), id="a look"),
]


@pytest.mark.parametrize("arguments", NOTHING_DONE)
def test_what_does_nothing_leaves_nothing(timeline: Timeline, arguments: tuple[str, ...]) -> None:
    before = audit(timeline)
    timeline.call("06-03 12:10", *arguments)
    assert audit(timeline) == before


def test_a_rehearsed_import_leaves_nothing_and_a_failed_one_a_word(timeline: Timeline) -> None:
    before = audit(timeline)
    timeline.play([came("06-03 12:10", A1, options=("--dry-run",))])
    assert audit(timeline) == before
    timeline.call("06-03 12:10", "import", timeline.written("no;known;header\n1;2;3\n", "odd.csv"))
    [failed] = timeline.clinic.json("imports", "--limit", "1")
    assert last(timeline)["detail"] == f"import {failed['import']}: odd.csv, not imported"


def test_a_settled_delivery_is_kept_with_its_notice(tmp_path: Path) -> None:
    lost = f"[sms]\ntransport = \"command\"\ncommand = ['{sys.executable}', '-I', '-S', '-c', 'raise SystemExit(1)']\n"
    booked = came("06-03 12:00", A1 | {"patient": "P6"})
    timeline = played(tmp_path, booked, ran("06-03 12:05"), config=NO_LIMITS + lost)
    timeline.call("06-03 12:10", "resolve", "1", "--sent")
    kept = last(timeline)
    assert (kept["did"], kept["patient"]) == ("resolve", "P6")
    assert kept["detail"] == "sms delivery 1 counts as sent"
    assert timeline.clinic.json("show", "1")["actions"] == [
        {"at": kept["at"], "by": ME, "did": "resolve", "detail": kept["detail"]}
    ]
    assert f"resolve by {ME}" in timeline.clinic.call("show", "1").out


def test_no_address_is_kept(timeline: Timeline) -> None:
    set_mobile(timeline)
    timeline.call("06-03 12:11", "patient", "set", "nidelv", "P7", "--email", "siv@post.example", "--mobile", "")
    assert "mobile removed" in last(timeline)["detail"]
    assert re.search(r"siv@|91000007|Moen", json.dumps(audit(timeline))) is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--patient", "P7"], {"patient set"}, id="patient"),
        pytest.param(["--clinic", "nidelv", "--since", iso("06-03 12:12")], {"type enable"}, id="clinic and since"),
        pytest.param(
            ["--since", iso("06-03 12:00"), "--until", iso("06-03 12:12")],
            {"patient set", "module disable"},
            id="since, included, and until, not",
        ),
        pytest.param(["--by", "somebody.else"], set(), id="by another"),
        pytest.param(
            ["--by", ME, "--since", iso("06-03 12:00")], {"patient set", "module disable", "type enable"}, id="by me"
        ),
    ],
)
def test_it_is_asked_for_in_parts(timeline: Timeline, options: list[str], expected: set[str]) -> None:
    set_mobile(timeline)
    timeline.call("06-03 12:11", "module", "disable", "nidelv", "post")
    timeline.call("06-03 12:12", "type", "enable", "nidelv", "OFF")
    assert {action["did"] for action in audit(timeline, *options)} == expected


def test_an_unknown_clinic_is_told(timeline: Timeline) -> None:
    answer = timeline.call("06-03 12:10", "audit", "--clinic", "nidelf")
    assert (answer.exit, answer.err) == (2, "notify: there is no clinic nidelf. Did you mean nidelv?\n")


def test_an_unknown_patient_is_told(timeline: Timeline) -> None:
    answer = timeline.call("06-03 12:10", "audit", "--patient", "P99")
    assert (answer.exit, answer.out, answer.err) == (2, "", "notify: there is no patient P99. Was it imported?\n")


def test_a_patient_about_whom_nothing_was_done_is_no_mistake(timeline: Timeline) -> None:
    assert audit(timeline, "--patient", "P1", "--clinic", "nidelv") == []


def test_it_is_shown_as_a_table(timeline: Timeline) -> None:
    set_mobile(timeline)
    shown = timeline.call("06-03 13:00", "audit", "--patient", "P7").out
    assert re.search(rf"03\.06\. 12:10 +{ME} +patient set +nidelv +P7 +mobile set, method sms", shown)
    assert "Nothing was done." in timeline.call("06-03 13:00", "audit", "--patient", "P1").out


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("UPDATE action SET by_user = 'somebody.else'", id="update"),
        pytest.param("DELETE FROM action", id="delete"),
        pytest.param(
            "REPLACE INTO action SELECT id, at, 'another', did, about, about_id, detail, NULL, NULL FROM action",
            id="replace",
            marks=pytest.mark.sqlite("words that PostgreSQL does not know"),
        ),
    ],
)
def test_nothing_takes_it_away(timeline: Timeline, sql: str) -> None:
    with (
        engines.connected(timeline.clinic.folder) as connection,
        pytest.raises(StoreError, match="append-only"),
    ):
        connection.execute(sql)


# Who


@pytest.mark.parametrize(
    ("number", "sudo", "expected"),
    [
        pytest.param(0, "kari", "kari", id="root behind sudo"),
        pytest.param(0, None, "root", id="root"),
        pytest.param(0, "", "root", id="root, an empty name"),
        pytest.param(4_000_000_123, "kari", "4000000123", id="a user without a name"),
    ],
)
def test_who_it_was(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch, number: int, sudo: str | None, expected: str
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: number)
    monkeypatch.setenv("LOGNAME", "whoever.i.like.to.be")
    if sudo is not None:
        monkeypatch.setenv("SUDO_USER", sudo)
    set_mobile(timeline)
    assert last(timeline)["by"] == expected


# Where it is shown besides


@pytest.mark.parametrize(("kind", "name"), [("module", "post"), ("type", "KONS")])
def test_a_switch_is_listed_with_who_turned_it(timeline: Timeline, kind: str, name: str) -> None:
    def turned_by() -> Any:
        return next(row["by"] for row in timeline.clinic.json(kind, "list", "nidelv") if row[kind] == name)

    assert turned_by() == {"module": "import 1", "type": "import 2"}[kind]
    timeline.call("06-03 12:10", kind, "disable", "nidelv", name)
    assert turned_by() == ME
    assert re.search(rf"{name} +off +03\.06\. 12:10 +{ME}", timeline.call("06-03 12:11", kind, "list").out)


def test_a_switch_that_nobody_turned_is_nobodys(timeline: Timeline) -> None:
    timeline.play([arrived("06-03 12:00", "clinic_id;name;timebook\nfjord;Fjord legesenter;yes\n", "clinics.csv")])
    timeline.call("06-03 12:10", "module", "disable", "nidelv", "post")
    post = next(row for row in timeline.clinic.json("module", "list", "fjord") if row["module"] == "post")
    assert (post["on"], post["by"]) == (False, None)


def test_a_patient_is_shown_with_who_set_what(timeline: Timeline) -> None:
    set_mobile(timeline)
    shown = timeline.clinic.json("patient", "show", "nidelv", "P7")
    set_by = {"by": ME, "at": "2026-06-03T10:10:00Z"}
    assert shown["set_by_staff"] == {"mobile": set_by, "method": set_by}
    assert f"{ME}, Wed 03.06.2026 12:10" in timeline.call("06-03 12:11", "patient", "show", "nidelv", "P7").out
    timeline.call("06-03 12:20", "patient", "set", "nidelv", "P7", "--method", "sms")
    later = timeline.clinic.json("patient", "show", "nidelv", "P7")["set_by_staff"]
    assert later == {"mobile": set_by, "method": {"by": ME, "at": "2026-06-03T10:20:00Z"}}


def test_a_retried_notice_is_shown_with_who_asked(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BOOKED, called("06-03 12:10", "retry", "1"))
    assert [action["did"] for action in timeline.clinic.json("show", "1")["actions"]] == ["retry"]


def test_from_why_one_comes_to_who_imported_it(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BOOKED)
    assert timeline.clinic.json("why", "appointment", "A1")["events"][0]["origin"] == "import 4"
    [action] = timeline.clinic.json("imports", "show", "4")["actions"]
    assert (action["by"], action["did"]) == (ME, "import")


def test_an_import_is_shown_with_who_settled_it(tmp_path: Path) -> None:
    timeline = played(tmp_path, came("06-03 12:00", A1 | {"status": "who knows"}))
    timeline.call("06-03 12:10", "imports", "settle", "4")
    assert [action["did"] for action in timeline.clinic.json("imports", "show", "4")["actions"]] == [
        "import",
        "imports settle",
    ]
    assert f"{ME}, Wed 03.06.2026 12:10" in timeline.call("06-03 13:00", "imports", "show", "4").out
