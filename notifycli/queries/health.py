"""How notify is doing, for monitoring: what waits, what went wrong lately, the last run and imports. Decides nothing
but what is a trouble.

Source: SPEC section 8, `notify status`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifycli.store import health, journal, rejected
from notifycli.store.engine import Connection, reading
from notifycli.store.health import A_DAY, MOST_COUNTED

CRON_IS_LATE = 5 * 60
A_MINUTE = 60
AN_HOUR = 3600
PIPE = "-"


@dataclass(frozen=True)
class Health:
    """Instants in UTC epoch seconds. `due`, `queued`, `retrying` and `late` are counted up to MOST_COUNTED.

    `due`: subjects that no run has looked at since their moment came. `late`: of all that waits, what should have gone
    out more than a minute ago. `last_work`: the last run that had something to do, with its counts. `imports`: the last
    of each kind. `failed_24h`: whose notice reached nobody. `failed_imports`: each file's newest failure, unless the
    file was imported since; `open_rejects`: as the store names them. `silent_since`: of ALL or a clinic whose export of
    appointments has stopped, since when it counts as a trouble.
    """

    now: int
    last_run_at: int | None
    last_work: dict[str, Any] | None
    due: int
    queued: int
    retrying: int
    retrying_since: int | None
    late: int
    oldest_due_at: int | None
    uncertain: int
    uncertain_since: int | None
    failed_24h: int
    failed_since: int | None
    safety_stop: bool
    imports: list[dict[str, Any]]
    last_import_at: int | None
    failed_imports: list[dict[str, Any]]
    open_rejects: list[dict[str, Any]]
    silent_since: Mapping[str, int]

    @property
    def waiting(self) -> int:
        return min(self.due + self.queued + self.retrying, MOST_COUNTED)

    @property
    def seconds_since_run(self) -> int | None:
        return None if self.last_run_at is None else max(0, self.now - self.last_run_at)

    @property
    def seems_cron_off(self) -> bool:
        """Something is due, and no run has come for a while."""
        is_late = self.seconds_since_run is None or self.seconds_since_run > CRON_IS_LATE
        return is_late and bool(self.due or self.queued)


def health_of(connection: Connection, now: int, max_hours_without_import: int = 0) -> Health:
    with reading(connection):
        backlog = health.backlog(connection, now)
        uncertain, uncertain_since = health.uncertain(connection)
        failed, failed_since = health.failed(connection, now - A_DAY)
        return Health(
            now=now,
            last_run_at=journal.state(connection, "last_run_at", None),
            last_work=health.last_work(connection),
            due=backlog.due,
            queued=backlog.queued,
            retrying=backlog.retrying,
            retrying_since=health.retrying_since(connection) if backlog.retrying else None,
            late=health.late(connection, now - A_MINUTE),
            oldest_due_at=backlog.oldest_due_at,
            uncertain=uncertain,
            uncertain_since=uncertain_since,
            failed_24h=failed,
            failed_since=failed_since,
            safety_stop="stopped" in journal.told_troubles(connection),
            imports=health.last_imports(connection),
            last_import_at=rejected.last_import_at(connection),
            failed_imports=_still_failed(rejected.failed_imports(connection), now),
            open_rejects=rejected.imports_with_open_rows(connection),
            silent_since=silent_since(connection, now, max_hours_without_import),
        )


def is_over(failed: Mapping[str, Any]) -> bool:
    """Of an import that was stopped: whether others have given a row to all that waited for it."""
    stops = failed["summary"].get("stops", [])
    has_held = any(stop["cancelled"] or stop["moved"] for stop in stops)
    return has_held and not failed["held"]


def _still_failed(failed: Sequence[Mapping[str, Any]], now: int) -> list[dict[str, Any]]:
    """The newest of each file, kind and clinic; `since` is when the first of them failed.

    Without what is over, and what was never read, as a slip of the finger names it, for longer than a day.
    """
    files: dict[tuple[Any, ...], dict[str, Any]] = {}
    for failure in failed:
        was_read = failure["sha256"] is not None or failure["kind"] is not None or failure["path"] == PIPE
        if is_over(failure) or not (was_read or failure["at"] > now - A_DAY):
            continue
        newest = files.setdefault((failure["path"], failure["kind"], failure["clinic"]), dict(failure))
        newest["since"] = failure["at"]
    return list(files.values())


def silent_since(connection: Connection, now: int, hours: int) -> dict[str, int]:
    """As Health has it. Nothing where `hours` is 0. A clinic of which no appointment is to come may be silent."""
    longest = hours * AN_HOUR
    first = rejected.first_import_at(connection)
    if not longest or first is None:
        return {}
    last = {rejected.ALL_CLINICS: first, **rejected.last_appointments(connection)}
    silent = {clinic: at + longest for clinic, at in last.items() if now > at + longest}
    if rejected.ALL_CLINICS in silent:
        return {rejected.ALL_CLINICS: silent[rejected.ALL_CLINICS]}
    return {clinic: at for clinic, at in silent.items() if rejected.has_future_appointments(connection, clinic, now)}


__all__ = ["MOST_COUNTED", "Health", "health_of", "is_over", "silent_since"]
