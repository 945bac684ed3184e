"""The history, as people ask for it: deliveries, skipped notices and what others sent, and all of one notice.

Reads only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from notifycli.domain.search_words import wanted_words
from notifycli.store import finding
from notifycli.store.dialect import THEN_LOOKED_UP_IN, among, as_list, by_index, without_index
from notifycli.store.engine import Connection
from notifycli.store.subjects import ID_COLUMNS

HISTORY_FIELDS = (
    "notice", "delivery", "clinic", "patient", "event", "subject", "subject_id", "channel", "address", "text", "status",
    "reason", "due_at", "sent_at", "status_at", "attempts", "sender", "active_user",
)  # fmt: skip
FIELDS_OF_WAITING = ("detail", "next_attempt_at")
ALL = 2**62  # more rows than there are


class PlaceInHistory(NamedTuple):
    """Where a row stands in the history's order."""

    status_at: int
    notice: int
    delivery: int
    clinic: str
    subject_id: str


def place_of(row: Mapping[str, Any]) -> PlaceInHistory:
    """Of a row as `history` gives it."""
    at, notice, delivery = row["status_at"], row["notice"] or 0, row["delivery"] or 0
    return PlaceInHistory(at, notice, delivery, row["clinic"], row["subject_id"])


@dataclass(frozen=True)
class HistoryFilter:
    """What of the history is asked for; None: all. `since` (included) and `until` (not) go by status_at.

    `after`: only what comes behind that place, for who reads page by page.
    """

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
    after: PlaceInHistory | None = None


NO_NUMBER = "CAST(NULL AS BIGINT)"
ACTIVE_USER = "p.last_login_at IS NOT NULL"
OF_PATIENT = "LEFT JOIN patient p ON p.clinic_id = {0}.clinic_id AND p.patient_id = {0}.patient_id"
DELIVERIES = (
    "SELECT n.id AS notice, d.id AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, d.channel AS channel, d.address AS address, d.text AS text,"
    " d.status AS status, d.reason AS reason, n.due_at AS due_at, d.sent_at AS sent_at, d.status_at AS status_at,"
    f" d.attempts AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, d.detail, d.next_attempt_at"
    f" FROM delivery d JOIN notice n ON n.id = d.notice_id {OF_PATIENT.format('n')} WHERE true"
)
SKIPPED = (
    f"SELECT n.id AS notice, {NO_NUMBER} AS delivery, n.clinic_id AS clinic, n.patient_id AS patient, n.event AS event,"
    " n.subject AS subject, n.subject_id AS subject_id, NULL AS channel, NULL AS address, NULL AS text,"
    f" 'skipped' AS status, n.skip_reason AS reason, n.due_at AS due_at, {NO_NUMBER} AS sent_at,"
    f" n.skipped_at AS status_at, 0 AS attempts, 'notify' AS sender, {ACTIVE_USER} AS active_user, NULL AS detail,"
    f" {NO_NUMBER} AS next_attempt_at"
    f" FROM notice n {OF_PATIENT.format('n')} WHERE n.skip_reason IS NOT NULL"
)
EXTERNAL = (
    f"SELECT {NO_NUMBER} AS notice, {NO_NUMBER} AS delivery, e.clinic_id AS clinic, e.patient_id AS patient,"
    " e.event AS event,"
    " NULL AS subject, e.external_id AS subject_id, e.channel AS channel, NULL AS address, NULL AS text,"
    f" coalesce(nullif(e.status, ''), 'sent') AS status, NULL AS reason, {NO_NUMBER} AS due_at, e.sent_at AS sent_at,"
    f" e.sent_at AS status_at, 1 AS attempts, e.sender AS sender, {ACTIVE_USER} AS active_user, NULL AS detail,"
    f" {NO_NUMBER} AS next_attempt_at"
    f" FROM {{external}} {OF_PATIENT.format('e')} WHERE true"
)


ANY_CLINIC = "clinic IN (SELECT clinic_id FROM clinic)"  # which lets an index that begins with the clinic be used


def history(connection: Connection, wanted: HistoryFilter) -> Iterator[dict[str, Any]]:
    """One row a delivery, a skipped notice or what others sent, newest status_at first.

    By HISTORY_FIELDS, and FIELDS_OF_WAITING for people alone.
    """
    where, values = _conditions(wanted)
    searched = _searched(connection, wanted.search) if wanted.search is not None else Searched()
    external = searched.external
    if wanted.patient is not None and external == Searched.external:
        external += f" {by_index('external_of_patient')}"  # SQLite would rather read all of a clinic
    newest = (
        "ORDER BY status_at DESC, notice DESC NULLS LAST, delivery DESC NULLS LAST, clinic DESC, subject_id DESC"
        " LIMIT :limit"
    )
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT * FROM ({part} AND ({condition})) rows_of_part {where} {newest}) part"
        for part, condition in (
            (DELIVERIES, searched.of_notices),
            (SKIPPED, searched.of_notices),
            (EXTERNAL.format(external=external), searched.of_external),
        )
    )
    values |= searched.values
    rows = connection.execute(f"{searched.before}{parts} {newest}", values | {"limit": wanted.limit or ALL})
    names = (*HISTORY_FIELDS, *FIELDS_OF_WAITING)
    return (_with_booleans(dict(zip(names, row, strict=True))) for row in rows)


