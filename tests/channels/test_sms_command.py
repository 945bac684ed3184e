"""A clinic's own program that sends SMS: real programs, each a few lines of Python."""

import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from notifycli.channels.base import Question, Report, Unanswered
from notifycli.channels.command import Command, CommandSettings
from notifycli.domain.errors import ConfigError
from tests.support.gateways import MESSAGE, NUMBER, messages


def program(folder: Path, body: str) -> tuple[str, ...]:
    path = folder / "send-sms"
    path.write_text(f"import json, os, sys, time\nasked = json.loads(sys.stdin.readline())\n{body}\n", encoding="utf-8")
    return (sys.executable, "-I", "-S", str(path))


def sent_by(argv: tuple[str, ...], *send, **differing):
    async def talk():
        async with Command(CommandSettings(argv, **differing)) as command:
            return [await command.send(message) for message in send or (MESSAGE,)]

    return asyncio.run(talk())


def says(answer: object) -> str:
    return f"print({json.dumps(answer)!r})"


def test_what_it_is_given_and_the_id_it_gives_back(tmp_path):
    argv = program(tmp_path, f"open({str(tmp_path / 'asked')!r}, 'w').write(json.dumps(asked)); {says({'id': 'a-1'})}")
    (outcome,) = sent_by(argv)
    assert (outcome.kind, outcome.reference) == ("sent", "a-1")
    assert json.loads((tmp_path / "asked").read_text()) == {
        "action": "send",
        "reference": "17.k3",
        "to": NUMBER,
        "from": "Nidelv",
        "text": MESSAGE.text,
        "segments": 1,
    }


def test_nothing_is_read_by_a_shell(tmp_path):
    text = f"$(touch {tmp_path / 'touched'}); `id` 'æøå' \"😀\"\n"
    argv = (*program(tmp_path, "print(json.dumps({'id': asked['text'] + sys.argv[1]}))"), "$HOME;*")
    (outcome,) = sent_by(argv, replace(MESSAGE, text=text))
    assert outcome.reference == f"{text}$HOME;*"
    assert not (tmp_path / "touched").exists()


NOTHING = (None, False, None)


@pytest.mark.parametrize(
    ("body", "kind", "reason", "is_gone", "wait"),
    [
        pytest.param(says({"id": 42}), "sent", *NOTHING, id="an id that is a number"),
        pytest.param("print('starting')\n" + says({"id": "a"}), "sent", *NOTHING, id="words before the answer"),
        pytest.param(says({"id": "a"}) + "\nsys.exit(3)", "sent", *NOTHING, id="the answer says more than the code"),
        pytest.param(says({"error": "no route", "kind": "temporary"}), "temporary", *NOTHING, id="temporary"),
        pytest.param(says({"error": "no route", "kind": "temporary"}) + "\nsys.exit(1)", "temporary", *NOTHING,
                     id="temporary, with an exit code"),
        pytest.param(says({"error": "no", "kind": "permanent"}), "permanent", "refused", False, None, id="permanent"),
        pytest.param(says({"error": "no", "kind": "permanent", "reason": "number_not_in_use", "gone": True}),
                     "permanent", "number_not_in_use", True, None, id="gone"),
        pytest.param(says({"error": "no", "kind": "permanent", "gone": True}), "permanent", "number_not_in_use", True,
                     None, id="gone, without a reason"),
        pytest.param(says({"error": "no", "kind": "permanent", "gone": "no"}), "permanent", "refused", False, None,
                     id="gone, but in words"),
        pytest.param(says({"error": "no"}), "uncertain", *NOTHING, id="an error of no kind"),
        pytest.param(says({"kind": "permanent"}), "uncertain", *NOTHING, id="a kind without an error"),
        pytest.param(says([1]), "uncertain", *NOTHING, id="another shape"),
        pytest.param("print('sent!')", "uncertain", *NOTHING, id="no JSON"),
        pytest.param("pass", "uncertain", *NOTHING, id="no answer"),
        pytest.param("sys.exit(75)", "temporary", *NOTHING, id="EX_TEMPFAIL"),
        pytest.param("sys.exit(1)", "uncertain", *NOTHING, id="another exit code"),
        pytest.param("raise OSError('no')", "uncertain", *NOTHING, id="a traceback"),
        pytest.param("os.kill(os.getpid(), 15)", "uncertain", *NOTHING, id="killed by another"),
    ],
)  # fmt: skip
def test_what_a_program_says(tmp_path, body, kind, reason, is_gone, wait):
    (outcome,) = sent_by(program(tmp_path, body))
    assert (outcome.kind, outcome.reason, outcome.is_gone, outcome.wait) == (kind, reason, is_gone, wait)


