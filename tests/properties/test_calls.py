"""SPEC sections 3 and 8, notify calls, under random stories: appointments are booked, moved, cancelled and given away,
contact details come and go; held against an oracle that knows the story and the history alone.

It asks no rule: told is what `history` shows as sent (or uncertain), unreached what it shows as no_contact, failed or
uncertain.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.support.timelines import NO_LIMITS, OSLO, PLACED, Timeline, table, visit

pytestmark = pytest.mark.slow

BEGINS = datetime(2026, 6, 3, 12, 0, tzinfo=OSLO)  # a Wednesday
# Nobody knows of an SMS to P3 whether it came; P6 has but a number, that no SMS gets through to; P7 has nothing.
PATIENTS = ("P1", "P3", "P4", "P6", "P7")
APPOINTMENTS = ("A1", "A2")
PLACES = ("Rom 1", "Rom 2")
ORDER = ("cancellation", "confirmation", "change", "reminder")
SENDS_SOME = (
    "import sys, json; number = json.loads(sys.stdin.readline())['to'][-2:]; "
    "refusal = {'error': 'no', 'kind': 'permanent', 'reason': 'number_not_in_use'}; "
    "sys.exit(1) if number == '03' else print(json.dumps(refusal if number == '06' else {'id': 'r'}))"
)
PROGRAM = f"['{sys.executable}', '-I', '-S', '-c', {json.dumps(SENDS_SOME)}]"
CONFIG = f'{NO_LIMITS}[sms]\ntransport = "command"\ncommand = {PROGRAM}\n'

Place = tuple[datetime, str]


@dataclass
class Stands:
    """An appointment as the clinic's system has it."""

    patient: str
    starts_at: datetime
    place: str
    is_booked: bool = True
    booked_at: str = ""
    given: int = 0  # how often it was given to another
    lost: dict[str, int] = field(default_factory=dict)  # by whom, at which of these times

    @property
    def where(self) -> Place:
        return (self.starts_at, self.place)


