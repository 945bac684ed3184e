"""Each quick way of an import equals the slow one that it stands for: the first look, plain times, numbers, addresses.

The slow ways are the one decision, times.instant and the libraries themselves.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.domain.contact import can_get_sms, email_address, phone_number
from notifycli.domain.model import Activity, Appointment, AppointmentEvent, Patient
from notifycli.domain.rules import decide_appointment, first_look_at
from notifycli.domain.switches import Switch
from notifycli.intake.cells import times

pytestmark = pytest.mark.slow

DAY = 24 * 3600
NOW = int(datetime(2026, 6, 3, 10, tzinfo=UTC).timestamp())

# When a new appointment is first looked at

AT = st.integers(-6 * DAY, 0).map(lambda seconds: NOW + seconds) | st.sampled_from([NOW, NOW - 300, NOW - 2 * DAY])
TURNS = st.lists(st.tuples(AT, st.booleans()), max_size=4).map(lambda turns: Switch(tuple(sorted(turns))))
STARTS = st.integers(-DAY, 6 * DAY).map(lambda seconds: NOW + seconds)
STARTS |= st.sampled_from([NOW + 2 * DAY - 1, NOW + 2 * DAY, NOW + 2 * DAY + 1])


@given(
    kind=st.sampled_from(["booking", "migration"]),
    happened_at=AT,
    starts_at=STARTS,
    module=TURNS,
    type_=TURNS,
    known=st.booleans(),
    later=st.integers(0, 7 * DAY),
)
@settings(max_examples=800, deadline=None, derandomize=True)
def test_a_new_appointment_is_looked_at_before_anything_about_it_is_due(
    kind: Any, happened_at: int, starts_at: int, module: Switch, type_: Switch, known: bool, later: int
) -> None:
    """Known at its import, with switches turned until then; `later` without another turn."""
    appointment_event = AppointmentEvent(kind, NOW if kind == "migration" else happened_at)
    activity = Activity(module, ((NOW, type_),))
    zone = ZoneInfo("Europe/Oslo")
    one = Appointment("booked", starts_at, "", (appointment_event,), activity, zone)
    patient = Patient(0, True, None, frozenset({"email"})) if known else None
    look = first_look_at(appointment_event, starts_at, first_both_on(module, type_))
    for now in (NOW, NOW + later):
        for verdict in decide_appointment(one, patient, now).verdicts:
            if verdict.due_at is not None:
                assert look is not None
                assert look <= verdict.due_at


def first_both_on(*switches: Switch) -> int | None:
    """As first_look_at takes it: a moment before which they were not both on."""
    first = [next((at for at, is_on in one.turns if is_on), None) for one in switches]
    return None if None in first else max(at for at in first if at is not None)


# Times, numbers and addresses: the quick way and the slow one

ZONES = ["Europe/Oslo", "America/New_York", "Atlantic/Reykjavik", "Australia/Lord_Howe", "Asia/Kathmandu"]
ZONES += ["Antarctica/Troll", "Africa/Casablanca"]


@pytest.mark.parametrize("name", ZONES)
def test_an_hour_and_what_is_behind_it_are_the_instant(name: str) -> None:
    """All hours of two years: a half of one at Lord Howe, two at once at Troll, four changes a year at Casablanca."""
    zone, hours, slow = ZoneInfo(name), times.Hours(ZoneInfo(name)), 0
    begin = datetime(2026, 1, 1)  # noqa: DTZ001 - local hours are what is read
    for number in range(2 * 365 * 24):
        day = ("%Y-%m-%d", "%d.%m.%Y")[number % 3 == 0]
        hour = f"{begin + timedelta(hours=number):{day}{'T '[number % 2]}%H}"
        beginning = hours[hour]
        if beginning is None:
            slow += 1
            continue
        for rest in (":00", ".30", ":59:59", f":{number % 60:02}:{number * 7 % 60:02}"):
            assert times.instant(hour + rest, zone) == (beginning + times.BEHIND_THE_HOUR[rest], False)
    assert slow <= 16


def test_all_that_can_be_behind_an_hour() -> None:
    zone = ZoneInfo("America/New_York")
    beginning = times.Hours(zone)["2026-06-11T10"]
    assert beginning is not None
    for rest, seconds in times.BEHIND_THE_HOUR.items():
        assert times.instant(f"2026-06-11T10{rest}", zone).at == beginning + seconds


@pytest.mark.parametrize(
    "hour",
    [
        pytest.param("2026-03-29T02", id="left out"),
        pytest.param("2026-10-25T02", id="twice"),
        pytest.param("2026-02-30T10", id="no such day"),
        pytest.param("2026-06-11T24", id="no such hour"),
        pytest.param("2026-06-11T1", id="cut off"),
        pytest.param("２０２６-06-11T10", id="digits of another script"),
        pytest.param("29.03.2026 02", id="left out, in Norwegian"),
        pytest.param("25.10.2026 02", id="twice, in Norwegian"),
        pytest.param("31.06.2026 10", id="no such day in Norwegian"),
        pytest.param("2026.06.11 10", id="another form"),
        pytest.param("06/11/2026 10", id="slashes"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_plain_hour_is_left_to_the_slow_way(hour: str) -> None:
    assert times.Hours(ZoneInfo("Europe/Oslo"))[hour] is None


def numbers() -> Iterator[tuple[str, str]]:
    chance = random.Random(20260603)
    forms = [
        "{}",
        "+47{}",
        "0047{}",
        "+47 {}",
        "47{}",
        " {} ",
        "({})",
        "{}x12",
        "+46{}",
        "0{}",
        "+1{}",
        "{}0",
        "tlf {}",
    ]
    for _ in range(4000):
        digits = f"{chance.randrange(10**8):08}"
        if chance.random() < 0.5:
            digits = chance.choice("49") + digits[1:]
        spaced = digits if chance.random() < 0.7 else f"{digits[:3]} {digits[3:5]} {digits[5:]}"
        text = chance.choice(["{}"] * 9 + forms).format(spaced if chance.random() < 0.95 else digits[:7])
        yield text, chance.choice(["NO"] * 6 + ["SE", "DK", "GB", "US", "SJ"])
    yield from (("９１００００01", "NO"), ("٩١٠٠٠٠٠١", "NO"), ("91000001\n", "NO"), ("112", "NO"), ("59000000", "NO"))


def number_by_the_library(text: str, country: str) -> tuple[str | None, bool]:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None, False
    if number.extension or not phonenumbers.is_valid_number(number):
        return None, False
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.number_type(number) in kinds


def test_a_number_is_what_the_library_says() -> None:
    found = 0
    for text, country in numbers():
        number = phone_number(text, country)
        assert (number, number is not None and can_get_sms(number)) == number_by_the_library(text, country), text
        found += number is not None
    assert found > 1000


def addresses() -> Iterator[str]:
    chance = random.Random(20260603)
    locals_ = [
        "kari",
        "kari.nord",
        "Kari+time",
        "k-n_1",
        "åse",
        ".kari",
        "kari.",
        "ka..ri",
        '"kari nord"',
        "",
        "k" * 64,
    ]
    locals_ += [
        "k" * 65,
        "kari nord",
        "kari!",
        "o'hara",
        "kari\u00a0",
        "ka\tri",
        "K.A.R.I",
        "-kari",
        "kari%nord",
        "@kari",
    ]
    domains = [
        "post.example",
        "POST.Example",
        "post",
        "post..example",
        "-post.example",
        "post-.example",
        "sørgård.example",
    ]
    domains += [
        "[127.0.0.1]",
        "127.0.0.1",
        "post.example.",
        ".example",
        "po_st.example",
        "xn--srgrd-mua8l.example",
        "a.b.c.no",
    ]
    domains += [
        "localhost",
        "post.test",
        "post.invalid",
        "d" * 63 + ".no",
        "d" * 64 + ".no",
        ("d" * 60 + ".") * 4 + "no",
        "",
    ]
    alphabet = "abzABZ019._+-åé \"'(),:;<>@[]"
    for _ in range(4000):
        local = (
            chance.choice(locals_)
            if chance.random() < 0.6
            else "".join(chance.choices(alphabet, k=chance.randint(1, 9)))
        )
        domain = (
            chance.choice(domains) if chance.random() < 0.8 else f"{''.join(chance.choices(alphabet, k=4))}.example"
        )
        yield chance.choice(["{}@{}"] * 9 + [" {}@{} ", "{}{}", "<{}@{}>", "Kari <{}@{}>"]).format(local, domain)


def address_by_the_library(text: str) -> str | None:
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def test_an_address_is_what_the_library_says() -> None:
    found = 0
    for text in addresses():
        address = email_address(text)
        assert address == address_by_the_library(text), text
        found += address is not None
    assert found > 300
