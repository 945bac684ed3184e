"""Whatever stands in a FHIR file: nothing but Unreadable comes out, and every Patient and Appointment is one row."""

import io
import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.formats.fhir import FhirFile, Reading, is_fhir
from tests.intake.test_fhir import NOW, VISIT, bundle, ndjson, rows_in

pytestmark = pytest.mark.slow

WORDS = [
    *(
        "Patient/p1",
        "urn:uuid:x",
        "#x",
        "#",
        "Location/1/_history/2",
        "Organization?identifier=a|b",
        "Patient",
        "active",
    ),
    *("2026", "2026-13", "2026-10-12T09:00:60Z", "0001-01-01T00:00:00+23:59", "9999-12-31", "x@x.example", "91000001"),
    *("old", "official", "email", "phone", "1", "deny", "varsel", "urn:oid:2.16.578.1.12.4.1.4.1", "x", "", "\0", "é"),
]
KEYS = [
    *("reference", "type", "identifier", "display", "system", "value", "use", "rank", "period", "start", "end", "code"),
    *("coding", "text", "actor", "status", "tag", "lastUpdated", "id", "name", "given", "family", "resourceType"),
    *("managingOrganization", "partOf", "language", "preferred", "provision", "action", "purpose", "line", "concept"),
]
ELEMENTS = [
    *("id", "meta", "identifier", "contained", "status", "appointmentType", "serviceType", "start", "end", "created"),
    *("participant", "supportingInformation", "cancelationReason", "name", "telecom", "address", "communication"),
    *("deceasedBoolean", "deceasedDateTime", "managingOrganization", "partOf", "scope", "category", "patient"),
    *("subject", "dateTime", "organization", "provision", "decision"),
]
TYPES = ["Patient", "Appointment", "Organization", "Location", "Consent", "Observation"]

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
leaves = scalars | st.sampled_from(WORDS) | st.text(max_size=8)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
resources = st.builds(
    lambda kind, elements: {"resourceType": kind} | elements,
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(ELEMENTS), values, max_size=6),
)
entries = st.fixed_dictionaries(
    {"resource": resources}, optional={"fullUrl": values, "request": values, "response": values, "search": values}
)
READINGS = st.builds(Reading, st.just(NOW), st.booleans(), st.just({"x": "SE"}), st.just(frozenset({"x"})))


def read(content: bytes, reading: Reading) -> dict[str, int]:
    """All of it, as whoever imports it does; the number of rows by kind, those of consents apart."""
    file = FhirFile(io.BytesIO(content), len(content))
    counts = {"clinics": 0, "patients": 0, "appointments": 0, "consents": 0}
    for kind in file.kinds:
        for block in file.blocks(kind, file.directory, reading):
            assert {len(row) for row in block.rows} == {len(block.header)}
            assert not [cell for row in block.rows for cell in row if type(cell) is not str or "\0" in cell]
            assert len(block.rows) == len(block.lines)
            assert all(0 <= row < len(block.rows) for row, _, _ in block.warnings)
            counts["consents" if "consent" in block.header and "email" not in block.header else kind] += len(block.rows)
    assert not [note for note in file.notes() if not re.fullmatch(r"[\w ,:]{10,120}", note)]
    return counts


def number_of(kind: str, all_resources: list[dict[str, Any]]) -> int:
    return sum(one["resourceType"] == kind for one in all_resources)


@given(all_resources=st.lists(resources, min_size=1, max_size=6), reading=READINGS)
def test_every_patient_and_every_appointment_on_a_line_is_one_row(all_resources, reading):
    counts = read(ndjson(*all_resources), reading)
    assert counts["patients"] == number_of("Patient", all_resources)
    assert counts["appointments"] == number_of("Appointment", all_resources)
    assert counts["consents"] <= number_of("Consent", all_resources)


@given(
    all_entries=st.lists(entries, max_size=6), kind=st.sampled_from(["history", "searchset"]) | values, reading=READINGS
)
def test_every_patient_and_every_appointment_of_a_bundle_is_one_row(all_entries, kind, reading):
    counts = read(json.dumps({"resourceType": "Bundle", "type": kind, "entry": all_entries}).encode(), reading)
    inside = [one["resource"] for one in all_entries]
    assert counts["patients"] == number_of("Patient", inside)
    assert counts["appointments"] == number_of("Appointment", inside)


@given(entry=values, reading=READINGS)
def test_a_bundle_of_anything_is_read(entry, reading):
    read(json.dumps({"resourceType": "Bundle", "entry": entry}).encode(), reading)
    read(
        json.dumps({"resourceType": "Bundle", "entry": [entry, {"resource": entry, "request": entry}]}).encode(),
        reading,
    )


@given(content=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()), reading=READINGS)
def test_bytes_are_read_or_unreadable(content, reading):
    is_fhir(content)
    for beginning in (b"", b'{"resourceType":"Patient","id":', ndjson(VISIT)):
        with suppress(Unreadable):
            read(beginning + content, reading)


@settings(max_examples=60)
@given(place=st.integers(0, 400), byte=st.binary(max_size=1), pretty=st.booleans(), reading=READINGS)
def test_a_damaged_file_is_read_or_unreadable(place, byte, pretty, reading):
    content = json.dumps(bundle(VISIT), indent=1 if pretty else None).encode() if place % 2 else ndjson(VISIT, VISIT)
    damaged = content[:place] + byte + content[place + 1 :]
    with suppress(Unreadable):
        read(damaged, reading)


@given(resource=resources)
def test_a_resource_alone_says_the_same_as_one_on_a_line(resource):
    kind = {"Patient": "patients", "Appointment": "appointments"}.get(resource["resourceType"])
    if kind:
        assert rows_in(resource, kind) == rows_in(ndjson({}, resource), kind)


@given(name=st.text(st.sampled_from("abcXYZ019.-"), min_size=1), kind=st.sampled_from(["Patient", "Location"]))
def test_a_plain_reference_says_the_same_as_one_with_a_version(name, kind):
    def read_with(reference: str) -> list[dict[str, str]]:
        actor = {"reference": reference, "display": "Somewhere"}
        return rows_in(VISIT | {"participant": [{"actor": actor}]}, "appointments")

    assert read_with(f"{kind}/{name}") == read_with(f"{kind}/{name}/_history/1")
