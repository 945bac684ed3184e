"""Which way out a channel has, by the configuration: opens transports and keeps them for the run.

The one place that makes a channel of what the configuration says.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec.structs import replace as replace_of

from notifycli.channels.base import Transport
from notifycli.channels.callbacks import Callback, GatewayModule
from notifycli.config import (
    Email,
    Push,
    SecondSms,
    Settings,
    Sms,
    ca_path,
    credentials_path,
    path_of,
    path_secret,
    secret,
)
from notifycli.config.gateways import GATEWAYS
from notifycli.delivery.sections import EVERYBODY, Section, section_of
from notifycli.domain.errors import ConfigError
from notifycli.domain.words import CHANNELS, Channel, Detour

if TYPE_CHECKING:
    from notifycli.channels.mailboxes import Postbox

log = logging.getLogger(__name__)
NO_SECOND = SecondSms()
TO_THE_OUTBOX: dict[Channel, Section] = {"email": Email(), "sms": Sms(), "push": Push()}
USUAL: Literal["resend"] = "resend"
LIBRARIES = {  # of the extras
    **{name: gateway.libraries for name, gateway in GATEWAYS.items()},
    "fcm": ("aiohttp", "google.auth", "cryptography"),
}


class Transports:
    """Opens each transport when it is first asked for. `outbox`: the folder of messages that become files.

    `patience`: seconds for each request to a web service, where they are not the usual ones. `book`: of a service's
    turns, where its rate is shared with other hosts (channels/pace.py).
    """

    def __init__(
        self,
        settings: Settings,
        outbox: Path,
        open_ones: AsyncExitStack,
        patience: float | None = None,
        book: Callable[[str, float, int], float] | None = None,
    ) -> None:
        self._book = book
        self._settings = settings
        self._patience: dict[str, Any] = {} if patience is None else {"timeout": patience}
        self._outbox = outbox
        self._open_ones = open_ones
        self._opened: dict[tuple[Channel, Section], Transport] = {}

    async def transport(self, channel: Channel, clinic_id: str, detour: Detour | None = None) -> Transport:
        """The way out for one channel of one clinic; clinics with the same server share it. Raises ConfigError."""
        section = server_of(section_taken(self._settings, channel, clinic_id, detour))
        key = (channel, section)
        if key not in self._opened:
            if not self._opened:
                self._open_ones.push_async_callback(self._close)
            log.info("%s: transport %s, for %s", channel, section.transport, clinic_id or "everybody")
            self._opened[key] = await self._make(channel, section).__aenter__()
        return self._opened[key]

    async def _close(self) -> None:
        """All at once: one that does not even answer a goodbye holds up no other."""
        await asyncio.gather(*(way.__aexit__(None, None, None) for way in self._opened.values()))

    def _make(self, channel: Channel, section: Section) -> Transport:
        if isinstance(section, Email) and section.transport == "smtp":
            return smtp(section, self._settings)
        if isinstance(section, SecondSms) and section.transport == "none":
            raise ConfigError("[sms.second] names no gateway any more, and messages went by it", "write it in again.")
        if isinstance(section, SecondSms) or (isinstance(section, Sms) and section.transport != "outbox"):
            book = partial(self._book, service_name(section)) if self._book is not None else None
            return sms(section, self._settings, book=book, **self._patience)
        if isinstance(section, Push) and section.transport == "fcm":
            return fcm(section, self._settings.folder, **self._patience)
        from notifycli.channels.outbox import EmailOutbox, LineOutbox

        return EmailOutbox(self._outbox) if channel == "email" else LineOutbox(self._outbox)


def check_extras(settings: Settings) -> None:
    """Raises ConfigError where a library that is needed is not installed, before anything is claimed."""
    for clinic_id in ("", *settings.clinic):
        tables = {channel: section_of(settings, channel, clinic_id).transport for channel in CHANNELS}
        second = settings.for_clinic(clinic_id).sms.second.transport
        for table, transport in (*tables.items(), ("sms.second", second)):
            missing = [name for name in LIBRARIES.get(transport, ()) if not _is_installed(name)]
            if missing:
                channel = table.partition(".")[0]
                raise ConfigError(
                    f'[{table}] transport = "{transport}" needs {" and ".join(missing)}',
                    f"type: pip install 'notifycli[{channel}]'",
                )
    check_calendars(settings)


def check_calendars(settings: Settings) -> None:
    """Raises ConfigError where calendar files are asked for and the library that writes them is not installed."""
    asks = any(settings.for_clinic(clinic_id).email.calendar for clinic_id in (EVERYBODY, *settings.clinic))
    if asks and not _is_installed("icalendar"):
        raise ConfigError("[email] calendar = true needs icalendar; type: pip install 'notifycli[calendar]'")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def server_of(section: Section) -> Section:
    """The section without what it says of messages alone: clinics that differ in nothing else have one server."""
    if isinstance(section, Push):
        return replace_of(section, on_uncertain=USUAL)
    if isinstance(section, Email):
        return replace_of(section, sender="", calendar=False, dkim_selector="", on_uncertain=USUAL)
    if isinstance(section, SecondSms):
        return replace_of(section, after=0)
    return replace_of(section, sender="", on_uncertain=USUAL, second=NO_SECOND)


def service_name(section: Section) -> str:
    """The same on every host with these settings; tells none of them."""
    return hashlib.sha256(repr(server_of(section)).encode()).hexdigest()[:16]


def section_taken(settings: Settings, channel: Channel, clinic_id: str, detour: Detour | None) -> Section:
    """The section of the service that a message goes to."""
    if detour == "rehearsal":
        return TO_THE_OUTBOX[channel]
    if detour == "second":
        return settings.for_clinic(clinic_id).sms.second
    return section_of(settings, channel, clinic_id)


def mailbox_of(settings: Settings, environ: Mapping[str, str]) -> "Postbox | None":
    """Where bounces arrive, as [receipts] names it. Raises ConfigError."""
    section, folder = settings.receipts, settings.folder
    if section.maildir:
        from notifycli.channels.mailboxes import Maildir

        return Maildir(path_of(section.maildir, folder, environ))
    if not section.host:
        return None
    from notifycli.channels.mailboxes import Imap, ImapSettings

    cafile = ca_path(section, folder, environ)
    return Imap(
        ImapSettings(
            host=section.host,
            port=section.port,
            tls=section.tls,
            username=section.username,
            password=secret(section, folder, environ) or "",
            folder=section.folder,
            cafile=str(cafile) if cafile else None,
        )
    )


def smtp(section: Email, settings: Settings) -> Transport:
    """A mail server as [email] names it; asked to say what arrived where somebody reads that. Raises ConfigError."""
    from notifycli.channels.smtp import Smtp, SmtpSettings

    folder = settings.folder
    cafile = ca_path(section, folder, os.environ)
    return Smtp(
        SmtpSettings(
            host=section.host,
            port=section.port,
            tls=section.tls,
            username=section.username,
            password=secret(section, folder, os.environ),
            connections=section.connections,
            cafile=str(cafile) if cafile else None,
            reports_are_read=bool(settings.receipts.maildir or settings.receipts.host),
        )
    )


def sms(section: Sms | SecondSms, settings: Settings, **differing: Any) -> Transport:
    """An SMS gateway, or a program, as [sms] or [sms.second] names it. Raises ConfigError.

    `differing`: from the channel's usual settings, such as its time-out.
    """
    if section.transport == "command":
        from notifycli.channels.command import Command, CommandSettings

        return Command(CommandSettings(section.command, section.rate, section.connections, **differing))
    assert section.transport not in ("outbox", "none"), "that is no gateway"
    own = {key: getattr(section, key) for key in GATEWAYS[section.transport].own}
    return _module_of(section.transport).make(
        url=section.url,
        username=section.username,
        password=secret(section, settings.folder, os.environ),
        rate=section.rate,
        connections=section.connections,
        callback=callback_of(section.transport, settings),
        **own,
        **differing,
    )


def callback_called(gateway: str) -> Callback | None:
    """How what that gateway calls back is read; None where no gateway has that name."""
    return _module_of(gateway).CALLBACK if gateway in GATEWAYS else None


def _module_of(gateway: str) -> GatewayModule:
    """The gateways' libraries are installed where they are used, so their modules are imported by name."""
    return cast(GatewayModule, import_module(f"notifycli.channels.{gateway}"))


def callback_of(gateway: str, settings: Settings) -> str | None:
    """The address at which a gateway reaches `notify receipts --listen`, None where it cannot. Raises ConfigError."""
    public_url = settings.receipts.public_url.rstrip("/")
    in_path = path_secret(settings.receipts, settings.folder, os.environ) if public_url else None
    return f"{public_url}/{in_path}/{gateway}" if in_path else None


def fcm(section: Push, folder: Path, **differing: Any) -> Transport:
    """Firebase, as [push] names its service account. `differing`: as for sms. Raises ConfigError."""
    from notifycli.channels.fcm import Fcm, FcmSettings

    credentials = credentials_path(section, folder, os.environ)
    assert credentials is not None, "the settings are checked"
    settings = FcmSettings(credentials, connections=section.connections, **differing)
    return Fcm(replace(settings, url=section.url) if section.url else settings)
