"""What people ask of the database: the history, one notice, who can be reached, what waits. Reads only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.grounds import Grounds
from notifycli.domain.model import Key
from notifycli.domain.routing import Channel
from notifycli.domain.search_words import wanted_words
from notifycli.store import finding
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.looking import EVERYONES, ID_COLUMNS, OF_CLINICS, Whose
from notifycli.store.sqlite.word_index import MATCHING, as_query

HISTORY_FIELDS = (
    "notice", "delivery", "clinic", "patient", "event", "subject", "subject_id", "channel", "address", "text", "status",
    "reason", "due_at", "sent_at", "status_at", "attempts", "sender", "active_user",
)  # fmt: skip
FIELDS_OF_WAITING = ("detail", "next_attempt_at")
ALL = -1


@dataclass(frozen=True)
class HistoryFilter:
    """What of the history is asked for; None: all. `since` (included) and `until` (not) go by status_at."""

    clinic: str | None = None
    patient: str | None = None
    appointment: str | None = None
    event: str | None = None
    channel: str | None = None
    status: str | None = None
    reason: str | None = None
    sender: str | None = None
    since: int | None = None
    until: int | None = None
    search: str | None = None
    limit: int = 50


ACTIVE_USER = "p.last_login_at IS NOT NULL"
OF_PATIENT = "LEFT JOIN patient p ON p.clinic_id = {0}.clinic_id AND p.patient_id = {0}.patient_id"
DELIVERIES = (
    "SELECT n.id AS notice, d.id AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, d.channel AS channel, d.address AS address, d.text AS text,"
    " d.status AS status, d.reason AS reason, n.due_at AS due_at, d.sent_at AS sent_at, d.status_at AS status_at,"
    f" d.attempts AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, d.detail, d.next_attempt_at"
    f" FROM delivery d JOIN notice n ON n.id = d.notice_id {OF_PATIENT.format('n')} WHERE 1"
)
SKIPPED = (
    "SELECT n.id AS notice, NULL AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, NULL AS channel, NULL AS address, NULL AS text,"
    " 'skipped' AS status, n.skip_reason AS reason, n.due_at AS due_at, NULL AS sent_at, n.skipped_at AS status_at,"
    f" 0 AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, NULL, NULL"
    f" FROM notice n {OF_PATIENT.format('n')} WHERE n.skip_reason IS NOT NULL"
)
EXTERNAL = (
    "SELECT NULL AS notice, NULL AS delivery, e.clinic_id AS clinic, e.patient_id AS patient, e.event AS event,"
    " NULL AS subject, e.external_id AS subject_id, e.channel AS channel, NULL AS address, NULL AS text,"
    " coalesce(nullif(e.status, ''), 'sent') AS status, NULL AS reason, NULL AS due_at, e.sent_at AS sent_at,"
    f" e.sent_at AS status_at, 1 AS attempts, e.sender AS sender, {ACTIVE_USER} AS active_user, NULL, NULL"
    f" FROM {{external}} {OF_PATIENT.format('e')} WHERE 1"
)


ANY_CLINIC = "clinic IN (SELECT clinic_id FROM clinic)"  # which lets an index that begins with the clinic be used


def history(connection: Connection, wanted: HistoryFilter) -> list[dict[str, Any]]:
    """One row a delivery, a skipped notice or what others sent, newest status_at first.

    By HISTORY_FIELDS, and FIELDS_OF_WAITING for people alone.
    """
    where, values = _conditions(wanted)
    searched = _searched(connection, wanted.search) if wanted.search is not None else Searched()
    external = searched.external
    if wanted.patient is not None and external == Searched.external:
        external += " INDEXED BY external_of_patient"  # SQLite would rather read all of a clinic
    newest = "ORDER BY status_at DESC, notice DESC, delivery DESC LIMIT :limit"
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT * FROM ({part} AND ({condition})) {where} {newest})"
        for part, condition in (
            (DELIVERIES, searched.of_notices),
            (SKIPPED, searched.of_notices),
            (EXTERNAL.format(external=external), searched.of_external),
        )
    )
    values |= searched.values
    rows = connection.execute(f"{searched.before}{parts} {newest}", values | {"limit": wanted.limit or ALL})
    names = (*HISTORY_FIELDS, *FIELDS_OF_WAITING)
    return [_with_booleans(dict(zip(names, row, strict=True))) for row in rows]


def _conditions(wanted: HistoryFilter) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {}
    parts = []
    for column in ("clinic", "patient", "event", "channel", "status", "reason", "sender"):
        if (value := getattr(wanted, column)) is not None:
            parts.append(f"{column} = :{column}")
            values[column] = value
    if wanted.clinic is None and (wanted.patient or wanted.appointment):
        parts.append(ANY_CLINIC)
    if wanted.appointment is not None:
        parts.append("subject = 'appointment' AND subject_id = :appointment")
        values["appointment"] = wanted.appointment
    if wanted.since is not None:
        parts.append("status_at >= :since")
        values["since"] = wanted.since
    if wanted.until is not None:
        parts.append("status_at < :until")
        values["until"] = wanted.until
    return ("WHERE " + " AND ".join(f"({part})" for part in parts) if parts else ""), values


MANY = 2_000  # patients: so many are met soon among the newest of the history, fewer are asked for one by one
TYPED_IDS = "(SELECT value FROM json_each(:typed))"
OF_ANY_CLINIC = "clinic_id IN (SELECT clinic_id FROM clinic)"


@dataclass(frozen=True)
class Searched:
    """Conditions on `notice n` and `external e`, where e comes from, and what stands before the whole question."""

    of_notices: str = "1"
    of_external: str = "1"
    external: str = "external e"
    before: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def _searched(connection: Connection, text: str) -> Searched:
    """What is of patients who are found by the text, or has it as its patient's or subject's id."""
    words = wanted_words(text)
    if not words:
        return Searched("0", "0")
    typed = text.strip()
    values = {"wanted": as_query(words), "typed": json.dumps([*{typed, typed.upper(), typed.lower()}])}
    if finding.count_matching(connection, words, MANY) == MANY:
        # "+": the newest are looked at one by one, and not all notices of all these patients
        of_any = (
            f"(+{{0}}.clinic_id, +{{0}}.patient_id) IN ({MATCHING})"
            f" OR +{{0}}.patient_id IN {TYPED_IDS} OR +{{0}}.{{1}} IN {TYPED_IDS}"
        )
        return Searched(of_any.format("n", "subject_id"), of_any.format("e", "external_id"), values=values)
    notices = (
        f"SELECT m.id FROM ({MATCHING}) s CROSS JOIN notice m"
        " ON m.clinic_id = s.clinic_id AND m.patient_id = s.patient_id"
        f" UNION SELECT id FROM notice WHERE {OF_ANY_CLINIC} AND patient_id IN {TYPED_IDS}"
        f" UNION SELECT id FROM notice WHERE {OF_ANY_CLINIC} AND subject IN {(*ID_COLUMNS,)}"
        f" AND subject_id IN {TYPED_IDS}"
    )
    keys = (
        f"SELECT o.clinic_id, o.external_id FROM ({MATCHING}) s CROSS JOIN external o"
        " ON o.clinic_id = s.clinic_id AND o.patient_id = s.patient_id"
        " UNION SELECT clinic_id, external_id FROM external"
        f" INDEXED BY external_of_patient WHERE {OF_ANY_CLINIC} AND patient_id IN {TYPED_IDS}"
        f" UNION SELECT clinic_id, external_id FROM external WHERE {OF_ANY_CLINIC} AND external_id IN {TYPED_IDS}"
    )
    external = f"({keys}) k CROSS JOIN external e ON e.clinic_id = k.clinic_id AND e.external_id = k.external_id"
    before = f"WITH searched AS MATERIALIZED ({notices}) "
    return Searched("n.id IN (SELECT id FROM searched)", external=external, before=before, values=values)


def _with_booleans(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"active_user": bool(row["active_user"])}


def external_statuses(connection: Connection) -> list[str]:
    """The words that third parties have for what became of theirs."""
    return [row[0] for row in connection.execute("SELECT DISTINCT status FROM external WHERE status <> ''")]


def clinics_with(connection: Connection, which: str, id_: str, clinic: str | None) -> list[str]:
    """The clinics that have such a subject or patient (`which`: appointment, dialog, receipt, patient)."""
    column = "patient_id" if which == "patient" else ID_COLUMNS[which]
    if clinic is not None:
        sql = f"SELECT clinic_id FROM {which} WHERE {column} = :id AND clinic_id = :clinic"
        return [row[0] for row in connection.execute(sql, {"id": id_, "clinic": clinic})]
    # one lookup by primary key for each clinic, instead of reading the whole table
    sql = f"SELECT c.clinic_id FROM clinic c CROSS JOIN {which} w ON w.clinic_id = c.clinic_id AND w.{column} = :id"
    return [row[0] for row in connection.execute(sql, {"id": id_})]


def has_clinic(connection: Connection, clinic_id: str) -> bool:
    return connection.execute("SELECT 1 FROM clinic WHERE clinic_id = ?", (clinic_id,)).fetchone() is not None


def clinic_ids(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT clinic_id FROM clinic ORDER BY clinic_id")]


@dataclass(frozen=True)
class NoticeRow:
    """A notice that exists, its deliveries oldest first; `grounds`: by what it was decided, empty where not kept."""

    id: int
    patient: str
    key: Key
    due_at: int
    happened_at: int
    skip_reason: str | None
    channels_given: tuple[Channel, ...]
    grounds: Grounds
    deliveries: tuple[DeliveryTold, ...]


DETAILS = {
    "appointment": (
        "type_id starts_at ends_at status booked_at booked_by changed_at cancelled_at cancelled_by location source"
    ),
    "dialog": "kind sent_at",
    "receipt": "status paid_at",
}


def details_of(connection: Connection, which: Subject) -> dict[str, Any]:
    """A subject's columns as stored; its times are UTC epoch seconds."""
    columns = DETAILS[which.subject].split()
    cells = ["nullif(type_id, '')" if column == "type_id" else column for column in columns]
    sql = f"SELECT {', '.join(cells)} FROM {which.subject} WHERE clinic_id = ? AND {ID_COLUMNS[which.subject]} = ?"
    row = connection.execute(sql, (which.clinic_id, which.subject_id)).fetchone()
    return dict(zip(columns, row, strict=True)) if row else {}