@pytest.mark.slow
def test_a_program_need_not_read_what_it_is_given(tmp_path):
    path = tmp_path / "deaf"
    path.write_text(says({"id": "a"}), encoding="utf-8")
    (outcome,) = sent_by((sys.executable, "-I", "-S", str(path)), replace(MESSAGE, text="x" * 1_000_000))
    assert outcome.kind == "sent"


@pytest.mark.parametrize(
    "name", [pytest.param("missing", id="no such file"), pytest.param("forbidden", id="not executable")]
)
def test_a_program_that_cannot_be_started(tmp_path, name):
    (tmp_path / "forbidden").write_text("#!/bin/sh\n", encoding="utf-8")
    (outcome,) = sent_by((str(tmp_path / name),))
    assert (outcome.kind, outcome.wait) == ("temporary", 600)
    assert outcome.detail.startswith(f"{name} cannot be started: ")
    assert "mend sms.command" in outcome.detail


def test_a_name_that_cannot_be_one():
    (outcome,) = sent_by(("send\0sms",))
    assert (outcome.kind, outcome.wait) == ("temporary", 600)


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_a_program_that_hangs_is_killed_with_what_it_started(tmp_path):
    """The child holds the standard output open, as a shell script's child does."""
    marks = str(tmp_path / "pids")
    body = f"child = os.fork()\nopen({marks!r}, 'a').write(f'{{os.getpid()}} ')\ntime.sleep(60)"
    began = time.monotonic()
    (outcome,) = sent_by(program(tmp_path, body), timeout=1)
    assert outcome.kind == "uncertain"
    assert "did not end in 1 s and was killed" in outcome.detail
    assert time.monotonic() - began < 10
    pids = [int(pid) for pid in Path(marks).read_text().split()]
    assert len(pids) == 2
    for _ in range(50):
        if not any(map(is_running, pids)):
            break
        time.sleep(0.1)
    assert not any(map(is_running, pids))


def test_a_run_that_ends_takes_the_program_with_it(tmp_path):
    mark = tmp_path / "pid"
    argv = program(tmp_path, f"open({str(mark)!r}, 'w').write(str(os.getpid()) + '\\n')\ntime.sleep(60)")

    async def talk():
        async with Command(CommandSettings(argv)) as command:
            sending = asyncio.create_task(command.send(MESSAGE))
            while not (mark.exists() and mark.read_text().endswith("\n")):
                await asyncio.sleep(0.02)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

    asyncio.run(talk())
    assert not is_running(int(mark.read_text()))


def test_no_number_and_no_text_comes_into_a_detail(tmp_path, capfd):
    body = "print(asked, file=sys.stderr)\nprint(json.dumps({'error': str(asked), 'kind': 'permanent'}))"
    (outcome,) = sent_by(program(tmp_path, body))
    for piece in (NUMBER, "90000017", MESSAGE.text):
        assert piece not in outcome.detail
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_no_more_programs_run_than_connections_allow(tmp_path):
    body = (
        f"name = {str(tmp_path)!r} + '/running-' + asked['reference']\nopen(name, 'w').close()\n"
        f"running = [one for one in os.listdir({str(tmp_path)!r}) if one.startswith('running-')]\n"
        "time.sleep(0.1)\nos.unlink(name)\nprint(json.dumps({'id': len(running)}))"
    )

    async def talk():
        async with Command(CommandSettings(program(tmp_path, body), connections=2)) as command:
            return await asyncio.gather(*(command.send(message) for message in messages(6)))

    assert max(int(outcome.reference) for outcome in asyncio.run(talk())) == 2


