"""Asks PostgreSQL's index of trigrams (pg_trgm) for patients by words. The index itself stands in migrations.

Knows no patient and no text that was typed: what a word is, domain.search_words decides.
"""

from notifycli.domain.search_words import Beginning, Wanted

WORDS_BEGIN = "(' ' || s.words) LIKE :{0}"
WORDS_ARE = "(' ' || s.words || ' ') LIKE :{0}"
SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def matching(wanted: Wanted) -> tuple[str, dict[str, str]]:
    """See store.connection.Connection."""
    values: dict[str, str] = {}
    groups = []
    for alternatives in wanted:
        groups.append(" OR ".join(_condition(beginning, values) for beginning in alternatives))
    where = " AND ".join(f"({group})" for group in groups)
    return f"SELECT s.clinic_id, s.patient_id FROM patient_search s WHERE {where}", values


def _condition(beginning: Beginning, values: dict[str, str]) -> str:
    conditions = []
    for word in beginning.words:
        name = f"word{len(values)}"
        values[name] = f"% {word.translate(SPECIAL)}%"
        conditions.append(WORDS_BEGIN.format(name))
        if beginning.is_whole:
            values[f"{name}_whole"] = f"% {word.translate(SPECIAL)} %"
            conditions.append(WORDS_ARE.format(f"{name}_whole"))
    return "(" + " AND ".join(conditions) + ")"
