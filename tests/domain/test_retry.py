"""SPEC section 7: after 1, 2, 5, 10, 30 minutes, then hourly, for 24 hours or until 3 hours before it is too late."""

import pytest

from notifycli.domain.retry import HOUR, MINUTE, next_attempt_at

FAR_OFF = 1_000 * HOUR


def waits_until_given_up(too_late_at: int) -> list[int]:
    """Minutes between the attempts of a delivery whose first attempt is at 0 and whose every attempt fails."""
    waits, now, attempts = [], 0, 1
    while (then := next_attempt_at(attempts, 0, now, too_late_at)) is not None:
        waits.append((then - now) // MINUTE)
        now, attempts = then, attempts + 1
    return waits


def test_the_waits_grow_and_end_within_a_day():
    waits = waits_until_given_up(FAR_OFF)
    assert waits[:5] == [1, 2, 5, 10, 30]
    assert set(waits[5:]) == {60}
    assert 23 * 60 < sum(waits) <= 24 * 60


@pytest.mark.parametrize(
    ("too_late_at", "waits"),
    [
        pytest.param(3 * HOUR + 18 * MINUTE, [1, 2, 5, 10], id="exactly at three hours before it is still tried"),
        pytest.param(3 * HOUR + 18 * MINUTE - 1, [1, 2, 5], id="a second less and it is given up"),
        pytest.param(HOUR, [1, 2, 5], id="at least three times, however late it is"),
    ],
)
def test_it_is_given_up_three_hours_before_too_late(too_late_at, waits):
    assert waits_until_given_up(too_late_at) == waits
