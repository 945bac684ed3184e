"""SPEC section 4, R18: a notice without a way is looked at again at once when one becomes possible in time.

P7 has neither an address nor a number; A1 is on Thursday 11 June at 10. Goes by the command line.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.one_clinic import mail_server
from tests.support.smtp_server import Script
from tests.support.timelines import NO_LIMITS, Step, Timeline, arrived, called, came, patients, played, ran, visit

A1 = visit("A1", "P7", "06-11 10:00", "06-03 12:00")
OUT_OF_REACH = (came("06-03 12:00", A1), ran("06-03 12:05"))
SKIPPED = "06-03 12:05 P7 confirmation A1 no_contact"
BY_EMAIL, BY_SMS = "06-03 12:05 P7 confirmation A1 email", "06-03 12:05 P7 confirmation A1 sms"
AT = "06-04 08:00"


def staff(at: str, *what: str, patient: str = "P7") -> Step:
    return called(at, "patient", "set", "nidelv", patient, *what)


def message(mobile: str) -> str:
    return (
        "MSH|^~\\&|EPJ|nidelv|||20260604080000+0200||SIU^S14|1|P|2.5\r"
        f"SCH||A7|||||KONS|KONS|30|min|^^30^20260630100000+0200\rPID|1||P7^^^X^PI||Moen^Siv||||||||{mobile}\r"
    )


NORWEGIAN = "Klinikk;Pasientnr;E-post;Mobil;Samtykke\nnidelv;P7;;91 00 00 07;J\n"


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        pytest.param(patients(AT, "P7;siv@post.example;;yes"), BY_EMAIL, id="an address, by file"),
        pytest.param(patients(AT, "P7;;91000007;yes"), BY_SMS, id="a number, by file"),
        pytest.param(arrived(AT, NORWEGIAN, "pasienter.csv"), BY_SMS, id="a number, by a Norwegian file"),
        pytest.param(patients(AT, "P7;91000007;yes", columns="mobile;consent"), BY_SMS, id="a file of numbers only"),
        pytest.param(arrived(AT, message("91000007"), "m.hl7"), BY_SMS, id="a number, by an HL7 message"),
        pytest.param(staff(AT, "--email", "siv@post.example"), BY_EMAIL, id="an address, by staff"),
        pytest.param(staff(AT, "--mobile", "91000007"), BY_SMS, id="a number, by staff"),
        pytest.param(patients(AT, "P7;siv@;73500000;yes"), SKIPPED, id="an invalid address and a landline"),
        pytest.param(
            patients(AT, "P7;;;token;yes;yes", columns="email;mobile;push_token;push_allowed;consent"),
            SKIPPED,
            id="push, which never goes alone",
        ),
        pytest.param(staff(AT, "--method", "sms"), SKIPPED, id="a preference alone"),
        pytest.param(patients(AT, "P7;;;yes"), SKIPPED, id="nothing new"),
    ],
)
def test_a_confirmation_that_reached_nobody(tmp_path: Path, way: Step, expected: str) -> None:
    history = played(tmp_path, *OUT_OF_REACH, way, ran("06-04 08:01", "06-04 08:02")).history()
    assert [line for line in history if " A1 " in line] == [expected]


@pytest.mark.parametrize(
    ("rows", "at", "expected"),
    [
        pytest.param(
            [("06-03 12:00", A1)],
            "06-11 09:59",
            ["06-03 12:05 P7 confirmation A1 sms", "06-09 10:00 P7 reminder A1 covered"],
            id="a minute before the start: the confirmation, which covers the reminder",
        ),
        pytest.param(
            [("06-03 12:00", A1)],
            "06-11 10:00",
            [],
            id="too late at the start",
        ),
        pytest.param(
            [("06-03 12:00", A1), ("06-03 13:00", A1 | {"starts": "06-12 10:00", "changed": "06-03 13:00"})],
            "06-04 08:00",
            [BY_SMS, "06-03 13:05 P7 change A1 covered"],
            id="a confirmation with the details of now covers the change",
        ),
        pytest.param(
            [
                ("06-03 12:00", A1),
                ("06-03 13:00", A1 | {"status": "cancelled", "changed": "06-03 13:00", "cancelled": "06-03 13:00"}),
            ],
            "06-04 08:00",
            ["06-03 13:05 P7 cancellation A1 sms"],
            id="a cancellation; the confirmation is not true any more",
        ),
        pytest.param(
            [("05-20 12:00", A1 | {"booked": "05-20 12:00"})],
            "06-04 08:00",
            ["05-20 12:05 P7 confirmation A1 sms", "06-09 10:00 P7 reminder A1 sms"],
            id="weeks later, and the reminder in its minute",
        ),
    ],
)
def test_what_is_looked_at_again(
    tmp_path: Path, rows: list[tuple[str, Mapping[str, str]]], at: str, expected: list[str]
) -> None:
    steps = [step for when, row in rows for step in (came(when, row), ran(f"{when[:-1]}5"))]
    if at > "06-09":
        steps.append(ran("06-09 10:00"))
    timeline = played(tmp_path, *steps, staff(at, "--mobile", "91000007"))
    timeline.play([ran(at), *([] if at > "06-09" else [ran("06-09 10:00")])])
    assert [line for line in timeline.history() if line.endswith((" sms", " covered"))] == expected
    assert len({row["notice"] for row in timeline.rows()}) == len(timeline.rows())


DIALOG = "clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P7;dialog;2026-06-03T12:00\n"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("06-10 11:59", "06-03 12:00 P7 dialog D1 sms", id="within seven days"),
        pytest.param("06-10 12:00", "06-03 12:00 P7 dialog D1 no_contact", id="after seven days"),
    ],
)
def test_a_dialog_that_reached_nobody(tmp_path: Path, at: str, expected: str) -> None:
    steps = (arrived("06-03 12:00", DIALOG, "dialogs.csv"), ran("06-03 12:00"), staff(at, "--mobile", "91000007"))
    assert played(tmp_path, *steps, ran(at)).history() == [expected]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            [patients("06-03 11:00", "P7;;;no"), *OUT_OF_REACH, patients(AT, "P7;siv@post.example;91000007;yes")],
            id="consent and a way that come together: consent opens nothing",
        ),
        pytest.param(
            [*OUT_OF_REACH, patients(AT, "P7;siv@post.example;91000007;no")],
            id="a way with consent withdrawn",
        ),
    ],
)
def test_without_consent_a_way_opens_nothing(tmp_path: Path, steps: list[Step]) -> None:
    [line] = played(tmp_path, *steps, ran("06-04 08:01")).history()
    assert line.endswith(("no_consent", "no_contact"))


def test_it_is_opened_once(tmp_path: Path) -> None:
    ways = [staff("06-04 08:00", "--mobile", "91000007"), ran("06-04 08:01")]
    ways += [staff("06-04 09:00", "--mobile", "91000008"), staff("06-04 09:10", "--email", "siv@post.example")]
    timeline = played(tmp_path, *OUT_OF_REACH, *ways, ran("06-04 09:11"), patients("06-04 10:00", "P7;a@b.no;;yes"))
    assert timeline.play([ran("06-04 10:01")]).history() == [BY_SMS]


def test_a_way_that_went_again_before_the_run_opens_nothing(tmp_path: Path) -> None:
    ways = [staff("06-04 08:00", "--mobile", "91000007"), staff("06-04 08:00:30", "--mobile", "")]
    assert played(tmp_path, *OUT_OF_REACH, *ways, ran("06-04 08:01")).history() == [SKIPPED]


def test_of_another_clinics_patient_of_the_same_id_it_opens_nothing(tmp_path: Path) -> None:
    york = arrived("06-03 11:00", "clinic_id;name;timebook\nyork;York legesenter;yes\n", "york.csv")
    other = arrived(AT, "clinic_id;patient_id;mobile;consent\nyork;P7;91000007;yes\n", "patients.csv")
    assert played(tmp_path, york, *OUT_OF_REACH, other, ran("06-04 08:01")).history() == [SKIPPED]


# One of which every delivery failed for its address

GONE = Script(answers={"RCPT": ["550 5.1.1 no such user here", "250 2.1.5 ok"]})
ONLY_EMAIL = patients("06-03 11:00", "P9;old@post.example;;yes")
OF_P9 = came("06-03 12:00", visit("A1", "P9", "06-11 10:00", "06-03 12:00"))


@pytest.mark.parametrize(
    ("way", "came_of_it"),
    [
        pytest.param(patients(AT, "P9;new@post.example;;yes"), ["email"], id="a new address, by file"),
        pytest.param(staff(AT, "--email", "new@post.example", patient="P9"), ["email"], id="by staff"),
        pytest.param(patients(AT, "P9;old@post.example;91000099;yes"), ["sms"], id="a number, by file"),
        pytest.param(staff(AT, "--mobile", "91000099", patient="P9"), ["sms"], id="a number, by staff"),
        pytest.param(patients(AT, "P9;old@post.example;;yes"), [], id="the same address by file: it is gone"),
    ],
)
def test_a_notice_of_which_every_delivery_failed_for_its_address(
    tmp_path: Path, way: Step, came_of_it: list[str]
) -> None:
    with mail_server(GONE) as (_, email):
        timeline = Timeline.begun_in(tmp_path, NO_LIMITS + email)
        timeline.play([ONLY_EMAIL, OF_P9, ran("06-03 12:05")])
        assert [row["status"] for row in timeline.rows()] == ["failed"]
        timeline.play([way, ran("06-04 08:01", "06-04 08:02")])
    assert [row["channel"] for row in timeline.rows() if row["status"] == "sent"] == came_of_it
    assert {row["event"] for row in timeline.rows()} == {"confirmation"}


def test_one_that_was_refused_for_another_reason_is_not_opened(tmp_path: Path) -> None:
    """Blocked is no fault of the address: a new one says nothing of the server that refuses ours."""
    blocked = Script(answers={"RCPT": ["550 5.7.1 blocked: your server is listed", "250 2.1.5 ok"]})
    with mail_server(blocked) as (_, email):
        timeline = Timeline.begun_in(tmp_path, NO_LIMITS + email)
        timeline.play([ONLY_EMAIL, OF_P9, ran("06-03 12:05")])
        timeline.play([staff(AT, "--email", "new@post.example", patient="P9"), ran("06-04 08:01")])
    assert [row["status"] for row in timeline.rows()] == ["failed"]


@pytest.mark.parametrize(
    ("address", "warns"), [("old@post.example", True), ("new@post.example", False)], ids=["gone", "another"]
)
def test_an_import_warns_of_a_patient_whose_only_address_is_gone(tmp_path: Path, address: str, warns: bool) -> None:
    with mail_server(GONE) as (_, email):
        timeline = Timeline.begun_in(tmp_path, NO_LIMITS + email)
        timeline.play([ONLY_EMAIL, OF_P9, ran("06-03 12:05")])
    rows = f"clinic_id;patient_id;email;mobile;consent;family_name\nnidelv;P9;{address};;yes;Lie\n"
    [report] = timeline.imported(AT, timeline.written(rows, "patients.csv"))
    assert (report["warnings"] > 0) is warns
