"""One spelling for what is stored and for what is typed: each part of a name finds it, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.search_words import plain_spelling, wanted_words, words_of

NAMES = st.text(st.characters(codec="utf-8", categories=["L", "M", "P", "Zs"], exclude_characters="@"), max_size=20)


def finds(typed: str, words: str, *, whole_names: bool = False) -> bool:
    """Whether a patient of those words is found by a text, as the index does it."""
    wanted = wanted_words(typed, whole_names=whole_names)
    return bool(wanted) and all(
        any(
            all(
                any(word == part if beginning.is_whole else word.startswith(part) for word in words.split())
                for part in beginning.words
            )
            for beginning in alternatives
        )
        for alternatives in wanted
    )


BJØRN = words_of("Bjørn Åge", "Sørli-Hansen", "bjorn.hansen@post.example", "+4791000006", "P-0042")


@pytest.mark.parametrize(
    "typed",
    [
        *("bjørn", "Bjorn", "BJOERN", "björn", "bjo", "hansen sørli", "hans sorl bj", "Sørli-Hansen", "sørli - hansen"),
        *("Hansen, Bjørn", "age", "Aage", "bjørnåge", "bjørn-åge"),
        *(
            "91000006",
            "910 00 006",
            "91 00 00 06",
            "910-00-006",
            "+47 910 00 006",
            "0047 91 00 00 06",
            "(+47) 91000006",
        ),
        *("+4791000006", "4791000006", "00 006", "06", "0 0 0 6", "+47 (0)910 00 006", "hansen 006", "006 bjørn"),
        *("bjorn.hansen@post.example", "BJORN.HANSEN@POST.EXAMPLE", "bjorn.hansen@po", "bjorn.han"),
        *("P-0042", "p0042", "p-0042", "P-00"),
    ],
)
def test_a_patient_is_found(typed):
    assert finds(typed, BJØRN)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "%", "*", '"', "@", "karin", "bjørn olsen", "ørn", "91000007", "910 00 0", "47910", "0042"),
        *("bjorn@post.example", "post.example", "p-0043", "+", "()", "bjørn 007"),
    ],
)
def test_a_patient_is_not_found(typed):
    assert not finds(typed, BJØRN)


@pytest.mark.parametrize(
    ("mobile", "typed"),
    [
        pytest.param("+46701234567", "070-123 45 67", id="with the zero that is dialled in Sweden"),
        pytest.param("+46701234567", "+46 (0)70 123 45 67", id="with the zero in brackets"),
        pytest.param("+4670123000006", "000006", id="zeros of its own"),
        pytest.param("+447700900123", "0044 7700 900123", id="from abroad"),
    ],
)
def test_a_number_is_found_as_it_is_dialled(mobile, typed):
    assert finds(typed, words_of("", "", None, mobile, "P1"))


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        *(("Ødegård", "odegard"), ("Ødegaard", "ødegård"), ("Næss", "naess"), ("Næss", "NAESS")),
        *(("Sæther", "Saether"), ("José", "jose"), ("Łukasz", "lukasz"), ("Þóra", "thora"), ("Šárká", "sarka")),
        *(("O'Brien", "obrien"), ("O’Brien", "o'brien"), ("Strauß", "strauss"), ("Li", "li"), ("Test 2", "2 test")),
        *(("Ольга", "ольга"), ("Müller", "muller"), ("Á", "a"), ("Ánne Káre", "annekare")),
    ],
)
def test_a_name_is_found_as_it_is_spelled_elsewhere(stored, typed):
    assert finds(typed, words_of(stored, "", None, None, "P1"))


def test_whole_names_are_told_from_those_that_begin_so():
    karin = words_of("Karin", "Moen", None, None, "P10")
    assert finds("kari", karin)
    assert finds("P1", words_of("", "", None, None, "P1"))
    assert not finds("kari", karin, whole_names=True)
    assert finds("karin", karin, whole_names=True)


def test_a_short_id_is_not_the_beginning_of_others():
    assert not finds("P1", words_of("", "", None, None, "P10"))


@pytest.mark.slow
@given(NAMES, NAMES)
def test_every_name_is_found_by_itself(given_name, family_name):
    words = words_of(given_name, family_name, None, None, "P1")
    typed = f"{family_name} {given_name}"
    assert finds(typed, words) or not wanted_words(typed)


@given(st.text(max_size=12), st.integers(0, 12))
def test_what_a_name_begins_with_is_what_its_spelling_begins_with(name, length):
    assert plain_spelling(name).startswith(plain_spelling(name[:length]))
