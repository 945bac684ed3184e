"""Whom a notice can reach, on which channels, and why not. Has no rule of its own: consent is R17, contact R18."""

from dataclasses import dataclass
from typing import Any

from notifycli.domain.routing import Channel, channels_for, possible_channels
from notifycli.store import reading
from notifycli.store.engine import Connection
from notifycli.store.facts import GONE


@dataclass(frozen=True)
class Reach:
    """`channels` are those that a notice would take now; none where `reasons` say why it cannot go.

    Among the reasons stand the addresses, too, that are known to be gone (GONE), also where another is possible.
    """

    clinic: str
    patient: str
    channels: tuple[Channel, ...]
    reasons: tuple[str, ...]
    is_active_user: bool
    upcoming_appointments: int

    @property
    def possible(self) -> bool:
        return bool(self.channels)


def reach_of(connection: Connection, clinic: str | None, patient: str | None, now: int) -> list[Reach]:
    """Of the patients with that id, or else of all whom no notice can reach."""
    return [_reach(row) for row in reading.patients_to_check(connection, clinic, patient, now)]


def _reach(row: dict[str, Any]) -> Reach:
    possible = possible_channels(
        row["email"],
        bool(row["mobile_gets_sms"]),
        row["push_token"],
        bool(row["push_allowed"]),
        [channel for name, channel in GONE.items() if row[name]],
    )
    channels = channels_for(row["preferred_method"], possible)
    why_not = [] if row["consent"] else ["no_consent"]
    why_not += [] if channels else ["no_contact"]
    gone = [name for name in GONE if row[name]]
    active = bool(row["active_user"])
    return Reach(row["clinic"], row["patient"], () if why_not else channels, (*why_not, *gone), active, row["upcoming"])
