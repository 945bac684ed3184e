"""Counts what the rows of one file did: new, changed, what happened, and how many future appointments it upsets.

Must not know the database.
"""

from collections.abc import Mapping
from typing import Any

from notifycli.intake.importing.steps import Step
from notifycli.intake.importing.tally import Affected, Tally, What
from notifycli.intake.kinds.kind import Fields, Kind
from notifycli.store.rows import AppointmentRow

WHAT: Mapping[str, What] = {"booking": "booking", "change": "move", "cancellation": "cancellation"}


class Counting:
    """Keeps the tally of one file. `clinics`: zone and country by clinic_id; `now`: UTC epoch seconds."""

    def __init__(self, kind: Kind, clinics: Mapping[str, tuple[str, str]], now: int) -> None:
        self.tally = Tally()
        self._kind = kind
        self._clinics = clinics
        self._now = now

    def count_new_appointments(self, fields: Fields) -> None:
        clinics, starts, events = fields["clinic_id"], fields["starts_at"], fields["events"]
        booked = [place for place, status in enumerate(fields["status"]) if status == "booked"]
        by_booking = [place for place in booked if events[place][0].kind == "booking"]
        self.tally.events["booking"] += len(by_booking)
        self.tally.new_of.update(clinics)
        self.tally.booked.update(clinics[place] for place in by_booking)
        self.tally.gained.update(clinics[place] for place in booked if starts[place] > self._now)
        for place in by_booking:
            if not self.tally.has_room("booking"):
                return
            row = AppointmentRow(**{field: of_rows[place] for field, of_rows in fields.items()})
            self.tally.note_first("booking", self._affected(row, None, row.starts_at))

    def count(self, step: Step, by: int) -> None:
        if step.before is None:
            self.tally.new += by
        elif self._kind.is_same(step.before, step.after):
            self.tally.unchanged += by
        else:
            self.tally.changed += by
        self.count_event(step.before, step.after, by)

    def count_event(self, before: Any, after: Any, by: int) -> None:
        event = self._kind.event_between(before, after)
        if event is not None:
            self.tally.events[event] += by
        if self._kind.name != "appointments":
            return
        future_before = before is not None and before.status == "booked" and before.starts_at > self._now
        future_after = after.status == "booked" and after.starts_at > self._now
        self.tally.gained[after.clinic_id] += by * (future_after - future_before)
        is_moved = event == "change" and before.starts_at != after.starts_at
        self.tally.moved += by * is_moved
        if future_before and event == "cancellation":
            self.tally.cancelled[after.clinic_id] += by
        is_of_another = before is not None and before.patient_id != after.patient_id
        if future_before and (is_moved or is_of_another) and event != "cancellation":
            self.tally.postponed[after.clinic_id] += by
        self.tally.new_of[after.clinic_id] += by * (before is None)
        if before is None and event == "booking":
            self.tally.booked[after.clinic_id] += by
        if event is None:
            return
        what: What = "relocation" if event == "change" and not is_moved else WHAT[event]
        if by < 0:
            self.tally.forget_first(what, after.clinic_id, after.appointment_id)
        elif self.tally.has_room(what):
            was = before.starts_at if before is not None and what != "booking" else None
            becomes = after.starts_at if what != "cancellation" else None
            self.tally.note_first(what, self._affected(after, was, becomes))

    def _affected(self, row: AppointmentRow, was: int | None, becomes: int | None) -> Affected:
        zone = self._clinics[row.clinic_id][0]
        return Affected(row.appointment_id, row.patient_id, row.clinic_id, zone, was, becomes)
