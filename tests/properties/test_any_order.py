"""The whole program under steps in any order: imports, switches, settings of staff, time, runs; beside the model.

What must hold is in contract_model.py, in any_order_checks.py, and beside some steps here: SPEC sections 1, 3 to 5, 8.
"""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from tests.support.any_order_checks import Telling
from tests.support.any_order_steps import (
    MODULES_OF_BASE,
    PATIENT_OF,
    SECRET,
    Step,
    Story,
    as_row,
    goes_by_the_time_of_its_import,
    iso,
    not_later,
    seconds_of,
    story_of,
    written_time,
)
from tests.support.contract_facts import DAY, HOUR, MINUTE, TIMES, WAITS_FOR_A_SWITCH, Row

pytestmark = pytest.mark.slow


class Steps(Telling):
    """Each method is a step: it does something to the program and tells the model of it."""

    def take(self, step: Step) -> None:
        getattr(self, step.name)(**step.arguments)
        self.the_facts_are_those_that_came()
        self.why_answers()

    def appointments_come(
        self, clinic: str, rows: list[dict[str, Any]], left_out: tuple[str, ...], migrated: bool, later: int
    ) -> None:
        self.pass_seconds(later)
        left_out = (*left_out, "source") if migrated else left_out
        meant = [self.as_it_is_meant(clinic, row, left_out) for row in rows]
        options, file_at = ["--migrated"] if migrated else [], self.now
        self.come(
            "appointments",
            [self.as_it_is_written(clinic, row) for row in meant],
            lambda: self.world.bring_appointments(clinic, meant, self.now, migrated, file_at),
            options,
        )
        if goes_by_the_time_of_its_import(meant, self.now):
            self.last_file = None

    def an_appointment_is_booked_changed_or_cancelled(
        self, clinic: str, id_: str, status: str, starts_at: int | None, location: str, later: int
    ) -> None:
        """As a clinic's system tells of it in the ordinary way, a moment after it happened."""
        row = {"appointment_id": id_, "status": status, "starts_at": starts_at, "location": location, "source": ""}
        times = dict.fromkeys(TIMES) | {"booked_at": 1, "changed_at": 1}
        self.appointments_come(clinic, [row | {"type_id": "KONS"} | times], (), False, later)

    def as_it_is_meant(self, clinic: str, row: dict[str, Any], left_out: tuple[str, ...]) -> dict[str, Any]:
        stored = self.world.appointments.get((clinic, row["appointment_id"]))
        starts_at = row["starts_at"]
        kept = stored.starts_at if stored else self.now + 3 * DAY
        times = {column: None if row[column] is None else self.now - row[column] for column in TIMES}
        whole = row | times | {"starts_at": kept if starts_at is None else self.now + starts_at}
        whole["patient_id"] = PATIENT_OF[row["appointment_id"]]
        return {column: value for column, value in whole.items() if column not in left_out}

    def as_it_is_written(self, clinic: str, row: dict[str, Any]) -> dict[str, str]:
        times = {column: written_time(row[column], clinic) for column in (*TIMES, "starts_at") if column in row}
        return {"clinic_id": clinic} | row | times

    def patients_come(self, clinic: str, rows: list[dict[str, str]], left_out: tuple[str, ...], later: int) -> None:
        self.pass_seconds(later)
        kept = [{column: cell for column, cell in row.items() if column not in left_out} for row in rows]
        latest = {row["patient_id"]: row for row in kept}

        def learn() -> Counter[str]:
            for row in latest.values():
                self.know_patient(clinic, row)
            return Counter()

        written = [{"clinic_id": clinic, "given_name": SECRET, "push_allowed": "yes"} | row for row in kept]
        self.come("patients", written, learn)

    def a_dialog_comes(self, clinic: str, id_: str, kind: str, ago: int | None, later: int) -> None:
        self.pass_seconds(later)
        sent_at = None if ago is None else self.now - ago
        stored_event, _, _ = self.world.posts.get((clinic, "dialog", id_), ("", None, ""))
        if stored_event:  # SPEC leaves open which of two kinds has happened
            kind = "dialog" if stored_event == "dialog" else "edialog"

        def learn() -> Counter[str]:
            _, stored_at, _ = self.world.posts.get((clinic, "dialog", id_), ("", None, ""))
            event = "dialog" if kind == "dialog" else "reply"
            at = not_later(sent_at, self.now) if stored_at is None else stored_at
            if stored_at is None:
                self.world.post_known_at[clinic, "dialog", id_] = self.now
            self.world.posts[clinic, "dialog", id_] = (event, at, PATIENT_OF[id_])
            return Counter([event] if stored_at is None else [])

        row = {"clinic_id": clinic, "dialog_id": id_, "patient_id": PATIENT_OF[id_], "kind": kind}
        self.come("dialogs", [row | {"sent_at": written_time(sent_at, clinic)}], learn)

    def a_bill_card_comes(self, clinic: str, id_: str, status: str, ago: int | None, later: int) -> None:
        self.pass_seconds(later)
        paid_at = None if ago is None else self.now - ago

        def learn() -> Counter[str]:
            _, stored_at, _ = self.world.posts.get((clinic, "receipt", id_), ("", None, ""))
            is_first = stored_at is None and status == "paid"
            at = not_later(paid_at, self.now) if is_first else stored_at
            if stored_at is None:
                self.world.post_known_at[clinic, "receipt", id_] = self.now
            self.world.posts[clinic, "receipt", id_] = ("receipt", at, PATIENT_OF[id_])
            return Counter(["receipt"] if is_first else [])

        row = {"clinic_id": clinic, "receipt_id": id_, "patient_id": PATIENT_OF[id_], "status": status}
        self.come("receipts", [row | {"paid_at": written_time(paid_at, clinic)}], learn)

    def a_type_comes(self, clinic: str, type_id: str, on: str, later: int) -> None:
        self.pass_seconds(later)
        row = {"clinic_id": clinic, "type_id": type_id, "name": SECRET, "notifications": on}
        self.come("types", [row], lambda: self.turned_by_import(clinic, {type_id: on}))

    def a_clinic_comes(self, clinic: str, modules: dict[str, str], later: int) -> None:
        self.pass_seconds(later)
        row = {"clinic_id": clinic, "name": clinic.title()} | modules
        self.come("clinics", [row], lambda: self.turned_by_import(clinic, modules))

    def turned_by_import(self, clinic: str, cells: dict[str, str]) -> Counter[str]:
        for name, cell in cells.items():
            self.world.switches[clinic, name].bring(cell == "yes", self.now)
        return Counter()

    def a_switch_is_turned(self, clinic: str, name: str, is_on: bool, later: int) -> None:
        self.pass_seconds(later)
        noun = "module" if name in MODULES_OF_BASE else "type"
        self.call(noun, "enable" if is_on else "disable", clinic, name)
        self.world.switches[clinic, name].turns.append((self.now, is_on))

    def a_switch_is_off_for_a_while(self, clinic: str, name: str, later: int, seconds: int) -> None:
        self.a_switch_is_turned(clinic, name, False, later)
        self.a_switch_is_turned(clinic, name, True, seconds)
        self.run_now()

    def staff_set(self, clinic: str, patient: str, place: str, value: str, later: int) -> None:
        self.pass_seconds(later)
        option = "--method" if place == "preferred_method" else f"--{place}"
        given = value or "default" if option == "--method" else value
        if known := self.world.patients.get((clinic, patient)):
            self.call("patient", "set", clinic, patient, option, given)
            before = known.ways()
            known.now[place] = value
            self.a_way_may_have_come(clinic, patient, before)
        else:
            assert self.answer("patient", "set", clinic, patient, option, given).exit == 2

    def time_passes(self, seconds: int) -> None:
        self.pass_seconds(seconds)
        self.run_now()

    def it_comes_to_what_is_next(self, ahead: int) -> None:
        """To the second in which something becomes due or too late, or the one before it."""
        moments = [due.at for due in self.world.all_due(self.now)]
        moments += [one.starts_at for one in self.world.appointments.values()]
        later = [at for at in moments if at + ahead > self.now]
        self.pass_seconds(min(later, default=self.now + 1) + ahead - self.now)
        self.run_now()

    def the_same_file_comes_again(self, later: int) -> None:
        if self.last_file is None:
            return
        self.pass_seconds(later)
        arguments, learn = self.last_file
        before = self.stored()
        [report] = self.json(*arguments)["files"]
        assert not +learn(), "the test's own file makes something happen again"
        assert report["unchanged"] + report["stale"] == report["rows"]
        assert not any(report["events"].values())
        assert self.stored() == before

    def staff_look_at_a_skipped_notice_again(self, place: int) -> None:
        skipped = [row for row in self.program.history(iso(self.now)) if row["status"] == "skipped"]
        chosen = skipped[place % len(skipped)] if skipped else {}
        of_it = [due for due, rows in self.world.written.items() if skipped and as_row(chosen) in rows]
        if len(of_it) != 1 or (chosen["clinic"], chosen["patient"]) not in self.world.patients:
            return
        [due] = of_it
        self.pass_seconds(0)
        reason = self.world.reason(due, self.now)
        answer = self.answer("retry", str(chosen["notice"]))
        assert answer.exit in (0, 1), answer
        if reason != WAITS_FOR_A_SWITCH:
            self.world.reopened.discard(due)
            self.world.write(due, self.world.rows(due, reason, self.now), self.now)
        self.run_now()

    def what_is_said_to_come_comes(self, horizon: int) -> None:
        """`upcoming`, and then runs in every minute or second in which something is due: exactly that goes out."""
        self.pass_seconds(0)
        end = self.now + horizon
        said = self.json("upcoming", "--until", iso(end))
        before = self.world.expected()
        runs = {self.now, end, *(max(self.now, seconds_of(one["due_at"])) for one in said)}
        runs |= set(range(self.now, end, MINUTE)) if horizon <= HOUR else set()
        rehearsed = self.json("run", "--dry-run")["notices"]
        for at in sorted(runs):
            self.now = at
            self.run_now()
            if at == min(runs):
                self.it_was_said(rehearsed, before)
        self.it_was_said(said, before)

    def it_was_said(self, said: list[dict[str, Any]], before: Counter[Row]) -> None:
        """But for unknown patients, whose notices may wait: nobody knows when the patient comes."""
        foretold = Counter(
            (one["clinic"], one["subject_id"], one["event"], seconds_of(one["due_at"]), channel, one["reason"])
            for one in said
            for channel in one["channels"] or [None]
            if (one["clinic"], one["patient"]) in self.world.patients
        )
        came = Counter(
            (row.clinic, row.id, row.event, row.due_at, row.channel, row.reason)
            for row in (self.world.expected() - before).elements()
            if (row.clinic, row.patient) in self.world.patients
        )
        assert foretold == came


def tell(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = Steps(Path(folder), story.beginning, story.has_cron)
        for step in story.steps:
            told.take(step)
        told.nothing_differs()


def fails(story: Story) -> bool:
    try:
        tell(story)
    except Exception:
        return True
    return False


def shortened(story: Story) -> Story:
    """Without the steps that a failure can do without."""
    for place in reversed(range(len(story.steps))):
        shorter = story._replace(steps=story.steps[:place] + story.steps[place + 1 :])
        story = shorter if fails(shorter) else story
    return story


@given(number=st.integers(0, 2**64 - 1))
@settings(max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate])
def test_in_any_order_what_goes_out_is_what_the_contract_says(number: int) -> None:
    story = story_of(number)
    if fails(story):
        story = shortened(story)
        note("\n".join(map(str, [story.beginning, story.has_cron, *story.steps])))
        tell(story)
        raise AssertionError("it failed once, and not again")
