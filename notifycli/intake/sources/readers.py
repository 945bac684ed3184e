"""Chooses the reader that a given file needs, and gives them all one face: rows in blocks.

Goes by how a file begins. FHIR and HL7 v2 bring several kinds, and each kind is read by itself. Must not know what
columns mean.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notifycli.intake.formats.blocks import Block, PassingTrouble, Rows
from notifycli.intake.formats.excel import Workbook, is_workbook
from notifycli.intake.formats.fhir import Directory, FhirFile, Reading, is_fhir
from notifycli.intake.formats.hl7 import Hl7File, is_hl7
from notifycli.intake.formats.source import NDJSON, Source
from notifycli.intake.formats.text import CHANGED, Text
from notifycli.intake.sources.given import Given, sha256_of

BEGINNING = 64 * 1024


@dataclass
class Circle:
    """What the readers of one call share. `is_header`: whether cells are the header of a table.

    `countries` and `own_statuses` (words in small letters) by clinic_id, "" for the one that is given.
    """

    now: int
    encoding: str | None
    sheet: str | None
    clinic_given: bool
    countries: Mapping[str, str]
    consent_codes: frozenset[str]
    own_statuses: Mapping[str, Mapping[str, str]]
    is_header: Callable[[Sequence[str]], bool]
    directory: Directory = field(default_factory=Directory)  # of all FHIR files


def rows_in(given: Given, circle: Circle) -> list[Rows]:
    """Raises Unreadable. FHIR's places and organisations go into `circle.directory`."""
    beginning = given.file.read(BEGINNING) or b""
    given.file.seek(0)
    if is_workbook(given.file):
        return [WorkbookRows(given, circle)]
    if is_fhir(beginning):
        seen = _Unchanged(given)
        fhir = FhirFile(open(given.file.fileno(), "rb", closefd=False), seen.size)  # noqa: SIM115 - the given file is
        circle.directory = circle.directory | fhir.directory
        return [FhirRows(fhir, kind, seen, circle) for kind in (*fhir.kinds,) or (None,)]
    if is_hl7(beginning):
        text = Text(given.file, circle.encoding)
        hl7 = Hl7File(text.pieces, circle.now)
        return [Hl7Rows(hl7, kind, text, circle) for kind in (*hl7.kinds,) or (None,)]
    is_ndjson = os.path.splitext(given.name)[1].lower() in NDJSON
    return [Source(given.file, circle.encoding, is_ndjson, circle.is_header)]


class _Unchanged:
    """How a file stood when it was opened."""

    def __init__(self, given: Given) -> None:
        self._file = given.file
        self._sha256 = given.sha256
        self._stood = self._state()
        self.size = self._stood[0]

    @property
    def sha256(self) -> str:
        self._sha256 = self._sha256 or sha256_of(self._file)
        return self._sha256

    def refuse_if_changed(self) -> None:
        if self._state() != self._stood:
            raise PassingTrouble(CHANGED)

    def _state(self) -> tuple[int, int]:
        now = os.fstat(self._file.fileno())
        return now.st_size, now.st_mtime_ns


def _notes_with_the_last(file: FhirFile | Hl7File, kind: str | None) -> list[str]:
    """Of a file that brings several kinds, its notes are said once."""
    return file.notes() if kind is None or kind == file.kinds[-1] else []


class FhirRows:
    """One kind of a FHIR file; None where it brings nothing, and only notes."""

    format, encoding = "FHIR", ""

    def __init__(self, file: FhirFile, kind: str | None, seen: _Unchanged, circle: Circle) -> None:
        self.kind = kind
        self.size = seen.size
        self._file, self._seen, self._circle = file, seen, circle

    @property
    def unit(self) -> str:
        return self._file.unit

    @property
    def sha256(self) -> str:
        return self._seen.sha256

    @property
    def read_so_far(self) -> int:
        return self._file.read_so_far

    def blocks(self) -> Iterator[Block]:
        if self.kind is None:
            return
        circle = self._circle
        reading = Reading(circle.now, circle.clinic_given, circle.countries, circle.consent_codes)
        yield from self._file.blocks(self.kind, self._file.directory.before(circle.directory), reading)
        self._seen.refuse_if_changed()

    def notes(self) -> list[str]:
        return _notes_with_the_last(self._file, self.kind)

    def doubt(self) -> str:
        if not self._file.has_next_page:
            return ""
        return "is one page of several (put all into one file, a Bundle a line)"


class Hl7Rows:
    """One kind of a file of HL7 v2 messages."""

    format = "HL7 v2"

    def __init__(self, file: Hl7File, kind: str | None, text: Text, circle: Circle) -> None:
        self.kind = kind
        self.unit = file.unit
        self.encoding, self.size, self.sha256 = text.look
        self.read_so_far = self.size
        self.begins_at = file.begins_at
        self._file, self._circle = file, circle

    def blocks(self) -> Iterator[Block]:
        if self.kind is None:
            return iter(())
        return self._file.blocks(
            self.kind, self._circle.clinic_given, self._circle.countries, self._circle.own_statuses
        )

    def notes(self) -> list[str]:
        return _notes_with_the_last(self._file, self.kind)

    def doubt(self) -> str:
        return "" if self._file.is_whole else "does not hold what its batches say"


class WorkbookRows:
    """One sheet of a workbook; its columns tell the kind."""

    kind = None
    format, encoding = "workbook", ""

    def __init__(self, given: Given, circle: Circle) -> None:
        self._seen = _Unchanged(given)
        self._file = Workbook(open(given.file.fileno(), "rb", closefd=False), circle.sheet, circle.is_header)  # noqa: SIM115
        self.unit = self._file.unit
        self.size = self.read_so_far = self._seen.size

    @property
    def sha256(self) -> str:
        return self._seen.sha256

    def blocks(self) -> Iterator[Block]:
        yield from self._file.blocks()
        self._seen.refuse_if_changed()

    def notes(self) -> list[str]:
        return self._file.notes()

    def doubt(self) -> str:
        return ""
