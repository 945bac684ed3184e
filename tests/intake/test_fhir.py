"""SPEC section 3: files of FHIR R4. What is one, how it is read, and how its Bundles and lines become blocks."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from notifycli.intake.formats.blocks import Block, Unreadable
from notifycli.intake.formats.fhir import Directory, FhirFile, Reading, is_fhir
from tests.support.places import SHARED

NOW = 1_790_000_000  # 2026-09-21
MARK = b"\xef\xbb\xbf"
SAMPLES = SHARED / "samples" / "fhir"
KARI = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Nordmann", "given": ["Kari"]}]}
NIDELV = {"resourceType": "Organization", "id": "nidelv", "name": "Nidelv legesenter"}
ROOM = {
    "resourceType": "Location",
    "id": "rom3",
    "name": "Rom 3",
    "managingOrganization": {"reference": "Organization/nidelv"},
}
VISIT = {
    "resourceType": "Appointment",
    "id": "a1",
    "status": "booked",
    "start": "2026-10-12T09:00:00+02:00",
    "participant": [{"actor": {"reference": "Patient/p1"}}, {"actor": {"reference": "Location/rom3"}}],
}


def bundle(*resources: dict[str, Any], kind: str = "collection", **urls: str) -> dict[str, Any]:
    """`urls`: the fullUrl of entries, by the resource's id."""
    entries = [{"resource": one} | ({"fullUrl": urls[one["id"]]} if one.get("id") in urls else {}) for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def ndjson(*resources: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def opened(content: dict[str, Any] | bytes) -> FhirFile:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return FhirFile(io.BytesIO(data), len(data))


def blocks_in(
    file: FhirFile, kind: str, *, clinic_given: bool = False, directory: Directory | None = None, **reading: Any
) -> list[Block]:
    how = Reading(NOW, clinic_given, **reading)
    return list(file.blocks(kind, directory or file.directory, how))


def rows_in(content: dict[str, Any] | bytes, kind: str, **how: Any) -> list[dict[str, str]]:
    """The rows by column, in the file's order."""
    blocks = blocks_in(opened(content), kind, **how)
    return [dict(zip(block.header, row, strict=True)) for block in blocks for row in block.rows]


def warnings_in(content: dict[str, Any] | bytes, kind: str, **how: Any) -> list[tuple[str, str]]:
    return [warning[1:] for block in blocks_in(opened(content), kind, **how) for warning in block.warnings]


def places_in(blocks: Sequence[Block]) -> list[int]:
    return [line for block in blocks for line in block.lines]


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        opened(content)
    return str(raised.value)


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b'{"resourceType":"Patient"}', id="one line"),
        pytest.param(
            MARK + b'\r\n {\n  "id": "x",\n  "resourceType" : "Patient"\n}', id="a mark, and a type that is second"
        ),
        pytest.param(b'{"text":{"div":"{ \\" [ "},"a":[{"b":[]}],"resourceType":"Patient"', id="behind other elements"),
        pytest.param(b'{"entry":[{"fullUrl":"x","resource":{"id":"1","resourceType":"Patient","na', id="keys in order"),
        pytest.param(ndjson(KARI, KARI), id="NDJSON"),
    ],
)
def test_fhir_is_known_by_its_type(beginning):
    assert is_fhir(beginning)


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"clinic_id;patient_id\nx;resourceType", id="CSV"),
        pytest.param(b'[{"resourceType":"Patient"}]', id="a list"),
        pytest.param(b'{"patient_id":"1"}\n{"resourceType":"Patient"}', id="our own NDJSON, whatever follows"),
        pytest.param(b'{"patient_id":"1","more":{"resourceType":"Patient"}}', id="a type further in"),
        pytest.param(b'{"a":"\\"resourceType\\":\\"Patient\\""}', id="a type within a text"),
        pytest.param(b'{"a":"resourceType","b":"Patient"}', id="the word as a value"),
        pytest.param(b'{"resourceType":7}', id="a type that is a number"),
        pytest.param(b'{"rows":[{"resource":{"resourceType":"Patient"}}]}', id="a Bundle's place under another key"),
        pytest.param(b'{"a":"never ended, resourceType":"Patient', id="cut within a text"),
    ],
)
def test_what_is_no_fhir_is_not_taken_for_it(beginning):
    assert not is_fhir(beginning)


