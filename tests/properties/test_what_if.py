"""SPEC section 8: what a dry run foretells of an import, of a switch and of the runs until a time is what then comes.

A random story of files, settings and runs comes to a moment. There one act is rehearsed and done, and in a copy of the
database it is not; then time goes on in both. By the command line.
"""

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from notifycli.domain.gsm import sms_segments
from tests.support.timelines import NO_LIMITS, OSLO, Timeline

pytestmark = pytest.mark.slow

PRICE = 0.25
CONFIG = NO_LIMITS + f"[sms]\nprice = {PRICE}\n"
BEGINS = datetime(2026, 6, 3, 12, tzinfo=OSLO)
ENDS = "06-20 12:00"
HOURS_TO_START = (2, 47, 48, 49, 72, 100, 150)
Notice = tuple[str, str, str, str, tuple[str, ...]]  # event, subject, patient, due, channels


class Told:
    """One random story, each number its own."""

    def __init__(self, number: int) -> None:
        self.chance = Random(number)
        self.now = BEGINS
        self.starts = {f"A{number}": BEGINS + timedelta(hours=100) for number in range(1, 5)}

    @property
    def at(self) -> str:
        return f"{self.now:%m-%d %H:%M}"

    def passes(self) -> None:
        self.now += timedelta(minutes=self.chance.choice((1, 4, 5, 6, 60, 600, 1500)))

    def appointments(self) -> str:
        lines = ["clinic_id;appointment_id;patient_id;type_id;starts_at;status;location;booked_at;changed_at"]
        for id_ in self.chance.sample(sorted(self.starts), self.chance.randint(1, 3)):
            if self.chance.random() < 0.5:
                self.starts[id_] = self.now + timedelta(hours=self.chance.choice(HOURS_TO_START))
            patient = f"P{int(id_[1]) * 2 - 1 if self.chance.random() < 0.9 else 9}"
            status = self.chance.choice(("booked",) * 5 + ("cancelled", "cancelled", "fulfilled"))
            kind, place = self.chance.choice(("KONS", "KONS", "OFF")), self.chance.choice(("", "Rom 1"))
            times = f"{self.now.isoformat()};{self.now.isoformat()}"
            lines.append(f"nidelv;{id_};{patient};{kind};{self.starts[id_].isoformat()};{status};{place};{times}")
        return "\n".join(lines) + "\n"

    def patients(self) -> str:
        lines = ["clinic_id;patient_id;email;mobile;consent;preferred_method"]
        for patient in self.chance.sample(("P1", "P3", "P5", "P7", "P9"), 2):
            email, mobile = self.chance.choice(("", f"{patient}@post.example")), self.chance.choice(("", "91000009"))
            consent, method = self.chance.choice("yyyn"), self.chance.choice(("", "email", "sms", "both"))
            lines.append(f"nidelv;{patient};{email};{mobile};{'yes' if consent == 'y' else 'no'};{method}")
        return "\n".join(lines) + "\n"

    def dialogs(self) -> str:
        return f"clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D{self.at};P1;dialog;{self.now.isoformat()}\n"

    def types(self) -> str:
        on = self.chance.choice(("yes", "no"))
        return f"clinic_id;type_id;name;notifications;active\nnidelv;{self.chance.choice(('KONS', 'OFF'))};x;{on};yes\n"

    def file(self) -> tuple[str, str]:
        name = self.chance.choice(("appointments",) * 4 + ("patients", "patients", "dialogs", "types"))
        return f"{name}.csv", getattr(self, name)()

    def switch(self) -> tuple[str, ...]:
        scope, name = self.chance.choice((("type", "KONS"), ("type", "OFF"), ("module", "timebook")))
        return scope, self.chance.choice(("enable", "disable")), "nidelv", name

    def act(self, timeline: Timeline) -> tuple[str, ...]:
        """A command, without --dry-run."""
        if self.chance.random() < 0.3:
            return self.switch()
        name, content = self.file()
        return "import", timeline.written(content, name, self.at)


def rows_of(timeline: Timeline) -> set[tuple[Any, ...]]:
    return {as_it_stands(row) for row in timeline.rows()}


