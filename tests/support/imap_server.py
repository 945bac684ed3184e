"""A small IMAP server on loopback, in a thread of its own, since our client waits for it."""

import asyncio
import base64
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "nidelv", "open sesame"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|\(([^)]*)\)|(\S+)')


@dataclass
class Stored:
    content: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """`messages`: UID -> message. `commands`: what it was asked, without logins.

    `answers`: for a command ("UID STORE") the whole answer instead of its own ("NO full"); None is silence, and "" is
    to hang up. `gone`: UIDs that are found, but deleted before they are fetched.
    """

    messages: dict[int, Stored]
    folder: str = "INBOX"
    password: str = PASSWORD
    keywords: bool = True
    answers: dict[str, str | None] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    context: ssl.SSLContext | None = None
    port: int = 0
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    unencrypted_logins: int = 0
    talks: set["asyncio.Task[None] | None"] = field(default_factory=set)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.add(asyncio.current_task())
        try:
            await Talk(self, reader, writer).hold()
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass  # the client was not pleased with us, or the test is over
        finally:
            self.talks.discard(asyncio.current_task())
            writer.close()


class Talk:
    def __init__(self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer

    async def hold(self) -> None:
        self.say("* OK IMAP4rev1 ready")
        while line := (await self.reader.readline()).decode().strip():
            tag, _, rest = line.partition(" ")
            words = [next(part for part in (*found, "") if part) for found in STRING.findall(rest)]
            command = " ".join(words[:2] if words[0].upper() == "UID" else words[:1]).upper()
            if command not in ("LOGIN", "AUTHENTICATE"):
                self.server.commands.append(rest)
            if not await self.answer(tag, command, words[len(command.split()) :]):
                return

    async def answer(self, tag: str, command: str, words: list[str]) -> bool:
        """Whether the talk goes on."""
        if command in self.server.answers:
            told = self.server.answers[command]
            if told:
                self.say(f"{tag} {told}")
            return told != ""
        say = await getattr(self, command.lower().replace(" ", "_"))(*words)
        self.say(f"{tag} {say or 'OK done'}")
        if command == "STARTTLS":
            await self.writer.drain()
            await self.writer.start_tls(self.server.context)
        return command != "LOGOUT"

    async def capability(self) -> None:
        self.say(f"* CAPABILITY IMAP4rev1 AUTH=PLAIN {'STARTTLS' if self.server.context else ''}".strip())

    async def starttls(self) -> None: ...

    async def login(self, name: str, password: str) -> str:
        return self.judge(name, re.sub(r"\\(.)", r"\1", password))

    async def authenticate(self, mechanism: str) -> str:
        self.say("+ ")
        _, name, password = base64.b64decode(await self.reader.readline()).decode().split("\0")
        return self.judge(name, password)

    def judge(self, name: str, password: str) -> str:
        self.server.logins.append(name)
        self.server.unencrypted_logins += self.writer.get_extra_info("ssl_object") is None
        is_right = (name, password) == (USER, self.server.password)
        return "OK hello" if is_right else f"NO {name} {password} is wrong"

    async def select(self, folder: str) -> str:
        if folder != self.server.folder:
            return "NO no such folder"
        self.say(f"* {len(self.server.messages)} EXISTS")
        others = r" \*" if self.server.keywords else ""
        self.say(rf"* OK [PERMANENTFLAGS (\Seen \Deleted{others})] flags")
        return "OK [READ-WRITE] selected"

    async def uid_search(self, *criteria: str) -> None:
        keyword = criteria[2] if criteria[1:2] == ("UNKEYWORD",) else ""
        found = [
            uid for uid, one in self.server.messages.items() if "\\Seen" not in one.flags and keyword not in one.flags
        ]
        self.say(" ".join(["* SEARCH", *map(str, found)]))

    async def uid_fetch(self, uid: str, what: str) -> None:
        if int(uid) in self.server.gone:
            return
        first, length = map(int, re.findall(r"\d+", what))
        content = self.server.messages[int(uid)].content[first : first + length]
        self.writer.write(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (uid.encode(), len(content), content))

    async def uid_store(self, uid: str, how: str, flags: str) -> None:
        assert how == "+FLAGS.SILENT"
        self.server.messages[int(uid)].flags |= set(flags.split())

    async def logout(self) -> None:
        self.say("* BYE")

    def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")


@contextmanager
def imap_server(
    *contents: bytes, context: ssl.SSLContext | None = None, is_implicit: bool = False, **differing: object
) -> Iterator[ImapServer]:
    """Serves these messages, with UIDs from 1; STARTTLS where a context is given, TLS at once where `is_implicit`."""
    server = ImapServer(
        {uid: Stored(content) for uid, content in enumerate(contents, 1)},
        context=None if is_implicit else context,
        **differing,  # type: ignore[arg-type]
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        opening = asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=context if is_implicit else None)
        listening = asyncio.run_coroutine_threadsafe(opening, loop).result(5)
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        asyncio.run_coroutine_threadsafe(_end(server, listening), loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: ImapServer, listening: asyncio.Server) -> None:
    listening.close()
    talks = [talk for talk in server.talks if talk]
    await asyncio.wait(talks, timeout=0.2) if talks else None
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    await listening.wait_closed()
    await asyncio.sleep(0.01)
