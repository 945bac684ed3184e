"""What notify doctor looks at of the ways out: each distinct setting of each channel, tried without sending anything.

A mail server is asked for a connection, TLS, the login and MAIL FROM; a gateway and Firebase as far as the login, each
in its own way; the outbox, whether it takes a file. What can only be tried by sending is tried when a test message is
asked for.
Source: SPEC sections 8 and 9.
"""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from uuid import uuid4

from notifycli.channels.base import CannotSend, Checkable, Outgoing, TheirTime
from notifycli.channels.mail import Mailbox, NotAnAddress, sender_of
from notifycli.channels.mailboxes import MailboxError
from notifycli.channels.smtp import Smtp
from notifycli.channels.smtp_check import try_out
from notifycli.config import Email, Push, Settings, Sms, path_secret
from notifycli.delivery.sections import Section, Service, section_of
from notifycli.delivery.transports import Transports, check_calendars, mailbox_of
from notifycli.doctor.checks import Check
from notifycli.doctor.clock import of_clock
from notifycli.domain.errors import ConfigError
from notifycli.domain.words import CHANNELS, Channel, Detour

EVERYBODY = ""
PATIENCE = 10.0  # seconds; somebody waits for our answer


async def of_channels(
    settings: Settings, outbox: Path, clinics: Sequence[dict[str, Any]], now: int, *, is_real_time: bool
) -> AsyncIterator[Check]:
    """`clinics`: as store.health.clinics gives them; their senders are tried as well.

    `now`: UTC epoch seconds; the services' clocks are held against it where it `is_real_time`.
    """
    begun_at = asyncio.get_running_loop().time()
    seconds_ahead: dict[str, float] = {}
    asks_somebody = False
    async with AsyncExitStack() as open_ones:
        transports = Transports(settings, outbox, open_ones, PATIENCE)
        for channel in CHANNELS:
            for section, users in distinct_sections(settings, channel).items():
                name = channel if EVERYBODY in users else f"{channel} of {', '.join(users)}"
                if section.transport == "outbox":
                    yield _of_outbox(name, outbox)
                    continue
                asks_somebody = True
                senders = {} if isinstance(section, Push) else senders_of(settings, channel, section, users, clinics)
                servers: list[tuple[str, Section, Detour | None]] = [(name, section, None)]
                if isinstance(section, Sms) and section.second.transport != "none":
                    servers.append((f"second {name}", section.second, "second"))
                for label, server, detour in servers:
                    asked = _of_transport(label, transports, channel, users[0], senders, now, detour)
                    check, their_time = await asked
                    yield check
                    if their_time is not None:
                        who = server.host if isinstance(server, Email) else server.transport
                        seconds_ahead[who] = now + their_time.heard_at - begun_at - their_time.instant
    if is_real_time and asks_somebody:
        for check in of_clock(seconds_ahead):
            yield check
    try:
        check_calendars(settings)
    except ConfigError as error:
        yield Check("calendar files", "broken", str(error))


def distinct_sections(settings: Settings, channel: Channel) -> dict[Service, list[str]]:
    """Each setting of a channel, with the clinics that have it; EVERYBODY: those that have none of their own."""
    clinics_of: dict[Service, list[str]] = {section_of(settings, channel, EVERYBODY): [EVERYBODY]}
    for clinic_id in settings.clinic:
        clinics_of.setdefault(section_of(settings, channel, clinic_id), []).append(clinic_id)
    return clinics_of


def senders_of(
    settings: Settings, channel: Channel, section: Email | Sms, users: list[str], clinics: Sequence[dict[str, Any]]
) -> dict[str, str]:
    """Who messages over this setting come from, and where that is written.

    Its own `from`, and the clinics' where it is everybody's.
    """
    everybodys = section_of(settings, channel, EVERYBODY)
    places = {section.sender: f"{channel}.from"}
    if section.sender != everybodys.sender:  # type: ignore[union-attr]
        return places
    for row in clinics:
        user = row["clinic"] if row["clinic"] in settings.clinic else EVERYBODY
        if user in users and (sender := row[f"sender_{channel}"]):
            places.setdefault(sender, f"sender_{channel} of {row['clinic']}")
    return places


