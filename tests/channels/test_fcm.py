"""SPEC section 7 for push: at a real socket, Google's answers, or their absence, become the right outcome."""

import asyncio
import json
import socket
from dataclasses import replace

import pytest

from notifycli.channels.fcm import Fcm, request_for
from tests.support.fcm_schema import wrong_in
from tests.support.fcm_server import (
    CUT,
    DEVICE,
    EMAIL,
    HALF,
    KEY_ID,
    PROJECT,
    PUSH,
    SILENCE,
    Google,
    Said,
    field_violation,
    google,
    refusal,
    sent,
    sent_at_once,
    settings,
    talked,
)

# The message


def test_a_message_is_as_the_published_schema_says_and_says_no_more_than_its_words(tmp_path):
    it = Google()
    (outcome,) = sent(tmp_path, it, replace(PUSH, html="<p>secret</p>", sender="secret"))
    assert outcome.kind == "sent"
    assert outcome.reference == f"projects/{PROJECT}/messages/0:1%3f9a"
    (message,) = (request["message"] for request in it.requests)
    assert message["token"] == DEVICE
    assert message["notification"] == {
        "title": "Nidelv legesenter",
        "body": "Du har fått en ny melding. Logg inn for å lese den.",
    }
    assert message["android"] == {
        "collapseKey": "3f9a-12",
        "priority": "HIGH",
        "ttl": "86400s",
        "notification": {"tag": "3f9a-12", "visibility": "PRIVATE"},
    }
    assert message["apns"]["headers"] == {
        "apns-collapse-id": "3f9a-12",
        "apns-priority": "10",
        "apns-expiration": str(PUSH.sent_on + 86400),
    }
    assert message["webpush"]["notification"] == {"tag": "3f9a-12"}
    assert "secret" not in json.dumps(message)


@pytest.mark.parametrize(
    "key", [pytest.param("3f9a-12", id="ours"), pytest.param("k" * 65, id="long"), pytest.param("ø" * 33, id="bytes")]
)
def test_a_collapse_key_fits_where_apple_and_browsers_want_it_short(key):
    message, other = (request_for(replace(PUSH, collapse_key=one))["message"] for one in (key, f"{key}x"))
    collapse_id, topic = message["apns"]["headers"]["apns-collapse-id"], message["webpush"]["headers"]["Topic"]
    assert len(collapse_id.encode()) <= 64
    assert len(topic) <= 32
    assert set(topic) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert collapse_id != other["apns"]["headers"]["apns-collapse-id"]
    assert topic != other["webpush"]["headers"]["Topic"]


def test_a_resend_is_told_by_its_collapse_key_alone():
    first, again = request_for(PUSH)["message"], request_for(replace(PUSH, delivery=8, message_id="<8@x>"))["message"]
    assert first == again


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param(lambda message: message["android"].update(priority="high"), "message.android.priority", id="enum"),
        pytest.param(lambda message: message["android"].update(ttl=5), "message.android.ttl", id="type"),
        pytest.param(lambda message: message["android"].update(ttl="1 day"), "message.android.ttl", id="format"),
        pytest.param(lambda message: message.update(extra=1), "message.extra", id="unknown field"),
        pytest.param(
            lambda message: message["apns"]["headers"].update({"apns-priority": 10}),
            "message.apns.headers.apns-priority",
            id="a header that is a number",
        ),
    ],
)
def test_the_schema_would_find_it(change, path):
    request = request_for(PUSH)
    assert wrong_in(request, "SendMessageRequest") == []
    change(request["message"])
    assert [place for place, _ in wrong_in(request, "SendMessageRequest")] == [path]


# The access token


def test_the_assertion_is_signed_for_an_hour_from_the_message(tmp_path):
    it = Google()
    sent(tmp_path, it, PUSH)
    assert it.headers == [{"typ": "JWT", "alg": "RS256", "kid": KEY_ID}]
    (claims,) = it.claims  # the server has looked at the rest of them
    assert (claims["iat"], claims["exp"]) == (PUSH.sent_on, PUSH.sent_on + 3600)


def test_one_token_and_one_connection_serve_many(tmp_path):
    it = Google()
    outcomes = sent(tmp_path, it, *(replace(PUSH, delivery=number) for number in range(20)))
    assert [one.kind for one in outcomes] == ["sent"] * 20
    assert len(it.claims) == 1
    assert len(it.connections) == 1


@pytest.mark.slow
def test_many_at_once_ask_for_one_token_and_keep_to_their_connections(tmp_path):
    it = Google(pause=0.05)
    outcomes = sent_at_once(tmp_path, it, 20, connections=4)
    assert [one.kind for one in outcomes] == ["sent"] * 20
    assert len(it.claims) == 1
    assert len(it.connections) == 4


