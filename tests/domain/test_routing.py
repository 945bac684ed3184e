"""SPEC section 5, each row of its table, and what must hold for every patient."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.routing import channels_for, fallback_for

methods = st.sampled_from([None, "email", "sms", "both"])
possibilities = st.sets(st.sampled_from(["email", "sms", "push"]))


@pytest.mark.parametrize(
    ("preferred", "possible", "channels"),
    [
        pytest.param("email", {"email", "sms", "push"}, ("email",), id="e-mail chosen"),
        pytest.param("email", {"sms"}, ("sms",), id="e-mail chosen, none there"),
        pytest.param("sms", {"email", "sms", "push"}, ("sms",), id="sms chosen"),
        pytest.param("sms", {"email"}, ("email",), id="sms chosen, no mobile"),
        pytest.param("both", {"email", "sms", "push"}, ("email", "sms"), id="both"),
        pytest.param("both", {"sms"}, ("sms",), id="both, as far as possible"),
        pytest.param(None, {"email", "sms"}, ("email",), id="none chosen"),
        pytest.param(None, {"sms"}, ("sms",), id="none chosen, only a mobile"),
        pytest.param(None, {"email", "sms", "push"}, ("email", "push"), id="none chosen, with the app"),
        pytest.param(None, {"sms", "push"}, ("sms", "push"), id="none chosen, mobile and app"),
        pytest.param(None, {"push"}, (), id="push never goes alone"),
        pytest.param("both", set(), (), id="nothing possible"),
    ],
)
def test_a_notice_goes_where_the_patient_chose(preferred, possible, channels):
    assert channels_for(preferred, possible) == channels


@given(methods, possibilities)
def test_every_channel_is_possible_and_somebody_reachable_is_reached(preferred, possible):
    channels = channels_for(preferred, possible)
    assert set(channels) <= possible
    assert bool(channels) == bool(possible & {"email", "sms"})
    assert channels != ("push",)


@pytest.mark.parametrize(
    ("failed", "tried", "possible", "expected"),
    [
        pytest.param("email", {"email"}, {"email", "sms"}, "sms", id="a bounced e-mail goes by sms"),
        pytest.param("sms", {"sms"}, {"email", "sms"}, "email", id="a dead number goes by e-mail"),
        pytest.param("email", {"email", "sms"}, {"email", "sms"}, None, id="both were tried"),
        pytest.param("email", {"email"}, {"email"}, None, id="nowhere to go"),
        pytest.param("push", {"email", "push"}, {"email", "sms", "push"}, None, id="push goes besides"),
    ],
)
def test_what_fails_for_good_falls_back_once(failed, tried, possible, expected):
    assert fallback_for(failed, tried, possible) == expected
