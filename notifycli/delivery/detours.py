"""Which message does not go to its channel's own service: by the second gateway, or into the outbox in a rehearsal.

Decided at the claim, and kept with it: what is asked or told of the message later belongs to where it went.
Source: SPEC section 9, [rehearsal] and [sms.second].
"""

from functools import lru_cache

from notifycli.channels.base import Outcome, Outgoing
from notifycli.config import Settings
from notifycli.delivery.queues import Queue, Queues
from notifycli.delivery.sections import EVERYBODY
from notifycli.domain.rehearsing import as_listed, is_listed
from notifycli.domain.routing import goes_by_second
from notifycli.domain.words import Detour
from notifycli.store import deliveries
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection

DETOURS: tuple[Detour, ...] = ("rehearsal", "second")


class Detours:
    """Of one run."""

    def __init__(self, connection: Connection, settings: Settings, queues: Queues) -> None:
        self._connection = connection
        self._settings = settings
        self._queues = queues
        everywhere = (settings.for_clinic(EVERYBODY), *settings.clinic.values())
        self._are_none = not any(has.rehearsal.only or has.sms.second.transport != "none" for has in everywhere)

    async def open_for(self, delivery: Delivery) -> None:
        """What may be needed, before anything is claimed."""
        for detour in () if self._are_none else DETOURS:
            if self._is_set(delivery, detour):
                await self._queues.open(self._queue(delivery, detour))

    def of(self, queue: Queue, delivery: Delivery, message: Outgoing) -> Detour | None:
        """`queue`: its channel's own service. All of them are open."""
        if self._are_none:
            return None
        clinic_id = delivery.subject.clinic_id
        only = self._settings.for_clinic(clinic_id).rehearsal.only
        if only and not is_listed(message.address, _listed(only)):
            return "rehearsal"
        if not self._is_set(delivery, "second"):
            return None
        was_second = delivery.before.detour == "second"
        if deliveries.may_be_with_a_service(self._connection, delivery):
            return "second" if was_second else None
        second = self._queue(delivery, "second")
        first_is_out, second_is_out = (isinstance(way.way_for(message.sender), Outcome) for way in (queue, second))
        after = self._settings.for_clinic(clinic_id).sms.second.after
        is_second = goes_by_second(delivery.attempts, after, was_second, first_is_out, second_is_out)
        return "second" if is_second else None

    def queue(self, own: Queue, delivery: Delivery, detour: Detour | None) -> Queue:
        """Which one a claimed message is handed to."""
        return own if detour is None else self._queue(delivery, detour)

    def _queue(self, delivery: Delivery, detour: Detour) -> Queue:
        return self._queues.of(delivery.channel, delivery.subject.clinic_id, detour)

    def _is_set(self, delivery: Delivery, detour: Detour) -> bool:
        of_clinic = self._settings.for_clinic(delivery.subject.clinic_id)
        if detour == "rehearsal":
            return bool(of_clinic.rehearsal.only)
        return delivery.channel == "sms" and of_clinic.sms.second.transport != "none"


@lru_cache(1000)
def _listed(only: tuple[str, ...]) -> frozenset[str]:
    return as_listed(only)
