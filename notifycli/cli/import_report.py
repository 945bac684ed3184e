"""How an import is told: counts by what happened, then what wants a look, grouped, with what to type next."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from heapq import merge
from pathlib import Path
from typing import Any

from notifycli.cli.import_examples import first_as_value, missing_as_value, show_first, show_missing
from notifycli.cli.problems import END_OF_FILE, problems_in_words
from notifycli.cli.render import console, note, plain, table
from notifycli.intake.importing.files import Imported
from notifycli.intake.importing.report import FileReport, Problems
from notifycli.intake.importing.summary import groups_of
from notifycli.intake.sources.given import readable

MOST_LINES = 40  # of files, each with a line of its own
MOST_UNUSED = 3  # files of no use that are named
WIDE = 100  # columns of a screen that has room for each file's kind


def as_value(report: FileReport) -> dict[str, Any]:
    """The contract's JSON of one file; `problems` has each rejected row and warning, one by one.

    `first` of appointments; `missing` where it was asked for and is known. A rehearsal has the same.
    """
    return {
        "path": str(report.path),
        "kind": report.kind,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "stale": report.stale,
        "rejected": report.rejected,
        "warnings": report.warnings.count,
        "error": report.error or _stops(report) or None,
        "events": report.events,
        "problems": merge(  # each is in the order of lines, or nearly
            _problems("rejected", report.rejects),
            _problems("warning", report.warnings),
            key=lambda problem: problem["line"] or END_OF_FILE,
        ),
        "ignored_columns": list(report.ignored_columns),
        "notes": report.notes,
        **({"first": first_as_value(report)} if report.kind == "appointments" else {}),
        **missing_as_value(report),
        **({"held": held_as_value([asdict(stop) for stop in report.stops])} if report.stops else {}),
    }


def _problems(what: str, problems: Problems) -> Iterator[dict[str, Any]]:
    for problem in problems:
        place = {"line": problem.line, "unit": problem.unit} if problem.unit != "line" else {"line": problem.line}
        yield {"what": what, **place, "column": problem.column or None, "text": problem.text}


def show(reports: Sequence[FileReport], is_rehearsal: bool) -> None:
    used = [report for report in reports if report.kind or report.error]
    unused = [report for report in reports if not (report.kind or report.error)]
    if used:
        _show_counts(used)
    if len(unused) > MOST_UNUSED:
        console().print(f"{len(unused):,} files hold nothing that is used here; see --json", style="dim")
        reports = used
    for report in reports:
        tell_what_was_not_imported(report)
        for text in report.notes:
            console().print(plain(f"{report.path.name}: {text}"), style="dim")
        if report.ignored_columns:
            note(f"{report.path.name}: columns that were not used: {', '.join(report.ignored_columns)}")
        tell_problems(report)
        if ungrouped := report.rejects.ungrouped + report.warnings.ungrouped:
            note(f"{report.path.name}: {ungrouped:,} more rows with problems of many kinds; see --json")
        if report.rejects_files and not is_rehearsal:
            rows = "the row is" if report.rejected == 1 else f"the {report.rejected:,} rows are"
            where = " and ".join(str(readable(path)) for path in report.rejects_files)
            note(f"{report.path.name}: {rows} in {where}; mend and import that file.")
        if is_rehearsal:
            show_first(report)
        show_missing(report, is_rehearsal)
        if is_rehearsal and not report.error:
            note(f"{report.path.name} would {_effect_in_words(report)}. Nothing was stored.")


def show_others(done: Imported) -> None:
    """Files of a folder that were left alone, on standard output: under cron they are no trouble."""
    screen = console()
    for path in done.waiting:
        screen.print(plain(f"{path.name}: still being written, or not whole yet; next time"), style="yellow")
    for path in done.failed_before:
        text = f"{path.name}: could not be imported before, and has not changed; to see why: notify import {path}"
        screen.print(plain(text), style="yellow")
    if done.postponed:
        screen.print(f"{_files(done.postponed)} left for the next time: too many for one import.", style="yellow")
    if done.imported_before:
        screen.print(f"{_files(done.imported_before)} imported before.", style="dim")
    if not (done.reports or done.waiting or done.failed_before or done.imported_before):
        screen.print("There is nothing to import.", style="dim")


def _files(paths: Sequence[Path]) -> str:
    return "1 file was" if len(paths) == 1 else f"{len(paths):,} files were"


def tell_what_was_not_imported(report: FileReport) -> None:
    """On standard error, with --json too."""
    if report.error:
        note(f"notify: {report.path}: {report.error}")
    if report.stops:
        note(f"notify: {report.path}: {_stops(report)}")


def _stops(report: FileReport) -> str:
    return stops_in_words([asdict(stop) for stop in report.stops])


def _show_counts(reports: Sequence[FileReport]) -> None:
    """Stale and rejected rows have a column where there are any; the kind on a wide screen, or where a file has two.

    Of more files than a screen holds, those of one kind share a line.
    """
    screen = console()
    is_by_kind = len(reports) > MOST_LINES
    is_wide = screen.width >= WIDE or is_by_kind or len({report.path for report in reports}) < len(reports)
    rare = [name for name in ("stale", "rejected") if any(getattr(report, name) for report in reports)]
    kind = ["kind"] if is_wide else []
    first = "files>" if is_by_kind else "file"
    counts = table(first, *kind, "rows>", "new>", "changed>", "unchanged>", *(f"{name}>" for name in rare), "happened~")
    groups = [(report.path.name, [report]) for report in reports]
    if is_by_kind:  # those that were not imported by themselves
        of_kinds: dict[tuple[str, bool], list[FileReport]] = {}
        for report in reports:
            of_kinds.setdefault((report.kind or "", bool(report.error or report.stops)), []).append(report)
        groups = [(f"{len(group):,}", group) for group in of_kinds.values()]
    for name, group in groups:
        numbers = [f"{_sum(group, of):,}" for of in ("rows", "new", "changed", "unchanged")]
        sums = [(of, _sum(group, of)) for of in rare]
        is_left_out = any(report.error or report.stops for report in group)
        events: Counter[str] = Counter()
        for report in group:
            events.update(report.events)
        outcome = "[bold red]not imported[/]" if is_left_out else events_in_words(events) or "–"
        more = [f"[bold red]{sum_:,}[/]" if sum_ and of == "rejected" else f"{sum_:,}" for of, sum_ in sums]
        counts.add_row(plain(name), *([group[0].kind or "–"] if is_wide else []), *numbers, *more, outcome)
    screen.print(counts)


def _sum(reports: Sequence[FileReport], of: str) -> int:
    return sum(getattr(report, of) for report in reports)


def tell_problems(report: FileReport) -> None:
    """Rejected rows and warnings, a line for each group."""
    rejects, warnings = groups_of("rejected", report.rejects), groups_of("warning", report.warnings)
    groups = [*_with_cells(rejects, report.rejects), *_with_cells(warnings, report.warnings)]
    for line in problems_in_words(report.path.name, groups):
        note(line)


def _with_cells(groups: list[dict[str, Any]], problems: Problems) -> list[dict[str, Any]]:
    """With the cell of each group's first problem, where its text repeats it."""
    return [group | {"cell": own.first.cell} for group, own in zip(groups, problems.groups.values(), strict=True)]


