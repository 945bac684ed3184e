"""A name server on loopback that knows what it is told to, and stays silent, or fails, where it shall. UDP alone."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Literal, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Texts = Sequence[str]
Answer = Texts | Literal["NXDOMAIN", "SERVFAIL", "REFUSED", "silence", "garbage"]
LONGEST_STRING = 255  # RFC 1035, 3.3: a TXT record is made of such


class NameServerOnLoopback(asyncio.DatagramProtocol):
    """`zone`: of each name its TXT records, or what to say instead. What stands above a name exists, without any.

    `asked`: the names, in their order. `port`: where it listens.
    """

    def __init__(self, zone: Mapping[str, Answer]) -> None:
        self.zone = zone
        self.asked: list[str] = []
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = self.zone.get(name, "NXDOMAIN")
        if name not in self.zone and any(other.endswith(f".{name}") for other in self.zone):
            answer = []
        if answer == "silence":
            return
        self._transport.sendto(b"\0" * 20 if answer == "garbage" else self._wire(query, answer), addr)

    def _wire(self, query: dns.message.Message, answer: Answer) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if isinstance(answer, str):
            response.set_rcode(dns.rcode.from_text(answer))
        elif answer:
            response.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", *map(quoted, answer)))
        return response.to_wire()


def quoted(text: str) -> str:
    pieces = [text[at : at + LONGEST_STRING] for at in range(0, len(text), LONGEST_STRING)]
    return " ".join(f'"{piece}"' for piece in pieces)


@asynccontextmanager
async def name_server(zone: Mapping[str, Answer]) -> AsyncIterator[NameServerOnLoopback]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServerOnLoopback(zone), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
