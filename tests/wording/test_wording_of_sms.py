"""SPEC section 6: what an SMS says, and how a default one fits in one segment of GSM-7 whatever it has to name."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.domain.gsm import sms_segments
from notifycli.wording import LANGUAGES
from tests.support.facts import oslo
from tests.support.messages import BY, PORTAL, POST, every_event_and_language, sms

GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€"
)
DATE = {"nb": "torsdag 11. juni kl. 10.00", "nn": "torsdag 11. juni kl. 10.00", "en": "Thursday 11 June at 10:00"}
REST_NB = "\nSted: Storgata 1\nSe timen: https://nidelv.example/portal"
REST_NN = "\nStad: Storgata 1\nSjå timen: https://nidelv.example/portal"
REST_EN = "\nWhere: Storgata 1\nDetails: https://nidelv.example/portal"
REST_CANCELLED = "\nSted: Storgata 1\nSe timene dine: https://nidelv.example/portal"
NOTHING = {"clinic": "", "location": "", "portal_url": ""}


def row(language, event, facts, expected):
    return pytest.param(language, event, facts, expected, id=f"{language} {event} {facts}")


@pytest.mark.parametrize(
    ("language", "event", "facts", "expected"),
    [
        row(
            *("nb", "confirmation", {"by": "clinic"}),
            "Nidelv legesenter har satt opp time til deg torsdag 11. juni kl. 10.00." + REST_NB,
        ),
        row(
            *("nb", "confirmation", {"by": "patient"}),
            "Du har bestilt time hos Nidelv legesenter torsdag 11. juni kl. 10.00." + REST_NB,
        ),
        row(
            *("nb", "confirmation", {}),
            "Du har fått time hos Nidelv legesenter torsdag 11. juni kl. 10.00." + REST_NB,
        ),
        row(
            *("nb", "change", {}),
            "Endret: Timen din hos Nidelv legesenter er nå torsdag 11. juni kl. 10.00." + REST_NB,
        ),
        row(
            *("nb", "change", {"was_starts_at": oslo("2026-06-10 09:00")}),
            "Timen din hos Nidelv legesenter er flyttet fra 10. juni kl. 09.00 til torsdag 11. juni kl. 10.00."
            + REST_NB,
        ),
        row(
            *("nb", "cancellation", {"by": "clinic"}),
            "Nidelv legesenter har avlyst timen din torsdag 11. juni kl. 10.00." + REST_CANCELLED,
        ),
        row(
            *("nb", "cancellation", {"by": "patient"}),
            "Du har avbestilt timen din hos Nidelv legesenter torsdag 11. juni kl. 10.00." + REST_CANCELLED,
        ),
        row(
            *("nb", "cancellation", {}),
            "Timen din hos Nidelv legesenter torsdag 11. juni kl. 10.00 er avlyst." + REST_CANCELLED,
        ),
        row(
            *("nb", "reminder", {}),
            "Påminnelse: Du har time hos Nidelv legesenter torsdag 11. juni kl. 10.00." + REST_NB,
        ),
        row(
            *("nb", "dialog", {}),
            "Du har fått en ny melding fra Nidelv legesenter.\nLogg inn for å lese den: https://nidelv.example/portal",
        ),
        row(
            *("nb", "reply", {}),
            "Du har fått svar fra Nidelv legesenter.\nLogg inn for å lese svaret: https://nidelv.example/portal",
        ),
        row(
            *("nb", "receipt", {}),
            "Du har fått en kvittering fra Nidelv legesenter.\nLogg inn for å se den: https://nidelv.example/portal",
        ),
        row(
            *("nb", "confirmation", NOTHING | {"by": "clinic"}),
            "Klinikken har satt opp time til deg torsdag 11. juni kl. 10.00.\nSe timen i pasientportalen.",
        ),
        row(
            *("nb", "change", NOTHING),
            "Endret: Timen din er nå torsdag 11. juni kl. 10.00.\nSe timen i pasientportalen.",
        ),
        row(
            *("nb", "cancellation", NOTHING | {"by": "patient"}),
            "Du har avbestilt timen din torsdag 11. juni kl. 10.00.\nSe timene dine i pasientportalen.",
        ),
        row(
            *("nb", "reminder", NOTHING),
            "Påminnelse: Du har time torsdag 11. juni kl. 10.00.\nSe timen i pasientportalen.",
        ),
        row(*("nb", "dialog", NOTHING), "Du har fått en ny melding.\nLogg inn i pasientportalen for å lese den."),
        row(*("nb", "reply", NOTHING), "Du har fått svar.\nLogg inn i pasientportalen for å lese svaret."),
        row(*("nb", "receipt", NOTHING), "Du har fått en kvittering.\nLogg inn i pasientportalen for å se den."),
        row(
            *("nn", "confirmation", {"by": "clinic"}),
            "Nidelv legesenter har sett opp time til deg torsdag 11. juni kl. 10.00." + REST_NN,
        ),
        row(
            *("nn", "change", {"starts_at": oslo("2026-06-13 08:05")}),
            "Endra: Timen din hos Nidelv legesenter er no laurdag 13. juni kl. 08.05." + REST_NN,
        ),
        row(
            *("nn", "cancellation", {"by": "patient", "location": ""}),
            "Du har avbestilt timen din hos Nidelv legesenter torsdag 11. juni kl. 10.00.\n"
            "Sjå timane dine: https://nidelv.example/portal",
        ),
        row(
            *("nn", "receipt", {}),
            "Du har fått ei kvittering frå Nidelv legesenter.\n"
            "Logg inn for å sjå kvitteringa: https://nidelv.example/portal",
        ),
        row(
            *("en", "confirmation", {"by": "clinic"}),
            "Nidelv legesenter has booked an appointment for you on Thursday 11 June at 10:00." + REST_EN,
        ),
        row(
            *("en", "reminder", {"portal_url": ""}),
            "Reminder: you have an appointment with Nidelv legesenter on Thursday 11 June at 10:00.\n"
            "Where: Storgata 1\nDetails are in the patient portal.",
        ),
        row(
            *("en", "reply", {}),
            "You have a reply from Nidelv legesenter.\nLog in to read it: https://nidelv.example/portal",
        ),
    ],
)
def test_an_sms(language, event, facts, expected):
    assert sms(event, language, **facts) == expected


texts = st.text(max_size=300)
urls = st.one_of(texts, st.builds("https://{}.example/{}".format, st.text(max_size=30), st.text(max_size=200)))


@every_event_and_language
@given(texts, texts, urls, st.sampled_from(BY), st.none() | st.integers(0, 4_000_000_000))
@settings(max_examples=60, deadline=None)  # the first message of a kind compiles its template
def test_any_default_sms_is_one_segment_of_gsm7_with_date_and_time(event, language, clinic, location, url, by, was):
    text = sms(event, language, clinic=clinic, location=location, portal_url=url, by=by, was_starts_at=was)
    assert set(text) <= GSM7
    assert len(text) + len(re.findall(r"[\f^{}\\\[~\]|€]", text)) <= 160
    assert sms_segments(text) == 1
    assert event in POST or DATE[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("clinic", ["", "Nidelv legesenter", "Nidelv legesenter og helsestasjon " * 3])
@pytest.mark.parametrize("url", ["", PORTAL, "https://nidelv.example/" + "p" * 120])
def test_a_move_between_the_longest_dates_fits_in_one_segment(language, clinic, url):
    was, now = oslo("2026-09-24 10:00"), oslo("2026-09-30 23:59")  # a Thursday and a Wednesday, in the longest month
    text = sms("change", language, clinic=clinic, portal_url=url, was_starts_at=was, starts_at=now)
    assert sms_segments(text) == 1
    assert (". september kl." if language != "en" else " September at ") in text
    assert text.count("eptember") == 2


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 200), st.sampled_from(LANGUAGES))
def test_an_address_is_whole_or_not_there(words_of_clinic, words_of_location, length_of_url, language):
    url = "https://nidelv.example/" + "p" * length_of_url
    facts = {"clinic": "Klinikk " * words_of_clinic, "location": "Rom 1, " * words_of_location}
    text = sms("reminder", language, portal_url=url, **facts)
    assert text.endswith(f" {url}") or "https" not in text


REMINDER = "Påminnelse: Du har time hos Nidelv legesenter torsdag 11. juni kl. 10.00.\n"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            {"location": "Storgata 14, 2. etasje, inngang fra bakgården ved apoteket"},
            REMINDER + "Sted: Storgata 14, 2. etasje, inngang fra...\nSe timen: https://nidelv.example/portal",
            id="the location is shortened at a word",
        ),
        pytest.param(
            {"location": "Storgata 14, 2. etasje", "portal_url": "https://nidelv.example/portal/timebok/alle"},
            REMINDER + "Sted: Storgata 14, 2. etasje\nSe timen: https://nidelv.example/portal/timebok/alle",
            id="all fits",
        ),
        pytest.param(
            {"location": "Storgata 14, 2. etasje", "portal_url": "https://nidelv.example/portal/timebok/alle/timer"},
            REMINDER + "Sted: Storgata 14...\nSe timen: https://nidelv.example/portal/timebok/alle/timer",
            id="no number without its word is left",
        ),
        pytest.param(
            {"location": "Storgata-14-16-18-20-22-24-26-28-30-32-34-36-38-40"},
            REMINDER + "Se timen: https://nidelv.example/portal",
            id="no number is cut",
        ),
        pytest.param(
            {"location": "Rehabiliteringssenteret-ved-elvebredden-inngang-vest"},
            REMINDER + "Sted: Rehabiliteringssenteret-ved-elvebredd...\nSe timen: https://nidelv.example/portal",
            id="one long word is cut",
        ),
        pytest.param(
            {"portal_url": "https://nidelv.example/portal/timebok/alle/timer/mine-timer/paminnelse"},
            REMINDER + "Se timen: https://nidelv.example/portal/timebok/alle/timer/mine-timer/paminnelse",
            id="the location gives way to the address",
        ),
        pytest.param(
            {"clinic": "Nidelv legesenter, helsestasjon og spesialistklinikk for hele Trøndelag fylke"},
            "Påminnelse: Du har time hos Nidelv legesenter, helsestasjon og spesialistklinikk for hele... "
            "torsdag 11. juni kl. 10.00.\nSe timen: https://nidelv.example/portal",
            id="then the clinic's name",
        ),
        pytest.param(
            {"portal_url": "https://nidelv.example/" + "p" * 70},
            "Påminnelse: Du har time torsdag 11. juni kl. 10.00.\nSe timen: https://nidelv.example/" + "p" * 70,
            id="the whole address goes before the clinic's name",
        ),
        pytest.param(
            {"portal_url": "https://nidelv.example/" + "p" * 120},
            REMINDER + "Sted: Storgata 1\nSe timen i pasientportalen.",
            id="an address that cannot fit is left out",
        ),
    ],
)
def test_what_gives_way_in_an_sms_that_is_too_long(facts, expected):
    assert sms("reminder", "nb", **facts) == expected


def test_a_shortened_name_ends_a_sentence_with_three_dots():
    text = sms("reply", clinic="Nidelv legesenter " + "og helsestasjon " * 10)
    assert re.match(r"Du har fått svar fra Nidelv legesenter [a-z ]+[a-z]\.\.\.\n", text)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        pytest.param("Ærfuglvegen 3, Røst Ås", "Ærfuglvegen 3, Røst Ås", id="Norwegian letters stay"),
        pytest.param("Café Malmö à Grüne Allé", "Café Malmö à Grüne Allé", id="letters of the alphabet stay"),
        pytest.param("Ra\u030asta A\u030asvegen", "Råsta Åsvegen", id="letters written as two characters"),
        pytest.param("Kárášjohka, Deanu gállu", "Karasjohka, Deanu gallu", id="North Sami"),
        pytest.param("Čáhcesuolu Ŋuorta Đeatnu Ŧ Ž", "Cahcesuolu Nuorta Deatnu T Z", id="more North Sami"),
        pytest.param("Łódź, Château, Muñoz", "Lodz, Chateau, Muñoz", id="foreign names"),
        pytest.param("“Rom 3” – ‘vest’…", "\"Rom 3\" - 'vest'", id="typographic marks"),
        pytest.param("Rom\u00a03,\u2009vest", "Rom 3, vest", id="spaces that do not break"),
        pytest.param("Huset 🏥 ved elva", "Huset ved elva", id="emoji"),
        pytest.param("Rom [3] {a}", "Rom [3] {a}", id="characters that count two"),
        pytest.param("2½ etg. №4", "21/2 etg. No4", id="compatibility characters"),
        pytest.param("病院 3", "3", id="a script that nothing stands for"),
    ],
)
def test_an_sms_writes_with_the_letters_that_it_has(location, expected):
    assert f"\nSted: {expected}\n" in sms("reminder", location=location)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://øya.example/a", ": https://øya.example/a", id="in the alphabet"),
        pytest.param(
            "https://sámi.example/á?b=č", ": https://xn--smi-ela.example/%C3%A1?b=%C4%8D", id="its ASCII form"
        ),
        pytest.param("https://nidelv.example/a b", ": https://nidelv.example/a%20b", id="a space"),
        pytest.param("https://nide lv.example", " i pasientportalen.", id="a space in the name"),
        pytest.param("sámi.example", " i pasientportalen.", id="no ASCII form"),
        pytest.param("https://[sámi/", " i pasientportalen.", id="no address"),
    ],
)
def test_an_address_in_an_sms_leads_to_the_same_place(url, expected):
    assert sms("reminder", portal_url=url).endswith(f"\nSe timen{expected}")


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        pytest.param("", 1, id="empty"),
        pytest.param("a" * 160, 1, id="one of GSM-7"),
        pytest.param("a" * 161, 2, id="two of GSM-7"),
        pytest.param("a" * 306, 2, id="two full ones"),
        pytest.param("a" * 307, 3, id="three"),
        pytest.param("€" * 80, 1, id="two septets each"),
        pytest.param("€" * 80 + "a", 2, id="two septets each, one more"),
        pytest.param("a" * 152 + "€" + "a" * 152, 3, id="a pair is not torn apart"),
        pytest.param("á" * 70, 1, id="one of UCS-2"),
        pytest.param("á" * 71, 2, id="two of UCS-2"),
        pytest.param("á" * 134, 2, id="two full ones of UCS-2"),
        pytest.param("á" * 135, 3, id="three of UCS-2"),
        pytest.param("🏥" * 35, 1, id="an emoji takes two"),
        pytest.param("🏥" * 67, 3, id="an emoji is not torn apart"),
    ],
)
def test_how_many_segments_an_sms_takes(text, segments):
    assert sms_segments(text) == segments
