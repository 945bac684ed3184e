"""A timeline of files, commands and runs at clinic `nidelv`, played through the command line, and what came of it.

Times are Norwegian ones of 2026, written "06-03 12:05" (or with seconds); in June the offset is +02:00. In that June
the 3rd is a Wednesday, the 9th a Tuesday, the 10th a Wednesday and the 11th, of which most cases are, a Thursday.
"""

import functools
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support import engines
from tests.support.case_runner import Answer
from tests.support.one_clinic import Clinic

OSLO = ZoneInfo("Europe/Oslo")
NO_LIMITS = "[limits]\nmax_due = 0\nmax_upset = 0\n"
Visit = Mapping[str, str]
Header = Mapping[str, Callable[[Visit], str]]


def moment(short: str) -> datetime:
    return datetime.fromisoformat(f"2026-{short.replace(' ', 'T')}").replace(tzinfo=OSLO)


def iso(short: str) -> str:
    """As a cell of a table; what is no such time stays."""
    return f"2026-{short.replace(' ', 'T')}" if short[:2].isdigit() and short[2:3] == "-" else short


def visit(appointment: str, patient: str, starts: str, booked: str = "", **cells: str) -> dict[str, str]:
    """A row of an appointment; `cells`: changed, cancelled, status, place, kind, clinic, source."""
    usual = {"status": "booked", "changed": "", "cancelled": "", "place": "", "kind": "KONS", "clinic": "nidelv"}
    facts = {"appointment": appointment, "patient": patient, "starts": starts, "booked": booked, "source": ""}
    return usual | facts | cells


def cell(name: str) -> Callable[[Visit], str]:
    return lambda row: iso(row[name])


PLAIN: Header = {
    "clinic_id": cell("clinic"),
    "appointment_id": cell("appointment"),
    "patient_id": cell("patient"),
    "type_id": cell("kind"),
    "starts_at": cell("starts"),
    "status": cell("status"),
    "booked_at": cell("booked"),
}
STAMPED: Header = {**PLAIN, "changed_at": cell("changed"), "cancelled_at": cell("cancelled")}
PLACED: Header = {**STAMPED, "location": cell("place")}
BARE: Header = {name: value for name, value in PLAIN.items() if name != "booked_at"}
STATUS_WORDS = {"booked": "Avtalt", "cancelled": "Avlyst", "noshow": "Ikke møtt", "fulfilled": "Møtt"}


def norwegian(name: str) -> Callable[[Visit], str]:
    return lambda row: moment(row[name]).strftime("%d.%m.%Y %H:%M") if row[name] else ""


NORWEGIAN: Header = {
    "Klinikk": cell("clinic"),
    "Timenr": cell("appointment"),
    "Pasientnr": cell("patient"),
    "Timetype": cell("kind"),
    "Dato": lambda row: moment(row["starts"]).strftime("%d.%m.%Y"),
    "Klokkeslett": lambda row: moment(row["starts"]).strftime("%H:%M"),
    "Status": lambda row: STATUS_WORDS[row["status"]],
    "Bestilt": norwegian("booked"),
}
NORWEGIAN_WITH_ENDRET: Header = {**NORWEGIAN, "Endret": norwegian("changed"), "Avbestilt": norwegian("cancelled")}


