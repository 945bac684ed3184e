"""Kannel: what it is sent, what its smsbox answers, its delivery reports."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels import kannel
from notifycli.channels.base import Report
from notifycli.channels.kannel import report_url, reports_in
from tests.support.gateways import CALLBACK, MESSAGE, NUMBER, PASSWORD, Says, messages, outcome_at, outcomes_at


def headers_of(seen) -> dict[str, str]:
    return {name: value for name, value in seen.headers.items() if name.startswith("X-Kannel")}


def test_what_it_is_sent():
    outcomes, server = outcomes_at("kannel")
    assert outcomes[0].detail == "202 0: Accepted for delivery"
    assert (server.seen[0].method, server.seen[0].path, server.seen[0].query) == ("POST", "/cgi-bin/sendsms", {})
    assert server.seen[0].body == MESSAGE.text
    assert server.seen[0].headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert headers_of(server.seen[0]) == {
        "X-Kannel-Username": "nidelv",
        "X-Kannel-Password": PASSWORD,
        "X-Kannel-From": "Nidelv",
        "X-Kannel-To": NUMBER,
        "X-Kannel-Coding": "0",
    }


def test_reports_are_asked_for_at_our_address():
    _, server = outcomes_at("kannel", callback=CALLBACK)
    asked = headers_of(server.seen[0])
    assert asked["X-Kannel-DLR-Mask"] == "19"
    assert asked["X-Kannel-DLR-Url"] == f"{CALLBACK}?id=17.k3&type=%d&answer=%A&at=%T"


def as_kannel_fills_it(url: str, values: dict[str, str]) -> str:
    """By its User's Guide: a letter after "%" is replaced, "%%" is a percent sign."""
    filled, rest = "", url
    while rest:
        before, percent, after = rest.partition("%")
        filled += before + ((values[after[0]] if after[0] != "%" else "%") if percent else "")
        rest = after[1:]
    return filled


def test_what_is_percent_encoded_survives_kannel():
    url = report_url("https://x.example/a%20b/kannel?c=1", "17/k3")
    filled = urlsplit(as_kannel_fills_it(url, {"d": "1", "A": "", "T": "1780000000"}))
    assert filled.path == "/a%20b/kannel"
    assert dict(parse_qsl(filled.query)) == {"c": "1", "id": "17/k3", "type": "1", "at": "1780000000"}


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        pytest.param("Du har time på Røros kl. 12 @ Ægir", "0", id="Norwegian is GSM-7"),
        pytest.param("[a] {b} | ^~\\ 5 €", "0", id="the extension, too"),
        pytest.param("linje\nlinje", "0", id="line end"),
        pytest.param("!\"#¤%&'()*+,-./:;<=>?¡£$¥¿§_", "0", id="signs"),
        pytest.param("Čáhci", "2", id="Sami"),
        pytest.param("a`b", "2", id="an ASCII character that GSM-7 lacks"),
        pytest.param("a\tb", "2", id="tab"),
        pytest.param("12–13", "2", id="dash"),
        pytest.param("😀", "2", id="emoji"),
    ],
)
def test_what_does_not_fit_in_gsm7_is_sent_as_ucs2(text, coding):
    _, server = outcomes_at("kannel", send=messages(1, text=text))
    assert (headers_of(server.seen[0])["X-Kannel-Coding"], server.seen[0].body) == (coding, text)


def test_a_sender_makes_no_header_of_its_own():
    outcomes, server = outcomes_at("kannel", send=messages(1, sender="Nidelv\r\nX-Kannel-To: +4790000099"))
    assert outcomes[0].kind == "sent"
    assert headers_of(server.seen[0])["X-Kannel-To"] == NUMBER


@pytest.mark.parametrize(
    ("says", "kind", "reason", "wait"),
    [
        pytest.param(Says(202, "0: Accepted for delivery"), "sent", None, None, id="accepted"),
        pytest.param(Says(202, "3: Queued for later delivery"), "sent", None, None, id="queued"),
        pytest.param(Says(202, "Sent."), "sent", None, None, id="immediate reply"),
        pytest.param(Says(403, "Authorization failed for sendsms"), "temporary", None, 600, id="login"),
        pytest.param(Says(403, "Not routable. Do not try again."), "permanent", "refused", None, id="not routable"),
        pytest.param(Says(400, "Number(s) has/have been denied by white- and/or black-lists."), "permanent", "blocked",
                     None, id="black list"),
        pytest.param(Says(400, "Empty receiver number not allowed, rejected"), "permanent", "bad_number", None,
                     id="no receiver"),
        pytest.param(Says(400, "Sender missing and no global set, rejected"), "temporary", None, 600, id="no sender"),
        pytest.param(Says(400, "DLR-URL field misformed, rejected"), "temporary", None, 600, id="our request"),
        pytest.param(Says(400, "Charset or body misformed, rejected"), "permanent", "refused", None, id="our text"),
        pytest.param(Says(500, "Sending failed."), "temporary", None, 60, id="bearerbox is gone"),
        pytest.param(Says(500, "Internal Server Error"), "uncertain", None, None, id="500 of another's"),
        pytest.param(Says(503, "Temporal failure, try again later."), "temporary", None, 60, id="temporal"),
        pytest.param(Says(404, "Unknown request."), "temporary", None, 600, id="another address"),
    ],
)  # fmt: skip
def test_what_an_answer_means(says, kind, reason, wait):
    outcome = outcome_at("kannel", says)
    assert (outcome.kind, outcome.reason, outcome.wait, outcome.is_gone) == (kind, reason, wait, False)


