"""Stories in any order are verified as they came about, and whatever is done past the program is named.

Every story of test_any_order ends so, too; here hands write into its database afterwards.
"""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.properties.test_any_order import Steps
from tests.support.any_order_steps import story_of
from tests.support.contract_facts import DAY
from tests.support.tampering import TAMPERINGS, tamper

pytestmark = pytest.mark.slow


@given(number=st.integers(0, 2**64 - 1), place=st.integers(0, 1000))
@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
def test_each_tampering_is_named_and_nothing_else_is(number: int, place: int) -> None:
    story = story_of(number)
    with tempfile.TemporaryDirectory() as folder:
        told = Steps(Path(folder), story.beginning, story.has_cron)
        for step in story.steps:
            told.take(step)
        told.nothing_differs()
        database = Path(folder) / "notify.db"
        with closing(sqlite3.connect(database)) as connection:
            whole = connection.serialize()
        for tampering in TAMPERINGS:
            database.write_bytes(whole)
            if tamper(database, tampering, place):
                kinds = {finding["kind"] for finding in findings_of(told)}
                assert kinds & set(tampering.kinds), tampering.name


def findings_of(told: Steps) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(told.answer("verify", "--json").out)["findings"]
    return findings


@given(number=st.integers(0, 2**64 - 1), first=st.integers(0, 7))
@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
def test_who_is_forgotten_and_what_is_purged_is_no_difference(number: int, first: int) -> None:
    """Time goes on in between, with runs and exports that name them still."""
    story = story_of(number)
    with tempfile.TemporaryDirectory() as folder:
        told = Steps(Path(folder), story.beginning, story.has_cron)
        for step in story.steps:
            told.take(step)
        patients = sorted(told.world.patients)
        for place in (first, first + 1):
            clinic, patient = patients[place % len(patients)]
            assert told.answer("patient", "forget", clinic, patient, "--yes").exit in (0, 1, 2)
            told.nothing_differs()
            for path in sorted(Path(folder).glob("*.csv")):
                assert told.answer("import", str(path)).exit in (0, 1, 4)
        for days in (1, 3, 400):
            told.now += days * DAY
            told.call("run")
            told.nothing_differs()
        assert told.answer("purge", "--yes").exit == 0
        told.nothing_differs()
