"""What goes to each server: whose messages, its way out, and whether it wants nothing just now.

A server that does not answer holds up only what goes to it (SPEC section 7), so each has a queue of its own. Knows the
configuration and the store's queue; nothing of messages, and not how many are handed over at once.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from notifycli.channels.base import Outcome, Transport
from notifycli.config import Settings
from notifycli.delivery.sections import EVERYBODY, Section, section_of
from notifycli.delivery.transports import Transports, section_taken, server_of, service_name
from notifycli.domain.errors import ConfigError
from notifycli.domain.words import Channel, Detour
from notifycli.store import deliveries, services
from notifycli.store.deliveries import Delivery, Whose
from notifycli.store.engine import Connection

log = logging.getLogger(__name__)
LONGEST_PAUSE = 20.0  # seconds that a service may ask for and a run waits, rather than close its way
Clock = float  # of the loop, in seconds


@dataclass(eq=False)
class Queue:
    """Deliveries of one channel that go to one server; `clinic_id` is one whose they are.

    One with a `detour` has nothing of its own to be claimed: it is handed what was claimed for another.

    `way` is an Outcome where the server wants nothing in this run, or its settings are wrong: what would go there gets
    that answer unasked, waits by the schedule of retries, and neither hammers the server nor holds up others.
    """

    channel: Channel
    whose: Whose
    clinic_id: str
    way: Transport | Outcome | None = None
    detour: Detour | None = None
    service: str = ""
    rests_until: Clock = 0.0
    _closed_to: dict[str, Outcome] = field(default_factory=dict)

    def way_for(self, sender: str) -> Transport | Outcome:
        """Where a message from `sender` goes now; the queue has been opened."""
        assert self.way is not None, "a queue is opened before anything is claimed"
        return self._closed_to.get(sender, self.way)

    def note(self, outcome: Outcome, sender: str, now: Clock) -> None:
        """Rests, or closes, by what came of a message: to everybody, or to that sender alone."""
        if outcome.wait is None or isinstance(self.way_for(sender), Outcome):
            return
        if outcome.wait <= LONGEST_PAUSE:
            self.rests_until = max(self.rests_until, now + outcome.wait)
            log.info("%s: the server wants a pause, so nothing goes to it for %g s", self.channel, outcome.wait)
            return
        log.info(
            "%s: nothing more %s in this run (it wants nothing for %g s)",
            *(self.channel, "from that sender" if outcome.is_about_sender else "to that server", outcome.wait),
        )
        # Of what was handed over before the trouble showed, nobody knows; of what comes after it, we do.
        untried = Outcome("temporary", f"{outcome.detail}, with an earlier message", wait=outcome.wait)
        instead = outcome if outcome.kind == "temporary" else untried
        if outcome.is_about_sender:
            self._closed_to[sender] = instead
        else:
            self.way = instead


class Queues:
    """The queues of a run, and which of them have something that waits to be sent."""

    def __init__(self, connection: Connection, settings: Settings, transports: Transports) -> None:
        self._connection = connection
        self._settings = settings
        self._transports = transports
        self._of_settings: dict[tuple[Channel, Section, Detour | None], Queue] = {}
        self._own_sections: dict[Channel, dict[Section, list[str]]] = {}
        self._busy: dict[Channel, dict[Queue, None]] = {}
        self._closed_elsewhere: list[tuple[str, str, str, int]] = []

    def of(self, channel: Channel, clinic_id: str, detour: Detour | None = None) -> Queue:
        section = server_of(section_taken(self._settings, channel, clinic_id, detour))
        if (channel, section, detour) not in self._of_settings:
            whose = Whose() if detour else self._whose(channel, section)
            self._of_settings[channel, section, detour] = Queue(
                channel, whose, clinic_id, detour=detour, service=service_name(section)
            )
        return self._of_settings[channel, section, detour]

    def look(self, channel: Channel, now: int) -> bool:
        """Whether a queue has something to send now that was not known to have; `now`: UTC epoch seconds."""
        busy = self._busy.setdefault(channel, {})
        of_clinics = (
            self.of(channel, clinic) for clinic in deliveries.clinics_in_queue(self._connection, channel, now)
        )
        new = [queue for queue in dict.fromkeys(of_clinics) if queue not in busy and self.due(queue, now, 1)]
        busy.update(dict.fromkeys(new))
        return bool(new)

    def busy(self, channel: Channel) -> Sequence[Queue]:
        """Those that had something to send when it was last looked."""
        return tuple(self._busy.get(channel, ()))

    def is_busy(self, queue: Queue) -> bool:
        return queue in self._busy.get(queue.channel, ())

    def due(self, queue: Queue, now: int, most: int) -> list[Delivery]:
        """At most so many, in the order in which they are to go."""
        return deliveries.queued(self._connection, queue.channel, now, most, queue.whose)

    def note_emptied(self, queue: Queue) -> None:
        self._busy[queue.channel].pop(queue, None)

    def note(self, queue: Queue, outcome: Outcome, sender: str, now: Clock) -> None:
        """What came of a message, and tells other hosts that its service wants nothing; `now`: of the loop."""
        queue.note(outcome, sender, now)
        if outcome.wait is not None and not self._connection.has_one_run_at_a_time:
            of_whom = sender if outcome.is_about_sender else ""
            services.close(self._connection, queue.service, of_whom, outcome.detail, outcome.wait)

    def heed_others(self, now: Clock) -> None:
        """What other hosts were told by a service holds here, too."""
        if not self._connection.has_one_run_at_a_time:
            self._closed_elsewhere = services.closed(self._connection)
            for queue in self._of_settings.values():
                self._close_as_elsewhere(queue, now)

    def _close_as_elsewhere(self, queue: Queue, now: Clock) -> None:
        for service, sender, detail, seconds in self._closed_elsewhere:
            if queue.service == service and queue.way is not None:
                queue.note(Outcome("temporary", detail, wait=float(seconds), is_about_sender=bool(sender)), sender, now)

    async def open(self, queue: Queue) -> None:
        """Finds its way out; where its settings are wrong, that is what becomes of every attempt, and of no other's."""
        if queue.way is None:
            queue.way = await self.way(queue.channel, queue.clinic_id, queue.detour)
            self._close_as_elsewhere(queue, asyncio.get_running_loop().time())

    async def way(self, channel: Channel, clinic_id: str, detour: Detour | None = None) -> Transport | Outcome:
        try:
            return await self._transports.transport(channel, clinic_id, detour)
        except ConfigError as error:
            log.info("%s of %s: the settings cannot be used", channel, clinic_id)
            return Outcome("temporary", f"settings: {error}")

    def _server(self, channel: Channel, clinic_id: str) -> Section:
        return server_of(section_of(self._settings, channel, clinic_id))

    def _whose(self, channel: Channel, section: Section) -> Whose:
        """Clinics without settings of their own go where everybody's lead, however many there are."""
        if channel not in self._own_sections:
            clinics_of: dict[Section, list[str]] = {}
            for clinic_id in self._settings.clinic:
                clinics_of.setdefault(self._server(channel, clinic_id), []).append(clinic_id)
            self._own_sections[channel] = clinics_of
        own = self._own_sections[channel]
        if section != self._server(channel, EVERYBODY):
            return Whose(tuple(own[section]), are_left_out=False)
        return Whose(tuple(clinic for other, clinics in own.items() if other != section for clinic in clinics))
