"""The story of sample_data/demo.toml, played through the command, shows every rule of SPEC sections 4 and 5.

Knows the command line and its JSON only; the times at which runs are played are those of the story.
"""

import json
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.case_runner import Answer, Program, allowed_exits
from tests.support.places import REPOSITORY

pytestmark = pytest.mark.slow

SAMPLE = REPOSITORY / "sample_data"
BAD_FILE = "day-3/appointments-with-errors.csv"
BAD_LINES = 6
A_RUN_EXITS = (0, 1)

Row = dict[str, Any]


class Call(NamedTuple):
    at: str
    arguments: tuple[str, ...]
    exits: tuple[int, ...]


class Played(NamedTuple):
    """What came of the story in `folder`; `surprises` are the calls that ended otherwise than told."""

    program: Program
    folder: Path
    surprises: list[str]
    history: list[Row]
    ended_at: str


def story() -> list[Row]:
    found = tomllib.loads((SAMPLE / "demo.toml").read_text(encoding="utf-8"))["steps"]
    assert isinstance(found, list)
    return found


def calls(steps: list[Row]) -> Iterator[Call]:
    for step in steps:
        if "run" in step:
            yield from (Call(at, ("run",), A_RUN_EXITS) for at in run_times(step))
            continue
        an_import = {"import": True} if step["notify"][0] == "import" else {}
        yield Call(step["at"], tuple(step["notify"]), allowed_exits({**step, **an_import}))


def run_times(step: Row) -> Iterator[str]:
    at, until = datetime.fromisoformat(step["at"]), datetime.fromisoformat(step["run"]["until"])
    while at <= until:
        yield at.isoformat()
        at += timedelta(minutes=step["run"]["every_minutes"])


def in_folder(argument: str, folder: Path) -> str:
    return str(folder / argument) if (folder / argument).is_file() else argument


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    base = tmp_path_factory.mktemp("demo")
    folder = Path(shutil.copytree(SAMPLE, base / "sample_data"))
    (base / "notify.toml").touch()
    program, surprises, steps = Program(base), [], story()
    for call in calls(steps):
        answer = program.call(call.at, [in_folder(argument, folder) for argument in call.arguments])
        if answer.exit not in call.exits:
            surprises.append(f"{call.at} {' '.join(call.arguments)}: {answer}")
    ended_at = steps[-1]["at"]
    return Played(program, folder, surprises, json_of(program, ended_at, "history", "--limit", "0"), ended_at)


def json_of(program: Program, at: str, *arguments: str) -> Any:
    answer: Answer = program.call(at, [*arguments, "--json"])
    assert answer.exit == 0, str(answer)
    return json.loads(answer.out)


def ours(played: Played) -> list[Row]:
    return [row for row in played.history if row["sender"] == "notify"]


def notices_of(played: Played, clinic: str, subject: str, subject_id: str) -> list[Row]:
    why = json_of(played.program, played.ended_at, "why", subject, subject_id, "--clinic", clinic)
    notices = why["notices"]
    assert isinstance(notices, list)
    return notices


@pytest.mark.slow
def test_each_step_ends_as_it_is_told(played: Played) -> None:
    assert played.surprises == []


def test_every_skip_reason_occurs_and_no_other(played: Played) -> None:
    assert {row["reason"] for row in ours(played) if row["status"] == "skipped"} == {
        *("third_party", "cancelled", "superseded", "ended", "too_late", "module_off", "type_off"),
        *("unknown_patient", "no_consent", "no_contact", "covered"),
    }


