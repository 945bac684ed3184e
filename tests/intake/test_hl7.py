"""HL7 v2 messages of scheduling: what each becomes, in which order, and that nothing but Unreadable comes out."""

import re
from datetime import UTC, datetime

import pytest

from notifycli.intake.formats.blocks import Block
from notifycli.intake.formats.hl7 import Hl7File, is_hl7
from tests.support.places import SHARED

SAMPLES = SHARED / "samples" / "hl7v2"
NOW = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
PID = "PID|1||P1^^^NIDELV^PI||Nordmann^Kari||||||||91000001"
SCH = "SCH|B1|A1||||||KONTROLL^Kontroll|||^^^20261130090000+0100^20261130093000+0100"


def message(
    *segments: str, trigger: str = "S12", sent: str = "20260801120000+0200", control: str = "", clinic="nidelv"
):
    return "\r".join([f"MSH|^~\\&|EPJ|{clinic}|||{sent}||SIU^{trigger}|{control}|P|2.5", *segments]) + "\r"


def read(text: str) -> Hl7File:
    return Hl7File(lambda: iter([text]), NOW)


def blocks(text: str, kind: str, *, clinic_given: bool = False, country: str = "NO") -> list[Block]:
    return list(read(text).blocks(kind, clinic_given, {"nidelv": country}))


def rows(text: str, kind: str = "appointments", **how) -> list[dict[str, str]]:
    return [dict(zip(block.header, row, strict=True)) for block in blocks(text, kind, **how) for row in block.rows]


def appointment(*segments: str, **header: str) -> dict[str, str]:
    (row,) = rows(message(*segments, **header))
    return row


def patient(pid: str, **how: str) -> dict[str, str]:
    (row,) = rows(message(pid, SCH), "patients", **how)
    return row


def pid(**fields: str) -> str:
    """PID with the given fields, as pid(f13="...")."""
    cells = [fields.get(f"f{number}", "") for number in range(1, 41)]
    cells[2] = cells[2] or "P1"
    return "|".join(["PID", *cells])


def test_a_booking_becomes_a_patient_and_an_appointment():
    text = message(PID, SCH, "AIL|1||VENT^2^^Nidelv legesenter")
    assert read(text).kinds == ["patients", "appointments"]
    assert rows(text) == [
        {
            "clinic_id": "nidelv",
            "appointment_id": "A1",
            "patient_id": "P1",
            "type_id": "KONTROLL",
            "starts_at": "2026-11-30T09:00:00+01:00",
            "ends_at": "2026-11-30T09:30:00+01:00",
            "status": "booked",
            "booked_at": "2026-08-01T12:00:00+02:00",
            "location": "Nidelv legesenter, VENT, 2",
        }
    ]
    assert rows(text, "patients") == [
        {
            "clinic_id": "nidelv",
            "patient_id": "P1",
            "fresh_at": SENT,
            "given_name": "Kari",
            "family_name": "Nordmann",
            "mobile": "91000001",
        }
    ]


SENT = "2026-08-01T12:00:00+02:00"


@pytest.mark.parametrize(
    ("trigger", "filler_status", "status", "times"),
    [
        pytest.param("S12", "Booked", "booked", {"booked_at"}, id="booked"),
        pytest.param("S12", "", "booked", {"booked_at"}, id="booked, status blank"),
        pytest.param("S12", "Quux", "booked", {"booked_at"}, id="booked, status unknown"),
        pytest.param("S12", "Overbook", "booked", {"booked_at"}, id="overbooked"),
        pytest.param("S12", "Pending", "pending", {"booked_at"}, id="pending"),
        pytest.param("S12", "WAITLIST", "waitlist", {"booked_at"}, id="waitlist"),
        pytest.param("S13", "Booked", "booked", {"changed_at"}, id="moved"),
        pytest.param("S14", "^Started", "arrived", {"changed_at"}, id="started, by its text"),
        pytest.param("S14", "Complete", "fulfilled", {"changed_at"}, id="complete"),
        pytest.param("S14", "No-show", "noshow", {"changed_at"}, id="no show"),
        pytest.param("S14", "checked-in", "checked-in", {"changed_at"}, id="a word of FHIR"),
        pytest.param("S14", "Cancelled", "cancelled", {"changed_at", "cancelled_at"}, id="changed to cancelled"),
        pytest.param("S13", "Deleted", "entered-in-error", {"changed_at", "cancelled_at"}, id="changed to deleted"),
        pytest.param("S15", "Booked", "cancelled", {"changed_at", "cancelled_at"}, id="cancelled"),
        pytest.param("S16", "Dc", "cancelled", {"changed_at", "cancelled_at"}, id="discontinued"),
        pytest.param("S17", "", "entered-in-error", {"changed_at", "cancelled_at"}, id="deleted"),
        pytest.param("S26", "", "noshow", {"changed_at"}, id="did not come"),
        pytest.param("s26", "", "noshow", {"changed_at"}, id="in small letters"),
        pytest.param("", "Booked", "booked", {"changed_at"}, id="no trigger, but a status"),
        pytest.param("", "", "", {"changed_at"}, id="no trigger and no status, so that it is rejected"),
    ],
)
def test_trigger_and_filler_status_make_status_and_times(trigger, filler_status, status, times):
    row = appointment(PID, SCH + "|" * 14 + filler_status, trigger=trigger)
    assert row["status"] == status
    assert {column for column in ("booked_at", "changed_at", "cancelled_at") if row.get(column) == SENT} == times
    assert {column for column in ("booked_at", "changed_at", "cancelled_at") if column in row} == times


