"""Sveve: what it is sent, what its sentences mean, its delivery reports."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.base import Report
from notifycli.channels.sveve import CALLBACK, reports_in
from tests.support.gateways import MESSAGE, NUMBER, PASSWORD, Says, messages, outcome_at, outcomes_at


def test_what_it_is_sent():
    outcomes, server = outcomes_at("sveve")
    assert outcomes[0].reference == "42824101"
    assert (server.seen[0].method, server.seen[0].path, server.seen[0].query) == ("POST", "/SMS/SendMessage", {})
    assert server.seen[0].json == {
        "user": "nidelv",
        "passwd": PASSWORD,
        "to": NUMBER.removeprefix("+"),
        "msg": MESSAGE.text,
        "from": "Nidelv",
        "f": "json",
        "ref": "17.k3",
    }


def test_each_clinic_has_its_own_sender():
    _, server = outcomes_at("sveve", send=messages(1, sender="Fjorden") + messages(1, sender="+4790000001"))
    assert [seen.json["from"] for seen in server.seen] == ["Fjorden", "4790000001"]


def test_letters_arrive_as_they_are():
    _, server = outcomes_at("sveve", send=messages(1, text="Røros – å være 😀"))
    assert server.seen[0].json["msg"] == "Røros – å være 😀"


def test_a_reference_that_sveve_would_cut_is_left_out():
    _, server = outcomes_at("sveve", send=[replace(MESSAGE, message_id=f"<{'7' * 37}@nidelv.example>")])
    assert "ref" not in server.seen[0].json


def refused(words: str) -> Says:
    return Says(200, {"response": {"msgOkCount": 0, "stdSMSCount": 0, "errors": [{"number": "x", "message": words}]}})


def fatal(words: str) -> Says:
    return Says(200, {"response": {"fatalError": words}})


@pytest.mark.parametrize(
    ("says", "kind", "reason", "is_gone", "wait"),
    [
        pytest.param(fatal("Feil brukernavn/passord"), "temporary", None, False, 600, id="login"),
        pytest.param(fatal("Wrong username/password"), "temporary", None, False, 600, id="login, in English"),
        pytest.param(fatal("Ugyldig avsender"), "temporary", None, False, 600, id="sender"),
        pytest.param(fatal("Ikke flere SMS-enheter"), "temporary", None, False, 600, id="no money"),
        pytest.param(refused("Telefonnummeret er ikke et mobilnummer"), "permanent", "bad_number", False, None,
                     id="no mobile number"),
        pytest.param(refused("Invalid number"), "permanent", "bad_number", False, None, id="invalid"),
        pytest.param(refused("Nummeret er ikke i bruk"), "permanent", "number_not_in_use", True, None, id="not in use"),
        pytest.param(refused("Nummeret er reservert"), "permanent", "blocked", False, None, id="reserved"),
        pytest.param(refused("Av ukjent grunn"), "permanent", "refused", False, None, id="a sentence nobody knows"),
        pytest.param(Says(200, {"response": {"msgOkCount": 0}}), "uncertain", None, False, None, id="nothing said"),
        pytest.param(Says(200, {"response": None}), "uncertain", None, False, None, id="no response"),
        pytest.param(Says(200, [1]), "uncertain", None, False, None, id="another shape"),
        pytest.param(Says(200, {"response": {"msgOkCount": 1}}), "sent", None, False, None, id="sent without an id"),
        pytest.param(Says(429), "temporary", None, False, 60, id="more than five at once"),
    ],
)  # fmt: skip
def test_what_an_answer_means(says, kind, reason, is_gone, wait):
    outcome = outcome_at("sveve", says)
    assert (outcome.kind, outcome.reason, outcome.is_gone, outcome.wait) == (kind, reason, is_gone, wait)
    assert outcome.reference is None


def report(state, reason=None, detail="", is_gone=False, ours="17.k3", reference="42824112"):
    return [Report("sms", state, ours, reference, reason=reason, detail=detail, is_gone=is_gone)]


USUAL = {"number": "4790000017", "id": "42824112", "ref": "17.k3", "errorCode": "", "errorDesc": ""}


@pytest.mark.parametrize(
    ("differing", "reports"),
    [
        pytest.param({"status": "true"}, report("delivered"), id="delivered"),
        pytest.param({"status": "true", "ref": ""}, report("delivered", ours=None), id="without our reference"),
        pytest.param({"status": "true", "id": ""}, report("delivered", reference=None), id="without an id"),
        pytest.param({"status": "true", "id": "", "ref": ""}, [], id="of no message"),
        pytest.param({"status": "false", "errorCode": "5", "errorDesc": "Unknown"},
                     report("failed", "not_delivered", "5: Unknown"), id="failed"),
        pytest.param({"status": "false", "errorCode": "1", "errorDesc": "4790000017 is not in use"},
                     report("failed", "number_not_in_use", "1: <number> is not in use", True), id="not in use"),
        pytest.param({"status": "false"}, report("failed", "not_delivered"), id="failed without a word"),
        pytest.param({"msg": "Hei"}, [], id="an SMS that came in"),
        pytest.param({"status": "perhaps"}, [], id="a status that nobody knows"),
    ],
)  # fmt: skip
def test_what_a_delivery_report_says(differing, reports):
    fields = USUAL | differing
    assert reports_in(fields) == reports
    assert reports_in(dict(fields)) == reports  # a report that comes twice says the same


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*USUAL, "status", "msg"]) | st.text(), st.text() | st.just("false")))
def test_no_callback_can_upset_it(fields):
    assert all(isinstance(one, Report) for one in reports_in(fields))


def test_how_its_callback_is_read():
    assert (CALLBACK.methods, CALLBACK.read) == (("GET", "POST"), "form")
    assert CALLBACK.reports(USUAL | {"status": "true"}) == report("delivered")
