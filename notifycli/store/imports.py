"""Past imports: the number, counts and summary of each, and what it changed.

Holds nothing of people but ids. Knows no files and no columns of theirs; a summary is JSON that others make and read.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, cast

from notifycli.domain.model import ANSWERS
from notifycli.store import audit
from notifycli.store.appointments import EVENTS_OF_IMPORT
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES

FIELDS = (
    "import", "at", "imported_by", "file", "path", "sha256", "kind", "clinic", "rows", "new", "changed", "unchanged",
    "stale", "rejected", "warnings", "error", "settled_at", "summary",
)  # fmt: skip
ALL = 2**62  # more rows than there are
SELECT = f"SELECT id, {', '.join(FIELDS[1:])} FROM import"
WITHOUT_EVENTS = ("clinics", "types", "patients", "external")  # kinds whose rows make nothing happen
ANSWERS_IN_SQL = "(" + ", ".join(f"'{kind}'" for kind in ANSWERS) + ")"


def begin_import(
    connection: Connection, at: int, imported_by: str, path: Path, sha256: str | None, file_at: int | None = None
) -> int:
    """The number of an import whose counts are still to come; `file_at`: the file's time."""
    counts = "0, 0, 0, 0, 0, 0, 0"
    return connection.insert(
        "INSERT INTO import (at, imported_by, file, path, sha256, file_at, rows, new, changed, unchanged, stale,"
        f" rejected, warnings) VALUES (?, ?, ?, ?, ?, ?, {counts})",
        (at, imported_by, path.name, str(path), sha256, file_at),
    )


def next_number(connection: Connection) -> int:
    """No import has it yet, nor one that is greater."""
    return int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM import").fetchone()[0])


def times_of(connection: Connection, number: int) -> tuple[int, int] | None:
    """Of an import's file, and of the import; None where there is no such import."""
    return cast(
        "tuple[int, int] | None",
        connection.execute("SELECT file_at, at FROM import WHERE id = ? AND file_at IS NOT NULL", (number,)).fetchone(),
    )


def end_import(
    connection: Connection,
    import_id: int,
    kind: str | None,
    clinic: str | None,
    counts: Sequence[int],
    error: str | None,
    summary: dict[str, Any],
) -> None:
    """`counts`: rows, new, changed, unchanged, stale, rejected, warnings. `clinic`: the one of all its rows, if any."""
    [(at, by, file)] = connection.execute(
        "UPDATE import SET kind = ?, clinic = ?, rows = ?, new = ?, changed = ?, unchanged = ?, stale = ?,"
        " rejected = ?, warnings = ?, error = ?, summary = ? WHERE id = ? RETURNING at, imported_by, file",
        (kind, clinic, *counts, error, json.dumps(summary, default=str), import_id),
    ).fetchall()
    did = "import --force" if summary.get("options", {}).get("force") else "import"
    detail = f"import {import_id}: {file}" + (", not imported" if error else "")
    audit.note(connection, at, by, audit.Action(did, "import", str(import_id), detail, clinic))


