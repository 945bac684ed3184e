"""What a channel is given and what it gives back, whichever channel it is.

Must not know appointments, stores or wording; a message comes here finished. Source: SPEC section 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self, runtime_checkable

from notifycli.domain.errors import NotifyError
from notifycli.domain.words import Channel, FailReason


class CalendarFile(NamedTuple):
    """A file beside an e-mail; `name`: ASCII. `method` is what it asks a calendar to do, as the text says it."""

    name: str
    method: Literal["PUBLISH", "CANCEL"]
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message of one delivery, ready to leave.

    `delivery`: our number of it, the reference given to gateways. `address`: an e-mail address, an E.164 number or a
    push token. `sender`: a From header ("Nidelv legesenter <post@nidelv.example>"), or for SMS a name or number.
    `message_id`: "<...@domain>", made from the delivery, the same on a resend. `collapse_key`: the same for all
    deliveries of one notice. `sent_on`: UTC epoch seconds. `calendar`: of an e-mail only, where it is asked for.
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
    calendar: CalendarFile | None = None

    @property
    def our_reference(self) -> str:
        """What a service is told to call this message, and says again in its reports: the Message-ID's left part."""
        return self.message_id.strip("<>").partition("@")[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    `temporary`: nothing was handed over, to be tried again. `permanent`: refused for good, with a word as `reason`.
    `uncertain`: handed over, but the answer is not known. `detail` is the answer in one line, without any address;
    `reference` the gateway's id, where it gives one. `is_gone`: the address itself is no more, so that nothing should
    be sent there again. `wait`: the trouble is the service's, not this message's (it refuses connections, says 421 or
    429), and nothing should be sent to it for so many seconds; `is_about_sender`: nothing from this sender alone.
    `retry_after`: seconds that the service itself named, before which this message should not come again.
    """

    kind: Literal["sent", "temporary", "permanent", "uncertain"]
    detail: str
    reference: str | None = None
    reason: FailReason | str | None = None
    is_gone: bool = False
    wait: float | None = None
    retry_after: float | None = None
    is_about_sender: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a service says later of a message: a delivery receipt, a bounce, an answer to a question.

    `ours`: our_reference, `reference`: the service's own id; one of them may be missing. `sent`: the service has it and
    says no more yet (which settles what was uncertain). `at`: UTC epoch seconds, None where the service does not say.
    `reason`, `detail`, `is_gone`: as in Outcome, of what `failed`.
    """

    channel: Channel
    state: Literal["sent", "delivered", "failed"]
    ours: str | None
    reference: str | None
    at: int | None = None
    reason: FailReason | str | None = None
    detail: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A delivery whose seen file a service is asked for. `attempted_at`: UTC epoch seconds of the last attempt.

    `reference` is None where the connection broke before the service named its id.
    """

    ours: str
    reference: str | None
    address: str
    text: str
    attempted_at: int


class Transport(Protocol):
    """A way out for one channel; `concurrency` is how many sends may be under way at once."""

    concurrency: int

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def send(self, message: Outgoing) -> Outcome:
        """Never raises for trouble of the channel: that is an Outcome. A cancellation passes.

        Calls leaving.it_leaves_now() right before the message, or what carries it, may leave.
        """
        ...


@runtime_checkable
class Answering(Protocol):
    """A transport whose service can be asked what became of a message."""

    async def ask(self, question: Question) -> Report | None:
        """None where the service knows nothing of it (yet). Raises Unanswered where it cannot be asked now."""
        ...


class Unanswered(NotifyError):
    """A service could not be asked. str() says why in one line, without secrets or addresses."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was seen to work, in one line without secrets or addresses. `wants_a_look`: yet not for every patient."""

    text: str
    wants_a_look: bool = False


class TheirTime(NamedTuple):
    """What a service's clock said, in UTC epoch seconds, and when that was heard, by the loop's own clock."""

    instant: int
    heard_at: float


@runtime_checkable
class Checkable(Protocol):
    """A transport whose service can be tried as far as that is possible without sending anything.

    `their_time`: of the service's last answer; None where none told it.
    """

    their_time: TheirTime | None

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """`senders`: each with the words for where it is written. `now`: UTC epoch seconds. Raises CannotSend."""
        ...


class CannotSend(NotifyError):
    """Nothing could be sent this way. str() says why and what to mend, in one line, without secrets or addresses."""