AIS, AIL, AIP = "AIS|1||OP|202611300910|||1|h", "AIL|1||VENT|||202611300930", "AIP|1||DR|||202611300940"


@pytest.mark.parametrize(
    ("segments", "start", "end"),
    [
        pytest.param(
            ["TQ1|||||||202611300900|202611300905", AIS, SCH],
            "2026-11-30T09:00:00",
            "2026-11-30T09:05:00",
            id="TQ1 wins",
        ),
        pytest.param(["SCH|B1|A1", AIL, AIS], "2026-11-30T09:10:00", "2026-11-30T10:10:00", id="AIS and its duration"),
        pytest.param(
            ["SCH|B1|A1", "AIG|1||||||X|202611300920|||5"], "2026-11-30T09:20:00", "2026-11-30T09:25:00", id="AIG"
        ),
        pytest.param(["SCH|B1|A1", AIP, AIL], "2026-11-30T09:30:00", None, id="AIL"),
        pytest.param(["SCH|B1|A1", AIP], "2026-11-30T09:40:00", None, id="AIP"),
        pytest.param([SCH], "2026-11-30T09:00:00+01:00", "2026-11-30T09:30:00+01:00", id="SCH-11"),
        pytest.param(
            ["SCH|B1|A1|||||||45|min|^^^202611300900+0100"],
            "2026-11-30T09:00:00+01:00",
            "2026-11-30T09:45:00+01:00",
            id="SCH-9",
        ),
        pytest.param(["SCH|B1|A1|||||||45|moons|^^^202611300900"], "2026-11-30T09:00:00", None, id="unknown units"),
        pytest.param(["SCH|B1|A1|||||||1|h|^^^99991231235959"], "9999-12-31T23:59:59", None, id="after all time"),
        pytest.param(["SCH|B1|A1|||||||45|min"], "", None, id="nothing"),
        pytest.param(
            ["SCH|B1|A1", 'TQ1|||||||202611300900|""'], "2026-11-30T09:00:00", "", id="an end that is cleared"
        ),
        pytest.param(
            ["SCH|B1|A1", "AIS|1|D|OP|202611300800", "AIS|2|A|OP|202611300900"],
            "2026-11-30T09:00:00",
            None,
            id="what is taken away does not count",
        ),
    ],
)
def test_the_first_of_its_places_gives_the_start(segments, start, end):
    row = appointment(PID, *segments)
    assert (row["starts_at"], row.get("ends_at")) == (start, end)


