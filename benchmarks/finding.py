"""What support staff wait for: searches, a patient's history and card, `why`, the browser's first screen.

python -m benchmarks.finding [PATIENTS [DELIVERIES [FOLDER]]]    by default 1000000 patients and as many deliveries
python -m benchmarks.finding 1000000 10000000 /var/tmp/large    of that size, in a folder that is kept

Patients and appointments are imported as any export; what was sent is put into the database as runs would have left
it, over four years. A folder that has the database already is measured again. Ten million take 5 GB and half an hour.
"""

import os
import pty
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks import exports
from benchmarks.importing import NOTIFY, notify_import
from benchmarks.timing import Timing, median_of, timed, timing_of

ROUNDS = 9
BROWSE = "browse, its first screen"
CLINICS = 20
AT_ONCE = 100_000
SWITCHED_ON, IMPORTED, NOW = "2022-05-01T08:00", "2026-06-01T08:00", "2026-06-01T12:00"
NOON = 1_780_308_000  # NOW
A_DAY = 24 * 3600
AHEAD = 30 * A_DAY  # from a booking to its appointment
FOUR_YEARS = 4 * 365 * A_DAY
GIVEN = [
    "Kari", "Bjørn", "Åse", "Ola", "Anne", "Per", "Inger", "Jan", "Ingrid", "Kåre", "Øystein", "Marit", "Liv",
    "Lars", "Nils", "Knut", "Berit", "Astrid", "Solveig", "Hans", "Erik", "Tor", "Hilde", "Bente", "Silje", "Marte",
    "Jonas", "Emma", "Nora", "Lucas", "Emil", "Ida", "Sara", "Thea", "Olav", "Arne", "Leif", "Randi", "Turid", "Bo",
    "Li", "Fatima", "José",
]  # fmt: skip
FAMILY = [
    "Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Pedersen", "Nilsen", "Kristiansen", "Jensen", "Karlsen",
    "Johnsen", "Pettersen", "Eriksen", "Berg", "Haugen", "Hagen", "Johannessen", "Andreassen", "Jacobsen", "Dahl",
    "Jørgensen", "Halvorsen", "Lund", "Sørensen", "Moen", "Strand", "Lie", "Næss", "Ødegård",
]  # fmt: skip
SYLLABLES = [
    "ber", "sta", "vik", "dal", "nes", "hau", "gen", "lun", "der", "sol", "stra", "bre", "mo", "eng", "ås", "lø",
    "kvi", "ran", "tve", "hol",
]  # fmt: skip
GOAL = "goal: find at most 100 ms more than notify --version"
FIRST_SCREEN = b"Time hos"  # the message of the newest notice, in the pane


def commands(patients: int, appointments: int) -> dict[str, list[str]]:
    number = patients // 3
    patient, mobile, of_patient = f"P{number:07}", str(90_000_000 + number), f"C{number % CLINICS}"
    in_groups = f"0047 {mobile[:3]} {mobile[3:5]} {mobile[5:]}"
    number = appointments * 9 // 10
    clinic, appointment = f"C{_whose(number, patients) % CLINICS}", f"A{number:08}"
    find, history, on = ["patient", "find"], ["history", "--search"], ["--limit", "50", "--json"]
    return {
        "find: a full name": [*find, "hansen", "kari"],
        "find: parts of a name": [*find, "so", "bjo"],
        "find: a letter and a name": [*find, "k", "hansen"],
        "find: a rare name": [*find, "sollunvik"],
        "find: a name at a clinic": [*find, "hansen", "kari", "--clinic", "C7"],
        "find: a phone number": [*find, in_groups],
        "find: the end of a number": [*find, mobile[3:]],
        "find: an id": [*find, patient],
        "find: an id, JSON": [*find, patient, "--json"],
        "patient show": ["patient", "show", of_patient, patient],
        "why patient": ["why", "patient", of_patient, patient],
        "why appointment": ["why", "appointment", appointment, "--clinic", clinic],
        "why appointment of any clinic": ["why", "appointment", appointment],
        "show": ["show", str(number)],
        "history": ["history"],
        "history --clinic": ["history", "--clinic", of_patient],
        "history --appointment": ["history", "--appointment", appointment],
        "history --patient": ["history", "--patient", patient],
        "history --search a full name": [*history, "hansen kari"],
        "history --search a common name": [*history, "hansen"],
        "history --search a rare name": [*history, "sollunvik"],
        "history --search a number": [*history, in_groups],
        "history --search an id, JSON": [*history, patient, *on],
    }


