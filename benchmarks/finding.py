"""What support staff wait for: `patient find`, `patient show`, `history --patient` and `--search`, beside `--version`.

python -m benchmarks.finding [PATIENTS [DELIVERIES]]    by default 1000000 patients and as many deliveries

The patients are imported as any export; the deliveries are put into the database as runs would have left them.
"""

import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks import exports
from benchmarks.importing import NOTIFY, notify_import
from benchmarks.timing import Timing, median_of, timed

ROUNDS = 9
CLINICS = 20
AT_ONCE = 100_000
FIRST_SENT = 1_650_000_000
NOW = "2026-06-01T12:00"
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
GOAL = "goal: at most 100 ms more than notify --version"


def commands(patients: int) -> dict[str, list[str]]:
    number = patients // 3
    patient, mobile = f"P{number:07}", str(90_000_000 + number)
    in_groups = f"0047 {mobile[:3]} {mobile[3:5]} {mobile[5:]}"
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
        "patient show": ["patient", "show", f"C{number % CLINICS}", patient],
        "history --patient": ["history", "--patient", patient],
        "history --search a full name": [*history, "hansen kari"],
        "history --search a common name": [*history, "hansen"],
        "history --search a rare name": [*history, "sollunvik"],
        "history --search a number": [*history, in_groups],
        "history --search an id, JSON": [*history, patient, *on],
    }


def main(patients: int, deliveries: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports.write_clinic(folder)
        (folder / "clinics.csv").write_text(
            "clinic_id;name;portal_url;timebook\n"
            + "".join(f"C{number};Nidelv legesenter;https://nidelv.example/portal;yes\n" for number in range(CLINICS))
        )
        notify_import(folder, [folder / "clinics.csv"], exports.SWITCHED_ON)
        timing = notify_import(folder, [_write_patients(folder / "patients.csv", patients)], exports.IMPORTED)
        print(f"{patients:,} patients imported in {timing.seconds:.1f} s")
        _write_deliveries(folder / "notify.db", patients, deliveries)
        first = timed([NOTIFY, "--db", "notify.db", "patient", "find", "nobody"], cwd=name)
        print(f"the first search, which makes them findable: {first.seconds:.1f} s, {first.peak:.0f} MiB")
        print(f"{(folder / 'notify.db').stat().st_size >> 20:,} MiB, {deliveries:,} deliveries")
        found = _measured(folder, patients)
    bare = found["notify --version"].seconds
    print(f"{'command':<34} {'ms':>5} {'MiB':>5}  {'ms more':>7}  {'/--version':>10}")
    for command, timing in found.items():
        more = (timing.seconds - bare) * 1000
        print(
            f"{command:<34} {timing.seconds * 1000:5.0f} {timing.peak:5.0f}  {more:7.0f}  {timing.seconds / bare:10.2f}"
        )
    print(GOAL)


def _measured(folder: Path, patients: int) -> dict[str, Timing]:
    """In turn, so that what else the machine does meets all alike; the first time of each does not count."""
    on = [NOTIFY, "--db", "notify.db", "--now", NOW]
    called = {"notify --version": [NOTIFY, "--version"]}
    called |= {name: [*on, *arguments] for name, arguments in commands(patients).items()}
    timings: dict[str, list[Timing]] = {name: [] for name in called}
    for _ in range(ROUNDS + 1):
        for name, command in called.items():
            timings[name].append(timed(command, cwd=str(folder)))
    return {name: median_of(of_command[1:]) for name, of_command in timings.items()}


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


def _write_deliveries(path: Path, patients: int, deliveries: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")  # KiB
        for first in range(0, deliveries, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, deliveries))
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO notice (id, clinic_id, patient_id, subject, subject_id, event, number, due_at,"
                " happened_at, written_at, channels_given)"
                " VALUES (?, ?, ?, 'appointment', ?, 'reminder', 1, ?, ?, ?, 'email')",
                _notices(numbers, patients),
            )
            connection.executemany(
                "INSERT INTO delivery (id, notice_id, channel, clinic_id, due_at, address, text, status, status_at,"
                " sent_at, attempts) VALUES (?, ?, 'email', ?, ?, ?, ?, 'sent', ?, ?, 1)",
                _messages(numbers, patients),
            )
            connection.execute("COMMIT")


def _whose(number: int, patients: int) -> int:
    return number * 7919 % patients


def _notices(numbers: range, patients: int) -> Iterator[tuple[object, ...]]:
    for number in numbers:
        patient, at = _whose(number, patients), FIRST_SENT + number * 12
        yield number + 1, f"C{patient % CLINICS}", f"P{patient:07}", f"A{number:08}", at, at, at


def _messages(numbers: range, patients: int) -> Iterator[tuple[object, ...]]:
    for number in numbers:
        patient, at = _whose(number, patients), FIRST_SENT + number * 12
        address = f"p{patient}@post{patient % 50}.example"
        yield number + 1, number + 1, f"C{patient % CLINICS}", at, address, f"Time hos Nidelv legesenter {at}", at, at


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(given[0] if given else 1_000_000, given[1] if len(given) > 1 else 1_000_000)
