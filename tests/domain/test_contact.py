"""SPEC section 3: a phone number becomes E.164, a landline cannot get SMS, what is invalid counts as none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.contact import can_get_sms, email_address, phone_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("91000001", "+4791000001", id="as it is dialled"),
        pytest.param("910 00 001", "+4791000001", id="with spaces"),
        pytest.param("910\u00a000\u00a0001", "+4791000001", id="with spaces that do not break"),
        pytest.param("+47 910 00 001", "+4791000001", id="with the country"),
        pytest.param("0047 91000001", "+4791000001", id="with 00"),
        pytest.param("4791000001", "+4791000001", id="with the country, no plus"),
        pytest.param("+46 70 123 45 67", "+46701234567", id="a Swedish one"),
        pytest.param("22 22 55 55", "+4722225555", id="a landline is a number too"),
        pytest.param("9100000", None, id="a digit short"),
        pytest.param("ring kona", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_phone_number_becomes_e164(text, number):
    assert phone_number(text) == number


def test_a_number_is_read_as_one_of_the_clinics_country():
    assert phone_number("070-123 45 67", "SE") == "+46701234567"


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+4791000001", True), ("+4741000001", True), ("+4722225555", False), ("+46701234567", True)],
)
def test_a_landline_gets_no_sms(number, expected):
    assert can_get_sms(number) is expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("kari@post.example", "kari@post.example", id="plain"),
        pytest.param(" Kari.Nord@POST.example ", "Kari.Nord@post.example", id="only the domain has no case"),
        pytest.param("åse@post.example", "åse@post.example", id="needs SMTPUTF8"),
        pytest.param("kari@post", None, id="no full domain"),
        pytest.param("kari@@post.example", None, id="two at signs"),
        pytest.param("kari@post.example, ola@post.example", None, id="two addresses"),
        pytest.param("kari@post.example\r\nBcc: ola@post.example", None, id="a header smuggled in"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_address_is_one_that_mail_can_go_to(text, address):
    assert email_address(text) == address


@given(st.text())
def test_any_text_is_a_number_or_none_and_a_number_stays_itself(text):
    number = phone_number(text)
    assert number is None or phone_number(number) == number
    assert number is None or can_get_sms(number) in (True, False)


@pytest.mark.slow
@given(st.one_of(st.text(), st.emails()))
def test_any_text_is_an_address_or_none_and_an_address_stays_itself(text):
    address = email_address(text)
    assert address is None or email_address(address) == address
