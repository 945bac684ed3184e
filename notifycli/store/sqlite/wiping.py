"""Writes the database file anew, without what was deleted from it: SQLite leaves that in free pages and its log."""

from notifycli.store.errors import StoreBusy
from notifycli.store.sqlite.connection import SqliteConnection


def wipe_free_space(connection: SqliteConnection) -> bool:
    """Outside of a transaction; needs room for a second copy. False: another program reads it, its log may be left."""
    connection.execute("INSERT INTO patient_search_fts (patient_search_fts) VALUES ('rebuild')")
    try:
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except StoreBusy:
        return False
    return not busy
