"""SPEC section 7 at a real socket: what a mail server answers, or does not, becomes the right outcome."""

import asyncio
from dataclasses import replace

import pytest

from notifycli.channels.base import Outgoing
from notifycli.channels.mail import message_bytes
from notifycli.channels.smtp import Smtp
from notifycli.channels.smtp_connection import xtext
from notifycli.channels.smtp_pool import TROUBLE_LASTS
from tests.support.smtp_server import NOTICE, SILENCE, Script, outcomes_at, scripted, sent_to, settings

# Odd answers at each stage


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "detail"),
    [
        pytest.param("GREETING", "554 5.3.2 no", "temporary", "554 5.3.2 no (on connecting)", id="554 greeting"),
        pytest.param("GREETING", "421 4.3.2 busy", "temporary", "421 4.3.2 busy (on connecting)", id="421 greeting"),
        pytest.param("EHLO", "421 4.3.2 busy", "temporary", "421 4.3.2 busy (at EHLO)", id="421 to EHLO"),
        pytest.param("MAIL", "451 4.3.0 later", "temporary", "451 4.3.0 later (at MAIL FROM)", id="451 to MAIL"),
        pytest.param("MAIL", "550 5.1.8 who?", "temporary", "550 5.1.8 who? (at MAIL FROM)", id="550 to MAIL"),
        pytest.param("MAIL", "421 4.4.2 bye", "temporary", "421 4.4.2 bye (at MAIL FROM)", id="421 to a first MAIL"),
        pytest.param("RCPT", "451 4.7.1 grey", "temporary", "451 4.7.1 grey", id="451 to RCPT"),
        pytest.param("RCPT", "421 4.4.2 bye", "temporary", "421 4.4.2 bye", id="421 to RCPT"),
        pytest.param("RCPT", "550-5.1.1 <kari@fjord.example>:\r\n550 5.1.1 unknown", "permanent",
                     "550 5.1.1 <address>: unknown", id="550 to RCPT"),
        pytest.param("DATA", "451 4.3.0 later", "temporary", "451 4.3.0 later (at DATA)", id="451 to DATA"),
        pytest.param("DATA", "550 5.7.1 no", "permanent", "550 5.7.1 no (at DATA)", id="550 to DATA"),
        pytest.param("DATA", "334 eh", "temporary", "334 eh (at DATA)", id="334 to DATA"),
        pytest.param("DATA", "250 eh", "temporary", "250 eh (at DATA)", id="250 to DATA"),
        pytest.param("DOT", "451 4.3.0 later", "temporary", "451 4.3.0 later", id="451 to the message"),
        pytest.param("DOT", "421 4.3.0 bye", "temporary", "421 4.3.0 bye", id="421 to the message"),
        pytest.param("DOT", "550 5.7.1 spam", "permanent", "550 5.7.1 spam", id="550 to the message"),
        pytest.param("DOT", "334 eh", "uncertain", "334 eh", id="334 to the message"),
    ],
)  # fmt: skip
def test_an_odd_answer(verb, answer, kind, detail):
    (outcome,), _ = outcomes_at(Script({verb: [answer]}))
    assert (outcome.kind, outcome.detail) == (kind, detail)


@pytest.mark.parametrize("answer", ["421 4.3.0 bye", "451 4.3.0 later", "550 5.7.1 no", "250 eh", "334 eh"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_an_odd_answer_spoils_no_other_message(verb, answer):
    usual = "354 go ahead" if verb == "DATA" else "250 ok"
    other = replace(NOTICE, delivery=8, message_id="<8@nidelv.example>")
    (_, second), server = outcomes_at(Script({verb: [answer, usual]}), NOTICE, other)
    assert second.kind == "sent"
    assert server.messages[-1] == message_bytes(other)


def test_words_that_are_no_smtp():
    for verb, kind in (("GREETING", "temporary"), ("RCPT", "temporary"), ("DOT", "uncertain")):
        (outcome,), _ = outcomes_at(Script({verb: ["HTTP/1.1 400 kari@fjord.example"]}))
        assert outcome.kind == kind
        assert "gave an answer that is no SMTP" in outcome.detail
        assert "kari" not in outcome.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        *(pytest.param(verb, "temporary", id=verb) for verb in ("GREETING", "EHLO", "MAIL", "RCPT", "DATA")),
        pytest.param("DOT", "uncertain", id="after the dot"),
    ],
)
def test_a_server_that_falls_silent_is_waited_for_once(verb, kind):
    later = [replace(NOTICE, delivery=number) for number in range(50)]
    (first, *others), server = outcomes_at(Script({verb: [SILENCE]}), NOTICE, *later, timeout=0.2)
    assert first.kind == kind
    assert "did not answer in" in first.detail
    assert {one.kind for one in others} == {"temporary"}
    assert server.openings == 1


