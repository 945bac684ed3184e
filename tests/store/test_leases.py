"""Claims have a lease and a fencing token: who was thought dead neither sends nor records any more (SPEC section 7)."""

import pytest

from notifycli.store import claims, deliveries, leases, subjects
from notifycli.store.claims import Claim, StatusError
from notifycli.store.deliveries import delivery_by_id
from notifycli.store.engine import EVERYTHING, StoreBusy, of_clinic, short_waits, writing
from tests.store.conftest import connections_to
from tests.support.stored import a_delivery, value


@pytest.fixture
def two(on_server):
    """Two hosts."""
    with connections_to(on_server) as opened:
        yield opened(), opened()


def begun(connection, process="a1") -> int:
    with writing(connection, alone=None):
        return leases.begin(connection, process)


def claimed(connection, delivery, token, now=100):
    with writing(connection, alone=None, durable=True):
        leases.renew(connection, token)
        claims.claim(connection, [Claim(delivery, "kari@post.example", "Hei")], now, token)


def time_passes(connection, token):
    """Until that lease may be ended."""
    connection.execute("UPDATE lease SET until_at = until_at - ? WHERE id = ?", (leases.ENDED_AFTER, token))


def test_a_token_is_given_once(opened):
    connection = opened()
    tokens = [begun(connection)]
    for _ in range(3):
        with writing(connection, alone=None):
            leases.end(connection, tokens)
        tokens.append(begun(connection))
    assert tokens == sorted(set(tokens))
    assert value(connection, "SELECT count(*) FROM lease") == 1, "those that have ended are forgotten"


def test_what_a_dead_run_had_claimed_is_found(opened):
    connection = opened()
    dead, delivery = begun(connection), a_delivery(connection)
    claimed(connection, delivery, dead)
    ours = begun(connection, "b2")
    time_passes(connection, dead)
    with writing(connection):
        leases.end_dead(connection, ours, ())
        left = deliveries.left_by_dead_runs(connection)
    assert [(one.id, token) for one, token in left] == [(delivery, dead)]


def test_a_run_that_lives_elsewhere_keeps_what_it_has_claimed(two):
    here, there = two
    theirs, delivery = begun(there), a_delivery(there)
    claimed(there, delivery, theirs)
    ours = begun(here, "b2")
    with writing(here):
        leases.end_dead(here, ours, ())
        assert deliveries.left_by_dead_runs(here) == []
    with writing(there, alone=None):
        leases.renew(there, theirs)
        claims.mark_sent(there, delivery, 101, "taken", None)


def test_who_was_thought_dead_records_nothing_any_more(two):
    here, there = two
    theirs, delivery = begun(there), a_delivery(there)
    claimed(there, delivery, theirs)
    time_passes(here, theirs)
    ours = begun(here, "b2")
    with writing(here):
        leases.end_dead(here, ours, ())
        claims.mark_uncertain(here, delivery, 200, "the run was killed before the answer", 200)
    with pytest.raises(leases.LeaseLost), writing(there, alone=None):
        leases.renew(there, theirs)
    assert delivery_by_id(here, delivery).status == "uncertain"


def test_who_was_thought_dead_claims_nothing_any_more(two):
    here, there = two
    theirs, delivery = begun(there), a_delivery(there)
    time_passes(here, theirs)
    ours = begun(here, "b2")
    with writing(here):
        leases.end_dead(here, ours, ())
    with pytest.raises(leases.LeaseLost):
        claimed(there, delivery, theirs)
    assert delivery_by_id(here, delivery).status == "queued"


def test_a_lease_that_nobody_has_ended_goes_on(two):
    """As after a failover, which lasts longer than a lease."""
    here, there = two
    theirs, delivery = begun(there), a_delivery(there)
    claimed(there, delivery, theirs)
    here.execute("UPDATE lease SET until_at = until_at - ?", (leases.LASTS + 5,))
    ours = begun(here, "b2")
    with writing(here):
        leases.end_dead(here, ours, ())
        assert deliveries.left_by_dead_runs(here) == []
    with writing(there, alone=None):
        leases.renew(there, theirs)
        claims.mark_sent(there, delivery, 101, "taken", None)
    assert delivery_by_id(here, delivery).status == "sent"


def test_two_hosts_never_claim_the_same(two):
    here, there = two
    ours, theirs = begun(here), begun(there, "b2")
    ids = [a_delivery(here, number) for number in range(1, 7)]
    with writing(here, alone=None, durable=True):
        leases.renew(here, ours)
        mine = deliveries.still_queued(here, ids[:4])
        with writing(there, alone=None, durable=True):
            leases.renew(there, theirs)
            assert deliveries.still_queued(there, ids) == set(ids[4:]), "what another has is left alone"
        for delivery in mine:
            claims.claim(here, [Claim(delivery, "kari@post.example", "Hei")], 100, ours)
    assert deliveries.still_queued(there, ids) == set(ids[4:])


def test_a_guard_still_tells_of_another_status(two):
    here, there = two
    delivery = a_delivery(here)
    with writing(there, alone=None):
        claims.mark_skipped(there, delivery, 100, "cancelled")
    with pytest.raises(StatusError), writing(here, alone=None):
        claims.mark_skipped(here, delivery, 100, "cancelled")


@pytest.mark.parametrize(
    ("one", "other", "waits"),
    [
        pytest.param(of_clinic("nidelv"), of_clinic("nidelv"), True, id="two imports of a clinic"),
        pytest.param(of_clinic("nidelv"), of_clinic("fjord"), False, id="imports of two clinics"),
        pytest.param(of_clinic("nidelv"), None, False, id="an import and a claim"),
        pytest.param(None, EVERYTHING, True, id="a claim and what wants all"),
        pytest.param(EVERYTHING, None, True, id="what wants all and a claim"),
    ],
)
def test_who_waits_for_whom(two, one, other, waits):
    here, there = two
    with writing(here, alone=one), short_waits(there, 0.1):
        if waits:
            with pytest.raises(StoreBusy), writing(there, alone=other):
                pass
        else:
            with writing(there, alone=other):
                pass


def test_a_run_leaves_out_a_clinic_of_which_an_import_writes(two):
    here, there = two
    for clinic in ("nidelv", "fjord"):
        here.execute(
            "INSERT INTO dialog (clinic_id, dialog_id, patient_id, kind, sent_at, known_by, next_check_at, import_id)"
            " VALUES (?, 'D1', 'P1', 'dialog', 0, 1, 0, 1)",
            (clinic,),
        )
    with writing(here, alone=None):
        here.hold([of_clinic("nidelv")])
        with writing(there, alone=None):
            assert [one.subject.clinic_id for one in subjects.subjects_to_write_of(there, 10, 500)] == ["fjord"]
    with writing(there, alone=None):
        assert len(subjects.subjects_to_write_of(there, 10, 500)) == 2


def test_notices_that_others_send_count_for_the_safety_stop(two):
    here, there = two
    ours, theirs = begun(here), begun(there, "b2")
    with writing(there, alone=None):
        leases.note_written(there, theirs, 40)
    assert leases.written_by_others(here, ours) == 40
    time_passes(here, theirs)
    assert leases.written_by_others(here, ours) == 0
