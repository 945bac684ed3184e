"""The program as tests call it: clinics in three time zones, rows that a test names only what matters of.

Knows the command line and its JSON alone. A moment is written as people say it, "Tuesday 2026-06-09 10:00:00", by the
clock of its clinic; an offset tells which of two equal ones is meant. The weekday is checked.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support import engines
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS, Program

ZONES = {"oslo": "Europe/Oslo", "york": "America/New_York", "vik": "Atlantic/Reykjavik"}
HOUR, DAY = 3600, 86400


def moment(clinic: str, said: str) -> int:
    weekday, _, text = said.partition(" ")
    local = datetime.fromisoformat(text)
    local = local if local.tzinfo else local.replace(tzinfo=ZoneInfo(ZONES[clinic]))
    assert f"{local:%A}" == weekday, said
    return int(local.timestamp())


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Notify:
    """The program with a database in which the three clinics, their types and patients are known."""

    def __init__(self, folder: Path) -> None:
        self.program = Program(folder)
        self.files = 0
        self.type_id = "KONS"
        self.configure(CONFIG_WITHOUT_LIMITS)

    def configure(self, text: str) -> None:
        (self.program.folder / "notify.toml").write_text(text, encoding="utf-8")

    def call(self, at: int, *arguments: str) -> str:
        answer = self.program.call(iso(at), arguments)
        assert answer.exit in (0, 1), answer
        return answer.out

    def bring(self, at: int, kind: str, *rows: dict[str, str], options: tuple[str, ...] = ()) -> None:
        self.files += 1
        path = self.program.folder / f"{self.files}.csv"
        lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
        path.write_text("\n".join(lines), encoding="utf-8")
        [report] = json.loads(self.call(at, "import", "--json", *options, str(path)))["files"]
        assert (report["kind"], report["rejected"], report["error"]) == (kind, 0, None), report

    def appointment(self, at: int, clinic: str, starts_at: int, *options: str, **cells: str) -> None:
        """A row of A1, by default booked now, of the patient P1."""
        row = {
            "clinic_id": clinic,
            "appointment_id": "A1",
            "patient_id": "P1",
            "type_id": self.type_id,
            "status": "booked",
        }
        self.bring(at, "appointments", row | {"starts_at": iso(starts_at)} | cells, options=options)

    def run(self, at: int) -> None:
        self.call(at, "run")

    def history(self, at: int) -> list[dict[str, Any]]:
        return self.program.history(iso(at))

    def went_out(self, at: int) -> list[tuple[str, str]]:
        """Events and when they were sent, in order."""
        sent = [(row["sent_at"], row["event"]) for row in self.history(at) if row["status"] == "sent"]
        return [(event, sent_at) for sent_at, event in sorted(sent)]

    def outcome(self, at: int, event: str) -> str | None:
        """`sent`, the reason of a skip, or None where there is no row."""
        rows = [row for row in self.history(at) if row["event"] == event]
        assert len(rows) <= 1, rows
        return (rows[0]["reason"] or rows[0]["status"]) if rows else None

    def why(self, at: int, clinic: str, subject: str, id_: str) -> list[dict[str, Any]]:
        found = json.loads(self.call(at, "why", subject, id_, "--clinic", clinic, "--json"))
        return list(found["notices"])

    def reminder(self, at: int, clinic: str) -> str:
        """When it is due, or why there is none."""
        [found] = [one for one in self.why(at, clinic, "appointment", "A1") if one["event"] == "reminder"]
        return str(found["reason"] if found["verdict"] == "never" else found["due_at"])


def database_of_three_clinics(folder: Path) -> Path:
    """All modules on since January, a type that is on and one that never was, a patient with an e-mail address."""
    notify = Notify(folder)
    at = int(datetime(2026, 1, 5, 7, tzinfo=UTC).timestamp())
    on = {"timebook": "yes", "post": "yes", "economy": "yes"}
    clinics = [{"clinic_id": clinic, "name": clinic.title(), "timezone": zone} | on for clinic, zone in ZONES.items()]
    notify.bring(at, "clinics", *clinics)
    for type_id, is_on in (("KONS", "yes"), ("OFF", "no")):
        notify.bring(at, "types", *({"clinic_id": one, "type_id": type_id, "notifications": is_on} for one in ZONES))
    patient = {"patient_id": "P1", "email": "kari@post.example", "consent": "yes"}
    notify.bring(at, "patients", *({"clinic_id": clinic} | patient for clinic in ZONES))
    return engines.kept(folder)


# What happens to an appointment: by_... turn something, a_... makes an event

Happen = Callable[[Notify, int, str, int], None]
Turn = Callable[[Notify, int, str, int, bool], None]


def by_module_command(notify: Notify, at: int, clinic: str, starts_at: int, is_on: bool) -> None:
    notify.call(at, "module", "enable" if is_on else "disable", clinic, "timebook")


def by_type_command(notify: Notify, at: int, clinic: str, starts_at: int, is_on: bool) -> None:
    notify.call(at, "type", "enable" if is_on else "disable", clinic, notify.type_id)


def by_clinics_file(notify: Notify, at: int, clinic: str, starts_at: int, is_on: bool) -> None:
    notify.bring(at, "clinics", {"clinic_id": clinic, "name": clinic, "timebook": "yes" if is_on else "no"})


def by_types_file(notify: Notify, at: int, clinic: str, starts_at: int, is_on: bool) -> None:
    notify.bring(
        at, "types", {"clinic_id": clinic, "type_id": notify.type_id, "notifications": "yes" if is_on else "no"}
    )


def by_another_type(notify: Notify, at: int, clinic: str, starts_at: int, is_on: bool) -> None:
    notify.appointment(at, clinic, starts_at, type_id="KONS" if is_on else "OFF")


def a_booking(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at, clinic, starts_at)


def a_change(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at, clinic, starts_at, location="Rom 1")


def a_cancellation(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at, clinic, starts_at, status="cancelled")
