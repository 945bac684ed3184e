"""Twilio: what it is sent, what its codes mean, its status callbacks, and what it answers when asked."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels import twilio
from notifycli.channels.base import Question, Report, Unanswered
from notifycli.channels.twilio import reports_in
from tests.support.gateways import (
    ACCOUNT,
    CALLBACK,
    MESSAGE,
    NUMBER,
    PASSWORD,
    Cuts,
    IsSilent,
    Says,
    make_twilio,
    messages,
    outcome_at,
    outcomes_at,
    serving,
    twilio_usual,
)

SID = "SM00000000000000000000000000000001"
SERVICE = "MG0123456789abcdef0123456789abcdef"


def test_what_it_is_sent():
    outcomes, server = outcomes_at("twilio")
    assert (outcomes[0].reference, outcomes[0].detail) == (SID, "201 queued")
    assert (server.seen[0].method, server.seen[0].path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert server.seen[0].form == {"To": NUMBER, "From": "Nidelv", "Body": MESSAGE.text}


def test_letters_and_a_messaging_service():
    _, server = outcomes_at("twilio", send=messages(1, text="Røros & å = være 😀+", sender=SERVICE))
    assert server.seen[0].form == {"To": NUMBER, "MessagingServiceSid": SERVICE, "Body": "Røros & å = være 😀+"}


def test_reports_are_asked_for_at_our_address():
    _, server = outcomes_at("twilio", callback=CALLBACK)
    assert server.seen[0].form["StatusCallback"] == f"{CALLBACK}?id=17.k3"


def test_an_api_key_names_its_account_in_the_address():
    async def talk():
        async with serving(lambda seen, count: Says(201, {"sid": SID, "status": "queued"})) as server:
            url = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}"
            async with make_twilio(url, username="SK1") as gateway:
                return await gateway.send(MESSAGE), server.seen[0].path

    outcome, path = asyncio.run(talk())
    assert (outcome.kind, path) == ("sent", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason", "is_gone", "wait"),
    [
        pytest.param(400, 21211, "permanent", "bad_number", False, None, id="invalid To"),
        pytest.param(400, 21614, "permanent", "bad_number", False, None, id="no mobile number"),
        pytest.param(400, 21635, "permanent", "bad_number", False, None, id="landline"),
        pytest.param(400, 21610, "permanent", "blocked", False, None, id="STOP"),
        pytest.param(400, 21408, "permanent", "refused", False, None, id="country not allowed"),
        pytest.param(400, 21608, "permanent", "refused", False, None, id="trial account"),
        pytest.param(400, 21612, "permanent", "refused", False, None, id="cannot be reached from our sender"),
        pytest.param(400, 21617, "permanent", "refused", False, None, id="text too long"),
        pytest.param(400, 21606, "temporary", None, False, 600, id="our sender"),
        pytest.param(400, 21659, "temporary", None, False, 600, id="not a number of ours"),
        pytest.param(400, 21609, "temporary", None, False, 600, id="our callback"),
        pytest.param(400, 21611, "temporary", None, False, 60, id="our sender's queue is full"),
        pytest.param(400, 99999, "temporary", None, False, None, id="a code that nobody knows"),
        pytest.param(401, 20003, "temporary", None, False, 600, id="login"),
        pytest.param(403, 20005, "temporary", None, False, 600, id="account not active"),
        pytest.param(403, 21610, "permanent", "blocked", False, None, id="the code says more than the status"),
        pytest.param(404, 20404, "temporary", None, False, 600, id="no such account"),
        pytest.param(429, 20429, "temporary", None, False, 60, id="too many requests"),
        pytest.param(500, 20500, "uncertain", None, False, None, id="5xx: it may have been made"),
        pytest.param(500, 21211, "uncertain", None, False, None, id="5xx, whatever it says"),
    ],
)
def test_what_a_refusal_means(status, code, kind, reason, is_gone, wait):
    outcome = outcome_at("twilio", Says(status, {"code": code, "message": "words", "status": status}))
    assert (outcome.kind, outcome.reason, outcome.is_gone, outcome.wait) == (kind, reason, is_gone, wait)


def test_the_code_stands_in_the_detail_and_the_number_does_not():
    said = {"code": 21211, "message": f"The 'To' number {NUMBER} is not a valid phone number.", "status": 400}
    assert outcome_at("twilio", Says(400, said)).detail == (
        "400 21211 The 'To' number <number> is not a valid phone number."
    )


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        pytest.param({"sid": SID, "status": "accepted"}, "sent", None, id="accepted"),
        pytest.param({"sid": SID, "status": "new"}, "sent", None, id="a status that nobody knows"),
        pytest.param({"sid": SID, "status": "failed", "error_code": 30005}, "permanent", "number_not_in_use",
                     id="failed at once"),
        pytest.param({"status": "queued"}, "uncertain", None, id="without an id"),
    ],
)  # fmt: skip
def test_what_201_means(body, kind, reason):
    outcome = outcome_at("twilio", Says(201, body))
    assert (outcome.kind, outcome.reason) == (kind, reason)


def report(state, reason=None, detail=None, is_gone=False, ours="17.k3", reference=SID, at=None):
    return Report("sms", state, ours, reference, at, reason, state if detail is None else detail, is_gone)


USUAL = {"MessageSid": SID, "SmsSid": SID, "AccountSid": ACCOUNT, "To": NUMBER, "From": "Nidelv", "id": "17.k3"}


@pytest.mark.parametrize(
    ("differing", "reports"),
    [
        pytest.param({"MessageStatus": "delivered"}, [report("delivered")], id="delivered"),
        pytest.param({"MessageStatus": "read"}, [report("delivered", detail="read")], id="read"),
        pytest.param({"MessageStatus": "sent"}, [report("sent")], id="sent"),
        pytest.param({"MessageStatus": "queued"}, [report("sent", detail="queued")], id="queued"),
        pytest.param({"SmsStatus": "delivered"}, [report("delivered")], id="by its old name"),
        pytest.param({"MessageStatus": "delivered", "id": ""}, [report("delivered", ours=None)], id="without ours"),
        pytest.param({"MessageStatus": "delivered", "ErrorCode": "30005"},
                     [report("delivered", detail="30005 delivered")], id="a code beside a success"),
        pytest.param({"MessageStatus": "undelivered", "ErrorCode": "30003"},
                     [report("failed", "not_delivered", "30003 undelivered")], id="switched off"),
        pytest.param({"MessageStatus": "undelivered", "ErrorCode": "30004"},
                     [report("failed", "blocked", "30004 undelivered")], id="blocked"),
        pytest.param({"MessageStatus": "undelivered", "ErrorCode": "30005"},
                     [report("failed", "number_not_in_use", "30005 undelivered", True)], id="unknown"),
        pytest.param({"MessageStatus": "undelivered", "ErrorCode": "30006"},
                     [report("failed", "bad_number", "30006 undelivered")], id="landline"),
        pytest.param({"MessageStatus": "undelivered", "ErrorCode": "30007"},
                     [report("failed", "refused", "30007 undelivered")], id="filtered"),
        pytest.param({"MessageStatus": "failed", "ErrorCode": "30001"},
                     [report("failed", "not_delivered", "30001 failed")], id="queue overflow, which is final"),
        pytest.param({"MessageStatus": "failed", "ErrorCode": "99999"},
                     [report("failed", "not_delivered", "99999 failed")], id="a code that nobody knows"),
        pytest.param({"MessageStatus": "failed"}, [report("failed", "not_delivered")], id="failed without a code"),
        pytest.param({"MessageStatus": "canceled"}, [report("failed", "not_delivered", "canceled")], id="canceled"),
        pytest.param({"MessageStatus": "received"}, [], id="an SMS that came in"),
        pytest.param({"MessageStatus": "new"}, [], id="a status that nobody knows"),
        pytest.param({"MessageStatus": "delivered", "id": "", "MessageSid": "", "SmsSid": ""}, [], id="of no message"),
        pytest.param({}, [], id="no status"),
    ],
)  # fmt: skip
def test_what_a_status_callback_says(differing, reports):
    fields = USUAL | differing
    assert reports_in(fields) == reports
    assert reports_in(dict(fields)) == reports  # a callback that comes twice says the same


STATES = st.sampled_from(["failed", "delivered", "undelivered", "sent"])


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*USUAL, "MessageStatus", "ErrorCode"]) | st.text(), st.text() | STATES))
def test_no_callback_can_upset_it(fields):
    assert all(isinstance(one, Report) for one in reports_in(fields))


def test_how_its_callback_is_read():
    assert (twilio.CALLBACK.methods, twilio.CALLBACK.read) == (("POST",), "form")
    assert twilio.CALLBACK.reports(USUAL | {"MessageStatus": "delivered"}) == [report("delivered")]


ATTEMPTED = 1_780_000_000  # Thu, 28 May 2026 20:26:40 UTC
MADE = "Thu, 28 May 2026 20:26:41 +0000"
UPDATED = 1_780_000_009
WHOLE = {
    "sid": SID,
    "to": NUMBER,
    "from": "Nidelv",
    "body": MESSAGE.text,
    "direction": "outbound-api",
    "status": "delivered",
    "error_code": None,
    "date_created": MADE,
    "date_updated": "Thu, 28 May 2026 20:26:49 +0000",
}


def question(reference=SID):
    return Question("17.k3", reference, NUMBER, MESSAGE.text, ATTEMPTED)


def asked(told, reference=SID, **differing):
    """Told twice, since aiohttp asks again where a connection breaks, as may be done with a question."""

    async def talk():
        async with serving(twilio_usual, [told, told]) as server, make_twilio(server.url, **differing) as gateway:
            return await gateway.ask(question(reference)), server.seen[0]

    return asyncio.run(talk())


def test_it_is_asked_by_its_id():
    answer, seen = asked(Says(200, WHOLE))
    assert answer == report("delivered", at=UPDATED)
    assert (seen.method, seen.path) == ("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}.json")
    assert (seen.query, seen.body) == ({}, "")


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        pytest.param(Says(200, WHOLE | {"status": "sending"}), report("sent", detail="sending", at=UPDATED), id="sent"),
        pytest.param(Says(200, WHOLE | {"status": "undelivered", "error_code": 30005}),
                     report("failed", "number_not_in_use", "30005 undelivered", True, at=UPDATED), id="failed"),
        pytest.param(Says(200, WHOLE | {"date_updated": None}), report("delivered"), id="without a time"),
        pytest.param(Says(404, {"code": 20404, "message": "not found"}), None, id="no such message"),
        pytest.param(Says(200, "<html>"), None, id="no JSON"),
        pytest.param(Says(200, WHOLE | {"status": "receiving"}), None, id="a message that came in"),
    ],
)  # fmt: skip
def test_what_it_answers(told, answer):
    assert asked(told)[0] == answer


def listed(*messages_found):
    return Says(200, {"messages": list(messages_found), "next_page_uri": None})


def test_it_is_asked_for_what_went_to_a_number_on_a_day():
    answer, seen = asked(listed(WHOLE), reference=None)
    assert answer == report("delivered", at=UPDATED)
    assert seen.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert seen.query == {"To": NUMBER, "DateSent>": "2026-05-28", "PageSize": "1000"}


@pytest.mark.parametrize(
    ("found", "is_found"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param([WHOLE], True, id="the one"),
        pytest.param([WHOLE, WHOLE | {"body": "Another"}], True, id="the one beside another"),
        pytest.param([WHOLE, WHOLE | {"sid": "SM2"}], False, id="two of them: nobody knows which"),
        pytest.param([WHOLE | {"body": "Another"}], False, id="another text"),
        pytest.param([WHOLE | {"to": "+4790000099"}], False, id="another number"),
        pytest.param([WHOLE | {"direction": "inbound"}], False, id="came in"),
        pytest.param([WHOLE | {"date_created": "Thu, 28 May 2026 20:24:00 +0000"}], False, id="before the attempt"),
        pytest.param([WHOLE | {"date_created": "Thu, 28 May 2026 20:25:00 +0000"}], True, id="clocks differ"),
        pytest.param([WHOLE | {"date_created": "Thu, 28 May 2026 20:40:00 +0000"}], False, id="long after it"),
        pytest.param([WHOLE | {"date_created": None}], False, id="of no time"),
        pytest.param([None, 7, "x"], False, id="another shape"),
    ],
)
def test_only_one_match_is_an_answer(found, is_found):
    answer, _ = asked(listed(*found), reference=None)
    assert (answer is not None) == is_found
    assert answer is None or answer.ours == "17.k3"


def test_a_list_of_another_shape_is_no_answer():
    assert asked(Says(200, {"messages": "none"}), reference=None)[0] is None


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(Says(401, {"code": 20003}), id="login"),
        pytest.param(Says(429), id="too many"),
        pytest.param(Says(500), id="500"),
        pytest.param(Says(302), id="moved"),
        pytest.param(IsSilent(), id="silence"),
        pytest.param(Cuts(), id="a break"),
    ],
)
def test_it_cannot_be_asked_now(told):
    with pytest.raises(Unanswered) as why:
        asked(told, timeout=0.2)
    assert "127.0.0.1:" in str(why.value)
    for piece in (NUMBER, "90000017", PASSWORD, SID):
        assert piece not in str(why.value)


def test_it_cannot_be_asked_where_nobody_listens():
    async def talk():
        async with serving(twilio_usual) as server:
            url = server.url
        async with make_twilio(url) as gateway:
            await gateway.ask(question())

    with pytest.raises(Unanswered, match="refuses connections"):
        asyncio.run(talk())
