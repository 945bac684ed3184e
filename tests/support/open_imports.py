"""A clinic whose files fail, are rejected in part or stopped, and what `status` and `imports` say of them then."""

import os
from datetime import datetime
from pathlib import Path

from tests.support.one_clinic import NOON, Clinic

LATER, LAST, A_WEEK_ON = "2026-06-03T13:00:00+02:00", "2026-06-03T14:00:00+02:00", "2026-06-10T12:00:00+02:00"
NEVER = "[limits]\nmax_hours_without_import = 0\n"


def begun_in(folder: Path) -> Clinic:
    """Besides clinic nidelv one that is called york."""
    clinic = Clinic.begun_in(folder, NEVER)
    (folder / "york.csv").write_text("clinic_id;name\nyork;York\n", encoding="utf-8")
    clinic.call("import", str(folder / "york.csv"))
    return clinic


def bring(
    clinic: Clinic, content: str | bytes, *options: str, name: str = "rows.csv", at: str = NOON, file_at: str = ""
) -> int:
    """The number of the import; `file_at`: the file's time, if not that of the import."""
    path = clinic.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    seconds = datetime.fromisoformat(file_at or at).timestamp()
    os.utime(path, (seconds, seconds))
    return again(clinic, path, *options, at=at)


def again(clinic: Clinic, path: Path, *options: str, at: str = LATER) -> int:
    clinic.call("import", *options, str(path), at=at)
    return int(clinic.json("imports", "--limit", "1")[0]["import"])


def codes(clinic: Clinic, at: str = LAST) -> list[str]:
    value = clinic.json("status", at=at)
    assert clinic.call("status", at=at).exit == int(bool(value["troubles"]))
    return [one["code"] for one in value["troubles"] if one["code"] != "no_run"]


def is_settled(clinic: Clinic, number: int) -> bool:
    settled = {one["import"]: one["settled"] for one in clinic.json("imports", "--limit", "0")}
    assert isinstance(settled[number], bool)
    return bool(settled[number])
