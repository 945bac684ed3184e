"""SPEC section 9, `transport = "outbox"`: messages as files, whole or not at all, and synced before they count."""

import asyncio
import json
import mailbox as standard_mailbox
import stat
import subprocess
import sys
from dataclasses import replace
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.base import Outgoing
from notifycli.channels.mail import message_bytes
from notifycli.channels.outbox import EmailOutbox, LineOutbox
from tests.support.places import REPOSITORY
from tests.support.smtp_server import NOTICE

TEXT_MESSAGE = replace(NOTICE, channel="sms", address="+4791000001", sender="Nidelv", text="Time 3. juni\nkl. 10")
PUSH = replace(NOTICE, channel="push", address="token-1", sender="", text="Du har fått en time", collapse_key="n1")


def sent_to(outbox, *messages: Outgoing):
    """The outcomes of the messages, one after the other, in one visit."""

    async def visit():
        async with outbox:
            return [await outbox.send(message) for message in messages]

    return asyncio.run(visit())


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def lines_of(path) -> list:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


# E-mail


def test_an_email_is_a_file_in_a_maildir(tmp_path):
    (outcome,) = sent_to(EmailOutbox(tmp_path / "outbox"), NOTICE)
    assert (outcome.kind, outcome.reference) == ("sent", "delivery-7")
    maildir = tmp_path / "outbox" / "email"
    (file,) = (maildir / "new").iterdir()
    assert file.name == outcome.reference
    assert [mode_of(folder) for folder in (tmp_path / "outbox", maildir, *maildir.iterdir())] == [0o700] * 5
    assert mode_of(file) == 0o600
    assert not list((maildir / "tmp").iterdir())
    (message,) = standard_mailbox.Maildir(maildir, BytesParser(policy=policy.default).parse)
    assert (message["To"], message["Subject"], message.get_content()) == (NOTICE.address, NOTICE.subject, "Hei\r\n")
    assert b"\r" not in file.read_bytes()


@pytest.mark.parametrize(
    "moved_to",
    [
        pytest.param(None, id="still new"),
        pytest.param("delivery-7:2,", id="seen by a mail reader"),
        pytest.param("delivery-7:2,FS", id="read and flagged"),
    ],
)
def test_a_resend_replaces_the_file(tmp_path, moved_to):
    sent_to(EmailOutbox(tmp_path), NOTICE, replace(NOTICE, delivery=8))
    if moved_to:
        (tmp_path / "email" / "new" / "delivery-7").rename(tmp_path / "email" / "cur" / moved_to)
    sent_to(EmailOutbox(tmp_path), replace(NOTICE, subject="again"))
    subjects = {key: message["Subject"] for key, message in standard_mailbox.Maildir(tmp_path / "email").items()}
    assert subjects.keys() == {"delivery-7", "delivery-8"}
    assert subjects["delivery-7"] == "again"
    assert len([*(tmp_path / "email" / "new").iterdir(), *(tmp_path / "email" / "cur").iterdir()]) == 2


def test_what_a_crash_left_in_tmp_is_written_over(tmp_path):
    sent_to(EmailOutbox(tmp_path), replace(NOTICE, delivery=1))
    (tmp_path / "email" / "tmp" / "delivery-7").write_bytes(b"Subject: half a mess" + b"x" * 10_000)
    sent_to(EmailOutbox(tmp_path), NOTICE)
    octets = (tmp_path / "email" / "new" / "delivery-7").read_bytes()
    assert octets == message_bytes(NOTICE).replace(b"\r\n", b"\n")
    assert not list((tmp_path / "email" / "tmp").iterdir())


def test_many_at_once_are_all_there(tmp_path):
    async def visit():
        async with EmailOutbox(tmp_path) as outbox:
            return await asyncio.gather(*(outbox.send(replace(NOTICE, delivery=number)) for number in range(100)))

    assert {one.kind for one in asyncio.run(visit())} == {"sent"}
    assert len(list((tmp_path / "email" / "new").iterdir())) == 100


def test_what_is_no_address_is_refused_for_good(tmp_path):
    (outcome,) = sent_to(EmailOutbox(tmp_path), replace(NOTICE, address="kari"))
    assert (outcome.kind, outcome.reason) == ("permanent", "bad_address")
    assert "kari" not in outcome.detail


# SMS and push


def test_an_sms_is_a_line(tmp_path):
    (outcome,) = sent_to(LineOutbox(tmp_path / "outbox"), TEXT_MESSAGE)
    assert (outcome.kind, outcome.reference) == ("sent", "1")
    assert lines_of(tmp_path / "outbox" / "sms.jsonl") == [
        {
            "delivery": 7,
            "at": "2026-05-28T20:26:40Z",
            "to": "+4791000001",
            "sender": "Nidelv",
            "text": "Time 3. juni\nkl. 10",
        }
    ]
    assert (mode_of(tmp_path / "outbox"), mode_of(tmp_path / "outbox" / "sms.jsonl")) == (0o700, 0o600)


