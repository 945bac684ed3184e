"""What notify doctor asks of gateways and Firebase: as far as the login, and never a message."""

import asyncio
from pathlib import Path

import pytest

from notifycli.channels.base import CannotSend, Tried
from notifycli.channels.command import Command, CommandSettings
from tests.support.fcm_schema import wrong_in
from tests.support.fcm_server import DEVICE, EMAIL, PUSH, SILENCE, Google, Said, refusal, talked
from tests.support.gateways import (
    ACCOUNT,
    API_KEY,
    CALLBACK,
    MAKE,
    NAMES,
    OUR_NUMBER,
    PASSWORD,
    USUAL,
    VOICE_NUMBER,
    Cuts,
    IsSilent,
    Says,
    basic,
    serving,
)

NAME = {"Nidelv": "sms.from"}
OURS = {OUR_NUMBER: "sms.from"}
STRANGE = {"Nidelv": "sms.from", "+4790000099": "sender_sms of fjorden"}
NOW = 1_780_000_000
WRONG = {"password": "open barley"}
PLAIN = {"sveve", "kannel"}  # answer in words alone


async def said_by(way, senders=NAME) -> str:
    """The text, after "look: " or "unfit: " where it is no plain yes."""
    try:
        tried = await way.check(senders, NOW)
    except CannotSend as problem:
        return f"unfit: {problem}"
    assert isinstance(tried, Tried)
    return f"{'look: ' if tried.wants_a_look else ''}{tried.text}"


def asked(name: str, *told, senders=NAME, **differing):
    async def talk():
        async with serving(USUAL[name], told) as server, MAKE[name](server.url, **differing) as gateway:
            return await said_by(gateway, senders), server.seen

    return asyncio.run(talk())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("sveve", "Sveve lets us in, and 4711 SMS are left on the account; nothing was sent", id="sveve"),
        pytest.param("link", "LINK lets us in; nothing was sent", id="link"),
        pytest.param("kannel", "Kannel lets us in, and nothing was sent; whether a centre takes messages shows with: "
                     "notify doctor --send-test NUMBER", id="kannel"),
        pytest.param("twilio", "Twilio lets us in, and the account is active; nothing was sent; whether it takes each "
                     "sender shows with: notify doctor --send-test NUMBER", id="twilio"),
    ],
)  # fmt: skip
def test_a_login_that_is_right(name, text):
    assert asked(name)[0] == text


def test_what_is_asked_cannot_send():
    seen = {name: asked(name, callback=CALLBACK)[1] for name in NAMES}
    assert [len(requests) for requests in seen.values()] == [1] * len(NAMES)
    assert (seen["sveve"][0].method, seen["sveve"][0].path) == ("GET", "/SMS/AccountAdm")
    assert seen["sveve"][0].query == {"cmd": "sms_count", "user": "nidelv", "passwd": PASSWORD}
    assert (seen["twilio"][0].method, seen["twilio"][0].path) == ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json")
    assert seen["link"][0].path == "/sms/sendbatch"
    assert seen["link"][0].json["sendRequestMessages"] == []
    assert "destination" not in seen["link"][0].json
    assert (seen["kannel"][0].method, seen["kannel"][0].body) == ("POST", "")
    assert "X-Kannel-To" not in seen["kannel"][0].headers


