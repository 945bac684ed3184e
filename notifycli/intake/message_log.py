"""Reads another system's log of messages, out of a file or of what imports of `external` brought; stores nothing.

Must not know what the messages are held against. Source: SPEC section 8, compare.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from notifycli.domain.comparing import LogMessage, MessageLog
from notifycli.domain.errors import NotifyError
from notifycli.intake.cells.values import OccursTwice
from notifycli.intake.cells.whole_columns import FormsOfTimes
from notifycli.intake.formats.blocks import Block, Unreadable, columns_of
from notifycli.intake.importing.files import Outside, UnknownClinic, circle_of
from notifycli.intake.importing.headers import Headers
from notifycli.intake.importing.joining import cells_of
from notifycli.intake.importing.kept import Kept
from notifycli.intake.importing.opening import TABLES, Opened, opened_part
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.reading import RowsOfFile, rows_as_long_as_the_header
from notifycli.intake.importing.report import FileReport, Problem
from notifycli.intake.kinds.cleaning import Clean, Cleaner, Trouble
from notifycli.intake.kinds.messages import MESSAGES, fate
from notifycli.intake.sources.gathering import gather
from notifycli.intake.sources.given import readable
from notifycli.intake.sources.readers import rows_in
from notifycli.store import comparing, importing
from notifycli.store.engine import Connection

IN_MEMORY = 10_000  # messages of a clinic
SUBJECT_IDS = ("appointment_id", "dialog_id", "receipt_id", "subject_id")
Progress = Callable[[Path, int, int], None]


class LogUnreadable(NotifyError):
    """The file is damaged, or no log of messages."""


@dataclass(frozen=True)
class Wanted:
    """Which messages of a log; None: all. `since` is included, `until` not; UTC epoch seconds."""

    clinic: str | None = None
    sender: str | None = None
    since: int | None = None
    until: int | None = None

    def holds(self, sender: str, at: int) -> bool:
        """Of the clinic's."""
        if self.sender is not None and sender.casefold() != self.sender.casefold():
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass
class ReadLog:
    """`report`: what of it could not be used. `count`: its messages; `never_sent`: those of which it says that none
    went out, and which count for nothing."""

    report: FileReport
    wanted: Wanted
    count: int = 0
    never_sent: int = 0
    first: int | None = None
    last: int = 0
    knows_push: bool = False
    messages: dict[str, Kept[LogMessage]] = field(default_factory=dict)

    def add(self, clinic: str, sender: str, became: str, message: LogMessage) -> None:
        """`became`: see kinds.messages.fate."""
        if self.wanted.clinic not in (None, clinic):
            return
        if clinic not in self.messages:  # it is the log's, even where nothing of the span is
            self.messages[clinic] = Kept(LogMessage, IN_MEMORY)
        if not self.wanted.holds(sender, message.at):
            return
        if became == "never":
            self.never_sent += 1
            return
        self.count += 1
        self.first = message.at if self.first is None else min(self.first, message.at)
        self.last = max(self.last, message.at)
        self.knows_push = self.knows_push or "push" in message.channels.split(",")
        self.messages[clinic].add(message._replace(has_failed=became == "failed"))

    def as_log(self) -> MessageLog:
        """Of the span that was asked for, else from its first message to its last."""
        if not all(kept.is_whole for kept in self.messages.values()):
            raise LogUnreadable("the disk has no room for what of the log is too much for the memory.", "Free some")
        since = self.wanted.since if self.wanted.since is not None else self.first or 0
        until = self.wanted.until - 1 if self.wanted.until is not None else self.last
        return MessageLog(self.messages, since, until, self.knows_push)


def imported_messages(connection: Connection, wanted: Wanted) -> ReadLog:
    """What imports of `external` brought."""
    log = ReadLog(FileReport(Path(), MESSAGES.name), wanted)
    for clinic, sender, status, message in comparing.external_messages(connection):
        log.add(clinic, sender, fate(status), message)
    return log


