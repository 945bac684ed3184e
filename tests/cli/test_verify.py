"""SPEC section 8, notify verify: what differs is named, and nothing else.

A clinic's week, as it is kept for the programs to come, and hands that write past the program.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifycli.store.engine import open_store, writing
from tests.store.keep_database import LAST, a_week
from tests.support.case_runner import Program
from tests.support.one_clinic import Clinic
from tests.support.tampering import TAMPERINGS, Tampering, tamper

HEAD = re.compile(r"\d+:[0-9a-f]{64}\n")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week")
    a_week(Clinic.begun_in(folder))
    with closing(sqlite3.connect(folder / "notify.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def program(week: Path, tmp_path: Path) -> Program:
    (tmp_path / "notify.toml").write_text("", encoding="utf-8")
    (tmp_path / "notify.db").write_bytes((week / "notify.db").read_bytes())
    return Program(tmp_path)


def verified(program: Program, *options: str, at: str = LAST) -> dict[str, Any]:
    answer = program.call(at, ["verify", *options, "--json"])
    told: dict[str, Any] = json.loads(answer.out)
    assert answer.exit == int(bool(told["findings"])), answer
    return told


def kinds(program: Program, *options: str, at: str = LAST) -> set[str]:
    return {finding["kind"] for finding in verified(program, *options, at=at)["findings"]}


def change(program: Program, sql: str) -> None:
    with closing(sqlite3.connect(program.folder / "notify.db")) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.slow
def test_nothing_differs_in_what_came_about_honestly(program: Program) -> None:
    told = verified(program)
    assert told["findings"] == []
    assert told["checked"] == 35
    assert HEAD.fullmatch(f"{told['head']}\n")
    assert "nothing differs" in program.call(LAST, ["verify"]).err


def test_what_waits_for_the_next_run_is_no_difference(program: Program) -> None:
    assert verified(program, at="2027-06-12T12:00:00+02:00")["findings"] == []


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_what_was_done_past_the_program_is_named(program: Program, tampering: Tampering) -> None:
    assert tamper(program.folder / "notify.db", tampering, place=1)
    assert kinds(program) & set(tampering.kinds)


def test_the_deleted_row_is_named(program: Program) -> None:
    tamper(program.folder / "notify.db", TAMPERINGS[0], place=7)
    details = [finding["detail"] for finding in verified(program)["findings"]]
    assert "row 8 of the history" in details
    assert sum("row" in detail for detail in details) == 1, "the chain goes on behind it"


def test_a_missing_reminder_is_named(program: Program) -> None:
    """A run that was told to look never again."""
    change(program, "UPDATE appointment SET next_check_at = NULL WHERE appointment_id = 'A1'")
    assert verified(program)["findings"] == []
    [finding] = verified(program, at="2026-06-21T12:00:00+02:00")["findings"]
    assert (finding["kind"], finding["subject"], finding["subject_id"]) == ("missing", "appointment", "A1")
    assert finding["detail"] == "reminder, due 2026-06-20T08:00:00Z"


def test_a_doubled_send_is_named(program: Program) -> None:
    """By a program that has lost its head, triggers, seals and all."""
    with closing(open_store(program.folder / "notify.db")) as store, writing(store):
        [delivery] = store.execute("SELECT min(id) FROM delivery WHERE status = 'sent'").fetchone()
        for status in ("queued", "sending", "sent"):
            store.execute("UPDATE delivery SET status = ?, status_at = status_at + 60 WHERE id = ?", (status, delivery))
    [finding] = verified(program)["findings"]
    assert (finding["kind"], finding["delivery"]) == ("doubled", delivery)


def test_the_head_is_kept_elsewhere(program: Program) -> None:
    """Who deletes the end of the history together with its links is found by the head alone."""
    head = program.folder / "elsewhere.head"
    assert verified(program, "--head", str(head))["findings"] == []
    assert HEAD.fullmatch(head.read_text())
    program.call("2026-06-12T12:00:00+02:00", ["run"])
    longer = verified(program, "--head", str(head), at="2026-06-12T12:00:00+02:00")
    assert head.read_text() == f"{longer['head']}\n"
    [last, first_id] = _last_links(program)
    tamper(
        program.folder / "notify.db",
        Tampering(
            "",
            "SELECT 1 AS id",
            (f"DELETE FROM chain WHERE position = {last}", f"DELETE FROM status_log WHERE id >= {first_id}"),
            (),
        ),
    )
    assert "deleted" in kinds(program, "--head", str(head))
    assert head.read_text() == f"{longer['head']}\n", "it still tells of what is gone"


def _last_links(program: Program) -> list[int]:
    with closing(sqlite3.connect(program.folder / "notify.db")) as connection:
        return list(connection.execute("SELECT position, first_id FROM chain ORDER BY 1 DESC LIMIT 1").fetchone())


def test_another_history_of_the_same_length_has_another_head(program: Program) -> None:
    head = program.folder / "elsewhere.head"
    position = verified(program)["head"].split(":")[0]
    head.write_text(f"{position}:{'0' * 64}\n")
    assert kinds(program, "--head", str(head)) == {"altered"}


@pytest.mark.parametrize("text", [b"not a head", b"12:zz", b"\xff\xfe"], ids=["words", "no hash", "bytes"])
def test_a_damaged_head_is_an_error_and_stays(program: Program, text: bytes) -> None:
    head = program.folder / "elsewhere.head"
    head.write_bytes(text)
    answer = program.call(LAST, ["verify", "--head", str(head)])
    assert (answer.exit, answer.out) == (3, "")
    assert str(head) in answer.err
    assert head.read_bytes() == text


def test_an_outbox_that_lacks_a_message(week: Path, program: Program) -> None:
    outbox = program.folder / "outbox"
    (outbox / "email" / "new").mkdir(parents=True)
    messages = sorted((week / "outbox" / "email" / "new").iterdir())
    for message in messages[1:]:
        (outbox / "email" / "new" / message.name).write_bytes(message.read_bytes())
    (outbox / "push.jsonl").write_bytes((week / "outbox" / "push.jsonl").read_bytes())
    lines = (week / "outbox" / "sms.jsonl").read_text().splitlines(keepends=True)
    (outbox / "sms.jsonl").write_text("".join([*lines, lines[0]]))
    findings = verified(program, "--outbox", str(outbox))["findings"]
    assert {(finding["kind"], finding["delivery"]) for finding in findings} == {
        ("unconfirmed", int(messages[0].name.removeprefix("delivery-"))),
        ("doubled", json.loads(lines[0])["delivery"]),
    }
    assert verified(program, "--outbox", str(week / "outbox"))["findings"] == []


SMS = "SELECT reference, address, sent_at FROM delivery WHERE channel = 'sms' AND status = 'sent' ORDER BY sent_at, id"
LOGS: list[Any] = [
    pytest.param("reference;number;time", lambda ref, to, at: f"{ref};{to};{at}", id="by reference"),
    pytest.param("Mottaker,Tidspunkt", lambda ref, to, at: f"{to[1:]},{at}", id="by number and time"),
]


@pytest.mark.parametrize(("header", "line"), LOGS)
def test_a_gateway_that_says_sent_and_sends_nothing(program: Program, header: str, line: Any) -> None:
    with closing(sqlite3.connect(program.folder / "notify.db")) as connection:
        connection.execute("UPDATE delivery SET reference = 'ref-' || id WHERE channel = 'sms'")
        connection.commit()
        sent = connection.execute(
            SMS.replace("sent_at FROM", "strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch') FROM")
        ).fetchall()
        ids = [id_ for (id_,) in connection.execute(SMS.replace("reference, address, sent_at", "id"))]
    assert len(sent) >= 3
    log = program.folder / "invoice.csv"
    log.write_text("\n".join([header, *(line(*row) for row in sent)]) + "\n")
    assert verified(program, "--gateway-log", str(log))["findings"] == []
    log.write_text("\n".join([header, *(line(*row) for row in (sent[0], *sent[2:]))]) + "\n")
    findings = verified(program, "--gateway-log", str(log))["findings"]
    if "reference" in header:
        assert [(finding["kind"], finding["delivery"]) for finding in findings] == [("unconfirmed", ids[1])]
    else:
        assert {finding["kind"] for finding in findings} <= {"unconfirmed"}


@pytest.mark.parametrize(
    "text",
    [b"name;age\n", b"reference;time\nx;yesterday noon or so\n", b"\xff\xfe\x00", b'reference;time\n"x;1\n'],
    ids=["no columns", "no time", "no text", "quote"],
)
def test_a_damaged_log_is_an_error(program: Program, text: bytes) -> None:
    log = program.folder / "invoice.csv"
    log.write_bytes(text)
    answer = program.call(LAST, ["verify", "--gateway-log", str(log)])
    assert (answer.exit, answer.out) == (3, "")
    assert "invoice.csv" in answer.err
    assert answer.err.count("\n") <= 2


def test_a_list_for_people(program: Program) -> None:
    tamper(program.folder / "notify.db", TAMPERINGS[0], place=7)
    answer = program.call(LAST, ["verify"])
    assert answer.exit == 1
    assert "row 8 of the history" in answer.out
    assert "differences" in answer.err
