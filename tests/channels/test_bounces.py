"""What mail that came back says of a message of ours; tests/bounces/ holds it as the mail servers write it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.channels.base import Report
from notifycli.channels.bounces import REFERENCE, reports_in
from tests.support.places import TESTS

BOUNCES = TESTS / "bounces"
OURS = "7.0123456789ab"
NOON = 1_780_480_804  # Wed, 3 Jun 2026 12:00:04 +0200
SENDMAIL = ("sendmail_unknown", "sendmail_expired", "sendmail_blocked_as_unknown")
LAST_ATTEMPT = {"postfix_expired": 1_780_912_802, **dict.fromkeys(SENDMAIL, NOON + 1)}

FAILED = {
    # name: reason, is_gone, detail
    "postfix_unknown": ("unknown_mailbox", True, "550 5.1.1 <address>: Recipient address rejected: User unknown in "
                                                 "virtual mailbox table"),
    "postfix_not_ascii": ("unknown_mailbox", True, "550 5.1.1 <address>: Recipient address rejected: User unknown in "
                                                   "virtual mailbox table"),
    "postfix_renamed_by_a_relay": ("unknown_mailbox", True, "550 5.1.1 <address>: User unknown"),
    "postfix_without_envelope_id": ("unknown_mailbox", True, 'unknown user: "<address>"'),
    "postfix_forward_gone": ("unknown_mailbox", False, "550 5.1.1 <address>: User unknown"),
    "postfix_no_domain": ("bad_address", False, "Host or domain name not found. Name service error for "
                                                "name=fjord.example type=AAAA: Host not found"),
    "postfix_full": ("refused", False, "552 5.2.2 <address>: Mailbox over quota"),
    "postfix_blocked": ("blocked", False, "550 5.1.1 Service unavailable, client [192.0.2.7] blocked using a "
                                          "list, user unknown"),
    "postfix_expired": ("expired", False, "connect to mx.fjord.example[192.0.2.25]:25: Connection timed out"),
    "exim_unknown": ("unknown_mailbox", True, "550 No such user here"),
    "exim_expired": ("expired", False, "451 4.7.1 Greylisted"),
    "exim_plain_unknown": ("unknown_mailbox", True, "550 5.1.1 <address>: Recipient address rejected: User unknown"),
    "exim_plain_of_a_forward": ("unknown_mailbox", False, "550 5.1.1 <address>: Recipient address rejected: User "
                                                          "unknown"),
    "exim_plain_expired": ("expired", False, ""),
    "sendmail_unknown": ("unknown_mailbox", True, "550 5.1.1 <address>... User unknown"),
    "sendmail_expired": ("expired", False, "452 4.3.1 Out of memory"),
    "sendmail_blocked_as_unknown": ("blocked", False, "550 5.7.1 Sending host is on a list"),
    "office365_unknown": ("unknown_mailbox", True, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient <address> not "
                                                   "found by SMTP address lookup"),
    "office365_unknown_norwegian": ("unknown_mailbox", True, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
                                                             "<address> not found by SMTP address lookup"),
    "office365_expired": ("expired", False, "550 5.4.317 Message expired, cannot connect to remote server"),
    "exchange_html": ("unknown_mailbox", True, "550 5.1.1 RESOLVER.ADR.RecipNotFound; <address> not found "
                                               "##rfc822;<address>"),
    "gmail_unknown": ("unknown_mailbox", True, None),
    "gmail_disabled": ("mailbox_disabled", True, None),
    "gmail_gets_too_much": ("mailbox_disabled", False, None),
    "gmail_expired": ("expired", False, "The recipient server did not accept our requests to connect."),
    "qmail_unknown": ("unknown_mailbox", True, "Sorry, no mailbox here by that name. (#5.1.1)"),
    "qmail_remote": ("refused", False, "550 5.7.1 not wanted here Giving up on 192.0.2.25."),
    "qmail_expired": ("expired", False, None),
    "opensmtpd_unknown": ("unknown_mailbox", True, "550 5.1.1 No such user"),
}  # fmt: skip
ARRIVED = {
    "postfix_delivered": "delivered",
    "postfix_relayed": "sent",
    "postfix_expanded": "sent",
    "postfix_list": "delivered",
}
NOTHING = {
    *("postfix_delayed", "exim_plain_delay", "gmail_delay", "exchange_html_delay"),
    *("read_receipt", "complaint", "out_of_office", "letter_with_our_message"),
    *("other_message_of_theirs", "bounce_that_staff_forwarded", "bounce_in_words_that_prove_nothing"),
}


def octets_of(name: str) -> bytes:
    return (BOUNCES / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("name", FAILED)
def test_a_bounce(name):
    reason, is_gone, detail = FAILED[name]
    (report,) = reports_in(octets_of(name))
    assert (report.channel, report.state, report.ours, report.reference) == ("email", "failed", OURS, None)
    assert (report.reason, report.is_gone) == (reason, is_gone)
    assert detail in (None, report.detail)
    assert report.at == LAST_ATTEMPT.get(name, NOON)


@pytest.mark.parametrize("name", ARRIVED)
def test_a_notice_of_success(name):
    assert reports_in(octets_of(name)) == [Report("email", ARRIVED[name], OURS, None, NOON)]


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_tells_nothing_for_certain(name):
    assert reports_in(octets_of(name)) == []


def test_every_file_is_looked_at():
    assert {path.stem for path in BOUNCES.iterdir()} == {*FAILED, *ARRIVED, *NOTHING}


@pytest.mark.parametrize("name", [*FAILED, *ARRIVED])
def test_the_line_ends_of_a_maildir_and_of_imap_tell_the_same(name):
    assert reports_in(octets_of(name).replace(b"\n", b"\r\n")) == reports_in(octets_of(name))


@pytest.mark.parametrize(
    ("was", "becomes", "state", "reason", "is_gone"),
    [
        pytest.param(b"Action: failed", b"Action: FAILED (permanently)", "failed", "unknown_mailbox", True, id="words"),
        pytest.param(b"Action: failed", b"Action: relayed", "sent", None, False, id="relayed is not delivered"),
        pytest.param(b"Status: 5.1.1", b"Status: 5.1.1 (no such)", "failed", "unknown_mailbox", True, id="a comment"),
        pytest.param(b"Status: 5.1.1", b"Status: 4.4.7", "failed", "expired", False, id="given up, though unknown"),
        pytest.param(b"Status: 5.1.1\n", b"", "failed", "unknown_mailbox", True, id="no status"),
        pytest.param(b"550 5.1.1 ", b"550 5.2.1 ", "failed", "mailbox_disabled", True, id="disabled, says unknown"),
        pytest.param(b"550 5.1.1 ", b"550 5.1.6 ", "failed", "unknown_mailbox", True, id="moved away"),
        pytest.param(b"550 5.1.1 ", b"550 5.1.2 ", "failed", "bad_address", False, id="no such domain"),
        pytest.param(b"550 5.1.1 ", b"550 5.7.1 ", "failed", "refused", False, id="policy, says unknown"),
        pytest.param(b"rfc822; kari@", b"rfc822; KARI@", "failed", "unknown_mailbox", True, id="other letters"),
    ],
)
def test_what_a_field_changes(was, becomes, state, reason, is_gone):
    message = octets_of("postfix_unknown")
    assert was in message
    (report,) = reports_in(message.replace(was, becomes))
    assert (report.state, report.reason, report.is_gone) == (state, reason, is_gone)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param(b"Action: failed", b"Action: pending", id="an action that nobody has defined"),
        pytest.param(b"Action: failed\n", b"", id="no action"),
        pytest.param(b"report-type=delivery-status", b"report-type=other", id="a report of another kind"),
        pytest.param(OURS.encode(), b"0123456789ab", id="a reference that is none of ours"),
    ],
)
def test_what_no_longer_tells_anything(was, becomes):
    message = octets_of("postfix_unknown")
    assert was in message
    assert reports_in(message.replace(was, becomes)) == []


@pytest.mark.parametrize(
    ("date", "at"),
    [
        pytest.param(b"Wed, 3 Jun 2026 12:00:04 +0200", NOON, id="with a zone"),
        pytest.param(b"3 Jun 2026 10:00:04 -0000", NOON, id="UTC, as qmail writes it"),
        pytest.param(b"i dag", None, id="no date"),
        pytest.param(b"Wed, 99 Jun 2026 12:00:04 +0200", None, id="no such day"),
        pytest.param(b"Wed, 3 Jun 99999999999 12:00:04 +0200", None, id="no such year"),
    ],
)
def test_when_it_came_back(date, at):
    lines = octets_of("qmail_unknown").split(b"\n")
    lines = [b"Date: " + date if line.startswith(b"Date: 3 Jun") else line for line in lines]
    (report,) = reports_in(b"\n".join(lines))
    assert report.at == at


def test_a_message_cut_off_in_what_was_returned_still_tells():
    message = octets_of("exim_unknown")
    (report,) = reports_in(message[: message.index(b"--=_notifycli_part_=")])
    assert (report.ours, report.is_gone) == (OURS, True)


# Strangers' bytes


SAMPLES = [octets_of(name) for name in (*FAILED, *ARRIVED, *NOTHING)]


def check(reports: list[Report]) -> None:
    for one in reports:
        assert one.ours is not None
        assert REFERENCE.fullmatch(one.ours)
        assert "@" not in one.detail
        assert len(one.detail.splitlines()) <= 1
        assert (one.state == "failed") == bool(one.reason)
        assert not (one.is_gone and one.reason not in ("unknown_mailbox", "mailbox_disabled"))


@given(st.binary())
def test_any_bytes(octets):
    assert reports_in(octets) == []


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data())
def test_a_bounce_with_bytes_put_in_and_taken_out(data):
    message = data.draw(st.sampled_from(SAMPLES))
    begin = data.draw(st.integers(0, len(message)))
    taken_out = data.draw(st.integers(0, 200))
    put_in = data.draw(st.binary(max_size=50) | st.sampled_from([b"\n\n", b"=?", b"\xe5\r", b'";', b"*0*=''x", b"@"]))
    check(reports_in(message[:begin] + put_in + message[begin + taken_out :]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 20_000, id="parts within parts"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 30_000, id="messages within messages"),
        pytest.param(b"Content-Type: multipart/report; report-type*=x''%ff; boundary*1000000000=b\n\n", id="parameter"),
        pytest.param(octets_of("postfix_unknown").replace(b"550 5.1.1", b"550 " + b"a" * 900_000), id="a long word"),
        pytest.param(octets_of("exchange_html").replace(b"<p>", b"<" * 900_000, 1), id="tags without end"),
        pytest.param(octets_of("exchange_html").replace(b"<p>", b"<style " * 40_000, 1), id="styles without end"),
        pytest.param(octets_of("qmail_unknown").replace(b"Sorry", b"> " * 400_000), id="quoted without end"),
        pytest.param(octets_of("exim_plain_unknown").replace(b"550 ", b"5.1." * 200_000), id="codes without end"),
    ],
)  # fmt: skip
def test_what_is_made_to_take_long(octets):
    check(reports_in(octets))
