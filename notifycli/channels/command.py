"""A program of the clinic's own sends the SMS: one JSON object on its standard input, one line of JSON back.

Never a shell. Must not know any gateway. Source: SPEC section 9, `transport = "command"`.

    {"action": "send", "reference": "7.k3", "to": "+4790000000", "from": "Nidelv", "text": "...", "segments": 1}
        -> {"id": "..."} | {"error": "words", "kind": "temporary" | "permanent", "reason": "...", "gone": false}
    {"action": "ask", "reference": "7.k3", "id": "..." | null}
        -> {"state": "sent" | "delivered" | "failed" | "unknown", "id": "...", "reason": "...", "gone": false}
"""

import asyncio
import json
import logging
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from notifycli.channels.base import CannotSend, Outcome, Outgoing, Question, Report, TheirTime, Tried, Unanswered
from notifycli.channels.leaving import it_leaves_now
from notifycli.channels.pace import Book, Pace
from notifycli.channels.sms_answers import WAIT_FOR_A_PERSON, text_at, veiled, within
from notifycli.domain.errors import ConfigError
from notifycli.domain.gsm import sms_segments

log = logging.getLogger(__name__)
EX_TEMPFAIL = 75  # sysexits.h: nothing was sent, it may work later
LAST_WORDS = 2.0  # seconds for a killed program to go
STATES: dict[str, Literal["sent", "delivered", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """`argv`: the program and its arguments. `rate`: messages a second, 0 for no limit. `timeout`: seconds for one.

    `book`: see Pace.
    """

    argv: tuple[str, ...]
    rate: float = 0
    connections: int = 10
    timeout: float = 30.0
    book: Book | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended; `code` is None where it was killed after its time. `answer`: its last line, parsed."""

    code: int | None
    answer: object = None


class Command:
    """Raises ConfigError for settings that cannot be meant."""

    def __init__(self, settings: CommandSettings) -> None:
        if not settings.argv or settings.connections < 1 or settings.timeout <= 0:
            raise ConfigError("sms.command names no program", 'write command = ["/usr/local/bin/send-sms"].')
        self.concurrency = settings.connections
        self._settings = settings
        self._name = os.path.basename(settings.argv[0])
        self._pace = Pace(settings.rate, settings.book)
        self._places = asyncio.Semaphore(settings.connections)
        self.their_time: TheirTime | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def send(self, message: Outgoing) -> Outcome:
        """`sent` only where the program said an id; `uncertain` where it ended without a word that tells."""
        await self._pace.turn()
        asked = {"action": "send", "reference": message.our_reference, "to": message.address}
        try:
            ended = await self._run(
                {**asked, "from": message.sender, "text": message.text, "segments": sms_segments(message.text)}
            )
        except (OSError, ValueError) as problem:
            return Outcome("temporary", f"{self._why_not(problem)}; mend sms.command", wait=WAIT_FOR_A_PERSON)
        words = self._how_it_ended(ended, (message.text,))
        if ended.code is None:
            return Outcome("uncertain", words)
        if identifier := text_at(ended.answer, "id"):
            return Outcome("sent", f"{self._name} took it", reference=identifier)
        kind = text_at(ended.answer, "kind")
        if text_at(ended.answer, "error") and kind == "permanent":
            gone = within(ended.answer, "gone") is True
            return Outcome("permanent", words, reason=_reason(ended.answer, gone), is_gone=gone)
        if (text_at(ended.answer, "error") and kind == "temporary") or ended.code == EX_TEMPFAIL:
            return Outcome("temporary", words)
        return Outcome("uncertain", f"{words}; it may have sent the message")

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """Whether the program is there and may be executed. It is not started: what it would do is not ours to know."""
        program = self._settings.argv[0]
        if shutil.which(program) is None:
            # By the name with which execvp would look for it: in the PATH where it has no slash.
            why = f"{program} may not be executed (chmod +x)"
            if not os.path.dirname(program):
                why = f"there is no program {program} in the PATH"
            elif not os.path.exists(program):
                why = f"there is no program {program}"
            elif not os.path.isfile(program):
                why = f"{program} is no program"
            raise CannotSend(why, "mend sms.command")
        return Tried(f"{program} is there and may be executed; to see it work: notify doctor --send-test NUMBER")

    async def ask(self, question: Question) -> Report | None:
        """What the program knows of a message; a program that does not know the action leaves it unanswered."""
        try:
            ended = await self._run({"action": "ask", "reference": question.ours, "id": question.reference})
        except (OSError, ValueError) as problem:
            raise Unanswered(self._why_not(problem)) from None
        state_told = text_at(ended.answer, "state")
        if state_told == "unknown":
            return None
        if (state := STATES.get(state_told)) is None:
            raise Unanswered(self._how_it_ended(ended, (question.text,)))
        reference = text_at(ended.answer, "id") or question.reference
        words = veiled(text_at(ended.answer, "error"), (question.text,))
        if state != "failed":
            return Report("sms", state, question.ours, reference, detail=words)
        gone = within(ended.answer, "gone") is True
        reason = _reason(ended.answer, gone)
        return Report("sms", state, question.ours, reference, reason=reason, detail=words, is_gone=gone)

    def _how_it_ended(self, ended: Ended, hidden: tuple[str, ...]) -> str:
        if ended.code is None:
            return f"{self._name} did not end in {self._settings.timeout:g} s and was killed"
        words = veiled(text_at(ended.answer, "error"), hidden)
        how = f"signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
        return f"{self._name}: {words or 'no answer that tells'} ({how})"

    def _why_not(self, problem: Exception) -> str:
        reason = problem.strerror if isinstance(problem, OSError) else "its name cannot be one"
        return f"{self._name} cannot be started: {reason}"

    async def _run(self, asked: Mapping[str, str | int | None]) -> Ended:
        """Raises OSError or ValueError where the program cannot be started."""
        async with self._places:
            # In a session of its own, so that what it starts ends with it; its errors may hold what we must not print.
            process = await asyncio.create_subprocess_exec(
                *self._settings.argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
            try:
                it_leaves_now()  # a program that has not been told what to send cannot have sent it
                async with asyncio.timeout(self._settings.timeout):
                    output, _ = await process.communicate(json.dumps(asked).encode() + b"\n")
            except TimeoutError:
                await _kill(process)
                log.info("%s was killed after %g s", self._name, self._settings.timeout)
                return Ended(None)
            except BaseException:
                await _kill(process)
                raise
        log.info("%s ended with %d", self._name, process.returncode)
        lines = output.decode("utf-8", "replace").strip().splitlines()
        try:
            return Ended(process.returncode, json.loads(lines[-1]) if lines else None)
        except (ValueError, RecursionError):
            return Ended(process.returncode)


async def _kill(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_WORDS):
            await process.wait()


def _reason(answer: object, gone: bool) -> str:
    """A word for the history, which a text of the program's, that might hold a number or the message, is not."""
    reason = text_at(answer, "reason")
    if re.fullmatch(r"[a-z0-9_]{1,40}", reason):
        return reason
    return "number_not_in_use" if gone else "refused"
