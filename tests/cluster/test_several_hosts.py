"""Several hosts run the same crontab on one server: each message once, and the work is shared (SPEC section 9).

So it is when the server is begun anew in the midst of it. The short form has 2,000 messages, the long one 20,000.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster.hosts import LATER, MESSAGES, Host, came_of, running, wait_for_their_midst
from tests.cluster.mail_room import mail_room
from tests.cluster.server import Server, running_server
from tests.real.servers import free_ports

ENOUGH = 600  # seconds


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def hosts(server: Server, tmp_path: Path) -> Iterator[list[Host]]:
    """Each with a mail server of its own, so that it shows who has sent what."""
    with ExitStack() as stack:
        mails = [stack.enter_context(mail_room(tmp_path, port, pace=0.005)) for port in free_ports(3)]
        hosts = [Host.begun_in(tmp_path / f"h{mail.port}", server.address, mail) for mail in mails]
        hosts[0].import_messages()
        yield hosts


@pytest.mark.parametrize("number", [2, 3])
def test_each_message_goes_out_once_and_each_host_has_its_share(hosts: list[Host], server: Server, number: int) -> None:
    with running(hosts[:number]) as runs:
        answers = [run.communicate(timeout=ENOUGH)[0] for run in runs]
    assert [(run.returncode, answer) for run, answer in zip(runs, answers, strict=True)] == [(0, "")] * number
    came = came_of(hosts, server.address)
    came.must_be_all_right()
    assert set(came.taken.values()) == {1}
    shares = [len(host.mail.taken()) for host in hosts[:number]]
    assert min(shares) > MESSAGES // number // 5, shares


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_begun_anew_costs_nothing_but_time(hosts: list[Host], server: Server, mode: str) -> None:
    with running(hosts[:2]) as runs:
        wait_for_their_midst(hosts[:2])
        server.restart(mode)
        answers = [run.communicate(timeout=ENOUGH)[0] for run in runs]
    assert [(run.returncode, answer) for run, answer in zip(runs, answers, strict=True)] == [(0, "")] * 2
    came = came_of(hosts, server.address)
    came.must_be_all_right()
    assert (set(came.taken.values()), came.ever_uncertain) == ({1}, set())
    assert hosts[0].call("run", at=LATER).exit == 0
