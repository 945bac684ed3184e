"""The rooms stay apart: imports run one way, SQL sits in store/, and nothing below the shell reads a clock."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "notifycli"
FILES = sorted(PACKAGE.rglob("*.py"))
DOMAIN = sorted((PACKAGE / "domain").glob("*.py"))
LONGEST_FILE = 400

# Which rooms a room may import; "" is the package itself, which holds its version.
MAY_IMPORT = {
    "": set[str](),
    "domain": {"domain"},
    "store": {"store", "domain"},
    "wording": {"wording", "domain"},
    "channels": {"channels", "domain"},
    "config": {"config", "domain"},
    "intake": {"intake", "store", "domain"},
    "delivery": {"delivery", "store", "channels", "wording", "config", "domain"},
    "queries": {"queries", "delivery", "store", "domain"},
    "doctor": {"doctor", "delivery", "store", "channels", "wording", "config", "domain", ""},
    "cli": {"cli", "queries", "doctor", "delivery", "intake", "store", "wording", "channels", "config", "domain", ""},
}
# Rooms within a room, which know less than it does.
WITHIN = {
    "store/sqlite": (
        *("notifycli.store.sqlite", "notifycli.store.dialect", "notifycli.store.errors", "notifycli.store.lock"),
        *("notifycli.store.connection", "notifycli.store.steps", "notifycli.store.sealing", "notifycli.domain"),
    ),
    "store/postgres": (
        *("notifycli.store.postgres", "notifycli.store.dialect", "notifycli.store.errors"),
        *("notifycli.store.connection", "notifycli.store.steps", "notifycli.store.sealing", "notifycli.domain"),
    ),
    "intake/formats": ("notifycli.intake.formats", "notifycli.domain"),
    "intake/cells": ("notifycli.intake.cells", "notifycli.domain"),
    "intake/sources": ("notifycli.intake.sources", "notifycli.intake.formats", "notifycli.domain"),
    "intake/kinds": ("notifycli.intake.kinds", "notifycli.intake.cells", "notifycli.store.rows", "notifycli.domain"),
    "intake/mapping": (
        *("notifycli.intake.mapping", "notifycli.intake.kinds", "notifycli.intake.cells"),
        *("notifycli.intake.formats.blocks", "notifycli.domain"),
    ),
}
PURE = {
    *("bisect", "collections", "dataclasses", "datetime", "functools", "ipaddress", "re", "typing", "unicodedata"),
    *("zoneinfo", "hashlib", "itertools"),
    *("email_validator", "phonenumbers"),  # these two judge contact details by their form alone
}
CLOCKS = {"now", "today", "utcnow"}  # of whatever class; and everything of the module time
SQL = re.compile(
    r"^\s*(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX|VIEW|TRIGGER))\b", re.S
)
ENGINES = {engine: PACKAGE / "store" / engine for engine in ("sqlite", "postgres")}
SQLITES_OWN = re.compile(
    r"\b(json_\w+|OR (?:IGNORE|REPLACE|FAIL|ABORT|ROLLBACK)|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|TEMP"
    r"|INDEXED BY|sqlite_\w+|strftime|unixepoch|rowid|ifnull|group_concat|total_changes|CROSS JOIN|GLOB|MATCH)\b"
    r"|->|\?\d|\btemp\."
)


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    if parts == ("__main__.py",):
        return "cli"  # of which it is the other door
    return parts[0] if len(parts) > 1 else ""


def imported_modules(tree: ast.AST) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "notifycli":
            found |= {f"notifycli.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def rooms_imported(tree: ast.AST) -> Iterator[str]:
    for name in imported_modules(tree):
        if name.startswith("notifycli."):
            first = name.split(".")[1]
            yield first if (PACKAGE / first).is_dir() else ""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every string but the docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def ours_imported(path: Path) -> list[str]:
    return [name for name in imported_modules(tree_of(path)) if name.startswith("notifycli.")]


def test_imports_run_one_way() -> None:
    wrong = {
        name_of(path): rooms
        for path in FILES
        if (rooms := set(rooms_imported(tree_of(path))) - MAY_IMPORT[room_of(path)])
    }
    assert wrong == {}


def test_a_room_within_a_room_knows_less() -> None:
    wrong = [
        (name_of(path), name)
        for room, known in WITHIN.items()
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for name in ours_imported(path)
        if not name.startswith(known)
    ]
    assert wrong == []


def test_the_domain_knows_nothing_but_what_is_pure() -> None:
    wrong = [
        (name_of(path), name)
        for path in DOMAIN
        for name in imported_modules(tree_of(path))
        if not name.startswith("notifycli.") and name.split(".")[0] not in PURE
    ]
    assert wrong == []


def test_nothing_below_the_shell_reads_a_clock() -> None:
    below = [path for path in FILES if room_of(path) != "cli"]
    assert [name_of(path) for path in below if "time" in imported_modules(tree_of(path))] == []
    calls = [(path, node.func) for path in below for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    wrong = [name_of(path) for path, call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCKS]
    assert wrong == []


def test_sql_sits_in_the_store() -> None:
    wrong = [
        name_of(path)
        for path in FILES
        if room_of(path) != "store"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert wrong == []


def test_what_an_engine_alone_can_stands_in_its_folder() -> None:
    others = [path for path in FILES if not {*ENGINES.values()} & {*path.parents}]
    libraries = {"sqlite": {"sqlite3", "sqlite_utils"}, "postgres": {"psycopg"}}
    for engine, folder in ENGINES.items():
        files = [path for path in FILES if folder not in path.parents]
        assert [name_of(path) for path in files if imported_modules(tree_of(path)) & libraries[engine]] == []
    wrong = [
        (name_of(path), words[0])
        for path in others
        if room_of(path) == "store"
        for text in texts_of(tree_of(path))
        if (words := SQLITES_OWN.findall(text))
    ]
    assert wrong == []


def test_words_of_sqlite_would_be_found() -> None:
    assert SQLITES_OWN.search("INSERT OR IGNORE INTO a")
    assert SQLITES_OWN.search("SELECT a ->> 0 FROM b")
    assert not SQLITES_OWN.search("SELECT a FROM b WHERE a > 0")


def test_a_file_can_be_read_in_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nobody_uses_smtplib() -> None:
    assert [name_of(path) for path in FILES if "smtplib" in imported_modules(tree_of(path))] == []


def test_only_packages_stand_at_the_root() -> None:
    assert [name_of(path) for path in FILES if room_of(path) == ""] == ["__init__.py"]


def test_every_room_is_looked_at() -> None:
    assert {room_of(path) for path in FILES} == set(MAY_IMPORT)


def test_sql_would_be_found() -> None:
    assert SQL.match("SELECT a FROM b")
    assert SQL.match("UPDATE b SET a = 1")


def subclasses_of(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        if below.__module__ == "builtins":
            yield below
            yield from subclasses_of(below)


NO_ERRORS = {"Done", "Terminated"}  # they end a command that did its work, and one that was told to end


def test_every_error_has_the_one_base() -> None:
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in map(tree_of, FILES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    python_s_own = {kind.__name__ for kind in (BaseException, *subclasses_of(BaseException))}
    wrong = {name for name, of in bases.items() if of & python_s_own} - NO_ERRORS
    assert wrong == {"NotifyError"}


def test_no_two_classes_bear_one_name() -> None:
    names = Counter(
        node.name for tree in map(tree_of, FILES) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )
    assert {name: count for name, count in names.items() if count > 1} == {}


# A reader must look up what they are; a room stands here as soon as it is free of them.
SAY_NOTHING = {"one", "found", "said", "thing", "things", "them", "it"}
ROOMS_THAT_NAME_THINGS = (
    *("domain", "store", "intake", "wording", "channels", "config", "delivery", "queries", "doctor", "cli"),
)


def names_given_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.arg | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name.strip("_")


def test_names_say_what_they_are() -> None:
    wrong = {
        name_of(path): names
        for path in FILES
        if room_of(path) in ROOMS_THAT_NAME_THINGS and (names := SAY_NOTHING & set(names_given_in(tree_of(path))))
    }
    assert wrong == {}
