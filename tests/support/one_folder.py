"""A clinic's system writes its exports into a folder, and `notify import` takes what is new there."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.case_runner import Answer
from tests.support.one_clinic import NOON, Clinic
from tests.support.processes import LONGEST, NOTIFY, environment

HEADER = "clinic_id;appointment_id;patient_id;type_id;starts_at;status"
LONG_AGO = 3600.0  # seconds
FHIR_PATIENT = {"resourceType": "Patient", "id": "P77", "telecom": [{"system": "email", "value": "p77@post.example"}]}


def appointments(*ids: str, status: str = "booked", clinic: str = "nidelv", day: int = 11) -> str:
    """A file of one appointment for each id, in June 2026."""
    rows = [f"{clinic};{one};P1;KONS;2026-06-{day:02}T10:00;{status}" for one in ids]
    return "".join(f"{line}\n" for line in (HEADER, *rows))


def patients(*ids: str) -> str:
    lines = ["clinic_id;patient_id;email;consent", *(f"nidelv;{one};{one.lower()}@post.example;yes" for one in ids)]
    return "".join(f"{line}\n" for line in lines)


def fhir_bundle(*resources: dict[str, object]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})


def fhir_appointment(id_: str, status: str = "booked") -> dict[str, object]:
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": status,
        "start": "2026-06-11T10:00:00+02:00",
        "participant": [{"actor": {"reference": "Patient/P77"}, "status": "accepted"}],
    }


LONG_LIST = [fhir_appointment(f"F{number}") for number in range(20_000)]


@dataclass(frozen=True)
class Exports:
    """The folder `in` beside the database of clinic `nidelv`."""

    clinic: Clinic

    @property
    def folder(self) -> Path:
        return self.clinic.folder / "in"

    def put(self, name: str, content: str | bytes, age: float = LONG_AGO) -> Path:
        """A file that was last written `age` seconds ago."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return aged(path, age)

    def call(self, *options: str, at: str = NOON) -> Answer:
        return self.clinic.call("import", *options, str(self.folder), at=at)

    def taken(self, *options: str, at: str = NOON) -> dict[str, Any]:
        """What a round says in JSON."""
        found = json.loads(self.call("--json", *options, at=at).out)
        assert isinstance(found, dict)
        return found

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


def aged(path: Path, age: float) -> Path:
    at = time.time() - age
    os.utime(path, (at, at))
    return path


def counts(found: dict[str, Any]) -> list[tuple[str, str | None, int, int]]:
    """Of each file: its name, kind, new rows and unchanged ones."""
    return [(Path(one["path"]).name, one["kind"], one["new"], one["unchanged"]) for one in found["files"]]


def names_of(paths: Sequence[str]) -> list[str]:
    return [Path(path).name for path in paths]


def exports_in(folder: Path, config: str = "") -> Exports:
    found = Exports(Clinic.begun_in(folder, config))
    found.folder.mkdir()
    return found


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return exports_in(tmp_path)


def piped(clinic: Clinic, content: bytes, *arguments: str, before: Sequence[str] = ()) -> Answer:
    """`notify ... import ARGUMENTS` in the clinic's folder, with `content` on its standard input."""
    command = [*before, *NOTIFY, "--now", NOON, "import", *arguments]
    done = subprocess.run(
        command, cwd=clinic.folder, env=environment(clinic.folder), input=content, capture_output=True, timeout=LONGEST
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def import_between_two_kinds(exports: Exports, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """An import of FHIR_PATIENT and LONG_LIST that has stored the patient and not yet the appointments."""
    process = subprocess.Popen(
        [*NOTIFY, "import", *options, "in"], cwd=exports.clinic.folder, env=environment(exports.clinic.folder),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with engines.connected(exports.clinic.folder) as connection:
            until = time.monotonic() + LONGEST
            while not connection.execute("SELECT 1 FROM patient WHERE patient_id = 'P77'").fetchone():
                assert time.monotonic() < until
                assert process.poll() is None
                time.sleep(0.002)
        yield process
    finally:
        process.kill()
        process.wait(10)
