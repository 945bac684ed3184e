"""Makes settings of the bytes of a notify.toml: TOML, then the schema, then what only several keys together show.

Raises Mistake and opens no file. Source: SPEC section 9.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, ValidationError, convert, field
from msgspec.structs import asdict

from notifycli.config.checks import (
    check_columns,
    check_email,
    check_general,
    check_push,
    check_receipts,
    check_sms,
    check_statuses,
)
from notifycli.config.errors import Mistake, shown
from notifycli.config.places import path_of
from notifycli.config.settings import (
    ClinicSettings,
    Email,
    General,
    Import,
    Limits,
    Push,
    Receipts,
    Settings,
    Sms,
    Text,
    ThirdParty,
)

Table = TypeVar("Table", bound=Struct)
Given = dict[str, object]

WHERE_IT_BROKE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
HINTS = {
    "Invalid value": 'a text stands in quotes: key = "text"',
    "Unescaped '\\' in a string": "write a Windows path in single quotes",
}
LONGEST_MESSAGE = 80
PASSWORDS = {"password_file", "password_env"}


class ClinicTable(Struct, frozen=True, forbid_unknown_fields=True):
    """[clinic.ID] as the file gives it."""

    email: Given = field(default_factory=dict)
    sms: Given = field(default_factory=dict)
    push: Given = field(default_factory=dict)
    third_party: Given = field(default_factory=dict)
    imports: Given = field(default_factory=dict, name="import")
    wording: Text = ""
    columns: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)


class Document(General, frozen=True, forbid_unknown_fields=True):
    """The file as a whole."""

    email: Given = field(default_factory=dict)
    sms: Given = field(default_factory=dict)
    push: Given = field(default_factory=dict)
    receipts: Given = field(default_factory=dict)
    limits: Given = field(default_factory=dict)
    third_party: Given = field(default_factory=dict)
    imports: Given = field(default_factory=dict, name="import")
    clinic: Given = field(default_factory=dict)


def settings_in(data: bytes, path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings that these bytes of the file `path` give. Raises Mistake."""
    document = _table(Document, _toml(_text(data)), "")
    check_general(document)
    folder = path.absolute().parent
    everybody = _everybody(document)
    clinics = {
        clinic_id: _clinic(_clinic_name(clinic_id), given, document, everybody, folder, environ)
        for clinic_id, given in document.clinic.items()
    }
    return Settings(
        document.database,
        document.timezone,
        everybody.email,
        everybody.sms,
        everybody.push,
        _receipts(document.receipts),
        _table(Limits, document.limits, "limits"),
        everybody.third_party,
        everybody.imports,
        clinics,
        folder,
        path,
    )


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Mistake("not UTF-8 text; save the file with the encoding UTF-8.", line) from None


def _toml(text: str) -> Given:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets in brackets without end
        raise Mistake("too deep or too long to be read as TOML; take out what is not settings.") from None


def _syntax_error(message: str, text: str) -> Mistake:
    found = WHERE_IT_BROKE.fullmatch(message)
    what, line = (found[1], found[2]) if found else (message, None)
    what = "".join(letter if letter.isprintable() else " " for letter in what[:LONGEST_MESSAGE])
    hint = HINTS.get(what, 'mend that line ("notify init" shows how a file looks)')
    return Mistake(f"not TOML ({what}); {hint}.", int(line or text.rstrip().count("\n") + 1))


def _receipts(given: Given) -> Receipts:
    receipts = _table(Receipts, given, "receipts")
    check_receipts(receipts)
    return receipts


def _everybody(document: Document) -> ClinicSettings:
    email = _table(Email, document.email, "email")
    check_email(email, "email")
    sms = _table(Sms, document.sms, "sms")
    check_sms(sms, "sms")
    push = _table(Push, document.push, "push")
    check_push(push, "push")
    third_party = asdict(_table(ThirdParty, document.third_party, "third_party"))
    return ClinicSettings(email, sms, push, third_party, imports=_table(Import, document.imports, "import"))


def _clinic(
    name: str,
    given: object,
    document: Document,
    everybody: ClinicSettings,
    folder: Path,
    environ: Mapping[str, str],
) -> ClinicSettings:
    own = _table(ClinicTable, given, name)
    check_columns(own.columns, name)
    check_statuses(own.statuses, name)
    email = _overridden(everybody.email, document.email, own.email, f"{name}.email")
    check_email(email, f"{name}.email")
    sms = _overridden(everybody.sms, document.sms, own.sms, f"{name}.sms")
    check_sms(sms, f"{name}.sms")
    push = _overridden(everybody.push, document.push, own.push, f"{name}.push")
    check_push(push, f"{name}.push")
    third_party = _table(ThirdParty, document.third_party | own.third_party, f"{name}.third_party")
    wording = path_of(own.wording, folder, environ) if own.wording else None
    imports = _overridden(everybody.imports, document.imports, own.imports, f"{name}.import")
    return ClinicSettings(email, sms, push, asdict(third_party), wording, own.columns, imports, own.statuses)


def _overridden(everybody: Table, base: Given, own: Given, name: str) -> Table:
    """A clinic's section on top of everybody's. A password of its own replaces the other kind of password, too."""
    if not own:
        return everybody
    kept = {key: value for key, value in base.items() if not (key in PASSWORDS and PASSWORDS & own.keys())}
    return _table(type(everybody), kept | own, name)


def _table(kind: type[Table], given: object, name: str) -> Table:
    try:
        return convert(given, kind)
    except ValidationError:
        from notifycli.config.wrong import first_mistake_in  # only a file with a mistake pays for it

        raise first_mistake_in(kind, given, name) from None


def _clinic_name(clinic_id: str) -> str:
    return f"clinic.{clinic_id}" if BARE_KEY.fullmatch(clinic_id) else f"clinic.{shown(clinic_id)}"
