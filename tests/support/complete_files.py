"""Clinics whose appointments come in files that hold all of them, for tests of --complete and of the safety stop."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support import engines
from tests.support.case_runner import Answer
from tests.support.one_clinic import NOON, Clinic

HEADER = "clinic_id;appointment_id;patient_id;starts_at;status;booked_at"
BEFORE, LATER = "2026-06-02T12:00:00+02:00", "2026-06-03T13:00:00+02:00"
YORK = "clinic_id;name;timezone;timebook\nyork;York legesenter;America/New_York;yes\n"


def row(number: int, status: str = "booked", clinic: str = "nidelv", day: int = 1, hour: int = 10) -> str:
    starts_at = f"2026-07-{day:02}T{hour:02}:{number % 60:02}"
    return f"{clinic};A{number};P1;{starts_at};{status};2026-05-04T12:00"


def rows(*numbers: int, **more: Any) -> list[str]:
    return [row(number, **more) for number in numbers]


class Clinics:
    """nidelv in Oslo's time, york in New York's."""

    def __init__(self, folder: Path, config: str = "") -> None:
        self.clinic = Clinic.begun_in(folder, config)
        self.folder = folder
        (folder / "york.csv").write_text(YORK, encoding="utf-8")
        assert self.clinic.call("import", str(folder / "york.csv"), at=BEFORE).exit == 0

    def write(self, lines: Iterable[str], name: str = "all.csv", header: str = HEADER) -> str:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in [header, *lines]), encoding="utf-8")
        return str(path)

    def has(self, *lines: str) -> None:
        """What stood there before the test."""
        answer = self.clinic.call("import", "--force", self.write(lines, "before.csv"), at=BEFORE)
        assert answer.exit == 0, answer

    def call(self, *arguments: str, at: str = NOON) -> Answer:
        return self.clinic.call("import", *arguments, at=at)

    def json(self, *arguments: str, at: str = NOON) -> tuple[int, list[Any]]:
        """The exit code, and the reports of files."""
        answer = self.clinic.call("import", "--json", *arguments, at=at)
        return answer.exit, json.loads(answer.out)["files"]

    def report(self, *arguments: str, at: str = NOON) -> Any:
        """Of the only file, or the last."""
        return self.json(*arguments, at=at)[1][-1]

    def booked(self, clinic: str = "nidelv") -> set[str]:
        """Ids of what is booked, of whatever time."""
        sql = "SELECT appointment FROM appointments WHERE clinic = ? AND status = 'booked'"
        return {found[0] for found in self._select(sql, clinic)}

    def _select(self, sql: str, *values: str) -> list[Any]:
        with engines.connected(self.folder) as connection:
            return connection.execute(sql, values).fetchall()


def ids(*numbers: int) -> set[str]:
    return {f"A{number}" for number in numbers}


def missing(report: Any) -> list[str]:
    return [one["appointment"] for one in report["missing"]]


MANY = range(1, 31)
ALL_BUT_THREE = MANY[:-3]
GONE = ids(28, 29, 30)
