"""SPEC section 5: preference and contact details are asked again before every attempt of a delivery that waits.

E-mail or SMS is out of order at 12:05 and works again at 12:06 and later. Goes by the command line.
"""

import sys
from pathlib import Path

import pytest

from tests.support.timelines import NO_LIMITS, Step, Timeline, called, came, patients, ran, visit

BROKEN_EMAIL = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'  # nobody listens there
BROKEN_SMS = f'[sms]\ntransport = "command"\ncommand = ["{sys.executable}", "-I", "-S", "-c", "raise SystemExit(75)"]\n'
EMAIL_WAITS, SMS_WAITS, BOTH_WAIT = BROKEN_EMAIL, BROKEN_SMS, BROKEN_EMAIL + BROKEN_SMS
AT = "06-03 12:05:30"


def works_again(timeline: Timeline) -> None:
    (timeline.clinic.folder / "notify.toml").write_text(NO_LIMITS, encoding="utf-8")


def waiting(folder: Path, patient: str, out_of_order: str) -> Timeline:
    """A confirmation whose deliveries by what is out of order wait for their second attempt at 12:06."""
    timeline = Timeline.begun_in(folder, NO_LIMITS + out_of_order)
    return timeline.play([came("06-03 12:00", visit("A1", patient, "06-11 10:00", "06-03 12:00")), ran("06-03 12:05")])


def staff(patient: str, *what: str) -> Step:
    return called(AT, "patient", "set", "nidelv", patient, *what)


def outcome(timeline: Timeline) -> list[str]:
    return sorted(
        f"{row['channel']} {row['reason'] or row['status']} {row['address']}".removesuffix(" None")
        for row in timeline.rows()
    )


METHOD = "email;mobile;consent;preferred_method"
OLA, OLAS = "ola@post.example", "+4791000002"
PER, PERS = "per@post.example", "+4791000004"


@pytest.mark.parametrize(
    ("patient", "out_of_order", "change", "expected"),
    [
        pytest.param(
            "P2",
            EMAIL_WAITS,
            staff("P2", "--method", "sms"),
            ["email method_changed", f"sms sent {OLAS}"],
            id="email, now sms: by staff",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            patients(AT, f"P2;{OLA};91000002;yes;sms", columns=METHOD),
            ["email method_changed", f"sms sent {OLAS}"],
            id="email, now sms: by file",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            staff("P2", "--method", "both"),
            [f"email sent {OLA}", f"sms sent {OLAS}"],
            id="email, now both",
        ),
        pytest.param(
            "P2", EMAIL_WAITS, staff("P2", "--method", "default"), [f"email sent {OLA}"], id="now none chosen"
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            staff("P2", "--email", ""),
            ["email method_changed", f"sms sent {OLAS}"],
            id="the address removed",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            patients(AT, "P2;;91000002;yes;email", columns=METHOD),
            ["email method_changed", f"sms sent {OLAS}"],
            id="the address cleared by a file",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            patients(AT, "P2;ola.lunde@post.example;91000002;yes;email", columns=METHOD),
            ["email sent ola.lunde@post.example"],
            id="another address, by file",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            staff("P2", "--email", "ola.lunde@post.example"),
            ["email sent ola.lunde@post.example"],
            id="another address, by staff",
        ),
        pytest.param(
            "P3",
            SMS_WAITS,
            staff("P3", "--method", "email"),
            ["email sent ase@post.example", "sms method_changed"],
            id="sms, now email",
        ),
        pytest.param(
            "P3",
            SMS_WAITS,
            staff("P3", "--mobile", "91000033"),
            ["sms sent +4791000033"],
            id="another number, by staff",
        ),
        pytest.param(
            "P3",
            SMS_WAITS,
            patients(AT, "P3;ase@post.example;73500000;yes;sms", columns=METHOD),
            ["email sent ase@post.example", "sms method_changed"],
            id="a landline now",
        ),
        pytest.param(
            "P4",
            EMAIL_WAITS,
            staff("P4", "--method", "sms"),
            ["email method_changed", f"sms sent {PERS}"],
            id="both, the SMS is out, now sms: no second one",
        ),
        pytest.param(
            "P4",
            EMAIL_WAITS,
            staff("P4", "--method", "email"),
            [f"email sent {PER}", f"sms sent {PERS}"],
            id="both, the SMS is out, now email",
        ),
        pytest.param(
            "P4",
            BOTH_WAIT,
            staff("P4", "--method", "email"),
            [f"email sent {PER}", "sms method_changed"],
            id="both wait, now email",
        ),
        pytest.param(
            "P4",
            BOTH_WAIT,
            staff("P4", "--method", "sms"),
            ["email method_changed", f"sms sent {PERS}"],
            id="both wait, now sms",
        ),
        pytest.param(
            "P5",
            EMAIL_WAITS,
            staff("P5", "--method", "sms"),
            ["email method_changed", "push sent token-liv"],
            id="the push is out: nothing is made for it again",
        ),
        pytest.param(
            "P6",
            SMS_WAITS,
            staff("P6", "--email", "jon@post.example"),
            ["email sent jon@post.example", "sms method_changed"],
            id="none chosen, SMS for want of an address, which came",
        ),
        pytest.param(
            "P2",
            EMAIL_WAITS,
            patients(AT, f"P2;{OLA};91000002;no;sms", columns=METHOD),
            ["email no_consent"],
            id="consent withdrawn, too: the rule comes first",
        ),
    ],
)
def test_a_delivery_that_waits(
    tmp_path: Path, patient: str, out_of_order: str, change: Step, expected: list[str]
) -> None:
    timeline = waiting(tmp_path, patient, out_of_order).play([change, works_again, ran("06-03 12:06", "06-03 12:07")])
    assert [line for line in outcome(timeline) if " sent " in line] == [line for line in expected if " sent " in line]
    skipped = sorted(f"{row['channel']} {row['reason']}" for row in timeline.rows() if row["status"] == "skipped")
    assert skipped == [line for line in expected if " sent " not in line]
    assert len({row["notice"] for row in timeline.rows()}) == 1
    timeline.run("06-03 12:30", "06-03 14:00")
    assert len(timeline.rows()) == len(expected)