def _conditions(wanted: HistoryFilter) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {}
    parts = []
    for column in ("clinic", "patient", "event", "channel", "status", "reason", "sender"):
        if (value := getattr(wanted, column)) is not None:
            # the newest are looked at one by one, and not all of a clinic sorted
            is_all_of_a_clinic = column == "clinic" and not wanted.patient and not wanted.appointment
            parts.append(f"{without_index('clinic') if is_all_of_a_clinic else column} = :{column}")
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
    if wanted.after is not None:
        # the first condition alone lets an index be used
        parts.append("status_at <= :at_after")
        parts.append(
            "(status_at, coalesce(notice, 0), coalesce(delivery, 0), clinic, subject_id)"
            " < (:at_after, :notice_after, :delivery_after, :clinic_after, :subject_after)"
        )
        names = ("at_after", "notice_after", "delivery_after", "clinic_after", "subject_after")
        values |= dict(zip(names, wanted.after, strict=True))
    return ("WHERE " + " AND ".join(f"({part})" for part in parts) if parts else ""), values


MANY = 2_000  # patients: so many are met soon among the newest of the history, fewer are asked for one by one
TYPED_IDS = among(":typed")
OF_ANY_CLINIC = "clinic_id IN (SELECT clinic_id FROM clinic)"


@dataclass(frozen=True)
class Searched:
    """Conditions on `notice n` and `external e`, where e comes from, and what stands before the whole question."""

    of_notices: str = "true"
    of_external: str = "true"
    external: str = "external e"
    before: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def _searched(connection: Connection, text: str) -> Searched:
    """What is of patients who are found by the text, or has it as its patient's or subject's id."""
    words = wanted_words(text)
    if not words:
        return Searched("false", "false")
    typed = text.strip()
    matching, values = connection.matching(words)
    values["typed"] = as_list({typed, typed.upper(), typed.lower()})
    if finding.count_matching(connection, words, MANY) == MANY:
        of_notices = _among_the_newest("n", "subject_id", matching)
        of_external = _among_the_newest("e", "external_id", matching)
        return Searched(of_notices, of_external, values=values)
    notices = (
        f"SELECT m.id FROM ({matching}) s {THEN_LOOKED_UP_IN} notice m"
        " ON m.clinic_id = s.clinic_id AND m.patient_id = s.patient_id"
        f" UNION SELECT id FROM notice WHERE {OF_ANY_CLINIC} AND patient_id IN {TYPED_IDS}"
        f" UNION SELECT id FROM notice WHERE {OF_ANY_CLINIC} AND subject IN {(*ID_COLUMNS,)}"
        f" AND subject_id IN {TYPED_IDS}"
    )
    keys = (
        f"SELECT o.clinic_id, o.external_id FROM ({matching}) s {THEN_LOOKED_UP_IN} external o"
        " ON o.clinic_id = s.clinic_id AND o.patient_id = s.patient_id"
        f" UNION SELECT clinic_id, external_id FROM external {by_index('external_of_patient')}"
        f" WHERE {OF_ANY_CLINIC} AND patient_id IN {TYPED_IDS}"
        f" UNION SELECT clinic_id, external_id FROM external WHERE {OF_ANY_CLINIC} AND external_id IN {TYPED_IDS}"
    )
    by_key = "e.clinic_id = k.clinic_id AND e.external_id = k.external_id"
    return Searched(
        "n.id IN (SELECT id FROM searched)",
        external=f"({keys}) k {THEN_LOOKED_UP_IN} external e ON {by_key}",
        before=f"WITH searched AS MATERIALIZED ({notices}) ",
        values=values,
    )


def _among_the_newest(row: str, id_column: str, matching: str) -> str:
    """The newest are looked at one by one, and not all notices of all these patients."""
    clinic, patient, id_ = (without_index(f"{row}.{column}") for column in ("clinic_id", "patient_id", id_column))
    return f"({clinic}, {patient}) IN ({matching}) OR {patient} IN {TYPED_IDS} OR {id_} IN {TYPED_IDS}"


def _with_booleans(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"active_user": bool(row["active_user"])}


def external_statuses(connection: Connection) -> list[str]:
    """The words that third parties have for what became of theirs."""
    return [row[0] for row in connection.execute("SELECT DISTINCT status FROM external WHERE status <> ''")]


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
        "deliveries": connection.named(
            "SELECT id AS delivery, channel, address, sent_from, subject_line, text, status,"
            " reason, detail, status_at, sent_at, attempts,"
            " next_attempt_at, reference FROM delivery WHERE notice_id = ? ORDER BY id",
            (number,),
        ),
        "changes": connection.named(
            "SELECT at, delivery_id AS delivery, status, reason, detail, attempts FROM status_log WHERE notice_id = ?"
            " ORDER BY id",
            (number,),
        ),
    }
