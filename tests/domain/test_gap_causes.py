"""Why a notice was late: what took the longest part of the time from due to sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.gap_causes import GAP_CAUSES, ChangeOfStatus, LateNotice, Pause, cause_of

DUE, HOUR = 1_000_000, 3600
SENT = DUE + HOUR
NO_ROUTE = "mail.example refuses connections"


def change(minutes: float, status: str, attempts: int = 0, detail: str | None = None) -> ChangeOfStatus:
    return ChangeOfStatus(DUE + int(60 * minutes), status, None, detail, attempts, True)


def skipped(minutes: float, reason: str) -> ChangeOfStatus:
    return ChangeOfStatus(DUE + int(60 * minutes), "skipped", reason, None, 0, False)


def pause(cause: str, begins: float, ends: float) -> Pause:
    return Pause(cause, DUE + int(60 * begins), DUE + int(60 * ends))  # type: ignore[arg-type]


AT_THE_END = (change(59, "queued"), change(59.5, "sending", 1), change(60, "sent", 1))


@pytest.mark.parametrize(
    ("known", "patient", "changes", "pauses", "cause"),
    [
        pytest.param(-60, -60, AT_THE_END, [], "busy", id="nothing else is known"),
        pytest.param(40, -60, AT_THE_END, [], "import_late", id="known two thirds of the time later"),
        pytest.param(20, -60, AT_THE_END, [pause("cron_silent", 0, 59)], "cron_silent", id="no run after the import"),
        pytest.param(40, -60, AT_THE_END, [pause("cron_silent", 0, 59)], "import_late", id="no run could have known"),
        pytest.param(-60, 50, AT_THE_END, [], "patient_late", id="the patient came later"),
        pytest.param(-60, -60, AT_THE_END, [pause("safety_stop", -5, 59)], "safety_stop", id="the safety stop"),
        pytest.param(58, -60, AT_THE_END, [pause("import_stopped", -5, 58)], "import_stopped", id="a stopped file"),
        pytest.param(None, None, AT_THE_END, [pause("cron_silent", -5, 59)], "cron_silent", id="no import is known"),
        pytest.param(
            -60, -60, [change(0, "queued"), change(1, "sending", 1), change(2, "queued", 1, NO_ROUTE)], [],
            "server_down", id="nobody answered",
        ),
        pytest.param(
            -60, -60, [change(0, "queued"), change(1, "sending", 1), change(2, "queued", 1, "451 4.7.1 later")], [],
            "retry", id="the server said later",
        ),
        pytest.param(
            -60, -60, [change(0, "queued"), change(1, "sending", 1), change(2, "queued", 1, NO_ROUTE)],
            [pause("cron_silent", 3, 60)], "cron_silent", id="nobody answered, and then no run came",
        ),
        pytest.param(-60, -60, [change(0, "queued"), change(1, "sending", 1)], [], "server_slow", id="a slow answer"),
        pytest.param(-60, -60, [change(1, "sending", 1), change(2, "uncertain", 1)], [], "uncertain", id="uncertain"),
        pytest.param(-60, -60, [change(1, "failed", 1)], [], "opened_again", id="failed, and tried anew"),
        pytest.param(-60, -60, [change(1, "sent", 1), change(50, "failed", 1)], [], "opened_again", id="came back"),
        pytest.param(-60, -60, [skipped(1, "no_contact"), *AT_THE_END], [], "contact_late", id="contact details came"),
        pytest.param(-60, -60, [skipped(1, "no_consent"), *AT_THE_END], [], "opened_again", id="staff looked again"),
        pytest.param(
            -60, -60, [change(0, "queued"), *AT_THE_END, change(200, "delivered", 1), change(9999, "failed", 1)], [],
            "busy", id="what came afterwards does not count",
        ),
    ],
)  # fmt: skip
def test_the_cause(
    known: int | None, patient: int | None, changes: list[ChangeOfStatus], pauses: list[Pause], cause: str
) -> None:
    known_at = None if known is None else DUE + 60 * known
    patient_known_at = None if patient is None else DUE + 60 * patient
    assert cause_of(LateNotice(DUE, SENT, known_at, patient_known_at, changes), pauses) == cause


STATUSES = st.sampled_from(["queued", "sending", "sent", "failed", "uncertain", "skipped", "delivered"])
MINUTES = st.integers(-100, 100)


@given(
    st.none() | MINUTES,
    st.none() | MINUTES,
    st.lists(st.tuples(MINUTES, STATUSES, st.integers(0, 2)), max_size=6),
    st.lists(st.tuples(st.sampled_from(["cron_silent", "safety_stop"]), MINUTES, MINUTES), max_size=3),
)
def test_there_is_always_one_of_the_causes(
    known: int | None, patient: int | None, changes: list[tuple[int, str, int]], pauses: list[tuple[str, int, int]]
) -> None:
    late = LateNotice(
        DUE,
        SENT,
        None if known is None else DUE + known * 60,
        None if patient is None else DUE + patient * 60,
        sorted(change(*values) for values in changes),
    )
    assert cause_of(late, [pause(cause, min(a, b), max(a, b)) for cause, a, b in pauses]) in GAP_CAUSES
