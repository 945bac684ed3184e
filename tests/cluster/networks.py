"""Hosts with addresses of their own on one wire: network namespaces, which only root can make. Touches no real network.

Knows no program that runs there.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.real.servers import PLACES, needs, needs_root, without

WIRE, SWITCH = "10.0.0.1", "wire"


@dataclass(frozen=True)
class Node:
    """A host; `name`: of its namespace. `address`: on the wire."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """Before a command that is to run there."""
        return ("ip", "netns", "exec", self.name)

    def cut_off(self) -> None:
        """Nothing comes over its wire any more, and nobody is told."""
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def come_back(self) -> None:
        _ip("-n", self.name, "link", "set", "eth0", "up")

    def lose_power(self) -> None:
        """All that runs there is gone at once."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        return [int(pid) for pid in _ip("netns", "pids", self.name).split()]


@contextmanager
def network(addresses: Sequence[str]) -> Iterator[tuple[Node, list[Node]]]:
    """The node in the middle, with the address WIRE, and one for each address."""
    needs("ip", "setpriv")
    needs_root("A network namespace")
    middle, *nodes = (Node(f"notify-{os.getpid()}-{place}", at) for place, at in enumerate((WIRE, *addresses)))
    try:
        _begin(middle, nodes)
        yield middle, nodes
    finally:
        for node in (middle, *nodes):
            with suppress(subprocess.CalledProcessError):
                node.lose_power()
                _ip("netns", "delete", node.name)


def _begin(middle: Node, nodes: Sequence[Node]) -> None:
    try:
        _ip("netns", "add", middle.name)
    except subprocess.CalledProcessError as error:
        without(f"no network namespace can be made here: {error.stderr.strip()}")
    _ip("-n", middle.name, "link", "add", SWITCH, "type", "bridge")
    _ip("-n", middle.name, "addr", "add", f"{middle.address}/24", "dev", SWITCH)
    for place, node in enumerate(nodes):
        _ip("netns", "add", node.name)
        veth = ("link", "add", "eth0", "netns", node.name, "type", "veth", "peer", "name", f"port{place}")
        _ip(*veth, "netns", middle.name)
        _ip("-n", middle.name, "link", "set", f"port{place}", "master", SWITCH, "up")
        _ip("-n", node.name, "addr", "add", f"{node.address}/24", "dev", "eth0")
        _ip("-n", node.name, "link", "set", "eth0", "up")
    _ip("-n", middle.name, "link", "set", SWITCH, "up")
    for node in (middle, *nodes):
        _ip("-n", node.name, "link", "set", "lo", "up")


def _ip(*arguments: str) -> str:
    program = shutil.which("ip", path=PLACES)
    assert program is not None
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout
