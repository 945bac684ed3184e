"""A small model of SPEC sections 3 to 5 for tests: the facts that came in, and the history that must come of them.

Must take nothing from the program, so that a mistake in the rules cannot hide in both. Instants are UTC epoch seconds.
It knows cells that are clean, and channels that always take what they are given.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3600, 86400
STATES = {
    "booked": "booked",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "fulfilled": "ended",
    "noshow": "ended",
    "proposed": "open",
    "waitlist": "open",
}
TIMES = ("booked_at", "changed_at", "cancelled_at")
EVENTS = {"booking": "confirmation", "change": "change", "cancellation": "cancellation"}
ORDER = ("confirmation", "change", "cancellation", "reminder", "dialog", "reply", "receipt")
MODULES = {"appointment": "timebook", "dialog": "post", "receipt": "economy"}
WAITS = "waits"


class Switch:
    """Off until it is first turned; takes effect from that second."""

    def __init__(self) -> None:
        self.turns: list[tuple[int, bool]] = []
        self.imported: bool | None = None

    def bring(self, is_on: bool, at: int) -> None:
        """A cell overwrites only where it differs from what was last imported."""
        if is_on != self.imported:
            self.turns.append((at, is_on))
        self.imported = is_on

    def is_on(self, at: int) -> bool:
        return next((is_on for since, is_on in reversed(self.turns) if since <= at), False)


class Patient:
    PLACES_OF_STAFF = ("email", "mobile", "consent", "preferred_method")

    def __init__(self, known_since: int) -> None:
        self.known_since = known_since
        self.now: dict[str, Any] = {
            "email": "",
            "mobile": "",
            "consent": "no",
            "preferred_method": "",
            "push_token": "",
        }
        self.imported: dict[str, Any] = {}

    def bring(self, cells: dict[str, str]) -> None:
        for column, cell in cells.items():
            if column not in self.PLACES_OF_STAFF or cell != self.imported.get(column, ""):
                self.now[column] = cell
            self.imported[column] = cell

    def addresses(self) -> dict[str, str]:
        """By the channels of section 5 that a notice takes now; none where neither e-mail nor SMS is possible."""
        email, mobile, method = self.now["email"], self.now["mobile"], self.now["preferred_method"]
        gets_sms = mobile.startswith(("9", "4"))
        possible = ({"email": email} if email else {}) | ({"sms": f"+47{mobile}"} if gets_sms else {})
        first = "sms" if method == "sms" else "email"
        chosen = {first: possible[first]} if method != "both" and first in possible else possible
        push = {"push": self.now["push_token"]} if possible and not method and self.now["push_token"] else {}
        return chosen | push


@dataclass
class Appointment:
    patient: str
    status: str = ""
    starts_at: int = 0
    location: str = ""
    source: str = ""
    fresh_at: int = 0
    types: list[tuple[int, str]] = field(default_factory=list)
    happened: list[tuple[str, int, bool]] = field(default_factory=list)
    said: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        return STATES.get(self.status, "nothing")

    @property
    def last_type(self) -> str | None:
        return self.types[-1][1] if self.types else None

    def type_at(self, at: int) -> str:
        later = [one for since, one in self.types[1:] if since <= at]
        return [*(one for _, one in self.types[:1]), *later][-1] if self.types else ""


class Due(NamedTuple):
    """A notice that a rule makes due; `since`: the moment that R19 counts from."""

    clinic: str
    subject: str
    id: str
    event: str
    number: int
    at: int
    since: int


class Row(NamedTuple):
    """What `history` says of one delivery, or of a notice that was skipped."""

    clinic: str
    subject: str
    id: str
    patient: str
    event: str
    due_at: int
    status: str
    reason: str | None
    channel: str | None
    address: str | None
    sent_at: int | None


class World:
    """All facts, and what SPEC says of them."""

    def __init__(self, zones: dict[str, ZoneInfo]) -> None:
        self.zones = zones
        self.switches: defaultdict[tuple[str, str], Switch] = defaultdict(Switch)  # (clinic, module or type)
        self.patients: dict[tuple[str, str], Patient] = {}
        self.appointments: dict[tuple[str, str], Appointment] = {}
        self.posts: dict[tuple[str, str, str], tuple[str, int | None, str]] = {}  # event, when, patient
        self.written: dict[Due, list[Row]] = {}
        self.waiting: set[Due] = set()

    # Section 3: what comes in

    def bring_appointments(self, clinic: str, rows: list[dict[str, Any]], now: int, migrated: bool) -> Counter[str]:
        freshest: dict[str, tuple[int, dict[str, Any]]] = {}
        for row in rows:
            given = [min(row[column], now) for column in TIMES if row.get(column) is not None]
            fresh_at = max(given, default=now)
            if fresh_at >= freshest.get(row["appointment_id"], (fresh_at,))[0]:
                freshest[row["appointment_id"]] = (fresh_at, row)
        events: Counter[str] = Counter()
        for fresh_at, row in freshest.values():
            old = self.appointments.setdefault((clinic, row["appointment_id"]), Appointment(row["patient_id"]))
            if old.fresh_at <= fresh_at:
                old.fresh_at = fresh_at
                events.update(self._bring_appointment(old, row, now, migrated))
        return events

    def _bring_appointment(self, one: Appointment, row: dict[str, Any], now: int, migrated: bool) -> Iterator[str]:
        was, stood = one.state, (one.starts_at, one.location)
        last_type = one.last_type or ""
        one.status, one.starts_at = row["status"], row["starts_at"]
        one.location = row.get("location", one.location)
        one.source = row.get("source", one.source) or ("migrated" if migrated else "local")
        migrated = migrated or row.get("source") == "migrated"
        type_id = row.get("type_id", last_type) or ("migrated" if migrated or last_type == "migrated" else "")
        if type_id != last_type:
            one.types.append((now, type_id))
        happening = self._happening(was, one.state, stood != (one.starts_at, one.location), migrated, row)
        if happening is None:
            return
        kind, at = happening
        last = one.happened[-1][1] if one.happened else -1
        at = now if at is None or at > now or at <= last else at
        one.happened.append((kind, at, kind == "change" and stood[0] != one.starts_at))
        if kind != "migration":
            yield kind

    @staticmethod
    def _happening(was: str, state: str, differs: bool, migrated: bool, row: dict[str, Any]) -> Any:
        booked, changed, cancelled = (row.get(column) for column in TIMES)
        if state == "booked" and was == "nothing" and migrated:
            return "migration", None
        if state == "booked" and (was == "nothing" or (was == "open" and not migrated)):
            return "booking", booked
        if state == "booked" and was == "cancelled":
            return "booking", changed
        if state == "booked" and was == "booked" and differs:
            return "change", changed
        if state in ("cancelled", "open") and was == "booked":
            return "cancellation", changed if cancelled is None else cancelled
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
        for kind, at, _ in one.happened:
            numbers[kind] += 1
            due = Due(clinic, "appointment", id_, EVENTS.get(kind, ""), numbers[kind], at + 5 * MINUTE, at)
            if due.event and not self.why_off(due, at):
                yield due
        registered = [at for kind, at, moved in one.happened if kind in ("booking", "migration") or moved]
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
        too_late_at = due.at + 7 * DAY if one is None else one.starts_at + DAY * (due.event == "cancellation")
        if now >= too_late_at:
            return "too_late" if patient and patient.known_since < too_late_at else "unknown_patient"
        if off := self.why_off(due, now):
            return off
        if patient is None:
            return WAITS
        if patient.now["consent"] != "yes":
            return "no_consent"
        if not patient.addresses():
            return "no_contact"
        is_said = one and any(said[0] >= due.since and said[1:] == (one.starts_at, one.location) for said in one.said)
        return "covered" if is_said and due.event in ("change", "reminder") else None

    def _reason_of_appointment(self, due: Due, one: Appointment) -> str | None:
        if one.source == "digicare":
            return "third_party"
        if due.event != "cancellation" and one.state in ("cancelled", "open"):
            return "cancelled"
        newer = [at for kind, at, _ in one.happened if EVENTS.get(kind) == due.event][due.number :]
        if any(not self.why_off(due, at) for at in newer) or (due.event == "cancellation" and one.state == "booked"):
            return "superseded"
        if due.event == "reminder" and due.number != one.starts_at:
            return "superseded"
        return "ended" if one.state == "ended" else None

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
        for due in self.all_due(now):
            if due.at <= now and not self.is_written(due):
                reason = self.reason(due, now)
                rows = self.rows(due, reason, now)
                is_awaited = due in self.waiting and (due.clinic, self.patient_of(due)) not in self.patients
                if reason == WAITS:
                    self.waiting.add(due)
                elif not is_awaited or reason == "unknown_patient" or shown[rows[0]]:
                    self.write(due, rows, now)

    def rows(self, due: Due, reason: str | None, now: int) -> list[Row]:
        row = Row(*due[:3], self.patient_of(due), due.event, due.at, "skipped", reason, None, None, None)
        if reason is not None:
            return [row]
        addresses = self.patients[due.clinic, row.patient].addresses()
        return [row._replace(status="sent", channel=one, address=to, sent_at=now) for one, to in addresses.items()]

    def write(self, due: Due, rows: list[Row], now: int) -> None:
        self.written[due] = rows
        if rows[0].status == "sent" and due.event in ("confirmation", "change"):
            one = self.appointments[due.clinic, due.id]
            one.said.append((now, one.starts_at, one.location))

    def expected(self) -> Counter[Row]:
        return Counter(row for rows in self.written.values() for row in rows)
