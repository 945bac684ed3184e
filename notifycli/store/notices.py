"""Notices: written as they were decided, with their deliveries, and read again as they stand. Decides nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.grounds import Grounds, grounds_of
from notifycli.domain.model import Key, Verdict
from notifycli.domain.words import Channel
from notifycli.store.dialect import OR_FAIL, joined, without_index
from notifycli.store.engine import Connection
from notifycli.store.facts import Known, Subject
from notifycli.store.subjects import EVERYONES, OF_CLINICS, WhoseSubjects


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that exists, as the rules look at it again."""

    patient_id: str
    subject: Subject
    key: Key
    due_at: int
    happened_at: int
    channels_given: tuple[Channel, ...]


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


def write_notices(connection: Connection, decided: Iterable[tuple[Subject, Known, Verdict]], now: int) -> None:
    """Notices as they were decided: skipped with a reason, or with a queued delivery for each channel.

    One that was opened again (R18) stands already.
    """
    first_deliveries: list[tuple[object, ...]] = []
    for which, known, verdict in decided:
        if any(written.key == verdict.key for written in known.subject.reopened):
            standing = _reopened_notice(connection, which, verdict.key)
            look_at_notice_again(connection, standing, verdict, now)
            keep_facts(connection, standing, known, verdict, now)
            continue
        notice = _insert(connection, which, known, verdict, now)
        first_deliveries += (
            (notice, channel, which.clinic_id, verdict.due_at, now, now) for channel in verdict.channels
        )
    connection.executemany(FIRST_DELIVERY, first_deliveries)


def _insert(connection: Connection, which: Subject, known: Known, verdict: Verdict, now: int) -> int:
    is_skipped = verdict.outcome == "skip"
    return connection.insert(
        f"INSERT {OR_FAIL} INTO notice (clinic_id, patient_id, subject, subject_id, event, number, tenure, due_at,"
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


def _reopened_notice(connection: Connection, which: Subject, key: Key) -> int:
    sql = (
        "SELECT id FROM notice WHERE clinic_id = ? AND subject = ? AND subject_id = ? AND event = ? AND number = ?"
        " AND tenure = ? AND reopened_at IS NOT NULL"
    )
    return int(connection.execute(sql, (which.clinic_id, which.subject, which.subject_id, *key)).fetchone()[0])


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


def keep_facts(connection: Connection, notice: int, known: Known, verdict: Verdict, now: int) -> None:
    """By what a notice that exists was decided anew."""
    connection.execute("UPDATE notice SET facts = ? WHERE id = ?", (_facts(known, verdict, now), notice))


def _facts(known: Known, verdict: Verdict, now: int) -> str:
    return json.dumps(grounds_of(verdict, known.subject, known.patient, now), separators=(",", ":"))


def queue_deliveries(
    connection: Connection, notice: int, channels: Sequence[Channel], now: int, given: Sequence[Channel] | None = None
) -> None:
    """New deliveries of a notice, to be sent now; one that was there already and did not go out is queued again.

    `given`: what preference and contact details give now, where they were asked.
    """
    if given is not None:
        connection.execute("UPDATE notice SET channels_given = ? WHERE id = ?", (",".join(given), notice))
    for channel in channels:
        connection.execute(QUEUE_DELIVERY, {"notice": notice, "channel": channel, "now": now})


FIRST_DELIVERY = (
    f"INSERT {OR_FAIL} INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, next_attempt_at)"
    " VALUES (?, ?, ?, ?, 'queued', ?, ?)"
)
QUEUE_DELIVERY = (
    "INSERT INTO delivery (notice_id, channel, clinic_id, due_at, status, status_at, next_attempt_at)"
    " SELECT id, :channel, clinic_id, due_at, 'queued', :now, :now FROM notice WHERE id = :notice"
    " ON CONFLICT (notice_id, channel) DO UPDATE SET status = 'queued', reason = NULL, detail = NULL,"
    " status_at = excluded.status_at, next_attempt_at = excluded.next_attempt_at, attempts = 0,"
    " first_attempt_at = NULL WHERE delivery.status IN ('failed', 'skipped')"
)


def notice(connection: Connection, number: int) -> Notice | None:
    sql = (
        "SELECT patient_id, subject, clinic_id, subject_id, event, number, tenure, due_at, happened_at, channels_given"
        " FROM notice WHERE id = ?"
    )
    row = connection.execute(sql, (number,)).fetchone()
    return Notice(row[0], Subject(*row[1:4]), Key(*row[4:7]), row[7], row[8], channels_in(row[9])) if row else None


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


def queued_until(
    connection: Connection, until: int, whose: WhoseSubjects = EVERYONES
) -> list[tuple[int, tuple[Channel, ...], int]]:
    """Notices whose deliveries wait to be tried, by number, with the channels and the time of the next attempt."""
    of_whom = " AND clinic_id = :whose_clinic" if whose.clinic is not None else ""
    if whose.patient is not None:
        of_whom += f" AND notice_id IN (SELECT id FROM notice WHERE {OF_CLINICS} AND patient_id = :whose_patient)"
    # by no index of notices, since that would read every delivery there is, and what is queued is little
    sql = (
        f"SELECT notice_id, {joined('channel')}, min(next_attempt_at) FROM delivery"
        f" WHERE status = 'queued' AND next_attempt_at <= :until{of_whom} GROUP BY {without_index('notice_id')}"
    )
    values = {"until": until, "whose_clinic": whose.clinic, "whose_patient": whose.patient}
    return [(notice, tuple(channels.split(",")), at) for notice, channels, at in connection.execute(sql, values)]


def channels_in(channels: str) -> tuple[Any, ...]:
    return tuple(filter(None, channels.split(",")))
