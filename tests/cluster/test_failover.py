"""The host of the primary is lost while messages are on their way: a standby takes over, and none is lost or doubled.

So it is where commits wait for a standby; where they do not, it is told. Patroni is set as docs/patroni.yml has it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest

from tests.cluster.hosts import LATER, MESSAGES, CameOfThem, Host, came_of, running, wait_for_their_midst
from tests.cluster.mail_room import mail_room
from tests.cluster.patroni import Cluster, running_cluster
from tests.cluster.server import RIGHTS, as_system_user, make_tables
from tests.real.servers import until

ENOUGH = 600  # seconds
PASSWORD = "open rye"
SMTP = 2525


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        cluster.as_superuser("-f", str(RIGHTS))
        for role in ("notify", "notify_run"):
            cluster.as_superuser("-c", f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")
        make_tables(f"postgresql://notify@{cluster.address}", cluster.outside.prefix, PGPASSWORD=PASSWORD)
        yield cluster


@pytest.fixture(scope="module")
def hosts(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    folder = tmp_path_factory.mktemp("hosts")
    (folder / "password").write_text(f"{PASSWORD}\n")
    (folder / "password").chmod(0o600)
    keys = f'database_password_file = "{folder}/password"'
    prefix = cluster.outside.prefix
    with ExitStack() as stack:
        mails = [stack.enter_context(mail_room(folder, SMTP + place, 0.02, prefix)) for place in range(2)]
        address = f"postgresql://notify_run@{cluster.address}"
        hosts = [Host.begun_in(folder / f"h{mail.port}", address, mail, prefix, keys) for mail in mails]
        hosts[0].import_messages()
        yield hosts


def test_a_failover_between_claim_and_answer_loses_and_doubles_nothing(cluster: Cluster, hosts: list[Host]) -> None:
    assert commits(hosts[0])[0] == "ok"
    leader = cluster.wait_for("leader")[0]
    with running(hosts) as runs:
        wait_for_their_midst(hosts)
        for host in hosts:
            host.mail.hold()
        until(lambda: is_still(hosts), "mail servers that answer nothing")
        leader.node.lose_power()
        lost_at = time.time()
        for host in hosts:
            host.mail.let_go()
        answers = [run.communicate(timeout=ENOUGH)[0] for run in runs]
    assert [(run.returncode, answer) for run, answer in zip(runs, answers, strict=True)] == [(0, "")] * 2
    came = what_came_of(cluster, hosts)
    came.must_be_all_right()
    assert came.ever_uncertain == set(), "what was answered is recorded by who has the answer"
    after = sorted(at for host in hosts for at, _ in host.mail.taken() if at > lost_at)
    gap = max(later - before for before, later in pairwise([lost_at, *after]))
    print(f"the failover cost {gap:.0f} s, and made {len(after)} of {MESSAGES} messages late by that")
    assert cluster.wait_for("leader")[0] != leader


def test_where_commits_do_not_wait_for_a_standby_it_is_told(cluster: Cluster, hosts: list[Host]) -> None:
    cluster.change(synchronous_mode=False, synchronous_mode_strict=False)
    names = "SELECT current_setting('synchronous_standby_names')"
    until(lambda: cluster.as_superuser("-c", names).strip() == "", "a cluster that is asynchronous")
    assert commits(hosts[0]) == ("broken", "a standby follows asynchronously")
    assert hosts[0].call("doctor").exit == 1
    told = [host.call("run", at=LATER) for host in (*hosts, *hosts)]
    assert [(answer.exit, "asynchronously" in answer.err) for answer in told] == [(0, True), *[(0, False)] * 3]


def commits(host: Host) -> tuple[str, str]:
    """What doctor says of them, up to a semicolon."""
    answer = host.call("doctor", "--json")
    checks = json.loads(answer.out)["checks"]
    (check,) = [check for check in checks if check["name"] == "commits"]
    return check["state"], check["text"].split(",")[0]


def what_came_of(cluster: Cluster, hosts: list[Host]) -> CameOfThem:
    leader = cluster.wait_for("leader")[0]
    address = f"postgresql://postgres@/notify?host={leader.folder}"
    return came_of(hosts, address, as_system_user())


def is_still(hosts: list[Host]) -> bool:
    before = [len(host.mail.taken()) for host in hosts]
    time.sleep(0.5)
    return [len(host.mail.taken()) for host in hosts] == before
