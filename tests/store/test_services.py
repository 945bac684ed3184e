"""What hosts have in common of a service: its circuit, and the turns of its rate (SPEC section 7, DESIGN, idea 9)."""

import pytest

from notifycli.store import services


def test_a_closed_service_is_closed_to_all_who_ask(opened):
    here, there = opened(), opened()
    services.close(here, "mail", "", "421 too busy", 60)
    services.close(here, "sms", "Nidelv", "429", 30)
    told = sorted((service, sender, detail) for service, sender, detail, _ in services.closed(there))
    assert told == [("mail", "", "421 too busy"), ("sms", "Nidelv", "429")]
    assert all(0 < seconds <= 60 for *_, seconds in services.closed(there))


def test_a_shorter_time_does_not_open_what_is_closed_for_longer(opened):
    connection = opened()
    services.close(connection, "mail", "", "421 come back tomorrow", 600)
    services.close(connection, "mail", "", "421 soon", 5)
    [(_, _, detail, seconds)] = services.closed(connection)
    assert (detail, seconds > 500) == ("421 come back tomorrow", True)


def test_what_is_over_is_not_told(opened):
    connection = opened()
    services.close(connection, "mail", "", "421", -1)
    assert services.closed(connection) == []


@pytest.mark.parametrize(("gap", "turns"), [(1.0, 1), (0.5, 4), (0.1, 10)])
def test_turns_are_given_once(opened, gap, turns):
    here, there = opened(), opened()
    first, second, third = (services.book(one, "sms", gap, turns) for one in (here, there, here))
    assert first == pytest.approx(0, abs=0.05)
    assert second == pytest.approx(gap * turns, abs=0.3)
    assert third == pytest.approx(2 * gap * turns, abs=0.5)


def test_services_have_turns_of_their_own(opened):
    connection = opened()
    services.book(connection, "sms", 5.0, 2)
    assert services.book(connection, "other", 5.0, 2) == pytest.approx(0, abs=0.05)
