"""HL7 v2 messages of scheduling (SIU) become blocks of patients and appointments.

Knows which field means what; must not know what is stored, nor what a cell is worth: the common cleaning judges that.
Source: SPEC section 3; HL7 v2.5.1, chapters 3 and 10.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, groupby, islice
from typing import NamedTuple

from notifycli.domain.model import CANCELLED, OPEN
from notifycli.domain.sentences import N_
from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.formats.blocks import Block, Unreadable
from notifycli.intake.formats.hl7_messages import Hl7Message, Messages, counted, hl7_moment, is_hl7, iso_time
from notifycli.intake.formats.hl7_timing import start_and_end
from notifycli.intake.formats.persons import HAS_DIED, NATIONAL, mobile_among

__all__ = ["Hl7File", "is_hl7"]

BLOCK_ROWS = 1_000
# What each trigger makes of the appointment, and which of its times MSH-7 is; "" is a message that names no trigger.
TRIGGERS = {
    "S12": ("booked", "booked_at"),
    "S13": ("booked", "changed_at"),
    "S14": ("booked", "changed_at"),
    "S15": ("cancelled", "changed_at"),
    "S16": ("cancelled", "changed_at"),
    "S17": ("entered-in-error", "changed_at"),
    "S26": ("noshow", "changed_at"),
    "": ("", "changed_at"),
}
# Filler status (SCH-25): the contract's words, table 0278, FHIR's, and those of real systems, their letters alone.
NO_LETTERS = re.compile(r"[\W\d_]+")
STATUSES = {
    **{NO_LETTERS.sub("", word): status for word, (status, _) in STATUS_WORDS.items()},
    **dict.fromkeys(("overbook", "overbooked"), "booked"),
    **dict.fromkeys(("dc", "discontinued"), "cancelled"),
    "deleted": "entered-in-error",
    **dict.fromkeys(("complete", "checkedout", "attended"), "fulfilled"),
    **dict.fromkeys(("dna", "didnotattend"), "noshow"),
    "started": "arrived",
}
CANCELLED_BY = re.compile("cancell?edby|(?:avlyst|avbestilt|kansellert)av")
STILL_TO_COME = OPEN | {"booked"}
OF_STATUS = (1, 2, 4, 5)  # components of a CWE: code, text, and those of another system
ODD_STATUS = "its status (SCH-25) is not a known word, so its trigger tells it; [clinic.ID.statuses] can say more"
UNREADABLE_TIME = "its time (MSH-7) cannot be read; it is as fresh as its file"
BY_THE_PATIENT = re.compile(
    r"pat(-(?!dec)[a-z]+)?|(the )?(patient|pasient)(en)?|avbestilt"
    r"|.*\b(by|av) (the )?(patient|pasient)(en)?|(patient|pasient)(en)?('s)? (request|cancel|avbestil)\w*",
    re.IGNORECASE,
)
OF_THE_CLINIC = ("PI", "MR")
NATIONAL_TYPES = re.compile("SS|NI|NN[A-Z]*|FNR|DNR|PNR", re.IGNORECASE)
NATIONAL_DIGITS = 11
AUTHORITY_PARTS = re.compile(r"[^0-9.]+")
BEST_NAMES = {"L": 0, "": 1, "D": 2}  # XPN.7: legal, not said, as it is displayed
TELECOM_FIELDS = (13, 14, 40)
NO_PHONES = ("FX", "BP", "MD")  # XTN.3: fax, beeper, modem


COLUMNS_ONCE = cache(tuple[str, ...])  # one tuple for all messages that have the same columns, of which there are few
OwnStatuses = Mapping[str, Mapping[str, str]]
Cells = tuple[tuple[str, ...], tuple[str, ...]]  # columns and what stands in them


class Person(NamedTuple):
    """What a message says of its patient. `numbers` wait until the clinic's country is known."""

    cells: Cells
    numbers: tuple[str, ...]
    has_died: bool


