"""What always holds of FCM's answers, whatever they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.fcm_answers import outcome_of_answer, outcome_without_token, token_in, wants_another_token

WORDS = st.one_of(
    st.sampled_from(["UNREGISTERED", "INVALID_ARGUMENT", "INTERNAL", "registration token", "message.token"]),
    st.text(max_size=20),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "details", "errorCode", "fieldViolations", "field", "message", "name"]), inner
        )
    ),
    max_leaves=12,
)
ERRORS = st.fixed_dictionaries({"error": st.fixed_dictionaries({}, optional={"details": VALUES, "message": VALUES})})
LIFETIMES = st.integers() | st.floats() | st.sampled_from([10**400, True, None, "3599", [3599]])
TOKENS = st.fixed_dictionaries({"access_token": WORDS}, optional={"expires_in": LIFETIMES})
BODIES = st.binary(max_size=60) | (VALUES | ERRORS | TOKENS).map(lambda value: json.dumps(value).encode())
STATUSES = st.integers() | st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503])
WAITS = st.none() | st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["²", "٣", " 5 ", "1e9"])


@pytest.mark.slow
@given(STATUSES, BODIES, WAITS)
def test_any_answer_has_an_outcome(status, body, retry_after):
    outcome = outcome_of_answer(status, body, retry_after)
    assert (outcome.kind == "permanent") == (outcome.reason is not None)
    assert outcome.kind != "sent" or (200 <= status < 300 and outcome.reference)
    assert outcome.kind == "permanent" or not outcome.is_gone
    assert outcome.wait is None or 0 <= outcome.wait <= 3600
    assert outcome.kind != "permanent" or not wants_another_token(status, body)


@pytest.mark.slow
@given(STATUSES, BODIES, WAITS)
def test_without_a_token_any_answer_is_temporary(status, body, retry_after):
    outcome = outcome_without_token(status, body, retry_after)
    assert outcome.kind == "temporary"
    assert outcome.wait is not None
    assert 0 <= outcome.wait <= 3600


@pytest.mark.slow
@given(BODIES | TOKENS.map(lambda value: json.dumps(value).encode()))
def test_a_token_fits_in_a_header(body):
    found = token_in(body)
    assert found is None or (found[0].isascii() and found[0].isprintable() and " " not in found[0])
    assert found is None or 0 <= found[1] <= 3600


@given(st.text("abcXYZ:_-0123456789", min_size=20), STATUSES)
def test_no_detail_repeats_what_was_said(secret, status):
    error = {"message": secret, "status": secret, "details": [{"errorCode": secret, "fieldViolations": [secret]}]}
    for body in ({"error": error}, {"error": secret, "error_description": secret}, {"name": secret}):
        told = json.dumps(body).encode()
        assert secret not in outcome_of_answer(status, told, secret).detail
        assert secret not in outcome_without_token(status, told, secret).detail


def test_a_body_that_is_nested_too_deep_says_nothing():
    assert outcome_of_answer(400, b"[" * 1_000_000, None).kind == "temporary"
