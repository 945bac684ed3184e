"""A calendar file goes out where [email] calendar asks for it: read from the bytes that were sent."""

import subprocess
import sys
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar

from notifycli.delivery import transports
from tests.support import engines
from tests.support.facts import OSLO
from tests.support.one_clinic import mail_server
from tests.support.smtp_server import Script
from tests.support.timelines import NO_LIMITS, PLACED, Timeline, came, ran, visit

ASKED_FOR = NO_LIMITS + "[email]\ncalendar = true\n"
OF_THE_CLINIC = NO_LIMITS + "[clinic.nidelv.email]\ncalendar = true\n"
OF_ANOTHER = NO_LIMITS + "[clinic.lofoten.email]\ncalendar = true\n"
BOOKED = visit("A1", "P1", "06-11 10:00", "06-03 12:00", place="Rom 1")
MOVED = visit("A1", "P1", "06-12 09:00", "06-03 12:00", place="Rom 2", changed="06-04 12:00")
CANCELLED = visit(
    "A1",
    "P1",
    "06-12 09:00",
    "06-03 12:00",
    place="Rom 2",
    status="cancelled",
    changed="06-04 12:00",
    cancelled="06-05 12:00",
)
STORY = (
    came("06-03 12:00", BOOKED, header=PLACED),
    ran("06-03 12:05"),
    came("06-04 12:00", MOVED, header=PLACED),
    ran("06-04 12:05"),
    came("06-05 12:00", CANCELLED, header=PLACED),
    ran("06-05 12:05"),
)


def mails(folder: Path) -> list[EmailMessage]:
    """What lies in the outbox, in the order in which it was sent."""
    new = folder / "outbox" / "email" / "new"
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in new.iterdir()]
    return sorted(found, key=lambda mail: mail["Date"].datetime)


