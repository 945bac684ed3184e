"""A mail server that takes several commands at once (RFC 2920) is told them together; the outcomes stay the same."""

from dataclasses import replace

import pytest

from notifycli.channels.mail import message_bytes
from tests.support.smtp_server import NOTICE, Script, outcomes_at

EHLO = "250-mail.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8"
OTHER = replace(NOTICE, delivery=8, message_id="<8@nidelv.example>")


def script(**answers: str | list[str]) -> Script:
    return Script({"EHLO": [EHLO], **{verb: one if isinstance(one, list) else [one] for verb, one in answers.items()}})


@pytest.mark.parametrize(
    ("answers", "kind", "detail"),
    [
        pytest.param({"MAIL": "451 4.3.0 later", "RCPT": "503 5.5.1 no", "DATA": "503 5.5.1 no"}, "temporary",
                     "451 4.3.0 later (at MAIL FROM)", id="MAIL is refused"),
        pytest.param({"RCPT": "550 5.1.1 unknown", "DATA": "554 5.5.1 no valid recipients"}, "permanent",
                     "550 5.1.1 unknown", id="RCPT is refused, and DATA"),
        pytest.param({"RCPT": "550 5.1.1 unknown"}, "permanent", "550 5.1.1 unknown", id="RCPT is refused alone"),
        pytest.param({"DATA": "451 4.3.0 later"}, "temporary", "451 4.3.0 later (at DATA)", id="DATA is refused"),
        pytest.param({"DATA": "250 eh"}, "temporary", "250 eh (at DATA)", id="DATA is answered oddly"),
        pytest.param({"MAIL": "421 4.3.2 busy"}, "temporary", "421 4.3.2 busy (at MAIL FROM)", id="421 to MAIL"),
    ],
)  # fmt: skip
def test_the_first_refusal_counts_and_spoils_no_other_message(answers, kind, detail):
    usual = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go ahead"}
    (first, second), server = outcomes_at(script(**{verb: [one, usual[verb]] for verb, one in answers.items()}),
                                          NOTICE, OTHER)  # fmt: skip
    assert (first.kind, first.detail) == (kind, detail)
    assert second.kind == "sent"
    assert server.messages == [message_bytes(OTHER)], "the refused one has left nothing, not even an empty message"


def test_a_server_that_refused_all_is_asked_on_the_same_connection():
    refused = script(RCPT=["550 5.1.1 unknown", "250 ok"], DATA=["554 5.5.1 no", "354 go ahead"])
    _, server = outcomes_at(refused, NOTICE, OTHER)
    assert server.openings == 1


def test_a_goodbye_that_nobody_asked_for_ends_the_connection():
    """After it, each answer would be taken for that to the command before."""
    outcomes, server = outcomes_at(script(DOT=["250 2.0.0 Ok\r\n421 4.4.2 bye", "250 2.0.0 Ok"]), NOTICE, OTHER)
    assert [one.kind for one in outcomes] == ["sent", "sent"]
    assert server.openings == 2
