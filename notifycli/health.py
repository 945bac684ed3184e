"""How notify is doing, for monitoring: what waits, what went wrong lately, the last run and imports. Decides nothing.

Source: SPEC section 8, `notify status`.
"""

from dataclasses import dataclass
from typing import Any

from notifycli.store import health, journal
from notifycli.store.engine import Connection, reading
from notifycli.store.health import A_DAY, MOST_COUNTED

CRON_IS_LATE = 5 * 60


@dataclass(frozen=True)
class Health:
    """Instants in UTC epoch seconds. `due`, `queued` and `retrying` are counted up to MOST_COUNTED.

    `due`: subjects that no run has looked at since their moment came. `last_work`: the last run that had something to
    do, with its counts. `imports`: the last of each kind. `troubles`: as journal.troubles_now names them.
    """

    now: int
    last_run_at: int | None
    last_work: dict[str, Any] | None
    due: int
    queued: int
    retrying: int
    oldest_due_at: int | None
    uncertain: int
    failed_24h: int
    safety_stop: bool
    troubles: dict[str, int]
    imports: list[dict[str, Any]]

    @property
    def seconds_since_run(self) -> int | None:
        return None if self.last_run_at is None else max(0, self.now - self.last_run_at)

    @property
    def seems_cron_off(self) -> bool:
        """Something is due, and no run has come for a while."""
        is_late = self.seconds_since_run is None or self.seconds_since_run > CRON_IS_LATE
        return is_late and bool(self.due or self.queued)

    @property
    def bad_imports(self) -> list[dict[str, Any]]:
        """Of the last day; older ones have been seen, or will not be mended any more."""
        recent = (one for one in self.imports if one["at"] > self.now - A_DAY)
        return [one for one in recent if one["error"] or one["rejected"]]


def health_of(connection: Connection, now: int) -> Health:
    with reading(connection):
        backlog = health.backlog(connection, now)
        return Health(
            now=now,
            last_run_at=journal.state(connection, "last_run_at", None),
            last_work=health.last_work(connection),
            due=backlog.due,
            queued=backlog.queued,
            retrying=backlog.retrying,
            oldest_due_at=backlog.oldest_due_at,
            uncertain=health.count_uncertain(connection),
            failed_24h=health.count_failed(connection, now - A_DAY),
            safety_stop="stopped" in journal.told_troubles(connection),
            troubles=dict(journal.told_troubles(connection)),
            imports=health.last_imports(connection),
        )


__all__ = ["MOST_COUNTED", "Health", "health_of"]