@pytest.mark.slow
def test_a_token_is_renewed_five_minutes_before_its_end_once_for_all(tmp_path):
    it = Google(token_lasts=300.4)

    async def talk(way):
        first = [await way.send(PUSH) for _ in range(3)]
        await asyncio.sleep(0.5)
        it.token_lasts = 3599
        return first + await asyncio.gather(*(way.send(replace(PUSH, sent_on=PUSH.sent_on + 60)) for _ in range(20)))

    outcomes = talked(tmp_path, it, talk, connections=20)
    assert [one.kind for one in outcomes] == ["sent"] * 23
    assert it.tokens_used == ["ya29.access-1"] * 3 + ["ya29.access-2"] * 20
    assert it.claims[1]["iat"] == PUSH.sent_on + 60


def test_a_token_that_is_taken_no_more_is_renewed_once_for_all(tmp_path):
    it = Google(pauses_of_refusals=[0.0] * 9 + [0.2])  # the last one hears of it when another has renewed it already

    async def talk(way):
        await way.send(PUSH)
        it.good_tokens.clear()
        return await asyncio.gather(*(way.send(PUSH) for _ in range(10)))

    outcomes = talked(tmp_path, it, talk)
    assert [one.kind for one in outcomes] == ["sent"] * 10
    assert len(it.claims) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(refusal(401, "UNAUTHENTICATED"), id="401"),
        pytest.param(refusal(403, "PERMISSION_DENIED"), id="403"),
    ],
)
def test_a_refusal_of_ours_is_not_asked_a_third_time(tmp_path, answer):
    it = Google(answers=[answer, answer])
    (outcome,) = sent(tmp_path, it, PUSH)
    assert (outcome.kind, outcome.wait, outcome.is_gone) == ("temporary", 600, False)
    assert "roles" in outcome.detail
    assert (len(it.requests), len(it.claims)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "wait", "words"),
    [
        pytest.param(Said(400, b'{"error": "invalid_grant"}'), 600, "the clock of this machine", id="invalid_grant"),
        pytest.param(Said(401, b'{"error": "invalid_client"}'), 600, "not known any more", id="invalid_client"),
        pytest.param(Said(400, b'{"error": ["x"]}'), 600, "credentials_file", id="an odd error"),
        pytest.param(Said(404, b"<html>"), 600, "credentials_file", id="another server"),
        pytest.param(Said(503), 60, "overloaded", id="503"),
        pytest.param(Said(429, b"", {"Retry-After": "7"}), 7, "overloaded", id="429"),
        pytest.param(Said(200, b"<html>"), 600, "token_uri", id="no JSON"),
        pytest.param(Said(200, b'{"access_token": "a\\r\\nb"}'), 600, "token_uri", id="a token that is none"),
        pytest.param(CUT, 60, "broke the connection", id="cut"),
        pytest.param(HALF, 60, "broke the connection", id="half an answer"),
        pytest.param(SILENCE, 60, "did not answer in 0.3 s", id="silent"),
    ],
)
def test_without_a_token_nothing_leaves_and_everyone_in_line_hears_of_it(tmp_path, answer, wait, words):
    it = Google(token_answers=[answer])
    outcomes = sent_at_once(tmp_path, it, 20, connections=5, timeout=0.3)
    assert {(one.kind, one.wait) for one in outcomes} == {("temporary", wait)}
    assert all(words in one.detail for one in outcomes)
    assert it.requests == []
    assert len(it.claims) == 1


def test_a_token_is_asked_for_again_after_trouble(tmp_path):
    it = Google(token_answers=[Said(503)])
    assert [one.kind for one in sent(tmp_path, it, PUSH, PUSH)] == ["temporary", "sent"]


# What FCM answers

BAD_TOKEN_WORDS = "The registration token is not a valid FCM registration token"


