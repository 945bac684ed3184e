"""Each channel says when a message leaves: before that it can be taken back, after that only an answer tells (SPEC 7).

Whoever says so too late would have messages go out twice; so each is told to end while its service is silent.
"""

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notifycli.channels.base import Outcome, Outgoing, Transport
from notifycli.channels.command import Command, CommandSettings
from notifycli.channels.fcm import Fcm
from notifycli.channels.outbox import EmailOutbox, LineOutbox
from notifycli.channels.smtp import Smtp
from notifycli.delivery import in_flight
from notifycli.delivery.in_flight import InFlight
from notifycli.delivery.queues import Queue
from notifycli.domain.model import Key
from notifycli.domain.words import Channel
from notifycli.store.deliveries import Before, Delivery, Whose
from notifycli.store.facts import Subject
from tests.support.fcm_server import PUSH, Google, google
from tests.support.fcm_server import SILENCE as SILENT_GOOGLE
from tests.support.fcm_server import settings as fcm_settings
from tests.support.gateways import MAKE, MESSAGE, NAMES, USUAL, IsSilent, serving
from tests.support.smtp_server import NOTICE, SILENCE, Script, scripted, settings

pytestmark = pytest.mark.slow

BEFORE = Before(0, *[None] * 8)
PIPELINING = "250-mail.example\r\n250 PIPELINING"


@pytest.fixture(autouse=True)
def _is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "LONGEST_END", 0.4)


def delivery(number: int, channel: Channel) -> Delivery:
    subject = Subject("dialog", "nidelv", f"D{number}")
    return Delivery(number, channel, "queued", 0, None, number, subject, Key("dialog", 0), 0, 0, (channel,), BEFORE)


async def told_to_end(
    way: Transport, messages: Sequence[Outgoing], when: Callable[[], Any], channel: Channel = "sms"
) -> list[str]:
    """What came of each message: the kind of its outcome, or "back"."""
    queue = Queue(channel, Whose(), "nidelv", way)
    in_flight = InFlight(100)
    in_flight.share_among([queue])
    for message in messages:
        in_flight.hand_over(queue, delivery(message.delivery, channel), message)
    async with asyncio.timeout(5):
        while not when():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        answers = await in_flight.end()
    assert sorted(one.delivery.id for one in answers) == [message.delivery for message in messages]
    return sorted(one.outcome.kind if one.outcome else "back" for one in answers)


def several(usual: Outgoing, count: int) -> list[Outgoing]:
    return [replace(usual, delivery=number) for number in range(count)]


@pytest.mark.parametrize("ehlo", ["250 mail.example", PIPELINING], ids=["one by one", "at once"])
@pytest.mark.parametrize(
    ("silent_at", "expected"),
    [
        pytest.param("GREETING", "back", id="its greeting"),
        pytest.param("EHLO", "back", id="EHLO"),
        pytest.param("MAIL", "back", id="MAIL"),
        pytest.param("RCPT", "back", id="RCPT"),
        pytest.param("DATA", "back", id="DATA"),
        pytest.param("DOT", "uncertain", id="the dot"),
    ],
)
def test_a_mail_server(silent_at: str, expected: str, ehlo: str) -> None:
    async def talk() -> tuple[list[str], int]:
        script = Script({"EHLO": [ehlo], silent_at: [SILENCE]})
        async with scripted(script) as server, Smtp(settings(server.port, connections=2)) as way:
            found = await told_to_end(way, several(NOTICE, 5), lambda: server.uses[silent_at], "email")
            await asyncio.sleep(0.05)
            return found, len(server.messages)

    found, arrived = asyncio.run(talk())
    left = found.count("uncertain")
    assert (left > 0) == (expected == "uncertain")
    assert arrived == left
    assert found.count("back") == 5 - left


