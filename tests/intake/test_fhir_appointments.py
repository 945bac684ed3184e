"""SPEC section 3: a FHIR Appointment becomes a row: who, when, where, whose, and which notices it forbids."""

from typing import Any

import pytest

from tests.intake.test_fhir import KARI, NIDELV, ROOM, VISIT, bundle, ndjson, opened, rows_in, warnings_in

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
WHO = {"actor": {"reference": "Patient/p1"}}
TAG = "http://helsenorge.no/fhir"


def row_of(*beside: dict[str, Any], **elements: Any) -> dict[str, str]:
    """VISIT with other elements, in a Bundle with what stands beside it."""
    return rows_in(bundle(*beside, VISIT | elements), "appointments", clinic_given=True)[0]


def clinic_of(*beside: dict[str, Any], **elements: Any) -> str | None:
    return rows_in(bundle(*beside, VISIT | elements), "appointments")[0].get("clinic_id")


def with_actor(actor: Any, **participant: Any) -> dict[str, Any]:
    return {"participant": [{"actor": actor} | participant]}


def test_every_column_is_there_whatever_is_missing():
    assert row_of(participant=None, start=None, status=None) == {
        **dict.fromkeys(("patient_id", "type_id", "starts_at", "ends_at", "status", "booked_at", "changed_at"), ""),
        **dict.fromkeys(("cancelled_at", "cancelled_by", "location", "no_notices"), ""),
        "appointment_id": "a1",
    }


@pytest.mark.parametrize(
    ("actor", "patient_id"),
    [
        pytest.param({"reference": "Patient/p1"}, "p1", id="relative"),
        pytest.param({"reference": " Patient/p1/_history/3 "}, "p1", id="with a version"),
        pytest.param({"reference": "https://ehr.example/fhir/Patient/p1"}, "p1", id="absolute"),
        pytest.param(
            {"reference": "https://ehr.example/fhir/Patient/p1/_history/3"}, "p1", id="absolute, with a version"
        ),
        pytest.param({"reference": f"urn:uuid:{UUID.upper()}"}, "p1", id="a UUID that an entry has"),
        pytest.param({"reference": "urn:uuid:else", "type": "Patient"}, "else", id="a UUID that no entry has"),
        pytest.param({"reference": "http://ehr.example/7", "type": "Patient"}, "7", id="a URL that names no type"),
        pytest.param(
            {"type": "Patient", "identifier": {"system": FNR, "value": "21016400952"}}, "p1", id="known number"
        ),
        pytest.param({"identifier": {"system": FNR, "value": "1"}}, "1", id="a number of a person that nobody has"),
        pytest.param({"reference": f"Patient?identifier={FNR}|21016400952"}, "p1", id="conditional"),
        pytest.param({"type": "Patient", "display": "Kari Nordmann"}, "", id="a mere name"),
        pytest.param({"reference": "Patient/"}, "", id="no id"),
        pytest.param({"reference": "RelatedPerson/p1"}, "", id="somebody else"),
        pytest.param({"reference": "urn:uuid:p2"}, "", id="an entry that is no patient"),
        pytest.param({"reference": "#kari"}, "17", id="contained"),
        pytest.param({"reference": "#nobody"}, "", id="contained nowhere"),
    ],
)
def test_the_patient_is_found_by_every_kind_of_reference(actor, patient_id):
    kari = KARI | {"identifier": [{"system": FNR, "value": "21016400952"}]}
    doctor = {"resourceType": "Practitioner", "id": "p2"}
    inside = {"resourceType": "Patient", "id": "kari", "identifier": [{"system": FNR, "value": "1"}, {"value": "17"}]}
    content = bundle(
        kari, doctor, VISIT | with_actor(actor) | {"contained": [inside]}, p1=f"urn:uuid:{UUID}", p2="urn:uuid:p2"
    )
    assert rows_in(content, "appointments")[0]["patient_id"] == patient_id


