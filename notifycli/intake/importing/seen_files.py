"""Remembers which contents were imported before, or failed: a folder's files are taken once, a failure is told once.

A content is the same whatever its file is called. For another clinic, kind or sheet, or where consent is to be assumed,
it is another; and what failed is tried again once options or configuration differ. It is new again where it was written
anew over another, as when a change is taken back. Must not know paths, or any clock but that of the files. Source: SPEC
section 3.
"""

import hashlib
from collections.abc import Sequence

from notifycli.intake.importing.options import Options
from notifycli.intake.importing.report import FileReport
from notifycli.intake.sources.gathering import SeenFile
from notifycli.store import imports
from notifycli.store.engine import Connection


class SeenFiles:
    """The seen files of contents, which go by their SHA-256 in hexadecimal digits, under the options of one call."""

    def __init__(self, connection: Connection, options: Options) -> None:
        assumed = {clinic for clinic, is_assumed in options.consent_is_assumed_at.items() if is_assumed}
        whose = (options.clinic, options.kind, options.sheet, options.assume_consent, sorted(assumed))
        self._connection = connection
        self._whose = repr(whose) if any(whose) else ""
        # What else decides whether a file can be read, and whether it is stopped.
        of_clinics = (options.own_columns, options.own_statuses)
        own = [{clinic: sorted(words.items()) for clinic, words in by_clinic.items()} for by_clinic in of_clinics]
        may_mend = (
            *(options.encoding, options.migrated, options.force, options.max_upset),
            *(options.complete, options.cancel_missing, [sorted(by_clinic.items()) for by_clinic in own]),
        )
        self._how = repr((whose, may_mend))
        self._imported_before: dict[str, int | None] = {}

    def of(self, sha256: str, file: str, written_at: float) -> SeenFile | None:
        """`file`: the name of the file, whose content was written at `written_at`."""
        imported = self._imported_at(sha256)
        self._imported_before[sha256] = imported
        if imported is not None:
            if written_at <= imported:
                return "imported"
            has_followed = imports.last_content_of(self._connection, file) not in (None, sha256)
            return None if has_followed else "imported"
        failed = imports.fate_of_file(self._connection, _under(sha256, self._how))
        return failed[0] if failed else None

    def was_imported_meanwhile(self, sha256: str) -> bool:
        """By another process, since this one asked for its seen_file."""
        if sha256 not in self._imported_before:
            return False
        return self._imported_at(sha256) != self._imported_before[sha256]

    def _imported_at(self, sha256: str) -> int | None:
        fate = imports.fate_of_file(self._connection, _under(sha256, self._whose))
        return fate[1] if fate and fate[0] == "imported" else None

    def note(self, sha256: str, parts: Sequence[FileReport], at: int) -> None:
        """`parts`: what came of all that is in the file; what may pass leaves it as new as it was."""
        if any(part.may_pass for part in parts):
            return
        has_failed = any(part.error or part.stops for part in parts)
        key = _under(sha256, self._how if has_failed else self._whose)
        imports.note_fate_of_file(self._connection, key, "failed" if has_failed else "imported", at)


def _under(sha256: str, reading: str) -> str:
    return hashlib.sha256(f"{sha256} {reading}".encode()).hexdigest() if reading else sha256
