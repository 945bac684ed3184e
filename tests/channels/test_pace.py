"""A rate that is shared: turns are booked by the second, and those that went by unused are not made up for."""

import asyncio

import pytest

from notifycli.channels.pace import Pace


class Calendar:
    """Who books here waits as long as it says."""

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.asked: list[tuple[float, int]] = []

    def book(self, gap: float, turns: int) -> float:
        self.asked.append((gap, turns))
        return self.waits.pop(0)


def took(pace: Pace, turns: int, pause: float = 0.0) -> list[float]:
    """When each turn came, in seconds."""

    async def taken() -> list[float]:
        clock = asyncio.get_running_loop().time
        begun, at = clock(), []
        for number in range(turns):
            if number and pause:
                await asyncio.sleep(pause)
            await pace.turn()
            at.append(clock() - begun)
        return at

    return asyncio.run(taken())


@pytest.mark.slow
def test_turns_are_booked_for_a_second_at_once():
    calendar = Calendar(0.0, 0.2)
    at = took(Pace(10, calendar.book), 12)
    assert calendar.asked == [(0.1, 10), (0.1, 10)]
    assert at[9] == pytest.approx(0.9, abs=0.1)
    assert at[10] - at[9] >= 0.19


def test_turns_that_went_by_are_booked_anew():
    calendar = Calendar(0.0, 0.0, 0.0)
    took(Pace(20, calendar.book), 3, pause=0.15)
    assert len(calendar.asked) == 3


def test_without_a_rate_nobody_is_asked():
    calendar = Calendar()
    took(Pace(0, calendar.book), 3)
    assert calendar.asked == []