# Delivery notices (RFC 3461)

OFFERS_DSN = "250-mail.example\r\n250-SMTPUTF8\r\n250 DSN"


@pytest.mark.parametrize(
    ("address", "are_read", "options_of_mail", "options_of_rcpt"),
    [
        pytest.param("kari@fjord.example", False, "RET=HDRS ENVID=7",
                     "NOTIFY=FAILURE ORCPT=rfc822;kari@fjord.example", id="nobody reads notices of success"),
        pytest.param("kari@fjord.example", True, "RET=HDRS ENVID=7",
                     "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;kari@fjord.example", id="somebody does"),
        pytest.param("kari+a=b@fjord.example", False, "RET=HDRS ENVID=7",
                     "NOTIFY=FAILURE ORCPT=rfc822;kari+2Ba+3Db@fjord.example", id="xtext"),
        pytest.param("kåre@fjord.example", False, "SMTPUTF8 RET=HDRS ENVID=7", "NOTIFY=FAILURE", id="SMTPUTF8"),
    ],
)  # fmt: skip
def test_what_a_server_with_dsn_is_told(address, are_read, options_of_mail, options_of_rcpt):
    script, notice = Script({"EHLO": [OFFERS_DSN]}), replace(NOTICE, address=address)
    (outcome,), server = outcomes_at(script, notice, reports_are_read=are_read)
    assert outcome.kind == "sent"
    assert f"MAIL FROM:<post@nidelv.example> {options_of_mail}" in server.commands
    assert f"RCPT TO:<{address}> {options_of_rcpt}" in server.commands


def test_a_server_without_dsn_is_told_nothing_of_it():
    _, server = outcomes_at(Script(), reports_are_read=True)
    assert server.commands[1:3] == ["MAIL FROM:<post@nidelv.example>", "RCPT TO:<kari@fjord.example>"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("7.0123456789ab", b"7.0123456789ab", id="ours"),
        pytest.param("a+b=c d", b"a+2Bb+3Dc+20d", id="plus, equals, space"),
        pytest.param("~!\x7få", b"~!+7F+C3+A5", id="the ends of ASCII and beyond"),
    ],
)
def test_xtext(value, expected):
    assert xtext(value) == expected


# Connections that break


def bytes_of_a_conversation() -> tuple[bytes, bytes]:
    _, server = outcomes_at(Script())
    return server.received.removesuffix(b"QUIT\r\n"), server.sent.removesuffix(b"221 bye\r\n")


def kinds_when_cut(scripts: list[Script]) -> list[str]:
    async def one(script):
        async with scripted(script) as server:
            (outcome,) = await sent_to(server, NOTICE)
            return outcome.kind

    async def all_of_them():
        return [await one(script) for script in scripts]

    return asyncio.run(all_of_them())


@pytest.mark.slow
@pytest.mark.parametrize("resets", [pytest.param(False, id="FIN"), pytest.param(True, id="RST")])
def test_cut_after_any_byte_that_the_server_received(resets):
    received, _ = bytes_of_a_conversation()
    message_begins = received.index(b"DATA\r\n") + len(b"DATA\r\n")
    offsets = range(len(received) + 1)
    kinds = kinds_when_cut([Script(cut_after_received=offset, resets=resets) for offset in offsets])
    expected = ["temporary" if offset <= message_begins else "uncertain" for offset in offsets]
    assert kinds == expected


def test_cut_after_any_byte_that_the_server_sent():
    _, sent = bytes_of_a_conversation()
    go_ahead = sent.index(b"354 go ahead\r\n") + len(b"354 go ahead\r\n")
    kinds = kinds_when_cut([Script(cut_after_sent=offset) for offset in range(len(sent) + 1)])
    expected = ["temporary"] * go_ahead + ["uncertain"] * (len(sent) - go_ahead) + ["sent"]
    assert kinds == expected


@pytest.mark.parametrize("words", [pytest.param(b"", id="silently"), pytest.param(b"421 4.4.2 idle\r\n", id="421")])
def test_dropped_while_idle_is_opened_again_once(words):
    outcomes, server = outcomes_at(Script(hangs_up_with=words), NOTICE, replace(NOTICE, delivery=8))
    assert [one.kind for one in outcomes] == ["sent", "sent"]
    assert (server.openings, len(server.messages)) == (2, 2)


