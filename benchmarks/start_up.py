"""What commands that do little cost: `notify --version`, `history --limit 1`, `why`, beside `sqlite-utils --version`.

python -m benchmarks.start_up [ROUNDS]    by default 15 of each, in turn
"""

import sys
import tempfile
from pathlib import Path

from benchmarks import exports
from benchmarks.importing import NOTIFY, SQLITE_UTILS, notify_import
from benchmarks.timing import Timing, median_of, timed

ROWS, PATIENTS = 1_000, 100
GOAL = "goal: notify --version no slower than sqlite-utils --version"
ON = [NOTIFY, "--db", "notify.db"]
COMMANDS = {
    "sqlite-utils --version": [SQLITE_UTILS, "--version"],
    "notify --version": [NOTIFY, "--version"],
    "notify history --limit 1": [*ON, "history", "--limit", "1"],
    "notify history --limit 1 --json": [*ON, "history", "--limit", "1", "--json"],
    "notify why appointment": [*ON, "why", "appointment", "A00000990"],
    "notify why appointment --json": [*ON, "why", "appointment", "A00000990", "--json"],
    "python -c pass": [sys.executable, "-c", "pass"],
}


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        patients = exports.write_patients(folder / "patients.csv", PATIENTS)
        appointments = exports.write_appointments(folder / "appointments.csv", ROWS, PATIENTS)
        notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
        notify_import(folder, [patients, appointments], exports.IMPORTED)
        timed([*ON, "--now", exports.IMPORTED_AGAIN, "run"], cwd=name, exits=(0, 1))
        found = measured(folder, rounds)
    utils = found["sqlite-utils --version"].seconds
    print(f"{'command':<34} {'ms':>5} {'MiB':>5}  {'/sqlite-utils':>13}")
    for command, timing in found.items():
        print(f"{command:<34} {timing.seconds * 1000:5.0f} {timing.peak:5.0f}  {timing.seconds / utils:13.2f}")
    print(GOAL)


def measured(folder: Path, rounds: int) -> dict[str, Timing]:
    """In turn, so that what else the machine does meets all alike; the first time of each does not count."""
    timings: dict[str, list[Timing]] = {command: [] for command in COMMANDS}
    for _ in range(rounds + 1):
        for command, arguments in COMMANDS.items():
            timings[command].append(timed(arguments, cwd=str(folder)))
    return {command: median_of(of_one[1:]) for command, of_one in timings.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