@pytest.mark.parametrize(
    ("given", "time"),
    [
        pytest.param("20261130090000.1234+0215", "2026-11-30T09:00:00+02:15", id="odd offset, fraction"),
        pytest.param("202611300900-0330", "2026-11-30T09:00:00-03:30", id="minutes"),
        pytest.param("2026113009", "2026-11-30T09:00:00", id="hour"),
        pytest.param("20261130090000Z", "2026-11-30T09:00:00+00:00", id="Z"),
        pytest.param("20261130", "2026-11-30", id="a date alone, to be rejected"),
        pytest.param("2026-11-30T09:00", "2026-11-30T09:00", id="ISO 8601 as it is"),
        pytest.param("soon", "soon", id="no time, to be rejected"),
        pytest.param("٢٠٢٦1130", "٢٠٢٦1130", id="other digits"),
    ],
)
def test_times_are_passed_on_as_iso_8601(given, time):
    assert appointment(PID, f"SCH|B1|A1|||||||||^^^{given}")["starts_at"] == time


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param(["SCH|B1|A1"], {"appointment_id": "A1"}, id="the filler's id"),
        pytest.param(["SCH|B1^EPJ|"], {"appointment_id": "B1"}, id="else the placer's"),
        pytest.param(["SCH|B1|A1", "AIS|1||OP^Operasjon"], {"type_id": "OP"}, id="type by AIS"),
        pytest.param(['SCH|B1|A1||||||""', "AIS|1||OP"], {"type_id": ""}, id="type is cleared"),
        pytest.param(["AIL|1||VENT^2^^X^^^^^Inngang B"], {"location": "Inngang B"}, id="description of the place"),
        pytest.param(["AIL|1||VENT&1.2&ISO^2"], {"location": "VENT, 2"}, id="point of care and room"),
        pytest.param(["PV1|1|O|^^^Nidelv"], {"location": "Nidelv"}, id="place by PV1"),
        pytest.param(['AIL|1||""', "PV1|1|O|VENT"], {"location": ""}, id="place is cleared"),
        pytest.param(["AIL|1|D|ROM1", "AIL|2|A|ROM2"], {"location": "ROM2"}, id="another room"),
        pytest.param(["AIL|1||A\\T\\B \\F\\ C\\S\\D\\R\\\\E\\"], {"location": "A&B | C^D~\\"}, id="escapes"),
        pytest.param(["AIL|1||R\\XC3B8\\d \\XE5\\ C:\\temp\\"], {"location": "Rød å C:\\temp\\"}, id="bytes, a path"),
        pytest.param(["AIL|1||\\H\\Rom\\N\\ 1\\.br\\2"], {"location": "Rom 1\n2"}, id="highlighting, line break"),
    ],
)
def test_fields_of_an_appointment(segments, expected):
    row = appointment(PID, *segments)
    assert {column: row.get(column) for column in expected} == expected


def test_what_a_message_says_nothing_of_is_left_out():
    assert appointment("SCH|B1|A1", trigger="S15", sent="") == {
        "clinic_id": "nidelv",
        "appointment_id": "A1",
        "patient_id": "",
        "starts_at": "",
        "status": "cancelled",
    }


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        pytest.param("PATIENT", "patient", id="word"),
        pytest.param("X^Avbestilt av pasienten", "patient", id="Norwegian"),
        pytest.param("^Cancelled by patient", "patient", id="English"),
        pytest.param("pat-cpp", "patient", id="code of FHIR"),
        pytest.param("pat-dec^Deceased", None, id="death is no wish of the patient"),
        pytest.param("^Patient ill", None, id="not clearly"),
        pytest.param("^Called by patient services", None, id="somebody else"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_who_cancelled_is_told_only_where_it_is_clearly_the_patient(reason, by):
    assert appointment(PID, f"SCH|B1|A1||||{reason}", trigger="S15").get("cancelled_by") == by
    assert appointment(PID, f"SCH|B1|A1|||||{reason}", trigger="S15").get("cancelled_by") == by
    assert "cancelled_by" not in appointment(PID, f"SCH|B1|A1||||{reason}", trigger="S12")


@pytest.mark.parametrize(
    ("pid", "patient_id"),
    [
        pytest.param("PID|1||X1^^^A^AN~P2^^^B^MR~P3^^^C^PI", "P2", id="the first that is the clinic's"),
        pytest.param("PID|1||123456^^^^SS~X1^^^A^AN", "X1", id="no social security number"),
        pytest.param("PID|1||17^^^&2.16.578.1.12.4.1.4.1&ISO~X1", "X1", id="no number by a national authority"),
        pytest.param("PID|1||17^^^&2.16.578.1.12.4.1.4.10&ISO~X1", "17", id="an authority that only looks alike"),
        pytest.param("PID|1||01010112345^^^N~X1", "X1", id="not eleven digits where there is another"),
        pytest.param("PID|1||01010112345^^^N^NNNOR", "01010112345", id="a national number, if it is all"),
        pytest.param("PID|1|P9|", "P9", id="PID-2"),
        pytest.param('PID|1|P9|""', "P9", id="PID-2 where PID-3 is cleared"),
    ],
)
def test_the_clinics_own_number_is_the_patients_id(pid, patient_id):
    text = message(pid, SCH)
    assert [rows(text)[0]["patient_id"], rows(text, "patients")[0]["patient_id"]] == [patient_id, patient_id]


DEAD = {"email": "", "mobile": "", "consent": "no"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"f13": "22000001~91000001"}, {"mobile": "91000001"}, id="by what the number is"),
        pytest.param({"f13": "22000001^PRN^PH", "f14": "91000002^WPN^PH"}, {"mobile": "91000002"}, id="at work"),
        pytest.param({"f13": "22000001"}, {"mobile": "22000001"}, id="a landline, if it is all"),
        pytest.param({"f13": "12~22000001"}, {"mobile": "22000001"}, id="rather a number than none"),
        pytest.param({"f13": "12"}, {"mobile": "12"}, id="none, for the common cleaning to judge"),
        pytest.param({"f13": "^PRN^CP^^47^^91000001"}, {"mobile": "+4791000001"}, id="in parts"),
        pytest.param({"f13": "91000003^PRN^PH^^^^^^^^^91000001"}, {"mobile": "91000001"}, id="unformatted first"),
        pytest.param({"f13": "91000001^WPN^FX~91000002"}, {"mobile": "91000002"}, id="no fax"),
        pytest.param(
            {"f13": "91000001^PRN^CP^^^^^^^^^^^20200101~91000002"}, {"mobile": "91000002"}, id="none that has expired"
        ),
        pytest.param(
            {"f13": "91000001^PRN^CP^^^^^^^^^^^20270101~91000002"}, {"mobile": "91000001"}, id="one that will expire"
        ),
        pytest.param({"f40": "^NET^Internet^kari@nidelv.example"}, {"email": "kari@nidelv.example"}, id="XTN.4"),
        pytest.param({"f14": "kari@nidelv.example^NET"}, {"email": "kari@nidelv.example"}, id="an address in XTN.1"),
        pytest.param({"f13": '""'}, {"email": "", "mobile": ""}, id="cleared"),
        pytest.param({"f13": '""', "f14": "91000001"}, {"email": "", "mobile": "91000001"}, id="cleared at home"),
        pytest.param({}, {}, id="nothing is said"),
        pytest.param({"f15": "nn^Nynorsk"}, {"language": "nn"}, id="language"),
        pytest.param(
            {"f5": "Kalla^Kari^^^^^D~Nordmann&van^Kari Anne^^^^^L"},
            {"given_name": "Kari Anne", "family_name": "Nordmann"},
            id="the legal name",
        ),
        pytest.param({"f5": "Nordmann"}, {"given_name": "", "family_name": "Nordmann"}, id="family name alone"),
        pytest.param({"f13": "91000001", "f30": "Y"}, DEAD, id="has died"),
        pytest.param({"f13": "91000001", "f29": "20260101"}, DEAD, id="has a day of death"),
        pytest.param({"f13": "91000001", "f29": '""', "f30": "N"}, {"mobile": "91000001"}, id="lives"),
    ],
)
def test_fields_of_a_patient(fields, expected):
    assert patient(pid(**fields)) == {"clinic_id": "nidelv", "patient_id": "P1", "fresh_at": SENT, **expected}