@pytest.mark.parametrize(
    ("reason", "clinic", "event", "subject_id"),
    [
        pytest.param("third_party", "nidelv", "confirmation", "A23", id="R10 digicare"),
        pytest.param("third_party", "nidelv", "confirmation", "A24", id="R10 helsenorge"),
        pytest.param("third_party", "nidelv", "reminder", "A23", id="R10 its reminder"),
        pytest.param("cancelled", "nidelv", "confirmation", "A25", id="R11 cancelled within five minutes"),
        pytest.param("superseded", "nidelv", "change", "A10", id="R12 moved twice"),
        pytest.param("superseded", "nidelv", "cancellation", "A9", id="R12 booked again"),
        pytest.param("ended", "nidelv", "confirmation", "A26", id="R13 already there"),
        pytest.param("too_late", "nidelv", "confirmation", "A29", id="R14 already begun"),
        pytest.param("type_off", "nidelv", "confirmation", "A60", id="R15 type"),
        pytest.param("module_off", "lofoten", "dialog", "D3", id="R15 module"),
        pytest.param("module_off", "lofoten", "reply", "D4", id="R15 module, a reply"),
        pytest.param("unknown_patient", "nidelv", "confirmation", "A30", id="R16"),
        pytest.param("no_consent", "nidelv", "confirmation", "A32", id="R17 no"),
        pytest.param("no_consent", "nidelv", "confirmation", "A33", id="R17 blank"),
        pytest.param("no_consent", "nidelv", "reminder", "A14", id="R17 withdrawn"),
        pytest.param("no_consent", "nidelv", "dialog", "D7", id="R17 a dialog"),
        pytest.param("no_contact", "nidelv", "confirmation", "A46", id="R18 push alone"),
        pytest.param("no_contact", "nidelv", "confirmation", "A53", id="R18 a landline alone"),
        pytest.param("no_contact", "nidelv", "reminder", "A16", id="R18 nothing"),
        pytest.param("covered", "nidelv", "change", "A27", id="R19 by the confirmation"),
        pytest.param("covered", "nidelv", "reminder", "A28", id="R19 the reminder"),
    ],
)
def test_a_skip_reason_is_shown_by_the_row_that_the_readme_names(
    played: Played, reason: str, clinic: str, event: str, subject_id: str
) -> None:
    wanted = {"reason": reason, "clinic": clinic, "event": event, "subject_id": subject_id, "status": "skipped"}
    assert [row for row in ours(played) if wanted.items() <= row.items()]


@pytest.mark.parametrize(
    ("reason", "clinic", "subject", "subject_id", "event"),
    [
        pytest.param("module_off", "nidelv", "appointment", "A1", "confirmation", id="module_off"),
        pytest.param("module_off", "lofoten", "receipt", "R1", "receipt", id="module_off, paid before"),
        pytest.param("type_off", "nidelv", "appointment", "A20", "confirmation", id="type_off"),
        pytest.param("type_off", "nidelv", "appointment", "A19", "reminder", id="type_off, no type"),
        pytest.param("type_off", "nidelv", "appointment", "A54", "confirmation", id="type_off, unknown type"),
        pytest.param("migrated", "lofoten", "appointment", "M1", "confirmation", id="migrated"),
        pytest.param("booked_late", "nidelv", "appointment", "A62", "reminder", id="booked_late"),
        pytest.param("booked_late", "lofoten", "appointment", "M2", "reminder", id="booked_late, migrated"),
        pytest.param("activated_late", "lofoten", "appointment", "A3", "reminder", id="activated_late"),
        pytest.param("unpaid", "nidelv", "receipt", "R3", "receipt", id="unpaid"),
        pytest.param("not_booked", "nidelv", "appointment", "A5", "confirmation", id="not_booked, proposed"),
        pytest.param("not_booked", "nidelv", "appointment", "A25", "reminder", id="not_booked, cancelled"),
        pytest.param("seen_late", "nidelv", "appointment", "A6", "confirmation", id="seen_late, cancelled"),
        pytest.param("seen_late", "nidelv", "appointment", "A7", "confirmation", id="seen_late, fulfilled"),
    ],
)
def test_every_never_reason_is_explained(
    played: Played, reason: str, clinic: str, subject: str, subject_id: str, event: str
) -> None:
    wanted = {"event": event, "verdict": "never", "reason": reason}
    notices = notices_of(played, clinic, subject, subject_id)
    assert [notice for notice in notices if wanted.items() <= notice.items()], notices
    assert all(notice["explanation"] for notice in notices)


def test_every_event_and_every_channel_went_out(played: Played) -> None:
    sent = [row for row in ours(played) if row["status"] == "sent"]
    assert {row["event"] for row in sent} == {
        *("confirmation", "change", "cancellation", "reminder", "dialog", "reply", "receipt")
    }
    assert {row["channel"] for row in sent} == {"email", "sms", "push"}
    assert {row["clinic"] for row in sent} == {"nidelv", "lofoten"}