class Read(NamedTuple):
    """One message: `line` of its MSH, `clinic` that it names, `cells` of its appointment, with their `warning`.

    `odd_status`: the texts of a status (SCH-25) that is not known here; a clinic may have said what it means.
    """

    line: int
    clinic: str
    cells: Cells
    person: Person | None
    warning: str
    odd_status: tuple[str, ...]


class Hl7Row(NamedTuple):
    line: int
    header: tuple[str, ...]
    cells: list[str]
    warning: str


class Hl7File:
    """The messages of one file, read at once; `pieces` gives its text in pieces of whole lines, `now` is UTC epoch
    seconds. Raises Unreadable for a text without any message.

    Messages are taken in the order of MSH-7, once by MSH-10. `kinds` that it brings, in the order of import; none
    where no message is of scheduling, which `notes` tell. `is_whole`: its batches hold what they say. `begins_at`: the
    earliest MSH-7, by UTC where it has no offset; None where there is none.
    """

    unit = "line"

    def __init__(self, pieces: Callable[[], Iterator[str]], now: int) -> None:
        self._unused: Counter[str] = Counter()
        self._taken: Counter[tuple[str, ...]] = Counter()
        messages = Messages(pieces())
        used: list[tuple[datetime | None, Read]] = []
        for message in messages:
            kind, trigger = message.type()
            if kind != "SIU" or trigger not in TRIGGERS:
                self._unused["of type " + "^".join(filter(None, (kind, trigger))) if kind else "without a type"] += 1
                continue
            control, application, clinic = (message.value("MSH", number) or "" for number in (10, 3, 4))
            self._taken[control, application, clinic] += bool(control)
            if self._taken[control, application, clinic] <= 1:
                used.append((hl7_moment(message.value("MSH", 7) or ""), _read(message, trigger, now)))
        self.begins_at = min((_as_instant(at) for at, _ in used if at is not None), default=None)
        self._read = _in_order(used)
        self._notes = messages.notes
        self.is_whole = messages.are_whole
        if not (self._read or self._unused):
            raise Unreadable(N_("it holds no HL7 message, which would begin with MSH; export it anew"))
        bring = {"patients": any(read.person for read in self._read), "appointments": bool(self._read)}
        self.kinds = [kind for kind, is_there in bring.items() if is_there]

    def notes(self) -> list[str]:
        """What was not used, or is odd about the file as a whole; sentences without a full stop."""
        notes = [f"{counted(count, 'message')} {what} {_were(count)} not used" for what, count in self._unused.items()]
        repeated = sum(count > 1 for count in self._taken.values())
        if repeated:
            notes.append(
                f"{counted(repeated, 'message')} came more than once (the same MSH-10) and {_were(repeated)} taken once"
            )
        return notes + self._notes

    def blocks(
        self, kind: str, clinic_given: bool, countries: Mapping[str, str], own_statuses: OwnStatuses | None = None
    ) -> Iterator[Block]:
        """Rows of `kind`, in the order of MSH-7. `countries`: ISO 3166 by clinic_id, Norway where it has none.

        With `clinic_given` there is no clinic_id, and the country is the one in `countries`, if there is but one.
        `own_statuses`: by clinic_id ("" is the one that is given), its own words for the contract's.
        """
        names_clinics = not clinic_given and any(read.clinic for read in self._read)
        the_country = next(iter(countries.values())) if clinic_given and len(set(countries.values())) == 1 else None
        rows = (
            _row(
                read,
                kind,
                names_clinics,
                the_country or countries.get(read.clinic, "NO"),
                (own_statuses or {}).get("" if clinic_given else read.clinic, {}),
            )
            for read in self._read
            if kind == "appointments" or read.person
        )
        for header, alike in groupby(rows, key=lambda row: row.header):
            while taken := list(islice(alike, BLOCK_ROWS)):
                warnings = [(place, "", row.warning) for place, row in enumerate(taken) if row.warning]
                yield Block(header, [row.cells for row in taken], [row.line for row in taken], warnings=warnings)


