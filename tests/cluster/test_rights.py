"""What docs/postgres-rights.sql gives is enough for all but the tables themselves; and TLS to the server."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.cluster.networks import WIRE, Node, network
from tests.cluster.server import SUPERUSER, Server, running_server
from tests.support import postgres_server
from tests.support.case_runner import Answer
from tests.support.one_clinic import APPOINTMENTS, BASE
from tests.support.processes import NOTIFY, answer_of

NOON, DUE = "2026-06-03T12:00:00+02:00", "2026-06-03T12:06:00+02:00"
COMMANDS = [
    ["run"],
    ["run", "--release"],
    ["run", "--dry-run"],
    ["upcoming"],
    ["history", "--search", "kari"],
    ["history", "--json"],
    ["show", "1"],
    ["why", "appointment", "A1"],
    ["check"],
    ["calls"],
    ["patient", "find", "kari"],
    ["patient", "show", "nidelv", "P1"],
    ["patient", "set", "nidelv", "P1", "--email", "kari@fjord.example"],
    ["module", "disable", "nidelv", "post"],
    ["module", "list"],
    ["type", "list", "nidelv"],
    ["imports"],
    ["audit"],
    ["receipts"],
    ["retry", "1"],
    ["status"],
    ["doctor"],
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an import of the cases' base, by who owns nothing."""
    folder = tmp_path_factory.mktemp("rights")
    (folder / "notify.toml").write_text(f'database = "{server.address}"\n[limits]\nmax_due = 0\nmax_upset = 0\n')
    (folder / "appointments.csv").write_text(f"{APPOINTMENTS}\nnidelv;A1;P1;KONS;2026-06-18T10:00;booked;;\n")
    for kind in ("clinics", "types", "patients"):
        assert notify(folder, "import", str(BASE / f"{kind}.csv")).exit == 0
    assert notify(folder, "import", "appointments.csv").exit == 0
    return folder


def notify(folder: Path, *arguments: str, at: str = NOON, prefix: tuple[str, ...] = ()) -> Answer:
    return answer_of([*prefix, *NOTIFY, "--now", at, *arguments], folder)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_who_owns_nothing_can_call(folder: Path, arguments: list[str]) -> None:
    answer = notify(folder, *arguments, at=DUE)
    assert answer.exit in (0, 1), answer
    assert "may not" not in answer.out + answer.err


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE notice",
        "CREATE TABLE mine (a int)",
        "ALTER TABLE status_log DISABLE TRIGGER USER",
        "TRUNCATE patient",
    ],
)
def test_who_owns_nothing_changes_no_table(server: Server, folder: Path, sql: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        postgres_server.execute(server.address, sql)


@pytest.mark.parametrize(
    "arguments", [["--db", "{}", "status"], ["db", "move", "old.db", "{}"]], ids=["any", "db move"]
)
def test_what_is_missing_is_said(server: Server, folder: Path, arguments: list[str]) -> None:
    """The tables are made by their owner, and so is a move."""
    postgres_server.execute(server.address_for(SUPERUSER, "postgres"), "DROP DATABASE IF EXISTS bare")
    postgres_server.execute(server.address_for(SUPERUSER, "postgres"), "CREATE DATABASE bare OWNER notify")
    assert notify(folder, "--db", "old.db", "module", "list").exit == 0
    answer = notify(folder, *(each.format(server.address_for("notify_run", "bare")) for each in arguments))
    assert (answer.exit, answer.out) == (3, "")
    assert "this user may not do that. See docs/many-hosts.md" in answer.err


@contextmanager
def encrypted(server: Server, authority: trustme.CA, name: str) -> Iterator[None]:
    certificate = authority.issue_cert(name)
    certificate.private_key_pem.write_to_path(server.folder / "server.key")
    certificate.cert_chain_pems[0].write_to_path(server.folder / "server.crt")
    (server.folder / "server.key").chmod(0o600)
    for file in ("server.key", "server.crt"):
        shutil.chown(server.folder / file, postgres_server.SYSTEM_USER)
    server.stop("fast")
    files = (f"ssl_{kind}_file={server.folder}/server.{end}" for kind, end in (("cert", "crt"), ("key", "key")))
    server.start("ssl=on", *files)
    yield


@pytest.fixture(scope="module")
def far() -> Iterator[tuple[Node, Server]]:
    """A host, and a server on another."""
    with network(["10.0.0.11"]) as (middle, (node,)), running_server(middle.prefix) as server:
        yield node, server


def checks_of(answer: Answer) -> dict[str, str]:
    return {check["name"]: check["state"] for check in json.loads(answer.out)["checks"]}


def test_what_is_not_encrypted_wants_a_look(far: tuple[Node, Server], tmp_path: Path) -> None:
    node, server = far
    (tmp_path / "notify.toml").write_text(f'database = "{server.address}"\n')
    assert checks_of(notify(tmp_path, "doctor", "--json", prefix=node.prefix))["encryption"] == "look"


@pytest.mark.parametrize(
    ("named", "is_trusted", "is_let_in"),
    [
        pytest.param(WIRE, True, True, id="as it should be"),
        pytest.param("10.0.0.99", True, False, id="the certificate of another host"),
        pytest.param(WIRE, False, False, id="signed by somebody else"),
    ],
)
def test_a_server_is_known_by_its_certificate(
    far: tuple[Node, Server], tmp_path: Path, named: str, is_trusted: bool, is_let_in: bool
) -> None:
    node, server = far
    authority, other = trustme.CA(), trustme.CA()
    (authority if is_trusted else other).cert_pem.write_to_path(tmp_path / "ca.crt")
    address = f"{server.address}?sslmode=verify-full&sslrootcert={tmp_path}/ca.crt"
    (tmp_path / "notify.toml").write_text(f'database = "{address}"\n')
    with encrypted(server, authority, named):
        answer = notify(tmp_path, "doctor", "--json", prefix=node.prefix)
    checks = checks_of(answer)
    assert ("shows a certificate that does not hold" in answer.out) is not is_let_in
    assert (checks.get("encryption"), checks["database"]) == (("ok", "ok") if is_let_in else (None, "broken"))
