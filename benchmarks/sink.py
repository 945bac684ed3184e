"""A mail server that takes everything and keeps nothing: postfix's smtp-sink, else this little one in its own process.

python -m benchmarks.sink PORT    serves on 127.0.0.1 until its standard input ends
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_START = 10.0  # seconds
BACKLOG = 256
ANSWERS = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}
TAKEN = b"250 2.0.0 Ok: queued as 4F9D14\r\n"


@dataclass(frozen=True)
class Sink:
    """Where it listens, and which of the two it is."""

    port: int
    name: str


@contextlib.contextmanager
def open_sink() -> Iterator[Sink]:
    """One that listens while the block lasts."""
    port = _free_port()
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    command = _smtp_sink(program, port) if program else _our_own(port)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_listens(port)
            yield Sink(port, "smtp-sink" if program else "benchmarks.sink")
        finally:
            process.terminate()


def _smtp_sink(program: str, port: int) -> list[str]:
    """It will not run as root."""
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return [program, *user, f"127.0.0.1:{port}", str(BACKLOG)]


def _our_own(port: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.sink", str(port)]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_it_listens(port: int) -> None:
    until = time.monotonic() + LONGEST_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise RuntimeError(f"the sink does not listen on port {port}") from None
        time.sleep(0.02)


class Talk(asyncio.Protocol):
    """One connection; commands that come together are answered together."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_message = False
        self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        answers = []
        while not self._is_over and (answer := self._answer()):
            answers.append(answer)
        self._transport.write(b"".join(answers))
        if self._is_over:
            self._transport.close()

    def _answer(self) -> bytes | None:
        whole, end, rest = self._rest.partition(b"\r\n.\r\n" if self._in_message else b"\r\n")
        if not end:
            return None
        self._rest = rest
        if self._in_message:
            self._in_message = False
            return TAKEN
        verb = whole[:4].upper()
        self._in_message = verb == b"DATA"
        self._is_over = verb == b"QUIT"
        return ANSWERS.get(verb, b"250 2.1.0 Ok\r\n")


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(Talk, "127.0.0.1", port, backlog=BACKLOG)
    async with listening:
        await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
