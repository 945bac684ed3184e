"""SPEC section 8, compare: 10,000 notices, and a log of them with 200 planted differences of eight kinds."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.support.case_runner import Program

OSLO = ZoneInfo("Europe/Oslo")
BOOKED = datetime(2026, 6, 3, 12, tzinfo=OSLO)
RUN = "2026-06-03T13:00:00+02:00"
OF_EACH = 25
APPOINTMENTS = 5_000
METHODS = {"email": ("email",), "sms": ("sms",), "both": ("email", "sms")}
Row = tuple[str, str, str, datetime]  # patient, event, channel, sent


def written(folder: Path, name: str, header: str, rows: Iterator[str]) -> str:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def method_of(number: int) -> str:
    return list(METHODS)[number % 3]


def of_notice(number: int, event: str) -> list[Row]:
    """What a system like ours sent of that appointment, some minutes off."""
    jitter = timedelta(minutes=Random(f"{number}{event}").randint(-9, 9))
    starts = BOOKED + timedelta(days=10 + number % 20, minutes=number % 400)
    at = BOOKED + timedelta(minutes=60) if event == "confirmation" else starts - timedelta(hours=48)
    return [(f"P{number}", event, channel, at + jitter) for channel in METHODS[method_of(number)]]


def begun_in(folder: Path) -> Program:
    """As many confirmations sent, reminders to come."""
    (folder / "notify.toml").write_text("[limits]\nmax_due = 0\n")
    program = Program(folder)
    base = Path(__file__).parent.parent / "cases" / "base"
    numbers = range(APPOINTMENTS)
    patients = (
        f"nidelv;P{number};Kari;p{number}@post.example;9{number:07d};{'no' if is_silent(number) else 'yes'};"
        f"{method_of(number)}"
        for number in numbers
    )
    appointments = (
        f"nidelv;A{number};P{number};{'OFF' if is_off(number) else 'KONS'};"
        f"{(BOOKED + timedelta(days=10 + number % 20, minutes=number % 400)).isoformat()};booked;{BOOKED.isoformat()}"
        for number in numbers
    )
    patient_columns = "clinic_id;patient_id;given_name;email;mobile;consent;preferred_method"
    columns = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at"
    files = (
        *(str(base / "clinics.csv"), str(base / "types.csv")),
        written(folder, "patients.csv", patient_columns, patients),
        written(folder, "appointments.csv", columns, appointments),
    )
    assert program.call(BOOKED.isoformat(), ("import", *files, "--force")).exit == 0
    assert program.call(RUN, ("run",)).exit == 0
    return program


def is_silent(number: int) -> bool:
    return number >= APPOINTMENTS - OF_EACH


def is_off(number: int) -> bool:
    return APPOINTMENTS - 2 * OF_EACH <= number < APPOINTMENTS - OF_EACH


def planted(random: Random) -> tuple[list[Row], Counter[tuple[str, str, str | None]]]:
    """The log and what is to be found: kind, patient and, of what is only theirs, our reason."""
    rows: dict[tuple[int, str], list[Row]] = {}
    expected: Counter[tuple[str, str, str | None]] = Counter()
    usual = range(APPOINTMENTS - 2 * OF_EACH)
    for number in usual:
        for event in ("confirmation", "reminder"):
            rows[number, event] = of_notice(number, event)
    places = random.sample(sorted(rows), 4 * OF_EACH)
    for place in places[:OF_EACH]:  # another channel
        patient, event, channel, at = rows[place][0]
        rows[place] = [(patient, event, "sms" if channel == "email" else "email", at)]
        expected["other_channel", patient, None] += 1
    for place in places[OF_EACH : 2 * OF_EACH]:  # another time
        later = timedelta(hours=random.randint(1, 60))
        rows[place] = [(*row[:3], row[3] + later) for row in rows[place]]
        expected["other_time", f"P{place[0]}", None] += 1
    for place in places[2 * OF_EACH : 3 * OF_EACH]:  # forgotten by them
        del rows[place]
        expected["only_ours", f"P{place[0]}", None] += 1
    log = [row for of_place in rows.values() for row in of_place]
    for place in places[3 * OF_EACH :]:  # sent again, hours later
        log += [(*row[:3], row[3] + timedelta(hours=5)) for row in rows[place]]
        expected["only_theirs", f"P{place[0]}", "doubled"] += 1
    for number in range(OF_EACH):
        log.append((f"X{number}", "reminder", "sms", BOOKED + timedelta(days=number)))
        expected["only_theirs", f"X{number}", "unknown_patient"] += 1
        log.append((f"P{number}", "influensavaksine", "sms", BOOKED + timedelta(days=number)))
        expected["only_theirs", f"P{number}", "not_ours"] += 1
    for number in range(APPOINTMENTS - 2 * OF_EACH, APPOINTMENTS):
        log += of_notice(number, "confirmation")
        reason = "no_consent" if is_silent(number) else "type_off"
        expected["only_theirs", f"P{number}", reason] += 1
    random.shuffle(log)
    return log, expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_was_planted_is_found_and_nothing_else(tmp_path: Path, seed: int) -> None:
    program = begun_in(tmp_path)
    log, expected = planted(Random(seed))
    assert expected.total() == 8 * OF_EACH
    lines = (f"nidelv;{patient};{event};{channel};{at:%d.%m.%Y %H:%M}" for patient, event, channel, at in log)
    path = written(tmp_path, "log.csv", "Klinikk;Pasientnr;Hendelse;Kanal;Sendt", lines)
    answer = program.call(RUN, ("compare", path, "--json"))
    value = json.loads(answer.out)
    listed = Counter(
        (each["kind"], each["patient"], each["reason"] if each["kind"] == "only_theirs" else None)
        for each in value["differences"]
    )
    assert (listed - expected, expected - listed) == (Counter(), Counter())
    assert value["same"] == 2 * (APPOINTMENTS - 2 * OF_EACH) - 3 * OF_EACH
    assert answer.exit == 1
