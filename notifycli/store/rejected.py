"""Rejected rows that wait for being imported or settled, imports that failed, and when appointments came last.

Decides nothing about what a row means. Source: SPEC sections 3 and 8.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from notifycli.store import audit, held
from notifycli.store.engine import Connection

MOST_LISTED = 1_000  # imports with something open
ALL_CLINICS = ""


class RejectedRow(NamedTuple):
    """A row of the table open_reject, whose columns the schema explains."""

    import_id: int
    line: int
    last_import_id: int
    kind: str
    clinic_id: str
    row_id: str
    content: str
    file_at: int


def open_ids(connection: Connection, kind: str) -> set[str]:
    """The ids of a kind's rows that are open."""
    return {row_id for (row_id,) in connection.execute("SELECT row_id FROM open_reject WHERE kind = ?", (kind,))}


def close_rows(
    connection: Connection, kind: str, keys: Iterable[tuple[str, str]], file_at: int, import_id: int
) -> None:
    """Rows of these keys, clinic and id, that came in no newer file, nor in this import."""
    sql = (
        "DELETE FROM open_reject WHERE kind = ? AND row_id = ? AND row_id <> '' AND clinic_id = ? AND file_at <= ?"
        " AND last_import_id <> ?"
    )
    connection.executemany(sql, [(kind, row_id, clinic_id, file_at, import_id) for clinic_id, row_id in keys])


def close_lines(connection: Connection, lines: Iterable[tuple[int, int]]) -> None:
    """Rows by the import and line in which they were rejected first."""
    connection.executemany("DELETE FROM open_reject WHERE import_id = ? AND line = ?", lines)


