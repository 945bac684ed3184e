"""What a channel is given and what it gives back, whichever channel it is.

Must not know appointments, stores or wording; a message comes here finished. Source: SPEC section 7.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

from notifycli.domain.routing import Channel


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of one delivery, ready to leave.

    `delivery`: our number of it, the reference given to gateways. `address`: an e-mail address, an E.164 number or a
    push token. `sender`: a From header ("Nidelv legesenter <post@nidelv.example>"), or for SMS a name or number.
    `message_id`: "<...@domain>", made from the delivery, the same on a resend. `collapse_key`: the same for all
    deliveries of one notice. `sent_on`: UTC epoch seconds.
    """

    delivery: int
    channel: Channel
    address: str
    sender: str
    subject: str
    text: str
    html: str | None
    language: str
    message_id: str
    collapse_key: str
    sent_on: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    `temporary`: nothing was handed over, to be tried again. `permanent`: refused for good, with a word as `reason`.
    `uncertain`: handed over, but the answer is not known. `detail` is the answer in one line, without any address;
    `reference` the gateway's id, where it gives one.
    """

    kind: Literal["sent", "temporary", "permanent", "uncertain"]
    detail: str
    reference: str | None = None
    reason: str | None = None


class Transport(Protocol):
    """A way out for one channel; `concurrency` is how many sends may be under way at once."""

    concurrency: int

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def send(self, message: Outgoing) -> Outcome:
        """Never raises for trouble of the channel: that is an Outcome. A cancellation passes."""
        ...