@pytest.mark.parametrize(
    ("participants", "patient_id", "warns"),
    [
        pytest.param([{}, {"actor": {"reference": "Practitioner/1"}}, WHO], "p1", False, id="among others"),
        pytest.param(
            [WHO | {"status": "declined"}, {"actor": {"reference": "Patient/p2"}}], "p2", True, id="one declined"
        ),
        pytest.param([WHO, {"actor": {"reference": "Patient/p2"}}], "p1", True, id="two"),
        pytest.param([WHO, WHO], "p1", False, id="one, twice"),
        pytest.param([WHO | {"status": "declined"}], "p1", False, id="the only one declined"),
        pytest.param([{"actor": {"reference": "urn:uuid:x"}}], "x", True, id="one of whom nobody tells what it is"),
        pytest.param(
            [{"actor": {"reference": "urn:uuid:x"}}, {"actor": {"reference": "urn:uuid:y"}}], "", False, id="two such"
        ),
        pytest.param([{"actor": {"reference": "urn:uuid:x"}}, WHO], "p1", False, id="one such beside a patient"),
    ],
)
def test_of_several_who_take_part_the_patient_is_chosen(participants, patient_id, warns):
    visit = VISIT | {"participant": participants}
    assert rows_in(visit, "appointments")[0]["patient_id"] == patient_id
    assert [column for column, _ in warnings_in(visit, "appointments")] == ["patient_id"] * warns


def test_the_subject_of_r5_is_a_patient_too():
    assert row_of(participant=[], subject={"reference": "Patient/p7"})["patient_id"] == "p7"


@pytest.mark.parametrize(
    ("elements", "starts_at", "booked_at", "changed_at"),
    [
        pytest.param({}, "2026-10-12T09:00:00+02:00", "", "", id="start alone"),
        pytest.param(
            {"created": "2026-09-01", "meta": {"lastUpdated": "2026-09-02T08:00:00.123456789Z"}},
            *("2026-10-12T09:00:00+02:00", "2026-09-01T00:00:00", "2026-09-02T08:00:00.123456789Z"),
            id="a day, and fractions",
        ),
        pytest.param({"start": "2016-12-31T23:59:60Z"}, "2016-12-31T23:59:59Z", "", "", id="a leap second"),
        pytest.param({"start": "2026-10", "created": "2026-10"}, "2026-10", "", "", id="months"),
        pytest.param({"start": "2026", "created": "2026"}, "2026", "", "", id="years"),
    ],
)
def test_times_stay_as_they_are(elements, starts_at, booked_at, changed_at):
    row = row_of(**elements)
    assert (row["starts_at"], row["booked_at"], row["changed_at"]) == (starts_at, booked_at, changed_at)


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "booked", "noshow"])
def test_a_cancellation_is_of_the_last_change(status):
    row = row_of(status=status, meta={"lastUpdated": "2026-09-02T08:00:00Z"})
    is_cancelled = status in ("cancelled", "entered-in-error")
    assert (row["status"], row["cancelled_at"]) == (status, "2026-09-02T08:00:00Z" if is_cancelled else "")


@pytest.mark.parametrize(
    ("reason", "who"),
    [
        pytest.param(
            {"cancelationReason": {"coding": [{"code": "x"}, {"code": "pat-mv"}]}}, "patient", id="by a patient"
        ),
        pytest.param({"cancellationReason": {"coding": [{"code": "PROV"}]}}, "clinic", id="R5, by the clinic"),
        pytest.param({"cancelationReason": {"coding": [{"code": "maint"}]}}, "", id="by neither"),
        pytest.param({"cancelationReason": {"text": "patient"}}, "", id="no code"),
    ],
)
def test_who_cancelled_is_told_by_the_reason(reason, who):
    assert row_of(**reason)["cancelled_by"] == who