@pytest.mark.parametrize("answer", [pytest.param("421 4.4.2 idle", id="421"), pytest.param(SILENCE, id="silence")])
def test_dropped_at_the_next_mail_from_is_opened_again_once(answer):
    script = Script({"MAIL": ["250 ok", answer, "250 ok"]})
    outcomes, server = outcomes_at(script, NOTICE, replace(NOTICE, delivery=8), timeout=0.2)
    assert [one.kind for one in outcomes] == ["sent", "sent"]
    assert (server.openings, len(server.messages)) == (2, 2)


def test_where_one_was_dropped_the_others_that_idled_are_not_tried():
    async def talk():
        script = Script({"MAIL": ["250 ok", "250 ok", "421 4.4.2 idle", "250 ok"]})
        async with scripted(script) as server, Smtp(settings(server.port)) as smtp:
            before = await all_at_once(smtp, [NOTICE] * 2)
            return before, (await smtp.send(NOTICE)).kind, server.openings

    assert asyncio.run(talk()) == (["sent", "sent"], "sent", 3)


def test_after_an_answer_that_is_none_the_connection_is_not_used_again():
    outcomes, server = outcomes_at(Script({"DOT": ["334 eh", "250 ok"]}), NOTICE, NOTICE)
    assert ([one.kind for one in outcomes], server.openings) == (["uncertain", "sent"], 2)


def test_a_server_that_keeps_dropping_is_not_asked_for_ever():
    script = Script({"MAIL": ["250 ok", "421 4.4.2 idle"]})
    outcomes, server = outcomes_at(script, NOTICE, NOTICE)
    assert [one.kind for one in outcomes] == ["sent", "temporary"]
    assert server.openings == 2


def test_a_cancellation_passes_and_leaves_the_channel_fit():
    async def talk():
        async with scripted(Script({"DOT": [SILENCE, "250 ok"]})) as server, Smtp(settings(server.port)) as smtp:
            sending = asyncio.create_task(smtp.send(NOTICE))
            while not server.messages:
                await asyncio.sleep(0)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            return await smtp.send(NOTICE), server.openings

    outcome, openings = asyncio.run(talk())
    assert (outcome.kind, openings) == ("sent", 2)


# Several connections


async def all_at_once(smtp: Smtp, notices: list[Outgoing]) -> list[str]:
    """More sends at a time than there may be connections."""
    return [outcome.kind for outcome in await asyncio.gather(*map(smtp.send, notices))]


@pytest.mark.parametrize(
    ("greetings", "openings", "most_at_once"),
    [
        pytest.param(["220 hello"], 4, 4, id="as many as there may be"),
        pytest.param(["220 hello", "220 hello", "421 4.3.2 too many"], 4, 4, id="what the server allows will do"),
    ],
)
def test_connections_are_opened_as_load_asks_and_used_again(greetings, openings, most_at_once):
    async def talk():
        script = Script({"GREETING": greetings})
        async with scripted(script) as server, Smtp(settings(server.port, connections=4)) as smtp:
            kinds = await all_at_once(smtp, [replace(NOTICE, delivery=number) for number in range(200)])
            return kinds, server

    kinds, server = asyncio.run(talk())
    assert set(kinds) == {"sent"}
    assert len(server.messages) == 200
    assert server.openings == openings
    assert server.most_at_once <= most_at_once


def test_one_after_the_other_needs_one_connection_and_says_goodbye():
    _, server = outcomes_at(Script(), *[NOTICE] * 20)
    assert server.openings == 1
    assert server.commands[-1] == "QUIT"


@pytest.mark.parametrize("answer", [pytest.param(SILENCE, id="silence"), pytest.param("554 5.3.2 no", id="a refusal")])
def test_a_first_connection_that_fails_is_tried_alone(answer):
    async def talk():
        async with scripted(Script({"GREETING": [answer]})) as server, Smtp(settings(server.port, timeout=0.1)) as smtp:
            return await all_at_once(smtp, [NOTICE] * 50), server.openings

    kinds, openings = asyncio.run(talk())
    assert (set(kinds), openings) == ({"temporary"}, 1)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        pytest.param("127.0.0.1", {"refuses connections"}, id="one address"),
        pytest.param("localhost", {"refuses connections", "cannot be reached"}, id="perhaps several"),
    ],
)
def test_a_server_that_is_gone_is_asked_once(host, words):
    async def talk():
        async with scripted() as server:
            port = server.port
        async with Smtp(settings(port, host=host)) as smtp:
            started = asyncio.get_running_loop().time()
            outcomes = [await smtp.send(NOTICE) for _ in range(200)]
            return outcomes, asyncio.get_running_loop().time() - started, port

    outcomes, seconds, port = asyncio.run(talk())
    assert {one.kind for one in outcomes} == {"temporary"}
    (detail,) = {one.detail for one in outcomes}
    assert detail in {f"{host}:{port} {one} (on connecting)" for one in words}
    assert seconds < TROUBLE_LASTS