def open_rows(connection: Connection, rows: Sequence[RejectedRow]) -> None:
    """In place of what was open of the same rows."""
    close_lines(connection, [(row.import_id, row.line) for row in rows if row.import_id != row.last_import_id])
    connection.executemany(
        "DELETE FROM open_reject WHERE kind = ? AND row_id = ? AND clinic_id = ? AND content = ? AND file_at <= ?"
        " AND last_import_id <> ?",
        [(row.kind, row.row_id, row.clinic_id, row.content, row.file_at, row.last_import_id) for row in rows],
    )
    fields = ", ".join(RejectedRow._fields)
    connection.executemany(f"INSERT INTO open_reject ({fields}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def count_open(connection: Connection, import_id: int) -> int:
    """Of the rows that an import rejected, or rejected again."""
    sql = "SELECT count(*) FROM open_reject WHERE import_id = :import OR last_import_id = :import"
    return int(connection.execute(sql, {"import": import_id}).fetchone()[0])


def imports_with_open_rows(connection: Connection) -> list[dict[str, Any]]:
    """The newest first: `import`, `at`, `path`, `summary`, how many `rejected`, how many of them `open`."""
    sql = (
        "SELECT i.id, i.at, i.path, i.summary, i.rejected, o.number"
        " FROM (SELECT last_import_id, count(*) AS number FROM open_reject GROUP BY last_import_id"
        " ORDER BY last_import_id DESC LIMIT ?) o JOIN import i ON i.id = o.last_import_id ORDER BY i.id DESC"
    )
    names = ("import", "at", "path", "summary", "rejected", "open")
    rows = (dict(zip(names, row, strict=True)) for row in connection.execute(sql, (MOST_LISTED,)))
    return [row | {"summary": json.loads(row["summary"])} for row in rows]


def settle_failed_before(connection: Connection, import_id: int) -> None:
    """A file that was imported settles its own failures: of the same path or content, not of another kind or clinic."""
    connection.execute(
        "UPDATE import SET settled_at = now.at FROM (SELECT * FROM import WHERE id = ?) now"
        " WHERE import.error IS NOT NULL AND import.settled_at IS NULL AND import.id < now.id"
        " AND (import.path = now.path OR import.sha256 = now.sha256)"
        " AND (import.kind IS NULL OR import.kind = now.kind)"
        " AND (import.clinic IS NULL OR now.clinic IS NULL OR import.clinic = now.clinic)",
        (import_id,),
    )


def failed_imports(connection: Connection) -> list[dict[str, Any]]:
    """Those that are not settled, the newest first; `held` is how many appointments wait for them."""
    sql = (
        "SELECT id, at, path, kind, clinic, sha256, error, summary,"
        " (SELECT count(*) FROM held WHERE held.import_id = import.id)"
        " FROM import WHERE error IS NOT NULL AND settled_at IS NULL ORDER BY id DESC LIMIT ?"
    )
    names = ("import", "at", "path", "kind", "clinic", "sha256", "error", "summary", "held")
    rows = (dict(zip(names, row, strict=True)) for row in connection.execute(sql, (MOST_LISTED,)))
    return [row | {"summary": json.loads(row["summary"])} for row in rows]


def count_held(connection: Connection, import_id: int) -> int:
    return int(connection.execute("SELECT count(*) FROM held WHERE import_id = ?", (import_id,)).fetchone()[0])


def settle(connection: Connection, import_id: int, now: int, by: str) -> tuple[int, int]:
    """Whatever of an import is open need not be imported, as the user `by` says; how many rows that were, and
    appointments held."""
    rows = connection.execute(
        "DELETE FROM open_reject WHERE import_id = :import OR last_import_id = :import", {"import": import_id}
    ).rowcount
    connection.execute(
        "UPDATE import SET settled_at = ? WHERE id = ? AND error IS NOT NULL AND settled_at IS NULL", (now, import_id)
    )
    released = held.release_import(connection, import_id)
    [(clinic,)] = connection.execute("SELECT clinic FROM import WHERE id = ?", (import_id,)).fetchall()
    detail = f"import {import_id}: {rows} rejected rows dropped, {released} held appointments let go"
    audit.note(connection, now, by, audit.Action("imports settle", "import", str(import_id), detail, clinic))
    return rows, released


def note_appointments(connection: Connection, import_id: int, clinics: Iterable[str], at: int) -> None:
    """That an export of appointments has come, with rows of these clinics; without any it is of whom its path was."""
    clinics = list(clinics) or _clinics_of_path(connection, import_id)
    sql = (
        "INSERT INTO appointments_seen (clinic_id, at, is_own) VALUES (?, ?, ?)"
        " ON CONFLICT (clinic_id) DO UPDATE SET at = excluded.at, is_own = excluded.is_own"
        " WHERE excluded.at >= appointments_seen.at"
    )
    connection.executemany(sql, [(clinic, at, len(clinics) == 1) for clinic in (*clinics, ALL_CLINICS)])


def _clinics_of_path(connection: Connection, import_id: int) -> list[str]:
    """Of the newest import of the same path that had one clinic's rows."""
    sql = (
        "SELECT before.clinic FROM import now JOIN import before ON before.path = now.path AND before.kind = now.kind"
        " WHERE now.id = ? AND before.clinic IS NOT NULL ORDER BY before.id DESC LIMIT 1"
    )
    return [clinic for (clinic,) in connection.execute(sql, (import_id,))]


def last_appointments(connection: Connection) -> Mapping[str, int]:
    """When the last export came: of all (ALL_CLINICS), and of each clinic whose last one was a file of its own."""
    sql = "SELECT clinic_id, at FROM appointments_seen WHERE is_own = 1 OR clinic_id = ?"
    return dict(connection.execute(sql, (ALL_CLINICS,)).fetchall())


def has_future_appointments(connection: Connection, clinic_id: str, now: int) -> bool:
    sql = "SELECT 1 FROM appointment WHERE clinic_id = ? AND status = 'booked' AND starts_at > ? LIMIT 1"
    return connection.execute(sql, (clinic_id, now)).fetchone() is not None


def first_import_at(connection: Connection) -> int | None:
    """Of those that brought something."""
    row = connection.execute("SELECT at FROM import WHERE error IS NULL ORDER BY id LIMIT 1").fetchone()
    return row[0] if row else None


def last_import_at(connection: Connection) -> int | None:
    row = connection.execute("SELECT at FROM import WHERE error IS NULL ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else None