def mailbox_in(header: str) -> Mailbox | None:
    try:
        return sender_of(header)[1] if header else None
    except NotAnAddress:  # told of beside its clinic
        return None


async def _of_transport(
    name: str,
    transports: Transports,
    channel: Channel,
    clinic_id: str,
    senders: dict[str, str],
    now: int,
    detour: Detour | None = None,
) -> tuple[Check, TheirTime | None]:
    try:
        way = await transports.transport(channel, clinic_id, detour)
    except ConfigError as error:
        return Check(name, "broken", str(error)), None
    if isinstance(way, Smtp):
        mailboxes = list(dict.fromkeys(mailbox for header in senders if (mailbox := mailbox_in(header))))
        outcome, their_time = await try_out(way, mailboxes)
        if outcome.kind != "sent":
            return Check(
                name, "broken", f"{outcome.detail}; mend [email] in notify.toml, or the mail server"
            ), their_time
        how_many = "1 sender" if len(mailboxes) == 1 else f"{len(mailboxes)} senders"
        text = f"the mail server lets us in and takes mail from {how_many}; nothing was sent"
        return Check(name, "ok", text), their_time
    assert isinstance(way, Checkable), "every service can be tried"
    try:
        tried = await way.check(senders, now)
    except CannotSend as problem:
        return Check(name, "broken", str(problem)), way.their_time
    return Check(name, "look" if tried.wants_a_look else "ok", tried.text), way.their_time


async def send_test(settings: Settings, outbox: Path, address: str, now: int) -> Check:
    """A real message by everybody's settings to an e-mail address or an E.164 number; `now`: UTC epoch seconds."""
    channel: Channel = "email" if "@" in address else "sms"
    section = section_of(settings, channel, EVERYBODY)
    sender: str = section.sender  # type: ignore[union-attr]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message = Outgoing(
        delivery=0,
        channel=channel,
        address=address,
        sender=sender,
        subject="Test fra notify",
        text="Dette er en test av varsling. Ingen trenger å gjøre noe.",
        html=None,
        language="nb",
        message_id=f"<test.{uuid4().hex}@{domain}>",
        collapse_key="test",
        sent_on=now,
    )
    async with AsyncExitStack() as open_ones:
        try:
            way = await Transports(settings, outbox, open_ones).transport(channel, EVERYBODY)
        except ConfigError as error:
            return Check("test message", "broken", str(error))
        outcome = await way.send(message)
    if outcome.kind == "sent":
        return Check("test message", "ok", f"it was taken over {channel} ({outcome.detail}); look whether it arrives")
    return Check("test message", "broken", f"{channel}: {outcome.detail}")


def of_receipts(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """The mailbox of bounces, opened as `notify receipts` does, and the secret of its path; nothing is marked there."""
    try:
        mailbox = mailbox_of(settings, environ)
        if mailbox is not None:
            next(iter(mailbox.unread()), None)
            yield Check("receipts", "ok", "the mailbox of bounces can be read")
        if path_secret(settings.receipts, settings.folder, environ) is not None:
            yield Check("receipts", "ok", "the secret for --listen is there")
    except (ConfigError, MailboxError) as error:
        yield Check("receipts", "broken", str(error))


def _of_outbox(name: str, outbox: Path) -> Check:
    """A file without a name, which leaves nothing behind."""
    is_there = os.path.lexists(outbox)
    place = outbox if is_there else outbox.absolute().parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        return Check(name, "broken", f"{place} takes no file ({reason}); give it to the user that runs notify")
    return Check(name, "ok", f'messages become files in {outbox}; nothing leaves this machine (transport = "outbox")')
