"""Three hosts with Patroni, etcd and PostgreSQL, as docs/patroni.yml has them. Knows no test."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.cluster.networks import Node, network
from tests.cluster.server import as_system_user
from tests.real.servers import end_of, needs, scratch, without
from tests.support import postgres_server
from tests.support.places import TESTS

CONFIG = TESTS.parent / "docs" / "patroni.yml"
ADDRESSES = ("10.0.0.11", "10.0.0.12", "10.0.0.13")
PASSWORDS = {"SUPERUSER": "open sesame", "REPLICATION": "open barley", "REWIND": "open sesame"}
PATIENCE = 60.0  # seconds, for what takes a cluster its time


@dataclass(frozen=True)
class Member:
    node: Node
    folder: Path

    def begin_etcd(self, stack: ExitStack) -> None:
        peers = ",".join(f"{at}=http://{at}:2380" for at in ADDRESSES)
        at = self.node.address
        command = ["etcd", "--name", at, "--data-dir", str(self.folder / "etcd"), "--initial-cluster", peers]
        for kind, port in (("client", 2379), ("peer", 2380)):
            url = f"http://{at}:{port}"
            begin = "advertise" if kind == "client" else "initial-advertise-peer"
            command += [f"--listen-{kind}-urls", url, f"--{begin}-{'client-urls' if kind == 'client' else 'urls'}", url]
        command += ["--heartbeat-interval", "200", "--election-timeout", "2000"]  # this machine has few cores
        self._begin(stack, command, "etcd.log")

    def begin_patroni(self, stack: ExitStack) -> None:
        """With what differs on each host of what docs/patroni.yml says, and folders of the tests' own."""
        config = CONFIG.read_text()
        bin_ = postgres_server.programs()
        own = {
            "name: db1": f"name: db{self.node.address[-1]}",
            "listen: 10.0.0.11": f"listen: {self.node.address}",
            "connect_address: 10.0.0.11": f"connect_address: {self.node.address}",
            "/etc/patroni/": f"{self.folder}/",
            "/var/lib/postgresql/15/notify": f"{self.folder}/data",
            "/var/run/postgresql": str(self.folder),
            "/usr/lib/postgresql/15/bin": str(bin_),
        }
        for what, instead in own.items():
            assert what in config, what
            config = config.replace(what, instead)
        (self.folder / "patroni.yml").write_text(config)
        passwords = {f"PATRONI_{whose}_PASSWORD": password for whose, password in PASSWORDS.items()}
        command = [*as_system_user(), "patroni", str(self.folder / "patroni.yml")]
        self._begin(stack, command, "patroni.log", os.environ | passwords | {"HOME": str(self.folder)})

    def _begin(self, stack: ExitStack, command: Sequence[str], log: str, environ: Any = None) -> None:
        with (self.folder / log).open("wb") as output:
            whole = [*self.node.prefix, *command]
            process = subprocess.Popen(whole, cwd=self.folder, env=environ, stdout=output, stderr=output)
        stack.callback(process.wait)
        stack.callback(process.kill)

    def rest(self, path: str, *options: str) -> Any:
        """What its Patroni answers, None where it does not."""
        url = f"http://{self.node.address}:8008/{path}"
        command = [*self.node.prefix, "curl", "-s", "-m", "3", *options, url]
        done = subprocess.run(command, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.startswith("{") else None


@dataclass(frozen=True)
class Cluster:
    """`outside`: a node that is no member. `cafile`: who signed the certificates of all."""

    outside: Node
    members: list[Member]
    cafile: Path

    @property
    def address(self) -> str:
        """Of the database notify, without its user and password."""
        return f"{','.join(ADDRESSES)}/notify?sslmode=verify-full&sslrootcert={self.cafile}"

    def of(self, role: str) -> list[Member]:
        """As one that lives sees it; `role`: leader, sync_standby or replica."""
        for member in self.members:
            cluster = member.rest("cluster")
            if cluster is not None:
                hosts = {each["host"] for each in cluster["members"] if each["role"] == role and _is_well(each)}
                return [member for member in self.members if member.node.address in hosts]
        return []

    def wait_for(self, role: str, number: int = 1) -> list[Member]:
        latest = time.monotonic() + PATIENCE
        while len(them := self.of(role)) < number:
            if time.monotonic() > latest:
                logs = "\n".join(end_of(member.folder / "patroni.log") for member in self.members)
                raise AssertionError(f"no {role} in {PATIENCE:g} s\n{logs}")
            time.sleep(0.2)
        return them

    def change(self, **settings: Any) -> None:
        leader = self.wait_for("leader")[0]
        assert leader.rest("config", "-X", "PATCH", "-d", json.dumps(settings)) is not None

    def as_superuser(self, *what: str) -> str:
        """`what`: options of psql, on the leader, since what is new there is a little later on the others."""
        leader = self.wait_for("leader")[0].node.address
        address = f"postgresql://postgres@{leader}/postgres?sslmode=verify-full&sslrootcert={self.cafile}"
        command = [*self.outside.prefix, "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *what, address]
        environ = os.environ | {"PGPASSWORD": PASSWORDS["SUPERUSER"]}
        done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _is_well(member: dict[str, Any]) -> bool:
    return member["state"] in ("running", "streaming")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """With a leader and a synchronous standby."""
    needs("etcd", "patroni", "curl", "psql")
    if postgres_server.programs() is None:
        without(postgres_server.IS_MISSING)
    with network(ADDRESSES) as (outside, nodes), scratch("cluster") as folder, ExitStack() as stack:
        members = [Member(node, folder / node.address) for node in nodes]
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.crt")
        (folder / "ca.crt").chmod(0o644)
        for member in members:
            _write_certificate(member, authority)
        for member in members:
            member.begin_etcd(stack)
        for member in members:
            member.begin_patroni(stack)
        cluster = Cluster(outside, members, folder / "ca.crt")
        cluster.wait_for("leader")
        cluster.wait_for("sync_standby")
        yield cluster


def _write_certificate(member: Member, authority: trustme.CA) -> None:
    member.folder.mkdir()
    certificate = authority.issue_cert(member.node.address)
    certificate.private_key_pem.write_to_path(member.folder / "server.key")
    certificate.cert_chain_pems[0].write_to_path(member.folder / "server.crt")
    (member.folder / "server.key").chmod(0o600)
    for path in (member.folder, *member.folder.iterdir()):
        shutil.chown(path, postgres_server.SYSTEM_USER)
