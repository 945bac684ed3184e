"""What keys of the browser do beyond looking: by the very functions that the commands call. Gives back what came of it.

Asks nobody: who calls has asked. Must not know Textual.
"""

import csv
import os
from pathlib import Path

from notifycli.cli import calls, resolve, retry
from notifycli.cli.browse.lists import RowsOf
from notifycli.cli.language import _, ngettext
from notifycli.cli.shell import Shell
from notifycli.config import path_of
from notifycli.delivery.settling import look_again, settle
from notifycli.store.engine import Connection

AT_ONCE = 1_000  # rows read together, so that other programs need not wait


def look_again_at(connection: Connection, shell: Shell, notice: int) -> str:
    looked = look_again(connection, shell.policy, notice, shell.now(), shell.user)
    return _("notice {notice}: {what}", notice=notice, what=retry.in_words(looked))


def settle_delivery(connection: Connection, shell: Shell, delivery: int, *, was_sent: bool) -> str:
    status = settle(connection, delivery, shell.now(), shell.user, was_sent=was_sent)
    return resolve.in_words(delivery, was_sent) if status is None else resolve.is_settled(delivery, status)


def mark_call(connection: Connection, shell: Shell, call: str) -> str:
    calls.mark_done(connection, shell.policy, [call], shell.now(), shell.user)
    return _("call {id} is done", id=call)


def export(connection: Connection, rows_of: RowsOf, file_name: str) -> str:
    """All rows of the list as CSV, in a new file that its owner alone may read. Raises OSError."""
    path = path_of(file_name, Path(), os.environ)
    written, last = 0, None
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows_of.fields)
        while rows := rows_of.page(connection, AT_ONCE, last):
            writer.writerows(rows_of.as_record(row) for row in rows)
            written, last = written + len(rows), rows[-1]
    return ngettext("{number} row is in {path}", "{number} rows are in {path}", written, path=path)
