"""A run that is killed loses no message and doubles none silently (SPEC sections 1 and 7).

It is killed with SIGKILL at moments spread over its sending; the next runs, and staff, settle what it left. With
NOTIFY_LONG_TESTS=1 ten runs of 2,000 messages are killed, otherwise three of 400.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from notifycli.channels.outbox import EmailOutbox, LineOutbox
from notifycli.delivery.sender import CLAIMED_AT_ONCE
from notifycli.store.sqlite import opening
from tests.support import engines
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS, Program
from tests.support.processes import LONGEST, NOTIFY, environment

pytestmark = pytest.mark.slow

IS_LONG = os.environ.get("NOTIFY_LONG_TESTS") == "1"
MESSAGES = 2_000 if IS_LONG else 400
KILLS = 10 if IS_LONG else 3
SEED = 20260603
BEFORE, NOW, LATER = "2026-06-01T08:00:00+02:00", "2026-06-03T12:00:00+02:00", "2026-06-03T12:01:00+02:00"
CHANNELS = ("email", "sms")
AT_ONCE = {
    "email": EmailOutbox.concurrency,
    "sms": LineOutbox.concurrency,
}  # begun and not answered
NOTHING = dict.fromkeys(("due", "sent", "skipped", "failed", "retrying", "uncertain"), 0)
CLINIC = "clinic_id;name;portal_url;sender_email;post\nnidelv;Nidelv;https://nidelv.example;post@nidelv.example;yes\n"


@dataclass(frozen=True)
class Due:
    """A database of dialogs that are due, e-mail and SMS in turn, in a folder of its own."""

    folder: Path

    @property
    def program(self) -> Program:
        return Program(self.folder)

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    def copied_to(self, folder: Path) -> "Due":
        shutil.copytree(self.folder, folder)
        engines.copy(self.folder, folder)
        return Due(folder)

    def rows(self, sql: str) -> list[tuple]:
        return engines.rows(self.folder, sql)

    def in_status(self, status: str) -> dict[str, set[int]]:
        found = self.rows(f"SELECT channel, id FROM delivery WHERE status = '{status}'")
        return {channel: {id_ for of, id_ in found if of == channel} for channel in CHANNELS}

    def texted(self) -> Counter[int]:
        """How often each delivery was handed over as an SMS; every line is whole."""
        path = self.outbox / "sms.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return Counter(json.loads(line)["delivery"] for line in lines)

    def mailed(self) -> dict[int, str]:
        """The Message-ID of each delivery's file in the Maildir."""
        return {int(path.name.removeprefix("delivery-")): message_id(path) for path in self.mail_files()}

    def mail_files(self) -> list[Path]:
        return sorted((self.outbox / "email" / "new").glob("*"))

    def progress(self) -> int:
        """Messages in the outbox."""
        lines = self.outbox / "sms.jsonl"
        return len(self.mail_files()) + (lines.read_bytes().count(b"\n") if lines.exists() else 0)


def message_id(path: Path) -> str:
    return message_from_bytes(path.read_bytes())["Message-ID"]


@pytest.fixture(scope="module")
def due(tmp_path_factory) -> Due:
    due = Due(tmp_path_factory.mktemp("due"))
    (due.folder / "notify.toml").write_text(CONFIG_WITHOUT_LIMITS)
    numbers = range(MESSAGES)
    tables = {
        "clinics": CLINIC,
        "patients": "clinic_id;patient_id;email;mobile;consent;preferred_method\n"
        + "".join(f"nidelv;P{n};p{n}@post.example;9100{n:04};yes;{CHANNELS[n % 2]}\n" for n in numbers),
        "dialogs": "clinic_id;dialog_id;patient_id;kind;sent_at\n"
        + "".join(f"nidelv;D{n};P{n};dialog;2026-06-03T{8 + n // 600:02}:{n // 10 % 60:02}\n" for n in numbers),
    }
    for kind, text in tables.items():
        (due.folder / f"{kind}.csv").write_text(text)
    answer = due.program.call(BEFORE, ["import", str(due.folder / "clinics.csv")])
    assert answer.exit == 0, answer
    files = [str(due.folder / f"{kind}.csv") for kind in ("patients", "dialogs")]
    answer = due.program.call(NOW, ["import", *files])
    assert answer.exit == 0, answer
    if engines.server is None:
        due.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return due


