"""Says what is wrong with one key of a table, and what would be right.

Knows the schema from the structs themselves. Source: SPEC section 9.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time
from typing import get_args, get_type_hints

from msgspec import Struct, ValidationError, convert, inspect

from notifycli.config.errors import Mistake, nearest, shown
from notifycli.config.sections import OF_CLINICS, SECTIONS
from notifycli.config.settings import General, Receipts

KEYS_OF_TABLE = {
    "": General.__struct_encode_fields__,
    **{section.name: section.kind.__struct_encode_fields__ for section in SECTIONS},
}
SECOND_CHOICE = Receipts.__name__.lower()  # its keys that other tables have too are theirs first
OF_ONE_CLINIC = {section.name for section in OF_CLINICS}
BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
LARGEST_SHOWN = 10**12
LONGEST_SHOWN = 20
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((int, float), "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
    ((datetime, date, time), "a time"),
)


def first_mistake_in(kind: type[Struct], given: object, table: str) -> Mistake:
    """What is wrong in a table that msgspec does not take."""
    if not isinstance(given, dict):  # only below [clinic] can a table's name be anything
        key = table.removeprefix("clinic.")
        return Mistake(f"[clinic] has {key} itself", "name the clinic that it is for, as in [clinic.nidelv].")
    for key, value in given.items():
        if key not in kind.__struct_encode_fields__:
            return _no_such_key(table, key, value, kind.__struct_encode_fields__)
        try:
            convert({key: value}, kind)
        except ValidationError:
            return _wrong_value(kind, table, key, value)
    raise AssertionError(table)


def _no_such_key(table: str, key: str, value: object, known: Collection[str]) -> Mistake:
    if key == "password" and "password_file" in known:
        return Mistake(
            f"{_named(table, key)} would be a secret in the open",
            "put it in a file that password_file names, or in an environment variable that password_env names.",
        )
    subject = f"[{table}] has" if table else "there is"
    is_table = isinstance(value, dict) and BARE_KEY.fullmatch(key) and not table
    what = f"table [{key}]" if is_table else f"key {shown(key)}"
    # The one other table that has exactly this key; in a clinic's section, the clinic's.
    homes = [home for home, keys in KEYS_OF_TABLE.items() if key in keys and home != table.rpartition(".")[2]]
    homes = [home for home in homes if home != SECOND_CHOICE] or homes
    meant = nearest(key, known)
    if homes == [""]:
        advice = "it belongs at the top of the file, above the first [table]."
    elif len(homes) == 1:
        is_a_clinic = table.startswith("clinic.") and table.count(".") == 1 and homes[0] in OF_ONE_CLINIC
        advice = f"that is a key of [{f'{table}.' if is_a_clinic else ''}{homes[0]}]."
    elif meant is None:
        advice = f"there are {', '.join(known)}."
    else:
        is_of_table = not table and meant not in KEYS_OF_TABLE[""]
        advice = f"did you mean [{meant}]?" if is_of_table else f"did you mean '{meant}'?"
    return Mistake(f"{subject} no {what}", advice)


def _wrong_value(kind: type[Struct], table: str, key: str, value: object) -> Mistake:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    wanted = next(field.type for field in info.fields if field.encode_name == key)
    if isinstance(wanted, inspect.StructType) and isinstance(value, dict):
        return first_mistake_in(wanted.cls, value, f"{table}.{key}")
    if key == "columns":
        return Mistake(f'{_named(table, key)} must be texts in quotes, as in {{ "Pas.nr" = "patient_id" }}.')
    if key == "statuses":
        return Mistake(f'{_named(table, key)} must be texts in quotes, as in {{ "Ikke møtt opp" = "noshow" }}.')
    if isinstance(wanted, inspect.DictType | inspect.StructType):
        name = ".".join(part for part in (table, key, "ID" if key == "clinic" else "") if part)
        return Mistake(
            f"{_named(table, key)} must be a table: write [{name}] on a line of its own, and its keys below."
        )
    if isinstance(wanted, inspect.VarTupleType):
        example = f'{key} = ["one", "another"]'
        return Mistake(f"{_named(table, key)} must be a list of texts, as in {example}.")
    if isinstance(wanted, inspect.StrType) and isinstance(value, str):
        return Mistake(f"{_named(table, key)} holds a tab or a line end", "a path with \\ in it goes in single quotes.")
    must_be = "a text in quotes"
    if isinstance(wanted, inspect.IntType | inspect.FloatType):
        what = "a whole number" if isinstance(wanted, inspect.IntType) else "a number"
        must_be = f"{what} from {wanted.ge} to {wanted.le}"
    if isinstance(wanted, inspect.BoolType):
        must_be = "true or false"
    if choices := [f'"{choice}"' for choice in get_args(get_type_hints(kind).get(key))]:  # in the schema's order
        must_be = f"{', '.join(choices[:-1])} or {choices[-1]}"
    return Mistake(f"{_named(table, key)} must be {must_be}, not {_as_given(wanted, value)}.")


def _named(table: str, key: str) -> str:
    """How a key is called in a message: "[email] port", or "timezone" at the top of the file."""
    return f"[{table}] {key}" if table else key


def _as_given(wanted: inspect.Type, value: object) -> str:
    """The value where it is a choice or a number, else only its kind: it may be a secret that went astray."""
    if (
        isinstance(wanted, inspect.LiteralType)
        and isinstance(value, str)
        and len(value) <= LONGEST_SHOWN
        and value.isprintable()
    ):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(wanted, inspect.IntType | inspect.FloatType) and isinstance(value, int | float):
        return str(value) if isinstance(value, float) or abs(value) < LARGEST_SHOWN else "so large a number"
    return next(name for kind, name in KINDS if isinstance(value, kind))
