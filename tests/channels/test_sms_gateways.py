"""What holds for every SMS gateway on HTTP: breaks, time-outs, logins, Retry-After, pace, secrets (SPEC section 7)."""

import asyncio
import gc
import socket
import ssl
import time
from contextlib import asynccontextmanager

import pytest
import trustme

from notifycli.channels.http import GatewaySettings, completed
from notifycli.channels.link import LinkSettings
from notifycli.channels.sms_answers import seconds_to_wait, veiled
from notifycli.domain.errors import ConfigError
from tests.support.gateways import (
    ACCOUNT,
    CALLBACK,
    MAKE,
    MESSAGE,
    NAMES,
    NUMBER,
    PASSWORD,
    SECRET,
    USUAL,
    Cuts,
    IsSilent,
    Says,
    basic,
    messages,
    outcome_at,
    outcomes_at,
    serving,
)

every_gateway = pytest.mark.parametrize("name", NAMES)


def sent_to(url: str, name: str, **differing):
    async def talk():
        async with MAKE[name](url, **differing) as gateway:
            return await gateway.send(MESSAGE)

    outcome = asyncio.run(talk())
    gc.collect()  # what was left open would warn now
    return outcome


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@asynccontextmanager
async def raw_server(talk):
    """The port of a server that need not speak HTTP."""
    served = set()

    async def serve(reader, writer):
        served.add(asyncio.current_task())
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait(served, timeout=5)


@every_gateway
def test_a_message_is_sent(name):
    outcome = outcome_at(name)
    assert (outcome.kind, outcome.reason, outcome.wait, outcome.is_gone) == ("sent", None, None, False)
    assert (outcome.reference is None) == (name == "kannel")  # whose smsbox gives none


@every_gateway
def test_one_connection_serves_them_all(name):
    outcomes, server = outcomes_at(name, send=messages(20))
    assert [outcome.kind for outcome in outcomes] == ["sent"] * 20
    assert len(server.peers) == 1
    assert len({outcome.reference for outcome in outcomes}) == (1 if name == "kannel" else 20)


@every_gateway
def test_no_more_are_under_way_than_connections_allow(name):
    async def slow(seen, count):
        await asyncio.sleep(0.02)

    async def talk():
        async with serving(USUAL[name]) as server, MAKE[name](server.url, connections=3) as gateway:
            usual = server.respond

            async def respond(request, seen):
                await slow(seen, 0)
                return await usual(request, seen)

            server.respond = respond
            outcomes = await asyncio.gather(*(gateway.send(message) for message in messages(12)))
            return [outcome.kind for outcome in outcomes], server, gateway.concurrency

    kinds, server, concurrency = asyncio.run(talk())
    assert kinds == ["sent"] * 12
    assert server.most_at_once == concurrency == 3
    assert len(server.peers) <= 3


@pytest.mark.slow
def test_who_waits_for_a_connection_does_not_lose_patience():
    async def talk():
        async with (
            serving(USUAL["kannel"]) as server,
            MAKE["kannel"](server.url, connections=1, timeout=0.5) as gateway,
        ):
            usual = server.respond

            async def respond(request, seen):
                await asyncio.sleep(0.2)
                return await usual(request, seen)

            server.respond = respond
            return await asyncio.gather(*(gateway.send(message) for message in messages(5)))

    assert [outcome.kind for outcome in asyncio.run(talk())] == ["sent"] * 5


@pytest.mark.slow
@every_gateway
def test_nothing_has_left_where_connections_are_refused(name):
    outcome = sent_to(f"http://127.0.0.1:{closed_port()}", name)
    assert (outcome.kind, outcome.wait) == ("temporary", 60)
    assert "refuses connections" in outcome.detail


@pytest.mark.slow
def test_nothing_has_left_where_there_is_no_such_host():
    outcome = sent_to(f"https://{'a' * 64}.example", "sveve")
    assert (outcome.kind, outcome.wait) == ("temporary", 60)


@every_gateway
def test_nothing_has_left_where_the_certificate_is_not_trusted(name):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def talk():
        async with serving(USUAL[name], context=context) as server, MAKE[name](server.url) as gateway:
            return await gateway.send(MESSAGE), server

    outcome, server = asyncio.run(talk())
    assert (outcome.kind, outcome.wait) == ("temporary", 60)
    assert "is not trusted" in outcome.detail
    assert not server.seen


def test_nothing_has_left_where_there_is_no_tls():
    async def talk():
        async with serving(USUAL["sveve"]) as server, MAKE["sveve"](server.url.replace("http", "https")) as gateway:
            return await gateway.send(MESSAGE), server

    outcome, server = asyncio.run(talk())
    assert (outcome.kind, outcome.wait, server.seen) == ("temporary", 60, [])
    assert "no TLS" in outcome.detail