def started_run(due: Due) -> subprocess.Popen:
    options = ("--db", str(engines.address_in(due.folder)), "--config", "notify.toml", "--now", NOW)
    return subprocess.Popen(
        [*NOTIFY, *options, "run"], cwd=due.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def killed_when(due: Due, moment: Callable[[], object]) -> None:
    """Starts a run and kills it at the first look at which `moment` holds."""
    with started_run(due) as process:
        wait_for(moment, process)
        process.kill()
        said, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, f"it ended by itself: {said}"


def wait_for(moment: Callable[[], object], process: subprocess.Popen) -> None:
    """At most until the process has ended."""
    until = time.monotonic() + LONGEST
    while not moment() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)


@contextmanager
def stopped_in_its_midst(due: Due) -> Iterator[None]:
    """A run that lives and does nothing while the block lasts, and then goes on to its end."""
    with started_run(due) as process:
        wait_for(due.progress, process)
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=LONGEST)
    assert (process.returncode, said) == (0, b"")


def run_until_nothing_is_due(due: Due) -> list[dict]:
    reports = []
    while not reports or any(reports[-1].values()):
        answer = due.program.call(LATER, ["run", "--json"])
        assert answer.exit in (0, 1), answer
        reports.append(json.loads(answer.out))
        assert len(reports) < 10
    return reports


def history_of(due: Due, deliveries: set[int]) -> set[tuple[str, ...]]:
    """The ways that the statuses of these deliveries took."""
    ways: dict[int, list[str]] = {}
    for delivery, status in due.rows("SELECT delivery_id, status FROM status_log ORDER BY id"):
        if delivery in deliveries:
            ways.setdefault(delivery, []).append(status)
    return {tuple(way) for way in ways.values()}


# Seven tenths at most: a run that has ended by itself cannot be killed.
CHANCE = random.Random(SEED)
MOMENTS = [0.7 * (number + CHANCE.random()) / KILLS for number in range(KILLS)]


@pytest.mark.parametrize("share", MOMENTS, ids=[f"{share:.0%} sent" for share in MOMENTS])
def test_a_killed_run_loses_no_message_and_doubles_none_silently(due, tmp_path, share):
    here = due.copied_to(tmp_path / "here")
    killed_when(here, lambda: here.progress() >= share * MESSAGES)
    left, mailed_before = here.in_status("sending"), here.mailed()
    sent_before = here.in_status("sent")
    assert len(sent_before["email"] | sent_before["sms"]) < MESSAGES
    assert len(left["sms"]) <= CLAIMED_AT_ONCE["sms"]
    assert len(left["email"]) <= CLAIMED_AT_ONCE["email"]
    assert sent_before["sms"] <= set(here.texted())
    assert sent_before["email"] <= set(mailed_before)

    reports = run_until_nothing_is_due(here)
    held = here.in_status("uncertain")
    assert held["email"] == set()
    assert held["sms"] <= left["sms"]
    assert len(held["sms"]) <= AT_ONCE["sms"]
    recorded = sum(report["sent"] for report in reports) + len(sent_before["sms"] | sent_before["email"])
    assert recorded == MESSAGES - len(held["sms"])
    assert {row["status"] for row in here.program.history(LATER)} <= {"sent", "uncertain"}

    texted, mailed = here.texted(), here.mailed()
    assert max(texted.values()) == 1
    assert here.in_status("sent")["sms"] <= set(texted)
    assert set(texted) <= here.in_status("sent")["sms"] | held["sms"]
    assert set(mailed) == here.in_status("sent")["email"]
    assert len(set(mailed.values())) == len(mailed) == MESSAGES // 2
    assert mailed_before.items() <= mailed.items(), "a resend has the same name and Message-ID"
    assert not list((here.outbox / "email" / "tmp").iterdir())

    once = ("queued", "sending", "sent")
    not_begun, resent = ("queued", "sending", *once), ("queued", "sending", "uncertain", *once)
    assert history_of(here, held["sms"]) <= {("queued", "sending", "uncertain")}
    assert history_of(here, left["sms"] - held["sms"]) <= {once, not_begun}
    assert history_of(here, left["email"]) <= {once, not_begun, resent}
    assert len({mail for mail in left["email"] if history_of(here, {mail}) == {resent}}) <= AT_ONCE["email"]
    assert history_of(here, here.in_status("sent")["sms"] - left["sms"]) == {once}
    assert not list(here.folder.glob(".notify-*")), "what all is recorded of is gone"
    assert history_of(here, here.in_status("sent")["email"] - left["email"]) == {once}

    settle_what_is_held(here, texted)