def table(rows: Iterable[Visit], header: Header = STAMPED) -> str:
    lines = [";".join(header), *(";".join(value(row) for value in header.values()) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


@functools.cache
def base() -> Path:
    """The database after the base was imported: once for all of these tests, which are many."""
    with tempfile.TemporaryDirectory() as folder:
        Clinic.begun_in(Path(folder), NO_LIMITS)
        return engines.kept(Path(folder))


@dataclass
class Timeline:
    clinic: Clinic
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def begun_in(cls, folder: Path, config: str = NO_LIMITS, database: Path | None = None) -> "Timeline":
        """With the base imported, or with the database that an earlier timeline came to."""
        (folder / "notify.toml").write_text(config, encoding="utf-8")
        engines.copy(database or base(), folder)
        return cls(Clinic(folder))

    def database(self) -> Path:
        """The folder of a copy, for other timelines to begin with."""
        return engines.kept(self.clinic.folder)

    def call(self, at: str, *arguments: str) -> Answer:
        answer = self.clinic.call(*arguments, at=moment(at).isoformat())
        self.answers.append(answer)
        return answer

    def written(self, content: str | bytes, name: str, made: str = "") -> str:
        """A file that was last modified at `made`; at the real clock's time (later than any of these) without."""
        path = self.clinic.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if made:
            os.utime(path, (moment(made).timestamp(),) * 2)
        return str(path)

    def imported(self, at: str, *arguments: str) -> list[dict[str, Any]]:
        """The reports of files."""
        answer = self.call(at, "import", "--json", *arguments)
        assert answer.out, answer
        files: list[dict[str, Any]] = json.loads(answer.out)["files"]
        return files

    def run(self, *times: str) -> None:
        for at in times:
            answer = self.call(at, "run")
            assert answer.exit in (0, 1), answer

    def rows(self) -> list[dict[str, Any]]:
        found = self.clinic.json("history", "--limit", "0", at="2026-12-31T12:00:00+01:00")
        return sorted((row for row in found if row["sender"] == "notify"), key=lambda row: row["delivery"] or 0)

    def history(self) -> list[str]:
        """Sorted lines such as "06-03 12:05 P1 confirmation A1 email", by due time; of a skipped notice the reason."""
        return sorted(line_of(row) for row in self.rows())

    def texts(self, event: str) -> list[str]:
        return [row["text"] for row in self.rows() if row["event"] == event and row["text"]]

    def play(self, steps: Iterable["Step"]) -> "Timeline":
        for step in steps:
            step(self)
        return self


Step = Callable[[Timeline], Any]


def local(stamp: str) -> str:
    here = datetime.fromisoformat(stamp).astimezone(OSLO)
    return here.strftime("%m-%d %H:%M:%S").removesuffix(":00")


def line_of(row: Mapping[str, Any]) -> str:
    came = row["channel"] if row["status"] in ("sent", "delivered") else row["reason"] or row["status"]
    if row["channel"] and row["status"] not in ("sent", "delivered"):
        came = f"{row['channel']} {row['status']} {row['reason'] or ''}".strip()
    return f"{local(row['due_at'])} {row['patient']} {row['event']} {row['subject_id']} {came}"


def came(
    at: str,
    *rows: Visit,
    header: Header = STAMPED,
    made: str = "",
    options: tuple[str, ...] = (),
    exits: tuple[int, ...] = (0, 1),
) -> Step:
    """A table of appointments was imported."""
    return arrived(at, table(rows, header), "appointments.csv", made=made, options=options, exits=exits)


def arrived(
    at: str,
    content: str | bytes,
    name: str,
    made: str = "",
    options: tuple[str, ...] = (),
    exits: tuple[int, ...] = (0, 1),
) -> Step:
    """A file of whatever kind was imported."""

    def step(timeline: Timeline) -> None:
        path = timeline.written(content, name, made)
        answer = timeline.call(at, "import", "--json", *options, path)
        assert answer.exit in exits, answer

    return step


def patients(at: str, *lines: str, columns: str = "email;mobile;consent", made: str = "") -> Step:
    """A table of patients, each line a patient's id and the columns."""
    rows = [f"clinic_id;patient_id;{columns}", *(f"nidelv;{line}" for line in lines)]
    return arrived(at, "".join(f"{row}\n" for row in rows), "patients.csv", made=made)


def called(at: str, *arguments: str) -> Step:
    def step(timeline: Timeline) -> None:
        answer = timeline.call(at, *arguments)
        assert answer.exit in (0, 1), answer

    return step


def ran(*times: str) -> Step:
    return lambda timeline: timeline.run(*times)


def played(folder: Path, *steps: Step, config: str = NO_LIMITS) -> Timeline:
    return Timeline.begun_in(folder, config).play(steps)
