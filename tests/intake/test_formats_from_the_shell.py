"""Workbooks, FHIR R4 and HL7 v2 through the command line: what a clinic's administrator types, and what then goes out.

The readers have tests of their own. Source: SPEC section 3; the issue "Files as they really come".
"""

import io
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support import engines
from tests.support.one_clinic import NOON, Clinic
from tests.support.places import SHARED

SAMPLES = SHARED / "samples"
HEADER = ("Timenr", "Pasientnr", "Timetype", "Dato", "Klokkeslett", "Status", "Sted")
TEN = datetime.fromisoformat("2026-06-11T10:00")


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def put(clinic: Clinic, name: str, content: str | bytes) -> str:
    path = clinic.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def imported(clinic: Clinic, *arguments: str) -> list[dict[str, Any]]:
    found = clinic.json("import", *arguments)["files"]
    assert isinstance(found, list)
    return found


def workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(buffer)
    return buffer.getvalue()


# Workbooks

ROW = ("A1", "P1", "KONS", TEN.date(), TEN.time(), "Avtalt", "Rom 1")


def test_a_workbook_with_real_dates_and_a_title_books(clinic: Clinic) -> None:
    rows = [("Timeliste for juni",), (), HEADER, ROW]
    answer = clinic.call("import", "--clinic", "nidelv", put(clinic, "timer.xlsx", workbook({"Timer": rows})))
    assert answer.exit == 0
    assert "1 booking" in answer.out
    assert "timer.xlsx: 1 row above the header was skipped" in answer.out
    [planned] = [one for one in clinic.json("upcoming", "--until", "2026-06-30") if one["event"] == "reminder"]
    assert (planned["subject_id"], planned["due_at"]) == ("A1", "2026-06-09T08:00:00Z")


TWO_SHEETS = {
    "Timer": [HEADER, ROW],
    "Pasienter": [("Pasientnr", "Mobil", "E-post", "Samtykke"), (8015764, 91000077, "ny@post.example", True)],
}


@pytest.mark.parametrize(
    ("sheet", "kind"),
    [
        pytest.param((), "appointments", id="the first"),
        pytest.param(("--sheet", "Pasienter"), "patients", id="by name"),
        pytest.param(("--sheet", "pasienter"), "patients", id="by name, in other letters"),
        pytest.param(("--sheet", "2"), "patients", id="by number"),
    ],
)
def test_the_sheet_that_is_asked_for_is_read_and_the_other_is_named(
    clinic: Clinic, sheet: tuple[str, ...], kind: str
) -> None:
    [report] = imported(clinic, "--clinic", "nidelv", *sheet, put(clinic, "bok.xlsx", workbook(TWO_SHEETS)))
    assert (report["kind"], report["new"], report["rejected"]) == (kind, 1, 0)
    other = "Pasienter" if kind == "appointments" else "Timer"
    assert f"1 other sheet was not read ({other}); choose one with --sheet" in report["notes"]


def test_numbers_of_a_workbook_are_ids_and_phone_numbers(clinic: Clinic) -> None:
    imported(clinic, "--clinic", "nidelv", "--sheet", "2", put(clinic, "bok.xlsx", workbook(TWO_SHEETS)))
    found = clinic.json("patient", "show", "nidelv", "8015764")
    assert json.dumps(found).count("+4791000077") == 1


def test_both_sheets_of_a_workbook_in_a_folder_are_taken(clinic: Clinic) -> None:
    folder = clinic.folder / "in"
    folder.mkdir()
    put(clinic, "in/bok.xlsx", workbook(TWO_SHEETS))
    os.utime(folder / "bok.xlsx", (1, 1))
    for sheet, kind in (("Pasienter", "patients"), ("Timer", "appointments")):
        found = [imported(clinic, "--clinic", "nidelv", "--sheet", sheet, str(folder)) for _ in range(2)]
        assert [[one["kind"] for one in reports] for reports in found] == [[kind], []]


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(clinic: Clinic) -> None:
    path = put(clinic, "bok.xlsx", workbook(TWO_SHEETS))
    answer = clinic.call("import", "--sheet", "Ansatte", path)
    assert answer.exit == 1
    assert answer.err == f'notify: {path}: it has no sheet "Ansatte"; it has: Timer, Pasienter\n'


