"""SPEC section 6: wording can be overridden a clinic; what a template must not do is an error when it is loaded."""

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.domain.gsm import sms_segments
from notifycli.wording import LANGUAGES, Wording, WordingError
from tests.support.messages import BY, CHANNELS, EVENTS, PHONE, PORTAL, Read, said, sms

SHORT_REMINDER = "Husk {{ when_short }} hos {{ clinic }}!\n"
FIELDS = "clinic, portal_url, when, when_short, weekday, date, time, location, phone"
ONLY = "a wording can use {{ field }} and {% if %} with ==, !=, and, or, not. Write it with these."
TOO_DEEP = "nested too deep, or a number too long; make it simpler."
EMPTY = "it would be empty for some notices; give it words outside of {% if %}."


@pytest.fixture
def own(tmp_path):
    """Makes a Wording from files, given by name with their contents."""

    def make(files: dict[str, str | bytes]) -> Wording:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return Wording(tmp_path)

    return make


def test_a_file_replaces_one_text_and_leaves_the_others(own):
    wording = own({"nb.reminder.sms.txt": SHORT_REMINDER})
    assert sms("reminder", own=wording) == "Husk torsdag 11. juni kl. 10.00 hos Nidelv legesenter!"
    for event, channel, language in set(product(EVENTS, CHANNELS, LANGUAGES)) - {("reminder", "sms", "nb")}:
        assert said(event, channel, language, wording) == said(event, channel, language)


@pytest.mark.parametrize(("event", "channel", "language"), list(product(EVENTS, CHANNELS, LANGUAGES)))
def test_every_text_can_be_replaced(own, event, channel, language):
    message = said(event, channel, language, own({f"{language}.{event}.{channel}.txt": "Kom hit!"}))
    assert message.text.strip() == "Kom hit!"
    assert message.subject == said(event, channel, language).subject


def test_the_html_is_made_from_the_clinics_own_text(own):
    text = "\ufeffHei du!\r\n\r\n{{ weekday }} {{ date }} {{ time }} <her>\r\n{{ portal_url }}\r\n"
    message = said("reminder", "email", own=own({"nb.reminder.email.txt": text}))
    assert message.text == f"Hei du!\n\ntorsdag 11. juni 2026 10.00 <her>\n{PORTAL}\n"
    assert Read(message.html).shown.split() == message.text.split()


def test_own_html_and_subject(own):
    page = '<p><a href="{{ portal_url }}">{{ clinic }}</a></p>'
    files = {"nb.reminder.email.html": page, "nb.reminder.email.subject.txt": "Velkommen til {{ clinic }}\n"}
    message = said("reminder", "email", own=own(files), clinic="Liv & Helse <Moss>")
    assert message.html == f'<p><a href="{PORTAL}">Liv &amp; Helse &lt;Moss&gt;</a></p>'
    assert message.subject == "Velkommen til Liv & Helse <Moss>"
    assert message.text == said("reminder", "email", clinic="Liv & Helse <Moss>").text


def test_an_own_push_may_name_the_clinic(own):
    wording = own({"nb.dialog.push.txt": "Noe nytt fra {{ clinic }}"})
    assert said("dialog", "push", own=wording) == ("Nidelv legesenter", "Noe nytt fra Nidelv legesenter", None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"by": "clinic"}, "Vi bestilte i Storgata 1", id="the clinic"),
        pytest.param({"by": "patient", "phone": PHONE}, "Du bestilte", id="the patient"),
        pytest.param({"location": ""}, "Noen bestilte", id="not known, no place"),
    ],
)
def test_own_words_can_ask_who_booked_and_whether_there_is_a_place(own, facts, expected):
    who = '{% if by == "clinic" %}Vi{% elif by == "patient" %}Du{% else %}Noen{% endif %} bestilte'
    where = "{% if location and not phone %} i {{ location }}{% endif %}"
    assert sms("confirmation", own=own({"nb.confirmation.sms.txt": who + where}), **facts) == expected


