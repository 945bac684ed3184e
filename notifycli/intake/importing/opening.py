"""Opens the given files, and finds out of which kind each is and which of its columns is which.

Where the format does not say the kind, the columns do. Must not know transactions. Source: SPEC section 3.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notifycli.intake.cells.values import unwrapped
from notifycli.intake.formats.blocks import Block, PassingTrouble, Rows, Unreadable
from notifycli.intake.importing.completeness import Completeness
from notifycli.intake.importing.headers import Headers
from notifycli.intake.importing.report import FileReport
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import Mapping as Header
from notifycli.intake.mapping.columns import is_name_of_the_clinic, plain, recognise
from notifycli.intake.sources.gathering import Gathered
from notifycli.intake.sources.given import PIPE, Given, ends_its_last_line, readable
from notifycli.intake.sources.readers import Circle, Hl7Rows, rows_in

TABLES = ("csv", "ndjson", "workbook")  # whose columns tell what they are


@dataclass
class Opened:
    """Rows whose kind is known by `header`, which the columns called `names` were recognised as.

    `own` holds the clinic's own column names that these were read with; columns further down may be others.
    `path`: by which people know the file. `rejects`: the path that its rejects' begins with.
    """

    path: Path
    given: Given
    source: Rows
    names: tuple[str, ...]
    header: Header
    own: Mapping[str, str]
    rejects: Path
    own_of: str | None = None  # the clinic whose names `own` are, where the file must be that clinic's alone

    @property
    def stored_path(self) -> Path:
        """The same wherever it is imported from; that of a pipe stays."""
        return whole_path(self.path)

    @property
    def sha256(self) -> str:
        return self.given.sha256 or self.source.sha256


@dataclass
class Failed:
    """What cannot be read; `original` and `sha256` as in Given, where they are known."""

    report: FileReport
    sha256: str | None = None
    original: Path | None = None


@dataclass
class Opening:
    """`opened` in the order of import; `unused` are files that bring nothing, `failed` those that cannot be read.

    `completeness` where it was asked for.
    """

    opened: list[Opened] = field(default_factory=list)
    unused: list[tuple[Given, FileReport]] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    completeness: Completeness | None = None

    @property
    def last_of_appointments(self) -> Opened | None:
        return next((opened for opened in reversed(self.opened) if opened.header.kind == "appointments"), None)

    def leave_out(self, waiting: Collection[Path]) -> None:
        """All that is packed in a file waits with it."""
        self.opened = [failed for failed in self.opened if failed.given.original not in waiting]
        self.unused = [(given, report) for given, report in self.unused if given.original not in waiting]
        self.failed = [failed for failed in self.failed if failed.original not in waiting]


def whole_path(path: Path) -> Path:
    return path if path == PIPE else path.absolute()


def open_all(gathered: Gathered, headers: Headers, circle: Circle) -> Opening:
    """All files are looked at before the first is imported: an appointment's place may stand in another of them."""
    opening = Opening(failed=[Failed(_report_of(path, error), sha256) for path, error, sha256 in gathered.troubles])
    read: list[tuple[Given, list[Rows]]] = []
    for given in gathered.given:
        try:
            parts = rows_in(given, circle)
            # Real systems leave the last line of an HL7 message open, so there it tells nothing.
            has_lines = any(part.unit == "line" and part.format != Hl7Rows.format for part in parts)
            is_young = not given.is_packed and given.original in gathered.young
            if given.original is not None and is_young and has_lines and not ends_its_last_line(given.file):
                gathered.wait_for(given.original)
                continue
            read.append((given, parts))
        except Unreadable as error:
            _note(given, error, gathered, opening)
    for given, parts in _older_messages_first(read):
        try:
            used = [part for part in parts if part.kind or part.format in TABLES]
            opened = [opened_part(given, part, headers, len(parts) > 1) for part in used]
        except Unreadable as error:
            _note(given, error, gathered, opening)
            continue
        opening.opened += [row_source for row_source in opened if row_source is not None]
        if not any(opened):
            notes = [note for part in parts for note in part.notes()]
            opening.unused.append((given, FileReport(given.path, notes=notes)))
    opening.leave_out(gathered.waiting)
    order = list(KINDS)
    opening.opened.sort(key=lambda opened: order.index(opened.header.kind))
    return opening


def _older_messages_first(files: list[tuple[Given, list[Rows]]]) -> list[tuple[Given, list[Rows]]]:
    """Systems write one file for each message, under any name: these change places, all other files keep theirs."""
    times = {
        place: part.begins_at
        for place, (_, parts) in enumerate(files)
        for part in parts[:1]
        if isinstance(part, Hl7Rows) and part.begins_at is not None
    }
    ordered = list(files)
    for place, older in zip(times, sorted(times, key=times.__getitem__), strict=True):
        ordered[place] = files[older]
    return ordered


def _note(given: Given, error: Unreadable, gathered: Gathered, opening: Opening) -> None:
    if given.original is not None and given.original in gathered.young:
        gathered.wait_for(given.original)
    else:
        opening.failed.append(Failed(_report_of(given.path, error), given.sha256, given.original))


def _report_of(path: Path, error: Unreadable) -> FileReport:
    return FileReport(readable(path), error=str(error), may_pass=isinstance(error, PassingTrouble))


def opened_part(given: Given, part: Rows, headers: Headers, is_of_several: bool) -> Opened | None:
    """None where there are no rows of that kind after all. Raises Unreadable."""
    first = next(iter(part.blocks()), None)
    if first is None and part.kind is not None:
        return None
    if first is None:
        raise Unreadable("it is empty; export it anew")
    rejects = given.rejects.with_name(f"{given.rejects.name}.{part.kind}") if is_of_several else given.rejects
    names, options = first.header, headers.options
    if part.kind is not None:
        header = recognise(names, part.kind, options.clinic is not None, {}, consent_given=True)
        return Opened(given.path, given, part, names, header, {}, rejects)
    owner = whose(first, options.own_columns) if options.clinic is None else None
    named_by = options.clinic or owner or ""
    header, own = headers.recognised(names, named_by), options.own_columns.get(named_by, {})
    return Opened(given.path, given, part, names, header, own, rejects, owner)


def whose(block: Block, own_columns: Mapping[str, Mapping[str, str]]) -> str | None:
    """The one clinic of all rows, if it has column names of its own: one of these columns may be the clinic's too."""
    for clinic, own in own_columns.items():
        names = {plain(name) for name, column in own.items() if column == "clinic_id"}
        places = [
            place for place, name in enumerate(block.header) if is_name_of_the_clinic(name) or plain(name) in names
        ]
        cells = {unwrapped(row[place]).strip() for row in block.rows for place in places if place < len(row)}
        if cells == {clinic}:
            return clinic
    return None
