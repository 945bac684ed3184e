"""What the program remembers of itself: its runs and imports, the troubles that it has told of, its own name."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from notifycli.store.engine import Connection, writing


class RunCounts(Protocol):
    """What a run came to; `due` and `skipped` count notices, the others deliveries."""

    due: int
    sent: int
    skipped: int
    failed: int
    retrying: int
    uncertain: int
    stopped: bool


def note_run(connection: Connection, started_at: int, ended_at: int, counts: RunCounts) -> None:
    """Every run is the last run; those that had something to do stand in the table as well."""
    numbers = (counts.due, counts.sent, counts.skipped, counts.failed, counts.retrying, counts.uncertain)
    with writing(connection):
        set_state(connection, "last_run_at", started_at)
        if any(numbers):
            connection.execute(
                "INSERT INTO run (started_at, ended_at, due, sent, skipped, failed, retrying, uncertain)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (started_at, ended_at, *numbers),
            )


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
    found = {}
    for channel in ("email", "sms", "push"):
        for kind, where in (("waiting", "status = 'queued' AND attempts > 0"), ("uncertain", "status = 'uncertain'")):
            sql = f"SELECT count(*) FROM delivery WHERE {where} AND channel = ?"
            count = connection.execute(sql, (channel,)).fetchone()[0]
            if count:
                found[f"{channel}_{kind}"] = count
    return found


def told_troubles(connection: Connection) -> Mapping[str, int]:
    """The troubles that the last run told of, or still knew of."""
    found: Mapping[str, int] = state(connection, "troubles", {})
    return found


def remember_troubles(connection: Connection, troubles: Mapping[str, int]) -> None:
    with writing(connection):
        set_state(connection, "troubles", dict(troubles))
