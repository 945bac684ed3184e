"""SPEC section 6: what a message says by default, in every language and on every channel, as plain text and as HTML."""

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from html import escape
from itertools import product
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli import wording
from notifycli.wording import LANGUAGES, language_for
from tests.support.facts import oslo
from tests.support.messages import (
    APPOINTMENTS,
    BY,
    CHANNELS,
    EVENTS,
    PHONE,
    PORTAL,
    POST,
    Read,
    every_event_and_language,
    said,
    sms,
)

FULL_DATE = {"nb": "torsdag 11. juni 2026 kl. 10.00", "nn": "torsdag 11. juni 2026 kl. 10.00"}
FULL_DATE["en"] = "Thursday 11 June 2026 at 10:00"
SHORT_DATE = {language: date.replace(" 2026", "") for language, date in FULL_DATE.items()}
TAGS = {"html", "head", "meta", "title", "body", "div", "p", "br", "strong", "a", "span"}
HOUSE = Path(wording.__file__).parent

every_appointment = pytest.mark.parametrize(("event", "language", "by"), list(product(APPOINTMENTS, LANGUAGES, BY)))


@pytest.mark.parametrize(
    ("language", "event", "facts", "subject", "text"),
    [
        pytest.param(
            "nb",
            "confirmation",
            {"by": "clinic", "phone": PHONE},
            "Bekreftelse på time hos Nidelv legesenter",
            "Hei!\n\nNidelv legesenter har satt opp en time til deg.\n\n"
            "Tid: torsdag 11. juni 2026 kl. 10.00\nSted: Storgata 1\n\n"
            "Logg inn med BankID, Buypass ID eller mobil for å se timen:\nhttps://nidelv.example/portal\n\n"
            "Kan du ikke komme, ber vi deg ringe oss på 73 00 00 00.\n\n"
            "Vennlig hilsen\nNidelv legesenter\n\n"
            "E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.\n",
            id="nb confirmation",
        ),
        pytest.param(
            "nb",
            "change",
            {"location": "", "portal_url": ""},
            "Timen din hos Nidelv legesenter er endret",
            "Hei!\n\nTimen din hos Nidelv legesenter er endret. Dette gjelder nå:\n\n"
            "Tid: torsdag 11. juni 2026 kl. 10.00\n\n"
            "Logg inn i pasientportalen med BankID, Buypass ID eller mobil for å se timen.\n\n"
            "Vennlig hilsen\nNidelv legesenter\n\n"
            "E-posten er sendt automatisk. Ikke send helseopplysninger på e-post.\n",
            id="nb change, without place, address and phone",
        ),
        pytest.param(
            "nn",
            "cancellation",
            {"by": "patient", "phone": PHONE},
            "Timen din hos Nidelv legesenter er avbestilt",
            "Hei!\n\nDu har avbestilt denne timen hos Nidelv legesenter:\n\n"
            "Tid: torsdag 11. juni 2026 kl. 10.00\nStad: Storgata 1\n\n"
            "Logg inn med BankID, Buypass ID eller mobil for å sjå timane dine:\nhttps://nidelv.example/portal\n\n"
            "Treng du ein ny time, kan du ringe oss på 73 00 00 00.\n\n"
            "Vennleg helsing\nNidelv legesenter\n\n"
            "E-posten er send automatisk. Ikkje send helseopplysningar på e-post.\n",
            id="nn cancellation",
        ),
        pytest.param(
            "en",
            "receipt",
            {},
            "Receipt from Nidelv legesenter",
            "Hello,\n\nYou have a receipt from Nidelv legesenter.\n\n"
            "Log in with BankID, Buypass ID or your mobile to see it:\nhttps://nidelv.example/portal\n\n"
            "Kind regards\nNidelv legesenter\n\n"
            "This email was sent automatically.\nPlease do not send health information by email.\n",
            id="en receipt",
        ),
    ],
)
def test_an_email(language, event, facts, subject, text):
    message = said(event, "email", language, **facts)
    assert (message.subject, message.text) == (subject, text)


