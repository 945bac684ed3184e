"""Whom a notice can reach, on which channels, and why not. Has no rule of its own: consent is R17, contact R18."""

from dataclasses import dataclass
from typing import Any

from notifycli.domain.routing import Channel, channels_for, possible_channels
from notifycli.store import reading
from notifycli.store.engine import Connection


@dataclass(frozen=True)
class Reach:
    """`channels` are those that a notice would take now; none where `reasons` say why it cannot go."""

    clinic: str
    patient: str
    channels: tuple[Channel, ...]
    reasons: tuple[str, ...]
    is_active_user: bool
    upcoming_appointments: int

    @property
    def possible(self) -> bool:
        return not self.reasons


def reach_of(connection: Connection, clinic: str | None, patient: str | None, now: int) -> list[Reach]:
    """Of the patients with that id, or else of all whom no notice can reach."""
    return [_reach(row) for row in reading.patients_to_check(connection, clinic, patient, now)]


def _reach(row: dict[str, Any]) -> Reach:
    possible = possible_channels(
        row["email"], bool(row["mobile_gets_sms"]), row["push_token"], bool(row["push_allowed"])
    )
    channels = channels_for(row["preferred_method"], possible)
    reasons = [] if row["consent"] else ["no_consent"]
    reasons += [] if channels else ["no_contact"]
    active = bool(row["active_user"])
    return Reach(row["clinic"], row["patient"], () if reasons else channels, tuple(reasons), active, row["upcoming"])
