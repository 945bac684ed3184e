"""What is told in pieces, in any order, or by several systems at once: the last true state counts, of the right clinic.

FHIR and HL7 v2 through the command line. Source: SPEC section 3; the issue "Files as they really come".
"""

import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import engines
from tests.support.one_clinic import Clinic

TAG = {"tag": [{"system": "http://helsenorge.no/fhir/varsling", "code": "1"}]}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "F1",
    "status": "booked",
    "created": "2026-06-03T09:00:00Z",
    "appointmentType": {"coding": [{"code": "KONS"}]},
    "start": "2026-06-11T08:00:00Z",
    "participant": [{"actor": {"reference": "Patient/P1"}}],
    "meta": {"lastUpdated": "2026-06-03T09:00:00Z", **TAG},
}
LATER = {"meta": {"lastUpdated": "2026-06-03T09:30:00Z"}}
PATIENT = {
    "resourceType": "Patient",
    "id": "P99",
    "name": [{"given": ["Kari"], "family": "Lunde"}],
    "telecom": [{"system": "email", "value": "kari@post.example"}, {"system": "phone", "value": "91000099"}],
}
CONSENT = {
    "resourceType": "Consent",
    "status": "active",
    "category": [{"text": "Varsling"}],
    "patient": {"reference": "Patient/P99"},
    "dateTime": "2026-01-01",
}
DELETED = {
    "request": {"method": "DELETE", "url": "Appointment/F1"},
    "response": {"lastModified": "2026-06-03T09:30:00Z"},
}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def put(clinic: Clinic, name: str, content: str) -> str:
    path = clinic.folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def imported(clinic: Clinic, *arguments: str) -> list[dict[str, Any]]:
    found = clinic.json("import", *arguments)["files"]
    assert isinstance(found, list)
    return found


def rejected(reports: Sequence[dict[str, Any]]) -> int:
    return sum(one["rejected"] for one in reports)


def stored(clinic: Clinic, what: str) -> list[tuple[Any, ...]]:
    return engines.rows(clinic.folder, f"SELECT {what}")


def bundle(*entries: dict[str, Any], kind: str = "collection") -> str:
    whole = [one if "request" in one else {"resource": one} for one in entries]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": whole})


def ndjson(*resources: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in resources)


def without(resource: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}


# Rows of one file that have other columns


@pytest.mark.parametrize("write", [bundle, ndjson])
def test_a_consent_beside_its_patient_keeps_how_they_are_reached(clinic: Clinic, write: Any) -> None:
    imported(clinic, "--clinic", "nidelv", put(clinic, "p.json", write(PATIENT, CONSENT)))
    assert stored(clinic, "given_name, email, mobile, consent FROM patient WHERE patient_id = 'P99'") == [
        ("Kari", "kari@post.example", "+4791000099", 1)
    ]


def message(trigger: str, at: str, number: int, *segments: str, starts: str = "20260611100000+0200") -> str:
    timing = f"|||||||||^^^{starts}" if starts else ""
    header = f"MSH|^~\\&|SYS|nidelv|NOTIFY|nidelv|20260603{at}+0200||SIU^{trigger}|{number}|P|2.5"
    return "".join(f"{one}\r" for one in (header, f"SCH||H1{timing}", *segments))


WHOLE = ("PID|1||P99^^^X^PI||Lunde^Kari||||||||91000099", "AIS|1||KONS", "AIL|1||Rom 1")
BOOKED = message("S12", "113000", 1, *WHOLE)
LESS_OF_IT = message("S14", "114500", 2, "PID|1||P99^^^X^PI")
BARE_CANCELLATION = message("S15", "115000", 3, starts="")


@pytest.mark.parametrize("files", [(BOOKED, LESS_OF_IT), (BOOKED + LESS_OF_IT,)], ids=["two files", "one file"])
def test_a_message_that_says_less_leaves_what_the_one_before_said(clinic: Clinic, files: tuple[str, ...]) -> None:
    for number, text in enumerate(files):
        imported(clinic, put(clinic, f"{number}.hl7", text))
    assert stored(clinic, "given_name, mobile FROM patient WHERE patient_id = 'P99'") == [("Kari", "+4791000099")]
    known = stored(clinic, "type_id, location, at FROM appointment, appointment_event")
    assert known == [("KONS", "Rom 1", 1780479000)]


PERSONS = (
    "PID|1||P99^^^X^PI||Lunde^Kari||||||||91000099",
    "PID|1||P99^^^X^PI",
    "PID|1||P99^^^X^PI||||||||||91000098|kari@post.example",
    'PID|1||P99^^^X^PI||||||||||""',
)
TIMES = ("20260611100000+0200", "20260612100000+0200")


