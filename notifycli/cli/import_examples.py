"""The appointments that an import is about, told as tables: the first of each thing that a rehearsal would do, and
what a complete file does not name. Times are the clinic's own.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from notifycli.cli.render import console, plain, short_times, table, utc
from notifycli.intake.importing.report import FileReport
from notifycli.intake.importing.tally import MOST_FIRST, Affected, What

SHOWN = 10  # of what is missing; --json has every one
VERBS: dict[What, str] = {
    "booking": "book",
    "move": "move",
    "relocation": "relocate",
    "cancellation": "cancel",
}


def first_as_value(report: FileReport) -> dict[str, Any]:
    return {
        what: [{**_named(affected), "was": utc(affected.was), "becomes": utc(affected.becomes)} for affected in first]
        for what, first in report.first.items()
    }


def missing_as_value(report: FileReport) -> dict[str, Any]:
    """Nothing where it was not asked for, or is not known."""
    if report.missing is None:
        return {}
    missing = ({**_named(affected), "starts_at": utc(affected.was)} for affected in report.missing)
    return {"missing": missing, "missing_cancelled": 0 if report.stops else report.missing_cancelled}


def _named(affected: Affected) -> dict[str, str]:
    return {"appointment": affected.appointment, "patient": affected.patient, "clinic": affected.clinic}


def show_first(report: FileReport) -> None:
    """Of a rehearsal; a relocation has one time, since it stays."""
    rows = [(what, affected) for what, first in report.first.items() for affected in first]
    if not rows:
        return
    screen = console()
    year, times = _times([affected for _, affected in rows])
    clinic = _column_of_clinics([affected for _, affected in rows])
    grid = table(f"{report.path.name} would", "appointment", "patient", *clinic, f"starts{year}")
    for (what, affected), time in zip(rows, times, strict=True):
        grid.add_row(
            VERBS[what],
            plain(affected.appointment),
            plain(affected.patient),
            *([plain(affected.clinic)] if clinic else []),
            time,
        )
    screen.print(grid)
    if any(len(first) == MOST_FIRST for first in report.first.values()):
        screen.print(f"[dim]Of each no more than {MOST_FIRST}.[/]")


def show_missing(report: FileReport, is_rehearsal: bool) -> None:
    if report.missing is None:
        return
    screen = console()
    if not report.missing.count:
        screen.print(plain(f"{report.path.name}: no future appointment of its clinics is missing."))
        return
    screen.print(plain(f"{report.path.name}: {missing_in_words(report, is_rehearsal)}"), style="yellow")
    first = list(islice(report.missing, SHOWN))
    year, times = _times(first)
    clinic = _column_of_clinics(first)
    grid = table("missing appointment", "patient", *clinic, f"starts{year}")
    for affected, time in zip(first, times, strict=True):
        grid.add_row(
            plain(affected.appointment), plain(affected.patient), *([plain(affected.clinic)] if clinic else []), time
        )
    screen.print(grid)
    if report.missing.count > len(first):
        screen.print(f"[dim]The next {SHOWN}; all with --json.[/]")


def missing_in_words(report: FileReport, is_rehearsal: bool) -> str:
    """3 future appointments are missing and were cancelled."""
    count = report.missing.count if report.missing else 0
    are, were = ("is", "was") if count == 1 else ("are", "were")
    subject = f"{count:,} future {'appointment' if count == 1 else 'appointments'} {are} missing"
    if not report.missing_cancelled:
        return f"{subject}; nothing was done with {'it' if count == 1 else 'them'} (see --cancel-missing)."
    if is_rehearsal or report.stops:
        return f"{subject} and would be cancelled."
    return f"{subject} and {were} cancelled."


def _times(shown: Sequence[Affected]) -> tuple[str, list[str]]:
    """18.06. 10:00 -> 19.06. 10:00, each in its clinic's zone; and the year in which all lie."""
    instants = [
        (at, affected.zone)
        for affected in shown
        for at in dict.fromkeys((affected.was, affected.becomes))
        if at is not None
    ]
    year, texts = short_times(instants)
    told = iter(texts)
    changes = [[next(told) for _ in {affected.was, affected.becomes} - {None}] for affected in shown]
    return year, [" → ".join(times) for times in changes]


def _column_of_clinics(shown: Sequence[Affected]) -> list[str]:
    return ["clinic"] if len({affected.clinic for affected in shown}) > 1 else []
