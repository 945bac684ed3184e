"""Every change of a delivery's status is kept with its time, append-only, whoever made it. Source: SPEC section 7."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.domain.model import Key, Verdict
from notifycli.store import claims, notices
from notifycli.store.claims import StatusError
from notifycli.store.engine import StoreError, savepoint
from tests.support.stored import a_delivery, claimed, log_of, row_of, value


@pytest.fixture
def connection(undone):
    return undone


IN_WORDS_OF_ONE = ("TRUNCATE", "INSERT OR REPLACE")  # what SQLite does not know, and what PostgreSQL does not
STEPS = {  # a step, the statuses from which it may be taken, and where it leads
    "claim": (claimed, {"queued"}, "sending"),
    "sent": (lambda c, d, now: claims.mark_sent(c, d, now, "250 ok", "A1"), {"sending"}, "sent"),
    "settled": (lambda c, d, now: claims.mark_sent(c, d, now, None, None, "uncertain"), {"uncertain"}, "sent"),
    "failed": (lambda c, d, now: claims.mark_failed(c, d, now, "refused", "550 no"), {"sending"}, "failed"),
    "no address": (
        lambda c, d, now: claims.mark_failed(c, d, now, "no_address", None, "queued"),
        {"queued"},
        "failed",
    ),
    "skipped": (lambda c, d, now: claims.mark_skipped(c, d, now, "cancelled"), {"queued"}, "skipped"),
    "retry": (lambda c, d, now: claims.mark_to_retry(c, d, now, "451 later", now + 60), {"sending"}, "queued"),
    "resend": (
        lambda c, d, now: claims.mark_to_retry(c, d, now, None, now, "uncertain"),
        {"uncertain"},
        "queued",
    ),
    "uncertain": (lambda c, d, now: claims.mark_uncertain(c, d, now, "cut", None), {"sending"}, "uncertain"),
}


def taken(connection, step, delivery, now):
    """Whether the step was taken."""
    try:
        STEPS[step][0](connection, delivery, now)
    except StatusError:
        return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=25))
def test_each_change_stands_in_the_history_and_no_other(connection, steps):
    connection.begin_part()
    delivery = a_delivery(connection)
    status, expected = "queued", [(0, "queued")]
    for now, step in enumerate(steps, 1):
        _, allowed, to = STEPS[step]
        assert taken(connection, step, delivery, now) is (status in allowed)
        if status in allowed:
            status = to
            expected.append((now, to))
        log = log_of(connection, delivery)
        assert [entry[:2] for entry in log] == expected
        assert log[-1] == row_of(connection, delivery)
    connection.undo_part()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", ["queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped"])
def test_a_status_that_was_not_expected_fails_loudly(connection, step, status):
    delivery = a_delivery(connection)
    connection.execute("UPDATE delivery SET status = ? WHERE id = ?", (status, delivery))
    before = (row_of(connection, delivery), log_of(connection, delivery))
    if status in STEPS[step][1]:
        assert taken(connection, step, delivery, 1)
        return
    with pytest.raises(StatusError, match=f"delivery {delivery}: not"):
        STEPS[step][0](connection, delivery, 1)
    assert (row_of(connection, delivery), log_of(connection, delivery)) == before


def test_a_delivery_that_is_queued_anew_goes_on_in_the_same_history(connection):
    delivery = a_delivery(connection)
    claimed(connection, delivery, 1)
    claims.mark_failed(connection, delivery, 2, "refused", "550 no")
    notices.queue_deliveries(connection, 1, ("email", "sms"), 3)
    assert [entry[1] for entry in log_of(connection, delivery)] == ["queued", "sending", "failed", "queued"]
    by_sms = value(connection, "SELECT id FROM delivery WHERE channel = 'sms'")
    assert [entry[1] for entry in log_of(connection, by_sms)] == ["queued"]
    assert log_of(connection, delivery)[-1] == row_of(connection, delivery)


def test_no_code_path_can_forget_the_history(connection):
    delivery = a_delivery(connection)
    connection.execute("UPDATE delivery SET status = 'delivered', status_at = 9 WHERE id = ?", (delivery,))
    assert log_of(connection, delivery)[-1] == (9, "delivered", None, None, 0)


def test_what_is_skipped_or_looked_at_again_without_a_delivery_stands_there_too(connection):
    a_delivery(connection)
    connection.execute("UPDATE notice SET skip_reason = 'no_consent', skipped_at = 5")
    key = Key("confirmation", 1)
    notices.look_at_notice_again(connection, 1, Verdict(key, "skip", reason="no_contact"), 6)
    notices.look_at_notice_again(connection, 1, Verdict(key, "send"), 7)
    sql = "SELECT at, status, reason FROM status_log WHERE delivery_id IS NULL ORDER BY id"
    told = [(5, "skipped", "no_consent"), (6, "skipped", "no_contact"), (7, "queued", None)]
    assert connection.execute(sql).fetchall() == told


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE status_log SET status = 'sent'",
        "UPDATE status_log SET id = id + 100",
        "DELETE FROM status_log",
        "DELETE FROM status_log WHERE id = (SELECT max(id) FROM status_log)",
        "INSERT OR REPLACE INTO status_log SELECT * FROM status_log",
        "TRUNCATE status_log",
        "INSERT INTO status_log SELECT * FROM status_log WHERE true ON CONFLICT (id) DO UPDATE SET at = 0",
    ],
)
def test_nothing_overwrites_the_history(connection, sql):
    if sql.startswith(IN_WORDS_OF_ONE[not connection.has_one_run_at_a_time]):
        pytest.skip("the engine does not know these words")
    delivery = a_delivery(connection)
    before = log_of(connection, delivery)
    with pytest.raises(StoreError, match="append-only"), savepoint(connection):
        connection.execute(sql)
    assert log_of(connection, delivery) == before
