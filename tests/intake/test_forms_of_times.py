"""SPEC section 3, "Times": what is read as it can mean one thing only, and what its column tells."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.intake.cells.date_forms import MONTHS, WEEKDAYS
from notifycli.intake.cells.times import NotATime, instant
from notifycli.intake.cells.whole_columns import FormsOfTimes
from notifycli.intake.kinds.cleaning import Cleaner
from tests.intake.test_excel import xlsx
from tests.support import engines
from tests.support.one_clinic import Clinic

OSLO = ZoneInfo("Europe/Oslo")
HALF_PAST_NINE = int(datetime(2026, 6, 12, 9, 30, tzinfo=OSLO).timestamp())
SERIAL = 46_185  # 12.06.2026 in Excel


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-06-12T09:30", id="ISO"),
        pytest.param("2026-06-12 9:30", id="ISO, a short hour"),
        pytest.param("2026-06-12 09.30", id="ISO and a dot"),
        pytest.param("2026-06-12 0930", id="ISO and four digits"),
        pytest.param("20260612T0930", id="ISO without marks"),
        pytest.param("12.06.2026 09.30", id="dots"),
        pytest.param("12.06.2026 0930", id="four digits"),
        pytest.param("12.6.2026 9.30", id="short"),
        pytest.param("12. 6. 2026 09:30", id="spaces behind dots"),
        pytest.param("12.06.26 09:30", id="two digits of a year"),
        pytest.param("12.06.2026, 09:30", id="a comma"),
        pytest.param("12.06.2026 09:30:00.000", id="parts of a second"),
        pytest.param("12.06.2026T09:30", id="a T"),
        pytest.param("12.06.2026 kl. 09.30", id="kl."),
        pytest.param("12.06.2026 kl 09:30", id="kl"),
        pytest.param("12.06.2026, kl.09.30", id="a comma and kl."),
        pytest.param("12.06.2026 klokka 9.30", id="klokka"),
        pytest.param("12.06.2026 Klokken 09:30", id="Klokken"),
        pytest.param("fredag 12.06.2026 kl. 09.30", id="a weekday"),
        pytest.param("Fredag 12.06.2026 09:30", id="with a capital"),
        pytest.param("FREDAG, 12.06.2026 09:30", id="with a comma"),
        pytest.param("fre. 12.06.26 09:30", id="a short weekday"),
        pytest.param("fr 12.06.2026 09:30", id="a shorter one"),
        pytest.param("Friday 12.06.2026 09:30", id="an English one"),
        pytest.param("Fri, 12 Jun 2026 09:30:00", id="as in mail"),
        pytest.param("fredag den 12. juni 2026 kl. 9.30", id="den"),
        pytest.param("fredag 2026-06-12 09:30", id="before ISO"),
        pytest.param("12. juni 2026 kl 9:30", id="a month"),
        pytest.param("12 juni 2026 09:30", id="a month without its dot"),
        pytest.param("12. jun. 2026 09.30", id="a short month"),
        pytest.param("12.jun.2026 09:30", id="dots around it"),
        pytest.param("12-jun-2026 09:30", id="hyphens around it"),
        pytest.param("12-JUN-2026 09:30:00", id="as Oracle writes it"),
        pytest.param("June 12, 2026 9:30 am", id="English, the month first"),
        pytest.param("Jun 12 2026 09:30AM", id="short, the month first"),
        pytest.param("12 June 2026 9:30 a.m.", id="English, the day first"),
        pytest.param("2026-06-12 00:00:00 09:30", id="midnight beside a clock"),
        pytest.param("2026-06-12T00:00:00 09:30:00", id="midnight after a T"),
        pytest.param("2026-06-12 00:00:00.000 09:30", id="midnight with parts of a second"),
        pytest.param("12.06.2026 00:00:00 0930", id="midnight behind dots"),
        pytest.param("12.06.2026 00.00 kl. 09.30", id="midnight with a dot"),
        pytest.param("12.06.2026 09:30 09:30", id="the same clock twice"),
        pytest.param("2026-06-12 2026-06-12 09:30", id="the same day twice"),
        pytest.param("2026-06-12 00:00:00 1899-12-30 09:30:00", id="a clock as Access writes it"),
        pytest.param("12.06.2026 30.12.1899 09:30:00", id="in Norwegian"),
        pytest.param("2026-06-12 1900-01-01T09:30:00", id="a clock as SQL Server writes it"),
        pytest.param("12.06.2026 0,395833333333333", id="a clock as Excel counts it"),
        pytest.param("2026-06-12 0.39583", id="rounded"),
    ],
)
def test_what_can_mean_one_thing_only_is_read(text: str) -> None:
    assert instant(text, OSLO) == (HALF_PAST_NINE, False)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        pytest.param("12.06.2026 kl. 9", 9, id="the hour alone behind kl."),
        pytest.param("12.06.2026 kl 14", 14, id="in the afternoon"),
        pytest.param("June 12, 2026 2 pm", 14, id="pm"),
        pytest.param("June 12, 2026 12:00 PM", 12, id="noon"),
        pytest.param("June 12, 2026 12:00am", 0, id="midnight"),
        pytest.param("12.06.2026 0,5", 12, id="half a day"),
        pytest.param("12.06.2026 0,375", 9, id="three eighths"),
        pytest.param("12.06.2026 00:00", 0, id="midnight alone"),
        pytest.param("12.06.2026 00:00 00:00", 0, id="midnight beside midnight"),
    ],
)
def test_hours(text: str, hour: int) -> None:
    assert instant(text, OSLO).at == datetime(2026, 6, 12, hour, tzinfo=OSLO).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("lørdag 12.06.2026 09:30", id="another weekday"),
        pytest.param("mon 12 June 2026 09:30", id="another English one"),
        pytest.param("12/06/2026 09:30", id="day or month"),
        pytest.param("28/11/2026 09:30", id="a column that is not known"),
        pytest.param("06/28/2026 09:30", id="the month first"),
        pytest.param("12-06-2026 09:30", id="hyphens"),
        pytest.param("12.06.2026 930", id="three digits, which may be minutes"),
        pytest.param("12.06.2026 9", id="an hour without kl."),
        pytest.param("12.06.2026 0.25", id="six o'clock or a quarter past midnight"),
        pytest.param("12.06.2026 0.4", id="too few digits of a day"),
        pytest.param("12.06.2026 1.5", id="more than a day"),
        pytest.param("12.06.2026 24:30", id="no such hour"),
        pytest.param("12.06.2026 09:60", id="no such minute"),
        pytest.param("12.06.2026 13:30 pm", id="no such half"),
        pytest.param("12.06.2026 0:30 am", id="no such hour of a half"),
        pytest.param("12.06.2026 08:00 09:30", id="two clocks"),
        pytest.param("2026-06-12 2026-06-13 09:30", id="two days"),
        pytest.param("12.06.026 09:30", id="three digits of a year"),
        pytest.param("12 jun 26 09:30", id="two digits behind a month's name"),
        pytest.param("12. foo 2026 09:30", id="no month"),
        pytest.param("foo 12.06.2026 09:30", id="no weekday"),
        pytest.param("fredag kl. 09.30", id="no date"),
        pytest.param("fredag 12.06.2026", id="no clock"),
        pytest.param("31. juni 2026 09:30", id="no such day"),
        pytest.param("46185.395833", id="a number of a column that is not known"),
        pytest.param("12.06.2026 " + "00:00 " * 10_000 + "09:30", id="without end"),
        pytest.param("１２.06.2026 kl. 09:30", id="digits of another script"),
    ],
)
def test_what_can_mean_two_things_or_none_is_not_read(text: str) -> None:
    with pytest.raises(NotATime):
        instant(text, OSLO)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("lørdag 12.06.2026 09:30", "names another weekday than that of its date", id="weekday"),
        pytest.param(
            "05/11/2026 09:30",
            '"05/11/2026 09:30" may be day/month or month/day, as its column does not tell; write it like 2026-11-28 '
            "09:30",
            id="slashes",
        ),
        pytest.param("12.06.2026 08:00 09:30", "has two times that differ", id="two clocks"),
        pytest.param("2026-06-12 2026-06-13 09:30", "has two dates that differ", id="two dates"),
        pytest.param("Kari 12.06.2026", "is not a date with a time", id="whatever else stands there is not repeated"),
    ],
)
def test_the_reason_is_clear(text: str, says: str) -> None:
    with pytest.raises(NotATime) as caught:
        instant(text, OSLO)
    assert str(caught.value) == says


@pytest.mark.parametrize("name", sorted(MONTHS))
def test_every_month_is_known_by_its_names(name: str) -> None:
    expected = datetime(2026, MONTHS[name], 3, 9, 30, tzinfo=OSLO).timestamp()
    for text in (f"3. {name} 2026 09:30", f"3-{name.upper()}-2026 09:30", f"{name.title()} 3, 2026 09:30"):
        assert instant(text, OSLO).at == expected


def test_months_and_weekdays_are_those_of_nb_nn_and_en() -> None:
    wholes = "januar februar mars april mai juni juli august september oktober november desember"
    english = "january february march april may june july august september october november december"
    for number, names in enumerate(zip(wholes.split(), english.split(), strict=True), 1):
        for name in names:
            assert MONTHS[name] == MONTHS[name[:3]] == number
    days = ("mandag tirsdag onsdag torsdag fredag lørdag søndag", "måndag tysdag onsdag torsdag fredag laurdag sundag")
    for row in (*days, "monday tuesday wednesday thursday friday saturday sunday"):
        assert [WEEKDAYS[name] for name in row.split()] == list(range(7))
        assert [WEEKDAYS[name[:3]] for name in row.split()] == list(range(7))
    assert not MONTHS.keys() & WEEKDAYS.keys()


@pytest.mark.parametrize("name", sorted(WEEKDAYS))
def test_a_weekday_is_read_at_its_own_day_alone(name: str) -> None:
    read = []
    for day in range(1, 8):
        with contextlib.suppress(NotATime):
            read.append(datetime.fromtimestamp(instant(f"{name} {day}.6.2026 09:30", OSLO).at, UTC).weekday())
    assert read == [WEEKDAYS[name]]


def test_a_time_that_is_skipped_or_occurs_twice_is_so_in_any_form() -> None:
    with pytest.raises(NotATime, match="does not exist"):
        instant("søndag 29. mars 2026 kl. 02.30", OSLO)
    assert instant("søndag 25. oktober 2026 kl. 02.30", OSLO).occurs_twice


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - local times are written
def test_however_it_is_written_it_is_the_same(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    day = sorted(name for name, number in WEEKDAYS.items() if number == moment.weekday())[moment.day % 2]
    month = sorted(name for name, number in MONTHS.items() if number == moment.month)[0]
    forms = [
        f"{moment:%d.%m.%Y %H.%M}",
        f"{moment:%d.%m.%y kl. %H%M}",
        f"{day}. {moment.day}. {month} {moment.year} kl. {moment.hour}.{moment:%M}",
        f"{moment:%Y-%m-%d} 00:00:00 {moment:%H:%M}",
    ]
    with contextlib.suppress(NotATime):
        expected = instant(moment.isoformat(), OSLO)
        assert [instant(form, OSLO) for form in forms] == [expected] * 4


@given(st.text("0123456789.:/-, TZ+klamprjundefostg", max_size=30))
def test_any_text_of_such_letters_is_a_time_or_says_that_it_is_none(text: str) -> None:
    with contextlib.suppress(NotATime):
        assert isinstance(instant(text, OSLO).at, int)


# What a whole column tells


def cleaned(cells: Sequence[str], whole: Sequence[str] | None = None, column: str = "starts_at") -> list[str | None]:
    """The local times of the cells, in a file whose column is `whole`; None where one is not read."""

    def columns() -> Iterator[tuple[str, Sequence[str]]]:
        yield "ends_at", ["06/28/2026 09:00", "46185"]
        yield from ((column, part) for part in (cells, whole or ()))

    cleaner = Cleaner("appointments", {"nidelv": ("Europe/Oslo", "NO")}, 2**40, forms=FormsOfTimes(columns))
    clean = cleaner.clean({column: cells}, ["nidelv"] * len(cells))
    return [
        None if at is None or row in clean.rejects else f"{datetime.fromtimestamp(at, OSLO):%d.%m.%Y %H:%M:%S}"
        for row, at in enumerate(clean.columns[column])
    ]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        pytest.param(["28/11/2026 09:30"], ["28.11.2026 09:30:00"], id="a day"),
        pytest.param(["28/11/2026 09.30", "13/1/2026 9:05"], ["28.11.2026 09:30:00", "13.01.2026 09:05:00"], id="two"),
        pytest.param(["28/11/2026 kl. 0930"], ["28.11.2026 09:30:00"], id="with kl."),
        pytest.param(["28/11/2026 00:00:00 09:30"], ["28.11.2026 09:30:00"], id="beside a clock"),
        pytest.param(["lør 28/11/2026 09:30"], ["28.11.2026 09:30:00"], id="with its weekday"),
        pytest.param(["28/11/2026 09:30", "05/11/2026 09:30"], [None, None], id="one could be month/day"),
        pytest.param(["28/11/2026 09:30", "11/28/2026 09:30"], [None, None], id="one can be nothing else"),
        pytest.param(["11/28/2026 09:30", "12/13/2026 09:30"], [None, None], id="all of them"),
        pytest.param(["28/11/2026 09:30", "5/11/26"], [None, None], id="one could be, with two digits of a year"),
        pytest.param(
            ["28/11/2026 09:30", "2026-06-12T09:30"], ["28.11.2026 09:30:00", "12.06.2026 09:30:00"], id="ISO"
        ),
        pytest.param(["28/11/26 09:30"], [None], id="two digits of a year behind slashes"),
        pytest.param(["28/13/2026 09:30"], [None], id="no such month"),
    ],
)
def test_slashes_are_read_where_no_date_of_the_column_could_be_month_first(
    cells: Sequence[str], read: Sequence[str | None]
) -> None:
    assert cleaned(cells) == read


def test_one_that_comes_a_million_rows_later_counts_too() -> None:
    assert cleaned(["28/11/2026 09:30"], whole=["", "05/11/2026 09:30"]) == [None]
    assert cleaned(["28/11/2026 09:30"], whole=["", "29/11/2026 09:30"]) == ["28.11.2026 09:30:00"]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        pytest.param(["46185.395833333336"], ["12.06.2026 09:30:00"], id="as it is"),
        pytest.param(["46185,3958333333", ""], ["12.06.2026 09:30:00", None], id="a comma, and blank ones"),
        pytest.param(["46185.39583"], ["12.06.2026 09:30:00"], id="as Excel shows it"),
        pytest.param(["46185.5", "46185.375"], ["12.06.2026 12:00:00", "12.06.2026 09:00:00"], id="noon and nine"),
        pytest.param(["46185", "46185.5"], ["12.06.2026 00:00:00", "12.06.2026 12:00:00"], id="midnight among clocks"),
        pytest.param(["46185.59973379629"], ["12.06.2026 14:23:37"], id="seconds"),
        pytest.param(["46185 09:30"], ["12.06.2026 09:30:00"], id="a clock beside it"),
        pytest.param(["46185 0.395833333"], ["12.06.2026 09:30:00"], id="a clock of a number beside it"),
        pytest.param(["46185 0.25", "46185 0,395833333"], ["12.06.2026 06:00:00", "12.06.2026 09:30:00"], id="six"),
        pytest.param(["46185.395833", "12.06.2026 09:30"], [None, "12.06.2026 09:30:00"], id="and a date"),
        pytest.param(["46185.395833", "ukjent"], [None, None], id="and a word"),
        pytest.param(["46185", "46186"], [None, None], id="days alone"),
        pytest.param(["46185.4", "46185.5"], [None, None], id="one may be rounded to what it is not"),
        pytest.param(
            ["46185.4", "46185.395833"],
            ["12.06.2026 09:36:00", "12.06.2026 09:30:00"],
            id="one is short, and the other shows that none is rounded",
        ),
        pytest.param(["1234.395833"], [None], id="another number"),
        pytest.param(["91234.567891"], [None], id="of another century"),
    ],
)
def test_excels_numbers_are_read_in_a_column_that_holds_nothing_else(
    cells: Sequence[str], read: Sequence[str | None]
) -> None:
    assert cleaned(cells) == read


def test_what_the_column_does_not_tell_is_unread_in_any_time() -> None:
    assert cleaned(["28/11/2026 09:30", "05/11/2026 09:30"], column="ends_at") == [None, None]


@pytest.mark.slow
@given(st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=20))
def test_every_minute_of_a_day_is_read_as_excel_counts_it(minutes: list[int]) -> None:
    cells = [repr(SERIAL + 0.1 - 0.1 + minute / 1440) for minute in minutes]
    whole = [f"{SERIAL}.395833"]
    start = datetime(2026, 6, 12)  # noqa: DTZ001 - local
    expected = [f"{start + timedelta(minutes=minute):%d.%m.%Y %H:%M:%S}" for minute in minutes]
    assert cleaned([cell.removesuffix(".0") for cell in cells], whole) == expected


# From the shell, with every format


def starts(clinic: Clinic) -> list[str]:
    with engines.connected(clinic.folder) as connection:
        rows = connection.execute("SELECT starts_at FROM appointment ORDER BY appointment_id").fetchall()
    return [f"{datetime.fromtimestamp(at, OSLO):%d.%m.%Y %H:%M}" for (at,) in rows]


def imported(clinic: Clinic, path: Path) -> dict[str, object]:
    [report] = clinic.json("import", "--clinic", "nidelv", "--force", str(path))["files"]
    assert isinstance(report, dict)
    return report


HEADER = "Timenr;Pasientnr;Status;Dato;Klokkeslett"
SLASHES = [f"A{day};P1;Avtalt;{day}/06/2026;09:30" for day in range(13, 29)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("last", "is_read"),
    [
        pytest.param("A9;P1;Avtalt;29/06/2026;10:30", True, id="none could be the month first"),
        pytest.param("A9;P1;Avtalt;05/06/2026;10:30", False, id="the last could be"),
    ],
)
@pytest.mark.parametrize("filler", [0, 9_000], ids=["a small file", "some blocks"])
def test_a_file_with_slashes(tmp_path: Path, last: str, is_read: bool, filler: int) -> None:
    clinic = Clinic.begun_in(tmp_path)
    more = [f"B{number:05};P1;Avtalt;{13 + number % 15}/07/2027;09:30" for number in range(filler)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *SLASHES, *more, last]) + "\n", encoding="utf-8")
    report = imported(clinic, path)
    rows = len(SLASHES) + filler + 1
    assert (report["rows"], report["new"], report["rejected"]) == (rows, *((rows, 0) if is_read else (0, rows)))
    if is_read:
        assert starts(clinic)[0] == "13.06.2026 09:30"
    else:
        assert "may be day/month or month/day" in clinic.call("import", "--clinic", "nidelv", "--force", str(path)).err


@pytest.mark.slow
def test_a_large_file_with_slashes_is_read_once_more(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    more = [f"B{number:05};P1;Avtalt;{13 + number % 15}/07/2027;09:30" for number in range(20_000)]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *SLASHES, *more]) + "\n", encoding="utf-8")
    report = imported(clinic, tmp_path / "a.csv")
    assert (report["new"], report["rejected"], report["error"]) == (len(SLASHES) + 20_000, 0, None)


def test_rows_of_json_with_slashes(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    rows = [
        {"timenr": f"A{day}", "pasientnr": "P1", "status": "booked", "dato": f"{day}/06/2026 10:00"} for day in (13, 28)
    ]
    rows += [{"timenr": "A3", "pasientnr": "P1", "status": "booked", "sted": "Rom 1", "dato": "14/06/2026 10:00"}]
    path = tmp_path / "a.ndjson"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert imported(clinic, path)["new"] == 3
    assert starts(clinic) == ["13.06.2026 10:00", "28.06.2026 10:00", "14.06.2026 10:00"]


def test_a_workbook_of_numbers_without_a_format(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "a.xlsx"
    rows = [["Timenr", "Pasientnr", "Status", "Tidspunkt"], ["A1", "P1", "Avtalt", 46185.395833333336]]
    path.write_bytes(xlsx(*rows))
    assert imported(clinic, path)["new"] == 1
    assert starts(clinic) == ["12.06.2026 09:30"]


def test_a_file_that_is_changed_while_its_column_is_looked_through_changes_nothing(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *SLASHES]) + '\n"A9;P1\n', encoding="utf-8")
    report = imported(clinic, path)
    assert (report["new"], starts(clinic)) == (0, [])
    assert "a quote is opened" in str(report["error"])