def test_there_and_back_before_the_attempt_changes_nothing(tmp_path: Path) -> None:
    steps = [staff("P2", "--method", "sms"), staff("P2", "--method", "email"), works_again, ran("06-03 12:06")]
    assert outcome(waiting(tmp_path, "P2", EMAIL_WAITS).play(steps)) == [f"email sent {OLA}"]


def test_there_and_back_after_an_attempt_sends_it_once(tmp_path: Path) -> None:
    """SMS waits too, once it is the channel; then e-mail again, which works."""
    timeline = waiting(tmp_path, "P2", BOTH_WAIT)
    timeline.play([staff("P2", "--method", "sms"), ran("06-03 12:06")])
    timeline.play([called("06-03 12:06:30", "patient", "set", "nidelv", "P2", "--method", "email"), works_again])
    timeline.run("06-03 12:07", "06-03 12:10", "06-03 12:30")
    assert [line for line in outcome(timeline) if " sent " in line] == [f"email sent {OLA}"]
    assert not any(row["status"] == "queued" for row in timeline.rows())


def test_of_another_clinics_preference_nothing_changes(tmp_path: Path) -> None:
    timeline = waiting(tmp_path, "P2", EMAIL_WAITS)
    york = "clinic_id;name;timebook\nyork;York legesenter;yes\n"
    timeline.imported(AT, timeline.written(york, "york.csv"))
    there = "clinic_id;patient_id;email;mobile;consent;preferred_method\nyork;P2;b@post.example;91000012;yes;sms\n"
    timeline.imported(AT, timeline.written(there, "patients.csv"))
    assert outcome(timeline.play([works_again, ran("06-03 12:06")])) == [f"email sent {OLA}"]


def test_the_next_notice_goes_by_the_new_preference_at_once(tmp_path: Path) -> None:
    timeline = waiting(tmp_path, "P2", EMAIL_WAITS).play([staff("P2", "--method", "sms"), works_again])
    timeline.run("06-03 12:06", "06-09 10:00")
    assert timeline.history()[-1] == "06-09 10:00 P2 reminder A1 sms"