def events_in_words(events: Mapping[Any, int]) -> str:
    return ", ".join(f"{number:,} {_plural(event, number)}" for event, number in events.items() if number)


def _so_many(number: int, what: str) -> str:
    return f"{number:,} {_plural(what, number)}"


def _plural(event: str, number: int) -> str:
    """1 booking, 2 bookings, 2 replies"""
    if number == 1:
        return event
    return f"{event[:-1]}ies" if event.endswith("y") else f"{event}s"


def _effect_in_words(report: FileReport) -> str:
    """books 12, moves 5, cancels 3; 20 notices"""
    events = report.events
    counted = [
        ("book", events["booking"]),
        ("move", report.moved),
        ("relocate", events["change"] - report.moved),
        ("cancel", events["cancellation"]),
        ("bring dialogs:", events["dialog"]),
        ("bring answers:", events["reply"]),
        ("bring receipts:", events["receipt"]),
    ]
    parts = ", ".join(f"{word} {number:,}" for word, number in counted if number)
    if not parts and not report.reminders:
        return f"store {report.new:,} new and {report.changed:,} changed rows, and make nothing happen"
    if not parts:
        parts = f"store {report.new:,} new and {report.changed:,} changed rows"
    notices = _so_many(report.notices or 0, "notice")
    return f"{parts}; {notices}" + (f", and {_so_many(report.reminders, 'reminder')} later" if report.reminders else "")


