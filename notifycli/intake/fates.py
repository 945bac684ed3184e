"""What became of contents before: a folder's files are taken once, and what fails is told once.

A content is the same whatever its file is called. For another clinic, kind or sheet, or where consent is to be assumed,
it is another; and what failed is tried again once options or configuration differ. Knows no paths.

Source: SPEC section 3.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

from notifycli.intake.options import Options
from notifycli.intake.report import FileReport
from notifycli.store import imports
from notifycli.store.engine import Connection

Fate = Literal["imported", "failed"]


class Fates:
    """The fates of contents, which go by their SHA-256 in hexadecimal digits, under the options of one call."""

    def __init__(self, connection: Connection, options: Options) -> None:
        assumed = {clinic for clinic, is_assumed in options.consent_is_assumed_at.items() if is_assumed}
        whose = (options.clinic, options.kind, options.sheet, options.assume_consent, sorted(assumed))
        self._connection = connection
        self._whose = repr(whose) if any(whose) else ""
        self._how = repr((whose, _that_may_mend(options)))

    def of(self, sha256: str) -> Fate | None:
        imported = imports.fate_of_file(self._connection, _under(sha256, self._whose))
        return imported or imports.fate_of_file(self._connection, _under(sha256, self._how))

    def note(self, sha256: str, parts: Sequence[FileReport], at: int) -> None:
        """`parts`: what came of all that is in the file; what may pass leaves it as new as it was."""
        if any(part.may_pass for part in parts):
            return
        has_failed = any(part.error or part.stops for part in parts)
        key = _under(sha256, self._how if has_failed else self._whose)
        imports.note_fate_of_file(self._connection, key, "failed" if has_failed else "imported", at)


def _that_may_mend(options: Options) -> tuple[object, ...]:
    """What else decides whether a file can be read, and whether it is stopped."""
    own = {clinic: sorted(columns.items()) for clinic, columns in options.own_columns.items()}
    return (
        *(options.encoding, options.migrated, options.force, options.max_upset),
        *(options.complete, options.cancel_missing, sorted(own.items())),
    )


def _under(sha256: str, reading: str) -> str:
    return hashlib.sha256(f"{sha256} {reading}".encode()).hexdigest() if reading else sha256
