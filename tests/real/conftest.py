"""The servers, started once for all tests that ask for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real import kannel as kannel_gateway
from tests.real import mail_servers
from tests.real import smtp_sink as sink
from tests.real.servers import needs, needs_root, without


@pytest.fixture(scope="session")
def _mail_servers() -> Iterator[mail_servers.MailServers]:
    needs("postfix", "dovecot")
    needs_root("Postfix")
    with mail_servers.postfix_and_dovecot() as servers:
        yield servers


@pytest.fixture
def postfix_and_dovecot(_mail_servers: mail_servers.MailServers) -> mail_servers.MailServers:
    """With empty mailboxes."""
    _mail_servers.empty()
    return _mail_servers


@pytest.fixture(scope="session")
def kannel() -> Iterator[kannel_gateway.Kannel]:
    needs("bearerbox", "smsbox", "node")
    if not (Path(__file__).parent / "node_modules" / "smpp").is_dir():
        without("tests/real/node_modules lacks smpp; .ci/servers installs it")
    with kannel_gateway.kannel() as gateway:
        yield gateway


@pytest.fixture
def smtp_sink() -> Iterator[sink.SmtpSink]:
    needs("smtp-sink")
    with sink.smtp_sink() as server:
        yield server
