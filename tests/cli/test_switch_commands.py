"""SPEC section 8, notify module and notify type: one piece, so that they behave alike."""

import pytest

from tests.support.one_clinic import Clinic

KINDS = [("module", "post", "psot"), ("type", "KONS", "KONZ")]


@pytest.fixture
def clinic(tmp_path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def is_on(clinic: Clinic, kind: str, name: str) -> bool:
    [row] = [row for row in clinic.json(kind, "list", "nidelv") if row[kind] == name]
    return bool(row["on"])


@pytest.mark.parametrize(("kind", "name", "slip"), KINDS)
def test_a_switch_is_turned_and_told_once(clinic: Clinic, kind: str, name: str, slip: str) -> None:
    for word, on in (("disable", False), ("enable", True)):
        turned = clinic.json(kind, word, "nidelv", name)
        nothing = {"will_be_sent": {}, "will_not_be_sent": {}}
        assert turned == {"clinic": "nidelv", kind: name, "on": on, "dry_run": False, "turned": True, **nothing}
        assert is_on(clinic, kind, name) is on
        assert clinic.json(kind, word, "nidelv", name)["turned"] is False
        again = clinic.call(kind, word, "nidelv", name)
        assert (again.exit, again.out) == (0, "")
        assert again.err == f"{name} was {'on' if on else 'off'} at nidelv already\n"


@pytest.mark.parametrize(("kind", "name", "slip"), KINDS)
@pytest.mark.parametrize("word", ["enable", "disable"])
def test_a_slip_in_the_name_is_told(clinic: Clinic, kind: str, name: str, slip: str, word: str) -> None:
    before = clinic.json(kind, "list")
    for typed in (slip, *([name.swapcase()] if kind == "type" else [])):  # a module's name is a word
        answer = clinic.call(kind, word, "nidelv", typed)
        assert answer.exit == 2
        assert answer.err == f"notify: nidelv has no {kind} {typed}. Did you mean {name}?\n"
    assert clinic.json(kind, "list") == before


@pytest.mark.parametrize(
    ("kind", "next_"),
    [("module", "There are economy, post, timebook."), ("type", "Was it imported? See: notify type list nidelv")],
)
def test_what_is_near_nothing_is_told_what_there_is(clinic: Clinic, kind: str, next_: str) -> None:
    answer = clinic.call(kind, "enable", "nidelv", "xyzzy")
    assert (answer.exit, answer.err) == (2, f"notify: nidelv has no {kind} xyzzy. {next_}\n")


@pytest.mark.parametrize(("kind", "name", "slip"), KINDS)
def test_a_slip_in_the_clinic_is_told(clinic: Clinic, kind: str, name: str, slip: str) -> None:
    for typed in (["list", "nidelf"], ["enable", "nidelf", name], ["disable", "nidelf", slip]):
        answer = clinic.call(kind, *typed)
        assert (answer.exit, answer.err) == (2, "notify: there is no clinic nidelf. Did you mean nidelv?\n")


@pytest.mark.parametrize(("kind", "name", "slip"), KINDS)
def test_a_list_of_one_clinic_is_a_part_of_the_whole(clinic: Clinic, kind: str, name: str, slip: str) -> None:
    whole, part = clinic.json(kind, "list"), clinic.json(kind, "list", "nidelv")
    assert part == [row for row in whole if row["clinic"] == "nidelv"]
    assert {row[kind] for row in part} >= {name}
    assert name in clinic.call(kind, "list").out


def test_the_switch_of_migrated_appointments_is_a_type(clinic: Clinic) -> None:
    assert clinic.json("type", "enable", "nidelv", "migrated")["on"] is True


@pytest.mark.parametrize(("kind", "name", "slip"), KINDS)
@pytest.mark.parametrize("word", ["list", "enable", "disable"])
def test_its_help_speaks_of_it_alone(clinic: Clinic, kind: str, name: str, slip: str, word: str) -> None:
    told = " ".join(clinic.call(kind, word, "--help").out.split())
    other = {"module": "TYPE", "type": "MODULE"}[kind]
    assert f"Example: notify {kind} {word} nidelv" in told
    assert other not in told
