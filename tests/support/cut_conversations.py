"""What came of messages whose conversation was cut at each byte, and the sums: was any lost, or doubled?

Knows no protocol: a `Conversation` says how to send to a server through a proxy, and what that server then has.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from notifycli.channels.base import Outcome
from tests.support.fault_proxy import Cut, Direction, FaultProxy, proxied

LANES = 8  # conversations side by side, each with a server and a proxy of its own
DIRECTIONS: tuple[Direction, ...] = ("to server", "to client")


@dataclass(frozen=True)
class Served:
    """A server as a lane sees it: its port, how often each message came since it was asked last, by number."""

    port: int
    taken: Callable[[], Counter[int]]


@dataclass(frozen=True)
class Conversation:
    """`open_server`: one for a lane. `talk`: sends `messages` one after the other to a port, over one transport."""

    open_server: Callable[[], AbstractAsyncContextManager[Served]]
    talk: Callable[[int], Awaitable[Sequence[Outcome]]]


@dataclass(frozen=True)
class Tried:
    """One conversation that was cut: each message's outcome, and how often the server took it."""

    cut: Cut
    kinds: tuple[str, ...]
    arrived: tuple[int, ...]

    def faults(self) -> list[str]:
        """Where an outcome promises what is not so; none is the promise of SPEC section 7."""
        return [fault for one in zip(self.kinds, self.arrived, strict=True) if (fault := fault_of(*one))]


def fault_of(kind: str, arrived: int) -> str | None:
    """A retry of what arrived would double it, `sent` of what did not would lose it, one attempt never doubles."""
    if arrived > 1 or (arrived and kind not in ("sent", "uncertain")):
        return "doubled"
    return "lost" if not arrived and kind not in ("temporary", "uncertain") else None


async def length_of(conversation: Conversation) -> dict[Direction, int]:
    """Bytes each way of a conversation that nobody cuts, over one connection."""
    async with conversation.open_server() as server, proxied(server.port) as proxy:
        outcomes = await conversation.talk(proxy.port)
        await proxy.quiet()
        assert {one.kind for one in outcomes} == {"sent"}
        (passed,) = proxy.passed
        return passed


def every_cut(length: dict[Direction, int]) -> list[Cut]:
    """Each byte, both ways, by FIN and by RST."""
    ways = [(direction, resets) for direction in DIRECTIONS for resets in (False, True)]
    return [Cut(direction, after, resets) for direction, resets in ways for after in range(length[direction] + 1)]


async def tried(conversation: Conversation, cuts: Sequence[Cut]) -> list[Tried]:
    lanes = [lane(conversation, cuts[number::LANES]) for number in range(LANES)]
    return [one for found in await asyncio.gather(*lanes) for one in found]


async def lane(conversation: Conversation, cuts: Sequence[Cut]) -> list[Tried]:
    async with conversation.open_server() as server, proxied(server.port) as proxy:
        return [await one_try(conversation, server, proxy, cut) for cut in cuts]


async def one_try(conversation: Conversation, server: Served, proxy: FaultProxy, cut: Cut) -> Tried:
    proxy.connections.clear()
    proxy.cuts.append(cut)
    outcomes = await conversation.talk(proxy.port)
    await proxy.quiet()
    arrived = server.taken()
    assert set(arrived) <= set(range(len(outcomes)))
    return Tried(cut, tuple(one.kind for one in outcomes), tuple(arrived[number] for number in range(len(outcomes))))


def table(found: Sequence[Tried]) -> str:
    """Sums by the direction and the way of the cut."""
    lines = [f"{'cut':<14} {'offsets':>7} {'doubled':>7} {'lost':>7} {'uncertain':>9} (arrived, not) {'temporary':>9}"]
    ways = sorted({(one.cut.direction, one.cut.resets) for one in found})
    for direction, resets in ways:
        of_way = [one for one in found if (one.cut.direction, one.cut.resets) == (direction, resets)]
        lines.append(f"{direction} {'RST' if resets else 'FIN'}  {sums(of_way)}")
    return "\n".join(lines)


def sums(found: Sequence[Tried]) -> str:
    faults = Counter(fault for one in found for fault in one.faults())
    ends = Counter(end for one in found for end in zip(one.kinds, one.arrived, strict=True))
    in_doubt = f"({ends['uncertain', 1]:>6}, {ends['uncertain', 0]:>4})"
    kinds = Counter(kind for one in found for kind in one.kinds)
    return (
        f"{len(found):>7} {faults['doubled']:>7} {faults['lost']:>7} {kinds['uncertain']:>9} {in_doubt}"
        f" {kinds['temporary']:>10}"
    )