@pytest.mark.slow
def test_messages_keep_the_pace(tmp_path):
    """By the order and times at which our program was started; a start takes longer than it takes to ask for one."""
    argv = program(tmp_path, "print(json.dumps({'id': 'a'}))")

    async def talk():
        clock = asyncio.get_running_loop().time
        async with Command(CommandSettings(argv, rate=10)) as command:
            began = clock()
            await asyncio.gather(*(command.send(message) for message in messages(5)))
            return clock() - began

    assert asyncio.run(talk()) >= 4 / 10


@pytest.mark.parametrize(
    ("argv", "differing"),
    [
        pytest.param((), {}, id="no program"),
        pytest.param(("x",), {"connections": 0}, id="never one"),
        pytest.param(("x",), {"timeout": 0}, id="no patience"),
    ],
)
def test_settings_that_cannot_be_meant(argv, differing):
    with pytest.raises(ConfigError, match=r"sms\.command"):
        Command(CommandSettings(argv, **differing))


def asked_of(argv: tuple[str, ...], reference: str | None = "a-1", **differing):
    async def talk():
        async with Command(CommandSettings(argv, **differing)) as command:
            return await command.ask(Question("17.k3", reference, NUMBER, MESSAGE.text, 1_780_000_000))

    return asyncio.run(talk())


def report(state, reason=None, detail="", is_gone=False, reference="a-1"):
    return Report("sms", state, "17.k3", reference, None, reason, detail, is_gone)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"state": "sent"}, report("sent"), id="sent"),
        pytest.param({"state": "delivered"}, report("delivered"), id="delivered"),
        pytest.param({"state": "delivered", "id": "a-2"}, report("delivered", reference="a-2"), id="with its id"),
        pytest.param({"state": "failed"}, report("failed", "refused"), id="failed"),
        pytest.param({"state": "failed", "reason": "number_not_in_use", "gone": True, "error": f"{NUMBER} is no more"},
                     report("failed", "number_not_in_use", "<number> is no more", True), id="gone"),
        pytest.param({"state": "failed", "gone": True}, report("failed", "number_not_in_use", is_gone=True),
                     id="gone, without a reason"),
        pytest.param({"state": "unknown"}, None, id="unknown"),
    ],
)  # fmt: skip
def test_what_a_program_answers(tmp_path, answer, expected):
    assert asked_of(program(tmp_path, says(answer))) == expected


@pytest.mark.parametrize("reference", ["a-1", None])
def test_what_it_is_asked(tmp_path, reference):
    mark = tmp_path / "asked"
    argv = program(tmp_path, f"open({str(mark)!r}, 'w').write(json.dumps(asked)); {says({'state': 'unknown'})}")
    assert asked_of(argv, reference) is None
    assert json.loads(mark.read_text()) == {"action": "ask", "reference": "17.k3", "id": reference}


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(says({"error": f"cannot ask for {NUMBER}", "kind": "temporary"}), id="an error"),
        pytest.param(says({"state": "perhaps"}), id="a state that nobody knows"),
        pytest.param("pass", id="no answer"),
        pytest.param("sys.exit(75)", id="EX_TEMPFAIL"),
        pytest.param("time.sleep(60)", id="it hangs"),
    ],
)
def test_it_cannot_be_asked_now(tmp_path, body):
    with pytest.raises(Unanswered) as why:
        asked_of(program(tmp_path, body), timeout=1)
    assert NUMBER not in str(why.value)
    assert os.path.basename(sys.executable) in str(why.value)


def test_a_program_that_is_gone_cannot_be_asked(tmp_path):
    with pytest.raises(Unanswered, match="cannot be started"):
        asked_of((str(tmp_path / "missing"),))


@pytest.mark.parametrize("reason", [f"no {NUMBER}", MESSAGE.text, "Two words", "x" * 41, ""])
def test_a_reason_that_is_no_word_is_not_kept(tmp_path, reason):
    argv = program(tmp_path, says({"error": "x", "kind": "permanent", "reason": reason}))
    (outcome,) = sent_by(argv)
    assert (outcome.kind, outcome.reason) == ("permanent", "refused")