def main(patients: int, deliveries: int, kept: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = kept if kept is not None else Path(name)
        if not (folder / "notify.db").exists():
            folder.mkdir(parents=True, exist_ok=True)
            _make(folder, patients, deliveries // 2)
        found = _measured(folder, patients, deliveries // 2)
    bare = found["notify --version"]
    print(f"{'command':<34} {'ms':>5} {'cpu':>5} {'MiB':>5}  {'ms more':>7}  {'/--version':>10} {'cpu':>6}")
    for command, timing in found.items():
        more = (timing.seconds - bare.seconds) * 1000
        print(
            f"{command:<34} {timing.seconds * 1000:5.0f} {timing.cpu * 1000:5.0f} {timing.peak:5.0f}  {more:7.0f}"
            f"  {timing.seconds / bare.seconds:10.2f} {timing.cpu / bare.cpu:6.2f}"
        )
    print(GOAL)


def _make(folder: Path, patients: int, appointments: int) -> None:
    """Of each appointment two notices, but for those that lie ahead."""
    exports.write_clinic(folder)
    (folder / "clinics.csv").write_text(
        "clinic_id;name;portal_url;timebook\n"
        + "".join(f"C{number};Nidelv legesenter;https://nidelv.example/portal;yes\n" for number in range(CLINICS))
    )
    (folder / "types.csv").write_text(
        "clinic_id;type_id;notifications\n" + "".join(f"C{number};KONS;yes\n" for number in range(CLINICS))
    )
    notify_import(folder, [folder / "clinics.csv", folder / "types.csv"], SWITCHED_ON)
    files = [
        _write_patients(folder / "patients.csv", patients),
        _write_appointments(folder / "appointments.csv", appointments, patients),
    ]
    timing = notify_import(folder, files, IMPORTED)
    print(f"{patients:,} patients and {appointments:,} appointments imported in {timing.seconds:.1f} s", flush=True)
    with get_context("spawn").Pool(1) as other:  # its memory would be counted as that of each command begun later
        deliveries = other.apply(_write_deliveries, (folder / "notify.db", appointments, patients))
    first = timed([NOTIFY, "--db", "notify.db", "patient", "find", "nobody"], cwd=str(folder))
    print(f"the first search, which makes them findable: {first.seconds:.1f} s, {first.peak:.0f} MiB")
    print(f"{(folder / 'notify.db').stat().st_size >> 20:,} MiB, {deliveries:,} deliveries", flush=True)


def _measured(folder: Path, patients: int, appointments: int) -> dict[str, Timing]:
    """In turn, so that what else the machine does meets all alike; the first time of each does not count."""
    on = [NOTIFY, "--db", "notify.db", "--now", NOW]
    called = {"notify --version": [NOTIFY, "--version"]}
    called |= {name: [*on, *arguments] for name, arguments in commands(patients, appointments).items()}
    timings: dict[str, list[Timing]] = {name: [] for name in (*called, BROWSE)}
    for _ in range(ROUNDS + 1):
        for name, command in called.items():
            timings[name].append(timed(command, cwd=str(folder)))
        timings[BROWSE].append(_first_screen([*on, "browse"], str(folder)))
    return {name: median_of(of_command[1:]) for name, of_command in timings.items()}


def _first_screen(command: list[str], cwd: str) -> Timing:
    """Of 80 columns, until the message of the newest notice stands there; then the browser is ended."""
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(cwd)
        os.execve(command[0], command, os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"})
    drawn = b""
    while FIRST_SCREEN not in drawn:
        drawn += os.read(terminal, 1 << 16)  # raises OSError where the browser ends before
    seconds = time.perf_counter() - began
    os.kill(process, signal.SIGKILL)
    usage = os.wait4(process, 0)[2]
    os.close(terminal)
    return timing_of(seconds, usage)


def _write_patients(path: Path, count: int) -> Path:
    chance = random.Random(5)
    with path.open("w", encoding="utf-8") as file:
        file.write("clinic_id;patient_id;given_name;family_name;email;mobile;consent\n")
        for number in range(count):
            given, family = _name(chance)
            file.write(
                f"C{number % CLINICS};P{number:07};{given};{family};p{number}@post{number % 50}.example;"
                f"{90_000_000 + number};yes\n"
            )
    return path


def _name(chance: random.Random) -> tuple[str, str]:
    """As names are spread: half of the family names are common ones, some are double."""
    given = " ".join(chance.choice(GIVEN) for _ in range(1 + (chance.random() < 0.3)))
    families = []
    for _ in range(1 + (chance.random() < 0.1)):
        is_common = chance.random() < 0.5
        rare = "".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()
        families.append(chance.choice(FAMILY) if is_common else rare)
    return given, "-".join(families)


def _write_appointments(path: Path, count: int, patients: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;location\n")
        for number in range(count):
            patient, told_at = _whose(number, patients), _confirmed_at(number, count)
            starts_at, booked_at = (
                f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (told_at + AHEAD, told_at - 300)
            )
            file.write(f"C{patient % CLINICS};A{number:08};P{patient:07};KONS;{starts_at};booked;{booked_at};Rom 3\n")
    return path


def _whose(appointment: int, patients: int) -> int:
    return appointment * 7919 % patients


def _confirmed_at(appointment: int, of: int) -> int:
    return NOON - FOUR_YEARS + appointment * FOUR_YEARS // of


class _Sent(NamedTuple):
    at: int
    appointment: int
    event: str
    number: int


def _write_deliveries(path: Path, appointments: int, patients: int) -> int:
    """How many. What has been sent is not looked at again, and what lies ahead when its reminder is due."""
    confirmations = (_Sent(_confirmed_at(k, appointments), k, "confirmation", 1) for k in range(appointments))
    reminders = (
        _Sent(sent.at + AHEAD - 2 * A_DAY, sent.appointment, "reminder", sent.at + AHEAD)
        for sent in (_Sent(_confirmed_at(k, appointments), k, "", 1) for k in range(appointments))
    )
    written = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -4000000")  # KiB
        all_sent = merge(confirmations, reminders)
        while together := list(islice(all_sent, AT_ONCE)):
            past = [sent for sent in together if sent.at < NOON]
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO notice (id, clinic_id, patient_id, subject, subject_id, event, number, due_at,"
                " happened_at, written_at, channels_given)"
                " VALUES (?, ?, ?, 'appointment', ?, ?, ?, ?, ?, ?, 'email')",
                _notices(past, written + 1, patients),
            )
            connection.executemany(
                "INSERT INTO delivery (id, notice_id, channel, clinic_id, due_at, address, text, status, status_at,"
                " sent_at, attempts) VALUES (?, ?, 'email', ?, ?, ?, ?, 'sent', ?, ?, 1)",
                _messages(past, written + 1, patients),
            )
            connection.execute("COMMIT")
            written += len(past)
        connection.execute(
            "UPDATE appointment SET next_check_at = CASE WHEN starts_at - 2 * ? > ? THEN starts_at - 2 * ? END",
            (A_DAY, NOON, A_DAY),
        )
    return written


def _notices(sent: list[_Sent], first: int, patients: int) -> Iterator[tuple[object, ...]]:
    for id_, (at, appointment, event, number) in enumerate(sent, first):
        patient = _whose(appointment, patients)
        yield id_, f"C{patient % CLINICS}", f"P{patient:07}", f"A{appointment:08}", event, number, at, at, at


def _messages(sent: list[_Sent], first: int, patients: int) -> Iterator[tuple[object, ...]]:
    for id_, (at, appointment, _, _) in enumerate(sent, first):
        patient = _whose(appointment, patients)
        address = f"p{patient}@post{patient % 50}.example"
        yield id_, id_, f"C{patient % CLINICS}", at, address, f"Time hos Nidelv legesenter {at}", at, at


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(
        given[0] if given else 1_000_000,
        given[1] if len(given) > 1 else 1_000_000,
        Path(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
