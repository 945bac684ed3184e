"""SPEC section 8: `compare` holds another system's log of messages against ours. By the command line.

A1 of P1 (e-mail) and A2 of P4 (both) are booked on 3 June at 12:00; a run at 12:05 confirms them. P8 has not consented.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.case_runner import Answer
from tests.support.one_clinic import Clinic

ROWS = (
    "A1;P1;KONS;2026-06-11 10:00;booked;2026-06-03 12:00;",
    "A2;P4;KONS;2026-06-12 10:00;booked;2026-06-03 12:00;",
    "A3;P8;KONS;2026-06-12 11:00;booked;2026-06-03 12:00;",
    "A4;P3;OFF;2026-06-12 12:00;booked;2026-06-03 12:00;",
)
HEADER = "clinic_id;patient_id;event;channel;sent_at"
LATER = "2026-06-03T13:00:00+02:00"
P1_CONFIRMED = "nidelv;P1;confirmation;email;2026-06-03 12:05"
P4_CONFIRMED = ("nidelv;P4;confirmation;email;2026-06-03 12:05", "nidelv;P4;confirmation;sms;2026-06-03 12:05")


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return confirmed(tmp_path)


def confirmed(folder: Path, config: str = "") -> Clinic:
    begun = Clinic.begun_in(folder, config)
    begun.book(*ROWS)
    begun.call("run", at="2026-06-03T12:05:00+02:00")
    return begun


def log_of(clinic: Clinic, *rows: str, header: str = HEADER, name: str = "log.csv") -> str:
    path = clinic.folder / name
    path.write_text("".join(f"{line}\n" for line in (header, *rows)), encoding="utf-8")
    return str(path)


def compared(clinic: Clinic, *arguments: str) -> Any:
    return json.loads(clinic.call("compare", *arguments, "--json", at=LATER).out)


def listed(clinic: Clinic, *arguments: str) -> list[tuple[str, str, str | None, str | None]]:
    differences = compared(clinic, *arguments)["differences"]
    return [(each["kind"], each["patient"], each["subject_id"], each["reason"]) for each in differences]


def test_the_same_log_differs_in_nothing(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED, *P4_CONFIRMED)
    counts = {"same": 2, "other_channel": 0, "other_time": 0, "only_theirs": 0, "only_ours": 0}
    assert compared(clinic, path) == counts | {"differences": []}
    assert clinic.call("compare", path, at=LATER).exit == 0


def test_each_kind_of_difference_with_our_reason(clinic: Clinic) -> None:
    path = log_of(
        clinic,
        "nidelv;P1;confirmation;sms;2026-06-03 12:07",
        "nidelv;P3;confirmation;sms;2026-06-03 12:05",
        "nidelv;P8;confirmation;sms;2026-06-03 12:05",
        "nidelv;P99;confirmation;sms;2026-06-03 12:05",
        "nidelv;P2;confirmation;sms;2026-06-03 12:05",
        "nidelv;P1;influensa;sms;2026-06-03 12:05",
        "nidelv;P1;reminder;email;2026-06-09 10:30",
    )
    assert listed(clinic, path) == [
        ("other_channel", "P1", "A1", "no_method"),
        ("other_time", "P1", "A1", "R4"),
        ("only_theirs", "P1", None, "not_ours"),
        ("only_theirs", "P2", None, "nothing_known"),
        ("only_theirs", "P3", "A4", "type_off"),
        ("only_theirs", "P8", "A3", "no_consent"),
        ("only_theirs", "P99", None, "unknown_patient"),
        ("only_ours", "P4", "A2", "R1"),
    ]
    assert clinic.call("compare", path, at=LATER).exit == 1


def test_one_difference_as_a_value(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED, "nidelv;P4;confirmation;sms;2026-06-03 12:30")
    (difference,) = compared(clinic, path)["differences"]
    assert difference == {
        "kind": "other_channel",
        "clinic": "nidelv",
        "patient": "P4",
        "subject_id": "A2",
        "event": "confirmation",
        "theirs": {"at": "2026-06-03T10:30:00Z", "channels": ["sms"], "status": "sent"},
        "ours": {"at": "2026-06-03T10:05:00Z", "channels": ["email", "sms"], "status": "sent", "notice": 2},
        "reason": "prefers_both",
    }


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [pytest.param("25", [], id="as many"), pytest.param("24", [("other_time", "P1", "A1", "R1")], id="one less")],
)
def test_so_many_minutes_are_the_same_time(clinic: Clinic, minutes: str, expected: list[Any]) -> None:
    path = log_of(clinic, P1_CONFIRMED.replace("12:05", "12:30"), *P4_CONFIRMED)
    assert listed(clinic, path, "--minutes", minutes) == expected


def test_norwegian_columns_and_words(clinic: Clinic) -> None:
    path = log_of(
        clinic,
        "P1;Timebekreftelse;E-post;03.06.2026;12:05;Levert",
        "P4;Bekreftelse på time;SMS + e-post;03.06.2026;12:05;Levert",
        "P2;Påminnelse;Tekstmelding;03.06.2026;12:05;Ikke sendt",
        header="Pasientnr;Hendelse;Kanal;Dato;Klokkeslett;Status",
    )
    assert compared(clinic, path, "--clinic", "nidelv")["same"] == 2
    answer = clinic.call("compare", path, "--clinic", "nidelv", at=LATER)
    assert (answer.exit, "none was sent" in answer.err) == (0, True)


def test_the_columns_that_a_clinic_mapped(tmp_path: Path) -> None:
    columns = '{ "Mottaker" = "patient_id", "Gjelder time" = "appointment_id" }'
    clinic = confirmed(tmp_path, f"[clinic.nidelv]\ncolumns = {columns}\n")
    header = "Mottaker;Gjelder time;event;channel;sent_at"
    path = log_of(clinic, "P1;A1;confirmation;email;2026-05-30 12:05", *P4_WITH_ID, header=header)
    assert listed(clinic, path, "--clinic", "nidelv") == [("other_time", "P1", "A1", "R1")]


P4_WITH_ID = ("P4;A2;confirmation;email;2026-06-03 12:05", "P4;A2;confirmation;sms;2026-06-03 12:05")


def test_what_imports_of_external_brought(clinic: Clinic) -> None:
    header = "clinic_id;external_id;patient_id;sender;event;channel;sent_at"
    path = log_of(
        clinic,
        "nidelv;X1;P1;digicare;confirmation;email;2026-06-03 12:05",
        "nidelv;X2;P2;convene;app_invite;sms;2026-06-03 12:06",
        header=header,
    )
    assert clinic.call("import", path, at=LATER).exit == 0
    assert listed(clinic) == [("only_theirs", "P2", None, "not_ours"), ("only_ours", "P4", "A2", "R1")]
    assert listed(clinic, "--sender", "DigiCare", "--until", "2026-06-03 12:05") == []
    assert listed(clinic, "--sender", "helsenorge") == []


def test_what_a_rehearsal_wrote_to_the_outbox_would_have_been_sent(tmp_path: Path) -> None:
    clinic = confirmed(tmp_path, '[rehearsal]\nonly = ["+4791000004"]\n')
    reasons = {row["reason"] for row in clinic.json("history", at=LATER)}
    assert "rehearsal" in reasons
    assert listed(clinic, log_of(clinic, P1_CONFIRMED, *P4_CONFIRMED)) == []


def test_the_span_that_was_asked_for(clinic: Clinic) -> None:
    path = log_of(clinic, "nidelv;P1;confirmation;email;2026-06-03 12:05", "nidelv;P9;reminder;sms;2026-06-20 12:00")
    ours = [each for each in listed(clinic, path) if each[0] == "only_ours"]
    assert [each[1:3] for each in ours] == [("P1", "A1"), ("P4", "A2"), ("P4", "A2")]
    assert listed(clinic, path, "--until", "2026-06-03 12:10") == [("only_ours", "P4", "A2", "R1")]
    assert listed(clinic, path, "--since", "2026-06-04", "--until", "2026-06-09") == [("only_ours", "P1", "A1", "R4")]


def test_a_table_for_people_with_the_counts_first(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED, "nidelv;P8;confirmation;sms;2026-06-03 12:05")
    lines = clinic.call("compare", path, at=LATER).out.splitlines()
    assert lines[0].startswith("2 messages of theirs, Wed 03.06.2026 12:05 to Wed 03.06.2026 12:05")
    counts = [line.split()[:3] for line in lines[4:9]]
    assert counts == [["same", "1"], *([*words.split(), number] for words, number in COUNTED)]
    assert max(map(len, lines)) <= 80


COUNTED = (("other channel", "0"), ("other time", "0"), ("only theirs", "1"), ("only ours", "1"))


def test_csv_has_the_explanation_of_why(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED, *P4_CONFIRMED, "nidelv;P8;confirmation;sms;2026-06-03 12:05")
    header, row = clinic.call("compare", path, "--csv", at=LATER).out.splitlines()
    assert header.startswith("kind,clinic,patient,subject_id,event,their_time,their_channels,their_status,our_time")
    assert row.startswith("only_theirs,nidelv,P8,A3,confirmation,2026-06-03T10:05:00Z,sms,sent,,,,,no_consent,")
    assert "R17: the patient's consent was no" in row


def test_it_is_read_and_not_stored(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED)
    before = clinic.json("history", "--limit", "0"), clinic.json("imports")
    clinic.call("compare", path, at=LATER)
    assert (clinic.json("history", "--limit", "0"), clinic.json("imports")) == before
    assert sorted(each.name for each in clinic.folder.glob("log.csv*")) == ["log.csv"]


def test_rows_that_cannot_be_read_are_told_and_the_others_count(clinic: Clinic) -> None:
    path = log_of(clinic, P1_CONFIRMED, *P4_CONFIRMED, "nidelv;P2;reminder;sms;2026-13-45", "far;P2;reminder;sms;today")
    answer = clinic.call("compare", path, at=LATER)
    assert answer.exit == 1
    assert "log.csv, line 5, sent_at:" in answer.err
    assert "log.csv, line 6, clinic_id: is no clinic" in answer.err
    assert compared(clinic, path)["same"] == 2


def test_a_packed_log(clinic: Clinic) -> None:
    path = Path(log_of(clinic, P1_CONFIRMED, *P4_CONFIRMED))
    packed = path.with_name("log.csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert compared(clinic, str(packed))["same"] == 2


def test_an_hour_that_occurs_twice(clinic: Clinic) -> None:
    """02:30 of 25 October may be before or after clocks went back; ours went out after."""
    clinic.book("B1;P1;KONS;2026-11-11 10:00;booked;2026-10-25T02:25:00+01:00;", at="2026-10-25T02:25:00+01:00")
    clinic.call("run", at="2026-10-25T02:30:00+01:00")
    path = log_of(clinic, "nidelv;P1;confirmation;email;2026-10-25 02:30")
    answer = clinic.call("compare", path, "--json", at="2026-10-25T12:00:00+01:00")
    assert json.loads(answer.out)["same"] == 1


WRONG: list[Any] = [
    pytest.param(("none.csv",), 3, id="no such file"),
    pytest.param(("damaged.csv",), 3, id="an unbalanced quote"),
    pytest.param(("empty.csv",), 3, id="an empty file"),
    pytest.param(("other.csv",), 3, id="no log of messages"),
    pytest.param((".",), 2, id="a folder"),
    pytest.param(("log.csv", "--clinic", "none"), 2, id="an unknown clinic"),
    pytest.param(("log.csv", "--minutes", "-1"), 2, id="no number of minutes"),
    pytest.param(("log.csv", "--since", "someday"), 2, id="no time"),
    pytest.param(("log.csv", "--encoding", "none"), 2, id="no encoding"),
]


@pytest.mark.parametrize(("arguments", "code"), WRONG)
def test_what_cannot_be_compared(clinic: Clinic, arguments: tuple[str, ...], code: int) -> None:
    log_of(clinic, P1_CONFIRMED)
    log_of(clinic, 'nidelv;"P1;confirmation;email;2026-06-03 12:05', name="damaged.csv")
    (clinic.folder / "empty.csv").write_text("")
    (clinic.folder / "other.csv").write_text("a;b\n1;2\n")
    first, *others = arguments
    answer: Answer = clinic.call("compare", str(clinic.folder / first), *others, at=LATER)
    assert (answer.exit, answer.out) == (code, "")
    assert answer.err
    assert "Traceback" not in answer.err
