"""The same appointments as CSV and as FHIR NDJSON, imported into an empty database: rows/s and peak memory.

python -m benchmarks.formats [ROWS ...]    by default 100000
"""

import csv
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import exports
from benchmarks.importing import notify_import

GOAL = "goal: under 200 MiB whatever the format"


def main(sizes: list[int]) -> None:
    print(f"{'rows':>10}  {'what':<12} {'MB':>6} {'seconds':>8} {'rows/s':>9} {'MiB':>6} {'/CSV':>6}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), rows)
    print(GOAL)


def measure(folder: Path, rows: int) -> None:
    patients = rows // 10
    table = exports.write_appointments(folder / "appointments.csv", rows, patients)
    files = {"CSV": table, "FHIR NDJSON": write_fhir(folder / "appointments.ndjson", table)}
    beside = 0.0
    for what, path in files.items():
        (folder / "notify.db").unlink(missing_ok=True)
        notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
        notify_import(folder, [exports.write_patients(folder / "patients.csv", patients)], exports.SWITCHED_ON)
        timing = notify_import(folder, [path], exports.IMPORTED)
        beside = beside or timing.seconds
        size = path.stat().st_size / 1e6
        speed = f"{timing.seconds:8.2f} {rows / timing.seconds:9,.0f} {timing.peak:6.0f}"
        print(f"{rows:>10,}  {what:<12} {size:6.0f} {speed} {beside / timing.seconds:6.2f}")


def write_fhir(path: Path, table: Path) -> Path:
    """One Appointment a line, with what servers of FHIR add to it."""
    with table.open() as file, path.open("w") as lines:
        for row in csv.DictReader(file, delimiter=";"):
            lines.write(json.dumps(_appointment(row)) + "\n")
    return path


def _appointment(row: Mapping[str, str]) -> dict[str, object]:
    codes = "http://terminology.hl7.org/CodeSystem/"
    practitioner = {"reference": "Practitioner/17", "display": "Dr. Lunde"}
    return {
        "resourceType": "Appointment",
        "id": row["appointment_id"],
        "meta": {"versionId": "1", "lastUpdated": f"{row['changed_at'] or row['booked_at']}+02:00"},
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Time</div>'},
        "status": row["status"],
        "serviceCategory": [{"coding": [{"system": f"{codes}service-category", "code": "17"}]}],
        "appointmentType": {"coding": [{"system": "urn:nidelv:timetype", "code": row["type_id"]}]},
        "start": f"{row['starts_at']}+02:00",
        "end": f"{row['ends_at']}+02:00",
        "created": f"{row['booked_at']}+02:00",
        "participant": [
            {"actor": {"reference": f"Patient/{row['patient_id']}"}, "required": "required", "status": "accepted"},
            {"actor": practitioner, "required": "required", "status": "accepted"},
            {"actor": {"reference": "Location/1", "display": row["location"]}, "status": "accepted"},
        ],
        "supportingInformation": [{"reference": "Organization/nidelv"}],
    }


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100_000])
