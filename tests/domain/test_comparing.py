"""SPEC section 8, compare: which of their messages and our notices are the same. Minutes count from one moment."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.comparing import Compared, LogMessage, OurNotice, Terms, compared

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
START = 1_780_000_000
SPAN = Terms("nidelv", START, START + 30 * DAY, 10 * MINUTE)


def theirs(at: int, channels: str = "sms", event: str = "confirmation", **more: Any) -> LogMessage:
    patient, subject_id = more.pop("patient", "P1"), more.pop("subject_id", "")
    return LogMessage(patient, event, subject_id, channels, START + at, **more)


def ours(at: int, channels: str = "sms", event: str = "confirmation", **more: Any) -> OurNotice:
    patient, subject_id = more.pop("patient", "P1"), more.pop("subject_id", "A1")
    which = ("appointment", subject_id, START + at, tuple(channels.split()))
    return OurNotice(patient, event, *which, more.pop("verdict", "sent"), more.pop("reason", None), rule="R1")


def skipped(at: int, reason: str, **more: Any) -> OurNotice:
    return ours(at, "", verdict="skipped", reason=reason, **more)


def told(result: Compared) -> tuple[int, list[tuple[str, str | None]]]:
    return result.same, sorted((each.kind, each.reason) for each in result.differences)


CASES: list[Any] = [
    pytest.param([theirs(0)], [ours(0)], (1, []), id="the same"),
    pytest.param([theirs(10 * MINUTE)], [ours(0)], (1, []), id="ten minutes later"),
    pytest.param([theirs(10 * MINUTE + 1)], [ours(0)], (0, [("other_time", "R1")]), id="a second more"),
    pytest.param([theirs(0)], [ours(10 * MINUTE + 1)], (0, [("other_time", "R1")]), id="a second more, ours"),
    pytest.param([theirs(0, "email")], [ours(0)], (0, [("other_channel", "R1")]), id="another channel"),
    pytest.param([theirs(HOUR, "email")], [ours(0)], (0, [("other_channel", "R1")]), id="both: told once"),
    pytest.param([theirs(0)], [], (0, [("only_theirs", None)]), id="only theirs"),
    pytest.param([], [ours(0)], (0, [("only_ours", "R1")]), id="only ours"),
    pytest.param([], [ours(-1)], (0, []), id="ours before their first"),
    pytest.param([], [ours(30 * DAY + 1)], (0, []), id="ours after their last"),
    pytest.param([theirs(0)], [ours(-5)], (1, []), id="ours a little before their first"),
    pytest.param([theirs(0)], [skipped(0, "no_consent")], (0, [("only_theirs", "no_consent")]), id="ours is skipped"),
    pytest.param([], [skipped(0, "no_consent")], (0, []), id="neither sent any"),
    pytest.param([theirs(0, patient="P2")], [ours(0)], (0, [("only_ours", "R1"), ("only_theirs", None)]), id="another"),
    pytest.param([theirs(0, "email"), theirs(3, "sms")], [ours(0, "email sms")], (1, []), id="both in two rows"),
    pytest.param([theirs(0, "email,sms")], [ours(0, "sms email")], (1, []), id="both in one row"),
    pytest.param([theirs(0)], [ours(0, "email sms")], (0, [("other_channel", "R1")]), id="half of both"),
    pytest.param([theirs(0), theirs(0)], [ours(0)], (1, []), id="the same row twice"),
    pytest.param([theirs(0, id="1"), theirs(DAY, id="1")], [ours(0)], (1, []), id="one id in two rows"),
    pytest.param(
        [theirs(0, id="1"), theirs(MINUTE, id="2")], [ours(0)], (1, [("only_theirs", "doubled")]), id="sent twice"
    ),
    pytest.param([theirs(0), theirs(0)], [ours(0), ours(0, subject_id="A2")], (2, []), id="two of one moment"),
    pytest.param(
        [theirs(0), theirs(5 * MINUTE)], [ours(0), ours(5 * MINUTE, subject_id="A2")], (2, []), id="two near moments"
    ),
    pytest.param(
        [theirs(5 * MINUTE)],
        [skipped(5 * MINUTE, "covered", subject_id="A2"), ours(0)],
        (1, []),
        id="what was sent comes before what was skipped nearer by",
    ),
    pytest.param(
        [theirs(0), theirs(DAY)],
        [ours(0), skipped(DAY, "no_consent", subject_id="A2")],
        (1, [("only_theirs", "no_consent")]),
        id="each to its own",
    ),
    pytest.param([theirs(0, "email", has_failed=True), theirs(600, "sms")], [ours(590)], (1, []), id="its fallback"),
    pytest.param([theirs(0, has_failed=True)], [ours(0)], (1, []), id="theirs failed and was tried alike"),
    pytest.param([theirs(3 * DAY)], [ours(0)], (0, [("other_time", "R1")]), id="three days"),
    pytest.param([theirs(3 * DAY + 1)], [ours(0)], (0, [("only_ours", "R1"), ("only_theirs", None)]), id="too far"),
    pytest.param(
        [theirs(6 * DAY, subject_id="A1")], [ours(0)], (0, [("other_time", "R1")]), id="an id joins what is far"
    ),
    pytest.param(
        [theirs(0, subject_id="A2"), theirs(DAY, subject_id="A1")],
        [ours(0)],
        (0, [("only_theirs", None), ("other_time", "R1")]),
        id="an id keeps apart what is near",
    ),
    pytest.param([theirs(0, subject_id="X77")], [ours(0)], (1, []), id="ids of their own making"),
    pytest.param(
        [theirs(0, subject_id="A1"), theirs(DAY, subject_id="A1")],
        [ours(0)],
        (1, [("only_theirs", "doubled")]),
        id="twice of one appointment",
    ),
    pytest.param([theirs(0, event="dialog")], [ours(0, event="reply")], (1, []), id="an answer is a message"),
    pytest.param([theirs(HOUR, or_at=START)], [ours(0)], (1, []), id="an hour that occurs twice"),
    pytest.param([theirs(0)], [ours(0, "sms push")], (1, []), id="push, of which they know nothing"),
]


@pytest.mark.parametrize(("messages", "notices", "expected"), CASES)
def test_what_is_the_same_and_what_differs(
    messages: list[LogMessage], notices: list[OurNotice], expected: tuple[int, list[tuple[str, str | None]]]
) -> None:
    assert told(compared(messages, notices, SPAN)) == expected


def test_push_counts_where_their_log_has_it() -> None:
    terms = Terms("nidelv", START, START + DAY, 10 * MINUTE, knows_push=True)
    result = compared([theirs(0), theirs(0, "push", patient="P2")], [ours(0, "sms push")], terms)
    assert told(result) == (0, [("only_theirs", None), ("other_channel", "R1")])


@pytest.mark.slow
def test_one_patient_with_very_many_messages() -> None:
    """As a number for tests has; each is found though only a few are looked at together."""
    notices = [ours(number * HOUR, subject_id=f"A{number}") for number in range(2_000)]
    messages = [theirs(number * HOUR + 1) for number in range(2_000)]
    terms = Terms("nidelv", START, START + 3_000 * HOUR, 10 * MINUTE)
    assert told(compared(messages, notices, terms)) == (2_000, [])
    later = [message._replace(at=message.at + 20 * MINUTE) for message in messages]
    assert [each.kind for each in compared(later, notices, terms).differences] == ["other_time"] * 2_000


# notices of a few patients, each an hour or more from the next of its patient
NOTICES = st.lists(
    st.tuples(st.sampled_from("PQR"), st.sampled_from(["confirmation", "reminder"]), st.sampled_from(["email", "sms"])),
    max_size=30,
).map(
    lambda rows: [
        ours((number + 100) * HOUR, channel, event, patient=patient, subject_id=f"A{number}")
        for number, (patient, event, channel) in enumerate(rows)
    ]
)


def in_their_log(notice: OurNotice, minutes: int, has_ids: bool) -> LogMessage:
    subject_id = notice.subject_id if has_ids else ""
    return LogMessage(notice.patient, notice.event, subject_id, notice.channels[0], notice.at + minutes * MINUTE)


@pytest.mark.slow
@given(NOTICES, st.data())
def test_a_log_of_the_same_messages_differs_in_nothing_but_what_is_taken_out(
    notices: list[OurNotice], data: st.DataObject
) -> None:
    has_ids = data.draw(st.booleans())
    messages = [in_their_log(each, data.draw(st.integers(-10, 10)), has_ids) for each in notices]
    messages += data.draw(st.lists(st.sampled_from(messages), max_size=5)) if messages else []
    shuffled = data.draw(st.permutations(messages))
    assert told(compared(shuffled, notices, SPAN)) == (len(notices), [])
    if not notices:
        return
    left_out = data.draw(st.sampled_from(notices))
    others = [each for each in notices if each is not left_out]
    (difference,) = compared(shuffled, others, SPAN).differences
    assert (difference.kind, difference.patient, difference.event) == ("only_theirs", left_out.patient, left_out.event)
