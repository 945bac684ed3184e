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
DAY_AND_CLOCK = "%d.%m.%Y %H:%M"


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


def write_norwegian(folder: Path, count: int, patients: int) -> list[Path]:
    """Patients and appointments as Norwegian systems export them: in Windows-1252, a day and its clock apart."""
    chance, people, times = random.Random(4), folder / "pasienter.csv", folder / "timer.csv"
    with people.open("w", encoding="cp1252") as file:
        file.write("Klinikk;Pasientnr;Fornavn;Etternavn;E-post;Mobil;Samtykke;Foretrukket varslingsmetode\n")
        for number in range(patients):
            method = chance.choice(("", "E-post", "SMS", "Begge"))
            mobile = f"{900 + number // 100_000} {number // 1000 % 100:02} {number % 1000:03}"
            file.write(
                f"nidelv;P{number:06};Kåre;Ødegård;kare{number}@post{number % 50}.example;{mobile};"
                f"{'Ja' if number % 10 else 'Nei'};{method}\n"
            )
    with times.open("w", encoding="cp1252") as file:
        file.write("Klinikk;Timenr;Pasientnr;Timetype;Dato;Klokkeslett;Slutt;Status;Bestilt;Bestilt av;Endret;Sted\n")
        for number in range(count):
            file.write(_norwegian_row(number, count, patients, chance))
    return [people, times]


def _norwegian_row(number: int, count: int, patients: int, chance: random.Random) -> str:
    starts, booked = _times(number, count, chance)
    status = "Fullført" if starts < FULFILLED_UNTIL else chance.choice(("Avtalt",) * 9 + ("Avlyst",))
    changed = f"{min(booked + timedelta(minutes=chance.randrange(180)), BOOKED_UNTIL):{DAY_AND_CLOCK}}"
    who, room = chance.choice(("Klinikk", "Pasient")), chance.randrange(30)
    return (
        f"nidelv;A{number:08};P{chance.randrange(patients):06};T{chance.randrange(TYPES)};{starts:%d.%m.%Y};"
        f"{starts:%H:%M};{starts + timedelta(minutes=20):%H:%M};{status};{booked:{DAY_AND_CLOCK}};{who};"
        f"{changed if number % 3 == 0 else ''};Værelse {room}\n"
    )


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


def _times(number: int, count: int, chance: random.Random) -> tuple[datetime, datetime]:
    """The start of an appointment, and when it was booked."""
    starts = FIRST_DAY + timedelta(days=number * DAYS // count, minutes=5 * chance.randrange(8 * 12, 16 * 12))
    booked = min(starts - timedelta(days=chance.randrange(1, 60)), BOOKED_UNTIL)
    return starts, booked.replace(
        hour=chance.randrange(8, 20), minute=chance.randrange(60), second=chance.randrange(60)
    )


def _row(number: int, count: int, patients: int, chance: random.Random, location: str | None) -> str:
    starts, booked = _times(number, count, chance)
    status = "fulfilled" if starts < FULFILLED_UNTIL else chance.choice(("booked",) * 9 + ("cancelled",))
    who, room = chance.choice(("clinic", "patient")), chance.randrange(30)
    return (
        f"nidelv;A{number:08};P{chance.randrange(patients):06};T{chance.randrange(TYPES)};"
        f"{starts:%Y-%m-%dT%H:%M};{starts + timedelta(minutes=20):%Y-%m-%dT%H:%M};{status};"
        f"{booked:%Y-%m-%dT%H:%M:%S};{who};;{location or f'Rom {room}'};local\n"
    )
