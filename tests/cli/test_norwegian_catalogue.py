"""The catalogues of the screens' languages are those of the program: complete, compiled, and with every field."""

import ast
import string
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from notifycli.cli.codes import word_for
from notifycli.cli.language import FOLDER, choose, languages
from notifycli.domain import words
from notifycli.domain.reasons import FAILED, NEVER, OUT_OF_REACH, SKIPPED
from tests.support.places import REPOSITORY

PACKAGE = REPOSITORY / "notifycli"
LANGUAGES = languages()
MARKS = {**DEFAULT_KEYWORDS, "N_": None, "Sentence": None}
CODES = {
    *(*words.EVENTS, *words.CHANNELS, *words.DELIVERY_STATUSES, *words.MODULES, *words.SUBJECT_KINDS, *words.METHODS),
    *(*SKIPPED, *NEVER, *FAILED, *OUT_OF_REACH),
    *("booked", "proposed", "pending", "waitlist", "cancelled", "entered-in-error", "fulfilled", "noshow", "arrived"),
    *("checked-in", "booking", "migration", "change", "cancellation", "takeover", "given_away", "app_invite"),
}
THE_SAME = {"dialog", "post", "push", "sms"}  # words of both languages, but for capitals


def catalogue(language: str, suffix: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / f"notifycli.{suffix}").open("rb") as file:
        return read_po(file, locale=language) if suffix == "po" else read_mo(file)


def translations(catalog: Catalog) -> dict[Any, Any]:
    return {_hashable(message.id): _hashable(message.string) for message in catalog if message.id}


def _hashable(text: Any) -> Any:
    return text if isinstance(text, str) else tuple(text)


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def as_list(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_the_texts_of_the_program_and_no_other(language: str) -> None:
    extracted = {_hashable(found[2]) for found in extract_from_dir(str(PACKAGE), keywords=MARKS)}
    assert set(translations(catalogue(language, "po"))) == extracted, "type: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language: str) -> None:
    wrong = [
        message.id
        for message in catalogue(language, "po")
        if message.id and (message.fuzzy or not all(as_list(message.string)))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_fields_of_its_original(language: str) -> None:
    wrong = {
        original: translated
        for original, translated in translations(catalogue(language, "po")).items()
        if {frozenset(fields_of(text)) for text in as_list(translated)} - {frozenset(fields_of(as_list(original)[-1]))}
        and not isinstance(original, tuple)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_not_translated(language: str) -> None:
    """Between backquotes only what stands in capitals may be another word, and yes, which is typed in both."""
    for original, translated in translations(catalogue(language, "po")).items():
        if isinstance(original, str):
            assert _commands(translated) == _commands(original)


def _commands(text: str) -> list[str]:
    return [
        " ".join({"ja": "yes"}.get(word, word) for word in part.split() if word.islower())
        for part in text.split("`")[1::2]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_compiled(language: str) -> None:
    compiled, written = (translations(catalogue(language, suffix)) for suffix in ("mo", "po"))
    assert compiled == written, "type: make messages"


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_has_a_word(code: str) -> None:
    choose("nb", {})
    try:
        translated = word_for(code)
    finally:
        choose("en", {})
    assert translated.casefold() != code.replace("_", " ") or code in THE_SAME


@pytest.mark.slow
def test_no_text_hides_in_a_text_with_braces() -> None:
    """Before Python 3.12 the tools for translators do not look into f-strings."""
    hidden = [
        f"{path.relative_to(PACKAGE)}, line {call.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {*MARKS} and _is_literal(call)
    ]
    assert hidden == []


def _is_literal(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def test_catalogues_are_installed_with_the_program() -> None:
    assert Path(FOLDER).is_relative_to(PACKAGE)  # hatchling takes whatever lies there
    assert LANGUAGES == ["nb"]
