"""Keeps a database as this version of the program makes it, for the programs to come: tests/store/kept/schema-N.sql.

python -m tests.store.keep_database    N is the version of the schema; to be called before the next migration is written

A clinic's week in which every table gets its rows; what belongs to the machine is put in order before it is kept.
"""

import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from notifycli.channels.base import Report
from notifycli.config import Settings
from notifycli.delivery.policy import policy_of
from notifycli.delivery.receipts import take
from notifycli.store import journal
from tests.support import engines
from tests.support.one_clinic import Clinic

KEPT = Path(__file__).parent / "kept"
LAST = "2026-06-05T12:00:00+02:00"  # the clock may not stand before this for who goes on with it
AT_THE_LAST = 1_780_653_600
HEADER = "appointment_id;patient_id;type_id;starts_at;status;booked_at;changed_at;cancelled_at;location;source"
BOOKED = (
    "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T11:50;;;Rom 1;",
    "A2;P2;KONS;2026-06-18T11:00;booked;2026-06-03T11:51;;;Rom 1;",
    "A3;P3;KONS;2026-06-18T12:00;booked;2026-06-03T11:52;;;Rom 2;",
    "A4;P7;KONS;2026-06-18T13:00;booked;2026-06-03T11:53;;;Rom 2;",
    "A5;P4;;2026-06-19T10:00;booked;;;;;migrated",
    "A6;P8;OFF;2026-06-19T11:00;booked;2026-06-03T11:54;;;;",
    "A7;P9;KONS;2026-06-19T12:00;booked;2026-06-03T11:55;;;;",
    "A8;P2;KONS;2026-06-05T09:00;booked;2026-06-03T11:56;;;Rom 1;",
)
CHANGED = (
    "A1;P1;KONS;2026-06-22T10:00;booked;2026-06-03T11:50;2026-06-04T11:50;;Rom 1;",
    "A2;P2;OFF;2026-06-18T11:00;booked;2026-06-03T11:51;;;Rom 1;",
    "A3;P3;KONS;2026-06-18T12:00;avbestilt;2026-06-03T11:52;;2026-06-04T11:55;Rom 2;",
    "A4;P6;KONS;2026-06-18T13:00;booked;2026-06-03T11:53;2026-06-04T11:56;;Rom 2;",
)
# Python's dump writes the tables of a full-text index one by one, which no database takes back.
WORD_INDEX_ITSELF = re.compile(r"INSERT INTO sqlite_master\b")
OF_THE_WORD_INDEX = re.compile(r"""PRAGMA writable_schema|(CREATE TABLE|INSERT INTO) ['"]patient_search_fts""")
MANY = [f"M{number};P2;KONS;2026-07-{number:02}T09:00;{{}};2026-05-01T08:00;;;;" for number in range(1, 25)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        clinic = Clinic.begun_in(Path(name).resolve())
        a_week(clinic)
        with closing(sqlite3.connect(clinic.folder / "notify.db")) as connection:
            put_in_order(connection)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            path = KEPT / f"schema-{version}.sql"
            text = "".join(f"{line}\n" for line in as_sql(connection))
            path.write_text(text.replace(str(clinic.folder), "/var/lib/notifycli"), encoding="utf-8")
    print(path)


def a_week(clinic: Clinic) -> None:
    """Exit codes are not looked at: an import with rejects or held back has its own."""
    take_file(clinic, "booked.csv", HEADER, *BOOKED, "A9;P1;KONS;31.11.2026 09:00;booked;;;;;", at="2026-06-03T12:00")
    take_file(clinic, "many.csv", HEADER, *(row.format("booked") for row in MANY), at="2026-06-03T12:01")
    run_each_minute(clinic, "2026-06-03T12:{:02}", range(2, 8))
    take_file(clinic, "changed.csv", HEADER, *CHANGED, at="2026-06-04T12:00")
    dialogs = ("dialog_id;patient_id;kind;sent_at", "D1;P5;dialog;2026-06-04T11:59", "D2;P1;invoice;2026-06-04T11:59")
    take_file(clinic, "dialogs.csv", *dialogs, at="2026-06-04T12:01")
    receipts = ("receipt_id;patient_id;status;paid_at", "R1;P4;paid;2026-06-04T11:58", "R2;P4;unpaid;")
    take_file(clinic, "receipts.csv", *receipts, at="2026-06-04T12:02")
    others = "external_id;patient_id;sender;event;channel;sent_at;status"
    take_file(
        clinic, "external.csv", others, "E1;P1;helsenorge;reminder;sms;2026-06-04T08:00;sent", at="2026-06-04T12:03"
    )
    run_each_minute(clinic, "2026-06-04T12:{:02}", range(4, 9))
    clinic.call("module", "disable", "nidelv", "post", at="2026-06-04T13:00")
    clinic.call("patient", "set", "nidelv", "P7", "--mobile", "91000007", at="2026-06-04T13:01")
    take_file(clinic, "held.csv", HEADER, *(row.format("avlyst") for row in MANY), at="2026-06-05T11:00")
    tell_of_deliveries(clinic)


def take_file(clinic: Clinic, name: str, *lines: str, at: str) -> None:
    path = clinic.folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    clinic.call("import", "--clinic", "nidelv", str(path), at=f"{at}:00+02:00")


def run_each_minute(clinic: Clinic, time: str, minutes: range) -> None:
    for minute in minutes:
        clinic.call("run", at=f"{time.format(minute)}:00+02:00")


def tell_of_deliveries(clinic: Clinic) -> None:
    """One has arrived, one's address is gone, so that another way waits for the next run, one is none that is known."""
    with engines.connected(clinic.folder) as store:
        name = journal.database_id(store)
        gone = {"reason": "unknown_mailbox", "detail": "550 5.1.1 unknown", "is_gone": True}
        sql = "SELECT n.event, d.id FROM notice n JOIN delivery d ON d.notice_id = n.id WHERE n.subject_id = 'A1'"
        ids = dict(store.execute(sql).fetchall())
        reports = [
            Report("email", "delivered", f"{ids['confirmation']}.{name}", None),
            Report("email", "failed", f"{ids['change']}.{name}", None, **gone),
            Report("sms", "delivered", None, "a number of the gateway's"),
        ]
        take(store, policy_of(Settings()), reports, AT_THE_LAST)


def put_in_order(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE import SET imported_by = 'notify', path = '/var/lib/notifycli/' || file")
    connection.execute("UPDATE _sqlite_migrations SET applied_at = '2026-06-03 10:00:00+00:00'")
    connection.execute("UPDATE state SET value = ? WHERE name = 'database_id'", (json.dumps("0123456789ab"),))
    connection.commit()


def as_sql(connection: sqlite3.Connection) -> Iterator[str]:
    for pragma in ("application_id", "user_version"):
        yield f"PRAGMA {pragma} = {connection.execute(f'PRAGMA {pragma}').fetchone()[0]};"
    for statement in connection.iterdump():
        if WORD_INDEX_ITSELF.match(statement):
            [made_by] = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'patient_search_fts'").fetchone()
            yield f"{made_by};"
            yield "INSERT INTO patient_search_fts (patient_search_fts) VALUES ('rebuild');"
        elif not OF_THE_WORD_INDEX.match(statement):
            yield statement


if __name__ == "__main__":
    main()
