"""SPEC section 6: the e-mail that is written fast is the one that the standard library reads back."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string, policy
from email.utils import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.mail import WORD_BYTES, NotAnAddress, mailbox, message_bytes, sender_of
from tests.support.smtp_server import NOTICE

BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
HEADERS = {
    "MIME-Version",
    "From",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Date",
    "Message-ID",
    "To",
    "Subject",
    "Content-Type",
}


def read_back(octets: bytes):
    message = message_from_bytes(octets, policy=policy.SMTPUTF8)
    assert not message.defects
    return message


def as_text_on_the_wire(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def assert_same_name(read: str, given: str) -> None:
    """Python's own reader leaves a space between two encoded words of a name, against RFC 2047, section 6.2."""
    if len(given.encode()) <= WORD_BYTES:
        assert read == given
    assert read.replace(" ", "") == given.replace(" ", "")


@pytest.mark.slow
@given(
    subject=st.text(max_size=300),
    text=st.text(),
    html=st.none() | st.text(),
    name=st.text(max_size=100),
    language=st.sampled_from(["nb", "nn", "en"]),
    delivery=st.integers(1, 10**12),
    sent_on=st.integers(0, 4_000_000_000),
)
def test_every_header_and_part_reads_back(subject, text, html, name, language, delivery, sent_on):
    sender = f'"{quote(name)}" <post@nidelv.example>'
    notice = replace(
        NOTICE,
        subject=subject,
        text=text,
        html=html,
        sender=sender,
        language=language,
        message_id=f"<{delivery}@nidelv.example>",
        sent_on=sent_on,
    )
    message = read_back(message_bytes(notice))
    assert message["Subject"] == BREAKS.sub(" ", subject)
    assert_same_name(message["From"].addresses[0].display_name, " ".join(BREAKS.sub(" ", name).split()))
    assert message["From"].addresses[0].addr_spec == "post@nidelv.example"
    assert [address.addr_spec for address in message["To"].addresses] == [NOTICE.address]
    assert message["Date"].datetime == datetime.fromtimestamp(sent_on, UTC)
    assert message["Message-ID"] == f"<{delivery}@nidelv.example>"
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", language)
    assert message.get_body(("plain",)).get_content() == as_text_on_the_wire(text)
    if html is None:
        assert message.get_content_type() == "text/plain"
    else:
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert message.get_body(("html",)).get_content() == as_text_on_the_wire(html)


@given(
    subject=st.text(),
    message_id=st.text(),
    language=st.text(),
    text=st.text(st.sampled_from("\r\n.-=_ å")),
    name=st.text(st.characters(exclude_characters="<>")),
)
def test_no_text_adds_a_header_or_a_line_that_smtp_forbids(subject, message_id, language, text, name):
    sender = f"{name} <post@nidelv.example>"
    notice = replace(
        NOTICE, subject=subject, message_id=message_id, language=language, text=text, html=text, sender=sender
    )
    octets = message_bytes(notice)
    assert octets.isascii()
    assert octets.endswith(b"\r\n")
    lines = octets.removesuffix(b"\r\n").split(b"\r\n")
    assert not [line for line in lines if b"\r" in line or b"\n" in line or line.startswith(b".")]
    head = lines[: lines.index(b"")]
    names = [line.split(b":")[0].decode() for line in head if not line.startswith(b" ")]
    assert sorted(names) == sorted(HEADERS)
    assert max(map(len, lines)) <= max(76, len(message_id) * 7 + 12, len(language) * 7 + 18)


@given(st.sampled_from(["\r\n", "\n", "\r", "\0", " ", ",", ";", ">", "<", '"', "\u2028", "\x85"]), st.data())
def test_an_address_breaks_out_of_nothing(odd, data):
    address = "kari@fjord.example"
    place = data.draw(st.integers(0, len(address)))
    with suppress(NotAnAddress):
        assert re.fullmatch(r"[\w.-]+@[\w.-]+", mailbox(address[:place] + odd + address[place:]).address)


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        pytest.param("post@nidelv.example", "", "post@nidelv.example", id="an address alone"),
        pytest.param("<post@nidelv.example>", "", "post@nidelv.example", id="an address in brackets"),
        pytest.param("Nidelv <post@nidelv.example>", "Nidelv", "post@nidelv.example", id="a name"),
        pytest.param("Berg, Ås og Lie <a@b.example>", "Berg, Ås og Lie", "a@b.example", id="a comma, not quoted"),
        pytest.param('"Berg \\"B\\" Lie" <a@b.example>', 'Berg "B" Lie', "a@b.example", id="quoted"),
        pytest.param("Ås <post@ås.example>", "Ås", "post@xn--s-1fa.example", id="a domain that is not ASCII"),
    ],
)
def test_what_a_sender_is(header, name, address):
    assert (sender_of(header)[0], sender_of(header)[1].address) == (name, address)
    found = read_back(message_bytes(replace(NOTICE, sender=header)))["From"].addresses
    assert [(one.display_name, one.addr_spec) for one in found] == [(name, address)]


@pytest.mark.parametrize("text", ["", "kari", "kari@", "@fjord.example", "a@b@c.example", "a" * 250 + "@b.example"])
def test_what_no_mail_can_go_to(text):
    with pytest.raises(NotAnAddress):
        mailbox(text)


@pytest.mark.parametrize(
    ("address", "ascii_or_not", "needs_smtputf8"),
    [
        pytest.param("Kari.N+x@Fjord.example", "Kari.N+x@Fjord.example", False, id="plain"),
        pytest.param("kari@blåbær.example", "kari@xn--blbr-roah.example", False, id="the domain"),
        pytest.param("kåre@blåbær.example", "kåre@xn--blbr-roah.example", True, id="both"),
        pytest.param("kåre@fjord.example", "kåre@fjord.example", True, id="the local part"),
    ],
)
def test_an_address_that_is_not_ascii(address, ascii_or_not, needs_smtputf8):
    assert mailbox(address) == (ascii_or_not, needs_smtputf8)
    octets = message_bytes(replace(NOTICE, address=address))
    message = message_from_string(octets.decode(), policy=policy.SMTPUTF8)
    assert [one.addr_spec for one in message["To"].addresses] == [ascii_or_not]


def test_an_ordinary_message_can_be_read_as_it_is():
    octets = message_bytes(replace(NOTICE, subject="Appointment booked", html="<p>Hei</p>", language="en"))
    head = octets.split(b"\r\n\r\n")[0].decode()
    assert head == (
        "MIME-Version: 1.0\r\n"
        "From: Nidelv legesenter\r\n"
        " <post@nidelv.example>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        "Content-Language: en\r\n"
        "Date: Thu, 28 May 2026 20:26:40 +0000\r\n"
        "Message-ID: <7@nidelv.example>\r\n"
        "To: kari@fjord.example\r\n"
        "Subject: Appointment booked\r\n"
        'Content-Type: multipart/alternative; boundary="=_notifycli_part_="'
    )
