"""A small model of SPEC sections 3 to 5 for tests: the facts that came in, and the history that must come of them.

Must take nothing from the program, so that a mistake in the rules cannot hide in both. Instants are UTC epoch seconds.
It knows cells that are clean, and channels that always take what they are given.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.contract_facts import (
    DAY,
    EVENTS,
    HOUR,
    MINUTE,
    MODULES,
    ORDER,
    TIMES,
    WAITS,
    WAITS_FOR_A_SWITCH,
    Appointment,
    Due,
    Happened,
    Patient,
    Row,
    Switch,
)


class World:
    """All facts, and what SPEC says of them."""

    def __init__(self, zones: dict[str, ZoneInfo]) -> None:
        self.zones = zones
        self.switches: defaultdict[tuple[str, str], Switch] = defaultdict(Switch)  # (clinic, module or type)
        self.patients: dict[tuple[str, str], Patient] = {}
        self.appointments: dict[tuple[str, str], Appointment] = {}
        self.posts: dict[tuple[str, str, str], tuple[str, int | None, str]] = {}  # event, when, patient
        self.written: dict[Due, list[Row]] = {}
        self.post_known_at: dict[tuple[str, str, str], int] = {}
        self.waiting: set[Due] = set()
        self.reopened: set[Due] = set()

    # Section 3: what comes in

    def bring_appointments(
        self, clinic: str, rows: list[dict[str, Any]], now: int, migrated: bool, file_at: int
    ) -> Counter[str]:
        """A table as a whole is as fresh as its newest stamp; of two rows about one appointment the later stamp counts,
        then the booked one, then the later row."""
        stamps = [row[column] for row in rows for column in TIMES if row.get(column) is not None]
        newest = max([at for at in stamps if at <= now], default=0)
        winners: dict[str, tuple[tuple[int, bool], dict[str, Any]]] = {}
        stored = {row["appointment_id"]: self.appointments.get((clinic, row["appointment_id"])) for row in rows}
        is_taken = dict.fromkeys(stored, False)
        for row in rows:
            rank = (self._freshness(row, now, file_at), row["status"] == "booked")
            id_ = row["appointment_id"]
            if not is_taken[id_] or rank >= winners[id_][0]:
                winners[id_], is_taken[id_] = (rank, row), True
        events: Counter[str] = Counter()
        for (fresh_at, _), row in winners.values():
            old = self.appointments.setdefault((clinic, row["appointment_id"]), Appointment(row["patient_id"]))
            if old.fresh_at <= max(fresh_at, newest):
                events.update(self._bring_appointment(old, row, now, migrated, fresh_at, newest))
        return events

    @staticmethod
    def _freshness(row: dict[str, Any], now: int, file_at: int) -> int:
        given = [row[column] for column in TIMES if row.get(column) is not None]
        has_changes = "changed_at" in row or "cancelled_at" in row
        return max(given) if has_changes and given and max(given) <= now else file_at

    def _bring_appointment(
        self, one: Appointment, row: dict[str, Any], now: int, migrated: bool, fresh_at: int, newest: int
    ) -> Iterator[str]:
        was, stood, ended_with = one.state, (one.starts_at, one.location), one.ends_with
        before = (one.status, one.starts_at, one.location, list(one.types))
        last_type = one.last_type or ""
        one.status, one.starts_at = row["status"], row["starts_at"]
        one.location = row.get("location", one.location)
        one.source = row.get("source", one.source) or ("migrated" if migrated else "local")
        migrated = migrated or row.get("source") == "migrated"
        if one.state == "ended":
            one.ends_with = ended_with if was == "ended" else was
        appointment_event = self._happening(was, ended_with, stood, one, migrated, row, now)
        type_id = row.get("type_id", last_type) or ("migrated" if migrated or last_type == "migrated" else "")
        last = one.happened[-1].at if one.happened else -1
        kind, at = appointment_event or ("", None)
        at = now if at is None or at > now or at <= last else at
        if type_id != last_type:
            since = at if kind == "booking" else now
            one.types += [(since, type_id)] if one.types or was == "nothing" else [(0, ""), (since, type_id)]
        if was == "nothing" or before != (one.status, one.starts_at, one.location, one.types):
            one.fresh_at = max(fresh_at, newest)
        else:
            given = [row[column] for column in TIMES if row.get(column) is not None]
            has_changes = "changed_at" in row or "cancelled_at" in row
            one.fresh_at = max(one.fresh_at, max(given) if has_changes and given and max(given) <= now else 0)
        if one.state == "open":
            one.seen_open_at = now
        one.times |= {column: row[column] if (row[column] or 0) <= now else None for column in TIMES if column in row}
        if appointment_event is None:
            return
        moved = kind == "change" and stood[0] != one.starts_at
        one.happened.append(Happened(kind, at, moved, now, (one.starts_at, one.location)))
        if kind != "migration":
            yield kind

    @staticmethod
    def _happening(
        was: str,
        ended_with: str,
        stood: tuple[int, str],
        one: Appointment,
        migrated: bool,
        row: dict[str, Any],
        now: int,
    ) -> Any:
        def new(column: str) -> int | None:
            """None where it is missing, or was stored already."""
            at = row.get(column)
            return None if at is None or at == one.times.get(column) else at

        state, stands = one.state, ended_with if was == "ended" else was
        place = (one.starts_at, one.location)
        if state == "booked" and was in ("nothing", "open") and migrated:
            return "migration", None
        if state == "booked" and was == "nothing":
            return "booking", row.get("booked_at")
        if state == "booked" and was == "open":
            times = [at for at in (new("changed_at"), new("booked_at")) if at is not None and at >= one.seen_open_at]
            return "booking", times[0] if times else None
        if state == "booked" and stands == "booked" and place != stood:
            if was == "ended" and (row.get("booked_at") or 0) > stood[0]:
                return "booking", new("booked_at")
            return "change", new("changed_at")
        if state == "booked" and stands == "cancelled":
            return "booking", new("changed_at")
        if state == "booked" and was == "ended" and stands != "booked":
            return ("booking", new("changed_at")) if now < one.starts_at else None
        if (state == "cancelled" and stands == "booked") or (state == "open" and was == "booked"):
            return "cancellation", new("changed_at") if row.get("cancelled_at") is None else new("cancelled_at")
        return None

    # Section 4: when a notice is due, and why it is skipped

    def why_off(self, due: Due, at: int) -> str | None:
        if not self.switches[due.clinic, MODULES[due.subject]].is_on(at):
            return "module_off"
        if due.subject != "appointment":
            return None
        type_id = self.appointments[due.clinic, due.id].type_at(at)
        return None if type_id and self.switches[due.clinic, type_id].is_on(at) else "type_off"

    def all_due(self, now: int) -> list[Due]:
        found = [due for key, one in self.appointments.items() for due in self._due_of(*key, one, now)]
        for (clinic, subject, id_), (event, at, _) in self.posts.items():
            due = Due(clinic, subject, id_, event, 1, at or 0, at or 0)
            found += [due] if at is not None and not self.why_off(due, at) else []
        return sorted(found, key=lambda due: (due.at, ORDER.index(due.event)))

    def _due_of(self, clinic: str, id_: str, one: Appointment, now: int) -> Iterator[Due]:
        numbers: Counter[str] = Counter()
        for kind, at, *_ in one.happened:
            numbers[kind] += 1
            due = Due(clinic, "appointment", id_, EVENTS.get(kind, ""), numbers[kind], at + 5 * MINUTE, at)
            if due.event and not self.why_off(due, at):
                yield due
        registered = [at for kind, at, moved, *_ in one.happened if kind in ("booking", "migration") or moved]
        line = one.starts_at - 48 * HOUR
        if one.state != "booked" or not registered or registered[-1] > line:
            return
        reminder = Due(clinic, "appointment", id_, "reminder", one.starts_at, line, line)
        active_at = self._active_from(reminder, one, now)
        if active_at is None:
            return
        first, last = (datetime.fromtimestamp(at, self.zones[clinic]).date() for at in (active_at, one.starts_at))
        if active_at == line or (last - first).days >= 2:
            yield reminder._replace(at=active_at)

    def _active_from(self, due: Due, one: Appointment, now: int) -> int | None:
        switches = [self.switches[due.clinic, "timebook"], *(self.switches[due.clinic, name] for _, name in one.types)]
        turns = {at for switch in switches for at, _ in switch.turns} | {since for since, _ in one.types}
        later = sorted(at for at in turns if due.at < at <= now)
        return next((at for at in [due.at, *later] if not self.why_off(due, at)), None)

    def reason(self, due: Due, now: int) -> str | None:
        """The first of R10 to R19 that holds; None: it goes out; WAITS: for its patient."""
        one = self.appointments.get((due.clinic, due.id)) if due.subject == "appointment" else None
        patient = self.patients.get((due.clinic, self.patient_of(due)))
        if one and (reason := self._reason_of_appointment(due, one)):
            return reason
        too_late_at = self.too_late_at(due, one)
        if now >= too_late_at:
            waited = max(due.at, self.known_at(due, one)) < too_late_at and not (
                patient and patient.known_since < too_late_at
            )
            return "unknown_patient" if waited else "too_late"
        if off := self.why_off(due, now):
            return (
                WAITS_FOR_A_SWITCH
                if one and due.event == "reminder" and self._may_be_on_in_time(due, one, now)
                else off
            )
        if patient is None:
            return WAITS
        if patient.now["consent"] != "yes":
            return "no_consent"
        if not patient.addresses():
            return "no_contact"
        return "covered" if one and self._is_covered(due, one) else None

    def too_late_at(self, due: Due, one: Appointment | None) -> int:
        if one is None:
            return due.at + 7 * DAY
        if due.event != "cancellation":
            return one.starts_at
        gives_at = self.gives(due, one)[0]
        return gives_at + DAY if gives_at > due.since else due.since

    def known_at(self, due: Due, one: Appointment | None) -> int:
        if one is None:
            return self.post_known_at[due.clinic, due.subject, due.id]
        if due.event == "reminder":
            registered = [event for event in one.happened if event.kind in ("booking", "migration") or event.moved]
            return registered[-1].known_at
        return [event for event in one.happened if EVENTS.get(event.kind) == due.event][due.number - 1].known_at

    def _may_be_on_in_time(self, due: Due, one: Appointment, now: int) -> bool:
        today, day = (datetime.fromtimestamp(at, self.zones[due.clinic]).date() for at in (now, one.starts_at))
        return (day - today).days >= 2

    def gives(self, due: Due, one: Appointment) -> tuple[int, str]:
        """A cancellation: what the patient was last told before the next booking, else what was cancelled."""
        events = list(one.happened)
        place = [index for index, event in enumerate(events) if event.kind == "cancellation"][due.number - 1]
        again = [event.known_at for event in events[place + 1 :] if event.kind == "booking"]
        told = [one_ for one_ in one.told if one_[2:] != (due.event, due.number) and (not again or one_[0] < again[0])]
        return told[-1][1] if told and told[-1][2] != "cancellation" else events[place].gives

    def _is_covered(self, due: Due, one: Appointment) -> bool:
        told = [telling for telling in one.told if telling[2:] != (due.event, due.number)]
        if due.event not in ("change", "reminder") or not told or told[-1][1] != (one.starts_at, one.location):
            return False
        at, _, event, _ = told[-1]
        if event == "cancellation":
            return False
        return due.event == "change" or (event != "reminder" and at >= one.starts_at - 48 * HOUR)

    def _reason_of_appointment(self, due: Due, one: Appointment) -> str | None:
        if one.source == "digicare":
            return "third_party"
        if due.event != "cancellation" and one.state in ("cancelled", "open"):
            return "cancelled"
        newer = [event.at for event in one.happened if EVENTS.get(event.kind) == due.event][due.number :]
        if any(not self.why_off(due, at) for at in newer):
            return "superseded"
        if due.event == "cancellation" and self.gives(due, one)[0] in self._booked_starts(due.clinic, one.patient):
            return "superseded"
        if due.event == "reminder" and due.number != one.starts_at:
            return "superseded"
        return "ended" if one.state == "ended" else None

    def _booked_starts(self, clinic: str, patient: str) -> set[int]:
        theirs = [one for (of, _), one in self.appointments.items() if of == clinic and one.patient == patient]
        return {one.starts_at for one in theirs if one.state == "booked"}

    def patient_of(self, due: Due) -> str:
        if due.subject == "appointment":
            return self.appointments[due.clinic, due.id].patient
        return self.posts[due.clinic, due.subject, due.id][2]

    def is_written(self, due: Due) -> bool:
        """A reminder belongs to its starts_at, and a dialog happens once, whatever it is called later."""
        key = due[:3] if due.subject != "appointment" else due[:5]
        return any(key == one[: len(key)] for one in self.written)

    # A run

    def run(self, now: int, shown: Counter[Row]) -> None:
        """Writes what is due. What waits for its patient may be looked at by a run, or not: `shown` tells."""
        for due in sorted({*self.all_due(now), *self.reopened}, key=lambda due: (due.at, ORDER.index(due.event))):
            if due.at <= now and (due in self.reopened or not self.is_written(due)):
                self.reopened.discard(due)
                reason = self.reason(due, now)
                rows = self.rows(due, reason, now)
                is_awaited = due in self.waiting and (due.clinic, self.patient_of(due)) not in self.patients
                if reason == WAITS_FOR_A_SWITCH:
                    continue
                if reason == WAITS:
                    self.waiting.add(due)
                elif not is_awaited or reason == "unknown_patient" or shown[rows[0]]:
                    self.write(due, rows, now)

    def reopen(self, clinic: str, patient: str, now: int) -> None:
        """R18: a way has become possible; what it comes too late for stays as it is."""
        for due, rows in self.written.items():
            one = self.appointments.get((due.clinic, due.id)) if due.subject == "appointment" else None
            is_theirs = (rows[0].clinic, rows[0].patient, rows[0].reason) == (clinic, patient, "no_contact")
            if is_theirs and now < self.too_late_at(due, one):
                self.reopened.add(due)

    def rows(self, due: Due, reason: str | None, now: int) -> list[Row]:
        row = Row(*due[:3], self.patient_of(due), due.event, due.at, "skipped", reason, None, None, None)
        if reason is not None:
            return [row]
        addresses = self.patients[due.clinic, row.patient].addresses()
        return [row._replace(status="sent", channel=one, address=to, sent_at=now) for one, to in addresses.items()]

    def write(self, due: Due, rows: list[Row], now: int) -> None:
        self.written[due] = rows
        if rows[0].status == "sent" and due.subject == "appointment":
            one = self.appointments[due.clinic, due.id]
            what = self.gives(due, one) if due.event == "cancellation" else (one.starts_at, one.location)
            one.told = [telling for telling in one.told if telling[2:] != (due.event, due.number)]
            one.told.append((now, what, due.event, due.number))

    def expected(self) -> Counter[Row]:
        return Counter(row for rows in self.written.values() for row in rows)
