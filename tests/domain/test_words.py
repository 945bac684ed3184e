"""One list of each word: the schema, the sentences and the contract have the same."""

import re
from pathlib import Path
from typing import get_args

import pytest

from notifycli.domain import explanations, reasons, words
from notifycli.domain.model import STATE_OF_STATUS

ROOT = Path(__file__).parent.parent.parent
SCHEMA = (ROOT / "notifycli/store/sqlite/schema.sql").read_text("utf-8")
CONTRACT = (ROOT / "docs/contract.md").read_text("utf-8")


def lists_in_checks(column: str) -> list[tuple[str, ...]]:
    checks = re.findall(rf"CHECK \({column} IN \(([^)]*)\)\)", SCHEMA)
    return [tuple(re.findall(r"'([^']*)'", check)) for check in checks]


@pytest.mark.parametrize(
    ("column", "known"),
    [
        pytest.param("channel", words.CHANNELS, id="channels"),
        pytest.param("preferred_method", words.METHODS, id="methods"),
        pytest.param("status", words.DELIVERY_STATUSES, id="statuses of deliveries"),
        pytest.param("state", get_args(words.ReportState), id="states in reports"),
    ],
)
def test_the_schema_takes_these_words_alone(column, known):
    checks = lists_in_checks(column)
    assert checks
    assert set(checks) == {known}


@pytest.mark.parametrize(
    ("sentences", "known"),
    [
        pytest.param(explanations.WHEN_DUE, words.Event, id="events"),
        pytest.param(reasons.SKIPPED, words.SkipReason, id="reasons to skip"),
        pytest.param(reasons.NEVER, words.NeverReason, id="reasons why never"),
        pytest.param(reasons.FAILED, words.FailReason, id="reasons of failures"),
        pytest.param(STATE_OF_STATUS, words.AppointmentStatus, id="statuses of appointments"),
    ],
)
def test_each_word_has_its_sentence(sentences, known):
    assert set(sentences) == set(get_args(known))


def test_each_state_of_an_appointment_has_a_status():
    assert set(STATE_OF_STATUS.values()) == set(get_args(words.AppointmentState))


@pytest.mark.parametrize(
    ("row", "known"),
    [
        pytest.param(r"\| module \|", words.Module, id="modules"),
        pytest.param(r"\| event \|", words.Event, id="events"),
        pytest.param(r"\| subject \|", words.SubjectKind, id="subjects"),
        pytest.param(r"\| delivery \|", words.Channel, id="channels"),
        pytest.param(r"\| appointments \| .*source", words.AppointmentSource, id="sources"),
    ],
)
def test_the_contract_has_the_same_list(row, known):
    line = next(line for line in CONTRACT.splitlines() if re.match(row, line))
    told = re.findall(r"`([\w-]+)`", line.rpartition("source (")[2])
    assert tuple(told) == get_args(known)


def test_the_contract_has_the_same_statuses_of_deliveries():
    table = CONTRACT.partition("| status of a delivery |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == words.DELIVERY_STATUSES


def test_the_contract_has_each_reason():
    codes = {reason for group in get_args(words.ReasonCode) for reason in get_args(group)}
    told = set(re.findall(r"`(\w+)`", CONTRACT))
    not_told = {"smtputf8_not_offered", "bad_token", "other_sender"}  # "and the like"
    assert codes - told == not_told