def _in_order(read: Sequence[tuple[datetime | None, Read]]) -> list[Read]:
    """By MSH-7; a message without one, or without an offset where others have one, follows the one before it."""
    has_offsets = any(at is not None and at.tzinfo is not None for at, _ in read)
    keys = [datetime.min.replace(tzinfo=UTC)]
    for at, _ in read:
        is_comparable = at is not None and (at.tzinfo is not None) == has_offsets
        keys.append(_as_instant(at) if at is not None and is_comparable else keys[-1])
    return [read[place][1] for place in sorted(range(len(read)), key=keys[1:].__getitem__)]


def _as_instant(at: datetime) -> datetime:
    """Times without an offset are only ever compared among themselves."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _row(read: Read, kind: str, names_clinics: bool, country: str, own_statuses: Mapping[str, str]) -> Hl7Row:
    columns, cells, warning = *read.cells, read.warning
    if kind == "appointments" and read.odd_status:
        meant = next((own_statuses[text] for text in read.odd_status if text in own_statuses), None)
        if meant is None:
            warning = "; ".join(filter(None, (warning, ODD_STATUS)))
        else:
            cells = tuple(meant if column == "status" else cell for column, cell in zip(columns, cells, strict=True))
    if kind == "patients" and read.person:
        columns, cells = read.person.cells
        if read.person.numbers:
            columns, cells = (*columns, "mobile"), (*cells, mobile_among(read.person.numbers, country))
        warning = HAS_DIED if read.person.has_died else ""
    if names_clinics:
        columns, cells = ("clinic_id", *columns), (read.clinic, *cells)
    return Hl7Row(read.line, columns, list(cells), warning)


def _read(message: Hl7Message, trigger: str, now: int) -> Read:
    patient_id = _patient_id(message)
    given = message.value("MSH", 7) or ""
    sent_at = iso_time(given) if hl7_moment(given) else None
    person = _person(message, patient_id, sent_at, now) if patient_id else None
    status, odd_status = _status(message, trigger)
    starts_at, ends_at = start_and_end(message)
    is_cancelled = status in CANCELLED
    times = (TRIGGERS[trigger][1], "cancelled_at" if is_cancelled else "")
    reasons = (message.value("SCH", field, component) or "" for field in (6, 7, 25) for component in (1, 2))
    is_by_the_patient = is_cancelled and any(BY_THE_PATIENT.fullmatch(reason) for reason in reasons)
    appointment = {
        "appointment_id": message.value("SCH", 2) or message.value("SCH", 1) or "",
        "patient_id": patient_id,
        "type_id": _first_said(message.value("SCH", 8), message.value("AIS", 3)),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "status": status,
        **{column: sent_at if column in times else None for column in ("booked_at", "changed_at", "cancelled_at")},
        "cancelled_by": "patient" if is_by_the_patient else None,
        "location": _first_said(*(_place(message, *where) for where in (("AIL", 3), ("PV1", 3)))),
    }
    warning = UNREADABLE_TIME if given and not sent_at else ""
    clinic = message.value("MSH", 4) or ""
    return Read(message.line, clinic, _as_cells(appointment), person, warning, odd_status)


def _status(message: Hl7Message, trigger: str) -> tuple[str, tuple[str, ...]]:
    """SCH-25 before the trigger, which tells what the message is about: some systems send a no-show as a cancellation,
    or the other way round. But a status that was left as it was brings back nothing that the trigger ends.

    And the texts of a status that is not known, as [clinic.ID.statuses] would have it, in small letters.
    """
    of_trigger = TRIGGERS[trigger][0]
    texts = [(message.value("SCH", 25, component) or "").strip().lower() for component in OF_STATUS]
    words = [NO_LETTERS.sub("", text) for text in texts]
    for word in words:
        status = "cancelled" if CANCELLED_BY.match(word) else STATUSES.get(word)
        if status:
            has_ended = of_trigger not in ("", "booked")
            return of_trigger if has_ended and status in STILL_TO_COME else status, ()
    return of_trigger, tuple(filter(None, texts)) if any(words) else ()


def _as_cells(cells: Mapping[str, str | None]) -> Cells:
    """Without the columns of which the message says nothing."""
    filled = {column: cell for column, cell in cells.items() if cell is not None}
    return COLUMNS_ONCE(tuple(filled)), tuple(filled.values())


def _first_said(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)


def _place(message: Hl7Message, segment: str, field: int) -> str | None:
    """A PL: its description, else facility, point of care and room."""
    raw = next(iter(message.repetitions(segment, field)), "")
    parts = [message.part(raw, component, head=True) for component in (4, 1, 2)]
    return message.part(raw, 9) or ", ".join(filter(None, parts)) or _first_said(*parts)


def _patient_id(message: Hl7Message) -> str:
    known = [identifier for identifier in message.repetitions("PID", 3) if message.part(identifier)]
    of_the_clinic, not_national = [], []
    for identifier in known:
        number, type_ = message.part(identifier) or "", message.part(identifier, 5) or ""
        if type_.upper() in OF_THE_CLINIC:
            of_the_clinic.append(identifier)
        is_like_one = len(number) == NATIONAL_DIGITS and number.isdecimal()
        is_by_authority = any(part in NATIONAL for part in AUTHORITY_PARTS.split(identifier))
        if not (is_like_one or is_by_authority or NATIONAL_TYPES.fullmatch(type_)):
            not_national.append(identifier)
    chosen = next(chain(of_the_clinic, not_national, known), "")
    return message.part(chosen) or message.value("PID", 2) or ""


def _person(message: Hl7Message, patient_id: str, sent_at: str | None, now: int) -> Person:
    says_died = (message.value("PID", 30) or "").upper()
    has_died = says_died == "Y" or (not says_died and bool(message.value("PID", 29)))
    given = family = None
    if names := message.repetitions("PID", 5):
        best = min(names, key=lambda name: BEST_NAMES.get((message.part(name, 7) or "").upper(), len(BEST_NAMES)))
        given, family = message.part(best, 2) or "", message.part(best, 1, head=True) or ""
    email, mobile, numbers = ("", "", ()) if has_died else _telecom(message, now)
    known = {"patient_id": patient_id, "fresh_at": sent_at, "given_name": given, "family_name": family}
    consent = "no" if has_died else None  # staff may have noted an address too, which must not be used either
    return Person(
        _as_cells(
            {**known, "language": message.value("PID", 15), "email": email, "mobile": mobile, "consent": consent}
        ),
        numbers,
        has_died,
    )


def _telecom(message: Hl7Message, now: int) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The e-mail address, "" in place of a mobile number that is cleared, and the numbers that may be the mobile."""
    points = [point for field in TELECOM_FIELDS for point in message.repetitions("PID", field)]
    cleared = "" if any(message.part(point) == "" for point in points) else None
    emails: list[str] = []
    numbers: list[str] = []
    for point in points:
        until = message.part(point, 14)
        ends = hl7_moment(until or "") or hl7_moment(f"{until}235959")
        if ends is not None and _as_instant(ends).timestamp() < now:
            continue
        either, email, number = (message.part(point, component) or "" for component in (1, 4, 12))
        emails += [text for text in (email, either) if "@" in text]
        if (message.part(point, 3) or "").upper() in NO_PHONES:
            continue
        numbers += [text for text in (number, either) if text and "@" not in text]
        code, area, local = (message.part(point, component) or "" for component in (5, 6, 7))
        if local:
            numbers.append((f"+{code.lstrip('+')}" if code else "") + area + local)
    return next(iter(emails), cleared), None if numbers else cleared, tuple(numbers)