def test_a_type_beyond_a_long_text_is_found_and_one_within_it_is_not():
    text = '"x\\"resourceType\\":\\"Patient\\" {[' + "y" * 60_000 + '"'
    assert is_fhir(f'{{"text":{text},"resourceType":"Patient"}}'.encode())
    assert not is_fhir(f'{{"text":{text}}}'.encode())


@pytest.mark.parametrize(
    ("content", "unit", "places"),
    [
        pytest.param(KARI, "entry", [1], id="one resource"),
        pytest.param(MARK + json.dumps(KARI, indent=2).encode() + b"\r\n\r\n", "entry", [1], id="over several lines"),
        pytest.param(bundle(NIDELV, KARI, KARI), "entry", [2, 3], id="a Bundle"),
        pytest.param(
            json.dumps(bundle(NIDELV, KARI), indent=1).encode(), "entry", [2], id="a Bundle over several lines"
        ),
        pytest.param(
            MARK + b"\n" + ndjson(KARI) + b" \r\n" + ndjson(KARI), "line", [2, 4], id="lines, some of them blank"
        ),
        pytest.param(
            (ndjson(KARI, NIDELV, KARI)).replace(b"\n", b"\r\n")[:-2], "line", [1, 3], id="no end of the last"
        ),
        pytest.param(ndjson(KARI, bundle(NIDELV, KARI, KARI)), "line", [1, 2, 2], id="a Bundle on a line"),
        pytest.param(bundle(bundle(KARI, KARI), KARI), "entry", [1, 1, 2], id="a Bundle within a Bundle"),
    ],
)
def test_a_row_is_found_by_its_line_or_entry(content, unit, places):
    file = opened(content)
    assert (file.unit, file.kinds[-1]) == (unit, "patients")
    assert places_in(blocks_in(file, "patients")) == places


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b" \n\n", "it is empty", id="nothing but blanks"),
        pytest.param(ndjson(KARI) + b"[1]\n", "line 2: it is no JSON object", id="a line that is a list"),
        pytest.param(ndjson(KARI) + b"{'a': 1}\n", "line 2: it is no JSON object", id="a line that is no JSON"),
        pytest.param(
            b'{"resourceType":"Patient",}\n' + ndjson(KARI), "line 1: it is no JSON object", id="the first line"
        ),
        pytest.param(ndjson(KARI, KARI)[:-9], "line 2: it ends in the middle", id="a line that is cut off"),
        pytest.param(
            json.dumps(bundle(KARI), indent=1).encode()[:-20], "it ends in the middle", id="a Bundle that is cut off"
        ),
        pytest.param(
            b'{\n"resourceType":"Bundle",\n"entry":[x]}', "line 3: it is no JSON", id="a Bundle that is no JSON"
        ),
        pytest.param(b'{"resourceType":"Patient","name":' + b"[" * 99_999, "export it anew", id="deep nesting"),
        pytest.param(b'{"resourceType":"Patient","id":' + b"9" * 10**6 + b"}", "export it anew", id="a million digits"),
        pytest.param(b'{"resourceType":"Patient","id":"\xff"}', "export it anew", id="no UTF-8"),
        pytest.param(ndjson(KARI) + b'{"resourceType":"Location","id":"\xff"}', "line 2: ", id="no UTF-8 on a line"),
        pytest.param(
            b'{"resourceType":"Bundle","entry":[{"resource":{"id":"\xff"}}]}', "entry 1: ", id="no UTF-8 in an entry"
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong_and_where(content, says):
    assert says in refusal(content)


def test_a_bundle_that_is_too_large_is_refused_unread():
    data = json.dumps(bundle(KARI), indent=1).encode()
    with pytest.raises(Unreadable, match="more than 256 MiB; export it as NDJSON"):
        FhirFile(io.BytesIO(data), 256 * 1024 * 1024 + 1)


def test_a_damaged_gzip_file_is_no_traceback():
    class Damaged(io.BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            raise EOFError("Compressed file ended before the end-of-stream marker was reached")

    with pytest.raises(Unreadable, match="cannot be read to its end"):
        FhirFile(Damaged(ndjson(KARI)), 1)


def test_blocks_hold_a_thousand_rows_and_the_bytes_are_counted():
    data = MARK + ndjson(*(KARI | {"id": str(number)} for number in range(2_500)))
    file = opened(data)
    assert [len(block.rows) for block in blocks_in(file, "patients")] == [1_000, 1_000, 500]
    assert file.read_so_far == len(data)


@pytest.mark.parametrize(
    ("resources", "kinds"),
    [
        pytest.param([VISIT, KARI, ROOM, NIDELV], ["clinics", "patients", "appointments"], id="all"),
        pytest.param([VISIT], ["appointments"], id="appointments"),
        pytest.param([NIDELV, ROOM, {"resourceType": "OperationOutcome"}], ["clinics"], id="clinics alone"),
        pytest.param([NIDELV, KARI], ["patients"], id="an organisation that is nobody's clinic"),
        pytest.param([NIDELV, {"resourceType": "Observation"}], [], id="an organisation among other things"),
        pytest.param([NIDELV | {"name": None}], [], id="an organisation without a name"),
        pytest.param([{"resourceType": "Consent"}], ["patients"], id="consents"),
        pytest.param([{"resourceType": ["Patient"]}, {}], [], id="no types"),
    ],
)
@pytest.mark.parametrize("as_lines", [True, False], ids=["lines", "bundle"])
def test_what_a_file_brings(resources, kinds, as_lines):
    assert opened(ndjson(*resources, {}) if as_lines else bundle(*resources)).kinds == kinds


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(KARI | {"managingOrganization": {"reference": "Organization/nidelv"}}, id="of a patient"),
        pytest.param(ROOM, id="of a place"),
        pytest.param(
            VISIT | {"participant": [{"actor": {"reference": "https://ehr.example/fhir/Organization/nidelv"}}]},
            id="of an appointment",
        ),
    ],
)
def test_an_organisation_that_somebody_uses_is_a_clinic(user):
    other = NIDELV | {"id": "other"}
    file = opened(ndjson(other, user, KARI, NIDELV))
    assert [row["clinic_id"] for row in rows_in(ndjson(other, user, KARI, NIDELV), "clinics")] == ["nidelv"]
    assert file.notes() == [
        "1 Organization resource made no clinic: without a name, or with no patient, place or appointment in this file"
    ]