def last_imports(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest imports first, by FIELDS; all where `limit` is 0."""
    return [_named(row) for row in connection.execute(f"{SELECT} ORDER BY id DESC LIMIT ?", (limit or ALL,))]


def one_import(connection: Connection, number: int) -> dict[str, Any] | None:
    row = connection.execute(f"{SELECT} WHERE id = ?", (number,)).fetchone()
    return _named(row) if row else None


def _named(row: Sequence[Any]) -> dict[str, Any]:
    fields = dict(zip(FIELDS, row, strict=True))
    return fields | {"summary": json.loads(fields["summary"])}


def events_of(connection: Connection, number: int, kind: str | None) -> Iterator[dict[str, Any]]:
    """Every event that an import made, in the order of clinics and ids; later imports take none of it away.

    `event` is booking, migration, change, cancellation, dialog, reply or receipt; `at` UTC epoch seconds; `moved`
    tells of a change whether it was one of time. Reads every row of the kind.
    """
    names = ("event", "subject", "subject_id", "clinic", "patient", "at", "moved")
    if kind not in EVENTS:
        return
    for row in connection.execute(EVENTS[kind], {"import": number}):
        event = dict(zip(names, row, strict=True))
        yield event | {"moved": bool(event["moved"])}


EVENTS = {
    "appointments": EVENTS_OF_IMPORT,
    "dialogs": (
        f"SELECT CASE WHEN kind IN {ANSWERS_IN_SQL} THEN 'reply' ELSE 'dialog' END, 'dialog', dialog_id, clinic_id,"
        " patient_id, sent_at, 0 FROM dialog WHERE known_by = :import ORDER BY clinic_id, dialog_id"
    ),
    "receipts": (
        "SELECT 'receipt', 'receipt', receipt_id, clinic_id, patient_id, paid_at, 0 FROM receipt"
        " WHERE paid_by = :import ORDER BY clinic_id, receipt_id"
    ),
}


def rows_of(connection: Connection, number: int, kind: str | None) -> Iterator[dict[str, Any]]:
    """Of a kind that makes no events, the rows that this import was the last to change: `clinic` and `id`."""
    if kind not in WITHOUT_EVENTS:
        return
    table = TABLES[kind]
    sql = f"SELECT clinic_id, {table.id_column} FROM {table.name} WHERE import_id = ? ORDER BY 1, 2"
    for clinic, id_ in connection.execute(sql, (number,)):
        yield {"clinic": clinic, "id": id_}


def count_rows_of(connection: Connection, number: int, kind: str | None) -> int:
    """How many rows no later import has changed since."""
    if kind not in TABLES:
        return 0
    sql = f"SELECT count(*) FROM {TABLES[kind].name} WHERE import_id = ?"
    return int(connection.execute(sql, (number,)).fetchone()[0])


def switches_of_import(connection: Connection, number: int) -> list[dict[str, Any]]:
    """The switches that an import turned: `scope` is module or type."""
    sql = "SELECT clinic_id, scope, name, is_on FROM switch_turn WHERE import_id = ? ORDER BY id"
    names = ("clinic", "scope", "name", "is_on")
    switches = [dict(zip(names, row, strict=True)) for row in connection.execute(sql, (number,))]
    return [switch | {"is_on": bool(switch["is_on"])} for switch in switches]


def has_brought(connection: Connection, sha256: str, kind: str) -> bool:
    """Whether rows of a kind were once imported from a file's content."""
    sql = "SELECT 1 FROM import WHERE sha256 = ? AND kind = ? AND error IS NULL LIMIT 1"
    return connection.execute(sql, (sha256, kind)).fetchone() is not None


def fate_of_file(connection: Connection, sha256: str) -> tuple[Literal["imported", "failed"], int] | None:
    """What became of a file's content the last time, and when; None where it was never tried as a whole."""
    row = connection.execute("SELECT seen_file, at FROM file_seen WHERE sha256 = ?", (sha256,)).fetchone()
    return (row[0], row[1]) if row else None


def last_content_of(connection: Connection, file: str) -> str | None:
    """The SHA-256 of what was last imported from a file of that name."""
    sql = "SELECT sha256 FROM import WHERE file = ? AND error IS NULL ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql, (file,)).fetchone()
    return row[0] if row else None


def note_fate_of_file(connection: Connection, sha256: str, seen_file: Literal["imported", "failed"], at: int) -> None:
    sql = (
        "INSERT INTO file_seen (sha256, seen_file, at) VALUES (?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET seen_file = excluded.seen_file, at = excluded.at"
    )
    connection.execute(sql, (sha256, seen_file, at))


def paths_imported(connection: Connection) -> list[str]:
    """Of every file that was ever imported, or tried; some may be gone."""
    return [path for (path,) in connection.execute("SELECT DISTINCT path FROM import ORDER BY path")]
