"""Bounces in the many forms that servers write: these are in bounce_forms and bounce_words, the answers in refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.bounces import reports_in
from tests.channels.test_bounces import check
from tests.support.bounce_forms import BUILT, FIELDS, OURS, RETURNED, Fate, Form, answered
from tests.support.bounce_words import IN_WORDS, NO_BOUNCES
from tests.support.refusals import ROWS

ANSWERS = [
    Form(name, answered(code, enhanced, text), ("failed", reason, is_gone))
    for name, code, enhanced, text, is_gone, reason in ROWS
]
FORMS = [*BUILT, *RETURNED, *FIELDS, *ANSWERS, *IN_WORDS, *NO_BOUNCES]


def fate_of(form: Form) -> Fate:
    reports = reports_in(form.octets)
    if not reports:
        return None
    (report,) = reports
    assert (report.channel, report.ours) == ("email", OURS)
    return report.state, report.reason, report.is_gone


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in FORMS])
def test_a_form(form):
    assert fate_of(form) == form.fate


def test_how_many_forms_are_read_and_that_none_is_wrongly_gone():
    """The figures that we answer for: what tells a fate for certain is read, and nothing else is."""
    certain = {form.name for form in FORMS if form.fate}
    gone = {form.name for form in FORMS if form.fate and form.fate[2]}
    fates = {form.name: fate_of(form) for form in FORMS}
    read = {name for name, fate in fates.items() if fate}
    said_gone = {name for name, fate in fates.items() if fate and fate[2]}
    assert (len(FORMS), len(certain), len(gone)) == (340, 279, 164)
    assert (len(read & certain), len(read - certain)) == (279, 0)
    assert (len(said_gone & gone), len(said_gone - gone)) == (164, 0)


def test_no_two_forms_are_called_the_same():
    assert len({form.name for form in FORMS}) == len(FORMS)


@pytest.mark.slow
@given(st.data())
def test_a_form_with_bytes_put_in_and_taken_out(data):
    octets = data.draw(st.sampled_from(FORMS)).octets
    begin = data.draw(st.integers(0, len(octets)))
    taken_out = data.draw(st.integers(0, 200))
    put_in = data.draw(st.binary(max_size=50) | st.sampled_from([b"\n\n", b"@", b"<", b"\r", b"Action: failed\n"]))
    check(reports_in(octets[:begin] + put_in + octets[begin + taken_out :]))
