"""SPEC section 3: FHIR Patients and Consents become rows: who, how to reach them, and whether they agreed."""

from typing import Any

import pytest

from tests.intake.test_fhir import KARI, blocks_in, bundle, ndjson, opened, rows_in, warnings_in

MOBILE, LANDLINE = "91 00 00 01", "73 50 00 00"
ADDRESS = "kari@nordmann.example"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"


def row_of(**elements: Any) -> dict[str, str]:
    return rows_in(KARI | elements, "patients")[0]


def point(value: str, system: str | None = None, **more: Any) -> dict[str, Any]:
    return {"value": value} | ({"system": system} if system else {}) | more


def test_what_the_resource_lacks_is_empty():
    assert rows_in({"resourceType": "Patient", "id": "p1"}, "patients") == [
        {"patient_id": "p1"}
        | dict.fromkeys(("given_name", "family_name", "email", "mobile", "language", "fresh_at"), "")
    ]


@pytest.mark.parametrize(
    ("names", "given", "family"),
    [
        pytest.param([{"family": "Nordmann", "given": ["Kari", "Ann"]}], "Kari Ann", "Nordmann", id="plain"),
        pytest.param(
            [{"use": "usual", "family": "B"}, {"use": "official", "family": "A"}], "", "A", id="official first"
        ),
        pytest.param([{"family": "B"}, {"use": "usual", "family": "A"}], "", "A", id="usual before others"),
        pytest.param(
            [{"use": "maiden", "family": "B"}, {"use": "old", "family": "C"}, {"family": "A"}],
            "",
            "A",
            id="no old ones",
        ),
        pytest.param([{"family": "B", "period": {"end": "2020"}}, {"family": "A"}], "", "A", id="none that has ended"),
        pytest.param(
            [{"family": "A", "period": {"end": "9999-12-31"}}, {"family": "B"}], "", "A", id="one that never ends"
        ),
        pytest.param([{"text": "Kari Ann Nordmann"}], "Kari Ann", "Nordmann", id="a mere text"),
        pytest.param([{"text": "Kari"}], "", "Kari", id="one word"),
        pytest.param([{"use": "old", "family": "A"}], "", "", id="none in use"),
    ],
)
def test_the_name_that_is_in_use(names, given, family):
    row = row_of(name=names)
    assert (row["given_name"], row["family_name"]) == (given, family)


@pytest.mark.parametrize(
    ("telecom", "email", "mobile"),
    [
        pytest.param([point(ADDRESS, "email"), point(MOBILE, "phone", use="home")], ADDRESS, MOBILE, id="plain"),
        pytest.param(
            [point(LANDLINE, "phone", use="mobile"), point(MOBILE, "phone", use="work")], "", MOBILE, id="whatever use"
        ),
        pytest.param([point(LANDLINE, "phone")], "", LANDLINE, id="a landline where there is no other"),
        pytest.param([point("no number", "phone"), point(LANDLINE, "phone")], "", LANDLINE, id="a number before none"),
        pytest.param([point("no number", "phone")], "", "no number", id="what is called a number, to be warned of"),
        pytest.param([point(MOBILE)], "", MOBILE, id="a number of no system"),
        pytest.param([point(MOBILE, "sms")], "", MOBILE, id="sms"),
        pytest.param(
            [point(MOBILE, one) for one in ("url", "fax", "pager")], "", "", id="what is called something else"
        ),
        pytest.param([point(ADDRESS)], ADDRESS, "", id="an address of no system"),
        pytest.param([point(ADDRESS, "phone")], ADDRESS, "", id="an address that is called a phone"),
        pytest.param([point("kari@", "email"), point(ADDRESS, "other")], ADDRESS, "", id="an address before none"),
        pytest.param([point("kari@", "email")], "kari@", "", id="what is called an address, to be warned of"),
        pytest.param(
            [point(f"mailto:{ADDRESS}", "email"), point("TEL:+4791000001", "phone")], ADDRESS, "+4791000001", id="URLs"
        ),
        pytest.param([point("+46 70 174 06 05", "phone")], "", "+46 70 174 06 05", id="of another country"),
        pytest.param(
            [
                point("b@b.example", "email", rank=2),
                point("c@c.example", "email"),
                point("a@a.example", "email", rank=1),
            ],
            *("a@a.example", ""),
            id="by rank",
        ),
        pytest.param([point(ADDRESS, "email", use="old")], "", "", id="old"),
        pytest.param([point(ADDRESS, "email", period={"end": "2026-09-20"})], "", "", id="ended yesterday"),
        pytest.param([point(ADDRESS, "email", period={"end": "2026-09"})], ADDRESS, "", id="ends this month"),
        pytest.param([point(ADDRESS, "email", period={"end": "2025"})], "", "", id="ended last year"),
        pytest.param([point(ADDRESS, "email", period={"start": "2026-12"})], "", "", id="not begun"),
        pytest.param(
            [point(ADDRESS, "email", period={"start": "2026", "end": "2026-12-31T24"})], ADDRESS, "", id="no time"
        ),
        pytest.param([point(ADDRESS, "email", period={"end": "2026-09-21T14:13:20Z"})], "", "", id="ends this second"),
        pytest.param(
            [point(ADDRESS, "email", period={"end": "2026-09-21T14:13:21Z"})], ADDRESS, "", id="ends in a second"
        ),
    ],
)
def test_contact_details_are_taken_by_what_they_are(telecom, email, mobile):
    row = row_of(telecom=telecom)
    assert (row["email"], row["mobile"]) == (email, mobile)


