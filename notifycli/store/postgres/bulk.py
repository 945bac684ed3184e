"""Rows by the thousand into a table of PostgreSQL's, by COPY. Knows no table by name."""

from collections.abc import Sequence
from typing import Any

import psycopg

FEW = 50  # rows for which a table of their own would cost more than it saves


def insert_new(
    server: psycopg.Connection[Any], table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]
) -> int:
    """See store.connection.Connection."""
    if not columns:
        return 0
    rows = list(zip(*columns, strict=True))
    names = ", ".join(fields)
    with server.cursor() as cursor:
        if len(rows) <= FEW:
            marks = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
            cursor.executemany(sql.encode(), rows)
            return max(cursor.rowcount, 0)
        arriving = f"pg_temp.arriving_{table}"
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS arriving_{table} AS SELECT {names} FROM {table} WITH NO DATA".encode()
        )
        copy(server, arriving, fields, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {arriving} ON CONFLICT DO NOTHING".encode())
        inserted = cursor.rowcount
        cursor.execute(f"TRUNCATE {arriving}".encode())
        return inserted


def copy(server: psycopg.Connection[Any], table: str, fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """All of them, or an error."""
    with server.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(fields)}) FROM STDIN".encode()) as stream:
        for row in rows:
            stream.write_row(row)
