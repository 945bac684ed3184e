"""Wilson's interval, against figures of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.shares import wilson_interval


@pytest.mark.parametrize(
    ("number", "of", "low", "high"),
    [
        pytest.param(0, 0, 0.0, 1.0, id="nothing is known"),
        pytest.param(0, 20, 0.0, 0.1611, id="none of 20 (Newcombe 1998)"),
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263 (Newcombe 1998, table I)"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148 (Newcombe 1998, table I)"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1 of 29 (Newcombe 1998, table I)"),
        pytest.param(29, 29, 0.8830, 1.0, id="all"),
    ],
)
def test_the_interval(number: int, of: int, low: float, high: float) -> None:
    interval = wilson_interval(number, of)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 10**7), st.data())
def test_it_holds_the_share_and_stays_within_0_and_1(of: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, of))
    low, high = wilson_interval(number, of)
    assert 0 <= low <= number / of <= high <= 1