def test_rejects_of_a_workbook_import_again_once_mended(clinic: Clinic) -> None:
    rows = [HEADER, ROW, ("A2", "P1", "KONS", "snart", TEN.time(), "Avtalt", "Rom 1")]
    [report] = imported(clinic, "--clinic", "nidelv", put(clinic, "timer.xlsx", workbook({"Timer": rows})))
    assert [(one["line"], one["unit"]) for one in report["problems"]] == [(3, "row")]
    rejects = clinic.folder / "timer.xlsx.rejects.csv"
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace("snart", "12.06.2026"))
    [report] = imported(clinic, "--clinic", "nidelv", str(rejects))
    assert (report["new"], report["rejected"], report["events"]["booking"]) == (1, 0, 1)


def test_a_workbook_is_explained(clinic: Clinic) -> None:
    path = put(clinic, "bok.xlsx", workbook(TWO_SHEETS))
    [found] = clinic.json("import", "--explain", "--clinic", "nidelv", "--sheet", "2", path)["files"]
    assert (found["kind"], found["lacks"]) == ("patients", [])
    assert "91000077" not in json.dumps(found)


# FHIR

ORGANISATION = {"resourceType": "Organization", "id": "fjord", "name": "Fjord legesenter"}
PATIENT = {
    "resourceType": "Patient",
    "id": "P77",
    "name": [{"given": ["Kari"], "family": "Lunde"}],
    "managingOrganization": {"reference": "urn:uuid:1"},
    "telecom": [{"system": "email", "value": "kari@post.example"}, {"system": "phone", "value": "91000077"}],
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "F1",
    "status": "booked",
    "created": "2026-06-03T11:00:00+02:00",
    "appointmentType": {"coding": [{"code": "KONS"}]},
    "start": "2026-06-11T10:00:00+02:00",
    "participant": [{"actor": {"reference": "urn:uuid:2"}, "status": "accepted"}],
}


def bundle(*resources: dict[str, Any]) -> str:
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": one} for number, one in enumerate(resources, 1)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def test_one_bundle_brings_clinic_patient_and_appointment_and_a_run_sends(clinic: Clinic) -> None:
    put(clinic, "types.csv", "clinic_id;type_id;notifications\nfjord;KONS;yes\n")
    all_of_it = put(clinic, "all.json", bundle(ORGANISATION, PATIENT, APPOINTMENT))
    reports = imported(clinic, "--assume-consent", all_of_it)
    assert [(one["kind"], one["new"], one["rejected"]) for one in reports] == [
        ("clinics", 1, 0),
        ("patients", 1, 0),
        ("appointments", 1, 0),
    ]
    assert clinic.call("import", str(clinic.folder / "types.csv")).exit == 0
    assert clinic.call("module", "enable", "fjord", "timebook").exit == 0
    assert clinic.call("run", at="2026-06-09T10:00:00+02:00").exit == 0
    [sent] = clinic.json("history", at="2026-06-09T10:00:00+02:00")
    assert (sent["event"], sent["clinic"], sent["address"], sent["status"]) == (
        "reminder", "fjord", "kari@post.example", "sent",
    )  # fmt: skip


def test_a_file_says_nothing_of_consent_unless_somebody_does(clinic: Clinic) -> None:
    path = put(clinic, "p.json", bundle(ORGANISATION, PATIENT))
    [_, report] = imported(clinic, path)
    assert any("--assume-consent" in one["text"] for one in report["problems"])
    assert clinic.json("patient", "show", "fjord", "P77")["consent"] is False
    assert [one["changed"] for one in imported(clinic, "--assume-consent", path)] == [0, 1]
    assert clinic.json("patient", "show", "fjord", "P77")["consent"] is True


