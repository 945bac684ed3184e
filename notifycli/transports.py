"""Which way out a channel has, by the configuration: opens transports and keeps them for the run.

The one place that makes a channel of what the configuration says.
"""

import os
from contextlib import AsyncExitStack
from pathlib import Path

from notifycli.channels.base import Transport
from notifycli.config import ConfigError, Email, Push, Settings, Sms, ca_path, secret
from notifycli.domain.routing import Channel

Section = Email | Sms | Push
CHANNELS: tuple[Channel, ...] = ("email", "sms", "push")
BUILT: dict[Channel, tuple[str, ...]] = {"email": ("outbox", "smtp"), "sms": ("outbox",), "push": ("outbox",)}


class Transports:
    """Opens each transport when it is first asked for. `outbox`: the folder of messages that become files."""

    def __init__(self, settings: Settings, outbox: Path, open_ones: AsyncExitStack) -> None:
        self._settings = settings
        self._outbox = outbox
        self._open_ones = open_ones
        self._opened: dict[tuple[Channel, Section], Transport] = {}

    async def transport(self, channel: Channel, clinic_id: str) -> Transport:
        """The way out for one channel of one clinic; clinics with the same settings share it. Raises ConfigError."""
        section = section_of(self._settings, channel, clinic_id)
        key = (channel, section)
        if key not in self._opened:
            self._opened[key] = await self._open_ones.enter_async_context(self._make(channel, section))
        return self._opened[key]

    def _make(self, channel: Channel, section: Section) -> Transport:
        if isinstance(section, Email) and section.transport == "smtp":
            return smtp(section, self._settings.folder)
        from notifycli.channels.outbox import EmailOutbox, LineOutbox

        return EmailOutbox(self._outbox) if channel == "email" else LineOutbox(self._outbox)


def refuse_what_is_not_built(settings: Settings) -> None:
    """Raises ConfigError for a transport that this version cannot send by, before anything is claimed for it."""
    for clinic_id in ("", *settings.clinic):
        for channel in CHANNELS:
            transport = section_of(settings, channel, clinic_id).transport
            if transport not in BUILT[channel]:
                raise ConfigError(
                    f'[{channel}] transport = "{transport}" is not built yet in this version; set it to "outbox"'
                )


def section_of(settings: Settings, channel: Channel, clinic_id: str) -> Section:
    of_clinic = settings.for_clinic(clinic_id)
    sections: dict[Channel, Section] = {"email": of_clinic.email, "sms": of_clinic.sms, "push": of_clinic.push}
    return sections[channel]


def smtp(section: Email, folder: Path) -> Transport:
    """A mail server as [email] names it. Raises ConfigError."""
    from notifycli.channels.smtp import Smtp, SmtpSettings

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
        )
    )