@pytest.mark.parametrize("ehlo", ["250 mail.example", PIPELINING], ids=["one by one", "at once"])
def test_a_mail_server_that_answers_in_time(ehlo: str) -> None:
    async def talk() -> tuple[list[str], int]:
        script = Script({"EHLO": [ehlo]}, takes_seconds=0.2)
        async with scripted(script) as server, Smtp(settings(server.port, connections=2)) as way:
            found = await told_to_end(way, several(NOTICE, 9), lambda: server.messages, "email")
            return found, len(server.messages)

    found, arrived = asyncio.run(talk())
    assert found.count("sent") == arrived > 0
    assert found.count("back") == 9 - arrived > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_has_the_request(name: str) -> None:
    async def talk() -> tuple[list[str], int]:
        async with serving(USUAL[name], [IsSilent()] * 9) as server, MAKE[name](server.url, connections=2) as way:
            return await told_to_end(way, several(MESSAGE, 5), lambda: len(server.seen) == 2), len(server.seen)

    assert asyncio.run(talk()) == (["back"] * 3 + ["uncertain"] * 2, 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_is_silent_before_tls_stands(name: str) -> None:
    async def talk() -> list[str]:
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            url = f"https://127.0.0.1:{silent.getsockname()[1]}"
            async with MAKE[name](url, connections=2) as way:
                return await told_to_end(way, several(MESSAGE, 5), lambda: True)

    assert asyncio.run(talk()) == ["back"] * 5


@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_wants_few_messages_a_second(name: str) -> None:
    async def talk() -> tuple[list[str], int]:
        async with serving(USUAL[name]) as server, MAKE[name](server.url, connections=5, rate=2) as way:
            return await told_to_end(way, several(MESSAGE, 5), lambda: server.seen), len(server.seen)

    assert asyncio.run(talk()) == (["back"] * 4 + ["sent"], 1)


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        pytest.param(Google(answers=[SILENT_GOOGLE] * 9), {"uncertain", "back"}, id="is silent of the message"),
        pytest.param(Google(token_answers=[SILENT_GOOGLE] * 9), {"back"}, id="is silent of the token"),
    ],
)
def test_google(tmp_path: Path, it: Google, expected: set[str]) -> None:
    async def talk() -> list[str]:
        async with google(it), Fcm(fcm_settings(tmp_path, it, connections=2)) as way:
            begun = time.monotonic()
            return await told_to_end(way, several(PUSH, 5), lambda: time.monotonic() > begun + 0.5, "push")

    found = asyncio.run(talk())
    assert set(found) == expected
    assert found.count("uncertain") == len(it.requests)


def test_a_program_that_was_told_what_to_send(tmp_path: Path) -> None:
    """It is killed after the time, with what it started."""
    heard = tmp_path / "heard"
    script = tmp_path / "send-sms"
    script.write_text(f"import sys, time\nopen({str(heard)!r}, 'a').write(sys.stdin.readline())\ntime.sleep(60)\n")

    async def talk() -> list[str]:
        settings = CommandSettings((sys.executable, "-I", "-S", str(script)), connections=2)
        async with Command(settings) as way:
            return await told_to_end(
                way, several(MESSAGE, 5), lambda: heard.exists() and heard.read_text().count("\n") == 2
            )

    assert asyncio.run(talk()) == ["back"] * 3 + ["uncertain"] * 2
    assert len(heard.read_text().splitlines()) == 2


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_the_outbox(tmp_path: Path, channel: Channel) -> None:
    """A file that is being written is written."""

    async def talk() -> list[str]:
        way = EmailOutbox(tmp_path) if channel == "email" else LineOutbox(tmp_path)
        usual = NOTICE if channel == "email" else MESSAGE
        async with way:
            return await told_to_end(way, several(usual, 300), lambda: files(tmp_path), channel)

    found = asyncio.run(talk())
    assert found.count("sent") == files(tmp_path)
    assert found.count("back") == 300 - files(tmp_path)


def files(outbox: Path) -> int:
    lines = outbox / "sms.jsonl"
    return len(list((outbox / "email" / "new").glob("*"))) + (
        len(lines.read_text().splitlines()) if lines.exists() else 0
    )


def test_what_is_handed_over_after_that_is_given_back(tmp_path: Path) -> None:
    async def talk() -> list[object]:
        async with LineOutbox(tmp_path) as way:
            queue, in_flight = Queue("sms", Whose(), "nidelv", way), InFlight(10)
            in_flight.stop()
            assert in_flight.room(queue, 0) == 0
            in_flight.hand_over(queue, delivery(1, "sms"), MESSAGE)
            return [one.outcome for one in await in_flight.end()]

    assert asyncio.run(talk()) == [None]
    assert not (tmp_path / "sms.jsonl").exists()


class Deaf:
    """Misses the first cancellation, as asyncio's wait_for does now and then."""

    concurrency = 1

    async def send(self, message: Outgoing) -> Outcome:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)
        return Outcome("sent", "")


def test_a_channel_that_misses_a_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "LONGEST_END", 60)
    assert asyncio.run(told_to_end(Deaf(), several(MESSAGE, 2), lambda: True)) == ["back"] * 2  # type: ignore[arg-type]
