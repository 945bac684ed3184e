"""The configuration: notify.toml with its defaults, where it and what it names lie, and the secrets.

Must not know what the settings are used for. What only a mistake needs is imported when there is one, and TOML when
there is a file: an idle run pays for this room every minute. Source: SPEC sections 8 and 9.
"""

from pathlib import Path

from notifycli.config.database import database_address, is_of_server, typed_address
from notifycli.config.errors import nearest
from notifycli.config.loading import load
from notifycli.config.places import path_of, places
from notifycli.config.secrets import ca_path, credentials_path, path_secret, secret, warnings_of
from notifycli.config.settings import ClinicSettings, Email, Limits, Push, Receipts, SecondSms, Settings, Sms
from notifycli.domain.errors import ConfigError

INIT_TEXT = Path(__file__).with_name("init.toml").read_text(encoding="utf-8")

__all__ = [
    "INIT_TEXT",
    "ClinicSettings",
    "ConfigError",
    "Email",
    "Limits",
    "Push",
    "Receipts",
    "SecondSms",
    "Settings",
    "Sms",
    "ca_path",
    "credentials_path",
    "database_address",
    "is_of_server",
    "load",
    "nearest",
    "path_of",
    "path_secret",
    "places",
    "secret",
    "typed_address",
    "warnings_of",
]
