"""What a run looks at, and what it writes of what was decided: subjects that need attention, notices, deliveries.

Decides nothing. `next_check_at` is the wake-up index (DESIGN, idea 2).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from notifycli.domain.grounds import grounds_of
from notifycli.domain.model import Key, Verdict
from notifycli.domain.routing import Channel
from notifycli.store.engine import Connection
from notifycli.store.facts import Known, Subject

GOING_OUT = (
    "EXISTS (SELECT 1 FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE n.clinic_id = {subject}.clinic_id"
    " AND n.subject = '{subject}' AND n.subject_id = {subject}.{id}"
    " AND (d.status = 'sending' OR d.status = 'queued' AND d.next_attempt_at <= :now))"
)
ID_COLUMNS = {"appointment": "appointment_id", "dialog": "dialog_id", "receipt": "receipt_id"}


class Waiting(NamedTuple):
    """A subject whose moment of attention has come."""

    next_check_at: int
    subject: Subject


def subjects_to_write_of(connection: Connection, now: int, most: int) -> list[Waiting]:
    """Subjects for a run to look at, the longest waiting first, at most so many.

    One of which a message is just going out waits: what it says may cover the next (R19).
    """
    return _waiting(connection, ["NOT " + GOING_OUT], {"now": now, "most": most})


@dataclass(frozen=True)
class Whose:
    """Of which clinic and patient something is asked for; None: of all."""

    clinic: str | None = None
    patient: str | None = None


EVERYONES = Whose()
OF_CLINICS = "clinic_id IN (SELECT clinic_id FROM clinic WHERE :whose_clinic IS NULL OR clinic_id = :whose_clinic)"
# Subjects of a patient that are to be looked at. INDEXED BY: since SQLite would read all of a clinic.
KEYS = (
    f"SELECT clinic_id, {{id}} FROM {{subject}} INDEXED BY {{index}} WHERE {OF_CLINICS} AND patient_id = :whose_patient"
)
COMING_KEYS = {
    "appointment": (
        KEYS.format(subject="appointment", id="appointment_id", index="appointment_of_patient")
        + " AND status = 'booked' UNION "
        + KEYS.format(subject="appointment", id="appointment_id", index="appointment_comes_unbooked")
        + " AND next_check_at IS NOT NULL AND status <> 'booked'"
    ),
    "dialog": KEYS.format(subject="dialog", id="dialog_id", index="dialog_attention")
    + " AND next_check_at IS NOT NULL",
    "receipt": KEYS.format(subject="receipt", id="receipt_id", index="receipt_attention")
    + " AND next_check_at IS NOT NULL",
}
# and those of which a notice is or was theirs
OF_PATIENT = (
    f"({{keys}} UNION SELECT clinic_id, subject_id FROM notice WHERE {OF_CLINICS} AND patient_id = :whose_patient"
    " AND subject = '{subject}') CROSS JOIN {subject} USING (clinic_id, {id})"
)


def subjects_waiting(
    connection: Connection, until: int, most: int, after: Waiting | None = None, whose: Whose = EVERYONES
) -> list[Waiting]:
    """All subjects to be looked at up to `until`, in that order; `after` goes on behind one already seen."""
    values: dict[str, object] = {"now": until, "most": most}
    values |= {"whose_clinic": whose.clinic, "whose_patient": whose.patient}
    conditions = ["clinic_id = :whose_clinic"] if whose.clinic is not None else []
    if after is not None:
        conditions.append("(next_check_at, '{subject}', clinic_id, {id}) > (:at, :subject, :clinic, :id)")
        values |= {"at": after.next_check_at, "subject": after.subject.subject}
        values |= {"clinic": after.subject.clinic_id, "id": after.subject.subject_id}
    return _waiting(connection, conditions, values, "{subject}" if whose.patient is None else OF_PATIENT)


def _waiting(
    connection: Connection, conditions: Sequence[str], values: dict[str, object], source: str = "{subject}"
) -> list[Waiting]:
    select = f"FROM {source} WHERE {' AND '.join(['next_check_at <= :now', *conditions])}"
    parts = [
        f"SELECT next_check_at, '{subject}' AS subject, clinic_id, {id_column} AS id"
        f" {select.format(subject=subject, id=id_column, keys=COMING_KEYS[subject])}"
        for subject, id_column in ID_COLUMNS.items()
    ]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY 1, 2, 3, 4 LIMIT :most"
    return [Waiting(at, Subject(*which)) for at, *which in connection.execute(sql, values)]


def subjects_without_patient(connection: Connection) -> list[Subject]:
    """Subjects of which a notice waits for a patient who is not known yet (R16)."""
    parts = [
        f"SELECT '{subject}', clinic_id, {id_column} FROM {subject} WHERE waits_for_patient = 1"
        for subject, id_column in ID_COLUMNS.items()
    ]
    return [Subject(*row) for row in connection.execute(" UNION ALL ".join(parts))]


def count_waiting(connection: Connection, now: int) -> int:
    parts = " + ".join(f"(SELECT count(*) FROM {subject} WHERE next_check_at <= :now)" for subject in ID_COLUMNS)
    return int(connection.execute(f"SELECT {parts}", {"now": now}).fetchone()[0])


def set_next_check(connection: Connection, which: Subject, next_check_at: int | None, waits_for_patient: bool) -> None:
    connection.execute(
        f"UPDATE {which.subject} SET next_check_at = ?, waits_for_patient = ?"
        f" WHERE clinic_id = ? AND {ID_COLUMNS[which.subject]} = ?",
        (next_check_at, int(waits_for_patient), which.clinic_id, which.subject_id),
    )


def write_notice(connection: Connection, which: Subject, known: Known, verdict: Verdict, now: int) -> int:
    """One notice as it was decided: skipped with its reason, or with a queued delivery for each channel.

    One that was opened again (R18) stands already.
    """
    standing = _reopened_notice(connection, which, verdict.key)
    if standing is not None:
        look_at_notice_again(connection, standing, verdict, now)
        keep_facts(connection, standing, known, verdict, now)
        return standing
    is_skipped = verdict.outcome == "skip"
    cursor = connection.execute(
        "INSERT OR FAIL INTO notice (clinic_id, patient_id, subject, subject_id, event, number, tenure, due_at,"
        " happened_at, written_at, channels_given, skip_reason, skipped_at, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            which.clinic_id,
            known.details_for(verdict.key).patient_id,
            which.subject,
            which.subject_id,
            *verdict.key,
            verdict.due_at,
            verdict.happened_at,
            now,
            ",".join(verdict.channels),
            verdict.reason if is_skipped else None,
            now if is_skipped else None,
            _facts(known, verdict, now),
        ),
    )
    notice = int(cursor.lastrowid or 0)
    for channel in verdict.channels:
        connection.execute(FIRST_DELIVERY, (notice, channel, which.clinic_id, verdict.due_at, now, now))
    return notice


def keep_facts(connection: Connection, notice: int, known: Known, verdict: Verdict, now: int) -> None:
    """By what a notice that exists was decided anew."""
    connection.execute("UPDATE notice SET facts = ? WHERE id = ?", (_facts(known, verdict, now), notice))


def _facts(known: Known, verdict: Verdict, now: int) -> str:
    return json.dumps(grounds_of(verdict, known.subject, known.patient, now), separators=(",", ":"))


def _reopened_notice(connection: Connection, which: Subject, key: Key) -> int | None:
    sql = (
        "SELECT id FROM notice WHERE clinic_id = ? AND subject = ? AND subject_id = ? AND event = ? AND number = ?"
        " AND tenure = ? AND reopened_at IS NOT NULL"
    )
    row = connection.execute(sql, (which.clinic_id, which.subject, which.subject_id, *key)).fetchone()
    return int(row[0]) if row else None


def look_at_notice_again(connection: Connection, notice: int, verdict: Verdict, now: int) -> None:
    """A skipped or failed notice, by what is decided now: queued, or skipped with the new reason or time."""
    connection.execute("UPDATE notice SET reopened_at = NULL WHERE id = ?", (notice,))
    if verdict.outcome == "skip":
        sql = "UPDATE notice SET skip_reason = ?, skipped_at = ? WHERE id = ? AND skip_reason IS NOT NULL"
        connection.execute(sql, (verdict.reason or "", now, notice))
        return
    sql = "UPDATE notice SET skip_reason = NULL, skipped_at = ? WHERE id = ? AND skip_reason IS NOT NULL"
    connection.execute(sql, (now, notice))
    queue_deliveries(connection, notice, verdict.channels, now, verdict.channels)


def queue_deliveries(
    connection: Connection, notice: int, channels: Sequence[Channel], now: int, given: Sequence[Channel] | None = None
) -> None:
    """New deliveries of a notice, to be sent now; one that was there already and did not go out is queued again.

    `given`: what preference and contact details give now, where they were asked.
    """
    if given is not None:
        connection.execute("UPDATE notice SET channels_given = ? WHERE id = ?", (",".join(given), notice))
    for channel in channels:
        connection.execute(QUEUE_DELIVERY, (notice, channel, now))


# OR FAIL: see deliveries._change
FIRST_DELIVERY = (
    "INSERT OR FAIL INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, next_attempt_at)"
    " VALUES (?, ?, ?, ?, 'queued', ?, ?)"
)
QUEUE_DELIVERY = (
    "INSERT INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, next_attempt_at)"
    " SELECT id, ?2, clinic_id, due_at, 'queued', ?3, ?3 FROM notice WHERE id = ?1"
    " ON CONFLICT (notice_id, channel) DO UPDATE SET status = 'queued', reason = NULL, detail = NULL,"
    " status_at = excluded.status_at, next_attempt_at = excluded.next_attempt_at, attempts = 0,"
    " first_attempt_at = NULL WHERE status IN ('failed', 'skipped')"
)
