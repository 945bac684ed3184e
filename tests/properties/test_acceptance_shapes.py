"""SPEC section 8: what each command prints with --json has the keys that the contract names, held against its own text.

Read out of docs/contract.md, so that neither the page nor the program can change alone.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.one_clinic import Clinic
from tests.support.places import REPOSITORY

CONTRACT = (REPOSITORY / "docs" / "contract.md").read_text(encoding="utf-8")
SHAPE = re.compile(r"`(?P<name>[a-z ]+)` (?:is (?:an array )?)?(?:of )?`(?P<keys>\{.+?\})`")
NOON, DUE, LATE, THEN = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "05", "14", "20"))
LOG = (
    "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status\n"
    "nidelv;1;P2;convene;confirmation;email;2026-06-03T12:06;sent\nnidelv;2;P6;convene;reminder;sms;2026-06-03T12:06;\n"
)
COMMANDS = {
    "history": ("history",),
    "why": ("why", "appointment", "A1"),
    "upcoming": ("upcoming", "--until", "2026-07-01"),
    "check": ("check",),
    "imports": ("imports",),
    "status": ("status",),
    "run": ("run",),
    "calls": ("calls", "--until", "2026-07-01"),
    "patient find": ("patient", "find", "Ola"),
    "gaps": ("gaps",),
    "compare": ("compare", "log.csv"),
    "audit": ("audit",),
    "import": ("import", "again.csv"),
}


def keys_of(shape: str) -> dict[str, list[str]]:
    """Of `{a, b: [{c, d}]}`: the names on the way to each object, and its keys in their order."""
    found: dict[str, list[str]] = {}
    path: list[str] = []
    name = ""
    for token in re.findall(r"[a-z_]+|[{}\[\]:,(]|[^\s]", shape):
        if token == "{":
            path.append(name)
            found[".".join(filter(None, path))] = []
        elif token == "}":
            path.pop()
        elif re.fullmatch("[a-z_]+", token):
            name = token
            found[".".join(filter(None, path))].append(token)
    return found


def shapes() -> dict[str, dict[str, list[str]]]:
    text = " ".join(CONTRACT[CONTRACT.index("\nJSON: ") :].replace(" (what to say)", "").split())
    return {fits["name"]: keys_of(fits["keys"]) for fits in SHAPE.finditer(text)}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """With something of every kind: sent late, skipped, moved, to be phoned, to come, and sent by others."""
    folder = tmp_path_factory.mktemp("clinic")
    begun = Clinic.begun_in(folder)
    rows = ("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", "A2;P7;KONS;2026-06-18T11:00;booked;;")
    begun.book(*rows, at=NOON)
    begun.call("run", at=LATE)
    begun.book("A1;P2;KONS;2026-06-19T10:00;booked;;Rom 2", "A3;P4;KONS;2026-06-18T11:00;booked;;", at=LATE)
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    (folder / "again.csv").write_bytes((folder / "appointments.csv").read_bytes())
    return begun


@pytest.fixture(autouse=True)
def in_its_folder(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clinic.folder)


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for item in value:
            yield from objects(item, path)
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from objects(part, f"{path}.{key}".strip("."))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_keys_are_those_of_the_contract(clinic: Clinic, name: str) -> None:
    answer = clinic.call(*COMMANDS[name], "--json", at=THEN)
    expected = shapes()[name]
    seen = set()
    for path, value in objects(json.loads(answer.out)):
        if path in expected:
            seen.add(path)
            known = [key for key in value if key in expected[path]]
            assert set(known) == set(expected[path]), (path, value)
    must_be_seen = {path for path in expected if path != "troubles"}
    assert seen >= must_be_seen, (answer, must_be_seen - seen)


@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_one_value_with_nothing_beside_and_times_in_utc(clinic: Clinic, name: str) -> None:
    answer = clinic.call(*COMMANDS[name], "--json", at=THEN)
    for path, value in objects(json.loads(answer.out)):
        for key, cell in value.items():
            if key == "at" or key.endswith("_at") or key.startswith("last_"):
                assert cell is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(cell)), (path, key, cell)
    assert "\x1b" not in answer.out


def test_the_shapes_are_read_out_of_the_page() -> None:
    """Were its sentences written otherwise, the test above could look at nothing."""
    found = shapes()
    assert set(COMMANDS) <= set(found)
    assert found["why"]["notices"][:3] == ["event", "patient", "verdict"]
    assert found["calls"][""] == ["id", "clinic", "patient", "name", "mobile", "subject", "subject_id", "starts_at",
                                  "event", "reason", "tell", "active_user"]  # fmt: skip
