"""Words for codes are taken in both languages, whatever the screen's, in capitals or not."""

from pathlib import Path

import pytest

from notifycli.cli import completing
from notifycli.cli.codes import ALSO_TYPED, spellings
from notifycli.domain.words import CHANNELS, DELIVERY_STATUSES, EVENTS, METHODS, MODULES, SUBJECT_KINDS
from notifycli.intake.kinds.registry import KINDS
from tests.support.one_clinic import Clinic

DUE = "2026-06-03T12:05:00+02:00"
CODES = (
    *CHANNELS,
    *DELIVERY_STATUSES,
    *EVENTS,
    *METHODS,
    *MODULES,
    *SUBJECT_KINDS,
    *KINDS,
    "patient",
    "yes",
    "no",
    "default",
)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    begun = Clinic.begun_in(tmp_path)
    begun.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", "A2;P8;KONS;2026-06-18T11:00;booked;;")
    begun.call("run", at=DUE)
    return begun


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        (("--event", "bekreftelse"), ("--event", "confirmation")),
        (("--event", "Bekreftelse"), ("--event", "confirmation")),
        (("--event", "CONFIRMATION"), ("--event", "confirmation")),
        (("--event", "påminnelse"), ("--event", "reminder")),
        (("--event", "paminnelse"), ("--event", "reminder")),
        (("--event", "appinvitasjon"), ("--event", "app_invite")),
        (("--channel", "e-post"), ("--channel", "email")),
        (("--channel", "epost"), ("--channel", "email")),
        (("--channel", "SMS"), ("--channel", "sms")),
        (("--status", "hoppet over"), ("--status", "skipped")),
        (("--status", "sendt"), ("--status", "sent")),
        (("--reason", "mangler samtykke"), ("--reason", "no_consent")),
        (("--reason", "No consent"), ("--reason", "no_consent")),
    ],
)
def test_history_takes_words_of_both(clinic: Clinic, typed: tuple[str, ...], means: tuple[str, ...]) -> None:
    answer = clinic.call("history", *typed, "--json", at=DUE)
    assert (answer.exit, answer.err) == (0, "")
    assert answer.out == clinic.call("history", *means, "--json", at=DUE).out


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("Pasienter", "patients"), ("timer", "appointments"), ("timetyper", "types"), ("klinikker", "clinics")],
)
def test_a_kind_of_file_is_named_in_both(clinic: Clinic, typed: str, kind: str) -> None:
    template = clinic.call("import", "--template", typed, at=DUE)
    assert (template.exit, template.out) == (0, clinic.call("import", "--template", kind, at=DUE).out)
    path = clinic.folder / "export.csv"
    path.write_text(template.out, encoding="utf-8")
    [report] = clinic.json("import", "--kind", typed, "--dry-run", str(path), at=DUE)["files"]
    assert report["kind"] == kind


@pytest.mark.parametrize("option", ["--kind", "--template"])
def test_a_kind_that_is_none_names_the_nearest(clinic: Clinic, option: str) -> None:
    answer = clinic.call("import", option, "pasientar", "export.csv", at=DUE)
    assert answer.exit == 2
    assert (option in answer.err, "did you mean pasienter?" in answer.err) == (True, True)


@pytest.mark.parametrize("typed", ["time", "Timeavtale", "avtale", "APPOINTMENT"])
def test_why_takes_the_subject_in_both(clinic: Clinic, typed: str) -> None:
    assert clinic.json("why", typed, "A1", at=DUE) == clinic.json("why", "appointment", "A1", at=DUE)


def test_why_takes_a_patient_in_both(clinic: Clinic) -> None:
    assert clinic.json("why", "pasient", "nidelv", "P4", at=DUE) == clinic.json(
        "why", "patient", "nidelv", "P4", at=DUE
    )


@pytest.mark.parametrize(("typed", "module"), [("Timebok", "timebook"), ("post", "post"), ("Økonomi", "economy")])
def test_a_module_is_switched_by_its_norwegian_name(clinic: Clinic, typed: str, module: str) -> None:
    turned = clinic.json("module", "disable", "nidelv", typed, at=DUE)
    assert turned["module"] == module
    assert [row["on"] for row in clinic.json("module", "list", "nidelv", at=DUE) if row["module"] == module] == [False]


def test_a_patient_is_set_by_norwegian_words(clinic: Clinic) -> None:
    value = clinic.json("patient", "set", "nidelv", "P4", "--method", "begge", "--consent", "nei", at=DUE)
    assert (value["method"], value["consent"]) == ("both", False)
    assert clinic.json("patient", "set", "nidelv", "P4", "--method", "e-post", at=DUE)["method"] == "email"
    assert clinic.json("patient", "set", "nidelv", "P4", "--method", "standard", "--consent", "JA", at=DUE)["consent"]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("history", "--event", "påminelse"), "påminnelse"),
        (("history", "--event", "remnder"), "reminder"),
        (("history", "--status", "hoppa over"), "hoppet over"),
        (("why", "kvitering", "R1"), "kvittering"),
    ],
)
def test_a_slip_is_told_which_word_was_meant(clinic: Clinic, arguments: tuple[str, ...], meant: str) -> None:
    answer = clinic.call(*arguments, at=DUE)
    assert answer.exit == 2
    assert f"did you mean {meant}?" in answer.err


def test_a_slip_in_a_module_is_told_which_was_meant(clinic: Clinic) -> None:
    assert "Did you mean Timebok?" in clinic.call("module", "disable", "nidelv", "Timbok", at=DUE).err


def test_no_word_means_two_codes_where_both_are_taken() -> None:
    for together in (EVENTS, CHANNELS, DELIVERY_STATUSES, MODULES, (*SUBJECT_KINDS, "patient"), (*METHODS, "default")):
        meanings: dict[str, set[str]] = {}
        for spelled, code in spellings(together):
            meanings.setdefault(spelled.casefold(), set()).add(code)
        assert {word for word, codes in meanings.items() if len(codes) > 1} == set()


def test_every_other_word_is_for_a_code_that_is_typed() -> None:
    assert set(ALSO_TYPED.values()) <= set(CODES)


@pytest.mark.parametrize(
    ("complete", "begun", "offered"),
    [
        (completing.events, "rem", ["reminder"]),
        (completing.events, "påm", ["påminnelse"]),
        (completing.modules, "Tim", ["timebook"]),
        (completing.modules, "øko", ["Økonomi"]),
        (completing.channels, "e-", ["e-post", "e-mail"]),
        (completing.events, "xyz", []),
    ],
)
def test_words_of_other_languages_are_completed(complete: completing.Words, begun: str, offered: list[str]) -> None:
    assert complete(begun) == offered
