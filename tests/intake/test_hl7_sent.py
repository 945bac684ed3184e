"""HL7 v2: when a message was sent (MSH-7), and that one whose time cannot be read is kept, as fresh as its file.

Source: SPEC section 3, "A row of an appointment is as fresh as".
"""

import json
from pathlib import Path

import pytest

from tests.intake.test_hl7 import PID, SCH, appointment, blocks, message, patient, rows
from tests.support import engines
from tests.support.one_clinic import Clinic

TIMES = ("booked_at", "changed_at", "cancelled_at")
UNREADABLE = "its time (MSH-7) cannot be read; it is as fresh as its file"
NO_TIMES = [
    pytest.param("soon", id="a word"),
    pytest.param("20260801", id="a day alone"),
    pytest.param("202608", id="a month"),
    pytest.param("00000000000000", id="zeros"),
    pytest.param("00010101000000", id="the first day of .NET"),
    pytest.param("18991230000000", id="the first day of Delphi"),
    pytest.param("19700101000000Z", id="the first second of Unix"),
    pytest.param("99991231235959", id="the last day"),
    pytest.param("20261331120000", id="a thirteenth month"),
    pytest.param("20260801250000", id="an hour that no day has"),
    pytest.param("20260801120000+9900", id="an offset that no place has"),
    pytest.param("20260801 kl. 12", id="words beside it"),
    pytest.param("1785578400", id="epoch seconds"),
]


@pytest.mark.parametrize("sent", NO_TIMES)
@pytest.mark.parametrize("trigger", ["S12", "S13", "S15", "S26"])
def test_a_message_whose_time_cannot_be_read_gives_a_row_without_times(sent, trigger):
    text = message(PID, SCH, trigger=trigger, sent=sent)
    (row,) = rows(text)
    assert row["appointment_id"] == "A1"
    assert [column for column in TIMES if column in row] == []
    assert [list(block.warnings) for block in blocks(text, "appointments")] == [[(0, "", UNREADABLE)]]


@pytest.mark.parametrize("sent", ["", '""', " ", "^S"], ids=repr)
def test_a_message_without_a_time_gives_no_warning(sent):
    text = message(PID, SCH, trigger="S15", sent=sent)
    (row,) = rows(text)
    assert [column for column in TIMES if column in row] == []
    assert [list(block.warnings) for block in blocks(text, "appointments")] == [[]]


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        pytest.param("20260801120000+0200", "2026-08-01T12:00:00+02:00", id="with an offset"),
        pytest.param("20260801120000.123+0200^S", "2026-08-01T12:00:00+02:00", id="a fraction, a precision"),
        pytest.param("202608011200", "2026-08-01T12:00:00", id="to the minute, without"),
        pytest.param("2026080112Z", "2026-08-01T12:00:00+00:00", id="to the hour, by UTC"),
        pytest.param("2026-08-01T12:00:00+02:00", "2026-08-01T12:00:00+02:00", id="as ISO 8601"),
        pytest.param("2026-08-01 12:00:00", "2026-08-01 12:00:00", id="with a space"),
        pytest.param("20260801T120000Z", "20260801T120000Z", id="the basic form of ISO 8601"),
    ],
)
def test_the_time_of_a_message_is_that_of_what_it_tells(sent, at):
    assert appointment(PID, SCH, trigger="S12", sent=sent)["booked_at"] == at
    assert appointment(PID, SCH, trigger="S15", sent=sent)["cancelled_at"] == at


def test_of_a_patient_nothing_is_lost_with_the_time():
    assert patient(PID)["mobile"] == "91000001"
    text = message(PID, SCH, sent="soon")
    assert rows(text, "patients")[0]["mobile"] == "91000001"
    assert [list(block.warnings) for block in blocks(text, "patients")] == [[]]


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        pytest.param(["2026-08-03T12:00", "2026-08-02T12:00", "202608011200"], "CBA", id="ISO 8601 among others"),
        pytest.param(["202608031200", "00010101000000", "202608011200"], "CAB", id="no time follows the one before it"),
    ],
)
def test_messages_are_in_order_by_the_times_that_can_be_read(sent, order):
    text = "".join(message(PID, f"SCH||{name}", sent=at) for name, at in zip("ABC", sent, strict=True))
    assert "".join(row["appointment_id"] for row in rows(text)) == order


@pytest.mark.parametrize("sent", [*NO_TIMES, pytest.param("", id="none")])
def test_such_a_message_is_imported(tmp_path: Path, sent: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "siu.hl7"
    text = f"MSH|^~\\&|SYS|nidelv|||{sent}||SIU^S12|1|P|2.5\rSCH||H1||||||KONS|||^^^20260611100000+0200\rPID|||P1\r"
    path.write_text(text, encoding="utf-8")
    reports = json.loads(clinic.call("import", "--json", str(path)).out)["files"]
    [report] = [one for one in reports if one["kind"] == "appointments"]
    assert (report["new"], report["rejected"], report["events"]["booking"]) == (1, 0, 1)
    with engines.connected(tmp_path) as connection:
        assert connection.execute("SELECT booked_at, changed_at FROM appointment").fetchall() == [(None, None)]