@pytest.mark.parametrize(
    ("elements", "type_id"),
    [
        pytest.param(
            {"appointmentType": {"coding": [{}, {"code": "T1"}]}, "serviceType": [{"coding": [{"code": "S1"}]}]},
            "T1",
            id="type",
        ),
        pytest.param(
            {"appointmentType": {"text": "x"}, "serviceType": [{}, {"coding": [{"code": "S1"}]}]}, "S1", id="service"
        ),
        pytest.param({"serviceType": [{"concept": {"coding": [{"code": "S1"}]}}]}, "S1", id="service of R5"),
    ],
)
def test_the_type_is_that_of_the_appointment_or_of_the_service(elements, type_id):
    assert row_of(**elements)["type_id"] == type_id


@pytest.mark.parametrize(
    ("tags", "no_notices"),
    [
        pytest.param([{"system": f"{TAG}/varsling", "code": "1"}], "all", id="no notice"),
        pytest.param([{"system": f"{TAG}/paminnelse", "code": "1"}], "reminder", id="no reminder"),
        pytest.param(
            [{"system": "https://helsenorge.no/fhir/paminnelse/", "code": "1"}], "reminder", id="written otherwise"
        ),
        pytest.param([{"system": f"{TAG}/{one}", "code": "1"} for one in ("paminnelse", "varsling")], "all", id="both"),
        pytest.param([{"system": f"{TAG}/varsling", "code": "0"}], "", id="another code"),
        pytest.param([{"system": "http://else.example/fhir/varsling", "code": "1"}], "", id="another system"),
        pytest.param([{"system": f"{TAG}/varsling"}, {}], "", id="no code"),
    ],
)
def test_tags_of_helsenorge_forbid_notices(tags, no_notices):
    assert row_of(meta={"tag": tags})["no_notices"] == no_notices


@pytest.mark.parametrize(
    ("actor", "location"),
    [
        pytest.param({"reference": "Location/rom3", "display": "Else"}, "Rom 3", id="a name that is known"),
        pytest.param({"reference": "Location/4", "display": "Rom 4"}, "Rom 4", id="what it is called here"),
        pytest.param({"type": "Location", "display": "Rom 5"}, "Rom 5", id="a mere name"),
        pytest.param({"reference": "#rom"}, "Rom 6", id="contained"),
        pytest.param({"reference": "Location/4"}, "", id="no name"),
        pytest.param({"identifier": {"value": "1"}, "type": "Location"}, "Rom 3", id="by a number"),
    ],
)
def test_the_place_is_called_what_it_is_called(actor, location):
    inside = {"resourceType": "Location", "id": "rom", "name": "Rom 6"}
    room = ROOM | {"identifier": [{"value": "1"}]}
    assert row_of(room, participant=[WHO, {"actor": actor}], contained=[inside])["location"] == location


