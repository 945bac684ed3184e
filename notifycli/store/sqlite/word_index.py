"""Asks SQLite's full-text index, FTS5, for patients by words. The index itself stands in migrations.

Knows no patient and no text that was typed: what a word is, domain.search_words decides.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifycli.domain.search_words import Beginning, Wanted

# clinic_id and patient_id of those who have what :wanted asks for, see as_query
MATCHING = (
    "SELECT s.clinic_id, s.patient_id FROM patient_search_fts CROSS JOIN patient_search s"
    " ON s.id = patient_search_fts.rowid WHERE patient_search_fts MATCH :wanted"
)


def as_query(wanted: "Wanted") -> str:
    """In the language of FTS5: (("kari" * AND "lunde" *) OR ("@kari.lunde" *)) AND ..."""
    return " AND ".join(f"({' OR '.join(map(_as_term, alternatives))})" for alternatives in wanted)


def _as_term(beginning: "Beginning") -> str:
    end = "" if beginning.is_whole else " *"
    return "(" + " AND ".join('"' + word.replace('"', '""') + f'"{end}' for word in beginning.words) + ")"
