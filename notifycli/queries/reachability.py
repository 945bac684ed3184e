"""Whom a notice can reach, on which channels, and why not. Has no rule of its own: consent is R17, contact R18."""

from collections.abc import Iterator
from dataclasses import dataclass

from notifycli.domain.routing import channels_for, possible_channels, why_out_of_reach
from notifycli.domain.words import Channel
from notifycli.store import patients
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


def reach_of(connection: Connection, clinic: str | None, patient: str | None, now: int) -> Iterator[Reach]:
    """Of the patients with that id, or else of all whom no notice can reach."""
    for row in patients.patients_to_check(connection, clinic, patient, now):
        possible = possible_channels(
            row["email"],
            bool(row["mobile_gets_sms"]),
            row["push_token"],
            bool(row["push_allowed"]),
            [channel for name, channel in GONE.items() if row[name]],
        )
        # That there is no contact is told beside missing consent, so that both are mended at once.
        why_not = [reason for consent in (row["consent"], True) if (reason := why_out_of_reach(consent, possible))]
        channels = () if why_not else channels_for(row["preferred_method"], possible)
        if channels and patient is None:
            continue
        reasons = (*dict.fromkeys(why_not), *(name for name in GONE if row[name]))
        yield Reach(row["clinic"], row["patient"], channels, reasons, bool(row["active_user"]), row["upcoming"])
