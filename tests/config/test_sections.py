"""SPEC section 9: the sections of notify.toml stand in one list, and whatever speaks of sections goes by it."""

import ast
from pathlib import Path

import pytest

from notifycli.config import INIT_TEXT, ConfigError, Settings, load
from notifycli.config.sections import SECTIONS, Section
from notifycli.config.settings import ClinicSettings
from tests.support.places import PACKAGE

OF_CLINICS = [section for section in SECTIONS if section.is_of_clinics]
OF_ALL = [section for section in SECTIONS if not section.is_of_clinics]


def name_of(section: Section) -> str:
    return section.name


def mistake_in(folder: Path, text: str) -> str:
    path = folder / "notify.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return str(caught.value).removeprefix(f"{path}: ")


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "notify.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})


def test_these_are_the_sections() -> None:
    assert {section.name for section in OF_CLINICS} == {"email", "sms", "push", "third_party", "import", "rehearsal"}
    assert {section.name for section in OF_ALL} == {"receipts", "limits", "doctor"}


@pytest.mark.parametrize("section", SECTIONS, ids=name_of)
def test_an_empty_section_is_as_none(tmp_path: Path, section: Section) -> None:
    settings = loaded(tmp_path, f"[{section.name}]\n")
    assert getattr(settings, section.attribute) == getattr(Settings(), section.attribute)


@pytest.mark.parametrize("section", SECTIONS, ids=name_of)
def test_the_file_that_init_writes_shows_it(section: Section) -> None:
    assert f"[{section.name}]" in INIT_TEXT


@pytest.mark.parametrize("section", SECTIONS, ids=name_of)
def test_a_key_that_it_lacks_is_told(tmp_path: Path, section: Section) -> None:
    told = mistake_in(tmp_path, f"[{section.name}]\nxyzzy = 1\n")
    assert told.startswith(f"[{section.name}] has no key 'xyzzy'; there are ")
    for key in section.kind.__struct_encode_fields__:
        assert key in told


@pytest.mark.parametrize("section", SECTIONS, ids=name_of)
def test_a_slip_in_its_name_is_told(tmp_path: Path, section: Section) -> None:
    told = mistake_in(tmp_path, f"[{section.name}s]\n")
    assert told == f"there is no table [{section.name}s]; did you mean [{section.name}]?"


@pytest.mark.parametrize("section", OF_CLINICS, ids=name_of)
def test_a_clinic_can_have_its_own(tmp_path: Path, section: Section) -> None:
    settings = loaded(tmp_path, f"[clinic.nidelv.{section.name}]\n")
    assert getattr(settings.for_clinic("nidelv"), section.attribute) == getattr(settings, section.attribute)
    assert mistake_in(tmp_path, f"[clinic.nidelv.{section.name}]\nxyzzy = 1\n").startswith(
        f"[clinic.nidelv.{section.name}] has no key 'xyzzy'"
    )


@pytest.mark.parametrize("section", OF_ALL, ids=name_of)
def test_no_clinic_can_have_its_own(tmp_path: Path, section: Section) -> None:
    assert f"has no key '{section.name}'" in mistake_in(tmp_path, f"[clinic.nidelv.{section.name}]\n")


@pytest.mark.parametrize("section", SECTIONS, ids=name_of)
def test_the_settings_have_a_place_for_it(section: Section) -> None:
    assert section.attribute in Settings.__struct_fields__
    assert (section.attribute in ClinicSettings.__struct_fields__) is section.is_of_clinics


def test_one_list_names_them() -> None:
    """Two names of sections that are no channels, in one file of config/, would be another list."""
    naming = []
    for path in sorted((PACKAGE / "config").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        if len(texts & {"third_party", "limits", "import", "receipts"}) > 1:
            naming.append(path.name)
    assert naming == ["sections.py"]
