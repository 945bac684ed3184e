"""Import speed beside `sqlite-utils insert` and `sqlite3 .import` of the same files into bare tables.

python -m benchmarks.importing [ROWS ...]    by default 10000 and 100000; a tenth as many patients
python -m benchmarks.importing norwegian [ROWS ...]    by default 200000; 3 patients for 10 rows
"""

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import exports
from benchmarks.timing import Timing, timed

NOTIFY = str(Path(sys.executable).with_name("notify"))
SQLITE_UTILS = str(Path(sys.executable).with_name("sqlite-utils"))
KEYS = {"patients": "patient_id", "appointments": "appointment_id", "changed": "appointment_id"}
NORWEGIAN_KEYS = {"pasienter": "Pasientnr", "timer": "Timenr"}
GOALS = (
    "goals: first 2 times sqlite-utils and 0.25 of sqlite3, again and 1% changed 4 times sqlite-utils; under 150 MiB"
)


def main(sizes: list[int], is_norwegian: bool) -> None:
    print(f"{'rows':>10}  {'what':<24} {'seconds':>8} {'rows/s':>9} {'MiB':>6}  {'/sqlite-utils':>13} {'/sqlite3':>9}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            (measure_norwegian if is_norwegian else measure)(Path(folder), rows)
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
    notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
    first = notify_import(folder, files, exports.IMPORTED)
    same = notify_import(folder, files[1:], exports.IMPORTED_AGAIN)
    one_percent = notify_import(folder, [changed], exports.IMPORTED_AGAIN)
    show("sqlite-utils insert", rows, rows + patients, utils, utils)
    if bare:
        show("sqlite3 .import", rows, rows + patients, bare, utils)
    show("notify, first", rows, rows + patients, first, utils, bare)
    show("notify, same again", rows, rows, same, table_alone)
    show("notify, 1% changed", rows, rows, one_percent, table_alone)


def measure_norwegian(folder: Path, rows: int) -> None:
    """Windows-1252, a day and its clock apart, other times as dd.mm.yyyy HH:MM."""
    patients = rows * 3 // 10
    files = exports.write_norwegian(folder, rows, patients)
    utils = sqlite_utils(folder, files, "cp1252")
    bare = sqlite3_import(folder, files)
    table_alone = sqlite_utils(folder, files[1:], "cp1252")
    notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
    first = notify_import(folder, files, exports.IMPORTED)
    same = notify_import(folder, files[1:], exports.IMPORTED_AGAIN)
    show("sqlite-utils insert", rows, rows + patients, utils, utils)
    if bare:
        show("sqlite3 .import", rows, rows + patients, bare, utils)
    show("notify, first", rows, rows + patients, first, utils, bare)
    show("notify, same again", rows, rows, same, table_alone)


def show(name: str, size: int, count: int, timing: Timing, utils: Timing, bare: Timing | None = None) -> None:
    """`utils`, `bare`: what others need for the same `count` rows."""
    to_bare = f"{bare.seconds / timing.seconds:9.2f}" if bare else ""
    print(
        f"{size:>10,}  {name:<24} {timing.seconds:8.2f} {count / timing.seconds:9,.0f} {timing.peak:6.0f}"
        f"  {utils.seconds / timing.seconds:13.2f} {to_bare}"
    )


def notify_import(folder: Path, files: list[Path], now: str) -> Timing:
    command = [NOTIFY, "--db", "notify.db", "--now", now, "import", *(str(file) for file in files)]
    return timed(command, cwd=str(folder))


def sqlite_utils(folder: Path, files: list[Path], encoding: str = "utf-8") -> Timing:
    """Text as it is, with the primary key that these rows have."""
    database = folder / "utils.db"
    database.unlink(missing_ok=True)
    common = ["--csv", "--delimiter", ";", "--silent", "--no-detect-types", "--encoding", encoding]
    parts = []
    for file in files:
        own = [file.stem, str(file), *(part for column in key_of(file) for part in ("--pk", column))]
        parts.append(timed([SQLITE_UTILS, "insert", str(database), *own, *common], cwd=str(folder)))
    return Timing(sum(part.seconds for part in parts), max(part.peak for part in parts))


def key_of(file: Path) -> tuple[str, str]:
    if file.stem in NORWEGIAN_KEYS:
        return "Klinikk", NORWEGIAN_KEYS[file.stem]
    return "clinic_id", KEYS[file.stem]


def sqlite3_import(folder: Path, files: list[Path]) -> Timing | None:
    """Into tables with that primary key; None where there is no sqlite3 program."""
    if shutil.which("sqlite3") is None:
        return None
    script = []
    for file in files:
        with file.open(encoding="latin-1") as lines:
            columns = [f'"{name}" TEXT' for name in lines.readline().strip().split(";")]
        key = ", ".join(f'"{column}"' for column in key_of(file))
        script.append(f"CREATE TABLE {file.stem} ({', '.join(columns)}, PRIMARY KEY ({key}));")
        script.append(f".mode csv\n.separator ;\n.import --skip 1 {file} {file.stem}")
    return timed(["sqlite3", str(folder / "bare.db")], cwd=str(folder), input_text="\n".join(script) + "\n")


if __name__ == "__main__":
    is_norwegian = sys.argv[1:2] == ["norwegian"]
    sizes = [int(argument) for argument in sys.argv[1 + is_norwegian :]]
    main(sizes or ([200_000] if is_norwegian else [10_000, 100_000]), is_norwegian)