def test_clinic_serves_resources_that_name_none(clinic: Clinic) -> None:
    single = {name: value for name, value in PATIENT.items() if name != "managingOrganization"}
    [report] = imported(clinic, "--clinic", "nidelv", put(clinic, "p.json", json.dumps(single)))
    assert (report["kind"], report["new"]) == ("patients", 1)
    answer = clinic.call("import", "--clinic", "nowhere", str(clinic.folder / "p.json"))
    assert (answer.exit, answer.out) == (2, "")


def test_rejects_of_a_bundle_have_a_file_for_each_kind_and_import_once_mended(clinic: Clinic) -> None:
    late = APPOINTMENT | {"id": "F2", "start": "soon"}
    nameless = {name: value for name, value in PATIENT.items() if name not in ("id", "managingOrganization")}
    path = put(clinic, "all.json", bundle(ORGANISATION, PATIENT, late, nameless))
    answer = clinic.call("import", path)
    assert answer.exit == 1
    rejected = sorted(one.name for one in clinic.folder.glob("*.rejects.csv"))
    assert "all.json.appointments.rejects.csv" in rejected
    mended = clinic.folder / "all.json.appointments.rejects.csv"
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace("soon", "2026-06-12T10:00:00+02:00"))
    [report] = imported(clinic, str(mended))
    assert (report["kind"], report["new"], report["rejected"]) == ("appointments", 1, 0)


def test_a_bundle_with_nothing_of_ours_says_so(clinic: Clinic) -> None:
    path = put(clinic, "o.json", bundle({"resourceType": "Observation", "id": "O1"}))
    answer = clinic.call("import", path)
    assert answer.exit == 0
    assert "Observation" in answer.out
    assert imported(clinic, path)[0]["notes"]


# HL7 v2


def message(trigger: str, at: str, starts: str = "20260611100000+0200", id_: str = "H1") -> str:
    return (
        f"MSH|^~\\&|SYS|nidelv|NOTIFY|nidelv|{at}||SIU^{trigger}|{trigger}{at}|P|2.5\r"
        f"SCH||{id_}||||||KONS|30|min|^^30^{starts}\rPID|1||P1^^^X^PI||Ødegård^Kari||||||||91000001\r"
    )


BOOKED, MOVED = message("S12", "20260603115800+0200"), message("S13", "20260603115900+0200", "20260612100000+0200")
CANCELLED = message("S15", "20260603120000+0200", "20260612100000+0200")


def events_of(reports: list[dict[str, Any]]) -> dict[str, int]:
    [found] = [one["events"] for one in reports if one["kind"] == "appointments"]
    return {name: number for name, number in found.items() if number}


def test_messages_one_by_one_book_move_and_cancel(clinic: Clinic) -> None:
    happened = [
        events_of(imported(clinic, put(clinic, f"{number}.hl7", text)))
        for number, text in enumerate((BOOKED, MOVED, CANCELLED))
    ]
    assert happened == [{"booking": 1}, {"change": 1}, {"cancellation": 1}]


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_a_batch_is_taken_in_the_order_of_its_times(clinic: Clinic, line_end: str) -> None:
    batch = f"FHS|^~\\&|SYS\rBHS|^~\\&|SYS\r{CANCELLED}{BOOKED}{MOVED}{MOVED}BTS|4\rFTS|1\r"
    reports = imported(clinic, put(clinic, "batch.hl7", batch.replace("\r", line_end)))
    [report] = [one for one in reports if one["kind"] == "appointments"]
    assert (report["new"], report["stale"], report["rejected"]) == (1, 2, 0)
    assert any("1 message came more than once" in note for note in report["notes"])
    assert [status for status, *_ in stored(clinic)] == ["cancelled"]


def test_an_older_message_that_comes_later_is_stale(clinic: Clinic) -> None:
    imported(clinic, put(clinic, "new.hl7", MOVED))
    reports = imported(clinic, put(clinic, "old.hl7", BOOKED))
    assert [one["stale"] for one in reports if one["kind"] == "appointments"] == [1]


