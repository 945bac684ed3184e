"""SPEC section 8, `notify report`: a month in figures, in the terminal, as JSON and as a page of its own."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

BOOKED = "A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"
DUE, LATER = "2026-06-03T12:05:00+02:00", "2026-06-30T12:00:00+02:00"
KEYS = {
    *("month", "clinic", "timezone", "since", "until", "sent", "failed", "skipped", "uncertain", "days", "channels"),
    *("reasons", "delay", "fallbacks", "sms", "appointments", "register", "others"),
}
NO_ELEMENTS = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}


def report(clinic: Clinic, *options: str, month: str = "2026-06", at: str = LATER) -> dict[str, Any]:
    value: dict[str, Any] = clinic.json("report", "--month", month, *options, at=at)
    assert set(value) == KEYS
    return value


def busy_days(value: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    days = {day["day"]: (day["sent"], day["failed"], day["skipped"]) for day in value["days"]}
    return {day: numbers for day, numbers in days.items() if any(numbers)}


def take(clinic: Clinic, name: str, *lines: str, at: str = "2026-06-03T12:00:00+02:00") -> None:
    path = clinic.folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert clinic.call("import", str(path), at=at).exit in (0, 1)


def in_june(folder: Path, config: str = "") -> Clinic:
    """One notice sent, one skipped."""
    clinic = Clinic.begun_in(folder, config)
    clinic.book(BOOKED, "A2;P7;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;")
    clinic.call("run", at=DUE)
    return clinic


def test_a_month_in_which_nothing_happened(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    value = report(clinic, month="2026-02")
    assert (value["since"], value["until"]) == ("2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z")
    assert (len(value["days"]), busy_days(value)) == (28, {})
    assert value["reasons"] == {"failed": {}, "skipped": {}}
    assert {name: value["delay"][name] for name in ("count", "share", "median", "p99")} == {
        **{"count": 0, "share": None, "median": None, "p99": None}
    }
    assert value["appointments"]["reminded"] == {"kept": 0, "missed": 0, "share_missed": None, "low": 0.0, "high": 1.0}
    answer = clinic.call("report", "--month", "2026-02", "--html", str(tmp_path / "page.html"), at=LATER)
    assert answer.exit == 0, answer
    assert "Nothing went out, failed or was skipped." in clinic.call("report", "--month", "2026-02", at=LATER).out


def test_what_was_sent_and_what_was_skipped_and_why(tmp_path: Path) -> None:
    value = report(in_june(tmp_path))
    assert busy_days(value) == {"2026-06-03": (value["sent"], 0, 1)}
    assert value["sent"] == sum(channel["sent"] for channel in value["channels"]) > 0
    assert sum(value["reasons"]["skipped"].values()) == 1
    assert (value["delay"]["count"], value["delay"]["share"], value["delay"]["median"]) == (1, 1.0, 0)
    assert value["delay"]["steps"][0] == {"up_to": 10, "notices": 1}


def test_without_a_month_it_is_the_present_one(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    assert clinic.json("report", at=LATER)["month"] == "2026-06"
    assert clinic.json("report", at="2026-06-30T23:59:59+02:00")["month"] == "2026-06"
    assert clinic.json("report", at="2026-07-01T00:00:00+02:00")["month"] == "2026-07"


@pytest.mark.parametrize(
    ("sent_at", "month", "day"),
    [
        pytest.param("2026-05-31T23:59:59+02:00", "2026-05", "2026-05-31", id="the last second of a month"),
        pytest.param("2026-06-01T00:00:00+02:00", "2026-06", "2026-06-01", id="the first of the next"),
        pytest.param("2026-03-29T03:00:00+02:00", "2026-03", "2026-03-29", id="right after summer time begins"),
        pytest.param("2026-03-29T23:59:59+02:00", "2026-03", "2026-03-29", id="the end of a day of 23 hours"),
        pytest.param("2026-10-25T23:59:59+01:00", "2026-10", "2026-10-25", id="the end of a day of 25 hours"),
        pytest.param("2026-10-25T00:00:00+02:00", "2026-10", "2026-10-25", id="its beginning"),
    ],
)
def test_a_day_is_the_one_of_the_zone(tmp_path: Path, sent_at: str, month: str, day: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(f"A1;P2;KONS;2026-12-18T10:00;booked;{sent_at[:10]}T00:00;", at=sent_at)
    clinic.call("run", at=sent_at)
    clinic.call("run", at=sent_at[:10] + "T23:59:59" + sent_at[19:])
    [(busy, _)] = busy_days(report(clinic, month=month, at="2027-01-01T00:00:00+01:00")).items()
    assert busy == day


def test_of_one_clinic_in_its_own_zone(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    take(clinic, "c.csv", "clinic_id;name;timebook;timezone", "aukland;Aukland;yes;Pacific/Auckland", at=DUE)
    take(clinic, "t.csv", "clinic_id;type_id;notifications", "aukland;KONS;yes", at=DUE)
    take(clinic, "p.csv", "clinic_id;patient_id;consent;email", "aukland;Q1;yes;q1@post.example", at=DUE)
    rows = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at"
    take(
        clinic,
        "a.csv",
        rows,
        "aukland;B1;Q1;KONS;2026-06-20T10:00;booked;2026-06-04T04:00",
        at="2026-06-03T18:00:00+02:00",
    )
    clinic.call("run", at="2026-06-03T18:05:00+02:00")
    both, of_one, of_other = report(clinic), report(clinic, "--clinic", "aukland"), report(clinic, "--clinic", "nidelv")
    assert both["sent"] == of_one["sent"] + of_other["sent"]
    assert (of_one["clinic"], of_one["timezone"]) == ("aukland", "Pacific/Auckland")
    assert busy_days(of_one) == {"2026-06-04": (1, 0, 0)}
    assert set(busy_days(both)) == {"2026-06-03"}
    assert (of_one["register"]["patients"], of_other["register"]["patients"]) == (1, 8)


def test_what_others_sent_counts_apart(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    before = report(clinic)
    others = "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status"
    rows = [
        f"nidelv;E{number};P1;{sender};reminder;sms;2026-06-04T0{number}:00;sent"
        for number, sender in enumerate(("helsenorge", "helsenorge", "digicare"))
    ]
    take(clinic, "external.csv", others, *rows, "nidelv;E9;P1;convene;app_invite;sms;2026-05-04T08:00;sent")
    assert report(clinic) == before | {"others": {"helsenorge": 2, "digicare": 1}}


@pytest.mark.parametrize(
    ("config", "cost"),
    [
        pytest.param("", None, id="no price, no cost"),
        pytest.param("[sms]\nprice = 0.39\n", 0.39, id="a price"),
        pytest.param("[sms]\nprice = 0.39\n[clinic.nidelv.sms]\nprice = 0.5\n", 0.5, id="the clinic's own price"),
        pytest.param("[sms]\nprice = 1\n[clinic.other.sms]\nprice = 7\n", 1.0, id="another clinic's price"),
    ],
)
def test_what_the_sms_cost(tmp_path: Path, config: str, cost: float | None) -> None:
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book("A1;P3;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    clinic.call("run", at=DUE)
    assert report(clinic)["sms"] == {"messages": 1, "segments": 1, "cost": cost}
    out = clinic.call("report", "--month", "2026-06", at=LATER).out
    assert ("cost of SMS" in out) is (cost is not None)
    assert ("makes costs appear" in out) is (cost is None)


def test_a_price_that_is_none(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "notify.toml").write_text("[sms]\nprice = -1\n", encoding="utf-8")
    answer = clinic.call("report", at=LATER)
    assert answer.exit == 3
    assert "price" in answer.err


def test_who_came_by_who_was_reminded(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(
        *(f"A{number};P{number};KONS;2026-06-10T1{number}:00;booked;2026-06-01T12:00;" for number in (1, 2, 3)),
        *(f"B{number};P{number};KONS;2026-06-04T1{number}:00;booked;2026-06-03T12:00;" for number in (1, 2)),
    )
    clinic.call("run", at=DUE)
    for clock in ("11:00", "12:00", "13:00"):
        clinic.call("run", at=f"2026-06-08T{clock}:00+02:00")
    before = report(clinic)["appointments"]
    assert (before["reminded"]["kept"], before["unknown"]) == (0, 5)
    clinic.book(
        *(
            "A1;P1;KONS;2026-06-10T11:00;fulfilled;2026-06-01T12:00;",
            "A2;P2;KONS;2026-06-10T12:00;arrived;2026-06-01T12:00;",
        ),
        *(
            "A3;P3;KONS;2026-06-10T13:00;noshow;2026-06-01T12:00;",
            "B1;P1;KONS;2026-06-04T11:00;noshow;2026-06-03T12:00;",
        ),
        at="2026-06-11T08:00:00+02:00",
    )
    value = report(clinic)["appointments"]
    told = {
        row["subject_id"]
        for row in clinic.json("history", "--limit", "0", at=LATER)
        if row["event"] == "reminder" and row["sent_at"]
    }
    reminded, others = value["reminded"], value["not_reminded"]
    assert (reminded["kept"] + others["kept"], reminded["missed"] + others["missed"], value["unknown"]) == (2, 2, 1)
    assert others["missed"] == 1 + ("A3" not in told)
    assert reminded["kept"] == len(told & {"A1", "A2"})
    assert told
    assert others["low"] <= others["share_missed"] <= others["high"]
    assert "no trial" in clinic.call("report", "--month", "2026-06", at=LATER).out


def test_another_channel_in_place_of_one_that_failed(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 unknown"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.book("A2;P4;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
        clinic.call("run", at="2026-06-03T12:06:00+02:00")
    value = report(clinic)
    both = {row["patient"] for row in clinic.json("history", at=LATER) if row["status"] == "failed"}
    assert both == {"P1", "P4"}, "P4 gets both, so that its SMS is no fallback"
    assert value["fallbacks"] == [{"from": "email", "to": "sms", "notices": 1, "sent": 1}]
    assert value["reasons"]["failed"] == {"unknown_mailbox": 2}
    assert value["register"]["stale"] == {"email": 2, "sms": 0, "push": 0}


def test_who_can_be_reached_and_who_shares(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    before = report(clinic)["register"]
    rows = [
        *("nidelv;X1;yes;deles@post.example;91234567", "nidelv;X2;yes;deles@post.example;91234567"),
        *("nidelv;X3;yes;deles@post.example;", "nidelv;X4;no;;", "nidelv;X5;yes;;"),
    ]
    take(clinic, "p.csv", "clinic_id;patient_id;consent;email;mobile", *rows)
    clinic.book("Z5;X5;KONS;2026-07-18T10:00;booked;2026-06-03T12:00;")
    register = report(clinic)["register"]
    assert register["patients"] == before["patients"] + 5
    assert register["unreachable"] == before["unreachable"] + 2
    assert register["expected"] == before["expected"] + 1
    assert register["shared_emails"] == {
        "number": before["shared_emails"]["number"] + 1,
        "patients": before["shared_emails"]["patients"] + 3,
    }
    assert register["shared_mobiles"] == {
        "number": before["shared_mobiles"]["number"] + 1,
        "patients": before["shared_mobiles"]["patients"] + 2,
    }


def test_what_was_late_and_why(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.call("run")
    clinic.book(BOOKED)
    clinic.call("run", at="2026-06-03T13:00:00+02:00")
    delay = report(clinic)["delay"]
    assert (delay["late"], delay["causes"], delay["median"]) == (1, {"cron_silent": 1}, 3300)
    assert [step["up_to"] for step in delay["steps"] if step["notices"]] == [3600]


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-6", "06.2026", "June", "-1", "2026-06-03", "0000-01"])
def test_what_is_no_month(tmp_path: Path, text: str) -> None:
    answer = Clinic.begun_in(tmp_path).call("report", f"--month={text}", at=LATER)
    assert (answer.exit, answer.out) == (2, "")
    assert "2026-05" in answer.err


def test_the_table_fits_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    clinic = in_june(tmp_path)
    for language in ("en", "nb"):
        out = clinic.call("--lang", language, "report", "--month", "2026-06", at=LATER).out
        assert out
        assert [line for line in out.splitlines() if len(line) > 80] == []


def test_the_json_is_the_same_in_norwegian(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    assert (
        clinic.call("--lang", "nb", "report", "--json", at=LATER).out == clinic.call("report", "--json", at=LATER).out
    )


class Page(HTMLParser):
    """Its elements, attributes and words; every element that is opened is closed."""

    VOID = ("meta",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page_of(clinic: Clinic, *before: str, options: tuple[str, ...] = ()) -> str:
    path = clinic.folder / "page.html"
    answer = clinic.call(*before, "report", "--month", "2026-06", *options, "--html", str(path), at=LATER)
    assert (answer.exit, answer.out) == (0, ""), answer
    assert str(path) in answer.err
    return path.read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_elsewhere_and_no_script(tmp_path: Path) -> None:
    text = page_of(in_june(tmp_path))
    page = Page(text)
    assert page.names & NO_ELEMENTS == set()
    assert {name for name, _ in page.attributes} & {"src", "href", "action", "srcset", "style", "onload"} == set()
    assert not re.search(r"https?:|url\(|@import|//", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_page_and_the_table_say_the_same(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    words = " ".join(Page(page_of(clinic)).words)
    out = clinic.call("report", "--month", "2026-06", at=LATER).out
    titles = ("June 2026", "By channel", "Failed, by reason", "Skipped, by reason", "From due to sent", "SMS")
    titles += ("Later than their minute, by cause", "Appointments kept and missed", "Who can be reached")
    assert [title for title in titles if title not in words or title not in out] == []


def test_no_patient_stands_on_the_page(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    out = page_of(clinic) + clinic.call("report", at=LATER).out + clinic.call("report", "--json", at=LATER).out
    assert not [word for word in ("P1", "Kari", "Hansen", "post.example", "91000001", "9100", "A1") if word in out]


def test_the_page_in_norwegian(tmp_path: Path) -> None:
    text = page_of(in_june(tmp_path), "--lang", "nb")
    assert '<html lang="nb">' in text
    assert "Juni 2026" in text
    assert "Hvem som kan nås" in text
    assert "reason" not in " ".join(Page(text).words)


def test_words_of_others_are_no_html(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    take(clinic, "c.csv", "clinic_id;name", "<b>x</b>&;Et sted", at=DUE)
    text = page_of(clinic, options=("--clinic", "<b>x</b>&"))
    assert "<b>x</b>&" not in text
    assert "&lt;b&gt;x&lt;/b&gt;&amp;" in text


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    answer = clinic.call("report", "--html", str(tmp_path / "nowhere" / "page.html"), at=LATER)
    assert answer.exit == 3
    assert "page.html" in answer.err
    assert "Traceback" not in answer.err
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_the_page_and_the_json_of_one_call(tmp_path: Path) -> None:
    clinic = in_june(tmp_path)
    answer = clinic.call("report", "--json", "--html", str(tmp_path / "page.html"), at=LATER)
    assert answer.exit == 0
    assert answer.out.startswith("{")
    assert (tmp_path / "page.html").exists()


def test_an_unknown_clinic_is_wrong_usage(tmp_path: Path) -> None:
    assert Clinic.begun_in(tmp_path).call("report", "--clinic", "nidelf").exit == 2


def test_a_bar_for_each_day_that_had_any(tmp_path: Path) -> None:
    """The highest bears its number; one that had none has no bar."""
    clinic = in_june(tmp_path)
    clinic.book("A3;P5;KONS;2026-06-20T10:00;booked;2026-06-04T12:00;", at="2026-06-04T12:00:00+02:00")
    clinic.call("run", at="2026-06-04T12:05:00+02:00")
    text, busy = page_of(clinic), busy_days(report(clinic))
    for place, kind in enumerate(("sent", "failed", "skipped")):
        numbers = [figures[place] for figures in busy.values() if figures[place]]
        assert text.count(f'<rect class="{kind}" x=') == len(numbers)
        chart = text.split(f'aria-label="{kind}: ')[1].split("</svg>")[0]
        assert re.findall(r'class="most"[^>]*>(\d+)<', chart) == ([str(max(numbers))] if numbers else [])
        assert re.findall(r">(Mon \d+\.)<", chart) == ["Mon 1.", "Mon 8.", "Mon 15.", "Mon 22.", "Mon 29."]
