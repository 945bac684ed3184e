"""LINK Mobility: what it is sent, what its result codes mean, its delivery reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.base import Report
from notifycli.channels.link import CALLBACK, reports_in
from tests.support.gateways import MESSAGE, NUMBER, Says, messages, outcome_at, outcomes_at


def test_what_it_is_sent():
    outcomes, server = outcomes_at("link")
    assert outcomes[0].reference == "Dcshuhod0PMAAAFQ+/PbnR1"
    assert outcomes[0].detail == "200 1005 Queued"
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/sms/send")
    assert server.seen[0].json == {
        "source": "Nidelv",
        "sourceTON": "ALPHANUMERIC",
        "destination": NUMBER,
        "destinationTON": "MSISDN",
        "dcs": "TEXT",
        "userData": MESSAGE.text,
        "platformId": "COMMON_API",
        "platformPartnerId": "30978",
        "refId": "17.k3",
        "ignoreResponse": False,
        "useDeliveryReport": False,
    }


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        pytest.param("Nidelv", "ALPHANUMERIC", id="name"),
        pytest.param("+4790000001", "MSISDN", id="number"),
        pytest.param("2065", "SHORTNUMBER", id="short number"),
        pytest.param("1 Legehus", "ALPHANUMERIC", id="name with a digit"),
    ],
)
def test_a_sender_is_given_its_type(sender, kind):
    _, server = outcomes_at("link", send=messages(1, sender=sender))
    assert (server.seen[0].json["source"], server.seen[0].json["sourceTON"]) == (sender, kind)


def test_reports_are_asked_for_where_a_gate_is_known():
    outcomes, server = outcomes_at("link", gates=("kSKE3lpH",))
    assert outcomes[0].kind == "sent"
    assert server.seen[0].json["useDeliveryReport"] is True
    assert server.seen[0].json["deliveryReportGates"] == ["kSKE3lpH"]


NOTHING = (None, False, None)
MEND = (None, False, 600)


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason", "is_gone", "wait"),
    [
        pytest.param(200, 1005, "sent", *NOTHING, id="queued"),
        pytest.param(200, 1000, "sent", *NOTHING, id="sent to the operator"),
        pytest.param(200, "1005", "sent", *NOTHING, id="a code as text"),
        pytest.param(200, 77, "uncertain", *NOTHING, id="a code that nobody knows"),
        pytest.param(200, 4, "uncertain", *NOTHING, id="time-out at the operator: unknown delivery"),
        pytest.param(200, 0, "temporary", *NOTHING, id="unknown error: not delivered"),
        pytest.param(200, 1, "temporary", *NOTHING, id="temporary routing error"),
        pytest.param(200, 2, "permanent", "refused", False, None, id="permanent routing error"),
        pytest.param(200, 3, "temporary", None, False, 60, id="throttled"),
        pytest.param(200, 105, "temporary", *NOTHING, id="internal error"),
        pytest.param(200, 2104, "permanent", "number_not_in_use", True, None, id="unknown subscriber"),
        pytest.param(400, 2106, "permanent", "bad_number", False, None, id="number error"),
        pytest.param(400, 2105, "permanent", "blocked", False, None, id="barred for good"),
        pytest.param(400, 2107, "temporary", *NOTHING, id="barred for a time"),
        pytest.param(400, 2000, "temporary", *MEND, id="invalid source"),
        pytest.param(400, 4001, "permanent", "refused", False, None, id="invalid content"),
        pytest.param(400, 1005, "temporary", *NOTHING, id="a yes that the status contradicts"),
        pytest.param(400, 106000, "temporary", *NOTHING, id="unknown error of the request"),
        pytest.param(401, 106100, "temporary", *MEND, id="invalid authentication"),
        pytest.param(401, 106000, "temporary", *MEND, id="401, whatever it says"),
        pytest.param(403, 106101, "temporary", *MEND, id="access denied"),
        pytest.param(403, 106200, "temporary", *MEND, id="platform"),
        pytest.param(400, 106201, "temporary", *MEND, id="platform partner"),
        pytest.param(400, 106300, "temporary", *MEND, id="no gates"),
        pytest.param(400, 106301, "temporary", *MEND, id="no such gate"),
        pytest.param(500, 2106, "uncertain", *NOTHING, id="5xx: it may be on its way"),
    ],
)
def test_what_an_answer_means(status, code, kind, reason, is_gone, wait):
    outcome = outcome_at("link", Says(status, {"messageId": "Dcs", "resultCode": code, "description": "words"}))
    assert (outcome.kind, outcome.reason, outcome.is_gone, outcome.wait) == (kind, reason, is_gone, wait)


def test_a_wrong_platform_says_what_to_look_at():
    assert outcome_at("link", platform_id="0").detail == (
        "400 106200 Invalid or missing platformId.; look at sms.platform_id and sms.platform_partner_id"
    )


def test_taken_without_a_body():
    outcome = outcome_at("link", Says(204))
    assert (outcome.kind, outcome.reference) == ("sent", None)


def report(state, reason=None, is_gone=False, at=1_511_870_400, code=1001, reference="Dcs", ours="17.k3"):
    return [Report("sms", state, ours, reference, at, reason, f"{code} DELIVRD", is_gone)]


USUAL = {
    "refId": "17.k3",
    "id": "Dcs",
    "operator": "no.telenor",
    "sentTimestamp": "2017-11-28T11:59:00Z",
    "timestamp": "2017-11-28T12:00:00Z",
    "resultCode": 1001,
    "operatorResultCode": "DELIVRD",
    "segments": 1,
    "gateCustomParameters": {},
    "customParameters": {},
}


@pytest.mark.parametrize(
    ("differing", "reports"),
    [
        pytest.param({}, report("delivered"), id="delivered"),
        pytest.param({"resultCode": "1001"}, report("delivered"), id="a code as text"),
        pytest.param({"refId": None}, report("delivered", ours=None), id="without our reference"),
        pytest.param({"refId": None, "id": None}, [], id="of no message"),
        pytest.param({"timestamp": "yesterday"}, report("delivered", at=None), id="without a time"),
        pytest.param({"timestamp": "2017-11-28T12:00:00"}, report("delivered", at=None), id="a time of no zone"),
        pytest.param({"timestamp": "2017-11-28T13:00:00+01:00"}, report("delivered"), id="another zone"),
        pytest.param({"resultCode": 1000}, report("sent", code=1000), id="sent to the operator"),
        pytest.param({"resultCode": 1010}, report("sent", code=1010), id="unknown delivery: taken, and no more"),
        pytest.param({"resultCode": 1002}, report("failed", "expired", code=1002), id="expired"),
        pytest.param({"resultCode": 1006}, report("failed", "not_delivered", code=1006), id="not delivered"),
        pytest.param({"resultCode": 1}, report("failed", "not_delivered", code=1), id="routing error, which is final"),
        pytest.param({"resultCode": 2000}, report("failed", "not_delivered", code=2000), id="our sender"),
        pytest.param({"resultCode": 2103}, report("failed", "refused", code=2103), id="operation blocked"),
        pytest.param({"resultCode": 2104}, report("failed", "number_not_in_use", True, code=2104), id="unknown"),
        pytest.param({"resultCode": 2105}, report("failed", "blocked", code=2105), id="barred"),
        pytest.param({"resultCode": 2106}, report("failed", "bad_number", code=2106), id="number error"),
        pytest.param({"resultCode": 77}, [], id="a code that nobody knows"),
        pytest.param({"resultCode": None}, [], id="no code"),
        pytest.param({"id": "Dcs$0", "segments": 2}, report("sent"), id="first of two parts"),
        pytest.param({"id": "Dcs$1", "segments": 2}, report("delivered"), id="last of two parts"),
        pytest.param({"id": "Dcs$0", "segments": 2, "resultCode": 1006},
                     report("failed", "not_delivered", code=1006), id="a part that failed"),
    ],
)  # fmt: skip
def test_what_a_delivery_report_says(differing, reports):
    said = USUAL | differing
    assert reports_in(said) == reports
    assert reports_in([said, said]) == reports + reports  # that come twice say the same


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*USUAL]) | st.text(), inner, max_size=12)
    ),
)


@pytest.mark.slow
@given(ANY_JSON)
def test_no_callback_can_upset_it(said):
    assert all(isinstance(one, Report) for one in reports_in(said))


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*USUAL]), ANY_JSON | st.sampled_from([1001, 2104, "Dcs$1", "9999-12-31"])))
def test_no_report_can_upset_it(said):
    assert all(isinstance(one, Report) for one in reports_in(said))


def test_how_its_callback_is_read():
    assert (CALLBACK.methods, CALLBACK.read) == (("POST",), "json")
    assert CALLBACK.reports(USUAL) == report("delivered")