@pytest.mark.parametrize(
    ("event", "clinic", "subject_id", "due_at"),
    [
        pytest.param("confirmation", "nidelv", "A21", "2026-06-01T07:57:00Z", id="R1"),
        pytest.param("change", "nidelv", "A10", "2026-06-01T08:02:00Z", id="R2 the second move"),
        pytest.param("change", "nidelv", "A13", "2026-06-02T06:03:00Z", id="R2 another room"),
        pytest.param("cancellation", "nidelv", "A25", "2026-06-01T08:02:00Z", id="R3 by the patient"),
        pytest.param("cancellation", "nidelv", "A12", "2026-06-02T06:02:00Z", id="R3 by the clinic"),
        pytest.param("cancellation", "lofoten", "A6", "2026-06-02T05:55:00Z", id="R3 avlyst"),
        pytest.param("reminder", "nidelv", "A1", "2026-06-01T08:00:00Z", id="R4"),
        pytest.param("reminder", "nidelv", "A11", "2026-06-03T09:00:00Z", id="R4 moved"),
        pytest.param("reminder", "nidelv", "A8", "2026-06-01T09:30:00Z", id="R4 type no longer in use"),
        pytest.param("reminder", "lofoten", "M1", "2026-06-02T12:30:00Z", id="R4 migrated"),
        pytest.param("reminder", "nidelv", "A3", "2026-06-01T08:44:30Z", id="R5"),
        pytest.param("dialog", "nidelv", "D1", "2026-06-01T08:41:00Z", id="R6 dialog"),
        pytest.param("reply", "nidelv", "D5", "2026-06-01T08:43:00Z", id="R6 reply"),
        pytest.param("reply", "nidelv", "D9", "2026-06-02T05:56:00Z", id="R6 from NDJSON"),
        pytest.param("receipt", "nidelv", "R1", "2026-06-01T08:40:00Z", id="R7"),
        pytest.param("receipt", "nidelv", "R2", "2026-06-03T05:55:00Z", id="R7 unpaid, then paid"),
        pytest.param("receipt", "lofoten", "R2", "2026-06-03T05:50:00Z", id="R7 module switched on"),
        pytest.param("confirmation", "nidelv", "A31", "2026-06-01T07:47:00Z", id="R16 the patient came"),
    ],
)
def test_every_rule_made_something_due(played: Played, event: str, clinic: str, subject_id: str, due_at: str) -> None:
    wanted = {"event": event, "clinic": clinic, "subject_id": subject_id, "due_at": due_at, "status": "sent"}
    assert [row for row in ours(played) if wanted.items() <= row.items()]


@pytest.mark.parametrize(
    ("appointment", "channels"),
    [
        pytest.param("A34", ["email"], id="email"),
        pytest.param("A35", ["sms"], id="email, not possible"),
        pytest.param("A36", ["sms"], id="sms"),
        pytest.param("A37", ["email"], id="sms, not possible"),
        pytest.param("A47", ["email"], id="sms, a landline"),
        pytest.param("A38", ["email", "sms"], id="both"),
        pytest.param("A39", ["email"], id="both, only e-mail possible"),
        pytest.param("A40", ["sms"], id="both, only SMS possible"),
        pytest.param("A41", ["email"], id="none chosen"),
        pytest.param("A42", ["sms"], id="none chosen, no e-mail"),
        pytest.param("A43", ["email", "push"], id="none chosen, and push"),
        pytest.param("A44", ["push", "sms"], id="none chosen, no e-mail, and push"),
        pytest.param("A45", ["email"], id="none chosen, push not allowed"),
        pytest.param("A48", ["sms"], id="an invalid e-mail address"),
        pytest.param("A49", ["sms"], id="a foreign number"),
        pytest.param("A50", ["email"], id="an invalid number"),
    ],
)
def test_every_row_of_routing(played: Played, appointment: str, channels: list[str]) -> None:
    wanted = {"clinic": "nidelv", "event": "confirmation", "subject_id": appointment, "status": "sent"}
    assert sorted(row["channel"] for row in ours(played) if wanted.items() <= row.items()) == channels


def test_nothing_went_out_twice(played: Played) -> None:
    sent = Counter(
        (row["clinic"], row["event"], row["subject"], row["subject_id"], row["channel"], row["due_at"])
        for row in ours(played)
        if row["status"] == "sent"
    )
    assert [key for key, times in sent.items() if times > 1] == []


def test_what_others_sent_stands_beside_it(played: Played) -> None:
    assert {row["sender"] for row in played.history} == {"notify", "digicare", "helsenorge", "convene"}


def test_some_patients_have_logged_in_and_some_have_not(played: Played) -> None:
    assert {row["active_user"] for row in ours(played)} == {True, False}


def test_the_rejected_rows_are_beside_their_file(played: Played) -> None:
    rejects = played.folder / f"{BAD_FILE}.rejects.csv"
    assert len(rejects.read_text(encoding="utf-8-sig").splitlines()) == 1 + BAD_LINES


def test_those_who_were_moved_to_friday_have_heard_of_it(played: Played) -> None:
    heard = {row["subject_id"] for row in ours(played) if row["event"] == "change" and row["status"] == "sent"}
    assert len({id for id in heard if id.startswith("A1") and len(id) == 4}) == 22