def test_an_own_sms_can_be_long_and_keeps_to_gsm7_where_its_words_do(own):
    long = "Vi gleder oss til du kommer. " * 10
    wording = own({"nb.dialog.sms.txt": long + "{{ clinic }}", "nn.dialog.sms.txt": "Buorre beaivi á {{ clinic }}"})
    facts = {"clinic": "Sámi – helse", "portal_url": "sámi.example"}
    assert sms("dialog", "nb", wording, **facts) == long + "Sami - helse"
    assert sms_segments(sms("dialog", "nb", wording, **facts)) == 2
    assert sms("dialog", "nn", wording, **facts) == "Buorre beaivi á Sámi – helse"


def test_hidden_files_change_nothing(own):
    assert sms("reminder", own=own({".DS_Store": b"\xff"})) == sms("reminder")


@pytest.mark.parametrize(
    ("file", "content", "where_and_what"),
    [
        pytest.param(
            "nb.reminder.sms.txt",
            "Hei {{ given_name }}",
            f': "given_name" is not a field of this text. Allowed are: {FIELDS}.',
            id="a field that does not exist",
        ),
        pytest.param(
            "nb.reminder.email.html",
            "{{ clinik }}",
            f': "clinik" is not a field of this text; did you mean "clinic"? Allowed are: {FIELDS}.',
            id="a misspelt field",
        ),
        pytest.param(
            "nb.reminder.sms.txt",
            "{% if by %}x{% endif %}y",
            f': "by" is not a field of this text. Allowed are: {FIELDS}.',
            id="a field of another event",
        ),
        pytest.param(
            "nn.dialog.email.txt",
            "{{ when }}",
            ': "when" is not a field of this text. Allowed are: clinic, portal_url.',
            id="post has no time",
        ),
        pytest.param(
            "en.reminder.push.txt",
            "{{ when }}",
            ': "when" is not a field of this text. Allowed are: clinic.',
            id="a locked screen shows no time",
        ),
        pytest.param(
            "nb.reminder.sms.txt",
            "{{ range }}",
            f': "range" is not a field of this text. Allowed are: {FIELDS}.',
            id="a name that Jinja knows",
        ),
        pytest.param(
            "nb.reminder.sms.txt",
            "x\n\n{% if location %}x",
            ", line 3: is no template from there on. "
            "Write {{ field }}, or {% if field %} ... {% else %} ... {% endif %}.",
            id="an if without an end",
        ),
        pytest.param(
            "nb.reminder.sms.txt", b"x\n\xe5", ", line 2: is not UTF-8. Save it as UTF-8 in your editor.", id="Latin-1"
        ),
        pytest.param(
            "nb.reminder.sms.txt", "{% if clinic %}" * 300 + "x" + "{% endif %}" * 300, f": {TOO_DEEP}", id="deep"
        ),
        pytest.param(
            "nb.reminder.sms.txt", "{{ " + "not " * 9999 + "by }}", f": {TOO_DEEP}", id="as deep in another way"
        ),
        pytest.param("nb.reminder.sms.txt", "{{ " + "9" * 9999 + " }}", f": {TOO_DEEP}", id="a very long number"),
        pytest.param(
            "nb.reminder.sms.txt", "{% if location %}x{% endif %}", f": {EMPTY}", id="empty without a location"
        ),
        pytest.param("nb.reminder.email.txt", "", f": {EMPTY}", id="an empty file"),
        pytest.param(
            "nb.reminder.email.subject.txt",
            "Time\nBcc: alle@nidelv.example",
            ": a subject is one line; this file has several. Leave one.",
            id="a subject of several lines",
        ),
        pytest.param(
            "nb.reminder.email.html",
            "x" * 100_001,
            ": a wording has at most 100000 bytes; this file is larger. Shorten it.",
            id="a file that is too large",
        ),
        pytest.param(
            "nb.reminder.smss.txt",
            "x",
            ': "smss.txt" is no text of messages (sms.txt, email.txt, email.html, email.subject.txt, push.txt). '
            'Did you mean "nb.reminder.sms.txt"?',
            id="an unknown text",
        ),
        pytest.param(
            "se.reminder.sms.txt",
            "x",
            ': "se" is no language of messages (nb, nn, en). Did you mean "en.reminder.sms.txt"?',
            id="an unknown language",
        ),
        pytest.param(
            "nb.reminders.sms.txt",
            "x",
            ': "reminders" is no event of messages (confirmation, change, cancellation, reminder, dialog, reply, '
            'receipt). Did you mean "nb.reminder.sms.txt"?',
            id="an unknown event",
        ),
    ],
)
def test_a_wording_that_cannot_be_used(own, tmp_path, file, content, where_and_what):
    with pytest.raises(WordingError) as caught:
        own({file: content})
    assert str(caught.value) == f"{tmp_path / file}{where_and_what}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("{% for one in clinic %}x{% endfor %}", "For", id="a loop"),
        pytest.param("{{ clinic|center(999999999) }}", "Filter", id="a filter"),
        pytest.param("{{ 'x' * 9999999999 }}", "Mul", id="a product"),
        pytest.param("{{ clinic ~ clinic }}", "Concat", id="a joining"),
        pytest.param("{{ clinic.__class__ }}", "Getattr", id="an attribute"),
        pytest.param("{{ range(9) }}", "Call", id="a call"),
        pytest.param("{% include '/etc/hostname' %}", "Include", id="another file"),
        pytest.param("{% import 'x' as y %}", "Import", id="an import"),
        pytest.param("{% extends 'x' %}", "Extends", id="a parent"),
        pytest.param("{% macro x() %}{{ x() }}{% endmacro %}", "Macro", id="a macro"),
        pytest.param("{% set clinic = 'x' %}", "Assign", id="an assignment"),
        pytest.param("{{ 'x' if location }}", "CondExpr", id="an if that may have no value"),
        pytest.param("{% if by < 'x' %}x{% endif %}", "this comparison", id="a comparison that can fail"),
    ],
)
def test_a_template_prints_and_asks_and_nothing_else(own, tmp_path, text, what):
    with pytest.raises(WordingError) as caught:
        own({"nb.confirmation.sms.txt": f"x\n{text}"})
    assert str(caught.value) == f"{tmp_path}/nb.confirmation.sms.txt, line 2: {what} is not allowed; {ONLY}"


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(WordingError) as caught:
        Wording(tmp_path / "none")
    reason = "this folder of wordings cannot be read (No such file or directory). Make it, or mend `wording`."
    assert str(caught.value) == f"{tmp_path}/none: {reason}"


