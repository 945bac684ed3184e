"""Ids that a shell offers while somebody types. Reads only, from what is there: makes, mends and waits for nothing.

Of people ids alone. Every query goes along an index, so that it costs the same on millions of rows.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

from notifycli.store.dialect import THEN_LOOKED_UP_IN
from notifycli.store.engine import open_to_read

Offered = Literal["clinic", "patient", "appointment", "dialog", "receipt", "type", "import", "notice", "delivery"]

MOST = 100
PATIENCE = 0.2  # seconds, for a lock
AFTER_ALL = "\U0010ffff"
OF_CLINICS = (
    f"SELECT DISTINCT t.{{0}}_id FROM clinic c {THEN_LOOKED_UP_IN} {{0}} t"
    " ON t.clinic_id = c.clinic_id AND t.{0}_id >= :begin"
    " AND t.{0}_id < :end WHERE :clinic IS NULL OR c.clinic_id = :clinic LIMIT :most"
)
NEWEST = "SELECT id FROM {0} WHERE {1} ORDER BY id DESC LIMIT :most"
QUERIES: dict[Offered, str] = {
    "clinic": "SELECT clinic_id FROM clinic WHERE clinic_id >= :begin AND clinic_id < :end ORDER BY 1 LIMIT :most",
    "patient": OF_CLINICS.format("patient"),
    "appointment": OF_CLINICS.format("appointment"),
    "dialog": OF_CLINICS.format("dialog"),
    "receipt": OF_CLINICS.format("receipt"),
    "type": OF_CLINICS.format("type"),
    "import": NEWEST.format("import", "true"),
    "notice": NEWEST.format("notice", "true"),
    "delivery": NEWEST.format("delivery", "status = 'uncertain'"),
}


def offered(address: Path | str, what: Offered, begin: str, clinic: str | None) -> Iterator[str]:
    """Ids that begin so, of one clinic or all; numbers newest first. Raises StoreError where it cannot say."""
    values = {"begin": begin, "end": begin + AFTER_ALL, "clinic": clinic, "most": MOST}
    with closing(open_to_read(address, PATIENCE)) as connection:
        for (word,) in connection.execute(QUERIES[what], values):
            yield str(word)
