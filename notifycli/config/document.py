"""Makes settings of the bytes of a notify.toml: TOML, then the schema, then what only several keys together show.

Raises Mistake and opens no file. Source: SPEC section 9.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, ValidationError, convert, defstruct, field
from msgspec.structs import asdict

from notifycli.config.checks import check_columns, check_general, check_statuses
from notifycli.config.errors import Mistake, shown
from notifycli.config.places import path_of
from notifycli.config.sections import OF_CLINICS, SECTIONS, Section
from notifycli.config.settings import ClinicSettings, General, Settings, Text, ThirdParty

Table = TypeVar("Table", bound=Struct)
Given = dict[str, object]

WHERE_IT_BROKE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
HINTS = {
    "Invalid value": 'a text stands in quotes: key = "text"',
    "Unescaped '\\' in a string": "write a Windows path in single quotes",
    "Cannot declare": "that table is there already, and can be once only; write its keys below the first",
    "Cannot overwrite a value": "that key is there already; leave one of the two",
}
PASSWORDS = {"password_file", "password_env"}


def _tables(sections: Iterable[Section]) -> list[tuple[str, Any, Any]]:
    """As fields, each with the keys that the file gives."""
    return [(section.attribute, Given, field(default_factory=dict, name=section.name)) for section in sections]


# [clinic.ID] and the file as a whole, as they are given. msgspec makes them of the list of sections.
ClinicTable: Any = defstruct(
    "ClinicTable",
    [
        *_tables(OF_CLINICS),
        ("wording", Text, ""),
        ("columns", dict[str, str], field(default_factory=dict)),
        ("statuses", dict[str, str], field(default_factory=dict)),
    ],
    frozen=True,
    forbid_unknown_fields=True,
)
Document: Any = defstruct(
    "Document",
    [*_tables(SECTIONS), ("clinic", Given, field(default_factory=dict))],
    bases=(General,),
    frozen=True,
    forbid_unknown_fields=True,
)


def settings_in(data: bytes, path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings that these bytes of the file `path` give. Raises Mistake."""
    document = _table(Document, _toml(data), "")
    check_general(document)
    folder = path.absolute().parent
    everybodys = {
        section.attribute: _section(section, getattr(document, section.attribute), section.name) for section in SECTIONS
    }
    clinics = {
        clinic_id: _clinic(clinic_id, given, document, everybodys, folder, environ)
        for clinic_id, given in document.clinic.items()
    }
    return Settings(
        database=document.database,
        database_password_file=document.database_password_file,
        database_password_env=document.database_password_env,
        timezone=document.timezone,
        clinic=clinics,
        folder=folder,
        path=path,
        **everybodys,
    )


def _toml(data: bytes) -> Given:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Mistake("not UTF-8 text", "save the file with the encoding UTF-8.", line) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = WHERE_IT_BROKE.fullmatch(str(error))
        what, line_told = (place[1], place[2]) if place else (str(error), None)
        hint = next(
            (hint for beginning, hint in HINTS.items() if what.startswith(beginning)),
            'mend that line ("notify init" shows how a file looks)',
        )
        raise Mistake("not TOML", f"{hint}.", int(line_told or text.rstrip().count("\n") + 1)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets in brackets without end
        raise Mistake("too deep or too long to be read as TOML", "take out what is not settings.") from None


def _section(section: Section, given: Given, name: str) -> Any:
    """As Settings has it: what a source of appointments sends is looked up by the source's name."""
    table = _table(section.kind, given, name)
    section.check(table, name)
    return asdict(table) if isinstance(table, ThirdParty) else table


def _clinic(
    clinic_id: str, given: object, document: Any, everybodys: Given, folder: Path, environ: Mapping[str, str]
) -> ClinicSettings:
    name = f"clinic.{clinic_id if BARE_KEY.fullmatch(clinic_id) else shown(clinic_id)}"
    own = _table(ClinicTable, given, name)
    check_columns(own.columns, name)
    check_statuses(own.statuses, name)
    sections: dict[str, Any] = dict(everybodys)
    for section in OF_CLINICS:
        if of_clinic := getattr(own, section.attribute):
            base = getattr(document, section.attribute)
            sections[section.attribute] = _section(section, _on_top(base, of_clinic), f"{name}.{section.name}")
    return ClinicSettings(
        wording=path_of(own.wording, folder, environ) if own.wording else None,
        columns=own.columns,
        statuses=own.statuses,
        **{section.attribute: sections[section.attribute] for section in OF_CLINICS},
    )


def _on_top(base: Mapping[str, Any], own: Mapping[str, Any]) -> Given:
    """Single keys of one's own over everybody's, of a table within a table, too."""
    # A password of its own replaces the other kind of password, too.
    replaced = PASSWORDS if PASSWORDS & own.keys() else ()
    within = {
        key: _on_top(base[key], value)
        for key, value in own.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {key: value for key, value in base.items() if key not in replaced} | dict(own) | within


def _table(kind: type[Table], given: object, name: str) -> Table:
    try:
        return convert(given, kind)
    except ValidationError:
        from notifycli.config.wrong import first_mistake_in  # only a file with a mistake pays for it

        raise first_mistake_in(kind, given, name) from None
