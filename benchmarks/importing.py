"""Import speed beside `sqlite-utils insert` and `sqlite3 .import` of the same files into bare tables.

python -m benchmarks.importing [ROWS ...]    by default 10000 and 100000; a tenth as many patients
"""

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import exports
from benchmarks.timing import Timing, timed

NOTIFY = str(Path(sys.executable).with_name("notify"))
SQLITE_UTILS = str(Path(sys.executable).with_name("sqlite-utils"))
GOALS = (
    "goals: first 2 times sqlite-utils and 0.25 of sqlite3, again and 1% changed 4 times sqlite-utils; under 150 MiB"
)


def main(sizes: list[int]) -> None:
    print(f"{'rows':>10}  {'what':<24} {'seconds':>8} {'rows/s':>9} {'MiB':>6}  {'/sqlite-utils':>13} {'/sqlite3':>9}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), rows)
    print(GOALS)


def measure(folder: Path, rows: int) -> None:
    patients = rows // 10
    files = [
        exports.write_patients(folder / "patients.csv", patients),
        exports.write_appointments(folder / "appointments.csv", rows, patients),
    ]
    changed = exports.write_appointments(folder / "changed.csv", rows, patients, changed=0.01)
    utils = sqlite_utils(folder, files)
    bare = sqlite3_import(folder, files)
    table_alone = sqlite_utils(folder, files[1:])
    lines = [
        ("sqlite-utils insert", utils, rows + patients, utils),
        *([("sqlite3 .import", bare, rows + patients, utils)] if bare else []),
    ]
    notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
    first = notify_import(folder, files, exports.IMPORTED)
    lines.append(("notify, first", first, rows + patients, utils))
    lines.append(("notify, same again", notify_import(folder, files[1:], exports.IMPORTED_AGAIN), rows, table_alone))
    lines.append(("notify, 1% changed", notify_import(folder, [changed], exports.IMPORTED_AGAIN), rows, table_alone))
    for name, timing, count, beside in lines:
        told = f"{beside.seconds / timing.seconds:13.2f}"
        to_bare = f"{bare.seconds / timing.seconds:9.2f}" if bare and "first" in name else f"{'':9}"
        print(
            f"{rows:>10,}  {name:<24} {timing.seconds:8.2f} {count / timing.seconds:9,.0f} {timing.peak:6.0f}"
            f"  {told} {to_bare}"
        )


def notify_import(folder: Path, files: list[Path], now: str) -> Timing:
    command = [NOTIFY, "--db", "notify.db", "--now", now, "import", *(str(file) for file in files)]
    return timed(command, cwd=str(folder))


def sqlite_utils(folder: Path, files: list[Path]) -> Timing:
    """Text as it is, with the primary key that these rows have."""
    database = folder / "utils.db"
    database.unlink(missing_ok=True)
    common = ["--csv", "--delimiter", ";", "--silent", "--no-detect-types", "--pk", "clinic_id"]
    parts = []
    for file in files:
        own = [file.stem, str(file), "--pk", f"{file.stem.removesuffix('s')}_id"]
        parts.append(timed([SQLITE_UTILS, "insert", str(database), *own, *common], cwd=str(folder)))
    return Timing(sum(part.seconds for part in parts), max(part.peak for part in parts))


def sqlite3_import(folder: Path, files: list[Path]) -> Timing | None:
    """Into tables with that primary key; None where there is no sqlite3 program."""
    if shutil.which("sqlite3") is None:
        return None
    script = []
    for file in files:
        columns = file.open().readline().strip().split(";")
        key = f"clinic_id, {file.stem.removesuffix('s')}_id"
        script.append(
            f"CREATE TABLE {file.stem} ({', '.join(f'{name} TEXT' for name in columns)}, PRIMARY KEY ({key}));"
        )
        script.append(f".mode csv\n.separator ;\n.import --skip 1 {file} {file.stem}")
    return timed(["sqlite3", str(folder / "bare.db")], cwd=str(folder), input_text="\n".join(script) + "\n")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [10_000, 100_000])
