"""Whether the server is set as this program needs it: what `notify doctor` asks of the engine. Changes nothing.

Source: a claim must outlive the server that took it, or a message goes out twice (SPEC section 7).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from notifycli.domain.hosts import is_this_machine
from notifycli.store.connection import Finding

if TYPE_CHECKING:
    from notifycli.store.postgres.connection import PostgresConnection

OLDEST = 130000


def findings(connection: "PostgresConnection", version: int) -> Iterator[Finding]:
    """`version`: of the schema."""
    yield Finding("database", "ok", f"{connection.name} answers; its schema has version {version}")
    number, name = connection.execute(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version')"
    ).fetchone()
    if number < OLDEST:
        yield Finding("PostgreSQL", "broken", f"it is {name}, and 13 is the oldest that will do; bring it forward")
    else:
        yield Finding("PostgreSQL", "ok", f"it is {name}")
    yield _encryption(connection)
    lacks = why_commits_may_be_lost(connection)
    if lacks:
        yield Finding("commits", "broken", lacks)
    else:
        yield Finding("commits", "ok", "what is committed outlives the loss of a host")


def _encryption(connection: "PostgresConnection") -> Finding:
    host = connection.host
    if connection.is_encrypted:
        return Finding("encryption", "ok", f"what goes to {host} is encrypted")
    if host.startswith("/") or is_this_machine(host):
        return Finding("encryption", "ok", "the server is on this machine")
    text = (
        f"what goes to {host} is not encrypted, with patients in it;"
        " add ?sslmode=verify-full&sslrootcert=FILE to the address of the database"
    )
    return Finding("encryption", "look", text)


def why_commits_may_be_lost(connection: "PostgresConnection") -> str | None:
    """Where a failover may lose what was committed, in words with what to do; None where it cannot.

    A server without a standby cannot fail over; its disk is what it has.
    """
    fsync, full_pages, commit, names = connection.execute(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
        " current_setting('synchronous_commit'), current_setting('synchronous_standby_names')"
    ).fetchone()
    if fsync == "off" or full_pages == "off":
        return "fsync or full_page_writes is off, so a loss of power loses messages; set both to on"
    if commit in ("off", "local", "remote_write"):
        return f"synchronous_commit is {commit} and cannot be set higher; set it to on"
    has_standby = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_type = 'physical')"
        " OR EXISTS (SELECT 1 FROM pg_stat_replication)"
    ).fetchone()[0]
    if has_standby and not names.strip():
        return (
            "a standby follows asynchronously, so a failover may lose a claim and send a message twice;"
            " set synchronous_standby_names, or synchronous_mode and synchronous_mode_strict of Patroni"
        )
    return None