@pytest.mark.parametrize(
    ("how", "mobile"),
    [
        pytest.param({"countries": {"uppsala": "SE"}}, "070-174 06 05", id="of its clinic"),
        pytest.param(
            {"countries": {"": "SE"}, "clinic_given": True}, "070-174 06 05", id="of the clinic that is given"
        ),
        pytest.param({"countries": {"else": "SE"}}, "22 00 00 00", id="of another"),
    ],
)
def test_a_number_is_one_of_the_clinics_country(how, mobile):
    telecom = [point("22 00 00 00", "phone"), point("070-174 06 05", "phone")]
    patient = KARI | {"telecom": telecom, "managingOrganization": {"reference": "Organization/uppsala"}}
    assert rows_in(patient, "patients", **how)[0]["mobile"] == mobile


def spoken(*codes: str, preferred: bool | None = None) -> dict[str, Any]:
    return {"language": {"coding": [{"code": code} for code in codes]}, "preferred": preferred}


@pytest.mark.parametrize(
    ("communication", "language"),
    [
        pytest.param([spoken("nn-NO")], "nn-NO", id="the only one"),
        pytest.param([spoken("nb"), spoken("en-US", preferred=True)], "en-US", id="the preferred one"),
        pytest.param([spoken("nb"), spoken("en")], "", id="none preferred"),
        pytest.param([spoken("nb", preferred=False)], "nb", id="the only one, though not preferred"),
        pytest.param(
            [{"language": {"coding": [{"code": "x"}, {"system": "urn:ietf:bcp:47", "code": "nb"}]}}],
            "nb",
            id="a tag first",
        ),
        pytest.param([{"language": {"text": "norsk"}}], "", id="no code"),
    ],
)
def test_the_language_is_the_preferred_or_the_only_one(communication, language):
    assert row_of(communication=communication)["language"] == language


@pytest.mark.parametrize(
    ("elements", "has_died"),
    [
        pytest.param({"deceasedBoolean": True}, True, id="yes"),
        pytest.param({"deceasedDateTime": "2025"}, True, id="when"),
        pytest.param({"deceasedBoolean": False}, False, id="no"),
    ],
)
def test_nobody_writes_to_the_dead(elements, has_died):
    patient = KARI | elements | {"telecom": [point(ADDRESS, "email"), point(MOBILE, "phone")]}
    row = rows_in(patient, "patients")[0]
    assert (row["email"], row["mobile"]) == (("", "") if has_died else (ADDRESS, MOBILE))
    assert warnings_in(patient, "patients") == [("", "has died; contact details were left out")] * has_died


