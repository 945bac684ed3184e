"""SPEC sections 1 and 7 at every byte: wherever a connection is cut, no message is lost and none doubled silently.

Against aiosmtpd, and a gateway for SMS on HTTP, behind a proxy that cuts; `pytest -rP` shows the sums.
"""

import asyncio
import json
import re
import shutil
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import web

from notifycli.channels.base import Outcome
from notifycli.channels.http import GatewaySettings
from notifycli.channels.kannel import Kannel
from notifycli.channels.mail import message_bytes
from notifycli.channels.smtp import Smtp
from tests.support.cut_conversations import Conversation, Served, every_cut, fault_of, length_of, table, tried
from tests.support.fault_proxy import Cut, FaultProxy, proxied
from tests.support.one_clinic import Clinic
from tests.support.smtp_server import NOTICE, Mailroom, aiosmtpd, settings

pytestmark = pytest.mark.slow

NUMBERED = re.compile(rb"^Message-ID: <(\d)@", re.MULTILINE)
LETTERS = [replace(NOTICE, delivery=number, message_id=f"<{number}@nidelv.example>") for number in range(2)]


def counted(room: Mailroom) -> Counter[int]:
    """What has come since; the room is empty then, so that it says the same again and each answer is as long."""
    numbers = Counter(int(NUMBERED.search(octets)[1]) for *_, octets in room.letters)
    room.letters.clear()
    return numbers


@asynccontextmanager
async def mail_served() -> AsyncIterator[Served]:
    async with aiosmtpd() as room:
        yield Served(room.port, lambda: counted(room))


@asynccontextmanager
async def mail_served_to_who_pipelines() -> AsyncIterator[Served]:
    """Commands may come together (RFC 2920)."""

    async def offers(server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async with aiosmtpd() as room:
        room.handle_EHLO = offers
        yield Served(room.port, lambda: counted(room))


def by_smtp(letters: int, served=mail_served) -> Conversation:
    async def talk(port: int) -> Sequence[Outcome]:
        async with Smtp(settings(port, connections=1)) as smtp:
            return [await smtp.send(letter) for letter in LETTERS[:letters]]

    return Conversation(served, talk)


def by_pipelined_smtp(letters: int) -> Conversation:
    return by_smtp(letters, mail_served_to_who_pipelines)


TEXTS = [
    replace(NOTICE, delivery=number, channel="sms", address="+4791000001", sender="Nidelv", text=f"Hei {number}")
    for number in range(2)
]


@asynccontextmanager
async def sms_served() -> AsyncIterator[Served]:
    """What Kannel's smsbox does with a message: takes it, and says so."""
    taken: list[str] = []

    async def smsbox(request: web.BaseRequest) -> web.Response:
        with suppress(ConnectionError):
            taken.append(await request.text())
        return web.Response(status=202, text="0: Accepted for delivery")

    def counted() -> Counter[int]:
        numbers = Counter(int(text.removeprefix("Hei ")) for text in taken)
        taken.clear()
        return numbers

    server = web.Server(smsbox)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    try:
        yield Served(listening.sockets[0].getsockname()[1], counted)
    finally:
        listening.close()
        await listening.wait_closed()
        await server.shutdown(1)


def by_kannel(texts: int) -> Conversation:
    async def talk(port: int) -> Sequence[Outcome]:
        url = f"http://127.0.0.1:{port}/cgi-bin/sendsms"
        async with Kannel(GatewaySettings(url, "clinic", "open sesame", connections=1)) as kannel:
            return [await kannel.send(text) for text in TEXTS[:texts]]

    return Conversation(sms_served, talk)


def cut_everywhere(conversation: Conversation):
    async def all_of_it():
        length = await length_of(conversation)
        return await tried(conversation, every_cut(length))

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("count", [pytest.param(1, id="one message"), pytest.param(2, id="and one after it")])
@pytest.mark.parametrize(
    ("way", "others"),
    [
        pytest.param(by_smtp, {("temporary", 0)}, id="smtp"),
        pytest.param(by_pipelined_smtp, {("temporary", 0)}, id="smtp with commands together"),
        pytest.param(by_kannel, set(), id="kannel, to which a whole request leaves at once"),
    ],
)
def test_no_outcome_promises_what_is_not_so(way, others, count):
    found = cut_everywhere(way(count))
    told = f"{count} in a connection\n{table(found)}"
    print(told)
    assert not [one for one in found if one.faults()], told
    ends = {end for one in found for end in zip(one.kinds, one.arrived, strict=True)}
    assert ends == {("uncertain", 0), ("uncertain", 1), ("sent", 1), *others}, told


def test_it_is_uncertain_only_from_the_first_byte_of_the_message_on():
    """Up to then it is sure that the server has nothing; from then on, nobody but the server can know."""
    octets = message_bytes(LETTERS[0]) + b".\r\n"

    async def all_of_it():
        length = await length_of(by_smtp(1))
        begins = length["to server"] - len(b"QUIT\r\n") - len(octets)
        ends = length["to server"] - len(b"QUIT\r\n")
        cuts = [Cut("to server", after, resets) for after in range(ends + 2) for resets in (False, True)]
        return begins, ends, await tried(by_smtp(1), cuts)

    begins, ends, found = asyncio.run(all_of_it())
    for one in found:
        after = one.cut.after
        expected = "temporary" if after <= begins else "uncertain" if after <= ends else "sent"
        assert one.kinds == (expected,), one
        assert one.arrived == (int(after >= ends),), one


# Through `notify run`, which tries again


@dataclass(frozen=True)
class Post:
    """A mail server behind a proxy, both in a thread of their own, since the command brings its own loop."""

    room: Mailroom
    proxy: FaultProxy
    loop: asyncio.AbstractEventLoop

    def cut(self, cut: Cut | None) -> None:
        self.room.letters.clear()
        self.proxy.connections.clear()
        self.proxy.cuts.append(cut)

    def letters(self) -> list[bytes]:
        """The Message-ID of each that came."""
        asyncio.run_coroutine_threadsafe(self.proxy.quiet(), self.loop).result(5)
        return [re.search(rb"^Message-ID: (.*)\r$", octets, re.MULTILINE)[1] for *_, octets in self.room.letters]


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    with loop_in_a_thread() as loop:
        served = aiosmtpd()
        room = asyncio.run_coroutine_threadsafe(served.__aenter__(), loop).result(5)
        between = proxied(room.port)
        proxy = asyncio.run_coroutine_threadsafe(between.__aenter__(), loop).result(5)
        yield Post(room, proxy, loop)
        for opened in (between, served):
            asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(5)


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture(scope="module")
def due(post, tmp_path_factory) -> Path:
    """A folder in which one e-mail is due."""
    clinic = Clinic.begun_in(tmp_path_factory.mktemp("due"))
    rows = clinic.folder / "dialogs.csv"
    rows.write_text("clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P2;dialog;2026-06-03T12:00\n")
    assert clinic.call("import", str(rows)).exit == 0
    return clinic.folder


def clinic_in(folder: Path, due: Path, post: Post, on_uncertain: str) -> Clinic:
    shutil.copytree(due, folder)
    email = {"transport": "smtp", "host": "127.0.0.1", "port": post.proxy.port, "tls": "none"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**email, "on_uncertain": on_uncertain}.items()]
    (folder / "notify.toml").write_text("\n".join(["[email]", *lines, ""]))
    return Clinic(folder)


