"""SPEC section 9, [rehearsal]: which addresses are on its list, whatever their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.rehearsing import as_listed, is_listed, listed_as

TOKEN = "fGx3a1Vq-Q0:APA91bH" + "k2_-" * 30


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        pytest.param("+4791000001", "+4791000001", id="as it is stored"),
        pytest.param("910 00 001", "+4791000001", id="a Norwegian one with blanks"),
        pytest.param("(+47) 91-00-00-01", "+4791000001", id="brackets and hyphens"),
        pytest.param("0047 91000001", "+4791000001", id="00 for the plus"),
        pytest.param("+46 70 123 45 67", "+46701234567", id="a Swedish one"),
        pytest.param(" Kari@Post.example ", "kari@post.example", id="capitals of an address"),
        pytest.param("kari@post.example", "Kari@post.example", id="capitals of the stored one"),
        pytest.param("@Nidelv.EXAMPLE", "anyone@nidelv.example", id="a domain"),
        pytest.param("@nidelv.example", "Åse.Næss@nidelv.example", id="a domain, and letters of ours"),
        pytest.param(TOKEN, TOKEN, id="a push token"),
    ],
)
def test_it_is_listed(entry: str, address: str) -> None:
    assert is_listed(address, as_listed([entry]))


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        pytest.param("+4791000001", "+4791000010", id="another number"),
        pytest.param("kari@post.example", "akari@post.example", id="the end of another address"),
        pytest.param("@nidelv.example", "post@sub.nidelv.example", id="a domain below it"),
        pytest.param("@nidelv.example", "post@annidelv.example", id="a domain that ends like it"),
        pytest.param("@nidelv.example", "@nidelv.example@post.example", id="a domain within a name"),
        pytest.param(TOKEN, TOKEN.lower(), id="a token in other letters"),
    ],
)
def test_it_is_not_listed(entry: str, address: str) -> None:
    assert not is_listed(address, as_listed([entry]))


@pytest.mark.parametrize("entry", ["", " ", "@", "@@", "kari", "kari@", "12", "9100000", "1" * 40, "nidelv.example"])
def test_it_is_none(entry: str) -> None:
    assert listed_as(entry) is None


@given(st.lists(st.text(max_size=30), max_size=5), st.integers(91000000, 91999999))
def test_no_list_of_anything_lists_a_number_that_is_not_in_it(entries: list[str], number: int) -> None:
    listed = as_listed(entries)
    assert is_listed(f"+47{number}", listed) is (f"+47{number}" in listed)
