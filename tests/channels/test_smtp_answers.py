"""What a mail server's answer means (SPEC section 7; RFC 3463 where it tells more than the code), as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.refusals import is_gone as judge_gone
from notifycli.channels.refusals import reason_of_bounce
from notifycli.channels.smtp_answers import enhanced_and_text, outcome_of, without_address
from tests.support.refusals import ROWS


@pytest.mark.parametrize(
    ("stage", "code", "enhanced", "text", "kind", "reason"),
    [
        pytest.param("dot", 250, "2.0.0", "Ok", "sent", None, id="taken"),
        pytest.param("dot", None, None, "broke", "uncertain", None, id="no answer after the dot"),
        pytest.param("dot", 354, None, "go on", "uncertain", None, id="no clear answer after the dot"),
        pytest.param("dot", 25, None, "", "uncertain", None, id="half a code after the dot"),
        pytest.param("dot", 451, "4.3.0", "later", "temporary", None, id="4xx after the dot"),
        pytest.param("dot", 554, "5.7.1", "spam", "permanent", "refused", id="message refused"),
        pytest.param("dot", 552, "5.3.4", "too big", "permanent", "refused", id="message too big"),
        pytest.param("dot", 550, "5.1.1", "unknown", "permanent", "unknown_mailbox", id="unknown only after the dot"),
        pytest.param("dot", 552, "5.2.2", "over quota", "temporary", None, id="full only after the dot"),
        pytest.param("dot", 503, None, "bad sequence", "temporary", None, id="not understood after the dot"),
        pytest.param("data", None, None, "broke", "temporary", None, id="no answer to DATA"),
        pytest.param("data", 250, None, "eh?", "temporary", None, id="an odd answer to DATA"),
        pytest.param("data", 554, None, "no", "permanent", "refused", id="DATA refused"),
        pytest.param("rcpt", 550, "5.1.1", "User unknown", "permanent", "unknown_mailbox", id="unknown mailbox"),
        pytest.param("rcpt", 556, "5.1.10", "null MX", "permanent", "unknown_mailbox", id="null MX"),
        pytest.param("rcpt", 550, "5.1.2", "no such domain", "permanent", "bad_address", id="unknown domain"),
        pytest.param("rcpt", 501, "5.1.3", "syntax", "permanent", "bad_address", id="bad syntax"),
        pytest.param("rcpt", 550, "5.2.1", "disabled", "permanent", "mailbox_disabled", id="mailbox disabled"),
        pytest.param("rcpt", 552, "5.2.2", "over quota", "temporary", None, id="full, RFC 3463: persistent transient"),
        pytest.param("rcpt", 552, None, "over quota", "temporary", None, id="full, without an enhanced code"),
        pytest.param("rcpt", 550, "5.7.1", "policy", "permanent", "refused", id="refused by policy"),
        pytest.param("rcpt", 553, "5.6.7", "ASCII only", "permanent", "smtputf8_not_offered", id="ASCII only"),
        pytest.param("rcpt", 550, None, "No such user", "permanent", "unknown_mailbox", id="550 alone"),
        pytest.param("rcpt", 553, None, "not allowed", "permanent", "bad_address", id="553 alone"),
        pytest.param("rcpt", 554, None, "no", "permanent", "refused", id="554 alone"),
        pytest.param("rcpt", 550, "5.0.0", "no", "permanent", "unknown_mailbox", id="5.0.0 says no more than the 550"),
        pytest.param("rcpt", 550, "4.2.0", "no", "permanent", "unknown_mailbox", id="the code rules"),
        pytest.param("rcpt", 450, "5.1.1", "greylisted", "temporary", None, id="the code rules here too"),
        pytest.param("rcpt", 450, "4.2.0", "greylisted", "temporary", None, id="greylisted"),
        pytest.param("rcpt", 550, "5.4.1", "Recipient address rejected: Access denied. AS(20)", "permanent",
                     "unknown_mailbox", id="unknown at Exchange Online"),
        pytest.param("rcpt", 554, "5.7.1", "<address>: Recipient address rejected: Access denied", "temporary",
                     None, id="not logged in at Postfix"),
        pytest.param("rcpt", 554, "5.7.1", "<address>: Relay access denied", "temporary", None, id="does not relay"),
        pytest.param("rcpt", 550, None, "relay not permitted", "temporary", None, id="does not relay, Exim"),
        pytest.param("rcpt", 554, "5.7.1", "x: Client host rejected: Access denied", "temporary", None, id="our host"),
        pytest.param("rcpt", 504, "5.5.2", "x: Helo command rejected: need a name", "temporary", None, id="our EHLO"),
        pytest.param("rcpt", 553, "5.7.1", "x: Sender address rejected: not yours", "temporary", None, id="our sender"),
        pytest.param("rcpt", 550, "5.1.8", "no such domain", "temporary", None, id="our sender's domain"),
        pytest.param("rcpt", 530, "5.7.0", "Authentication required", "temporary", None, id="our login is missing"),
        pytest.param("rcpt", 503, "5.5.1", "MAIL first", "temporary", None, id="our commands"),
        pytest.param("rcpt", None, None, "broke", "temporary", None, id="no answer to RCPT"),
        *(
            pytest.param(stage, code, None, "no", "temporary", None, id=f"{code} at {stage} is about our settings")
            for stage in ("connect", "tls", "hello", "auth", "mail")
            for code in (None, 421, 454, 535, 550, 554)
        ),
    ],
)  # fmt: skip
def test_what_an_answer_means(stage, code, enhanced, text, kind, reason):
    outcome = outcome_of(stage, code, enhanced, text)
    assert (outcome.kind, outcome.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("stage", "code", "enhanced", "text", "is_gone"),
    [
        pytest.param("rcpt", 550, "5.1.1", "no", True, id="unknown mailbox"),
        pytest.param("dot", 550, "5.1.1", "no", True, id="unknown only after the dot"),
        pytest.param("rcpt", 550, "5.1.6", "moved", True, id="moved away"),
        pytest.param("rcpt", 556, "5.1.10", "null MX", True, id="null MX"),
        pytest.param("rcpt", 550, "5.2.1", "The account is disabled", True, id="disabled, it says"),
        pytest.param("rcpt", 550, "5.2.1", "receiving mail at a rate that", False, id="Gmail: too much mail"),
        pytest.param("rcpt", 550, "5.2.1", "account disabled temporarily", False, id="disabled for a time"),
        pytest.param("rcpt", 550, None, "No such user here", True, id="550, no such user"),
        pytest.param("rcpt", 550, None, "<address>: User unknown", True, id="550, user unknown"),
        pytest.param("rcpt", 550, "5.0.0", "<address> mailbox does not exist", True, id="5.0.0 and words"),
        pytest.param("rcpt", 550, None, "no", False, id="550 alone"),
        pytest.param("rcpt", 550, None, "Sender verify failed: No such user", False, id="Exim, of the sender"),
        pytest.param("rcpt", 550, "5.1.1", "user unknown; blocked by policy", False, id="a reason besides"),
        pytest.param("rcpt", 550, "5.7.1", "user unknown", False, id="policy, whatever it says"),
        pytest.param("rcpt", 550, "5.1.2", "no such domain", False, id="a domain may come back"),
        pytest.param("rcpt", 501, "5.1.3", "syntax", False, id="bad syntax"),
        pytest.param("rcpt", 550, "5.4.1", "Recipient address rejected: Access denied", False, id="Exchange Online"),
        pytest.param("rcpt", 450, "5.1.1", "user unknown", False, id="temporary"),
        pytest.param("rcpt", 552, "5.2.2", "mailbox unknown to be so full", False, id="full"),
        pytest.param("mail", 550, "5.1.1", "user unknown", False, id="of our sender"),
    ],
)
def test_which_addresses_are_gone(stage, code, enhanced, text, is_gone):
    assert outcome_of(stage, code, enhanced, text).is_gone == is_gone


@pytest.mark.parametrize("stage", ["rcpt", "dot"])
@pytest.mark.parametrize(
    ("code", "enhanced", "text", "is_gone", "reason"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_the_words_of_servers_in_a_session(stage, code, enhanced, text, is_gone, reason):
    """What is no verdict on the address may be tried again there; what is given up bears the word of the bounce."""
    outcome = outcome_of(stage, code, enhanced, text)
    assert outcome.is_gone == is_gone
    if is_gone or reason == "blocked":
        assert (outcome.kind, outcome.reason) == ("permanent", reason)
    assert outcome_of(stage, code - 100, enhanced, text).kind == "temporary"


@pytest.mark.parametrize(("enhanced", "text", "is_gone", "reason"), [pytest.param(*row[2:], id=row[0]) for row in ROWS])
def test_the_words_of_servers_in_a_bounce(enhanced, text, is_gone, reason):
    assert (bool(judge_gone(enhanced, text)), reason_of_bounce(enhanced, text)) == (is_gone, reason)


@pytest.mark.parametrize(
    ("stage", "code", "wait"),
    [
        *(pytest.param(stage, None, 60, id=f"no answer at {stage}") for stage in ("connect", "tls", "hello", "auth")),
        pytest.param("connect", 554, 60, id="refused on connecting"),
        pytest.param("auth", 535, 600, id="login refused"),
        pytest.param("auth", 454, 60, id="logins do not work now"),
        *(pytest.param(stage, 421, 60, id=f"421 at {stage}") for stage in ("mail", "rcpt", "data")),
        pytest.param("dot", 421, None, id="421 after the dot is about the message"),
        pytest.param("mail", 451, None, id="451 at MAIL FROM"),
        pytest.param("rcpt", 450, None, id="greylisted"),
        pytest.param("rcpt", None, None, id="no answer at RCPT TO"),
        pytest.param("dot", 250, None, id="taken"),
    ],
)
def test_how_long_a_server_in_trouble_is_left_alone(stage, code, wait):
    assert outcome_of(stage, code, None, "no").wait == wait


@pytest.mark.parametrize(
    ("enhanced", "text", "reason"),
    [
        pytest.param("5.1.1", "no", "unknown_mailbox", id="the same table"),
        pytest.param(None, "550 User unknown", "unknown_mailbox", id="words"),
        pytest.param("5.2.1", "user unknown", "mailbox_disabled", id="disabled"),
        pytest.param("5.2.2", "full", "refused", id="full: nobody tries it again"),
        pytest.param(None, "550 no", "refused", id="nothing known"),
        pytest.param("5.7.1", "Relay access denied", "refused", id="about us"),
    ],
)
def test_the_word_for_mail_that_came_back(enhanced, text, reason):
    assert reason_of_bounce(enhanced, text) == reason


ANSWERS = {
    "stage": st.sampled_from(["connect", "tls", "hello", "auth", "mail", "rcpt", "data", "dot"]),
    "code": st.none() | st.integers(-1, 999),
    "enhanced": st.none() | st.from_regex(r"[245]\.\d{1,3}\.\d{1,3}", fullmatch=True),
    "text": st.text(),
}


@pytest.mark.slow
@given(**ANSWERS)
def test_only_a_clear_answer_is_believed(stage, code, enhanced, text):
    outcome = outcome_of(stage, code, enhanced, text)
    assert (outcome.kind == "sent") == (stage == "dot" and code is not None and 200 <= code < 300)
    if stage == "dot" and outcome.kind != "sent":
        is_clear = code is not None and 400 <= code < 600
        assert (outcome.kind == "uncertain") == (not is_clear)
    assert (outcome.kind == "permanent") == bool(outcome.reason)
    assert outcome.kind == "permanent" or not outcome.is_gone
    assert outcome.kind == "temporary" or outcome.wait is None


@pytest.mark.parametrize(
    ("answer", "enhanced", "text"),
    [
        pytest.param("2.0.0 Ok", "2.0.0", "Ok", id="one line"),
        pytest.param("5.1.1 No such\n5.1.1 user here", "5.1.1", "No such user here", id="the code on each line"),
        pytest.param("No such user", None, "No such user", id="no enhanced code"),
        pytest.param("5.1.1", "5.1.1", "", id="nothing but the code"),
        pytest.param("a\x00b\udcff\r\nc\u2028d", None, "a b c d", id="what no table can show"),
    ],
)
def test_an_answer_in_one_line(answer, enhanced, text):
    assert enhanced_and_text(answer) == (enhanced, text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("<kari@fjord.example>: unknown", "<address>: unknown", id="as we gave it"),
        pytest.param("KARI@Fjord.example unknown", "<address> unknown", id="in other letters"),
        pytest.param("no user Kari here", "no user <address> here", id="the local part alone"),
        pytest.param("forwarded to k.nordmann@home.example: full", "forwarded to <address>: full", id="another one"),
        pytest.param('"kari nordmann"@home.example is full', "<address> is full", id="a quoted one"),
        pytest.param("ola.n@: unknown", "<address>: unknown", id="cut off behind the sign"),
        pytest.param("@fjord.example: unknown", "<address>: unknown", id="a domain alone"),
        pytest.param("karina is unaffected", "karina is unaffected", id="a longer word"),
    ],
)
def test_no_address_in_a_detail(text, shown):
    assert without_address(text, "kari@fjord.example") == shown