@pytest.mark.parametrize("name", NAMES)
def test_a_login_that_is_wrong(name):
    text, _ = asked(name, **WRONG)
    assert text.startswith("unfit: 127.0.0.1:")
    assert text.endswith("; look at sms.username and its password")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("told", "words"),
    [
        pytest.param(Says(404, "nothing here"), "; look at sms.url", id="another path"),
        pytest.param(Says(302, headers={"Location": "https://elsewhere.example"}), "; look at sms.url", id="redirect"),
        pytest.param(Says(200, "<html>Hotel Wi-Fi</html>"), " answers; look at sms.url", id="another server"),
        pytest.param(Says(503), "; try again later, and ask the gateway if it stays so", id="overloaded"),
        pytest.param(Says(500, PASSWORD), "; try again later, and ask the gateway if it stays so", id="broken"),
        pytest.param(Cuts(), "broke the connection; look at sms.url, or at the network", id="cut"),
    ],
)
def test_what_stands_in_the_way(name, told, words):
    text, _ = asked(name, told, told)  # aiohttp asks again by itself, for GET
    assert text.startswith("unfit: ")
    assert text.endswith(words)
    assert "message" not in text  # none was handed over


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_is_silent_or_away(name):
    assert "did not answer in 0.2 s" in asked(name, IsSilent(), timeout=0.2)[0]

    async def talk():
        async with MAKE[name]("http://127.0.0.1:1") as gateway:
            return await said_by(gateway)

    assert asyncio.run(talk()) == "unfit: 127.0.0.1:1 refuses connections; look at sms.url, or at the network"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_no_secret_is_told(name, status):
    login = basic(ACCOUNT if name == "twilio" else "nidelv").removeprefix("Basic ")
    body = f"{PASSWORD} {login} +4790000017 {CALLBACK} kari@fjord.example"
    answers = [body] if name in PLAIN else [body, {"description": body, "message": body, "resultCode": 106000}]
    for answer in answers:
        text, _ = asked(name, Says(status, answer), callback=CALLBACK)
        hidden = (PASSWORD, login, "90000017", CALLBACK, "kari")
        assert not [piece for piece in hidden if piece in text]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 50_000, id="deep"),
        pytest.param("9" * 50_000, id="long number"),
        pytest.param('{"status": "\\ud800", "resultCode": "\\ud800", "code": "\\ud800"}', id="half a character"),
        pytest.param({"status": {}, "type": [], "resultCode": {}, "code": [], "message": 7}, id="other types"),
        pytest.param([None, 1, {"a": []}], id="a list"),
        pytest.param("null", id="null"),
        pytest.param("\0\r\nX: 1", id="controls"),
    ],
)
def test_nothing_that_is_said_upsets_it(name, body):
    for status in (200, 400, 401, 599):
        text, _ = asked(name, Says(status, body), senders=OURS)
        assert text
        assert text.isprintable()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param("12", "Sveve lets us in, and 12 SMS are left on the account; nothing was sent", id="some"),
        pytest.param("0", "unfit: Sveve lets us in, and no SMS are left on the account; buy more at Sveve", id="none"),
        pytest.param("-3", "unfit: Sveve lets us in, and no SMS are left on the account; buy more at Sveve", id="debt"),
    ],
)
def test_how_many_sms_are_left_at_sveve(said, text):
    assert asked("sveve", Says(200, said))[0] == text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param("Kontoen er slettet", "200 Kontoen er slettet; look at the account at the gateway", id="deleted"),
        pytest.param("", "200 but not as Sveve answers; look at sms.url", id="nothing"),
        pytest.param("9" * 5000, "look at the account at the gateway", id="a number beyond all numbers"),
    ],
)
def test_what_else_sveve_may_say(said, words):
    text, _ = asked("sveve", Says(200, said))
    assert text.startswith("unfit: ")
    assert text.endswith(words)


@pytest.mark.parametrize(
    ("differing", "text"),
    [
        pytest.param({"status": "suspended"}, "unfit: Twilio lets us in, but the account is suspended; look at it in "
                     "Twilio's console", id="suspended"),
        pytest.param({"status": "closed"}, "unfit: Twilio lets us in, but the account is closed; look at it in "
                     "Twilio's console", id="closed"),
        pytest.param({"status": ["x"]}, "unfit: Twilio lets us in, but the account is in a state that is not known "
                     "here; look at it in Twilio's console", id="another shape"),
        pytest.param({"type": "Trial"}, "look: Twilio lets us in, to a trial account, which sends to verified numbers "
                     "alone; upgrade it", id="trial"),
    ],
)  # fmt: skip
def test_the_state_of_a_twilio_account(differing, text):
    assert asked("twilio", Says(200, {"status": "active", "type": "Full"} | differing))[0] == text