def test_a_clinic_says_what_it_says_and_leaves_the_rest():
    told = {
        "telecom": [
            {"system": "email", "value": "post@nidelv.example"},
            {"system": "phone", "value": "tel:73 50 00 00"},
        ],
        "address": [
            {"use": "old", "city": "Oslo"},
            {"line": ["Storgata 1", "2. etg."], "postalCode": "7030", "city": "Trondheim"},
        ],
    }
    assert rows_in(ndjson(NIDELV, NIDELV | told | {"id": "other"}), "clinics") == [
        {"clinic_id": "nidelv", "name": "Nidelv legesenter"},
        {
            "clinic_id": "other",
            "name": "Nidelv legesenter",
            "phone": "73 50 00 00",
            "address": "Storgata 1, 2. etg., 7030 Trondheim",
        },
    ]
    text = NIDELV | {"address": [{"text": "Storgata 1\n7030 Trondheim"}]}
    assert rows_in(text, "clinics")[0]["address"] == "Storgata 1 7030 Trondheim"


def test_what_was_not_used_is_counted():
    odd_name = {"resourceType": "Ola 0801"}
    file = opened(
        bundle(*[{"resourceType": "Observation"}] * 14, {"resourceType": "Slot"}, odd_name, {"id": "1"}, KARI)
    )
    assert file.notes() == [
        "14 Observation resources were not used",
        "1 Slot resource was not used",
        "2 resources without a known type were not used",
    ]
    many = [{"resourceType": f"Type{letter}"} for letter in "ABCDEFGHIJKL"]
    assert opened(ndjson(*many)).notes()[-1] == "2 other resources were not used"


@pytest.mark.parametrize("entry", [7, None, {"resource": "x"}, {"resource": {}}, []], ids=repr)
def test_an_entry_that_is_no_resource_is_counted(entry):
    content = bundle(KARI)
    content["entry"].insert(0, entry)
    assert opened(content).notes() == ["1 resource without a known type was not used"]
    assert len(rows_in(content, "patients")) == 1


