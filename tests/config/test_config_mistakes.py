"""How a mistake in the configuration is told: its place, what is wrong, what to type next; and nothing but so."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.config import ConfigError, Email, Sms, load, secret
from tests.support.config_files import written
from tests.support.places import TESTS

MISTAKES = (TESTS / "config_mistakes.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")
TOO_DEEP = ": too deep or too long to be read as TOML; take out what is not settings."
NOT_UTF_8 = "not UTF-8 text; save the file with the encoding UTF-8."


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.split("\n=> ")[0])
def test_a_mistake_is_told_with_its_place_and_what_to_type(tmp_path, monkeypatch, mistake):
    monkeypatch.chdir(tmp_path)
    content, told = mistake.split("\n=> ")
    written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load(None, {})
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"# \xc3\xa6\n# \xe6\n", f", line 2: {NOT_UTF_8}", id="Latin 1"),
        pytest.param("a = 1".encode("utf-16"), f", line 1: {NOT_UTF_8}", id="UTF-16"),
        pytest.param("a = " + "[" * 5000, TOO_DEEP, id="brackets in brackets"),
        pytest.param("a = " + "1" * 5000, TOO_DEEP, id="number of 5000 digits"),
        pytest.param(
            f"[email]\nport = 0x{'f' * 6000}",
            ": [email] port must be a whole number from 1 to 65535, not so large a number.",
            id="port of 7000 digits",
        ),
        pytest.param("#" * 1_048_577, " is larger than any notify.toml (1 MiB); mend --config.", id="too large"),
    ],
)
def test_a_file_that_no_editor_of_settings_made(tmp_path, content, told):
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == f"{path}{told}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "Nidelv legesenter",
        "Nidelv legesenter <post@nidelv.example",
        "<>",
        "post@",
        "post@nidelv",
        "post@@nidelv.example",
        "post@nidelv..example",
        ".post@nidelv.example",
        "post@-nidelv.example",
        "a b@nidelv.example",
        "post@nidelv.example, andre@nidelv.example",
        "a <post@nidelv.example> <andre@nidelv.example>",
    ],
)
def test_a_sender_that_is_no_address(tmp_path, address):
    path = written(tmp_path, f"[email]\nfrom = {json.dumps(address)}")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == (
        f'{path}: [email] from is no address; write from = "Nidelv legesenter <post@nidelv.example>".'
    )


def toml_of(value: object) -> str:
    """One value as TOML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_of(key)} = {toml_of(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("NaN", "nan").replace("Infinity", "inf")


WORDS = sorted(
    {
        "database",
        "timezone",
        "email",
        "sms",
        "push",
        "limits",
        "third_party",
        "clinic",
        "nidelv",
        "wording",
        "columns",
        "statuses",
    }
    | {*Email.__struct_encode_fields__, *Sms.__struct_encode_fields__, "password", "patient_id", "max_due", "digicare"}
    | {"statuses", "smtp", "none", "outbox", "resend", "Europe/Oslo", "Europe", "127.0.0.1", "post@nidelv.example", ""}
)
ANY_TEXT = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ANY_VALUE = st.recursive(
    ANY_TEXT | st.integers() | st.floats() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=10,
)
TABLES = st.dictionaries(st.sampled_from(WORDS), ANY_VALUE, max_size=4)
DOCUMENTS = TABLES | st.fixed_dictionaries(
    {},
    optional={
        "email": TABLES,
        "sms": TABLES,
        "limits": TABLES,
        "clinic": st.dictionaries(ANY_TEXT, TABLES, max_size=2),
    },
)
FRAGMENTS = st.lists(st.sampled_from([*WORDS, "[", "]", ".", "=", '"', "'", "\n", "\\", "{", "}", ",", "1", "0x", "T"]))


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("config")


def what_is_told(path: Path) -> str:
    """The mistake, or nothing where the file can be loaded and used."""
    try:
        settings = load(path, {})
        secret(settings.for_clinic("nidelv").email, path.parent, {})
    except ConfigError as error:
        return str(error)
    return ""


def loads_or_tells(folder: Path, content: str | bytes) -> None:
    path = written(folder, content)
    told = what_is_told(path)
    assert told.isprintable()
    assert len(told) < len(str(path)) + 300


@pytest.mark.slow
@given(DOCUMENTS)
def test_no_document_is_more_than_the_configuration_can_tell_of(one_folder, document):
    loads_or_tells(one_folder, "\n".join(f"{toml_of(key)} = {toml_of(value)}" for key, value in document.items()))


@given(FRAGMENTS.map("".join) | st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_is_more_than_the_configuration_can_tell_of(one_folder, text):
    loads_or_tells(one_folder, text)


@given(st.binary())
def test_no_bytes_are_more_than_the_configuration_can_tell_of(one_folder, data):
    loads_or_tells(one_folder, data)


@given(
    ANY_TEXT.filter(lambda text: len(text) > 4), st.sampled_from(["password", "password_file", "password_env", "from"])
)
def test_what_stands_for_a_secret_is_never_told(one_folder, text, key):
    assert "hush" not in what_is_told(written(one_folder, f"[email]\n{key} = {toml_of('hush' + text)}"))