def test_an_account_that_twilio_lets_do_nothing():
    text, _ = asked("twilio", Says(401, {"code": 10001, "message": "Account is not active"}))
    assert text.endswith("401 10001 Account is not active; look at the account at the gateway")


@pytest.mark.parametrize(
    ("senders", "text"),
    [
        pytest.param(OURS, "Twilio lets us in, and the account is active; nothing was sent", id="ours"),
        pytest.param(STRANGE, "unfit: Twilio lets us in, but sender_sms of fjorden is a number that the account does "
                     "not have; mend it", id="of somebody else"),
        pytest.param({OUR_NUMBER[:-1]: "sms.from"}, "unfit: Twilio lets us in, but sms.from is a number that the "
                     "account does not have; mend it", id="a part of ours"),
        pytest.param({VOICE_NUMBER: "sms.from"}, "unfit: Twilio lets us in, but sms.from is a number that cannot send "
                     "SMS; mend it", id="a number for calls"),
    ],
)  # fmt: skip
def test_a_number_as_sender_is_looked_for_at_twilio(senders, text):
    found, seen = asked("twilio", senders=senders)
    assert found == text
    assert seen[-1].query["PhoneNumber"] in senders


def test_a_twilio_sender_that_cannot_be_asked_for():
    _, seen = asked("twilio", senders={"Nidelv": "sms.from", "2065": "sender_sms of a", f"MG{'0' * 32}": "of b"})
    assert [one.path for one in seen] == [f"/2010-04-01/Accounts/{ACCOUNT}.json"]


def with_key(*told, senders=OURS):
    async def talk():
        async with serving(USUAL["twilio"], told) as server:
            url = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}"
            async with MAKE["twilio"](url, username=API_KEY) as gateway:
                return await said_by(gateway, senders), server.seen

    return asyncio.run(talk())


def test_an_api_key_of_twilio_asks_for_no_account_and_no_patient():
    text, seen = with_key()
    assert text == "Twilio lets us in; nothing was sent"
    assert (seen[0].path, seen[0].query["DateSent"]) == (f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", "2000-01-01")


def test_an_api_key_that_may_not_ask_for_numbers():
    text, _ = with_key(Says(200, {"messages": []}), Says(401, {"code": 70051, "message": "Authorization Failed"}))
    assert text.startswith("Twilio lets us in; nothing was sent; whether it takes each sender shows with")


NOT_SHOWN = "LINK can be reached; whether it lets us in shows with: notify doctor --send-test NUMBER"


@pytest.mark.parametrize(
    ("says", "text"),
    [
        pytest.param(Says(200, []), "LINK lets us in; nothing was sent", id="no answers to no messages"),
        pytest.param(Says(204), "LINK lets us in; nothing was sent", id="taken without a body"),
        pytest.param(Says(400, {"resultCode": 106000, "description": "Unknown Error."}), NOT_SHOWN, id="unknown error"),
        pytest.param(Says(400, {"description": "empty"}), NOT_SHOWN, id="an error without a code"),
        pytest.param(Says(200, {"resultCode": 1005}), NOT_SHOWN, id="an answer to a message that was none"),
    ],
)
def test_what_link_may_say_to_an_empty_batch(says, text):
    assert asked("link", says)[0] == text


@pytest.mark.parametrize(
    ("differing", "mend"),
    [
        pytest.param({"platform_id": "0"}, "sms.platform_id and sms.platform_partner_id", id="platform"),
        pytest.param({"told": Says(403, {"resultCode": 106101})}, "sms.username and its password", id="access denied"),
        pytest.param({"told": Says(400, {"resultCode": 106301})}, "the gate of the delivery reports, with LINK's "
                     "support", id="gate"),
    ],
)  # fmt: skip
def test_what_is_to_mend_at_link(differing, mend):
    told = [differing.pop("told")] if "told" in differing else []
    assert asked("link", *told, **differing)[0].endswith(f"; look at {mend}")


@pytest.mark.parametrize("words", ["Missing receiver number, rejected", "Empty receiver number not allowed, rejected",
                                   "Insufficient headers, rejected"])  # fmt: skip
def test_kannel_of_every_age_misses_the_receiver(words):
    assert asked("kannel", Says(400, words))[0].startswith("Kannel lets us in")


@pytest.mark.parametrize("says", [Says(202, "Sent."), Says(400, "Bad Request")])
def test_what_kannel_would_not_say(says):
    assert asked("kannel", says)[0].endswith(" but not as Kannel answers; look at sms.url")


def said_of_program(*argv: str) -> str:
    return asyncio.run(said_by(Command(CommandSettings(argv))))


def test_a_program_is_there_and_is_not_started(tmp_path: Path):
    program = tmp_path / "send-sms"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'touched'}\n")
    assert said_of_program(str(program)) == f"unfit: {program} may not be executed (chmod +x); mend sms.command"
    program.chmod(0o755)
    shows = "to see it work: notify doctor --send-test NUMBER"
    assert said_of_program(str(program)) == f"{program} is there and may be executed; {shows}"
    assert said_of_program("sh") == f"sh is there and may be executed; {shows}"
    assert not (tmp_path / "touched").exists()


