"""A proxy on loopback between a program and a server, which cuts a connection after exactly so many bytes.

What had come through by then, the server may digest before it learns of the cut: so it may take a message whose answer
nobody hears, which is the worst that a network does.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["to server", "to client"]
ENDS_WITH_RST = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time to linger
TIME_TO_DIGEST = 0.003  # seconds; a server in this process has had its turns by then


@dataclass(frozen=True)
class Cut:
    """After `after` bytes in a direction have come through, both sides lose the connection, by FIN or by RST."""

    direction: Direction
    after: int
    resets: bool = False


@dataclass
class FaultProxy:
    """`cuts`: one for each connection to come, None for none; later connections pass. `passed`: what came through."""

    server_port: int
    port: int = 0
    cuts: deque[Cut | None] = field(default_factory=deque)
    connections: "list[_Connection]" = field(default_factory=list)

    @property
    def passed(self) -> list[dict[Direction, int]]:
        return [connection.passed for connection in self.connections]

    async def quiet(self) -> None:
        """When every connection has ended on both sides, so that the server has taken all that it will take."""
        for connection in self.connections:
            await connection.has_ended.wait()


class _Connection:
    """Both sides of one connection."""

    def __init__(self, cut: Cut | None) -> None:
        self.cut = cut
        self.passed: dict[Direction, int] = {"to server": 0, "to client": 0}
        self.has_ended = asyncio.Event()
        self.is_cut = False
        self.sides: list[_Side] = []

    def passes(self, side: "_Side", data: bytes) -> None:
        """What comes from a side goes to the other, up to the byte at which it is cut."""
        direction: Direction = "to server" if side is self.sides[0] else "to client"
        other = self.sides[1] if side is self.sides[0] else self.sides[0]
        if self.cut is not None and self.cut.direction == direction:
            data = data[: self.cut.after - self.passed[direction]]
        self.passed[direction] += len(data)
        other.write(data)
        self.cut_if_it_is_time()

    def cut_if_it_is_time(self) -> None:
        if self.cut is None or self.is_cut or self.passed[self.cut.direction] < self.cut.after:
            return
        self.is_cut = True
        client, server = self.sides
        client.end(resets=self.cut.resets)
        asyncio.get_running_loop().call_later(TIME_TO_DIGEST, server.end, self.cut.resets)

    def note_end(self, side: "_Side") -> None:
        """Where one side goes away by itself, so does the other; after a cut, the server has its time."""
        if not self.is_cut:
            for other in self.sides:
                other.end(resets=False)
        if all(one.is_over for one in self.sides):
            self.has_ended.set()


class _Side(asyncio.Protocol):
    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self.transport: asyncio.Transport | None = None
        self.is_over = False
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        for data in self.early:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        if not self.connection.is_cut:
            self.connection.passes(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over = True
        self.connection.note_end(self)

    def write(self, data: bytes) -> None:
        if self.transport is None:
            self.early.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def end(self, resets: bool) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if resets:
            found: socket.socket = self.transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ENDS_WITH_RST)
            self.transport.abort()
        else:
            self.transport.close()


@asynccontextmanager
async def proxied(server_port: int) -> AsyncIterator[FaultProxy]:
    """Listens on 127.0.0.1 while the block lasts."""
    loop = asyncio.get_running_loop()
    proxy = FaultProxy(server_port)
    joining: set[asyncio.Task[None]] = set()

    def accepted() -> _Side:
        connection = _Connection(proxy.cuts.popleft() if proxy.cuts else None)
        proxy.connections.append(connection)
        client, server = _Side(connection), _Side(connection)
        connection.sides = [client, server]
        joining.add(asyncio.create_task(joined(connection)))
        return client

    async def joined(connection: _Connection) -> None:
        await loop.create_connection(lambda: connection.sides[1], "127.0.0.1", server_port)
        connection.cut_if_it_is_time()  # it may be after no byte at all
        if connection.sides[0].is_over and not connection.is_cut:
            connection.sides[1].end(resets=False)

    listening = await loop.create_server(accepted, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()
        await listening.wait_closed()
        await asyncio.gather(*joining)
        for connection in proxy.connections:
            for side in connection.sides:
                side.end(resets=False)
        await proxy.quiet()
