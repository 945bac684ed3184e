"""SPEC section 9 at a real socket: TLS, logins and addresses, and the settings that cannot be meant."""

import asyncio
import ssl
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
import trustme

from notifycli.channels.mail import mailbox, message_bytes
from notifycli.channels.smtp import Smtp
from notifycli.channels.smtp_connection import Letter, SmtpConnection
from notifycli.domain.errors import ConfigError
from tests.support.smtp_server import NOTICE, Script, aiosmtpd, outcomes_at, outcomes_at_aiosmtpd, settings


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusting(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return {"host": "localhost", "tls": "starttls", "cafile": str(tmp_path / "ca.pem")}


def certificate_for(name: str, authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize("is_implicit", [pytest.param(False, id="STARTTLS"), pytest.param(True, id="TLS")])
def test_encrypted_logged_in_and_on_one_connection(authority, trusting, is_implicit):
    server = {"context": certificate_for("localhost", authority), "is_implicit": is_implicit, "asks_login": True}
    ours = trusting | {"tls": "tls" if is_implicit else "starttls", "username": "nidelv", "password": "open sesame"}
    outcomes, room = outcomes_at_aiosmtpd(server, NOTICE, replace(NOTICE, delivery=8), **ours)
    assert [(one.kind, one.reference) for one in outcomes] == [("sent", "A1"), ("sent", "A2")]
    sender, recipients, _, octets = room.letters[0]
    assert (sender, recipients, octets) == ("post@nidelv.example", ["kari@fjord.example"], message_bytes(NOTICE))
    assert len(room.logins) == 1


@pytest.mark.parametrize("is_implicit", [pytest.param(False, id="STARTTLS"), pytest.param(True, id="TLS")])
def test_cut_after_the_dot_under_tls(authority, trusting, is_implicit):
    server = {"context": certificate_for("localhost", authority), "is_implicit": is_implicit, "cuts": True}
    ours = trusting | {"tls": "tls" if is_implicit else "starttls"}
    (outcome,), room = outcomes_at_aiosmtpd(server, NOTICE, **ours)
    assert (outcome.kind, len(room.letters)) == ("uncertain", 1)


@pytest.mark.parametrize("is_implicit", [pytest.param(False, id="STARTTLS"), pytest.param(True, id="TLS")])
@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_certificate_that_proves_nothing_gets_nothing(authority, trusting, is_implicit, wrong):
    name, issuer = ("other.example", authority) if wrong == "name" else ("localhost", trustme.CA())
    ours = trusting | {"tls": "tls" if is_implicit else "starttls", "username": "nidelv", "password": "open sesame"}
    server = {"context": certificate_for(name, issuer), "is_implicit": is_implicit, "asks_login": True}
    (outcome,), room = outcomes_at_aiosmtpd(server, NOTICE, **ours)
    assert outcome.kind == "temporary"
    assert "is not trusted" in outcome.detail
    assert (room.logins, room.letters) == ([], [])


def test_a_server_without_starttls_gets_neither_password_nor_message(trusting):
    ours = trusting | {"username": "nidelv", "password": "open sesame"}
    (outcome,), server = outcomes_at(Script(), NOTICE, **ours)
    assert outcome.kind == "temporary"
    assert "STARTTLS" in outcome.detail
    assert {line.split()[0] for line in server.commands} == {"EHLO"}


def test_a_wrong_password_is_not_shown_and_not_tried_for_each_message(authority, trusting):
    ours = trusting | {"username": "nidelv", "password": "close sesame"}
    server = {"context": certificate_for("localhost", authority), "asks_login": True}
    outcomes, room = outcomes_at_aiosmtpd(server, *[NOTICE] * 20, **ours)
    assert {one.kind for one in outcomes} == {"temporary"}
    assert outcomes[0].detail.startswith("535 5.7.8 ")
    assert len(room.logins) <= 2  # one with each mechanism
    assert "sesame" not in repr(settings(25, **ours)) + repr(outcomes)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("echo", ["535 5.7.8 {}", "{}", "334 {}"])
def test_a_server_that_echoes_the_login_does_not_spread_it(mechanism, echo):
    secret = "AG5pZGVsdgBvcGVuIHNlc2FtZQ== bmlkZWx2 b3BlbiBzZXNhbWU= open sesame"
    script = Script({"EHLO": [f"250-mail.example\r\n250 AUTH {mechanism}"], "AUTH": [echo.format(secret)]})
    (outcome,), _ = outcomes_at(script, NOTICE, username="nidelv", password="open sesame", timeout=0.2)
    assert outcome.kind == "temporary"
    assert not [word for word in secret.split() if word in outcome.detail]


@pytest.mark.parametrize(
    ("address", "envelope", "options"),
    [
        pytest.param("kari@blåbær.example", "kari@xn--blbr-roah.example", [], id="the domain alone: ASCII will do"),
        pytest.param("kåre@blåbær.example", "kåre@xn--blbr-roah.example", ["SMTPUTF8", "BODY=8BITMIME"], id="both"),
    ],
)
def test_an_address_that_is_not_ascii(address, envelope, options):
    notice = replace(NOTICE, address=address)
    (outcome,), room = outcomes_at_aiosmtpd({}, notice)
    assert outcome.kind == "sent"
    assert room.letters[0][1:3] == ([envelope], options)
    assert envelope.encode() in message_bytes(notice)
    assert message_from_bytes(room.letters[0][3], policy=policy.SMTPUTF8)["Subject"] == NOTICE.subject


@pytest.mark.parametrize(
    ("differing", "kind", "reason"),
    [
        pytest.param({"address": "kåre@fjord.example"}, "permanent", "smtputf8_not_offered", id="needs SMTPUTF8"),
        pytest.param({"sender": "påst@nidelv.example"}, "temporary", None, id="our sender needs SMTPUTF8"),
        pytest.param({"address": "kari"}, "permanent", "bad_address", id="no address"),
        pytest.param({"address": "a@b.example>\r\nDATA"}, "permanent", "bad_address", id="an address that breaks out"),
        pytest.param({"address": "a@b.example,c@d.example"}, "permanent", "bad_address", id="two addresses"),
        pytest.param({"sender": "Nidelv"}, "temporary", None, id="no sender"),
    ],
)
def test_an_address_that_the_server_cannot_take(differing, kind, reason):
    script = Script({"EHLO": ["250 mail.example"]})
    (outcome, other), server = outcomes_at(script, replace(NOTICE, **differing), NOTICE)
    assert (outcome.kind, outcome.reason) == (kind, reason)
    assert not [value for value in differing.values() if value in outcome.detail]
    assert (other.kind, server.messages) == ("sent", [message_bytes(NOTICE)])


def test_a_line_that_begins_with_a_dot_ends_nothing():
    octets = b"Subject: x\r\n\r\n.\r\n..two\r\n"

    async def talk():
        async with aiosmtpd() as room:
            connection = await SmtpConnection.open(settings(room.port), None)
            outcome = await connection.hand_over(Letter(mailbox("a@b.example"), mailbox("c@d.example"), octets))
            await connection.quit()
            return outcome, room

    outcome, room = asyncio.run(talk())
    assert (outcome.kind, room.letters[0][3]) == ("sent", octets)


# Settings


@pytest.mark.parametrize(
    ("differing", "words"),
    [
        pytest.param({"host": "mail.example"}, "this machine only", id="mail in clear over the network"),
        pytest.param({"host": "192.0.2.1"}, "this machine only", id="mail in clear to another address"),
        pytest.param({"tls": "ssl"}, "email.tls", id="another word"),
        pytest.param({"username": "nidelv"}, "password_file", id="a user without a password"),
        pytest.param({"connections": 0}, "connections", id="no connections"),
        pytest.param({"tls": "tls", "cafile": "no-such.pem"}, "email.cafile no-such.pem", id="no such file"),
        pytest.param({"tls": "tls", "cafile": __file__}, "holds no certificate", id="a file that is no certificate"),
    ],
)
def test_settings_that_cannot_be_meant(differing, words):
    with pytest.raises(ConfigError, match=words):
        Smtp(settings(25, **differing))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.53", "::1"])
def test_mail_in_clear_to_this_machine_is_allowed(host):
    assert Smtp(settings(25, host=host)).concurrency == 8


def test_a_host_that_is_none():
    async def talk():
        async with Smtp(settings(25, host="mail..example", tls="starttls")) as smtp:
            return await smtp.send(NOTICE)

    outcome = asyncio.run(talk())
    assert (outcome.kind, outcome.detail) == ("temporary", "there is no host mail..example (on connecting)")
