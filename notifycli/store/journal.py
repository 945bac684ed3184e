"""What the program remembers of itself: its runs and imports, the troubles that it has told of, its own name.

An idle run needs no more of the store than this, so this needs no more than the engine.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from notifycli.domain.words import SUBJECT_KINDS
from notifycli.store.engine import Connection, StoreBusy, short_waits, writing

LONGEST_REST = 90  # seconds from one run to the next, where cron begins one each minute
PAUSES = "pauses"  # that no two hosts note the same one


@dataclass
class RunCounts:
    """What a run came to; `due` and `skipped` count notices, the others deliveries.

    `stopped`: so many were due that none was sent. `by_first`, `by_second`: sent SMS, by which gateway.
    """

    due: int = 0
    sent: int = 0
    skipped: int = 0
    failed: int = 0
    retrying: int = 0
    uncertain: int = 0
    stopped: bool = False
    by_first: int = 0
    by_second: int = 0


def is_anything_to_do(connection: Connection, now: int) -> bool:
    """Whether a run would find work; cheap, since an idle minute asks no more than this."""
    parts = [f"SELECT 1 FROM {name} WHERE next_check_at <= :now" for name in SUBJECT_KINDS]
    parts.append(
        "SELECT 1 FROM delivery WHERE status = 'queued' AND channel IN ('email', 'sms', 'push')"
        " AND next_attempt_at <= :now"
    )
    parts.append("SELECT 1 FROM delivery WHERE status = 'sending'")
    parts.append("SELECT 1 FROM delivery WHERE status = 'uncertain' AND next_attempt_at <= :now")
    checks = " OR ".join(f"EXISTS ({part})" for part in parts)
    return bool(connection.execute(f"SELECT {checks}", {"now": now}).fetchone()[0])


def is_anything_to_index(connection: Connection) -> bool:
    """Whether patients wait to be found (store.finding)."""
    return connection.execute("SELECT 1 FROM patient_to_index LIMIT 1").fetchone() is not None


def note_beginning(connection: Connection, now: int) -> None:
    """A run begins: the last run from now on, whatever becomes of it, and how long there was none before it.

    While another program writes, it is not noted.
    """
    with suppress(StoreBusy), short_waits(connection), writing(connection, alone=PAUSES):
        _note_pause_before(connection, now)
        set_state(connection, "last_run_at", now)


def note_run(connection: Connection, started_at: int, ended_at: int, counts: RunCounts) -> None:
    """Every run is the last run; those that had something to do stand in the table as well."""
    numbers = (counts.due, counts.sent, counts.skipped, counts.failed, counts.retrying, counts.uncertain)
    with writing(connection, alone=PAUSES):
        _note_pause_before(connection, started_at)
        set_state(connection, "last_run_at", started_at)
        if any(numbers):
            connection.execute(
                "INSERT INTO run (started_at, ended_at, due, sent, skipped, failed, retrying, uncertain)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (started_at, ended_at, *numbers),
            )
        if counts.stopped and not _prolong_stop(connection, started_at, ended_at):
            _note_pause(connection, "safety_stop", started_at, ended_at)


def note_idle_run(connection: Connection, started_at: int) -> None:
    """A run that found nothing to do is the last run all the same; while another program writes, it is not noted."""
    last = state(connection, "last_run_at", None)
    if last is None or started_at - last > LONGEST_REST:
        note_beginning(connection, started_at)
        return
    with suppress(StoreBusy), short_waits(connection):
        set_state(connection, "last_run_at", started_at)


def _note_pause_before(connection: Connection, now: int) -> None:
    """No run since the last one ended; where the safety stop held that one, it has held until now."""
    last = state(connection, "last_run_at", None)
    if last is not None and (_prolong_stop(connection, last, now) or now - last <= LONGEST_REST):
        return
    latest = connection.execute("SELECT ended_at FROM run ORDER BY id DESC LIMIT 1").fetchone()
    ended_at = max(last or 0, latest[0] if latest else 0)
    if now - ended_at > LONGEST_REST:
        _note_pause(connection, "cron_silent", ended_at, now)


def _prolong_stop(connection: Connection, not_ended_before: int, until: int) -> bool:
    """Whether the latest pause is a safety stop that lasted so long; it lasts until then, then."""
    sql = (
        "UPDATE pause SET ended_at = ? WHERE id = (SELECT max(id) FROM pause) AND cause = 'safety_stop'"
        " AND ended_at >= ?"
    )
    return connection.execute(sql, (until, not_ended_before)).rowcount == 1


def _note_pause(connection: Connection, cause: str, began_at: int, ended_at: int) -> None:
    sql = "INSERT INTO pause (cause, began_at, ended_at) VALUES (?, ?, ?)"
    connection.execute(sql, (cause, began_at, ended_at))


def database_id(connection: Connection) -> str:
    """A word that no other database has, made with the schema."""
    return str(state(connection, "database_id", ""))


def state(connection: Connection, name: str, otherwise: Any) -> Any:
    row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return json.loads(row[0]) if row else otherwise


def set_state(connection: Connection, name: str, value: Any) -> None:
    sql = "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    connection.execute(sql, (name, json.dumps(value)))


def troubles_now(connection: Connection) -> dict[str, int]:
    """What is wrong at present, by kind, with how many deliveries it concerns."""
    troubles = {}
    for channel in ("email", "sms", "push"):
        for kind, where in (("waiting", "status = 'queued' AND attempts > 0"), ("uncertain", "status = 'uncertain'")):
            sql = f"SELECT count(*) FROM delivery WHERE {where} AND channel = ?"
            count = connection.execute(sql, (channel,)).fetchone()[0]
            if count:
                troubles[f"{channel}_{kind}"] = count
    return troubles


def told_troubles(connection: Connection) -> Mapping[str, int]:
    """The troubles that the last run told of, or still knew of."""
    troubles: Mapping[str, int] = state(connection, "troubles", {})
    return troubles


def remember_troubles(connection: Connection, troubles: Mapping[str, int]) -> None:
    with writing(connection, alone=None):
        set_state(connection, "troubles", dict(troubles))