def read_messages(
    connection: Connection, path: Path, options: Options, wanted: Wanted, now: int, outside: Outside, progress: Progress
) -> ReadLog:
    """Of a file in any format of tables, or of several in an archive; `options`: of the kind `messages`.

    Raises LogUnreadable, and UnknownClinic.
    """
    clinics = importing.clinics(connection)
    if options.clinic is not None and options.clinic not in clinics:
        raise UnknownClinic(options.clinic)
    log = ReadLog(FileReport(readable(path), MESSAGES.name), wanted)
    headers = Headers(options)
    circle = circle_of({clinic: country for clinic, (_, country) in clinics.items()}, headers, now)
    with ExitStack() as open_ones:
        try:
            gathered = gather([path], outside.pipe, lambda *content: None, outside.clock_of_files, open_ones)
            for _, error, _ in gathered.troubles:
                raise error
            for given in gathered.given:
                of_file = rows_in(given, circle)
                for part in of_file:
                    if part.kind is not None or part.format not in TABLES:
                        raise Unreadable(f"{part.format} holds no log of messages; export it as a table")
                    if (opened := opened_part(given, part, headers, len(of_file) > 1)) is not None:
                        _read(opened, options, clinics, now, log, progress)
        except Unreadable as error:
            raise LogUnreadable(f"{readable(path)}: {error}") from error
    return log


def _read(
    opened: Opened, options: Options, clinics: Mapping[str, tuple[str, str]], now: int, log: ReadLog, progress: Progress
) -> None:
    rows = RowsOfFile(opened, options)
    cleaner = Cleaner(MESSAGES.name, clinics, now, FormsOfTimes(rows.cells_of_times))
    log.report.unit, log.report.ignored_columns = opened.source.unit, opened.header.ignored
    for block in opened.source.blocks():
        header = rows.header_of(block)
        rows.refuse_rows_of_others(block, header)
        outcome = Clean({})
        whole, places = rows_as_long_as_the_header(block, outcome)
        if whole:
            columns = columns_of(whole)
            raw = {column: cells_of(column, columns, header.places) for column in header.places}
            whose = raw.pop("clinic_id", None) or [options.clinic or ""] * len(whole)
            of_rows = Clean({})
            clinic_ids = cleaner.clinic_ids(whose, of_rows)
            clean = cleaner.clean(raw, clinic_ids)
            of_rows.rejects = clean.rejects | of_rows.rejects
            _add(log, clinic_ids, clean.columns, of_rows.rejects)
            outcome.rejects |= {places[row]: trouble for row, trouble in of_rows.rejects.items()}
            outcome.warnings += [replace(trouble, row=places[trouble.row]) for trouble in clean.warnings]
        log.report.rows += len(block.rows)
        _tell(log.report, outcome, block)
        progress(opened.path, opened.source.read_so_far, opened.source.size)
    log.report.notes += opened.source.notes()


def _add(
    log: ReadLog, clinic_ids: Sequence[str], columns: Mapping[str, Sequence[Any]], rejects: Collection[int]
) -> None:
    """Of a block, the rows that are no rejects."""

    def of(column: str, row: int, otherwise: Any = "") -> Any:
        return columns[column][row] if column in columns else otherwise

    for row, clinic in enumerate(clinic_ids):
        if row in rejects:
            continue
        at = columns["sent_at"][row]
        message = LogMessage(
            columns["patient_id"][row],
            columns["event"][row],
            next(filter(None, (of(column, row) for column in SUBJECT_IDS)), ""),
            columns["channel"][row],
            int(at),
            of("external_id", row),
            or_at=at.second if isinstance(at, OccursTwice) else None,
        )
        log.add(clinic, of("sender", row), of("status", row, "sent"), message)


def _tell(report: FileReport, outcome: Clean, block: Block) -> None:
    def problem(trouble: Trouble) -> Problem:
        return Problem(block.lines[trouble.row], trouble.column, trouble.reason, report.unit)

    for trouble in outcome.warnings:
        if trouble.row not in outcome.rejects:
            report.warnings.add(problem(trouble))
    for _, trouble in sorted(outcome.rejects.items()):
        report.rejects.add(problem(trouble))
