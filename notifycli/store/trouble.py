"""What the store's modules share before a database is open: a connection's type, its troubles, how long to wait."""

import sqlite3

Connection = sqlite3.Connection

WAIT_FOR_A_LOCK = 30.0  # seconds; an import of a million rows holds it for some ten
SHORT_WAIT = 0.05  # seconds


class StoreError(Exception):
    """The database cannot be worked with; the text says why and what to do next."""