def test_messages_of_a_folder_are_taken_once(clinic: Clinic) -> None:
    (clinic.folder / "in").mkdir()
    for number, text in enumerate((BOOKED, MOVED, CANCELLED)):
        os.utime(put(clinic, f"in/{number}.hl7", text), (1, 1))
    reports = imported(clinic, str(clinic.folder / "in"))
    assert sum(one["events"]["cancellation"] for one in reports) == 1
    assert imported(clinic, str(clinic.folder / "in")) == []


def test_messages_that_are_not_of_scheduling_are_told(clinic: Clinic) -> None:
    path = put(clinic, "adt.hl7", BOOKED.replace("SIU^S12", "ADT^A01"))
    answer = clinic.call("import", path)
    assert answer.exit == 0
    assert "ADT^A01" in answer.out


def test_rejects_of_messages_import_once_mended(clinic: Clinic) -> None:
    assert clinic.call("import", put(clinic, "a.hl7", BOOKED.replace("20260611100000+0200", "soon"))).exit == 1
    rejects = clinic.folder / "a.hl7.appointments.rejects.csv"
    header, row = rejects.read_text(encoding="utf-8-sig").splitlines()
    cells = dict(zip(header.split(";"), row.split(";"), strict=True)) | {"starts_at": "2026-06-11T10:00:00+02:00"}
    rejects.write_text(f"{header}\n{';'.join(cells.values())}\n")
    [report] = imported(clinic, str(rejects))
    assert (report["new"], report["rejected"], report["events"]["booking"]) == (1, 0, 1)


# Real files that nobody here wrote


def sample(name: str) -> str:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the shared samples are not here")
    return str(path)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(pytest.param(one, "booked", id=one) for one in ("S12", "S13", "S14")),
        *(pytest.param(one, "cancelled", id=one) for one in ("S15", "S16")),
        pytest.param("S26", "noshow", id="S26"),
    ],
)
def test_a_message_from_elsewhere_is_what_another_converter_made_of_it(clinic: Clinic, name: str, status: str) -> None:
    reports = imported(clinic, "--clinic", "nidelv", sample(f"hl7v2/SIU-{name}-01.hl7"))
    assert [(one["kind"], one["new"], one["rejected"], one["error"]) for one in reports] == [
        ("patients", 1, 0, None),
        ("appointments", 1, 0, None),
    ]
    assert stored(clinic) == [(status, "2021-09-24 07:15:00", "2021-09-24 08:05:00")]


def stored(clinic: Clinic) -> list[tuple[str, str, str]]:
    """Status, start and end, in UTC."""
    rows = engines.rows(clinic.folder, "SELECT status, starts_at, ends_at FROM appointment")
    return [
        (status, *(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}" for at in times)) for status, *times in rows
    ]


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("nhs-appointment.json", "appointments", 1),
        ("nhs-appointment-list.json", "appointments", 2),
        ("smart-bulk-patients.ndjson", "patients", 13),
    ],
)
def test_resources_from_elsewhere_import(clinic: Clinic, name: str, kind: str, rows: int) -> None:
    [report] = imported(clinic, "--clinic", "nidelv", sample(f"fhir/{name}"))
    assert (report["kind"], report["rows"], report["new"], report["rejected"]) == (kind, rows, rows, 0)


def test_all_samples_import_at_once_from_one_call(clinic: Clinic) -> None:
    names = sorted(str(path) for path in SAMPLES.rglob("*") if path.suffix in (".hl7", ".json", ".ndjson"))
    if not names:
        pytest.skip("the shared samples are not here")
    answer = clinic.call("import", "--json", "--clinic", "nidelv", *names, at=NOON)
    assert answer.exit == 0
    for one in json.loads(answer.out)["files"]:
        assert one["rows"] == sum(one[count] for count in ("new", "changed", "unchanged", "stale", "rejected"))