def as_it_stands(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["notice"], row["delivery"], row["status"], row["reason"], row["status_at"]


def went_out(timeline: Timeline, before: set[tuple[Any, ...]]) -> dict[Notice, str]:
    """Of the rows that the history had not before, each notice: "" of what was sent, else why it was skipped."""
    channels: dict[tuple[str, ...], tuple[set[str], str]] = {}
    for row in timeline.rows():
        key = (row["event"], row["subject_id"], row["patient"], row["due_at"])
        if as_it_stands(row) not in before:
            of_notice, _ = channels.get(key, (set(), ""))
            channels[key] = of_notice | ({row["channel"]} if row["channel"] else set()), row["reason"] or ""
    return {(*key, tuple(sorted(some))): reason for key, (some, reason) in channels.items()}  # type: ignore[misc]


def told(notice: dict[str, Any]) -> Notice:
    which = (notice["event"], notice["subject_id"], notice["patient"], notice["due_at"])
    return (*which, tuple(sorted(notice["channels"])))


def goes_on(timeline: Timeline, now: str) -> None:
    """Runs whenever something comes, at each midnight (when a reminder stops waiting for its type) and at the end."""
    begins = datetime.fromisoformat(instant(now))
    coming = timeline.clinic.json("run", "--dry-run", "--until", "2026-06-20 12:00", at=instant(now))["notices"]
    due = [datetime.fromisoformat(notice["due_at"]).astimezone(OSLO) for notice in coming]
    midnights = [datetime(2026, 6, day, tzinfo=OSLO) for day in range(4, 21)]
    later = {f"{at:%m-%d %H:%M:%S}" for at in (*due, *midnights) if at > begins}
    timeline.run(*sorted({f"{now}:00", ENDS} | later))


def instant(short: str) -> str:
    return datetime.strptime(f"2026-{short}", "%Y-%m-%d %H:%M").replace(tzinfo=OSLO).isoformat()


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_what_is_foretold_is_what_comes(number: int) -> None:
    story = Told(number)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "with").mkdir()
        (Path(folder) / "without").mkdir()
        timeline = Timeline.begun_in(Path(folder) / "with", CONFIG)
        for _ in range(story.chance.randint(1, 6)):
            name, content = story.file()
            timeline.call(story.at, "import", timeline.written(content, name, story.at))
            story.passes()
            if story.chance.random() < 0.6:
                timeline.run(story.at)
            if story.chance.random() < 0.3:
                story.passes()
        without = Timeline.begun_in(Path(folder) / "without", CONFIG, timeline.database())
        before = rows_of(timeline)
        act = story.act(timeline)
        foretold = json.loads(timeline.call(story.at, *act, "--dry-run", "--json").out).get("notices") or NOTHING
        timeline.call(story.at, *act)
        coming = timeline.clinic.json("run", "--dry-run", "--until", "2026-06-20 12:00", at=instant(story.at))
        goes_on(timeline, story.at)
        goes_on(without, story.at)
        with_it, without_it = went_out(timeline, before), went_out(without, before)
        assert_act_was_foretold(foretold, set(sent(with_it)), set(sent(without_it)))
        assert_runs_were_foretold(coming, with_it)
        new = [row for row in timeline.rows() if as_it_stands(row) not in before]
        texts = [row["text"] for row in new if row["channel"] == "sms"]
        assert coming["segments"] == sum(map(sms_segments, filter(None, texts)))
        assert coming["cost"] == (PRICE * coming["segments"] or None)


NOTHING: dict[str, Any] = {"gained": [], "lost": [], "changed": []}


def sent(notices: dict[Notice, str]) -> list[Notice]:
    return [notice for notice, reason in notices.items() if notice[-1] and not reason]


def assert_act_was_foretold(foretold: dict[str, Any], with_it: set[Notice], without_it: set[Notice]) -> None:
    befores = {told(change["before"]) for change in foretold["changed"]}
    afters = {told(change["after"]) for change in foretold["changed"]}
    gained = {told(notice) for notice in foretold["gained"]} | (afters - befores)
    lost = {told(notice) for notice in foretold["lost"]} | (befores - afters)
    assert (with_it - without_it, without_it - with_it) == (gained, lost)


def assert_runs_were_foretold(coming: dict[str, Any], with_it: dict[Notice, str]) -> None:
    foretold = {told(notice): notice["reason"] or "" for notice in coming["notices"]}
    assert foretold == with_it
