"""The program beside the model: a database and a clock for one story, and what must hold after every step of it.

Knows the command line, its JSON and the readable views of the database.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.support import engines
from tests.support.any_order_steps import (
    BASE,
    BASE_AT,
    MODULES_OF_BASE,
    SECRET,
    ZONES,
    as_row,
    iso,
    seconds_of,
    told_when,
    write_table,
)
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS, Answer, Program
from tests.support.contract_facts import Patient, Row
from tests.support.contract_model import World

VIEWS = {
    "appointments": "clinic, appointment, patient, type, starts_at, status, location, source",
    **dict.fromkeys(("patients", "dialogs", "receipts", "clinics", "switches", "status_changes"), "*"),
}


class Telling:
    """`has_cron`: whether time that passes ends with a run."""

    def __init__(self, folder: Path, beginning: int, has_cron: bool) -> None:
        engines.copy(database_with_the_base(), folder)
        self.folder, self.program, self.world = folder, program_in(folder), World(ZONES)
        self.now, self.has_run, self.has_cron = BASE_AT, False, has_cron
        self.files = self.asked = self.changes = 0
        self.shown: Counter[Row] = Counter()
        self.rows: list[dict[str, Any]] = []
        self.last_file: tuple[list[str], Callable[[], Counter[str]]] | None = None
        self.know_base()
        self.now = beginning

    def know_base(self) -> None:
        for clinic in ZONES:
            for name, is_on in (MODULES_OF_BASE | {"KONS": True, "OFF": False}).items():
                self.world.switches[clinic, name].bring(is_on, BASE_AT)
        for row in BASE["patients"]:
            self.know_patient(row["clinic_id"], row)

    def know_patient(self, clinic: str, row: dict[str, str]) -> None:
        cells = {column: cell for column, cell in row.items() if column not in ("clinic_id", "patient_id")}
        patient = self.world.patients.setdefault((clinic, row["patient_id"]), Patient(self.now))
        before = patient.ways()
        patient.bring(cells)
        self.a_way_may_have_come(clinic, row["patient_id"], before)

    def a_way_may_have_come(self, clinic: str, patient: str, before: set[str]) -> None:
        if self.world.patients[clinic, patient].ways() - before:
            self.world.reopen(clinic, patient, self.now)

    def pass_seconds(self, seconds: int) -> None:
        """At least one after a run, which cannot have known what comes later in its second."""
        self.now += max(seconds, int(self.has_run))
        if seconds and self.has_cron:
            self.run_now()
            self.now += 1
        self.has_run = False

    def run_now(self) -> None:
        """One run, and where it did something another in the same second, which finds nothing to do."""
        told = self.json("run")
        before, rows = self.shown, self.history()
        self.world.run(self.now, rows)
        assert rows == self.world.expected()
        self.check_texts()
        assert told["sent"] == sum(row.status == "sent" for row in (rows - before).elements())
        assert not told["failed"] + told["retrying"] + told["uncertain"]
        if rows != before:
            self.check_outbox()
            changes = self.stored("status_changes")
            assert not any(self.json("run").values())
            assert self.stored("status_changes") == changes
        self.has_run = True

    def history(self) -> Counter[Row]:
        """Read anew where the log of changes has grown."""
        [changes] = self.stored("status_changes").values()
        if len(changes) != self.changes:
            rows = self.rows = self.program.history(iso(self.now))
            self.shown, self.changes = Counter(map(as_row, rows)), len(changes)
        return self.shown

    def check_texts(self) -> None:
        """What goes out now gives the time and place that it must, in the clinic's zone, and nothing secret."""
        for row in self.rows:
            assert SECRET not in (row["text"] or "")
            if row["sent_at"] == iso(self.now) and row["subject"] == "appointment" and row["channel"] != "push":
                told = self.world.appointments[row["clinic"], row["subject_id"]].told
                places = [what for at, what, event, _ in told if (at, event) == (self.now, row["event"])]
                gives = partial(self.gives, row["text"], clinic=row["clinic"], event=row["event"])
                assert any(map(gives, places)), (row["text"], places)

    def gives(self, text: str, place: tuple[int, str], clinic: str, event: str) -> bool:
        """A change tells the former place, too."""
        starts_at, location = place
        is_without_other_place = event == "change" or ("Rom" in text) == bool(location)
        return all(part in text for part in (*told_when(starts_at, clinic), location)) and is_without_other_place

    def come(
        self, kind: str, rows: list[dict[str, str]], learn: Callable[[], Counter[str]], options: list[str] | None = None
    ) -> None:
        arguments, report = self.bring(kind, rows, options or [])
        events = learn()
        assert {event: number for event, number in report["events"].items() if number} == dict(events)
        self.last_file = (arguments, learn)

    def bring(
        self, kind: str, rows: list[dict[str, str]], options: list[str] | None = None
    ) -> tuple[list[str], dict[str, Any]]:
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        write_table(path, rows)
        os.utime(path, (self.now, self.now))
        arguments = ["import", str(path), *(options or [])]
        rehearsed = self.json(*arguments, "--dry-run") if self.files % 3 == 0 else None
        result = self.json(*arguments)
        if rehearsed is not None:  # it names the notices that would come, go and change as well
            rehearsed.pop("notices", None)
            for of_file in rehearsed["files"]:
                of_file.pop("notices", None)
            assert rehearsed == result
        [report] = result["files"]
        assert (report["kind"], report["error"], report["rejected"]) == (kind, None, 0), report
        counts = [report[name] for name in ("new", "changed", "unchanged", "stale", "rejected")]
        assert sum(counts) == report["rows"] == len(rows)
        return arguments, report

    def answer(self, *arguments: str) -> Answer:
        return self.program.call(iso(self.now), arguments)

    def call(self, *arguments: str) -> Answer:
        answer = self.answer(*arguments)
        assert answer.exit == 0, answer
        return answer

    def json(self, *arguments: str) -> Any:
        return json.loads(self.call(*arguments, "--json").out)

    def stored(self, *views: str) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of these views, or of all."""
        with engines.connected(self.folder) as connection:
            return {view: connection.execute(f"SELECT {VIEWS[view]} FROM {view}").fetchall() for view in views or VIEWS}

    def the_facts_are_those_that_came(self) -> None:
        stored = {row[:2]: row[2:] for row in self.stored("appointments")["appointments"]}
        assert stored == {
            key: (one.patient, one.last_type or None, iso(one.starts_at), one.status, one.location, one.source)
            for key, one in self.world.appointments.items()
        }

    def why_answers(self) -> None:
        """For one subject after each step, in turn."""
        subjects = [(clinic, "appointment", id_) for clinic, id_ in self.world.appointments] + [*self.world.posts]
        self.asked += 1
        if subjects:
            self.check_why(*subjects[self.asked % len(subjects)])

    def check_why(self, clinic: str, subject: str, id_: str) -> None:
        found = self.json("why", subject, id_, "--clinic", clinic)["notices"]
        told = Counter((one["event"], seconds_of(one["due_at"])) for one in found if one["verdict"] != "never")
        dues = [due for due in self.world.all_due(self.now) if not self.world.is_written(due)]
        known = Counter(
            (due.event, due.at) for due in [*dues, *self.world.written] if due[:3] == (clinic, subject, id_)
        )
        assert told == known

    def nothing_differs(self) -> None:
        """`verify`, of what came about honestly."""
        outbox = self.folder / "outbox"
        assert self.json("verify", *(("--outbox", str(outbox)) if outbox.exists() else ()))["findings"] == []

    def check_outbox(self) -> None:
        """Every delivery that is told to be sent left one message, and nothing else left any."""
        outbox = self.folder / "outbox"
        left = Counter(email=len(list(outbox.glob("email/new/*"))))
        for channel in ("sms", "push"):
            path = outbox / f"{channel}.jsonl"
            left[channel] = path.read_text(encoding="utf-8").count("\n") if path.exists() else 0
        sent = Counter(row.channel for row in self.world.expected().elements() if row.status == "sent")
        assert +left == +sent


@cache
def database_with_the_base() -> Path:
    with tempfile.TemporaryDirectory() as folder:
        program = program_in(Path(folder))
        paths = [program.folder / f"{kind}.csv" for kind in BASE]
        for path, rows in zip(paths, BASE.values(), strict=True):
            write_table(path, rows)
        answer = program.call(iso(BASE_AT), ["import", *map(str, paths)])
        assert answer.exit == 0, answer
        return engines.kept(program.folder)


def program_in(folder: Path) -> Program:
    (folder / "notify.toml").write_text(CONFIG_WITHOUT_LIMITS, encoding="utf-8")
    return Program(folder)