def test_a_number_is_judged_by_the_clinics_country():
    home = "0701234567"
    assert patient(pid(f13=f"91000001~{home}"), country="SE")["mobile"] == home
    assert patient(pid(f13=f"91000001~{home}"), country="NO")["mobile"] == "91000001"
    (given,) = rows(message(pid(f13=f"91000001~{home}"), SCH), "patients", country="SE", clinic_given=True)
    assert given["mobile"] == home


def test_the_death_of_a_patient_is_a_warning_of_the_row():
    text = message(pid(f13="91000001"), SCH) + message(pid(f13="91000001", f30="Y"), SCH)
    warned = [(len(block.rows), list(block.warnings)) for block in blocks(text, "patients")]
    assert warned == [(1, []), (1, [(0, "", "has died; contact details were left out")])]


def test_the_clinic_is_left_out_where_it_is_given_or_nowhere_named():
    named, unnamed = message(PID, SCH), message(PID, SCH, clinic="")
    assert [row["clinic_id"] for row in rows(named + unnamed)] == ["nidelv", ""]
    assert "clinic_id" not in rows(named, clinic_given=True)[0]
    assert [row.keys() & {"clinic_id"} for kind in ("patients", "appointments") for row in rows(unnamed, kind)] == [
        set(),
        set(),
    ]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not at hand")
def test_real_messages_are_read_as_another_converter_reads_them():
    readme = (SAMPLES.parent / "README.md").read_text(encoding="utf-8")
    expected = re.findall(r"^\| (SIU-\S+) \| (\S+) \| (\S+) \| (\S+) \|$", readme, re.MULTILINE)
    assert expected
    for name, status, start, end in expected:
        text = (SAMPLES / f"{name}.hl7").read_bytes().decode()
        (row,) = rows(text)
        assert (name, row["status"]) == (name, status)
        assert (epoch(row["starts_at"]), epoch(row["ends_at"])) == (epoch(start), epoch(end))
        assert is_hl7(text.encode())
        assert rows(text, "patients")[0]["patient_id"] == "PATID1234"


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
