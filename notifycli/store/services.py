"""What hosts that share a database have in common of a service: whether it wants anything now, and whose turn it is.

Decides nothing. `service`: a name that is the same wherever the settings are. With a file for a database, the one run
knows all of this itself, so nothing is kept.
"""

from notifycli.store.dialect import SERVER_NOW, SERVER_NOW_MS, greatest
from notifycli.store.engine import Connection


def close(connection: Connection, service: str, sender: str, detail: str, seconds: float) -> None:
    """It wants nothing for so long, from that sender, or, of "", from anybody."""
    sql = (
        f"INSERT INTO circuit (service, sender, until_at, detail) VALUES (?, ?, {SERVER_NOW} + ?, ?)"
        " ON CONFLICT (service, sender) DO UPDATE SET until_at = excluded.until_at, detail = excluded.detail"
        " WHERE excluded.until_at > circuit.until_at"
    )
    connection.execute(sql, (service, sender, int(seconds), detail))


def closed(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Service, sender, the answer because of which, and the seconds that are left."""
    sql = f"SELECT service, sender, detail, until_at - {SERVER_NOW} FROM circuit WHERE until_at > {SERVER_NOW}"
    return connection.execute(sql).fetchall()


def book(connection: Connection, service: str, gap: float, turns: int) -> float:
    """So many turns, `gap` seconds apart, that nobody else has; the seconds until the first."""
    gap_ms = max(1, round(gap * 1000))
    taken = gap_ms * turns
    sql = (
        f"INSERT INTO pace (service, next_at) VALUES (:service, {SERVER_NOW_MS} + :taken)"
        f" ON CONFLICT (service) DO UPDATE SET next_at = {greatest('pace.next_at', SERVER_NOW_MS)} + :taken"
        f" RETURNING next_at - :taken - {SERVER_NOW_MS}"
    )
    until: int = connection.execute(sql, {"service": service, "taken": taken}).fetchone()[0]
    return max(0, until) / 1000