def test_a_program_that_is_not_there(tmp_path: Path):
    missing = tmp_path / "missing"
    assert said_of_program(str(missing)) == f"unfit: there is no program {missing}; mend sms.command"
    assert said_of_program("no-such-program") == (
        "unfit: there is no program no-such-program in the PATH; mend sms.command"
    )
    assert said_of_program(str(tmp_path)) == f"unfit: {tmp_path} is no program; mend sms.command"
    assert said_of_program("\0").startswith("unfit: ")


# Firebase

LETS_US_IN = "Google knows the service account, and FCM lets it send; nothing was sent"


def said_by_firebase(folder: Path, it: Google, **differing) -> str:
    return talked(folder, it, said_by, **differing)


def test_firebase_is_asked_to_validate_alone(tmp_path: Path):
    it = Google()
    assert said_by_firebase(tmp_path, it) == LETS_US_IN
    [request] = it.requests
    assert request["validateOnly"] is True
    assert request["message"]["token"] != DEVICE
    assert wrong_in(request, "SendMessageRequest") == []
    assert it.claims[0]["iat"] == NOW


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT",
                             "The registration token is not a valid FCM registration token"), id="no token"),
        pytest.param(refusal(404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."), id="no device"),
        pytest.param(refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"), id="other project"),
        pytest.param(Said(200, b'{"name": "projects/nidelv-app/messages/fake_message_id"}'), id="taken"),
    ],
)  # fmt: skip
def test_firebase_knows_us_where_it_refuses_the_device_alone(tmp_path: Path, answer):
    assert said_by_firebase(tmp_path, Google(answers=[answer])) == LETS_US_IN


@pytest.mark.parametrize(
    ("google", "words"),
    [
        pytest.param({"answers": [refusal(403, "PERMISSION_DENIED")] * 2}, "look at its roles", id="no leave"),
        pytest.param({"answers": [refusal(401, "UNAUTHENTICATED")] * 2}, "look at its roles", id="not known"),
        pytest.param({"answers": [refusal(404, "NOT_FOUND")]}, "the project of push.credentials_file", id="no project"),
        pytest.param({"answers": [refusal(503, "UNAVAILABLE", "UNAVAILABLE")]}, "it is overloaded", id="overloaded"),
        pytest.param({"answers": [SILENCE]}, "FCM did not answer in 0.5 s", id="silence"),
        pytest.param({"answers": [Said(200, b"<html>")]}, "without the name of a message", id="another server"),
        pytest.param({"token_answers": [Said(400, b'{"error": "invalid_grant"}')]}, "the key was withdrawn", id="key"),
    ],
)
def test_what_is_to_mend_for_firebase(tmp_path: Path, google, words):
    text = said_by_firebase(tmp_path, Google(**google), timeout=0.5)
    assert text.startswith("unfit: ")
    assert words in text
    assert not [secret for secret in (EMAIL, "ya29", PUSH.address) if secret in text]