def test_an_id_is_kept_where_kannel_gives_one():
    assert outcome_at("kannel", Says(202, "0: Accepted for delivery: 0a1b-2c")).reference == "0a1b-2c"


RECEIPT = "id:1 sub:001 dlvrd:000 submit date:2606031200 done date:2606031201 stat:{} err:{} text:Nidelv legesenter"


def report(state, reason=None, detail="", at=1_780_000_000, ours="17.k3"):
    return [Report("sms", state, ours, None, at, reason, detail)]


@pytest.mark.parametrize(
    ("fields", "reports"),
    [
        pytest.param({"type": "1"}, report("delivered"), id="delivered"),
        pytest.param({"type": "1", "answer": RECEIPT.format("DELIVRD", "000")},
                     report("delivered", detail="stat:DELIVRD err:000"), id="the words, without the text"),
        pytest.param({"type": "2"}, report("failed", "not_delivered"), id="failed"),
        pytest.param({"type": "2", "answer": RECEIPT.format("UNDELIV", "011")},
                     report("failed", "not_delivered", "stat:UNDELIV err:011"), id="undelivered"),
        pytest.param({"type": "2", "answer": RECEIPT.format("EXPIRED", "000")},
                     report("failed", "expired", "stat:EXPIRED err:000"), id="expired"),
        pytest.param({"type": "2", "answer": RECEIPT.format("REJECTD", "099")},
                     report("failed", "refused", "stat:REJECTD err:099"), id="rejected"),
        pytest.param({"type": "16", "answer": "NACK/0x0000000b/Invalid Destination Address"},
                     report("failed", "bad_number", "NACK 0xb"), id="the centre knows no such number"),
        pytest.param({"type": "16", "answer": "NACK/11/Invalid Destination Address"},
                     report("failed", "bad_number", "NACK 0xb"), id="the same in decimals"),
        pytest.param({"type": "16", "answer": "NACK/0x00000008/System Error"},
                     report("failed", "refused", "NACK 0x8"), id="refused by the centre"),
        pytest.param({"type": "16"}, report("failed", "refused"), id="refused without a word"),
        pytest.param({"type": "4"}, report("sent"), id="waits for the phone"),
        pytest.param({"type": "8", "answer": "ACK/"}, report("sent"), id="at the centre"),
        pytest.param({"type": "9"}, report("delivered"), id="both at once"),
        pytest.param({"type": "18"}, report("failed", "not_delivered"), id="failed in both ways"),
        pytest.param({"type": "1", "at": ""}, report("delivered", at=None), id="without a time"),
        pytest.param({"type": "1", "at": "now"}, report("delivered", at=None), id="a time that is none"),
        pytest.param({"type": "1", "id": ""}, [], id="of no message"),
        pytest.param({"type": "32"}, [], id="a type that nobody knows"),
        pytest.param({"type": "0"}, [], id="no type"),
        pytest.param({"type": "%d"}, [], id="not filled in"),
        pytest.param({}, [], id="nothing"),
    ],
)  # fmt: skip
def test_what_a_delivery_report_says(fields, reports):
    whole = {"id": "17.k3", "at": "1780000000"} | fields
    assert reports_in(whole) == reports
    assert reports_in(dict(whole)) == reports  # a report that comes twice says the same


ANSWERS = st.text() | st.from_regex(r"NACK/(0x)?[0-9a-f]{0,12}/.*") | st.from_regex(r"stat:\w+ err:\w+")


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(["id", "type", "answer", "at"]) | st.text(), st.text() | st.integers().map(str)),
    ANSWERS,
)
def test_no_callback_can_upset_it(fields, answer):
    assert all(isinstance(one, Report) for one in reports_in(fields))
    for kind in ("1", "2", "16"):
        assert len(reports_in(fields | {"id": "17.k3", "type": kind, "answer": answer})) == 1


def test_how_its_callback_is_read():
    assert (kannel.CALLBACK.methods, kannel.CALLBACK.read) == (("GET",), "query")
    assert kannel.CALLBACK.reports({"id": "17.k3", "type": "1"}) == report("delivered", at=None)