@pytest.fixture(scope="module")
def passed(post, due, tmp_path_factory) -> dict[str, int]:
    """The bytes of an uncut run, each way."""
    post.cut(None)
    clinic = clinic_in(tmp_path_factory.mktemp("uncut") / "here", due, post, "hold")
    assert clinic.call("run").exit == 0
    assert len(post.letters()) == 1
    return dict(post.proxy.passed[0])


# Below 0: from the end on, where QUIT has 6 bytes, its answer 9 and the one to the message 28.
PLACES = [
    pytest.param("to server", 0, id="before a byte"),
    pytest.param("to server", 30, id="in a command"),
    pytest.param("to server", -500, id="in the message"),
    pytest.param("to server", -7, id="before the last byte of the dot"),
    pytest.param("to server", -6, id="after the dot"),
    pytest.param("to client", 10, id="in the greeting"),
    pytest.param("to client", -45, id="in the answer to DATA"),
    pytest.param("to client", -12, id="in the answer to the message"),
    pytest.param("to client", -5, id="in the answer to QUIT"),
]
LATER = ("2026-06-03T12:01:00+02:00", "2026-06-03T12:03:00+02:00", "2026-06-03T12:08:00+02:00")


@pytest.mark.parametrize("on_uncertain", ["hold", "resend"])
@pytest.mark.parametrize(("direction", "place"), PLACES)
def test_a_message_that_was_cut_once_arrives(post, passed, due, tmp_path, direction, place, on_uncertain):
    after = place if place >= 0 else passed[direction] + place
    post.cut(Cut(direction, after))
    clinic = clinic_in(tmp_path / "here", due, post, on_uncertain)
    first = clinic.json("run")
    kind = next(name for name in ("sent", "retrying", "uncertain") if first[name])
    came_at_once = len(post.letters())
    assert fault_of({"retrying": "temporary"}.get(kind, kind), came_at_once) is None
    for moment in LATER:
        clinic.call("run", at=moment)
    (row,) = clinic.json("history", at=LATER[-1])
    letters = post.letters()
    print(
        f"cut at byte {after} {direction}, {on_uncertain}: {kind} at first, then {row['status']}, came {len(letters)}"
    )
    if on_uncertain == "hold":
        assert (row["status"], len(letters)) in {("sent", 1), ("uncertain", 0), ("uncertain", 1)}
        assert (row["status"] == "uncertain") == (kind == "uncertain")
    else:
        assert row["status"] == "sent"
        assert len(letters) == 1 + (kind == "uncertain" and came_at_once)
        assert len(set(letters)) == 1, "what comes twice has one Message-ID"
