"""Commands and answers of SMTP on a connection that aiosmtplib has opened, several at a time (RFC 2920).

aiosmtplib waits for the answer to each command, which is half of the time that a message takes. Must not know what the
answers mean. What goes wrong is told in aiosmtplib's exceptions, so that there is one language for it.
"""

import asyncio
from collections import deque
from typing import cast

from aiosmtplib import SMTPReadTimeoutError, SMTPResponse, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

LONGEST_ANSWER = 65_536  # bytes, of all its lines together


class Wire(asyncio.Protocol):
    """Takes the transport over from aiosmtplib's protocol, which still learns how it ends.

    Answers come in the order of the commands. One that nobody asked for (421, before a server hangs up) leaves the two
    sides out of step: `is_in_step` is False then, and the connection no good.
    """

    def __init__(self, opened: SMTPProtocol) -> None:
        self._opened = opened
        self._transport = cast(asyncio.Transport, opened.transport)
        self._transport.set_protocol(self)
        self._rest = b""
        self._lines: list[bytes] = []
        self._owed = 0
        self._answers: deque[SMTPResponse] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._patience_ends = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._end: Exception | None = None
        self.is_in_step = True

    def say(self, octets: bytes, answers: int) -> None:
        """Commands, or a message, and how many answers the server owes for them."""
        if self._end is not None or self._transport.is_closing():
            raise SMTPServerDisconnected("Connection lost") from self._end
        self._owed += answers
        self._transport.write(octets)

    async def answer(self, patience: float) -> SMTPResponse:
        """The next one, for which to wait so many seconds. Raises what aiosmtplib raises."""
        if not self._answers:
            if self._end is not None:
                raise self._end
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            self._patience_ends = loop.time() + patience
            self._set_alarm(loop)
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._owed -= 1
        return self._answers.popleft()

    def _set_alarm(self, loop: asyncio.AbstractEventLoop) -> None:
        """One alarm outlives many waits, and looks at the clock when it rings: answers come far quicker than it."""
        if self._alarm is not None:
            if self._alarm.when() <= self._patience_ends:
                return
            self._alarm.cancel()
        self._alarm = loop.call_at(self._patience_ends, self._ring)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        try:
            for line in lines:
                if not (len(line) > 2 and line[:3].isdigit()):
                    raise SMTPResponseException(-1, "Malformed SMTP response line")
                self._lines.append(line[4:].strip())
                if line[3:4] != b"-":
                    text = b"\n".join(self._lines).decode("utf-8", "surrogateescape")
                    self._lines = []
                    self._answers.append(SMTPResponse(int(line[:3]), text))
                    self.is_in_step = self.is_in_step and len(self._answers) <= self._owed
            if len(self._rest) + sum(map(len, self._lines)) > LONGEST_ANSWER:
                raise SMTPResponseException(-1, "Response too long")
        except SMTPResponseException as problem:
            self._end = self._end or problem
            self._transport.abort()
        self._wake()

    def eof_received(self) -> bool:
        self._end = self._end or SMTPServerDisconnected("Unexpected EOF received")
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end = self._end or lost
        if self._alarm is not None:
            self._alarm.cancel()
        self._wake()
        self._opened.connection_lost(exc)

    def _wake(self) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._answers:
            self._waiter.set_result(None)
        elif self._end is not None:
            self._waiter.set_exception(self._end)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None or self._waiter.done():
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._patience_ends:
            self._set_alarm(loop)
        else:
            self._waiter.set_exception(SMTPReadTimeoutError("Timed out waiting for server response"))

    def pause_writing(self) -> None:
        """A message fits in memory, and the next waits for its answer, so writing never runs ahead."""

    def resume_writing(self) -> None:
        """See pause_writing."""