def notices_of(connection: Connection, which: Subject) -> list[NoticeRow]:
    """Every notice of a subject that exists, by due time."""
    sql = (
        "SELECT id, patient_id, event, number, tenure, due_at, happened_at, skip_reason, channels_given, facts"
        " FROM notice WHERE clinic_id = ? AND subject = ? AND subject_id = ? ORDER BY due_at, id"
    )
    rows = connection.execute(sql, (which.clinic_id, which.subject, which.subject_id)).fetchall()
    return [
        NoticeRow(
            id_,
            patient,
            Key(event, number, tenure),
            due_at,
            happened_at,
            skip_reason,
            tuple(given.split(",")) if given else (),
            json.loads(facts) if facts is not None else {},
            deliveries_of(connection, id_),
        )
        for id_, patient, event, number, tenure, due_at, happened_at, skip_reason, given, facts in rows
    ]


def deliveries_of(connection: Connection, notice: int) -> tuple[DeliveryTold, ...]:
    """Of a notice, oldest first."""
    sql = (
        "SELECT id, channel, status, reason, detail, attempts, status_at, sent_at, next_attempt_at FROM delivery"
        " WHERE notice_id = ? ORDER BY id"
    )
    return tuple(DeliveryTold(*row) for row in connection.execute(sql, (notice,)))