@pytest.mark.parametrize(
    ("answer", "kind", "reason", "is_gone", "wait"),
    [
        pytest.param(refusal(404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
                     "permanent", "token_gone", True, None, id="the app is gone"),
        pytest.param(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", BAD_TOKEN_WORDS),
                     "permanent", "bad_token", True, None, id="no token, in words"),
        pytest.param(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Request contains an invalid argument.",
                             field_violation("message.token", "Invalid registration token")),
                     "permanent", "bad_token", True, None, id="no token, by its field"),
        pytest.param(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Message is too big"),
                     "temporary", None, False, None, id="too big"),
        pytest.param(refusal(400, "INVALID_ARGUMENT", None, "Invalid value beside the registration token",
                             field_violation("message.android.ttl", "Invalid value")),
                     "temporary", None, False, None, id="another field"),
        pytest.param(refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
                     "permanent", "other_sender", False, None, id="another project's device"),
        pytest.param(refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", retry_after="17"),
                     "temporary", None, False, 17, id="quota"),
        pytest.param(refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
                     "temporary", None, False, 60, id="quota, for how long it does not say"),
        pytest.param(refusal(503, "UNAVAILABLE", "UNAVAILABLE", retry_after="5"),
                     "temporary", None, False, 5, id="overloaded"),
        pytest.param(refusal(503, "UNAVAILABLE", "UNAVAILABLE", retry_after="Wed, 03 Jun 2026 10:00:00 GMT"),
                     "temporary", None, False, 60, id="overloaded until a date"),
        pytest.param(refusal(500, "INTERNAL", "INTERNAL"), "temporary", None, False, None, id="internal"),
        pytest.param(refusal(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
                     "temporary", None, False, None, id="Apple's key"),
        pytest.param(refusal(404, "NOT_FOUND", None, "Requested entity was not found."),
                     "temporary", None, False, 600, id="no such project: no device is gone by that"),
        pytest.param(Said(404, b"<html>UNREGISTERED</html>"), "temporary", None, False, 600, id="another server"),
        pytest.param(Said(302, b"", {"Location": "https://elsewhere.example/"}),
                     "temporary", None, False, 600, id="sent elsewhere"),
        pytest.param(Said(503, b"", {"Retry-After": "999999999"}), "temporary", None, False, 3600, id="much too long"),
        pytest.param(Said(502, b"<html>"), "uncertain", None, False, 60, id="a server before it"),
        pytest.param(Said(200, b"<html>"), "uncertain", None, False, None, id="200 of somebody else"),
        pytest.param(Said(200, b"{}"), "uncertain", None, False, None, id="200 without a name"),
    ],
)  # fmt: skip
def test_what_fcm_answers(tmp_path, answer, kind, reason, is_gone, wait):
    it = Google(answers=[answer])
    (outcome,) = sent(tmp_path, it, PUSH)
    assert (outcome.kind, outcome.reason, outcome.is_gone, outcome.wait) == (kind, reason, is_gone, wait)
    assert str(answer.status) in outcome.detail
    assert (len(it.requests), len(it.claims)) == (1, 1)


def test_what_fcm_repeats_is_in_no_detail(tmp_path):
    echo = field_violation("message.token", f"{DEVICE} of {EMAIL} with ya29.access-1")
    answers = [
        refusal(status, DEVICE, code, f"{DEVICE} {EMAIL} ya29.access-1", echo, {"errorCode": DEVICE})
        for status in (400, 401, 403, 404, 418, 429, 500, 502, 503)
        for code in ("UNREGISTERED", "THIRD_PARTY_AUTH_ERROR", "INVALID_ARGUMENT", DEVICE)
    ]
    it = Google(answers=list(answers))
    outcomes = sent(tmp_path, it, *[PUSH] * len(answers))
    assert len(it.requests) >= len(answers)
    assert not [one for one in outcomes for secret in (DEVICE, EMAIL, "ya29", "access-1") if secret in one.detail]


# Connections that break


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(CUT, "FCM broke the connection without an answer", id="cut"),
        pytest.param(HALF, "FCM broke the connection without an answer", id="half an answer"),
        pytest.param(SILENCE, "FCM did not answer in 0.3 s", id="silent"),
    ],
)
def test_broken_after_the_message_has_left(tmp_path, answer, words):
    (first, second) = sent(tmp_path, Google(answers=[answer]), PUSH, PUSH, timeout=0.3)
    assert (first.kind, first.detail, first.wait) == ("uncertain", words, 60)
    assert second.kind == "sent"


def test_nobody_listens(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        (outcome,) = sent(tmp_path, Google(), PUSH, url=url)
    assert (outcome.kind, outcome.wait) == ("temporary", 60)
    assert outcome.detail.startswith("FCM cannot be reached: ")


def test_a_server_without_tls(tmp_path):
    async def talk() -> tuple:
        it = Google()
        async with google(it):
            ours = settings(tmp_path, it, url=it.url.replace("http:", "https:"))
            async with Fcm(ours) as way:
                return await way.send(PUSH), it

    outcome, it = asyncio.run(talk())
    assert (outcome.kind, outcome.wait) == ("temporary", 60)
    assert "TLS" in outcome.detail
    assert it.requests == []


@pytest.mark.parametrize(
    ("answer", "first_kind", "wait"),
    [
        pytest.param(SILENCE, "uncertain", 60, id="silent"),
        pytest.param(refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", retry_after="17"), "temporary", 17, id="429"),
    ],
)
def test_a_service_that_asks_for_patience_or_is_silent_is_not_asked_by_those_in_line(
    tmp_path, answer, first_kind, wait
):
    it = Google(answers=[answer])
    first, *others = sent_at_once(tmp_path, it, 20, connections=1, timeout=0.3)
    assert first.kind == first_kind
    assert {(one.kind, one.wait) for one in others} == {("temporary", wait)}
    assert others[0].detail == f"{first.detail}, with an earlier message"
    assert len(it.requests) == 1


def test_trouble_of_one_message_keeps_no_other_from_leaving(tmp_path):
    it = Google(answers=[refusal(404, "NOT_FOUND", "UNREGISTERED")])
    assert [one.kind for one in sent_at_once(tmp_path, it, 3, connections=1)] == ["permanent", "sent", "sent"]


def test_a_cancellation_passes_and_gives_the_place_in_line_back(tmp_path):
    it = Google(answers=[SILENCE])

    async def talk(way):
        task = asyncio.ensure_future(way.send(PUSH))
        while not it.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await way.send(PUSH)

    assert talked(tmp_path, it, talk, connections=1).kind == "sent"