def settle_what_is_held(due: Due, texted: Counter[int]) -> None:
    """As staff do who ask the gateway."""
    for delivery in due.in_status("uncertain")["sms"]:
        answer = due.program.call(LATER, ["resolve", str(delivery), "--sent" if delivery in texted else "--resend"])
        assert answer.exit == 0, answer
    run_until_nothing_is_due(due)
    assert set(due.texted()) == due.in_status("sent")["sms"]
    assert set(due.texted().values()) == {1}
    assert len(due.texted()) + len(due.mailed()) == MESSAGES


@pytest.fixture
def with_sms_in_doubt(due, tmp_path) -> Due:
    """Killed when an SMS had been claimed and not yet recorded; with the power, what was not synced is lost."""
    here = due.copied_to(tmp_path / "here")
    killed_when(here, lambda: (here.outbox / "sms.jsonl").exists() and here.in_status("sending")["sms"])
    assert here.in_status("sending")["sms"]
    [written] = here.folder.glob(".notify-*")
    first = written.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    written.write_text(first.replace('"boot": "', '"boot": "another-'), encoding="utf-8")
    return here


def test_what_a_killed_run_left_uncertain_wants_a_look(with_sms_in_doubt):
    held = len(with_sms_in_doubt.in_status("sending")["sms"])
    answer = with_sms_in_doubt.program.call(LATER, ["run", "--json"])
    assert (answer.exit, json.loads(answer.out)["uncertain"]) == (1, held)
    assert answer.err.count("\n") == 1
    assert "sms" in answer.err
    assert "--status uncertain" in answer.err


def test_a_trouble_that_a_killed_run_left_is_told_once(with_sms_in_doubt):
    program = with_sms_in_doubt.program
    told = [program.call(LATER, ["run"]).err for _ in range(3)]
    assert [bool(one) for one in told] == [True, False, False]
    for delivery in with_sms_in_doubt.in_status("uncertain")["sms"]:
        assert program.call(LATER, ["resolve", str(delivery), "--resend"]).exit == 0
    ended = [program.call(LATER, ["run"]).err for _ in range(2)]
    assert [one.count("\n") for one in ended] == [1, 0]


@pytest.mark.sqlite("its lock")
@pytest.mark.parametrize("name", ["notify.db", "link.db"], ids=["by its name", "by a link's name"])
def test_a_second_run_at_the_same_time_does_nothing(due, tmp_path, monkeypatch, name):
    monkeypatch.setattr(opening, "WAIT_FOR_A_LOCK", 0.3)  # the stopped run may hold one, and must not be asked for it
    here = due.copied_to(tmp_path / "here")
    (here.folder / "link.db").symlink_to("notify.db")
    with stopped_in_its_midst(here):
        before = here.rows("SELECT * FROM delivery")
        answer = here.program.call(NOW, ["--db", str(here.folder / name), "run", "--json"])
        assert here.rows("SELECT * FROM delivery") == before
    assert (answer.exit, answer.err, json.loads(answer.out)) == (0, "", NOTHING)
    assert set(here.texted().values()) == {1}
    assert history_of(here, {id_ for (id_,) in here.rows("SELECT id FROM delivery")}) == {("queued", "sending", "sent")}
