"""What only one engine would refuse or order otherwise comes to the same on both: U+0000, halves of characters, long
texts, numbers beyond 64 bits, letters that a collation takes for equal, and what means something in SQL.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.one_clinic import APPOINTMENTS, NOON, Clinic

pytestmark = pytest.mark.postgres
PATIENTS = "clinic_id;patient_id;given_name;family_name;email;mobile;consent"
FIVE_MINUTES_LATER = "2026-06-03T12:05:00+02:00"
LETTERS = random.Random(16)


def without_pattern(length: int) -> str:
    """What an index cannot hold in less."""
    return "".join(LETTERS.choice("abcdefghijklmnopqrstuvwxyzæøå0123456789") for _ in range(length))


LONG = without_pattern(9_000)


def ndjson(**cells: Any) -> str:
    return json.dumps({"clinic_id": "nidelv", "consent": "yes"} | cells)


A_PATIENT = f"{PATIENTS}\nnidelv;{{}};{{}};Lunde;{{}};91000001;yes\n"
AN_APPOINTMENT = f"{APPOINTMENTS}\n{{}};{{}};P1;{{}};2026-06-18T10:00;booked;;{{}}\n"
ALIKE = ("x1", "X1", "Å1", "å1", "Æ1", "ø1", "Ø1", "AA1", "aa1", "Z1", "z1", "e\u0301", "é", "ss", "ß", "x 1", "x-1")
MARKS = "'?:x [[each ?]] %"
OF_MANY = "\n".join([PATIENTS, *(f"nidelv;{id_};Kari;Lunde;;91000001;yes" for id_ in ALIKE)])
ON_THE_LAST_DAY = AN_APPOINTMENT.format("nidelv", "B1", "KONS", "").replace("2026-06-18", "9999-12-31")
LATE = {"clinic_id": "nidelv", "appointment_id": 10**30, "patient_id": "P1", "starts_at": 10**20, "status": "booked"}
FHIR = {"resourceType": "Patient", "id": "X1", "telecom": [{"system": "email", "value": "x1@post.example"}]}
FILES = [
    pytest.param("p.csv", A_PATIENT.format("X1", "Ka\0ri", ""), None, id="U+0000 in a name"),
    pytest.param("p.ndjson", ndjson(patient_id="X\0"), None, id="U+0000 in the id of NDJSON"),
    pytest.param("p.ndjson", ndjson(patient_id="X1", given_name="a\0b"), None, id="U+0000 in NDJSON"),
    pytest.param("f.json", json.dumps(FHIR | {"name": [{"given": ["Ka\0ri"]}]}), None, id="U+0000 in FHIR"),
    pytest.param("p.ndjson", ndjson(patient_id="X\ud800"), None, id="half a character in NDJSON"),
    pytest.param("f.json", json.dumps(FHIR | {"name": [{"given": ["Ka\udfff"]}]}), None, id="half a character in FHIR"),
    pytest.param("p.csv", PATIENTS.encode() + b"\nnidelv;X1;K\xff\xferi\xc3\x28;;;;yes\n", None, id="no UTF-8"),
    pytest.param("p.csv", A_PATIENT.format(LONG[:5_000], "Kari", ""), (0, 1), id="an id of 5,000 characters"),
    pytest.param("p.csv", A_PATIENT.format(LONG[:200], "Kari", ""), (1, 0), id="an id of 200 characters"),
    pytest.param("a.csv", AN_APPOINTMENT.format("nidelv", LONG, "KONS", ""), (0, 1), id="a long appointment"),
    pytest.param("a.csv", AN_APPOINTMENT.format(LONG, "B1", "KONS", ""), (0, 1), id="a long clinic"),
    pytest.param("a.csv", AN_APPOINTMENT.format("nidelv", "B1", LONG, LONG), (1, 0), id="a long type and place"),
    pytest.param("p.csv", A_PATIENT.format("X1", LONG, f"{LONG}@post.example"), (1, 0), id="a long name and address"),
    pytest.param("a.ndjson", json.dumps(LATE), (0, 1), id="a time beyond 64 bits"),
    pytest.param("p.ndjson", ndjson(patient_id=10**30), (1, 0), id="an id beyond 64 bits"),
    pytest.param(
        "a.csv",
        ON_THE_LAST_DAY,
        (1, 0),
        id="the last day",
    ),
    pytest.param(
        "p.csv",
        OF_MANY,
        (len(ALIKE), 0),
        id="ids that somebody takes for equal",
    ),
    pytest.param("p.csv", A_PATIENT.format("X\\1'", "\\Kari\\' --", ""), (1, 0), id="quotes and backslashes"),
    pytest.param(
        "a.csv",
        AN_APPOINTMENT.format("nidelv", "%s%(a)s", "KONS", "'?:x [[each ?]] %"),
        (1, 0),
        id="marks of parameters",
    ),
]


def what_comes_of(folder: Path, name: str, content: str | bytes) -> list[Any]:
    folder.mkdir()
    clinic = Clinic.begun_in(folder)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    answers = [
        clinic.call("import", "--json", str(path), at=NOON),
        clinic.call("run", "--json", at=FIVE_MINUTES_LATER),
        *(
            clinic.call(*arguments, at=FIVE_MINUTES_LATER)
            for arguments in (
                ["history", "--json"],
                ["patient", "find", "--json", "kari"],
                ["check"],
                ["upcoming"],
                ["imports", "show", "4"],
            )
        ),
    ]
    return [(answer.exit, *(text.replace(str(folder), "") for text in (answer.out, answer.err))) for answer in answers]


@pytest.mark.parametrize(("name", "content", "came"), FILES)
def test_an_odd_file_comes_to_the_same(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, came: Any
) -> None:
    """`came`: how many are new and how many are rejected; None where the file cannot be read."""
    told = {}
    for engine in (None, server):
        monkeypatch.setattr(engines, "server", engine)
        told[engine] = what_comes_of(tmp_path / ("server" if engine else "file"), name, content)
    assert told[None] == told[server]
    [report] = json.loads(told[None][0][1])["files"]
    assert ((report["new"], report["rejected"]) if report["error"] is None else None) == came


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["history", "--search", "\udcff\udcfe"], id="no UTF-8"),
        pytest.param(["patient", "find", "\udcff"], id="no UTF-8 either"),
        pytest.param(["patient", "show", "nidelv", "\udcff"], id="no UTF-8 as an id"),
        pytest.param(["why", "appointment", LONG], id="a long id"),
        pytest.param(["patient", "find", LONG], id="a long word"),
        pytest.param(["show", str(2**63 - 1)], id="the last number"),
        pytest.param(["show", str(2**63)], id="a number beyond"),
        pytest.param(["history", "--limit", str(2**63 - 1)], id="a limit"),
        pytest.param(["history", "--patient", "p1"], id="another case"),
        pytest.param(["history", "--search", "%_\\'"], id="marks of patterns"),
    ],
)
def test_what_is_typed_is_answered_alike(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    answers = []
    for engine in (None, server):
        monkeypatch.setattr(engines, "server", engine)
        folder = tmp_path / ("server" if engine else "file")
        folder.mkdir()
        answers.append(Clinic.begun_in(folder).call(*arguments))
    assert answers[0] == answers[1]
    assert answers[0].exit in (0, 2)