def test_a_bundle_of_nothing_says_so():
    file = opened({"resourceType": "Bundle", "type": "searchset", "total": 0})
    assert (file.kinds, file.notes()) == ([], ["it holds no resources"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param(r"Kari \ud83d", "Kari \ufffd", id="a first half"),
        pytest.param(r"Kari \uDE00!", "Kari \ufffd!", id="a second half"),
        pytest.param(r"Kari \ud83d\ude00", "Kari \U0001f600", id="both"),
        pytest.param(r"\ud83d\ud83d\ude00", "\ufffd\U0001f600", id="a half before both"),
        pytest.param(r"\ud83d \\\\ud83d", "\ufffd \\\\ud83d", id="what only looks like one"),
    ],
)
@pytest.mark.parametrize("as_lines", [True, False], ids=["lines", "bundle"])
def test_half_a_character_spoils_no_more_than_itself(written, read, as_lines):
    one = KARI | {"name": [{"family": "HALF"}]}
    content = (ndjson(one, KARI) if as_lines else json.dumps(bundle(one, KARI)).encode()).replace(
        b"HALF", written.encode()
    )
    assert [row["family_name"] for row in rows_in(content, "patients")] == [read, "Nordmann"]


def test_what_several_files_tell_is_put_together():
    places, clinics, visits = opened(ndjson(ROOM, ROOM)), opened(ndjson(NIDELV, NIDELV)), opened(ndjson(VISIT, VISIT))
    together = visits.directory | places.directory | clinics.directory
    block = blocks_in(visits, "appointments", directory=together)[0]
    row = dict(zip(block.header, block.rows[0], strict=True))
    assert (row["clinic_id"], row["location"]) == ("nidelv", "Rom 3")


@pytest.mark.parametrize("kind", ["patients", "appointments"])
@pytest.mark.parametrize("as_lines", [True, False], ids=["lines", "bundle"])
def test_a_clinic_that_nobody_names_or_that_is_given_has_no_column(kind, as_lines):
    with_clinic = [KARI | {"id": "p2", "managingOrganization": {"reference": "Organization/nidelv"}}, ROOM]
    visit = VISIT | {"id": "a2", "participant": [{"actor": {"reference": "Patient/p1"}}]}

    def clinics_of(resources: list[dict[str, Any]], **how: bool) -> list[str | None]:
        content = ndjson(*resources) if as_lines else bundle(*resources)
        return [row.get("clinic_id") for row in rows_in(content, kind, **how)]

    assert clinics_of([KARI, visit, KARI | with_clinic[0], VISIT, ROOM]) == ["", "nidelv"]
    assert clinics_of([KARI, visit, KARI, visit]) == [None, None]
    assert clinics_of([KARI, VISIT, *with_clinic], clinic_given=True)[0] is None


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not at hand")
@pytest.mark.parametrize(
    ("name", "kind", "ids"),
    [
        pytest.param("nhs-appointment.json", "appointments", ["91607239-b002-470a-8709-6b25bd50fdd1"], id="one"),
        pytest.param(
            "nhs-appointment-list.json",
            "appointments",
            ["c3f6145e-1a26-4345-b3f2-dccbcba62049", "91607239-b002-470a-8709-6b25bd50fdd1"],
            id="searchset",
        ),
    ],
)
def test_appointments_that_nobody_here_wrote(name, kind, ids):
    data = (SAMPLES / name).read_bytes()
    assert is_fhir(data[:65_536])
    rows = rows_in(data, kind)
    assert [row["appointment_id"] for row in rows] == ids
    assert {row["patient_id"] for row in rows} == {"788660eb-d2c9-4773-abd4-318484673fb2"}
    assert {row["starts_at"] for row in rows} == {"2021-10-12T12:30:30+00:00"}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not at hand")
def test_patients_that_nobody_here_wrote():
    rows = rows_in((SAMPLES / "smart-bulk-patients.ndjson").read_bytes(), "patients")
    assert len(rows) == 13
    assert {row["language"] for row in rows} == {"en-US"}
    assert sum(bool(row["mobile"]) for row in rows) == 10