@every_gateway
@pytest.mark.parametrize("earlier", [pytest.param(0, id="new connection"), pytest.param(2, id="used connection")])
def test_a_break_after_the_request_is_uncertain_and_it_is_not_sent_again(name, earlier):
    async def talk():
        async with serving(USUAL[name]) as server, MAKE[name](server.url) as gateway:
            for message in messages(earlier):
                assert (await gateway.send(message)).kind == "sent"
            server.told = [Cuts()]
            return await gateway.send(MESSAGE), len(server.seen)

    outcome, requests = asyncio.run(talk())
    assert (outcome.kind, outcome.reference) == ("uncertain", None)
    assert "broke the connection" in outcome.detail
    assert requests == earlier + 1


@pytest.mark.slow
@every_gateway
def test_a_silence_after_the_request_is_uncertain(name):
    outcome = outcome_at(name, IsSilent(), timeout=0.2)
    assert outcome.kind == "uncertain"
    assert "did not answer in 0.2 s" in outcome.detail


def test_a_silence_before_the_request_is_temporary():
    """A server whose TLS handshake never begins: connected, and nothing could leave."""

    async def read_alone(reader, writer):
        await reader.read()

    async def talk():
        async with raw_server(read_alone) as port, MAKE["twilio"](f"https://127.0.0.1:{port}", timeout=0.2) as gateway:
            return await gateway.send(MESSAGE)

    outcome = asyncio.run(talk())
    assert (outcome.kind, outcome.wait) == ("temporary", 60)