@pytest.mark.parametrize(
    "make",
    [pytest.param(Path.mkdir, id="a folder"), pytest.param(lambda path: path.symlink_to("none"), id="a dead link")],
)
def test_what_is_not_a_file(tmp_path, make):
    make(tmp_path / "nb.reminder.sms.txt")
    with pytest.raises(WordingError, match=r"nb\.reminder\.sms\.txt: is not a file\. Remove it\."):
        Wording(tmp_path)


BITS = "{{ }} {% %} {# #} {%if {%elif {%else%} {%endif%} by clinic location == not or ( ) ' |safe .x [0] ~ 9 - set raw"
bits_of_jinja = st.sampled_from(re.findall(r"\S+", BITS))


@pytest.mark.slow
@given(
    st.one_of(st.text(), st.lists(bits_of_jinja).map(" ".join)), st.sampled_from(["sms.txt", "email.html", "email.txt"])
)
@settings(max_examples=300, deadline=None)  # each file is compiled
def test_any_file_is_refused_when_loaded_or_never_fails(tmp_path_factory, content, part):
    folder = tmp_path_factory.mktemp("wording")
    (folder / f"nb.confirmation.{part}").write_text(content, encoding="utf-8", errors="replace")
    try:
        wording = Wording(folder)
    except WordingError:
        return
    for by, location in product(BY, ("", "Storgata 1")):
        assert said("confirmation", part.partition(".")[0], own=wording, by=by, location=location).text.strip()
