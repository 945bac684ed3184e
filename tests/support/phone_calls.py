"""What happens to one appointment, and the calls that `notify calls` then has."""

from typing import Any

from tests.support.timelines import PLACED, Step, Timeline, came, local, moment, ran, visit

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00", place="Rom 1")
SOON = visit("A1", "P7", "06-05 10:00", "06-03 12:00", place="Rom 1")  # less than 48 hours ahead: no reminder
TOLD = (came("06-03 12:00", A1, header=PLACED), ran("06-03 12:05"))


def booked(row: dict[str, str]) -> tuple[Step, Step]:
    return came("06-03 12:00", row, header=PLACED), ran("06-03 12:05")


def row(at: str, before: dict[str, str] = A1, **cells: str) -> Step:
    """At this minute the clinic's system changed the appointment, and the row came."""
    return came(at, before | {"changed": at} | cells, header=PLACED)


def cancelled(at: str, before: dict[str, str] = A1, **cells: str) -> Step:
    return row(at, before, status="cancelled", cancelled=at, **cells)


def calls(timeline: Timeline, at: str, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = timeline.clinic.json("calls", *options, at=moment(at).isoformat())
    return found


def lines(timeline: Timeline, at: str, *options: str) -> list[str]:
    """P1 takeover given_away 06-11 10:00"""
    return [
        f"{call['patient']} {call['event']} {call['reason']} {local(call['starts_at'])}"
        for call in calls(timeline, at, *options)
    ]


GIVEN = row("06-03 13:00", patient="P3")
GIVEN_AWAY = ["P1 takeover given_away 06-11 10:00"]