@pytest.mark.parametrize(
    ("beside", "elements", "clinic_id"),
    [
        pytest.param([ROOM], {}, "nidelv", id="whose the place is"),
        pytest.param(
            [
                ROOM | {"id": "house"},
                {"resourceType": "Location", "id": "rom3", "partOf": {"reference": "Location/house"}},
            ],
            *({}, "nidelv"),
            id="whose the house is",
        ),
        pytest.param(
            [{"resourceType": "Location", "id": "rom3", "partOf": {"reference": "Location/rom3"}}],
            {},
            None,
            id="a circle",
        ),
        pytest.param(
            [KARI | {"managingOrganization": {"reference": "Organization/sol"}}], {}, "sol", id="whose the patient is"
        ),
        pytest.param(
            [ROOM, KARI | {"managingOrganization": {"reference": "Organization/sol"}}],
            {},
            "nidelv",
            id="the place first",
        ),
        pytest.param(
            [], with_actor({"reference": "Organization/nidelv"}), "nidelv", id="an organisation that takes part"
        ),
        pytest.param(
            [],
            {"supportingInformation": [{"reference": "Slot/1"}, {"reference": "Organization/nidelv"}]},
            "nidelv",
            id="beside",
        ),
        pytest.param([], {"contained": [NIDELV]}, "nidelv", id="contained, known by its id alone"),
        pytest.param(
            [], {"contained": [NIDELV | {"identifier": [{"value": "974"}]}]}, "974", id="contained, with a number"
        ),
        pytest.param(
            [NIDELV | {"identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "974"}]}],
            with_actor({"identifier": {"system": "2.16.578.1.12.4.1.4.101", "value": "974"}}),
            *("nidelv",),
            id="by its number in Enhetsregisteret",
        ),
        pytest.param(
            [ROOM | {"managingOrganization": {"display": "Nidelv legesenter"}}], {}, None, id="a mere name is no clinic"
        ),
        pytest.param(
            [],
            {
                "participant": [{"actor": {"reference": "#rom"}}],
                "contained": [ROOM | {"id": "rom"}],
            },
            *("nidelv",),
            id="whose a contained place is",
        ),
    ],
)
def test_the_clinic_of_an_appointment(beside, elements, clinic_id):
    assert clinic_of(*beside, **elements) == clinic_id


@pytest.mark.parametrize(
    ("elements", "named", "kept"),
    [
        pytest.param({"participant": {"actor": {}}}, "participant", "starts_at", id="an object for a list"),
        pytest.param({"participant": [WHO, 7]}, "participant", "patient_id", id="a number among objects"),
        pytest.param({"meta": []}, "meta", "starts_at", id="a list for an object"),
        pytest.param({"meta": {"tag": {"code": "1"}}}, "meta.tag", "starts_at", id="an object for tags"),
        pytest.param({"end": 7}, "end", "starts_at", id="a number for a text"),
        pytest.param({"appointmentType": "x"}, "appointmentType", "starts_at", id="a text for a concept"),
        pytest.param({"created": "2026\0"}, "created", "starts_at", id="a NUL"),
        pytest.param({"contained": {}, "end": "2026-10-12T10:00:00Z"}, "contained", "ends_at", id="contained"),
    ],
)
def test_what_is_not_as_fhir_has_it_is_left_out_with_a_warning(elements, named, kept):
    assert warnings_in(VISIT | elements, "appointments") == [("", f"{named} is not as FHIR has it and was left out")]
    assert row_of(**elements)[kept]


def version(changed: str | None, status: str = "booked", appointment_id: str = "a1") -> dict[str, Any]:
    return VISIT | {"id": appointment_id, "status": status, "meta": {"lastUpdated": changed} if changed else None}


@pytest.mark.parametrize(
    ("kind", "versions", "statuses"),
    [
        pytest.param(
            "history",
            [
                version("2026-09-03T00:30:00+02:00", "cancelled"),
                version("2026-09-02T23:00:00Z", "noshow"),
                version("2026-09-01"),
            ],
            ["booked", "cancelled", "noshow"],
            id="by their times, whatever the offset",
        ),
        pytest.param(
            "history", [version(None, "cancelled"), version("2026-09-01")], ["booked", "cancelled"], id="newest first"
        ),
        pytest.param(
            "searchset", [version(None, "cancelled"), version("2026-09-01")], ["cancelled", "booked"], id="no history"
        ),
        pytest.param(
            "collection",
            [version("2026-09-02", "noshow"), version("2026-08-01", "arrived", "a2"), version("2026-09-01")],
            ["booked", "arrived", "noshow"],
            id="each in the places of its own",
        ),
    ],
)
def test_versions_of_an_appointment_come_the_oldest_first(kind, versions, statuses):
    assert [row["status"] for row in rows_in(bundle(*versions, kind=kind), "appointments")] == statuses


def test_a_deleted_appointment_is_cancelled_as_entered_in_error():
    history = bundle(version("2026-09-01T08:00:00Z"), ROOM, kind="history")
    deleted = {
        "request": {"method": "DELETE", "url": "Appointment/a1"},
        "response": {"lastModified": "2026-09-05T08:00:00Z"},
    }
    other = {"request": {"method": "DELETE", "url": "Patient/p1"}}
    answer = {"response": {"status": "200"}}
    conditional = {"request": {"method": "DELETE", "url": "Appointment?status=proposed"}}
    history["entry"] = [deleted, other, answer, conditional, *history["entry"]]
    rows = rows_in(history, "appointments")
    assert [row["status"] for row in rows] == ["booked", "entered-in-error"]
    assert rows[1] == dict.fromkeys(rows[0], "") | {
        **{"clinic_id": "nidelv", "appointment_id": "a1", "patient_id": "p1", "status": "entered-in-error"},
        **dict.fromkeys(("changed_at", "cancelled_at"), "2026-09-05T08:00:00Z"),
    }
    assert opened(history).notes() == ["1 deleted Patient resource was not used: what is stored stays"]


def test_an_appointment_that_was_deleted_before_it_was_told_of_has_its_id_alone():
    gone = {
        "resourceType": "Bundle",
        "entry": [{"request": {"method": "DELETE", "url": "https://ehr.example/Appointment/a9/"}}],
    }
    row = rows_in(gone, "appointments")[0]
    assert {column: cell for column, cell in row.items() if cell} == {
        "appointment_id": "a9",
        "status": "entered-in-error",
    }


@pytest.mark.parametrize(
    ("elements", "url", "appointment_id"),
    [
        pytest.param({}, f"urn:uuid:{UUID}", "a1", id="its own id"),
        pytest.param({"id": None, "identifier": [{"value": "77"}]}, "", "77", id="an identifier"),
        pytest.param(
            {"id": None, "identifier": [{"use": "old", "value": "76"}, {"value": "77"}]}, "", "77", id="in use"
        ),
        pytest.param({"id": None}, f"urn:uuid:{UUID}", UUID, id="the UUID of its entry"),
        pytest.param({"id": None}, "https://ehr.example/Appointment/78/_history/2", "78", id="the URL of its entry"),
        pytest.param({"id": None}, "", "", id="none"),
    ],
)
def test_the_id_of_an_appointment(elements, url, appointment_id):
    content = {"resourceType": "Bundle", "entry": [{"fullUrl": url, "resource": VISIT | elements}]}
    assert rows_in(content, "appointments")[0]["appointment_id"] == appointment_id


def test_lines_and_a_bundle_say_the_same():
    visits = [version(None, status, f"a{number}") for number, status in enumerate(("booked", "cancelled", "noshow"))]
    assert rows_in(ndjson(ROOM, *visits), "appointments") == rows_in(bundle(ROOM, *visits), "appointments")


@pytest.mark.parametrize(
    ("status", "at"),
    [
        pytest.param("cancelled", "2026-06-03T08:00:00Z", id="FHIR's own"),
        pytest.param("canceled", "2026-06-03T08:00:00Z", id="one l"),
        pytest.param("Avlyst", "2026-06-03T08:00:00Z", id="Norwegian"),
        pytest.param("avbestilt", "2026-06-03T08:00:00Z", id="by the patient"),
        pytest.param("noshow", "", id="no cancellation"),
    ],
)
def test_whatever_the_word_a_cancellation_has_its_time(status, at):
    assert row_of(status=status, meta={"lastUpdated": "2026-06-03T08:00:00Z"})["cancelled_at"] == at


@pytest.mark.parametrize(
    ("created", "booked_at", "warnings"),
    [
        pytest.param("igår", "", 1, id="no time"),
        pytest.param("i går kveld kl. 9", "", 1, id="no time, and long"),
        pytest.param("2026", "", 0, id="a mere year"),
        pytest.param("2026-06-01", "2026-06-01T00:00:00", 0, id="a day"),
    ],
)
def test_a_creation_that_is_no_time_is_told(created, booked_at, warnings):
    assert row_of(created=created)["booked_at"] == booked_at
    told = warnings_in(bundle(VISIT | {"created": created}), "appointments", clinic_given=True)
    assert len([text for _, text in told if text.startswith("created")]) == warnings
