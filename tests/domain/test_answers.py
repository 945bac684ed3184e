"""Servers' answers in plain words: what a delivery that waits or is uncertain is told by."""

import pytest

from notifycli.domain.answers import in_plain_words, why_uncertain


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        pytest.param("421 4.7.0 too busy (at MAIL FROM)", "refused for now (busy)", id="421"),
        pytest.param("452 4.3.1 no space left (at DATA)", "refused for now (busy)", id="their disk is full"),
        pytest.param("429 Too Many Requests", "refused for now (busy)", id="gateway, 429"),
        pytest.param("503 Service Unavailable", "refused for now (busy)", id="gateway, 503"),
        pytest.param("FCM: 503 UNAVAILABLE, it is overloaded", "refused for now (busy)", id="Firebase"),
        pytest.param("452 4.2.2 mailbox full", "refused for now (the mailbox is full)", id="452 of a mailbox"),
        pytest.param("552 5.2.2 over quota", "refused for now (the mailbox is full)", id="552"),
        pytest.param("450 4.2.0 greylisted", "refused for now (asked to come again later)", id="greylisting"),
        pytest.param("451 4.7.1 come back later", "refused for now (asked to come again later)", id="come back later"),
        pytest.param("450 4.7.25 no reverse", "refused for now (by a rule of the receiving side)", id="a rule"),
        pytest.param("451 4.1.8 unknown", "refused for now (asked to come again later)", id="another 4xx"),
        pytest.param("mail:25 did not answer in 30 s (at EHLO)", "not reached (no answer)", id="silent"),
        pytest.param(
            "127.0.0.1:9 refuses connections (on connecting)", "not reached (the server does not answer)", id="dead"
        ),
        pytest.param("there is no host mail.example", "not reached (the server does not answer)", id="no such host"),
        pytest.param("mail:25 broke the connection (at DATA)", "not reached (it broke the connection)", id="broken"),
        pytest.param(
            "the certificate of mail:25 is not trusted (at TLS)", "not reached (no safe connection)", id="certificate"
        ),
        pytest.param("535 5.7.8 bad login (at AUTH)", "refused for now (our login)", id="login at the mail server"),
        pytest.param(
            "401 Unauthorized; look at sms.username and its password", "refused for now (our login)", id="at a gateway"
        ),
        pytest.param("400 bad; look at sms.url", "refused for now (a setting of ours)", id="a setting"),
        pytest.param("550 5.7.1 relaying denied", "refused for now (our server or settings)", id="5xx about us"),
        pytest.param(
            "sent again, since its arrival is uncertain", "to be sent again, since its arrival is uncertain", id="again"
        ),
        pytest.param("staff sent it again", "to be sent again, as staff said", id="by staff"),
        pytest.param("kvekk", "refused for now (it does not say why)", id="what nobody foresaw"),
        pytest.param(None, "refused for now (it does not say why)", id="nothing"),
    ],
)
def test_what_waits_says_why_in_plain_words(detail: str | None, words: str) -> None:
    assert in_plain_words(detail).words == words


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        pytest.param(
            "the run was killed before the answer", "the program was stopped before the answer came", id="killed"
        ),
        pytest.param(
            "the run was told to end, and no answer had come in time",
            "the program was told to stop before the answer came",
            id="told to end",
        ),
        pytest.param(
            "mail:25 did not answer in 60 s (after the message)", "no answer came after it was handed over", id="silent"
        ),
        pytest.param(
            "mail:25 broke the connection (after the message)",
            "the connection broke after it was handed over",
            id="broken",
        ),
        pytest.param("sh: no answer that tells (signal 9)", "the answer does not tell", id="anything else"),
    ],
)
def test_what_is_uncertain_says_why(detail: str, words: str) -> None:
    assert why_uncertain(detail) == words
