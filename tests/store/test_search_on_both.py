"""Who is found by what is typed is the same by SQLite's index of words as by PostgreSQL's of trigrams.

Addresses are of ordinary letters: of others SQLite's index does not tell !, ? and the like apart.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.store import finding
from notifycli.store.engine import Connection

Person = tuple[str, str, str, str | None, str | None]  # id, given name, family name, e-mail, mobile
Both = tuple[Connection, Connection]
PEOPLE: list[Person] = [
    ("1001", "Bjørn Åge", "Sørli-Hansen", "bjorn@post.example", "+4791000006"),
    ("1002", "Kari Anne", "Hansen", "kari.h@post.example", "+4791000007"),
    ("1003", "Karin", "Hansen", None, "+4722334455"),
    ("P-0042", "Åse", "Næss", "ase_n@post.example", "+46701234567"),
    ("p-0042", "D'Arcy", "O’Brien", None, None),
    ("%_\\", "Ida%", "Li_nd\\e", "i-l+x@post.example", None),
    ("Å1", "Z", "z", None, "+4791000099"),
]
TYPED = (
    *("hansen", "HANSEN sørli", "hansen, bjoern", "kari", "kari anne", "karianne", "annemarie", "naess", "næ", "ase"),
    *("91000006", "+47 910 00 006", "0047 91 00 00 06", "00 07", "07", "070-123 45 67", "4455", "910000"),
    *("kari.h@post.example", "KARI.H@", "@post", "ase_n", "ase-n@", "i-l+x@", "post.example"),
    *("1001", "P-0042", "p0042", "p-00", "å1", "A1", "darcy", "d'arcy", "obrien", "o brien"),
    *(
        "%",
        "_",
        "\\",
        "ida%",
        "ida_",
        "li_nd",
        "lind\\e",
        "z",
        "z z",
        '"hansen" OR *',
        "hansen*",
        "(hansen",
        "' --",
        "nobody",
    ),
)
LETTERS = st.characters(codec="utf-8", categories=["L", "M", "P", "N", "Zs", "S"])
NAMES = st.one_of(
    st.sampled_from(["Kari", "Kåre", "Aas", "Ås", "Sæther", "Li-Li", "Hansen"]), st.text(LETTERS, max_size=8)
)
IDS = st.text(st.sampled_from("Aa1Å0-_.%"), min_size=1, max_size=6)
ADDRESSES = st.from_regex(r"[a-zæ0-9._+-]{1,8}@[a-z-]{1,5}\.example", fullmatch=True)
NUMBERS = st.from_regex(r"\+47[29][0-9]{7}", fullmatch=True)
PERSONS = st.tuples(IDS, NAMES, NAMES, st.none() | ADDRESSES, st.none() | NUMBERS)


def know(connection: Connection, people: list[Person]) -> None:
    """These and no others."""
    connection.execute("DELETE FROM patient")
    connection.executemany(
        "INSERT INTO patient (clinic_id, patient_id, given_name, family_name, email, mobile, mobile_gets_sms,"
        " push_allowed, consent, known_since, cell_times, import_id)"
        " VALUES ('nidelv', ?, ?, ?, ?, ?, 0, 0, 1, 0, '{}', 1)",
        people,
    )
    finding.note(connection, [("nidelv", person[0]) for person in people])
    finding.index_all(connection)


def found(connection: Connection, typed: str) -> list[str]:
    return [patient.patient for patient in finding.patients(connection, typed)]


@pytest.fixture(scope="module")
def known(both: Both) -> Both:
    for connection in both:
        know(connection, PEOPLE)
    return both


@pytest.mark.parametrize("typed", TYPED)
def test_a_text_finds_the_same_on_both(known: Both, typed: str) -> None:
    in_a_file, on_a_server = known
    assert found(in_a_file, typed) == found(on_a_server, typed)


def test_what_is_asked_here_finds_some_and_not_others(known: Both) -> None:
    numbers = [len(found(known[0], typed)) for typed in TYPED]
    assert {0, 1, 2, 3} <= set(numbers)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PERSONS, min_size=1, max_size=6, unique_by=lambda person: person[0]), data=st.data())
def test_whoever_is_known_is_found_alike(both: Both, people: list[Person], data: Any) -> None:
    for connection in both:
        know(connection, people)
    parts = [part for person in people for cell in person if cell for part in cell.split()] or ["x"]
    for _ in range(5):
        part = data.draw(st.sampled_from(parts))
        typed = data.draw(
            st.one_of(
                st.just(part),
                st.just(part[: max(1, len(part) // 2)]),
                st.just(part.upper()),
                st.text(LETTERS, max_size=4),
            )
        )
        in_a_file, on_a_server = (found(connection, typed) for connection in both)
        assert in_a_file == on_a_server, typed