class Story:
    def __init__(self, folder: Path) -> None:
        self.timeline = Timeline.begun_in(folder, CONFIG)
        self.now = BEGINS
        self.stands: dict[str, Stands] = {}
        self.told: dict[tuple[str, str], Place] = {}  # appointment and patient -> what they (may) expect
        self.told_for_certain: dict[tuple[str, str], Place] = {}
        self.cancelled: dict[tuple[str, str], Place] = {}  # what their last cancellation ends
        self.seen: set[Any] = set()
        self.done: set[Any] = set()

    # Steps

    def book(self, appointment: str, patient: str, days: int, minutes: int, place: str) -> None:
        """Or book again, move, give to another: whatever the row makes of what is stored."""
        hour = 10 if appointment == "A1" else 14  # no two at the same time
        starts_at = (BEGINS + timedelta(days=days)).replace(hour=hour, minute=minutes)
        before = self.stands.get(appointment)
        if starts_at <= self.now:
            return
        stands = Stands(patient, starts_at, place, booked_at=f"{self.now:%m-%d %H:%M}")
        if before is not None:
            stands.booked_at, stands.given, stands.lost = before.booked_at, before.given, before.lost
            if before.patient != patient:
                stands.given += 1
                stands.lost[before.patient] = stands.given
        self.stands[appointment] = stands
        self.bring(appointment)

    def cancel(self, appointment: str) -> None:
        stands = self.stands.get(appointment)
        if stands is None or not stands.is_booked or stands.starts_at <= self.now:
            return
        stands.is_booked = False
        key = (appointment, stands.patient)
        self.cancelled[key] = self.told_for_certain.get(key, stands.where)
        self.bring(appointment)

    def bring(self, appointment: str) -> None:
        stands = self.stands[appointment]
        starts, now = (f"{at:%m-%d %H:%M}" for at in (stands.starts_at, self.now))
        cells = {"changed": now, "place": stands.place}
        if not stands.is_booked:
            cells |= {"status": "cancelled", "cancelled": now}
        row = visit(appointment, stands.patient, starts, stands.booked_at, **cells)
        path = self.timeline.written(table([row], PLACED), "appointments.csv")
        self.timeline.imported(f"{self.now:%m-%d %H:%M}", path)

    def set_contact(self, patient: str, email: str) -> None:
        at = f"{self.now:%m-%d %H:%M}"
        address = f"{patient.lower()}@post.example" if email else ""
        answer = self.timeline.call(at, "patient", "set", "nidelv", patient, "--email", address)
        assert answer.exit == 0, answer

    def mark_done(self, which: int) -> None:
        calls = self.calls()
        if calls:
            call = calls[which % len(calls)]
            answer = self.timeline.call(f"{self.now:%m-%d %H:%M}", "calls", "done", call["id"])
            assert answer.exit == 0, answer
            self.done.add(self.signature(call["subject_id"], call["patient"]))

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def run(self) -> None:
        """Six minutes later, when all that has happened is due; and learn what went out."""
        self.now += timedelta(minutes=6)
        self.timeline.run(f"{self.now:%m-%d %H:%M}")
        fresh = [row for row in self.rows() if self.identity(row) not in self.seen]
        for row in sorted(fresh, key=self.order):
            self.seen.add(self.identity(row))
            self.learn(row)

    def learn(self, row: dict[str, Any]) -> None:
        key, status = (row["subject_id"], row["patient"]), row["status"]
        if status not in ("sent", "uncertain"):
            return
        self.told_for_certain.pop(key, None)
        if row["event"] != "cancellation":
            self.told[key] = self.stands[row["subject_id"]].where
            if status == "sent":
                self.told_for_certain[key] = self.told[key]
        elif status == "sent":
            self.told.pop(key, None)

    # What the program shows

    def rows(self) -> list[dict[str, Any]]:
        return self.timeline.rows()

    @staticmethod
    def identity(row: dict[str, Any]) -> Any:
        return (row["notice"], row["channel"], row["status"], row["status_at"])

    @staticmethod
    def order(row: dict[str, Any]) -> Any:
        return (row["due_at"], ORDER.index(row["event"]))

    def calls(self) -> list[dict[str, Any]]:
        until = (BEGINS + timedelta(days=60)).isoformat()
        found: list[dict[str, Any]] = self.timeline.clinic.json("calls", "--until", until, at=self.now.isoformat())
        return found

    # The oracle

    def expected(self) -> list[tuple[str, str, str, str]]:
        """appointment, patient, reason, when"""
        found = []
        for appointment in self.stands:
            for patient in PATIENTS:
                call = self.call_to(appointment, patient)
                if call is not None and self.signature(appointment, patient) not in self.done:
                    found.append((appointment, patient, *call))
        return sorted(found)

    def call_to(self, appointment: str, patient: str) -> tuple[str, str] | None:
        stands, expects = self.stands[appointment], self.told.get((appointment, patient))
        if patient != stands.patient and expects is not None and expects[0] > self.now:
            return "given_away", expects[0].isoformat()
        latest = self.latest(appointment, patient)
        if latest is None or self.reason(latest) is None:
            return None
        if latest[0]["event"] == "cancellation":
            ends_at = self.cancelled[appointment, patient][0]
            is_true = patient != stands.patient or not stands.is_booked
        else:
            ends_at = stands.starts_at
            is_true = patient == stands.patient and stands.is_booked
        return (str(self.reason(latest)), ends_at.isoformat()) if is_true and ends_at > self.now else None

    def latest(self, appointment: str, patient: str) -> list[dict[str, Any]] | None:
        """All rows of the notice that is due last."""
        theirs = [row for row in self.rows() if (row["subject_id"], row["patient"]) == (appointment, patient)]
        last = max(theirs, key=self.order, default=None)
        return [row for row in theirs if row["notice"] == last["notice"]] if last else None

    @staticmethod
    def reason(notice: list[dict[str, Any]]) -> str | None:
        """Why it reached nobody."""
        statuses = {row["status"] for row in notice}
        if statuses == {"failed"}:
            return str(notice[-1]["reason"])
        if statuses <= {"failed", "uncertain"}:
            return "uncertain"
        return "no_contact" if {row["reason"] for row in notice} == {"no_contact"} else None

    def signature(self, appointment: str, patient: str) -> Any:
        """What must stay the same for a call that is done to stay done."""
        call, stands = self.call_to(appointment, patient), self.stands[appointment]
        if call is not None and call[0] == "given_away":
            return ("given_away", appointment, patient, stands.lost[patient], self.told[appointment, patient])
        latest = self.latest(appointment, patient) or [{"notice": None}]
        is_of_cancellation = latest[0].get("event") == "cancellation"
        place = self.cancelled[appointment, patient] if is_of_cancellation else stands.where
        return ("notice", appointment, patient, latest[0]["notice"], place)

    def check(self) -> None:
        calls = self.calls()
        shown = sorted(
            (call["subject_id"], call["patient"], call["reason"], datetime.fromisoformat(call["starts_at"]))
            for call in calls
        )
        expected = [(*rest, datetime.fromisoformat(at)) for *rest, at in self.expected()]
        assert shown == expected, self.timeline.history()
        assert [call["starts_at"] for call in calls] == sorted(call["starts_at"] for call in calls)
        assert len({call["id"] for call in calls}) == len(calls)


Step = Callable[[Story], None]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda *values: lambda story: story.book(*values),
        st.sampled_from(APPOINTMENTS),
        st.sampled_from(PATIENTS),
        st.integers(1, 9),
        st.sampled_from((0, 15)),
        st.sampled_from(PLACES),
    ),
    st.builds(lambda appointment: lambda story: story.cancel(appointment), st.sampled_from(APPOINTMENTS)),
    st.builds(
        lambda *values: lambda story: story.set_contact(*values),
        st.sampled_from(("P6", "P7")),
        st.sampled_from(("", "x")),
    ),
    st.builds(lambda which: lambda story: story.mark_done(which), st.integers(0, 5)),
    st.builds(lambda hours: lambda story: story.wait(hours), st.sampled_from((1, 20, 48))),
)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEPS, min_size=2, max_size=8))
def test_calls_are_what_the_story_asks_for(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        for step in steps:
            step(story)
            story.run()
            note(f"{story.now:%m-%d %H:%M} {story.stands} {story.expected()}")
            story.check()