def held_as_value(stops: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What a stopped file would do, and of how many appointments of its clinics: to come, or where it books, stored."""
    of_clinics: dict[str, int] = {}
    for stop in stops:
        of_clinics[stop["clinic"]] = max(stop["future"], of_clinics.get(stop["clinic"], 0))
    counts = (("cancel", "cancelled"), ("move", "moved"), ("book", "booked"))
    return {name: sum(stop[field] for stop in stops) for name, field in counts} | {"of": sum(of_clinics.values())}


def stops_in_words(stops: Sequence[Mapping[str, Any]]) -> str:
    """Why the safety stop held a file, by the fields of intake/importing/summary.py; nothing where it did not."""
    upset = [stop for stop in stops if not stop["booked"]]
    booking = [stop for stop in stops if stop["booked"]]
    if upset and booking:
        return f"{_would_upset(upset)}; it {_would_book(booking)}, {NOTHING_IMPORTED}. {RIGHT_UPSET}"
    if booking:
        return f"{_would_book(booking)}, {NOTHING_IMPORTED}. {RIGHT_BOOKINGS}"
    return f"{_would_upset(upset)}, {NOTHING_IMPORTED}. {RIGHT_UPSET}" if upset else ""


NOTHING_IMPORTED = "so nothing of it was imported"
RIGHT_UPSET = "If that is right, import it with --force; look at it first with --dry-run"
RIGHT_BOOKINGS = (
    "If they were booked before, as in another system, import it with --migrated; if they are new and the patients are"
    " to be told, with --force; look at it first with --dry-run"
)


def _would_upset(stops: Sequence[Mapping[str, Any]]) -> str:
    """would cancel 31 (all of them missing in it) and move 4 of the 40 future appointments of nidelv"""
    first = stops[0]
    number = "all" if first["missing"] == first["cancelled"] else f"{first['missing']:,}"
    missing = f" ({number} of them missing in it)" if first["missing"] else ""
    movements = (("cancel", first["cancelled"], missing), ("move", first["moved"], ""))
    upset = " and ".join(f"{verb} {number:,}{more}" for verb, number, more in movements if number)
    return f"would {upset} of the {first['future']:,} future appointments of {first['clinic']}{_and_others(stops)}"


def _would_book(stops: Sequence[Mapping[str, Any]]) -> str:
    """would book 31 appointments of nidelv, where 3 are stored, and has no column booked_at"""
    first = stops[0]
    stored = "none is" if not first["future"] else "1 is" if first["future"] == 1 else f"{first['future']:,} are"
    return (
        f"would book {first['booked']:,} appointments of {first['clinic']}{_and_others(stops)}, where {stored}"
        " stored, and has no column booked_at"
    )


def _and_others(stops: Sequence[Mapping[str, Any]]) -> str:
    return f" (and of {_so_many(len(stops) - 1, 'more clinic')})" if len(stops) > 1 else ""
