"""SPEC section 4: a switch is off until first turned on, takes effect from that second, and keeps its history."""

import pytest

from notifycli.domain.switches import NEVER_TURNED, Switch

ON_AT_100_OFF_AT_200 = Switch(((100, True), (200, False)))


@pytest.mark.parametrize(
    ("instant", "is_on"),
    [
        pytest.param(99, False, id="off before the first turn"),
        pytest.param(100, True, id="on from that second"),
        pytest.param(199, True, id="still on"),
        pytest.param(200, False, id="off from that second"),
    ],
)
def test_a_switch_remembers(instant, is_on):
    assert ON_AT_100_OFF_AT_200.is_on_at(instant) is is_on


def test_a_switch_that_nobody_turned_is_off():
    assert not NEVER_TURNED.is_on_at(10**12)


def test_of_two_turns_in_one_second_the_later_counts():
    assert not Switch(((100, True), (100, False))).is_on_at(100)
