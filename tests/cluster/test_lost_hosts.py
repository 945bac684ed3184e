"""A host that is cut off from the database, or whose run is killed, loses no message and doubles none silently.

Three hosts, each in a network namespace of its own, with a mail server on its loopback: who is cut off from the
database could send on. The short form has 2,000 messages and ages a lease that is over by hand.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from notifycli.delivery.sender import CLAIMED_AT_ONCE
from notifycli.store import leases
from tests.cluster.hosts import (
    CONNECTIONS,
    IS_LONG,
    LATER,
    MUCH_LATER,
    Host,
    asked,
    came_of,
    running,
    wait_for_their_midst,
)
from tests.cluster.mail_room import mail_room
from tests.cluster.networks import Node, network
from tests.cluster.server import Server, running_server
from tests.real.servers import until

ENOUGH = 600  # seconds
SMTP = 2525
ADDRESSES = ("10.0.0.11", "10.0.0.12", "10.0.0.13")


@pytest.fixture
def wire() -> Iterator[tuple[Node, list[Node]]]:
    with network(ADDRESSES) as nodes:
        yield nodes


@pytest.fixture
def server(wire: tuple[Node, list[Node]]) -> Iterator[Server]:
    with running_server(wire[0].prefix) as server:
        yield server


@pytest.fixture
def hosts(wire: tuple[Node, list[Node]], server: Server, tmp_path: Path) -> Iterator[list[Host]]:
    with ExitStack() as stack:
        hosts = []
        for place, node in enumerate(wire[1]):
            mail = stack.enter_context(mail_room(tmp_path, SMTP + place, 0.02, node.prefix))
            hosts.append(Host.begun_in(tmp_path / f"h{place}", server.address, mail, node.prefix))
        hosts[0].import_messages()
        yield hosts


def test_who_is_cut_off_and_who_is_killed_lose_nothing(
    wire: tuple[Node, list[Node]], hosts: list[Host], server: Server
) -> None:
    """Who is cut off has messages in hand that its mail server has taken, and has not answered for yet."""
    middle, nodes = wire
    cut_off, killed, stays = hosts

    def ever_uncertain() -> set[int]:
        return came_of(hosts, server.address, middle.prefix).ever_uncertain

    with running(hosts) as runs:
        wait_for_their_midst(hosts)
        cut_off.mail.hold()
        until(lambda: is_still(cut_off), "a mail server that answers nothing")
        nodes[0].cut_off()
        cut_off_at = time.monotonic()
        runs[1].send_signal(signal.SIGKILL)
        runs[1].communicate(timeout=ENOUGH)
        after_a_kill = killed.call("run")  # as cron does, a minute later
        assert after_a_kill.exit in (0, 1), after_a_kill
        by_the_kill = ever_uncertain()
        assert len(by_the_kill) <= CONNECTIONS
        assert runs[2].communicate(timeout=ENOUGH)[0] == ""
        lease_is_ended(server, middle, cut_off_at)
        assert stays.call("run", at=LATER).exit in (0, 1)
        in_hand = ever_uncertain() - by_the_kill
        assert CONNECTIONS <= len(in_hand) <= CLAIMED_AT_ONCE["email"]
        before = len(cut_off.mail.taken())
        nodes[0].come_back()
        cut_off.mail.let_go()
        answer, _ = runs[0].communicate(timeout=ENOUGH)
        assert runs[0].returncode == 3, answer
        # of which of the two it ends depends on how long it has waited
        assert "was not heard of" in answer or "cannot be reached" in answer
        assert len(cut_off.mail.taken()) == before, "nothing leaves under the old token"
    assert {host.call("run", at=MUCH_LATER).exit for host in hosts} == {0}
    came = came_of(hosts, server.address, middle.prefix)
    came.must_be_all_right()
    assert came.ever_uncertain == by_the_kill | in_hand


def is_still(host: Host) -> bool:
    before = len(host.mail.taken())
    time.sleep(0.5)
    return len(host.mail.taken()) == before


def lease_is_ended(server: Server, middle: Node, cut_off_at: float) -> None:
    """Of the run that is cut off, which is the only one that lives. Its own clock goes by no other's hand."""
    last = leases.ENDED_AFTER if IS_LONG else leases.LASTS
    time.sleep(max(0.0, cut_off_at + last - time.monotonic()))
    if not IS_LONG:
        sql = f"UPDATE lease SET until_at = until_at - {leases.ENDED_AFTER} WHERE until_at > 0"
        asked(server.address, sql, middle.prefix)