def subjects_of_patient(connection: Connection, clinic_id: str, patient_id: str) -> list[tuple[Subject, int]]:
    """What is about a patient, or made a notice for them, each with its own time (UTC epoch seconds, 0 for none)."""
    own_times = {
        "appointment": "coalesce(w.booked_at, w.starts_at)",
        "dialog": "w.sent_at",
        "receipt": "coalesce(w.paid_at, 0)",
    }
    found: list[tuple[Subject, int]] = []
    for subject, id_column in ID_COLUMNS.items():
        rows = connection.execute(
            f"SELECT w.{id_column}, {own_times[subject]} FROM {subject} w WHERE w.clinic_id = :clinic"
            f" AND (w.patient_id = :patient OR w.{id_column} IN (SELECT n.subject_id FROM notice n"
            f" WHERE n.clinic_id = :clinic AND n.patient_id = :patient AND n.subject = '{subject}'))",
            {"clinic": clinic_id, "patient": patient_id},
        )
        found += [(Subject(subject, clinic_id, subject_id), at) for subject_id, at in rows]
    return found


def externals_of_patient(connection: Connection, clinic_id: str, patient_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What others sent to a patient, as stored, by its id."""
    columns = ("sender", "event", "channel", "sent_at", "status")
    sql = f"SELECT external_id, {', '.join(columns)} FROM external WHERE clinic_id = ? AND patient_id = ?"
    rows = connection.execute(sql, (clinic_id, patient_id))
    return [(external_id, dict(zip(columns, cells, strict=True))) for external_id, *cells in rows]


def is_active_user(connection: Connection, clinic_id: str, patient_id: str) -> bool:
    sql = f"SELECT 1 FROM patient p WHERE p.clinic_id = ? AND p.patient_id = ? AND {ACTIVE_USER}"
    return connection.execute(sql, (clinic_id, patient_id)).fetchone() is not None


def queued_until(
    connection: Connection, until: int, whose: Whose = EVERYONES
) -> list[tuple[int, tuple[Channel, ...], int]]:
    """Notices whose deliveries wait to be tried, by number, with the channels and the time of the next attempt."""
    of_whom = " AND clinic_id = :whose_clinic" if whose.clinic is not None else ""
    if whose.patient is not None:
        of_whom += f" AND notice_id IN (SELECT id FROM notice WHERE {OF_CLINICS} AND patient_id = :whose_patient)"
    sql = (
        "SELECT notice_id, group_concat(channel), min(next_attempt_at) FROM delivery"
        f" WHERE status = 'queued' AND next_attempt_at <= :until{of_whom} GROUP BY notice_id"
    )
    values = {"until": until, "whose_clinic": whose.clinic, "whose_patient": whose.patient}
    return [(notice, tuple(channels.split(",")), at) for notice, channels, at in connection.execute(sql, values)]


def notice(connection: Connection, number: int) -> dict[str, Any] | None:
    """One notice with its deliveries and every change of status; instants are UTC epoch seconds."""
    names = (
        "notice",
        "clinic",
        "patient",
        "subject",
        "subject_id",
        "event",
        "due_at",
        "happened_at",
        "written_at",
        "reason",
        "active_user",
    )
    sql = (
        "SELECT n.id, n.clinic_id, n.patient_id, n.subject, n.subject_id, n.event, n.due_at, n.happened_at,"
        f" n.written_at, n.skip_reason, {ACTIVE_USER} FROM notice n {OF_PATIENT.format('n')} WHERE n.id = ?"
    )
    row = connection.execute(sql, (number,)).fetchone()
    if row is None:
        return None
    return _with_booleans(dict(zip(names, row, strict=True))) | {
        "deliveries": _named(
            connection,
            "SELECT id AS delivery, channel, address, sent_from, subject_line, text, status,"
            " reason, detail, status_at, sent_at, attempts,"
            " next_attempt_at, reference FROM delivery WHERE notice_id = ? ORDER BY id",
            number,
        ),
        "changes": _named(
            connection,
            "SELECT at, delivery_id AS delivery, status, reason, detail, attempts FROM status_log WHERE notice_id = ?"
            " ORDER BY id",
            number,
        ),
    }


def _named(connection: Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def patients_to_check(
    connection: Connection, clinic: str | None, patient: str | None, now: int
) -> list[dict[str, Any]]:
    """Patients with what decides whether a notice can reach them, and how many appointments they have to come."""
    conditions = ["1"]
    conditions += ["p.clinic_id = :clinic"] if clinic is not None else []
    conditions += ["p.patient_id = :patient"] if patient is not None else []
    sql = (
        "SELECT p.clinic_id AS clinic, p.patient_id AS patient, p.consent, p.email, p.mobile_gets_sms, p.push_token,"
        " p.email_gone, p.mobile_gone, p.push_gone,"
        f" p.push_allowed, p.preferred_method, {ACTIVE_USER} AS active_user, coalesce(a.upcoming, 0) AS upcoming"
        " FROM patient_contact p LEFT JOIN (SELECT clinic_id, patient_id, count(*) AS upcoming FROM appointment"
        " WHERE status = 'booked' AND starts_at > :now"
        f"{' AND clinic_id = :clinic' if clinic is not None else ''}"
        f"{' AND patient_id = :patient' if patient is not None else ''} GROUP BY clinic_id, patient_id) a"
        " ON a.clinic_id = p.clinic_id AND a.patient_id = p.patient_id"
        f" WHERE {' AND '.join(f'({one})' for one in conditions)} ORDER BY p.clinic_id, p.patient_id"
    )
    cursor = connection.execute(sql, {"clinic": clinic, "patient": patient, "now": now})
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