@pytest.mark.parametrize(
    ("elements", "patient_id"),
    [
        pytest.param({}, "p1", id="its own id"),
        pytest.param(
            {"id": None, "identifier": [{"system": FNR, "value": "1"}, {"value": "77"}]}, "77", id="no national one"
        ),
        pytest.param(
            {"id": None, "identifier": [{"system": FNR, "value": "1"}]}, "1", id="a national one if it must be"
        ),
    ],
)
def test_the_id_of_a_patient(elements, patient_id):
    assert row_of(**elements)["patient_id"] == patient_id


@pytest.mark.parametrize(
    ("elements", "named"),
    [
        pytest.param({"telecom": [point(MOBILE, rank="1")]}, "telecom", id="a rank that is a text"),
        pytest.param({"name": [{"given": "Kari"}]}, "name", id="a given name that is no list"),
        pytest.param(
            {"managingOrganization": "Organization/1"}, "managingOrganization", id="a reference that is a text"
        ),
        pytest.param(
            {"managingOrganization": {"identifier": "1"}}, "managingOrganization", id="an identifier that is a text"
        ),
    ],
)
def test_the_rest_of_what_is_odd_is_kept(elements, named):
    patient = KARI | {"telecom": [point(MOBILE)], "name": [{"family": "Nordmann"}]} | elements
    assert warnings_in(patient, "patients") == [("", f"{named} is not as FHIR has it and was left out")]
    assert rows_in(patient, "patients")[0]["mobile"] == MOBILE


@pytest.mark.parametrize("element", ["name", "telecom", "communication", "identifier", "deceasedBoolean"])
@pytest.mark.parametrize("value", ["x", 7, {"a": []}, [["x"]]], ids=["text", "number", "object", "lists"])
def test_what_is_not_as_fhir_has_it_is_left_out_with_a_warning(element, value):
    patient = {"resourceType": "Patient", element: value}
    assert warnings_in(patient, "patients") == [("", f"{element} is not as FHIR has it and was left out")]


def consent(words: str = "SMS-varsling", **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": "active",
        "category": [{"text": words}],
        "patient": {"reference": "Patient/p1"},
        "organization": [{"reference": "Organization/nidelv"}],
    } | elements


def provision(of: str, **elements: Any) -> dict[str, Any]:
    return {"action": [{"coding": [{"display": of}]}]} | elements


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        pytest.param({}, "yes", id="active"),
        pytest.param({"provision": {"type": "permit"}}, "yes", id="permit"),
        pytest.param({"provision": {"type": "deny"}}, "no", id="deny"),
        pytest.param({"decision": "deny"}, "no", id="deny of R5"),
        pytest.param({"status": "inactive"}, "no", id="inactive"),
        pytest.param({"status": "rejected"}, "no", id="rejected"),
        pytest.param({"provision": {"period": {"end": "2026-09-20"}}}, "no", id="ended"),
        pytest.param({"provision": {"period": {"start": "2020", "end": "2027"}}}, "yes", id="in its period"),
        pytest.param({"provision": {"period": {"start": "2027"}}}, None, id="not begun"),
        pytest.param({"status": "draft"}, None, id="draft"),
        pytest.param({"status": "proposed"}, None, id="proposed"),
        pytest.param({"status": "entered-in-error"}, None, id="entered in error"),
        pytest.param({"status": ["active"]}, None, id="no status"),
    ],
)
def test_a_consent_is_given_or_not(elements, said):
    rows = rows_in(consent(**elements), "patients")
    assert rows == ([{"clinic_id": "nidelv", "patient_id": "p1", "consent": said, "fresh_at": ""}] if said else [])


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        pytest.param({"category": [{"text": "Påminnelse om time"}]}, "yes", id="text"),
        pytest.param({"category": [{"text": "PA\u030aMINNING"}]}, "yes", id="letters in two parts"),
        pytest.param({"scope": {"coding": [{"code": "appointment_reminders"}]}}, "yes", id="code of the scope"),
        pytest.param({"category": [{"coding": [{"display": "E-mail notification"}]}]}, "yes", id="display"),
        pytest.param({"provision": provision("notify")}, "yes", id="what is done"),
        pytest.param({"provision": {"purpose": [{"code": "NOTICES"}]}}, "yes", id="what for"),
        pytest.param({"provision": {"class": [{"display": "varsel"}]}}, "yes", id="of what class"),
        pytest.param({"provision": {"code": [{"text": "varsler"}], "type": "deny"}}, "no", id="of what"),
        pytest.param({"provision": [provision("remind", type="deny")]}, "no", id="R5, a list"),
        pytest.param(
            {"provision": {"type": "permit", "provision": [provision("remind", type="deny")]}}, "no", id="an exception"
        ),
        pytest.param(
            {"provision": {"type": "deny", "provision": [provision("remind", type="permit")]}}, "yes", id="another"
        ),
        pytest.param({"category": [{"coding": [{"code": "K7"}]}]}, "yes", id="a code of the clinic's own"),
        pytest.param({"category": [{"coding": [{"code": "K8"}]}]}, None, id="another code"),
        pytest.param({"category": [{"text": "Notice of Privacy Practices"}]}, None, id="a notice of privacy"),
        pytest.param({"category": [{"text": "unnoticed, denotification"}]}, None, id="in the middle of words"),
        pytest.param(
            {"patient": {"reference": "Patient/p1", "display": "Varsel Reminder"}}, None, id="a name is no category"
        ),
        pytest.param({"category": None}, None, id="nothing"),
        pytest.param(
            {"category": [{"text": "varsel"}], "patient": None, "subject": {"reference": "Patient/p1"}}, "yes", id="R5"
        ),
    ],
)
def test_only_what_is_about_notices_is_a_consent_to_them(elements, said):
    rows = rows_in(consent("research", **elements), "patients", consent_codes=frozenset({"K7"}))
    assert [(row["patient_id"], row["consent"]) for row in rows] == ([("p1", said)] if said else [])


