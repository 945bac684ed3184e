"""Imports files: finds what is to be read, has it brought into the database, and reports what came of it.

The whole of `notify import` but for the shell. Must not print, and must not know how anything is shown.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from notifycli.intake.formats.blocks import PassingTrouble, Rows, Unreadable
from notifycli.intake.importing.call import OneCall, UnknownClinic, not_imported
from notifycli.intake.importing.completeness import Completeness
from notifycli.intake.importing.file_import import Progress
from notifycli.intake.importing.headers import Headers
from notifycli.intake.importing.opening import Opening, open_all
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.report import FileReport
from notifycli.intake.importing.seen_files import SeenFiles
from notifycli.intake.sources.gathering import Gathered, gather
from notifycli.intake.sources.given import Readable, readable
from notifycli.intake.sources.readers import Circle, rows_in
from notifycli.store import importing, imports
from notifycli.store.engine import Connection
from notifycli.store.facts import Policy

log = logging.getLogger(__name__)
STILL_WRITTEN = "it is still being written, or not whole yet; look again in a minute"


@dataclass
class Outside:
    """What an import reads beside the files that were named.

    `clock_of_files`: epoch seconds, by which the age of a folder's files goes, whatever `now` is.
    """

    pipe: Readable
    clock_of_files: float


@dataclass
class Imported:
    """`reports`: in the order of import, those of unreadable files first. `done`: files of which all was imported.

    `waiting`: files of a folder that are still being written; `postponed`: those that were too many for one call;
    `failed_before`: those that could not be imported the last time, and are as they were.
    """

    reports: list[FileReport]
    done: list[Path]
    waiting: list[Path]
    postponed: list[Path]
    imported_before: list[Path]
    failed_before: list[Path]


def import_files(
    connection: Connection,
    paths: Sequence[Path],
    options: Options,
    policy: Policy,
    now: int,
    outside: Outside,
    progress: Progress = lambda path, done, size: None,
    on_rehearsed: Callable[[int], None] = lambda first_import: None,
) -> Imported:
    """Imports all files in the order of their kinds; one that cannot be read keeps none of the others back.

    A dry run is one for all files together, so that a file sees what those before it would have stored.
    `on_rehearsed` is called at its end, within its transaction, with the number of its first import.
    """
    with ExitStack() as open_ones:
        seen_files = SeenFiles(connection, options)
        gathered = gather(paths, outside.pipe, seen_files.of, outside.clock_of_files, open_ones)
        log.info(
            "%s to read; %d still being written, %d left for the next time, %d seen before, %d not opened",
            "1 file" if len(gathered.given) == 1 else f"{len(gathered.given)} files",
            *(len(gathered.waiting), len(gathered.postponed), len(gathered.seen), len(gathered.troubles)),
        )
        countries = {clinic_id: country for clinic_id, (_, country) in importing.clinics(connection).items()}
        headers = Headers(options)
        opening = open_all(gathered, headers, circle_of(countries, headers, now))
        if options.asks_what_is_missing:
            opening.completeness = Completeness(connection, list(_what_is_not_read(connection, gathered, opening)))
            open_ones.callback(opening.completeness.forget)
        failed = [failed.report for failed in opening.failed]
        for report in failed:
            log.info("%s: not read", report.path.name)
        call = OneCall(connection, options, policy, now, progress, gathered, opening, seen_files, on_rehearsed)
        reports = call.rehearse() if options.dry_run else call.import_all(int(outside.clock_of_files))
        return Imported(
            [*failed, *(report for _, report in opening.unused), *reports],
            _done(gathered, opening, reports),
            list(map(readable, gathered.waiting)),
            list(map(readable, gathered.postponed)),
            [readable(path) for path, seen_file, _ in gathered.seen if seen_file == "imported"],
            [readable(path) for path, seen_file, _ in gathered.seen if seen_file == "failed"],
        )


@dataclass(frozen=True)
class FilePart:
    """Rows of one kind in a file, or why there are none; `path` as people know the file."""

    path: Path
    rows: Rows | Unreadable


def parts_of(
    paths: Sequence[Path], options: Options, now: int, outside: Outside, open_ones: ExitStack
) -> Iterator[FilePart]:
    """What stands in the files, for one who only looks at it; `open_ones` closes them."""
    circle = circle_of({}, Headers(options), now)
    for path in paths:
        # Every content is new to one who only looks at it.
        gathered = gather([path], outside.pipe, lambda *content: None, outside.clock_of_files, open_ones)
        yield from (FilePart(readable(barred), error) for barred, error, _ in gathered.troubles)
        yield from (FilePart(readable(waiting), PassingTrouble(STILL_WRITTEN)) for waiting in gathered.waiting)
        for given in gathered.given:
            try:
                yield from (FilePart(given.path, rows) for rows in rows_in(given, circle))
            except Unreadable as error:
                yield FilePart(given.path, error)


def _what_is_not_read(connection: Connection, gathered: Gathered, opening: Opening) -> Iterator[str]:
    """What of a call may hold appointments, and is not read."""
    for failed in opening.failed:
        yield not_imported(failed.report)
    for path in gathered.waiting:
        yield f"{readable(path).name} is still being written"
    for path in gathered.postponed:
        yield f"{readable(path).name} was left for the next time"
    for path, seen_file, sha256 in gathered.seen:
        if seen_file == "failed":
            yield f"{readable(path).name} could not be imported before"
        elif imports.has_brought(connection, sha256, "appointments"):
            yield f"{readable(path).name} was imported before, and is only read again where it is named itself"


def circle_of(countries: Mapping[str, str], headers: Headers, now: int) -> Circle:
    options = headers.options
    statuses = {
        clinic: {word.strip().lower(): status for word, status in own.items()}
        for clinic, own in options.own_statuses.items()
    }
    if options.clinic is not None:
        countries, statuses = {"": countries.get(options.clinic, "NO")}, {"": statuses.get(options.clinic, {})}
    return Circle(
        now=now,
        encoding=options.encoding,
        sheet=options.sheet,
        clinic_given=options.clinic is not None,
        countries=countries,
        consent_codes=options.consent_codes,
        own_statuses=statuses,
        is_header=headers.is_header,
    )


def _done(gathered: Gathered, opening: Opening, reports: Sequence[FileReport]) -> list[Path]:
    """Files that are of no more use where they are; those too that an earlier call has imported.

    Not one that was replaced meanwhile: nobody has read what lies there now.
    """
    left = {opened.original for opened in opening.failed} | set(gathered.waiting)
    left |= {
        opened.given.original
        for opened, report in zip(opening.opened, reports, strict=True)
        if report.error or report.stops
    }
    named = dict.fromkeys(given.original for given in gathered.given)
    done = [path for path in named if path is not None and path not in left]
    done += [path for path, seen_file, _ in gathered.seen if seen_file == "imported"]
    return [path for path in done if gathered.is_as_it_was(path)]


__all__ = ["FileReport", "Imported", "Options", "Outside", "UnknownClinic", "import_files"]
