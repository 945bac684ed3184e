"""Makes exports of one clinic, always the same for the same numbers: invented people, example domains."""

import random
from datetime import datetime, timedelta
from pathlib import Path

SWITCHED_ON = "2026-05-01T08:00"
IMPORTED = "2026-06-01T08:00"
IMPORTED_AGAIN = "2026-06-01T09:00"
FIRST_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - exports have local times without offset
BOOKED_UNTIL = datetime(2026, 5, 30, 12)  # noqa: DTZ001
FULFILLED_UNTIL = datetime(2026, 6, 1)  # noqa: DTZ001
DAYS, TYPES = 1_000, 20


def write_clinic(folder: Path) -> list[Path]:
    """The clinic and its types, all switched on."""
    clinics, types = folder / "clinics.csv", folder / "types.csv"
    clinics.write_text(
        "clinic_id;name;portal_url;timebook;post;economy\n"
        "nidelv;Nidelv legesenter;https://nidelv.example/portal;yes;yes;yes\n"
    )
    types.write_text(
        "clinic_id;type_id;notifications\n" + "".join(f"nidelv;T{number};yes\n" for number in range(TYPES))
    )
    return [clinics, types]


def write_patients(path: Path, count: int) -> Path:
    chance = random.Random(1)
    with path.open("w") as file:
        file.write("clinic_id;patient_id;given_name;family_name;email;mobile;consent;preferred_method\n")
        for number in range(count):
            method = chance.choice(("", "email", "sms", "both"))
            consent = "yes" if number % 10 else "no"
            file.write(
                f"nidelv;P{number:06};Kari;Lunde;kari{number}@post{number % 50}.example;{90_000_000 + number};"
                f"{consent};{method}\n"
            )
    return path


def write_appointments(path: Path, count: int, patients: int, *, changed: float = 0.0) -> Path:
    """`changed`: the share of rows whose location is another than without it."""
    chance, other = random.Random(2), random.Random(3)
    with path.open("w") as file:
        file.write(
            "clinic_id;appointment_id;patient_id;type_id;starts_at;ends_at;status;booked_at;booked_by;changed_at;"
            "location;source\n"
        )
        for number in range(count):
            file.write(_row(number, count, patients, chance, "Kjeller" if other.random() < changed else None))
    return path


def _row(number: int, count: int, patients: int, chance: random.Random, location: str | None) -> str:
    starts = FIRST_DAY + timedelta(days=number * DAYS // count, minutes=5 * chance.randrange(8 * 12, 16 * 12))
    booked = min(starts - timedelta(days=chance.randrange(1, 60)), BOOKED_UNTIL)
    booked = booked.replace(hour=chance.randrange(8, 20), minute=chance.randrange(60), second=chance.randrange(60))
    status = "fulfilled" if starts < FULFILLED_UNTIL else chance.choice(("booked",) * 9 + ("cancelled",))
    who, room = chance.choice(("clinic", "patient")), chance.randrange(30)
    return (
        f"nidelv;A{number:08};P{chance.randrange(patients):06};T{chance.randrange(TYPES)};"
        f"{starts:%Y-%m-%dT%H:%M};{starts + timedelta(minutes=20):%Y-%m-%dT%H:%M};{status};"
        f"{booked:%Y-%m-%dT%H:%M:%S};{who};;{location or f'Rom {room}'};local\n"
    )