def test_consents_come_after_patients_in_the_order_of_their_times():
    later, sooner = consent(dateTime="2026-02", status="rejected"), consent(dateTime="2026-01-31T23:00:00Z")
    for written in (bundle, ndjson):
        rows = rows_in(written(later, sooner, KARI), "patients")
        assert [row.get("consent") for row in rows] == [None, "yes", "no"]


def test_a_consent_is_of_the_patients_clinic_where_that_is_known():
    kari = KARI | {"managingOrganization": {"reference": "Organization/sol"}}
    assert [row["clinic_id"] for row in rows_in(bundle(kari, consent()), "patients")] == ["sol", "sol"]
    assert rows_in(consent(organization=None), "patients") == [{"patient_id": "p1", "consent": "yes", "fresh_at": ""}]


def test_consents_that_were_not_used_are_counted():
    file = opened(ndjson(consent("research"), consent("research"), consent(status="draft"), consent()))
    assert file.notes() == []
    for _ in range(2):
        assert sum(len(block.rows) for block in blocks_in(file, "patients")) == 1
        assert file.notes() == [
            "2 Consent resources say nothing of notices and were not used",
            "1 Consent resource about notices is not in force and was not used",
        ]


@pytest.mark.parametrize(
    ("meta", "fresh_at"),
    [
        pytest.param({"lastUpdated": "2026-06-03T02:05:00Z"}, "2026-06-03T02:05:00Z", id="an instant"),
        pytest.param({"lastUpdated": "2026-06-03T04:05:00.123+02:00"}, "2026-06-03T04:05:00.123+02:00", id="offset"),
        pytest.param({"lastUpdated": "i morges"}, "", id="no time"),
        pytest.param({"lastUpdated": 20260603}, "", id="a number"),
        pytest.param({}, "", id="none"),
        pytest.param(None, "", id="no meta"),
    ],
)
def test_the_time_of_a_resource_goes_with_its_cells(meta, fresh_at):
    [row] = rows_in({"resourceType": "Patient", "id": "p1", "meta": meta}, "patients")
    assert row["fresh_at"] == fresh_at
    [row] = rows_in(consent(meta=meta), "patients")
    assert row["fresh_at"] == fresh_at
