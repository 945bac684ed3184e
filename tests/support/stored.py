"""Rows put into a store by its public functions, for the tests of the store; and how they stand there."""

from notifycli.store import claims, notices
from notifycli.store.claims import Claim
from notifycli.store.engine import Connection


def value(connection: Connection, sql: str):
    return connection.execute(sql).fetchone()[0]


def a_delivery(connection, number=1, channel="email"):
    """A queued delivery; returns its id."""
    sql = (
        "INSERT INTO notice (id, clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
        " written_at) VALUES (?, 'nidelv', 'P1', 'dialog', ?, 'dialog', 1, 0, 0, 0)"
    )
    connection.execute(sql, (number, f"D{number}"))
    notices.queue_deliveries(connection, number, (channel,), 0)
    return value(connection, "SELECT max(id) FROM delivery")


def log_of(connection, delivery):
    sql = "SELECT at, status, reason, detail, attempts FROM status_log WHERE delivery_id = ? ORDER BY id"
    return connection.execute(sql, (delivery,)).fetchall()


def row_of(connection, delivery):
    sql = "SELECT status_at, status, reason, detail, attempts FROM delivery WHERE id = ?"
    return connection.execute(sql, (delivery,)).fetchone()


def claimed(connection, delivery, now):
    claims.claim(connection, [Claim(delivery, "kari@post.example", "Hei")], now)