@every_gateway
def test_an_answer_that_is_no_http_is_uncertain(name):
    async def babble(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n\r\n")

    async def talk():
        async with raw_server(babble) as port, MAKE[name](f"http://127.0.0.1:{port}") as gateway:
            return await gateway.send(MESSAGE)

    assert asyncio.run(talk()).kind == "uncertain"


@every_gateway
@pytest.mark.parametrize(
    ("says", "kind", "wait"),
    [
        pytest.param(Says(429, headers={"Retry-After": "7"}), "temporary", 7, id="429 with seconds"),
        pytest.param(Says(503, headers={"Retry-After": "120"}), "temporary", 120, id="503 with seconds"),
        pytest.param(Says(429, headers={"Retry-After": "86400"}), "temporary", 3600, id="429 for a day"),
        pytest.param(
            Says(
                503,
                headers={"Date": "Wed, 25 Nov 2026 01:00:00 GMT", "Retry-After": "Wed, 25 Nov 2026 01:05:00 GMT"},
            ),
            "temporary",
            300,
            id="503 until a time by the gateway's clock",
        ),
        pytest.param(Says(429), "temporary", 60, id="429 without a time"),
        pytest.param(Says(429, headers={"Retry-After": "soon"}), "temporary", 60, id="429 with a word"),
        pytest.param(Says(503), "temporary", 60, id="503 without a time"),
        pytest.param(Says(401), "temporary", 600, id="no login"),
        pytest.param(Says(403), "temporary", 600, id="no leave"),
        pytest.param(Says(404), "temporary", 600, id="no such address"),
        pytest.param(Says(301, headers={"Location": "https://elsewhere.example/"}), "temporary", 600, id="moved"),
        pytest.param(Says(418), "temporary", None, id="4xx that nobody knows"),
        pytest.param(Says(500), "uncertain", None, id="500"),
        pytest.param(Says(502), "uncertain", None, id="502"),
        pytest.param(Says(504), "uncertain", None, id="504"),
        pytest.param(Says(200, "<html>Welcome"), "uncertain", None, id="a page instead of an answer"),
    ],
)
def test_what_a_status_means(name, says, kind, wait):
    outcomes, server = outcomes_at(name, says)
    assert (outcomes[0].kind, outcomes[0].wait) == (kind, wait)
    assert outcomes[0].retry_after == (wait if wait in (7, 120, 300, 3600) else None)  # what the gateway named itself
    assert outcomes[0].reason is None
    assert len(server.seen) == 1


@every_gateway
def test_a_wrong_password_says_what_to_look_at(name):
    outcome = outcome_at(name, password="wrong")
    assert (outcome.kind, outcome.wait) == ("temporary", 600)
    assert "look at sms.username and its password" in outcome.detail


@every_gateway
@pytest.mark.parametrize("status", [200, 202, 400, 403, 404, 422, 500])
def test_no_secret_and_no_number_comes_into_a_detail(name, status):
    """A server that throws everything back at us, in each place that an adapter may read."""
    text, login = MESSAGE.text, basic(ACCOUNT if name == "twilio" else "nidelv")
    echo = f"{NUMBER} 4790000017 90 00 00 17 {PASSWORD} open%20sesame%2F1 {login} {SECRET} {CALLBACK} {text}"
    everything = {
        "message": echo,
        "description": echo,
        "code": 21211,
        "resultCode": 2106,
        "response": {"fatalError": echo},
        "status": echo,
    }
    errors = {"response": {"msgOkCount": 0, "errors": [{"number": NUMBER, "message": echo}]}}
    outcomes, _ = outcomes_at(
        name, Says(status, everything), Says(status, errors), Says(status, echo), send=messages(3), callback=CALLBACK
    )
    for outcome in outcomes:
        for piece in (NUMBER, "90000017", "00 00 17", PASSWORD, "sesame", SECRET, text, login[6:]):
            assert piece not in outcome.detail


@pytest.mark.parametrize("kind", [GatewaySettings, LinkSettings])
def test_no_secret_is_in_the_settings_repr(kind):
    shown = repr(kind("https://x.example", "nidelv", PASSWORD, callback=CALLBACK))
    assert PASSWORD not in shown
    assert SECRET not in shown
    assert "nidelv" in shown


@pytest.mark.slow
@every_gateway
def test_messages_keep_the_pace(name):
    """15 messages at 100 a second, all asked for at once: as evenly as the machine lets us, and in order."""

    async def talk():
        async with serving(USUAL[name]) as server, MAKE[name](server.url, rate=100) as gateway:
            await asyncio.gather(*(gateway.send(message) for message in messages(15)))
            return [seen.at for seen in server.seen]

    times = asyncio.run(talk())
    assert times[-1] - times[0] >= 0.9 * 14 / 100
    for first, fifth in zip(times, times[5:], strict=False):
        assert fifth - first >= 0.5 * 5 / 100


def test_a_pause_does_not_save_up_for_a_burst():
    async def talk():
        async with serving(USUAL["kannel"]) as server, MAKE["kannel"](server.url, rate=50) as gateway:
            await gateway.send(MESSAGE)
            await asyncio.sleep(0.2)
            await asyncio.gather(*(gateway.send(message) for message in messages(6)))
            return [seen.at for seen in server.seen][1:]

    times = asyncio.run(talk())
    assert times[-1] - times[0] >= 0.9 * 5 / 50


def test_sveve_allows_no_more_than_five_at_once():
    assert MAKE["sveve"]("https://x.example", connections=10).concurrency == 5


@pytest.mark.parametrize(
    ("url", "differing"),
    [
        pytest.param("ftp://x.example", {}, id="no web address"),
        pytest.param("http://x.example", {}, id="readable to the whole network"),
        pytest.param("https://x.example:99999", {}, id="no port"),
        pytest.param("https://[x", {}, id="half an address"),
        pytest.param("https://x.example", {"connections": 0}, id="no connection"),
        pytest.param("https://x.example", {"timeout": 0}, id="no patience"),
        pytest.param("https://x.example", {"rate": -1}, id="less than no message a second"),
    ],
)
def test_settings_that_cannot_be_meant(url, differing):
    with pytest.raises(ConfigError, match="sms"):
        MAKE["sveve"](url, **differing)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        pytest.param("https://x.example", "https://x.example/sms/send", id="host alone"),
        pytest.param("https://x.example/", "https://x.example/sms/send", id="with a slash"),
        pytest.param("https://x.example/sms", "https://x.example/sms/send", id="as LINK writes it"),
        pytest.param("https://x.example/sms/send", "https://x.example/sms/send", id="whole"),
        pytest.param("https://x.example/proxy", "https://x.example/proxy/sms/send", id="behind a proxy"),
    ],
)
def test_an_address_is_completed(url, whole):
    assert completed(url, "/sms/send") == whole


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        pytest.param("30", None, 30, id="seconds"),
        pytest.param(" 30 ", None, 30, id="blanks"),
        pytest.param("0", None, 1, id="at once is not now"),
        pytest.param("9" * 400, None, 3600, id="for ever"),
        pytest.param("-5", None, None, id="negative"),
        pytest.param("３", None, None, id="a digit that is not ASCII"),
        pytest.param(None, None, None, id="missing"),
        pytest.param("Wed, 25 Nov 2026 01:05:00 GMT", None, None, id="a time without a clock"),
        pytest.param("Wed, 25 Nov 2026 01:05:00 GMT", "Wed, 25 Nov 2026 01:06:00 GMT", 1, id="a time gone by"),
        pytest.param("Wed, 25 Nov 2026 01:05:00", "Wed, 25 Nov 2026 01:00:00 GMT", None, id="a time of no zone"),
    ],
)
def test_how_long_to_wait(retry_after, date, seconds):
    assert seconds_to_wait(retry_after, date) == seconds


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("The 'To' number +4790000017 is invalid", "The 'To' number <number> is invalid", id="number"),
        pytest.param("900 00 017 is barred", "<number> is barred", id="number in groups"),
        pytest.param("Error 2106, 3 parts", "Error 2106, 3 parts", id="codes stay"),
        pytest.param("ask kari@fjord.example", "ask <address>", id="e-mail"),
        pytest.param("see https://x.example/a?b", "see <address>", id="link"),
        pytest.param("two\nlines", "two lines", id="one line"),
    ],
)
def test_which_words_are_kept(said, kept):
    assert veiled(said) == kept


@pytest.mark.parametrize("body", [pytest.param("9" * 60_000, id="digits"), pytest.param("a" * 60_000, id="letters")])
def test_an_answer_without_end_takes_no_time_and_shows_no_half_address(body):
    began = time.process_time()
    assert veiled(body) == ""
    assert veiled("1 " * 995 + f"kari{body}@post.example") == "<number>"
    assert time.process_time() - began < 1
