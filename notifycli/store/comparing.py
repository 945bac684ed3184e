"""What is asked of the store where another system's messages are held against our notices.

Reads only, decides nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from notifycli.domain.comparing import LogMessage
from notifycli.domain.explanations import DeliveryTold
from notifycli.domain.grounds import Grounds
from notifycli.domain.model import Key
from notifycli.store.dialect import among, among_numbers, as_list
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.notices import NoticeRow
from notifycli.store.subjects import ID_COLUMNS


class StoredNotice(NamedTuple):
    """`row`: without the facts by which it was decided."""

    which: Subject
    row: NoticeRow


def notices_due_between(connection: Connection, clinic: str, since: int, until: int) -> Iterator[StoredNotice]:
    """Of one clinic, both ends included, with their deliveries."""
    values = {"clinic": clinic, "since": since, "until": until}
    of_clinic = "n.clinic_id = :clinic AND n.due_at BETWEEN :since AND :until"
    deliveries: defaultdict[int, list[DeliveryTold]] = defaultdict(list)
    sql = (
        "SELECT d.notice_id, d.id, d.channel, d.status, d.reason, NULL, d.attempts, d.status_at, d.sent_at,"
        f" d.next_attempt_at FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE {of_clinic} ORDER BY d.id"
    )
    for notice, *cells in connection.execute(sql, values):
        deliveries[notice].append(DeliveryTold(*cells))
    sql = (
        "SELECT n.subject, n.subject_id, n.id, n.patient_id, n.event, n.number, n.tenure, n.due_at, n.happened_at,"
        f" n.skip_reason FROM notice n WHERE {of_clinic} ORDER BY n.id"
    )
    for subject, subject_id, number, patient, *cells in connection.execute(sql, values):
        event, of_event, tenure, due_at, happened_at, skip_reason = cells
        of_notice = tuple(deliveries.pop(number, ()))
        row = NoticeRow(
            number, patient, Key(event, of_event, tenure), due_at, happened_at, skip_reason, (), {}, of_notice
        )
        yield StoredNotice(Subject(subject, clinic, subject_id), row)


def methods_of_patients(connection: Connection, clinic: str, patients: Collection[str]) -> dict[str, str | None]:
    """The preferred method of those of them whom the clinic has told of."""
    sql = (
        f"SELECT patient_id, preferred_method FROM patient WHERE clinic_id = :clinic AND patient_id IN {among(':ids')}"
    )
    return dict(connection.execute(sql, {"clinic": clinic, "ids": as_list(patients)}).fetchall())


def grounds_of_notices(connection: Connection, numbers: Collection[int]) -> dict[int, Grounds]:
    """By what they were decided; empty where it was not kept."""
    sql = f"SELECT id, facts FROM notice WHERE id IN {among_numbers(':ids')}"
    rows = connection.execute(sql, {"ids": as_list(numbers)})
    return {number: json.loads(facts) if facts is not None else {} for number, facts in rows}


def subjects_of_patients(connection: Connection, clinic: str, patients: Collection[str]) -> list[Subject]:
    """Whatever is theirs now."""
    values = {"clinic": clinic, "ids": as_list(patients)}
    return [
        Subject(subject, clinic, row[0])
        for subject, id_column in ID_COLUMNS.items()
        for row in connection.execute(
            f"SELECT {id_column} FROM {subject} WHERE clinic_id = :clinic AND patient_id IN {among(':ids')}", values
        )
    ]


def external_messages(connection: Connection) -> Iterator[tuple[str, str, str, LogMessage]]:
    """What imports of `external` brought: clinic, sender and status of each, and the message."""
    sql = "SELECT clinic_id, sender, status, patient_id, event, channel, sent_at, external_id FROM external"
    for clinic, sender, status, patient, event, channel, at, external_id in connection.execute(sql):
        yield clinic, sender, status, LogMessage(patient, event, "", channel, at, external_id)