def test_a_push_is_a_line_of_its_own_file_with_title_and_collapse_key(tmp_path):
    sent_to(LineOutbox(tmp_path), TEXT_MESSAGE, PUSH)
    (line,) = lines_of(tmp_path / "push.jsonl")
    assert (line["to"], line["title"], line["collapse_key"]) == ("token-1", "Du har fått en time", "n1")
    assert len(lines_of(tmp_path / "sms.jsonl")) == 1


def test_the_reference_is_the_number_of_the_line(tmp_path):
    assert [one.reference for one in sent_to(LineOutbox(tmp_path), *[TEXT_MESSAGE] * 3)] == ["1", "2", "3"]
    assert [one.reference for one in sent_to(LineOutbox(tmp_path), *[TEXT_MESSAGE] * 2)] == ["4", "5"]


def test_a_file_that_was_moved_away_begins_anew(tmp_path):
    async def visit():
        async with LineOutbox(tmp_path) as outbox:
            first = [await outbox.send(TEXT_MESSAGE) for _ in range(3)]
            (tmp_path / "sms.jsonl").rename(tmp_path / "sms.jsonl.1")
            return first[-1], await outbox.send(TEXT_MESSAGE)

    before, after = asyncio.run(visit())
    assert (before.reference, after.reference) == ("3", "1")


@pytest.mark.parametrize("cut", [1, 20, 57])
def test_a_line_that_a_crash_left_unfinished_is_closed_first(tmp_path, cut):
    sent_to(LineOutbox(tmp_path), TEXT_MESSAGE, replace(TEXT_MESSAGE, delivery=8))
    path = tmp_path / "sms.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - cut])
    (outcome,) = sent_to(LineOutbox(tmp_path), replace(TEXT_MESSAGE, delivery=9))
    lines = path.read_bytes().splitlines()
    assert outcome.reference == "3"
    assert [json.loads(line)["delivery"] for line in (lines[0], lines[2])] == [7, 9]
    assert lines[1] == whole.splitlines()[1][: 1 - cut or None]


@pytest.mark.slow
@given(text=st.text(), number=st.text(max_size=20), sender=st.text(max_size=20))
def test_any_text_is_one_line(tmp_path_factory, text, number, sender):
    folder = tmp_path_factory.mktemp("outbox")
    message = replace(TEXT_MESSAGE, text=text, address=number, sender=sender)
    sent_to(LineOutbox(folder), message, message)
    assert [(one["text"], one["to"], one["sender"]) for one in lines_of(folder / "sms.jsonl")] == [
        (text, number, sender)
    ] * 2


# Trouble


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(EmailOutbox, NOTICE, id="email"),
        pytest.param(LineOutbox, TEXT_MESSAGE, id="sms"),
        pytest.param(LineOutbox, PUSH, id="push"),
    ],
)
def test_a_folder_that_is_a_file_is_trouble_that_may_pass(tmp_path, kind, message):
    folder = tmp_path / "outbox"
    folder.write_text("not a folder")
    (outcome,) = sent_to(kind(folder), message)
    assert outcome.kind == "temporary"
    assert str(folder) in outcome.detail
    assert "Not a directory" in outcome.detail
    assert message.address not in outcome.detail
    folder.unlink()
    (outcome,) = sent_to(kind(folder), message)
    assert outcome.kind == "sent"


ON_A_FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from notifycli.channels.outbox import EmailOutbox, LineOutbox
from tests.channels.test_outbox import NOTICE, TEXT_MESSAGE, replace, sent_to

outbox, limit = {kind}(Path(sys.argv[1])), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
(full,) = sent_to(outbox, replace({message}, text="x" * 100))
left = [(path.name, path.stat().st_size) for path in Path(sys.argv[1]).rglob("*") if path.is_file()]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
(later,) = sent_to(outbox, {message})
print(full.kind, later.kind)
print(full.detail)
print(left)
"""


def on_a_full_disk(kind: str, message: str, folder, limit: int) -> list[str]:
    program = ON_A_FULL_DISK.format(kind=kind, message=message)
    command = [sys.executable, "-c", program, str(folder), str(limit)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
    return ended.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("room", [pytest.param(0, id="for nothing"), pytest.param(30, id="for a part of the line")])
def test_a_full_disk_leaves_no_half_line(tmp_path, room):
    sent_to(LineOutbox(tmp_path), TEXT_MESSAGE)
    path = tmp_path / "sms.jsonl"
    size = path.stat().st_size
    kinds, detail, left = on_a_full_disk("LineOutbox", "TEXT_MESSAGE", tmp_path, size + room)
    assert (kinds, left) == ("temporary sent", str([("sms.jsonl", size)]))
    assert str(tmp_path) in detail
    assert [line["text"] for line in lines_of(path)] == [TEXT_MESSAGE.text] * 2


@pytest.mark.slow
@pytest.mark.parametrize("room", [pytest.param(0, id="for nothing"), pytest.param(200, id="for a part of the message")])
def test_a_full_disk_leaves_no_half_message(tmp_path, room):
    kinds, detail, left = on_a_full_disk("EmailOutbox", "NOTICE", tmp_path, room)
    assert (kinds, left) == ("temporary sent", "[]")
    assert str(tmp_path / "email") in detail
    (message,) = standard_mailbox.Maildir(tmp_path / "email", BytesParser(policy=policy.default).parse)
    assert message.get_content() == "Hei\r\n"