def files_of(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def entry_of(mail: EmailMessage):
    [file] = files_of(mail)
    calendar = Calendar.from_ical(file.get_content())
    assert file["Content-Type"].params["method"] == calendar["METHOD"]
    [entry] = calendar.walk("VEVENT")
    assert calendar.walk("VTIMEZONE")[0]["TZID"] == "Europe/Oslo"
    return calendar["METHOD"], entry


def test_confirmation_change_and_cancellation_are_versions_of_one_entry(tmp_path):
    Timeline.begun_in(tmp_path, ASKED_FOR).play(STORY)
    told = [entry_of(mail) for mail in mails(tmp_path)]
    assert [method for method, _ in told] == ["PUBLISH", "PUBLISH", "CANCEL"]
    entries = [entry for _, entry in told]
    assert len({entry["UID"] for entry in entries}) == 1
    assert [entry["SEQUENCE"] for entry in entries] == [0, 1, 2]
    ten, nine = datetime(2026, 6, 11, 10, tzinfo=OSLO), datetime(2026, 6, 12, 9, tzinfo=OSLO)
    assert [entry.decoded("DTSTART") for entry in entries] == [ten, nine, nine]
    assert [entry["LOCATION"] for entry in entries] == ["Rom 1", "Rom 2", "Rom 2"]
    assert {str(entry["SUMMARY"]) for entry in entries} == {"Time hos Nidelv legesenter"}


@pytest.mark.slow
def test_the_mail_beside_the_file_is_as_ever(tmp_path):
    with_files, without = tmp_path / "with", tmp_path / "without"
    for folder, config in ((with_files, ASKED_FOR), (without, NO_LIMITS)):
        folder.mkdir()
        Timeline.begun_in(folder, config).play(STORY)
    for one, other in zip(mails(with_files), mails(without), strict=True):
        assert not one.defects
        assert one.get_content_type() == "multipart/mixed"
        [alternative, file] = one.iter_parts()
        assert file.get_filename() == "time.ics"
        assert file.get_content_disposition() == "attachment"
        assert alternative.get_content_type() == other.get_content_type() == "multipart/alternative"
        for kind in ("plain", "html"):
            assert one.get_body((kind,)).get_content() == other.get_body((kind,)).get_content()
        assert files_of(other) == []


@pytest.mark.parametrize(
    ("config", "number"),
    [
        pytest.param(NO_LIMITS, 0, id="nobody asks"),
        pytest.param(OF_THE_CLINIC, 1, id="this clinic asks"),
        pytest.param(OF_ANOTHER, 0, id="another clinic asks"),
        pytest.param(ASKED_FOR + "[clinic.nidelv.email]\ncalendar = false\n", 0, id="all but this clinic ask"),
    ],
)
def test_a_file_goes_where_it_is_asked_for(tmp_path, config, number):
    Timeline.begun_in(tmp_path, config).play(STORY[:2])
    [mail] = mails(tmp_path)
    assert len(files_of(mail)) == number


def test_a_reminder_brings_none(tmp_path):
    Timeline.begun_in(tmp_path, ASKED_FOR).play([*STORY[:2], ran("06-09 10:00")])
    assert [len(files_of(mail)) for mail in mails(tmp_path)] == [1, 0]


def test_booked_again_is_a_later_version_of_the_entry(tmp_path):
    again = visit("A1", "P1", "06-12 09:00", "06-06 12:00", place="Rom 2")
    steps = [*STORY, came("06-06 12:00", again, header=PLACED), ran("06-06 12:05")]
    Timeline.begun_in(tmp_path, ASKED_FOR).play(steps)
    told = [entry_of(mail) for mail in mails(tmp_path)]
    assert [(method, entry["SEQUENCE"]) for method, entry in told][-2:] == [("CANCEL", 2), ("PUBLISH", 3)]
    assert len({entry["UID"] for _, entry in told}) == 1


def test_another_patient_gets_an_entry_of_their_own(tmp_path):
    given = visit("A1", "P2", "06-11 10:00", "06-03 12:00", place="Rom 1", changed="06-04 12:00")
    Timeline.begun_in(tmp_path, ASKED_FOR).play(
        [*STORY[:2], came("06-04 12:00", given, header=PLACED), ran("06-04 12:05")]
    )
    first, second = (entry_of(mail)[1] for mail in mails(tmp_path))
    assert first["UID"] != second["UID"]


def test_nothing_of_the_type_is_in_it(tmp_path):
    Timeline.begun_in(tmp_path, ASKED_FOR).play(STORY)
    for mail in mails(tmp_path):
        assert "KONS" not in files_of(mail)[0].get_content()


def test_a_mail_server_gets_it_whole(tmp_path):
    with mail_server(Script()) as (server, section):
        Timeline.begun_in(tmp_path, NO_LIMITS + section + "calendar = true\n").play(STORY[:2])
        [octets] = server.messages
    assert entry_of(message_from_bytes(octets, policy=policy.default))[1]["LOCATION"] == "Rom 1"


@pytest.mark.slow
def test_who_does_not_ask_does_not_pay(tmp_path):
    Timeline.begun_in(tmp_path).play(STORY[:1])
    program = "import sys; from notifycli.cli.main import main; main(sys.argv[1:]); print('icalendar' in sys.modules)"
    call = [
        "--db",
        str(engines.address_in(tmp_path)),
        "--config",
        str(tmp_path / "notify.toml"),
        "--now",
        "2026-06-03T12:05+02:00",
    ]
    done = subprocess.run([sys.executable, "-c", program, *call, "run"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert len(mails(tmp_path)) == 1


def test_the_library_is_asked_for_before_anything_is_claimed(tmp_path, monkeypatch):
    timeline = Timeline.begun_in(tmp_path, OF_THE_CLINIC).play(STORY[:1])
    monkeypatch.setattr(transports, "find_spec", lambda module: None)
    answer = timeline.call("06-03 12:05", "run")
    assert answer.exit == 3
    assert "[email] calendar = true needs icalendar; type: pip install 'notifycli[calendar]'" in answer.err
    assert "calendar files" in timeline.call("06-03 12:05", "doctor").out
    assert timeline.history() == []
