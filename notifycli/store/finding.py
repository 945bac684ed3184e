"""Finds patients by words, by an index that is brought up to date when there is time, and always before it answers.

What an import or staff change is only noted (`patient_to_index`), since imports are to be quick; a run indexes some of
it after its work, a search all of it before it answers. What a word is, domain.search_words decides.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifycli.domain.search_words import Wanted, wanted_words, words_of
from notifycli.store.dialect import THEN_LOOKED_UP_IN, as_list, each
from notifycli.store.engine import Connection, StoreBusy, short_waits, writing
from notifycli.store.journal import is_anything_to_index

AT_ONCE = 5_000  # patients noted together and indexed in one transaction, which keeps others waiting for 0.2 s
SLICES_A_RUN = 10
ALL = 2**62  # more rows than there are


@dataclass(frozen=True)
class FoundPatient:
    """`mobile` as E.164; `is_active_user`: has logged in."""

    clinic: str
    patient: str
    name: str
    email: str | None
    mobile: str | None
    is_active_user: bool


def note(connection: Connection, patients: Sequence[tuple[str, ...]]) -> None:
    """Patients, as (clinic_id, patient_id), who are to be found by other words than before."""
    of_clinics: defaultdict[str, list[str]] = defaultdict(list)
    for clinic_id, patient_id in patients:
        of_clinics[clinic_id].append(patient_id)
    for clinic_id, ids in of_clinics.items():
        for first in range(0, len(ids), AT_ONCE):
            together = ids[first : first + AT_ONCE]
            connection.execute(
                "INSERT INTO patient_to_index (clinic_id, patient_ids, patients) VALUES (?, ?, ?)",
                (clinic_id, as_list(together), len(together)),
            )


def index_some(connection: Connection) -> None:
    """Of what was noted as much as a run has time for; nothing while another program writes."""
    with short_waits(connection):
        for _ in range(SLICES_A_RUN):
            try:
                if not is_anything_to_index(connection) or not _index_a_slice(connection):
                    return
            except StoreBusy:
                return


def index_all(connection: Connection, on_indexed: Callable[[int, int], None] = lambda done, of: None) -> None:
    """All that was noted. `on_indexed`: is told after each slice how many patients are indexed, and of how many."""
    if not is_anything_to_index(connection):
        return
    done, of = 0, int(connection.execute("SELECT sum(patients) FROM patient_to_index").fetchone()[0] or 0)
    while indexed := _index_a_slice(connection):
        done += indexed
        on_indexed(done, max(done, of))


def _index_a_slice(connection: Connection) -> int:
    """What was noted first; how many patients that were, 0 where nothing is left."""
    with writing(connection, alone="search index"):
        noted = _noted_first(connection)
        for _, clinic_id, ids, _ in noted:
            stored = connection.execute(
                f"SELECT p.patient_id, p.given_name, p.family_name, p.email, p.mobile FROM {each(':ids')}"
                f" {THEN_LOOKED_UP_IN} patient p ON p.clinic_id = :clinic AND p.patient_id = j.value",
                {"clinic": clinic_id, "ids": ids},
            )
            connection.executemany(
                "INSERT INTO patient_search (clinic_id, patient_id, words) VALUES (?, ?, ?)"
                " ON CONFLICT (clinic_id, patient_id) DO UPDATE"
                " SET words = excluded.words WHERE patient_search.words <> excluded.words",
                [
                    (clinic_id, patient_id, words_of(given_name, family_name, email, mobile, patient_id))
                    for patient_id, given_name, family_name, email, mobile in stored
                ],
            )
        connection.executemany("DELETE FROM patient_to_index WHERE id = ?", [row[:1] for row in noted])
    return sum(patients for *_, patients in noted)


def _noted_first(connection: Connection) -> list[tuple[int, str, str, int]]:
    """Of AT_ONCE patients or a few more, since a note may be of few: id, clinic_id, patient_ids, how many."""
    sql = (
        "SELECT id, clinic_id, patient_ids, patients FROM patient_to_index WHERE id IN (SELECT id FROM"
        " (SELECT id, sum(patients) OVER (ORDER BY id) - patients AS before FROM"
        " (SELECT id, patients FROM patient_to_index ORDER BY id LIMIT :most) first) summed WHERE before < :most)"
    )
    return connection.execute(sql, {"most": AT_ONCE}).fetchall()


def patients(connection: Connection, text: str, clinic: str | None = None, limit: int = 0) -> list[FoundPatient]:
    """Patients of whom the index knows each word of `text`, at most `limit` (0: all).

    Those with just these names first, then those whose names begin so; each by name.
    """
    exactly = _found_by(connection, wanted_words(text, whole_names=True), clinic, limit)
    if limit and len(exactly) == limit:
        return exactly
    others = _found_by(connection, wanted_words(text), clinic, limit)
    return list(dict.fromkeys([*exactly, *others]))[: limit or None]


def _found_by(connection: Connection, wanted: Wanted, clinic: str | None, limit: int) -> list[FoundPatient]:
    if not wanted:
        return []
    matching, values = connection.matching(wanted)
    sql = (
        "SELECT p.clinic_id, p.patient_id, trim(p.given_name || ' ' || p.family_name), p.email, p.mobile,"
        f" p.last_login_at IS NOT NULL FROM ({matching}) s"
        f" {THEN_LOOKED_UP_IN} patient p ON p.clinic_id = s.clinic_id AND p.patient_id = s.patient_id"
        " WHERE :clinic IS NULL OR s.clinic_id = :clinic LIMIT :limit"
    )
    rows = connection.execute(sql, {**values, "clinic": clinic, "limit": limit or ALL})
    patients_found = [
        FoundPatient(clinic_id, patient_id, name, email, mobile, bool(has_logged_in))
        for clinic_id, patient_id, name, email, mobile, has_logged_in in rows
    ]
    return sorted(patients_found, key=lambda patient: (patient.name.casefold(), patient.clinic, patient.patient))


def count_matching(connection: Connection, wanted: Wanted, at_most: int) -> int:
    """How many patients have what is wanted; counts no further than `at_most`."""
    matching, values = connection.matching(wanted)
    sql = f"SELECT count(*) FROM ({matching} LIMIT :at_most) s"
    return int(connection.execute(sql, {**values, "at_most": at_most}).fetchone()[0])
