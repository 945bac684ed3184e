"""What the tests of bad input share: a small clinic whose patient nobody may read of, and what every refusal must be.

Knows the command line and, to see that nothing was lost, the tables of the database.
"""

import json
from pathlib import Path

from tests.support import engines
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS, Answer, Program

BEFORE, NOW = "2026-06-01T08:00:00+02:00", "2026-06-03T12:00:00+02:00"
NAME, ADDRESS, MOBILE = "Hemmelig-Kari", "hemmelig.kari@post.example", "91777333"
PERSONAL = ("hemmelig", MOBILE)
PERSON = f"{NAME};Hemmeligsen;{ADDRESS};{MOBILE}"
PATIENT_COLUMNS = "clinic_id;patient_id;given_name;family_name;email;mobile;consent"
PATIENTS = f"{PATIENT_COLUMNS}\nnidelv;P1;{PERSON};yes\n"
CLINICS = (
    "clinic_id;name;portal_url;timebook;post;economy\nnidelv;Nidelv legesenter;https://nidelv.example;yes;yes;yes\n"
)
TYPES = "clinic_id;type_id;notifications\nnidelv;KONS;yes\n"
APPOINTMENTS = (
    "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at\n"
    "nidelv;A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T11:50\n"
)


def a_clinic_that_has_run(folder: Path) -> Program:
    """One patient, who was told of one appointment."""
    written(folder / "notify.toml", CONFIG_WITHOUT_LIMITS)
    program = Program(folder)
    base = folder / "base"
    texts = {"clinics": CLINICS, "types": TYPES, "patients": PATIENTS, "appointments": APPOINTMENTS}
    *files, appointments = [str(written(base / f"{name}.csv", text)) for name, text in texts.items()]
    assert program.call(BEFORE, ["import", *files]).exit == 0
    assert program.call(NOW, ["import", appointments]).exit == 0
    assert program.call(NOW, ["run"]).exit == 0
    assert [row["status"] for row in program.history(NOW)] == ["sent"]
    return program


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def content_of(database: Path | str) -> dict[str, list[tuple]]:
    """All rows of all tables but those that note failures too."""
    with engines.connected_to(database) as connection:
        return engines.content(connection, but=("import", "action", "file_seen"))


def last_import(database: Path | str) -> tuple[str, int, str | None]:
    """The file, its rows and its error."""
    with engines.connected_to(database) as connection:
        return connection.execute("SELECT file, rows, error FROM import ORDER BY id DESC").fetchone()


def patients_in(database: Path | str) -> list[str]:
    return [row[1] for row in content_of(database)["patient"]]


def assert_nobody_is_named(answer: Answer) -> None:
    for text in (answer.out, answer.err):
        assert not [word for word in PERSONAL if word in text.lower()], answer


def assert_refused(answer: Answer, exit_code: int, *words: str) -> None:
    """One or two lines that say what happened, no traceback, nobody's name or address."""
    assert answer.exit == exit_code, answer
    assert 1 <= len(answer.err.splitlines()) <= 2, answer
    assert answer.err.startswith("notify: "), answer
    assert "Traceback" not in answer.out + answer.err, answer
    assert not [word for word in words if word not in answer.err], answer
    assert_nobody_is_named(answer)


def assert_at_most_one_value(answer: Answer) -> None:
    """What --json leaves on standard output."""
    if answer.out:
        json.loads(answer.out)