TOLD_BEFORE = {"was_starts_at": oslo("2026-06-10 09:00"), "was_location": "Gamlegata 2"}
MOVED_FROM = {
    "nb": "er flyttet fra onsdag 10. juni 2026 kl. 09.00. Dette gjelder nå:",
    "nn": "er flytta frå onsdag 10. juni 2026 kl. 09.00. Dette gjeld no:",
    "en": "has been moved from Wednesday 10 June 2026 at 09:00. It is now:",
}
EARLIER_PLACE = {"nb": "Tidligere sted", "nn": "Tidlegare stad", "en": "Previous place"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_says_from_when_to_when(language):
    text = said("change", "email", language, **TOLD_BEFORE).text
    assert MOVED_FROM[language] in text
    assert FULL_DATE[language] in text
    assert f"Storgata 1\n{EARLIER_PLACE[language]}: Gamlegata 2\n" in text
    short = sms("change", language, **TOLD_BEFORE)
    assert MOVED_FROM[language].partition(".")[0][:9] in short
    assert SHORT_DATE[language] in short.partition("\n")[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            TOLD_BEFORE | {"was_location": "Storgata 1"},
            ("er flyttet fra onsdag", "Sted: Storgata 1\n\nLogg"),
            id="the time alone",
        ),
        pytest.param(
            {"was_starts_at": oslo("2026-06-11 10:00"), "was_location": "Gamlegata 2"},
            ("legesenter er endret. Dette gjelder nå:", "Tidligere sted: Gamlegata 2"),
            id="the place alone",
        ),
        pytest.param({}, ("legesenter er endret. Dette gjelder nå:", "Sted: Storgata 1\n\nLogg"), id="not known"),
    ],
)
def test_a_change_tells_of_differences_alone(facts, expected):
    text = said("change", "email", **facts).text
    assert [part for part in expected if part not in text] == []


@pytest.mark.parametrize(
    ("event", "language", "expected"),
    [
        *((event, "nb", "Du har fått en melding om en time. Logg inn for å lese den.") for event in APPOINTMENTS),
        ("reminder", "nn", "Du har fått ei melding om ein time. Logg inn for å lese meldinga."),
        ("reminder", "en", "You have a message about an appointment. Log in to read it."),
        ("dialog", "nb", "Du har fått en ny melding. Logg inn for å lese den."),
        ("reply", "nn", "Du har fått svar. Logg inn for å lese svaret."),
        ("receipt", "en", "You have a receipt. Log in to see it."),
    ],
)
def test_a_push_has_fixed_words_under_the_clinics_name(event, language, expected):
    assert said(event, "push", language) == ("Nidelv legesenter", expected, None)


def test_a_push_of_a_clinic_without_a_name_has_a_title():
    assert said("reminder", "push", "en", clinic="").subject == "The clinic"


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.sampled_from(BY), st.sampled_from(EVENTS), st.sampled_from(LANGUAGES))
def test_a_push_tells_no_time_place_or_address(location, url, phone, by, event, language):
    usual = said(event, "push", language)
    assert said(event, "push", language, location=location, portal_url=url, phone=phone, by=by) == usual


@every_appointment
def test_an_appointments_message_gives_clinic_date_place_and_address(event, language, by):
    email, short = said(event, "email", language, by=by), sms(event, language, by=by)
    for told in ("Nidelv legesenter", FULL_DATE[language], "Storgata 1", PORTAL):
        assert told in email.text
    for told in ("Nidelv legesenter", SHORT_DATE[language], "Storgata 1", PORTAL):
        assert told in short


@every_event_and_language
def test_only_confirmation_and_cancellation_tell_who_did_it(event, language):
    for channel in ("email", "sms"):
        different = {said(event, channel, language, by=by).text for by in BY}
        assert len(different) == (3 if event in ("confirmation", "cancellation") else 1)


@pytest.mark.parametrize(("event", "language", "channel"), list(product(POST, LANGUAGES, CHANNELS)))
def test_post_says_that_something_waits_and_nothing_else(event, language, channel):
    more = {"starts_at": 1_781_164_800, "location": "Storgata 1", "by": "clinic", "phone": PHONE}
    assert said(event, channel, language, **more) == said(event, channel, language)


@pytest.mark.parametrize(("event", "language"), list(product(POST, LANGUAGES)))
def test_post_gives_the_address(event, language):
    assert PORTAL in said(event, "email", language).text
    assert PORTAL in sms(event, language)