@st.composite
def messages(draw: st.DrawFn) -> list[str]:
    """Of two appointments, a minute after each other, each saying something of them."""
    found = []
    for number in range(draw(st.integers(2, 5))):
        trigger = draw(st.sampled_from(["S12", "S13", "S14", "S15", "S17"]))
        starts = draw(st.sampled_from(TIMES if trigger < "S15" else ("", *TIMES)))
        choices = (PERSONS, ("AIS|1||KONS", 'AIS|1||""'), ("AIL|1||Rom 1", "AIL|1||Rom 2"))
        segments = [draw(st.sampled_from(("", *known))) for known in choices]
        one = message(trigger, f"11{number:02}00", number, *filter(None, segments), starts=starts)
        found.append(one.replace("H1", draw(st.sampled_from(["H1", "H2"]))))
    return found


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(told=messages(), order=st.randoms(use_true_random=False))
def test_messages_say_the_same_in_one_file_as_in_many_in_any_order(told: list[str], order: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        begun = Path(folder) / "begun"
        begun.mkdir()
        Clinic.begun_in(begun)
        in_one, in_many = (Clinic(shutil.copytree(begun, Path(folder) / name)) for name in ("one", "many"))
        imported(in_one, put(in_one, "all.hl7", "".join(told)))
        paths = [put(in_many, f"{number}.hl7", text) for number, text in enumerate(told)]
        order.shuffle(paths)
        imported(in_many, *paths)
        assert state_of(in_one) == state_of(in_many)


def state_of(clinic: Clinic) -> list[list[tuple[Any, ...]]]:
    """Without what tells times of imports."""
    appointments = "appointment_id, patient_id, starts_at, status, location, type_id FROM appointment ORDER BY 1"
    return [
        stored(clinic, appointments),
        stored(clinic, "given_name, email, mobile, consent FROM patient ORDER BY patient_id"),
    ]


# What ends a booking, with no more than an id


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        pytest.param((), (APPOINTMENT, DELETED), "entered-in-error", id="deleted, in one history"),
        pytest.param((APPOINTMENT,), (DELETED,), "entered-in-error", id="deleted, later"),
        pytest.param(
            (), (APPOINTMENT, without(APPOINTMENT, "start") | {"status": "cancelled"} | LATER), "cancelled",
            id="cancelled without start, in one Bundle",
        ),
        pytest.param(
            (APPOINTMENT,), (without(APPOINTMENT, "start") | {"status": "waitlist"} | LATER,), "waitlist",
            id="open again without start",
        ),
    ],
)  # fmt: skip
def test_what_is_ended_by_its_id_is_not_booked_any_more(
    clinic: Clinic, first: tuple[dict[str, Any], ...], then: tuple[dict[str, Any], ...], status: str
) -> None:
    for name, entries in (("1.json", first), ("2.json", then)):
        if entries:
            kind = "history" if DELETED in entries else "collection"
            in_order = tuple(reversed(entries)) if kind == "history" else entries
            assert (
                rejected(imported(clinic, "--clinic", "nidelv", put(clinic, name, bundle(*in_order, kind=kind)))) == 0
            )
    assert stored(clinic, "status, no_notices FROM appointment") == [(status, "all")]


def test_messages_in_files_of_their_own_are_taken_by_their_times(clinic: Clinic) -> None:
    names = [put(clinic, "a.hl7", BARE_CANCELLATION), put(clinic, "b.hl7", LESS_OF_IT), put(clinic, "c.hl7", BOOKED)]
    assert rejected(imported(clinic, *names)) == 0
    assert stored(clinic, "status, location FROM appointment") == [("cancelled", "Rom 1")]


# Several Consents of one patient


@pytest.mark.parametrize("write", [bundle, ndjson])
@pytest.mark.parametrize(
    ("told", "consents"),
    [
        pytest.param((("inactive", "2026-02-01"), ("active", "2020-01-01")), False, id="the no is newer"),
        pytest.param((("active", "2026-02-01"), ("inactive", "2020-01-01")), True, id="the yes is newer"),
        pytest.param((("inactive", None), ("active", "2020-01-01")), False, id="nobody knows when the no was said"),
    ],
)
def test_of_several_consents_the_newest_counts(
    clinic: Clinic, write: Any, told: tuple[tuple[str, str | None], ...], consents: bool
) -> None:
    resources = [CONSENT | {"status": status, "dateTime": at} for status, at in told]
    imported(clinic, "--clinic", "nidelv", put(clinic, "c.json", write(PATIENT, *resources)))
    assert clinic.json("patient", "show", "nidelv", "P99")["consent"] is consents


# Several servers, each with ids of its own


def export_of(clinic_id: str, appointment: str, owner: bool = True) -> str:
    organisation = {"resourceType": "Organization", "id": clinic_id, "name": clinic_id.title()}
    patient = PATIENT | {"id": "1", "managingOrganization": {"reference": f"Organization/{clinic_id}"}}
    booked = APPOINTMENT | {"id": appointment, "participant": [{"actor": {"reference": "Patient/1"}}]}
    return bundle(organisation, patient if owner else without(patient, "managingOrganization"), booked)


