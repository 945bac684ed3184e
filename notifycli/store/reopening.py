"""Notices that contact details which come later open again: the next run looks at them, in their order (R18).

Those that had no way, and those of which every delivery failed for its address. Decides nothing of what they become.
"""

from collections.abc import Iterable

from notifycli.domain.model import Appointment, Key
from notifycli.domain.rules import due_as_written
from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each_pair
from notifycli.store.engine import Connection
from notifycli.store.facts import Facts, Policy, Subject
from notifycli.store.subjects import ID_COLUMNS

OF_AN_ADDRESS = ("unknown_mailbox", "mailbox_disabled", "bad_address", "no_address", "number_not_in_use", "bad_number")
FAILED_FOR_ITS_ADDRESS = f"d.status = 'failed' AND d.reason IN {(*OF_AN_ADDRESS, 'token_gone', 'bad_token')}"
CANDIDATES = (
    "SELECT n.id, n.subject, n.clinic_id, n.subject_id, n.event, n.number, n.tenure, n.due_at, n.happened_at"
    f" FROM {each_pair('?', 'clinic_id', 'patient_id')} {THEN_LOOKED_UP_IN} notice n"
    " ON n.clinic_id = j.clinic_id AND n.patient_id = j.patient_id WHERE n.reopened_at IS NULL"
    " AND (n.skip_reason = 'no_contact' OR n.skip_reason IS NULL"
    f" AND EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = n.id AND {FAILED_FOR_ITS_ADDRESS})"
    f" AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notice_id = n.id AND NOT ({FAILED_FOR_ITS_ADDRESS})))"
)


def reopen_for(connection: Connection, policy: Policy, patients: Iterable[tuple[str, ...]], now: int) -> None:
    """`patients`, as (clinic_id, patient_id), have a way now that they had not. What is too late stays as it is."""
    rows = connection.execute(CANDIDATES, (as_list(patients),)).fetchall()
    if not rows:
        return
    known = Facts(connection, policy).known_all(Subject(*row[1:4]) for row in rows)
    for notice, subject, clinic_id, subject_id, event, number, tenure, due_at, happened_at in rows:
        which, key = Subject(subject, clinic_id, subject_id), Key(event, number, tenure)
        about = known[which].subject
        is_given_away = isinstance(about, Appointment) and tenure < about.tenure and event != "cancellation"
        if is_given_away or now >= due_as_written(key, due_at, happened_at, about).too_late_at:
            continue
        connection.execute("UPDATE notice SET reopened_at = ? WHERE id = ?", (now, notice))
        connection.execute(
            f"UPDATE {subject} SET next_check_at = 0 WHERE clinic_id = ? AND {ID_COLUMNS[subject]} = ?",
            (clinic_id, subject_id),
        )