@every_event_and_language
def test_no_text_has_a_hole_where_something_is_not_known(event, language):
    for channel in CHANNELS:
        message = said(event, channel, language, clinic="", portal_url="", location="", phone="")
        shown = f"{message.subject}\n{message.text}"
        assert not re.search(r"  | [.,:]|\n{3}|:\n\n(?!Tid|When)|\bNone\b|[{}]", shown), shown


def test_an_appointments_message_without_a_time_is_an_error():
    with pytest.raises(ValueError, match="a reminder needs starts_at"):
        said("reminder", "sms", starts_at=None)


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        pytest.param(("nn",), "nn", id="a language"),
        pytest.param(("EN-gb",), "en", id="with a country"),
        pytest.param(("no",), "nb", id="Norwegian as such"),
        pytest.param(("", "nn"), "nn", id="the clinic's where the patient has none"),
        pytest.param(("pl", "en"), "en", id="the clinic's where the patient's is not written"),
        pytest.param(("pl",), "nb", id="none that is written"),
    ],
)
def test_which_language_a_message_is_written_in(wished, expected):
    assert language_for(*wished) == expected


def test_a_language_that_is_not_written_loses_no_message():
    assert said("dialog", "sms", "se") == said("dialog", "sms", "nb")


@pytest.mark.parametrize(
    ("language", "instant", "zone", "expected"),
    [
        pytest.param("nb", "2026-06-11T08:00", "Europe/Oslo", "torsdag 11. juni 2026 kl. 10.00", id="nb summer time"),
        pytest.param("nb", "2026-01-03T08:05", "Europe/Oslo", "lørdag 3. januar 2026 kl. 09.05", id="nb winter time"),
        pytest.param("nn", "2026-03-09T08:00", "Europe/Oslo", "måndag 9. mars 2026 kl. 09.00", id="nn Monday"),
        pytest.param("nn", "2026-12-01T08:00", "Europe/Oslo", "tysdag 1. desember 2026 kl. 09.00", id="nn Tuesday"),
        pytest.param("nn", "2026-06-13T08:00", "Europe/Oslo", "laurdag 13. juni 2026 kl. 10.00", id="nn Saturday"),
        pytest.param("nn", "2026-10-25T08:00", "Europe/Oslo", "søndag 25. oktober 2026 kl. 09.00", id="nn Sunday"),
        pytest.param("en", "2026-06-11T22:30", "Europe/Oslo", "Friday 12 June 2026 at 00:30", id="en past midnight"),
        pytest.param("en", "2026-06-11T22:30", "Atlantic/Reykjavik", "Thursday 11 June 2026 at 22:30", id="other zone"),
    ],
)
def test_a_date_as_one_writes_it(language, instant, zone, expected):
    at = int(datetime.fromisoformat(instant).replace(tzinfo=UTC).timestamp())
    assert expected in said("reminder", "email", language, starts_at=at, zone=ZoneInfo(zone)).text


@settings(deadline=None)  # the first date imports pendulum
@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from(["Europe/Oslo", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
    st.sampled_from(LANGUAGES),
)
def test_dates_are_those_of_pendulum(instant, zone, language):
    form = "dddd D MMMM YYYY [at] HH:mm" if language == "en" else "dddd D. MMMM YYYY [kl.] HH.mm"
    expected = pendulum.from_timestamp(instant, zone).format(form, locale=language)
    assert expected in said("reminder", "email", language, starts_at=instant, zone=ZoneInfo(zone)).text


@every_event_and_language
def test_the_html_shows_what_the_plain_text_says(event, language):
    message = said(event, "email", language, by="clinic", phone=PHONE)
    page = Read(message.html)
    assert page.shown.split() == message.text.split()
    assert page.title == message.subject


@every_event_and_language
def test_the_html_is_plain_accessible_and_follows_nobody(event, language):
    html = said(event, "email", language).html
    page = Read(html)
    assert page.attributes_of("html") == [{"lang": language}]
    assert page.attributes_of("div")[0]["lang"] == language
    assert page.attributes_of("a") == [{"href": PORTAL}]
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {"name": "color-scheme", "content": "light dark"} in page.attributes_of("meta")
    assert not re.search(r"(?<!-)color:|background", html)


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        pytest.param("73 00 00 00", "73000000", id="spaces"),
        pytest.param("+47 73-00-00.00", "+4773000000", id="with its country"),
        pytest.param("+47 (0)73 00 00 00", "+4773000000", id="a 0 for callers within the country"),
        pytest.param("116117", "116117", id="short"),
        pytest.param("73 00 00 00 / 73 00 00 01", None, id="two numbers"),
        pytest.param("sentralbordet", None, id="words"),
        pytest.param("11", None, id="too short: a date could hold it"),
    ],
)
def test_a_phone_number_can_be_pressed(phone, dialled):
    page = Read(said("reminder", "email", phone=phone).html)
    assert phone in page.shown
    links = [one["href"] for one in page.attributes_of("a") if one["href"].startswith("tel:")]
    assert links == ([f"tel:{dialled}"] if dialled else [])