@pytest.mark.parametrize("names", [("a.json", "b.json"), ("b.json", "a.json")], ids=["one order", "the other"])
def test_servers_that_number_alike_do_not_take_each_others_patients(clinic: Clinic, names: tuple[str, str]) -> None:
    put(clinic, "a.json", export_of("aasen", "A1"))
    put(clinic, "b.json", export_of("berg", "B1"))
    imported(clinic, *(str(clinic.folder / name) for name in names))
    assert stored(clinic, "clinic_id, appointment_id FROM appointment ORDER BY 1") == [("aasen", "A1"), ("berg", "B1")]


def test_a_patient_whose_clinic_is_not_told_is_not_that_of_another_file(clinic: Clinic) -> None:
    paths = [
        put(clinic, "a.json", export_of("aasen", "A1", owner=False)),
        put(clinic, "b.json", export_of("berg", "B1")),
    ]
    imported(clinic, *paths)
    assert stored(clinic, "clinic_id, appointment_id FROM appointment") == [("berg", "B1")]


def test_places_that_two_servers_number_alike_are_nobodys(clinic: Clinic) -> None:
    for name in ("aasen", "berg"):
        place = {"resourceType": "Location", "id": "1", "name": name}
        owned = place | {"managingOrganization": {"reference": f"Organization/{name}"}}
        organisation = {"resourceType": "Organization", "id": name, "name": name}
        put(clinic, f"{name}.ndjson", ndjson(organisation, owned))
    here = {"participant": [*APPOINTMENT["participant"], {"actor": {"reference": "Location/1"}}]}
    put(clinic, "visits.ndjson", ndjson(APPOINTMENT | here, APPOINTMENT | here | {"id": "F2"}))
    answer = clinic.call("import", *(str(clinic.folder / f"{name}.ndjson") for name in ("aasen", "berg", "visits")))
    assert answer.exit == 1
    assert "--clinic" in answer.err
    assert stored(clinic, "count(*) FROM appointment") == [(0,)]


# One person, known to two clinics by one number

FNR = {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "01010199999"}
LOCAL = {"value": "17"}


def two_clinics_with(number: dict[str, str], *, says_where: bool) -> str:
    resources: list[dict[str, Any]] = []
    for name in ("aasen", "berg"):
        owned = {"managingOrganization": {"reference": f"Organization/{name}"}}
        resources.append({"resourceType": "Organization", "id": name, "name": name})
        resources.append({"resourceType": "Location", "id": f"at-{name}", "name": name, **owned})
        resources.append(PATIENT | owned | {"id": f"of-{name}", "identifier": [number]})
    patient = {"actor": {"type": "Patient", "identifier": number}}
    place = [{"actor": {"reference": "Location/at-berg"}}] if says_where else []
    return bundle(*resources, APPOINTMENT | {"participant": [patient, *place]})


@pytest.mark.parametrize("number", [FNR, LOCAL], ids=["national", "local"])
def test_a_number_means_the_patient_of_the_clinic_where_the_appointment_is(
    clinic: Clinic, number: dict[str, str]
) -> None:
    imported(clinic, put(clinic, "a.json", two_clinics_with(number, says_where=True)))
    assert stored(clinic, "clinic_id, patient_id FROM appointment") == [("berg", "of-berg")]


def test_a_number_that_may_be_two_persons_is_nobodys(clinic: Clinic) -> None:
    answer = clinic.call("import", put(clinic, "a.json", two_clinics_with(LOCAL, says_where=False)))
    assert (answer.exit, "--clinic" in answer.err) == (1, True)
    assert stored(clinic, "count(*) FROM appointment") == [(0,)]


# Who has died


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("d.json", json.dumps({"resourceType": "Patient", "id": "P6", "deceasedBoolean": True})),
        ("d.hl7", message("S14", "113000", 1, f"PID|1||P6^^^X^PI{'|' * 27}Y")),
    ],
    ids=["FHIR", "HL7"],
)
def test_who_has_died_is_not_written_to_where_staff_had_noted_an_address(clinic: Clinic, name: str, told: str) -> None:
    assert clinic.call("patient", "set", "nidelv", "P6", "--email", "jon@post.example").exit == 0
    clinic.call("import", "--clinic", "nidelv", put(clinic, name, told))
    [found] = clinic.json("check", "--patient", "P6")
    assert (found["possible"], found["reasons"]) == (False, ["no_consent"])


# Rejects of what is silent of consent


def test_rejected_patients_of_a_bundle_import_once_mended(clinic: Clinic) -> None:
    told = (PATIENT | {"managingOrganization": {"reference": "Organization/nidelv"}}, PATIENT | {"id": "P98"})
    assert rejected(imported(clinic, put(clinic, "p.json", bundle(*told)))) == 1
    [rejects] = clinic.folder.glob("*.rejects.csv")
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace(";;P98", ";nidelv;P98"))
    [report] = imported(clinic, str(rejects))
    assert (report["kind"], report["new"], report["rejected"]) == ("patients", 1, 0)
