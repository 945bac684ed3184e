"""Opens a database on a server: which schema it has, and whose it is."""

from notifycli.domain.sentences import Sentence
from notifycli.store.errors import StoreError
from notifycli.store.postgres.address import without_secrets
from notifycli.store.postgres.connection import PostgresConnection
from notifycli.store.postgres.migrations import STEPS, migrate


def open_server(address: str) -> PostgresConnection:
    """A connection to the database, whose schema is made or brought forward where needed. Raises StoreError."""
    connection = PostgresConnection(address)
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_server_to_read(address: str, patience: float) -> PostgresConnection:
    """The same, which makes and mends nothing, and waits for a lock so many seconds at most. Raises StoreError."""
    connection = PostgresConnection(address)
    connection.wait_for_locks(patience)
    connection.execute("SET default_transaction_read_only = on")
    return connection


def _set_up(connection: PostgresConnection) -> None:
    version = connection.schema_version()
    if version < len(STEPS):
        connection.begin_writing(durable=True)
        try:
            migrate(connection, connection.schema_version())  # of two that begin, one makes it
            connection.end()
        finally:
            connection.undo()
        return
    if version > len(STEPS):
        raise StoreError(
            Sentence(
                "{path}: was made by a newer notify (schema {version}; this program knows {known}).",
                path=without_secrets(connection.address),
                version=version,
                known=len(STEPS),
            ),
            Sentence("Update notify."),
        )