def test_a_phone_number_within_the_portals_address_is_no_link_of_its_own():
    page = Read(said("reminder", "email", phone="73000000", portal_url="https://nidelv.example/73000000").html)
    assert [one["href"] for one in page.attributes_of("a")] == ["https://nidelv.example/73000000", "tel:73000000"]


@pytest.mark.parametrize("word", ["post@nidelv-lege.example", "Anne-Kari", "14-16", "A&B-senteret"])
def test_a_word_is_not_broken_at_its_hyphen(word):
    html = said("reminder", "email", location=word).html
    assert f'<span style="white-space:nowrap">{escape(word)}</span>' in html
    assert '<span style="white-space:nowrap">E-posten</span>' in html
    assert '<span style="white-space:nowrap">e-post.</span>' in html


def test_a_word_that_is_wider_than_a_screen_may_break():
    long = "Rehabiliteringssenteret-ved-elvebredden-inngang-vest"
    assert f">{long}<" not in said("reminder", "email", location=long).html


def test_the_date_stands_out():
    assert "<strong>torsdag 11. juni 2026 kl. 10.00</strong>" in said("reminder", "email").html


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_becomes_markup(clinic, location, phone):
    mark = '<b title="x">&amp;\''
    message = said("reminder", "email", clinic=mark + clinic, location=mark + location, phone=mark + phone)
    page = Read(message.html)
    assert page.shown.split() == message.text.split()
    assert not page.attributes_of("b")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "nidelv.example"])
def test_what_is_no_web_address_is_no_link(url):
    page = Read(said("dialog", "email", portal_url=url).html)
    assert url in page.shown
    assert not page.attributes_of("a")


@pytest.mark.slow
@given(st.text(min_size=1), st.sampled_from(EVENTS), st.sampled_from(LANGUAGES))
@settings(max_examples=300, deadline=None)
def test_nothing_can_start_a_header_or_break_an_encoding(name, event, language):
    clinic = f"{name}\r\nBcc: alle@nidelv.example\ud800\x00"
    message = said(event, "email", language, clinic=clinic, location=name, phone=name, portal_url=name)
    assert not {category(char) for char in message.subject} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not {category(char) for char in message.text if char != "\n"} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert message.text.endswith("\n")
    assert message.html.encode()


def test_a_clinics_name_is_one_line_everywhere():
    for channel in CHANNELS:
        odd = said("reminder", channel, clinic=" Nidelv\r\n lege\u00adsenter\u2028 \u202e")
        assert odd == said("reminder", channel)


def test_a_name_is_no_template():
    assert "{{ portal_url }}{% if %}" in said("dialog", "email", clinic="{{ portal_url }}{% if %}").text


def words_of(language):
    texts = (HOUSE / f"{language}.toml").read_text("utf-8").lower()
    without_code = re.sub(r"{[{%].*?[%}]}|^#.*|^\w+ =", "", texts, flags=re.MULTILINE)
    return set(re.findall(r"[a-zæøå]+", without_code))


def test_nynorsk_is_not_bokmaal():
    of_bokmaal_alone = {"ikke", "fra", "se", "en", "nå", "endret", "satt", "sted", "komme", "trenger", "hilsen"}
    assert of_bokmaal_alone <= words_of("nb")
    assert not of_bokmaal_alone & words_of("nn")


@pytest.mark.parametrize("path", sorted(HOUSE.glob("*.py")), ids=lambda path: path.stem)
def test_the_room_knows_the_domain_alone(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in names if name.startswith("notifycli")}
    assert all(name.startswith(("notifycli.domain", "notifycli.wording")) for name in ours)


def test_what_takes_long_to_import_waits_for_the_first_message():
    program = "import sys, notifycli.wording; print(sorted({'jinja2', 'pendulum'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
