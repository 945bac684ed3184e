"""An idle `notify run` beside `python -c "import sqlite3, typer"`, on a full database and on an empty one.

python -m benchmarks.idle [ROWS]    by default a database of 100000 appointments
"""

import sys
import tempfile
from pathlib import Path

from benchmarks import exports
from benchmarks.importing import NOTIFY, notify_import
from benchmarks.timing import Timing, median_of, timed

ROUNDS = 15
LONG_BEFORE = "2026-04-01T08:00"  # nothing is due yet
GOALS = "goals: at most 2 times the imports, and the same on a full database as on an empty one within a tenth"


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        patients = exports.write_patients(folder / "patients.csv", rows // 10)
        appointments = exports.write_appointments(folder / "appointments.csv", rows, rows // 10)
        notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
        notify_import(folder, [patients, appointments], exports.IMPORTED)
        full, empty, imports = rounds(folder)
    print(f"idle run, {rows:,} appointments  {full.seconds * 1000:6.0f} ms  {full.peak:4.0f} MiB")
    print(
        f"idle run, empty database      {empty.seconds * 1000:6.0f} ms   full/empty {full.seconds / empty.seconds:.2f}"
    )
    ratio = full.seconds / imports.seconds
    print(f"import sqlite3, typer         {imports.seconds * 1000:6.0f} ms   full/imports {ratio:.2f}")
    print(GOALS)


def rounds(folder: Path) -> tuple[Timing, Timing, Timing]:
    """In turn, so that what else the machine does meets all three alike."""
    commands = (
        [NOTIFY, "--db", "notify.db", "--now", LONG_BEFORE, "run"],
        [NOTIFY, "--db", "empty.db", "--now", LONG_BEFORE, "run"],
        [sys.executable, "-c", "import sqlite3, typer"],
    )
    for command in commands:
        timed(command, cwd=str(folder))
    found = [[timed(command, cwd=str(folder)) for command in commands] for _ in range(ROUNDS)]
    full, empty, imports = (median_of(of_one) for of_one in zip(*found, strict=True))
    return full, empty, imports


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
