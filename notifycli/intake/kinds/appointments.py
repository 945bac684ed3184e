"""Appointments: what a clinic's system says of them, and what becomes of them.

Must not know files or the database. Source: SPEC section 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from notifycli.domain.appointment_events import Details, Standing, event_of_first_row, event_of_row, events_of_takeover
from notifycli.domain.model import OPEN, STATE_OF_STATUS, AppointmentEvent
from notifycli.domain.rules import first_look_at
from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.cells import values, words
from notifycli.intake.cells.values import Illegible, NotYet, StandIn
from notifycli.intake.kinds.circumstances import Circumstances, Record, latest_of_columns, stored_time
from notifycli.intake.kinds.columns import Column, Parts, Time
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, DATES, PATIENT_ID, REJECT_IMPORT, TYPE_NAMES
from notifycli.intake.kinds.kind import AT_ONCE, IMPORT_EVENTS, Fields, ImportEvent, Kind, looked_at_again
from notifycli.store.rows import AppointmentRow, EventRow, FormerTypeRow

BOOKED_BY = values.perhaps_one_of(words.WHO, "word for who booked or cancelled", None)

COLUMNS = (
    CLINIC_ID,
    Column(
        "appointment_id",
        "appointment timenr timenummer timeid avtalenr avtalenummer avtaleid timeavtalenr "
        "timeavtaleid timebestillingsnr timebestillingid bookingid bookingnr",
        is_required=True,
        example="A1",
    ),
    PATIENT_ID,
    Column("type_id", TYPE_NAMES, meaning=values.optional_identifier, example="KONS"),
    Column(
        "starts_at",
        "datoogtid datotid datoogklokkeslett datoklokkeslett",
        meaning=Time(is_required=True),
        is_required=True,
        parts=Parts(
            f"{DATES} startdato timedato avtaledato fradato frådato startdate",
            f"{CLOCKS} startklokkeslett",
            "tid tidspunkt start starttid starttidspunkt startkl timestart fra frå fratid oppmøtetid "
            "oppmøtetidspunkt starttime",
        ),
        example="{in_a_week}T10:00",
    ),
    Column(
        "ends_at",
        meaning=Time(),
        parts=Parts(
            "sluttdato tildato enddate",
            "sluttklokkeslett",
            "slutt sluttid slutttid sluttidspunkt slutttidspunkt sluttkl timeslutt til tiltid end endtime",
        ),
        example="{in_a_week}T10:30",
    ),
    Column(
        "status",
        "timestatus avtalestatus",
        meaning=values.one_of(STATUS_WORDS, "status"),
        is_required=True,
        example="booked",
    ),
    Column(
        "booked_at",
        "booked bestilt bestilttidspunkt bestillingstidspunkt booket booka opprettet oppretta",
        meaning=Time(is_past=True),
        parts=Parts(
            "bestiltdato bestillingsdato bestiltdag",
            "bestiltkl",
            "bestilttid bestillingstid",
        ),
        example="{yesterday}T09:00",
    ),
    Column(
        "booked_by",
        "bestiltav tingaav booketav bookaav opprettetav opprettaav",
        meaning=BOOKED_BY,
        example="clinic",
    ),
    Column(
        "changed_at",
        "changed endret endra endrettidspunkt endringstidspunkt sistendret sistendra oppdatert sistoppdatert",
        meaning=Time(is_past=True),
        parts=Parts(
            "endretdato endradato endringsdato",
            "endretkl endrakl",
            "endrettid endratid endringstid",
        ),
    ),
    Column(
        "cancelled_at",
        "cancelled avbestilt avlyst avbestilttidspunkt avbestillingstidspunkt avlysttidspunkt kansellert",
        meaning=Time(is_past=True),
        parts=Parts(
            "avbestiltdato avbestillingsdato avlystdato",
            "avbestiltkl avlystkl",
            "avbestilttid avlysttid",
        ),
    ),
    Column("cancelled_by", "avbestiltav avlystav kansellertav", meaning=BOOKED_BY),
    Column("location", "sted stad lokasjon oppmøtested oppmøtestad behandlingssted behandlingsstad", example="Room 2"),
    Column(
        "source",
        "kilde kjelde kildesystem kjeldesystem opphav opprinnelse",
        meaning=values.perhaps_one_of(words.SOURCES, "source", None),
        example="local",
    ),
    Column(
        "no_notices",
        "ingenvarsel ingenvarsler ingenvarsling utenvarsel utanvarsel",
        meaning=values.perhaps_one_of(words.NO_NOTICES, "word for what is not to be sent", ""),
    ),
    REJECT_IMPORT,
)


ABOUT_FRESHNESS = ("status", "starts_at", "ends_at", "location", "type_id", "patient_id")
STAND_INS = frozenset((StandIn, NotYet, Illegible))
# What an import writes of its rows beside what they say
TRACES = ("fresh_at", "fresh_import", "seen_open_at", "next_check_at", "waits_for_patient")
PLAIN = (  # columns that are stored as they are
    *("starts_at", "ends_at", "booked_at", "booked_by", "changed_at", "cancelled_at"),
    *("location", "source", "no_notices"),
)


def new_rows(columns: Mapping[str, Sequence[Any]], row_hashes: Sequence[int | None], about: Circumstances) -> Fields:
    size = len(row_hashes)

    def given(column: str, instead: Any = None) -> Sequence[Any]:
        """`instead`: in place of a cell that is missing."""
        cells = columns.get(column)
        if not cells:
            return [instead] * size
        return cells if instead is None else [cell or instead for cell in cells]

    def times(column: str) -> Sequence[Any]:
        has_stand_ins = not STAND_INS.isdisjoint(map(type, columns.get(column, ())))
        return list(map(stored_time, given(column))) if has_stand_ins else given(column)

    clinic_ids, starts, booked_at = columns["clinic_id"], columns["starts_at"], given("booked_at")
    statuses = [status for status, _ in columns["status"]]
    sources = given("source", "migrated" if about.migrated else "local")
    type_ids = [
        type_id or ("migrated" if _is_migrated(source, about) else "")
        for type_id, source in zip(given("type_id"), sources, strict=True)
    ]
    events: list[tuple[EventRow, ...]] = [()] * size
    next_checks: list[int | None] = [None] * size
    for row, status in enumerate(statuses):
        if STATE_OF_STATUS[status] != "booked":
            continue  # a booking is all that a first row can make happen
        event = event_of_first_row("booked", booked_at[row], _is_migrated(sources[row], about), about.now)
        if event is not None:
            events[row] = (EventRow(event.kind, event.at, about.import_id),)
            next_checks[row] = first_look_at(event, starts[row], about.first_active_at(clinic_ids[row], type_ids[row]))
    fresh_at, fresh_import = _freshness_of_new_rows(columns, size, about)
    return {
        "clinic_id": clinic_ids,
        "appointment_id": columns["appointment_id"],
        "patient_id": columns["patient_id"],
        "type_id": type_ids,
        "starts_at": starts,
        "ends_at": given("ends_at"),
        "status": statuses,
        "booked_at": times("booked_at"),
        "booked_by": given("booked_by"),
        "changed_at": times("changed_at"),
        "cancelled_at": times("cancelled_at"),
        "cancelled_by": [
            cell or word for cell, (_, word) in zip(given("cancelled_by"), columns["status"], strict=True)
        ],
        "location": given("location", ""),
        "source": sources,
        "no_notices": given("no_notices", ""),
        "first_status": statuses,
        "fresh_at": fresh_at,
        "fresh_import": fresh_import,
        "seen_open_at": [about.now if status in OPEN else None for status in statuses],
        "before_end": [None] * size,
        "next_check_at": next_checks,
        "waits_for_patient": [0] * size,
        "row_hash": row_hashes,
        "import_id": [about.import_id] * size,
        "former_types": [()] * size,
        "events": events,
    }


def _freshness_of_new_rows(
    columns: Mapping[str, Sequence[Any]], size: int, about: Circumstances
) -> tuple[list[int], list[int]]:
    """How fresh each row is, and the import whose newest stamp counts besides."""
    stamps = latest_of_columns([columns[column] for column in about.stamp_columns if column in columns], size)
    rejected_by = columns.get("reject_import")
    if not rejected_by:
        own = about.origin({})
        return list(map(own.freshness_of, stamps)), [own.import_id] * size
    origins = [about.origin({"reject_import": number}) for number in rejected_by]
    fresh_at = [origin.freshness_of(stamp) for origin, stamp in zip(origins, stamps, strict=True)]
    return fresh_at, [origin.import_id for origin in origins]


def meet(before: AppointmentRow | None, record: Record, about: Circumstances) -> AppointmentRow:
    if before is None:
        fields = new_rows({column: [value] for column, value in record.items()}, [None], about)
        return AppointmentRow(**{field: of_rows[0] for field, of_rows in fields.items()})
    status, cancelled_by = record["status"]
    given = {name: stored_time(record[name]) for name in PLAIN if name in record}
    is_cancelled_now = STATE_OF_STATUS[status] in ("cancelled", "open") and before.status == "booked"
    if "cancelled_by" in record or cancelled_by or is_cancelled_now:
        given["cancelled_by"] = record.get("cancelled_by") or cancelled_by
    if given.get("source", "") is None:
        given["source"] = "migrated" if about.migrated else "local"
    before_end = None  # what it was when it ended
    if STATE_OF_STATUS[status] == "ended":
        state = STATE_OF_STATUS[before.status]
        before_end = before.before_end if state == "ended" else state
    after = before._replace(**given, status=status, patient_id=record["patient_id"], before_end=before_end)
    events = _what_happens(before, after, record, about)
    type_id = record.get("type_id", before.type_id) or ""
    if not type_id and (before.type_id == "migrated" or _is_migrated(record.get("source"), about)):
        type_id = "migrated"  # until it is given another
    after = after._replace(type_id=type_id)
    fresh_at, fresh_import = _freshness_after(before, after, record, about)
    after = after._replace(
        former_types=_former_types_after(before, type_id, events, about),
        events=(*before.events, *events),
        seen_open_at=about.now if STATE_OF_STATUS[status] == "open" else before.seen_open_at,
        first_status=status if any(event.kind == "takeover" for event in events) else before.first_status,
        fresh_at=fresh_at,
        fresh_import=fresh_import,
    )
    if not events and (type_id, status, after.patient_id) == (before.type_id, before.status, before.patient_id):
        return looked_at_again(before, after)
    return after._replace(next_check_at=AT_ONCE, waits_for_patient=0)


def _freshness_after(
    before: AppointmentRow, after: AppointmentRow, record: Record, about: Circumstances
) -> tuple[int, int]:
    """A row that changes nothing makes what is stored fresher only by a stamp of its own (SPEC section 3)."""
    stamp, origin = about.stamp_of(record), about.origin(record)
    if makes_fresher(before, after):
        return origin.freshness_of(stamp), origin.import_id
    return max(before.fresh_at, stamp or 0), before.fresh_import


def _what_happens(
    before: AppointmentRow, after: AppointmentRow, record: Record, about: Circumstances
) -> tuple[EventRow, ...]:
    """What the row makes happen: mostly nothing or one event; to another patient a takeover and what follows it.

    Each with what the appointment was before and became.
    """
    stored, row = standing_of(before), details_of(record, after.status, after.location)
    migrated = _is_migrated(record.get("source"), about)
    is_another = before.patient_id != after.patient_id
    if is_another and not about.is_merge(before.clinic_id, before.patient_id, after.patient_id):
        begun = events_of_takeover(stored, row, migrated, about.now)
        events = [AppointmentEvent("takeover", begun.at if begun else about.now), begun]
    else:
        events = [event_of_row(stored, row, migrated, about.now)]
    return tuple(
        EventRow(
            kind=event.kind,
            at=event.at,
            import_id=about.import_id,
            from_starts_at=before.starts_at,
            from_location=before.location,
            to_starts_at=event.place.starts_at if event.place else None,
            to_location=event.place.location if event.place else None,
            from_patient_id=before.patient_id if event.kind == "takeover" else None,
        )
        for event in events
        if event is not None
    )


def standing_of(row: AppointmentRow) -> Standing:
    times = (row.booked_at, row.changed_at, row.cancelled_at)
    details = Details(STATE_OF_STATUS[row.status], row.starts_at, row.location, *times)
    before_end: Any = row.before_end
    return Standing(details, row.events[-1].at if row.events else None, row.seen_open_at, before_end)


def details_of(record: Record, status: str, location: str) -> Details:
    """The row as what happens goes by; `location` stands in where the file has no such column."""
    times = {name: record.get(name) for name in ("booked_at", "changed_at", "cancelled_at")}
    return Details(STATE_OF_STATUS[status], record["starts_at"], record.get("location", location), **times)


def _former_types_after(
    before: AppointmentRow, type_id: str, events: Sequence[EventRow], about: Circumstances
) -> tuple[FormerTypeRow, ...]:
    """The type in a row that books it counts from that booking, any other from its import (SPEC section 4)."""
    if type_id == before.type_id:
        return before.former_types
    until_at = next((event.at for event in events if event.kind == "booking"), about.now)
    return (*before.former_types, FormerTypeRow(before.type_id, until_at, about.import_id))


def _is_migrated(source: str | None, about: Circumstances) -> bool:
    return about.migrated or source == "migrated"


def makes_fresher(before: AppointmentRow, after: AppointmentRow) -> bool:
    """Whether a row changed what its freshness is about: status, times, place, type or patient (SPEC section 3)."""
    return any(getattr(before, field) != getattr(after, field) for field in ABOUT_FRESHNESS)


def with_earlier(record: Record, before: AppointmentRow | None, earlier: AppointmentRow) -> Record:
    """Of its times only that of the booking: the others tell when the earlier row became true, and are its own."""
    columns = ("type_id", "ends_at", "booked_by", "location", "source", "no_notices")
    given = {column: getattr(earlier, column) for column in columns}
    gives_a_time = any(record.get(column) is not None for column in ("changed_at", "cancelled_at"))
    if gives_a_time and earlier.booked_at is not None:
        given["booked_at"] = earlier.booked_at
    return {**given, **record}


def event_between(before: AppointmentRow | None, after: AppointmentRow) -> ImportEvent | None:
    new = after.events[len(before.events) if before else 0 :]
    return next((kind for event in new for kind in IMPORT_EVENTS if kind == event.kind), None)


APPOINTMENTS = Kind(
    "appointments",
    "appointment_id",
    COLUMNS,
    meet,
    event_between=event_between,
    with_earlier=with_earlier,
    new_rows=new_rows,
    traces=TRACES,
)
