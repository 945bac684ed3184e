"""Reads the secrets that the configuration names, and the other files that it needs.

A secret never reaches a message, and neither does the value of a key that should name one: it may be the secret itself.
Source: SPEC section 9.
"""

import re
from collections.abc import Mapping
from os.path import isfile
from pathlib import Path

from notifycli.config.places import path_of
from notifycli.config.settings import Email, General, Push, Receipts, SecondSms, Settings, Sms
from notifycli.domain.errors import ConfigError

Section = Email | Sms | SecondSms | Push | Receipts
Named = Section | General  # whose key names a secret
OF_A_PATH = re.compile(r"[A-Za-z0-9_-]{16,200}")
FILES_OF_SECRETS = ("credentials_file", "password_file", "secret_file")
LARGEST = 64 * 1024
READABLE_BY_ALL = 0o004


def secret(section: Email | Sms | SecondSms | Receipts, folder: Path, environ: Mapping[str, str]) -> str | None:
    """The password of that section, None where it names none. Raises ConfigError.

    One line end at its end does not count. Whoever may read the file is `warnings_of`'s to tell: containers mount
    secrets readable to all, so that is no reason to stop the notices.
    """
    return _read(section, "password", section.password_file, section.password_env, folder, environ)


def database_password(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Of the server that `database` names; None where the settings name none. Raises ConfigError."""
    file, variable = settings.database_password_file, settings.database_password_env
    return _read(settings, "database_password", file, variable, settings.folder, environ)


def path_secret(receipts: Receipts, folder: Path, environ: Mapping[str, str]) -> str | None:
    """What stands in the path of the address that gateways call back, None where none is named. Raises ConfigError."""
    in_path = _read(receipts, "secret", receipts.secret_file, receipts.secret_env, folder, environ)
    if in_path is not None and not OF_A_PATH.fullmatch(in_path):
        raise ConfigError("[receipts] secret: at least 16 letters, digits, - or _", "type: openssl rand -hex 16")
    return in_path


def credentials_path(push: Push, folder: Path, environ: Mapping[str, str]) -> Path | None:
    """The service account's JSON file, None where none is set. Raises ConfigError where there is no such file."""
    return _existing(push.credentials_file, _named(push, "credentials_file"), folder, environ)


def ca_path(email: Email | Receipts, folder: Path, environ: Mapping[str, str]) -> Path | None:
    """The certificates to trust, None where none are set. Raises ConfigError where there is no such file."""
    return _existing(email.cafile, _named(email, "cafile"), folder, environ)


def warnings_of(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What works and yet wants a look, a line each: secrets that all may read, mail in the name of an example."""
    from notifycli.config.sections import SECTIONS  # which brings the schema's checks: 17 ms, for notify doctor alone

    sections: list[tuple[str, Section]] = []
    for table in SECTIONS:
        everybodys = getattr(settings, table.attribute)
        if not isinstance(everybodys, Section):
            continue
        sections.append((table.name, everybodys))
        for clinic_id, clinic in settings.clinic.items() if table.is_of_clinics else ():
            if (own := getattr(clinic, table.attribute)) != everybodys:
                sections.append((f"clinic.{clinic_id}.{table.name}", own))
    sections += [(f"{name}.second", section.second) for name, section in sections if isinstance(section, Sms)]
    warnings = _readable_by_all("", settings.database_password_file, settings, environ)
    for name, section in sections:
        for text in filter(None, (getattr(section, key, "") for key in FILES_OF_SECRETS)):
            warnings += _readable_by_all(f"[{name}] ", text, settings, environ)
        if not isinstance(section, Email) or section.transport != "smtp":
            continue
        if section.sender.rstrip(" >").endswith(".example"):
            warnings.append(f"[{name}] from is an example; write the address that patients may see.")
    return warnings


def _readable_by_all(where: str, text: str, settings: Settings, environ: Mapping[str, str]) -> list[str]:
    path = path_of(text, settings.folder, environ)
    if not (text and isfile(path) and path.stat().st_mode & READABLE_BY_ALL):
        return []
    return [f"{where}{path} is a secret that every user of this machine can read; type: chmod o-rwx {path}"]


def _read(section: Named, what: str, file: str, variable: str, folder: Path, environ: Mapping[str, str]) -> str | None:
    if variable:
        key, password = _named(section, f"{what}_env"), environ.get(variable)
        if password is None:
            raise ConfigError(f"{key} names a variable that is not set here", "under cron, set it in the crontab.")
        if not password:
            raise ConfigError(f"{key} names a variable that is empty", "set it to the password.")
        return password
    if file:
        return _from_file(_named(section, f"{what}_file"), path_of(file, folder, environ))
    return None


def _from_file(key: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise ConfigError(f"{key}: {path} is a folder", "name the file in it.") from None
    except PermissionError:
        raise ConfigError(f"{key}: no permission to read {path}", "give it to the user that runs notify.") from None
    except (OSError, ValueError):
        raise _no_file(key) from None
    if len(data) > LARGEST:
        raise ConfigError(f"{key}: {path} is too large to be a password", "name another file.")
    try:
        text = data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ConfigError(f"{key}: {path} is not UTF-8 text", "save the password as UTF-8.") from None
    if not text:
        raise ConfigError(f"{key}: {path} is empty", "write the password into it.")
    if "\n" in text or "\r" in text:
        raise ConfigError(f"{key}: {path} has several lines", "leave the password alone on one.")
    return text


def _existing(text: str, key: str, folder: Path, environ: Mapping[str, str]) -> Path | None:
    if not text:
        return None
    path = path_of(text, folder, environ)
    if not isfile(path):  # Path.is_file raises for a name that is too long and for a closed folder
        raise _no_file(key)
    return path


def _no_file(key: str) -> ConfigError:
    return ConfigError(f"{key} names no file that is there", "mend it in notify.toml, or make the file.")


def _named(section: Named, key: str) -> str:
    if isinstance(section, General):
        return key
    name = "sms.second" if isinstance(section, SecondSms) else type(section).__name__.lower()
    return f"[{name}] {key}"
