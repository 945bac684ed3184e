"""What `notify status --prometheus FILE` writes: Prometheus' text format, for node_exporter's textfile collector.

METRICS is the one list of what is exported; a new figure is a line in it. Names no patient and no clinic. Must not
decide what is a trouble. Source: SPEC section 8; Prometheus' rules for names (base units, times in epoch seconds).
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from notifycli import __version__
from notifycli.domain.errors import NotifyError
from notifycli.domain.reasons import TROUBLES

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

    from notifycli.queries.health import Health

# Of one metric each value, under its label's value; a metric without a label has one, under "".
Samples = Mapping[str, float | None]


class Seen(NamedTuple):
    """What the metrics are made of. `troubles`: the code of each trouble, as often as it is told.

    `is_rehearsal`: whether [rehearsal] is on, everybody's or a clinic's.
    """

    health: "Health"
    troubles: Sequence[str]
    is_rehearsal: bool


class Metric(NamedTuple):
    """`name` without the prefix notify_. `samples`: a value that is None is left out: there is no such time yet."""

    name: str
    help: str
    samples: Callable[[Seen], Samples | float | None]
    label: str = ""


def _by_code(seen: Seen) -> Samples:
    """Every code, also with 0: an alert ends only where the series goes on."""
    return {code: seen.troubles.count(code) for code in TROUBLES}


def _backlog(seen: Seen) -> Samples:
    return {"due": seen.health.due, "queued": seen.health.queued, "retrying": seen.health.retrying}


def _last_work(seen: Seen) -> Samples:
    return {did: number for did, number in (seen.health.last_work or {}).items() if did != "at"}


METRICS = (
    Metric("status_timestamp_seconds", "When this was written.", lambda seen: seen.health.now),
    Metric("build_info", "The version of notify; always 1.", lambda seen: {__version__: 1}, "version"),
    Metric("well", "1 where nothing wants a look, else 0.", lambda seen: not seen.troubles),
    Metric("troubles", "What wants a look, by the codes of notify status.", _by_code, "code"),
    Metric("last_run_timestamp_seconds", "When notify run came last.", lambda seen: seen.health.last_run_at),
    Metric("last_import_timestamp_seconds", "When a file was imported last.", lambda seen: seen.health.last_import_at),
    Metric("backlog", "What waits, counted up to 10,000 each.", _backlog, "state"),
    Metric("late", "What should have gone out over a minute ago, up to 10,000.", lambda seen: seen.health.late),
    Metric("oldest_due_timestamp_seconds", "When the oldest of the backlog was due; not there where nothing waits.",
           lambda seen: seen.health.oldest_due_at),
    Metric("uncertain", "Deliveries that may have arrived or not.", lambda seen: seen.health.uncertain),
    Metric("failed_last_day", "Deliveries of the last 24 hours whose notice reached nobody.",
           lambda seen: seen.health.failed_24h),
    Metric("safety_stop", "1 where a backlog waits for notify run --release.", lambda seen: seen.health.safety_stop),
    Metric("rehearsal", "1 where [rehearsal] keeps messages in the outbox.", lambda seen: seen.is_rehearsal),
    Metric("last_work_timestamp_seconds", "When a run last had something to do.",
           lambda seen: seen.health.last_work and seen.health.last_work["at"]),
    Metric("last_work", "What the last run that had something to do did.", _last_work, "did"),
    Metric("failed_imports", "Files that were not imported, or stopped.",
           lambda seen: len(seen.health.failed_imports)),
    Metric("rejected_rows", "Rejected rows that are still open.",
           lambda seen: sum(file["open"] for file in seen.health.open_rejects)),
)  # fmt: skip


def write_metrics(path: str, seen: Seen) -> None:
    """Puts a whole file in the place of the one before, which readers see until then. Raises NotifyError."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
    except ModuleNotFoundError:
        advice = "type: pip install 'notifycli[metrics]'"
        raise NotifyError("--prometheus needs prometheus-client", advice) from None
    registry = CollectorRegistry()
    registry.register(_Collector(seen))
    unfinished = f"{path}.{os.getpid()}"  # which the collector leaves alone, by its ending
    try:
        Path(unfinished).write_bytes(generate_latest(registry))
        os.replace(unfinished, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(unfinished)
        advice = "name a file in a folder that is there and may be written to."
        raise NotifyError(f"--prometheus: {path} cannot be written: {error.strerror}", advice) from None


class _Collector:
    """As prometheus-client asks for the values. It gives gauges alone: each file stands for itself."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily

        for metric in METRICS:
            family = GaugeMetricFamily(
                f"notify_{metric.name}", metric.help, labels=[metric.label] if metric.label else []
            )
            samples = metric.samples(self._seen)
            by_label = samples if isinstance(samples, Mapping) else {"": samples}
            for value_of_label, number in by_label.items():
                if number is not None:
                    family.add_metric([value_of_label] if metric.label else [], number)
            yield family
