"""How an import is told: counts by what happened, then what wants a look, grouped, with what to type next."""

from collections.abc import Iterable, Sequence
from typing import Any

from notifycli.cli.render import console, table
from notifycli.cli.shell import complain, say
from notifycli.intake.report import FileReport, Problem

MOST_GROUPS = 12


def as_value(report: FileReport) -> dict[str, Any]:
    """The contract's JSON of one file; `warnings` are texts, `rejects` the rows left out and why."""
    return {
        "path": str(report.path),
        "kind": report.kind,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "stale": report.stale,
        "rejected": report.rejected,
        "warnings": [str(problem) for problem in report.warnings.first],
        "error": report.error or _stops_in_words(report) or None,
        "events": report.events,
        "rejects": [str(problem) for problem in report.rejects.first],
        "ignored_columns": list(report.ignored_columns),
    }


def show(reports: Sequence[FileReport], is_rehearsal: bool) -> None:
    _show_counts(reports)
    for report in reports:
        if report.error:
            complain(f"{report.path}: {report.error}")
        if report.stops:
            complain(f"{report.path}: {_stops_in_words(report)}")
        _show_problems(report, is_rehearsal)
        if is_rehearsal and not report.error:
            say(f"{report.path.name} would {_effect_in_words(report)}. Nothing was stored.")


def _show_counts(reports: Iterable[FileReport]) -> None:
    counts = table("file", "kind", "rows>", "new>", "changed>", "unchanged>", "stale>", "rejected>", "made happen")
    for report in reports:
        numbers = [f"{number:,}" for number in report.counts()[:-1]]
        rejected = f"[bold red]{numbers[-1]}[/]" if report.rejected else numbers[-1]
        outcome = "[bold red]not imported[/]" if report.error or report.stops else _events_in_words(report)
        counts.add_row(report.path.name, report.kind or "–", *numbers[:-1], rejected, outcome)
    console().print(counts)


def _show_problems(report: FileReport, is_rehearsal: bool) -> None:
    if report.ignored_columns:
        say(f"{report.path.name}: columns that were not used: {', '.join(report.ignored_columns)}")
    for line in _grouped(report.path.name, report.warnings.first):
        say(line)
    for line in _grouped(report.path.name, report.rejects.first):
        say(line)
    if report.rejects_file and not is_rehearsal:
        rows = "the row is" if report.rejected == 1 else f"the {report.rejected:,} rows are"
        say(f"{report.path.name}: {rows} in {report.rejects_file}; mend and import that file.")


def _grouped(name: str, problems: Iterable[Problem]) -> list[str]:
    """Equal problems as one line, with how many rows and the first of them."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.column, problem.text), []).append(problem)
    lines = [_line(name, of_group) for of_group in groups.values()]
    hidden = len(lines) - MOST_GROUPS
    return lines if hidden <= 0 else [*lines[:MOST_GROUPS], f"{name}: and {hidden:,} more kinds of problem; see --json"]


def _line(name: str, problems: Sequence[Problem]) -> str:
    first = problems[0]
    if len(problems) == 1:
        return f"{name}, {first}" if first.line else f"{name}: {first}"
    return f"{name}: {len(problems):,} rows, first line {first.line}, {first.column}: {first.text}"


def _events_in_words(report: FileReport) -> str:
    return ", ".join(f"{number:,} {event}" for event, number in report.events.items() if number) or "–"


def _effect_in_words(report: FileReport) -> str:
    """books 12, moves 5, cancels 3; 20 notices"""
    events = report.events
    told = [
        ("book", events["booking"]),
        ("move", report.moved),
        ("relocate", events["change"] - report.moved),
        ("cancel", events["cancellation"]),
        ("bring dialogs:", events["dialog"]),
        ("bring answers:", events["reply"]),
        ("bring receipts:", events["receipt"]),
    ]
    parts = ", ".join(f"{word} {number:,}" for word, number in told if number)
    if not parts:
        return f"store {report.new:,} new and {report.changed:,} changed rows, and make nothing happen"
    notices = f"{report.notices or 0:,} notices"
    return f"{parts}; {notices}" + (f", and {report.reminders:,} reminders later" if report.reminders else "")


def _stops_in_words(report: FileReport) -> str:
    if not report.stops:
        return ""
    first = report.stops[0]
    more = f" (and {len(report.stops) - 1} more clinics)" if len(report.stops) > 1 else ""
    return (
        f"would cancel or move {first.upset:,} of the {first.future:,} future appointments of {first.clinic}{more},"
        " so nothing of it was imported. If that is right: notify import --force"
    )
