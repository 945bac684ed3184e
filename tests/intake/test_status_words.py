"""SPEC section 3, "Status words": those of the contract, and those that a clinic maps in [clinic.ID.statuses]."""

from pathlib import Path

import pytest

from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.cells.values import Reject, one_of
from tests.support import engines
from tests.support.one_clinic import Clinic

WORDS = {
    ("booked", None): "booked avtalt bestilt oppsatt bekreftet confirmed scheduled",
    ("cancelled", "clinic"): "avlyst kansellert",
    ("cancelled", "patient"): "avbestilt",
    ("cancelled", None): "cancelled",
    ("entered-in-error", None): "entered-in-error",
    ("fulfilled", None): "fulfilled fullført møtt utført completed",
    ("noshow", None): "noshow no-show",
    ("arrived", None): "arrived ankommet",
    ("checked-in", None): "checked-in",
    **{(word, None): word for word in ("proposed", "pending", "waitlist")},
}


@pytest.mark.parametrize(("meant", "word"), [(meant, word) for meant, words in WORDS.items() for word in words.split()])
def test_the_contracts_words(meant: tuple[str, str | None], word: str) -> None:
    status = one_of(STATUS_WORDS, "status")
    assert [status(form) for form in (word, word.upper(), f" {word.title()} ", f'="{word}"')] == [meant] * 4
    assert status("ikke  møtt") == status("IKKE MØTT") == ("noshow", None)
    assert isinstance(status(f"{word}?"), Reject)


CONFIG = """
[clinic.nidelv]
statuses = { "Ikke møtt opp" = "noshow", IM = "noshow", "Time OK" = "booked", ventar = "pending", Avtalt = "proposed" }
[clinic.lofoten.statuses]
IM = "fulfilled"
"""
HEADER = "Klinikk;Timenr;Pasientnr;Dato;Klokkeslett;Status;Bestilt"


def statuses_of(clinic: Clinic) -> dict[str, str]:
    with engines.connected(clinic.folder) as connection:
        return dict(connection.execute("SELECT appointment_id, status FROM appointment ORDER BY 1").fetchall())


def written(folder: Path, *words: str, clinics: tuple[str, ...] = ("nidelv",)) -> Path:
    path = folder / "timer.csv"
    rows = [
        f"{whose};{whose}-{place};P1;12.06.2026;09:30;{word};01.06.2026 08:00"
        for whose in clinics
        for place, word in enumerate(words)
    ]
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("word", "status"),
    [
        pytest.param("Ikke møtt opp", "noshow", id="as it is mapped"),
        pytest.param("IKKE MØTT OPP", "noshow", id="in capitals"),
        pytest.param("  ikke  møtt opp ", "noshow", id="with needless space"),
        pytest.param('"=""Ikke møtt opp"""', "noshow", id="as Excel's formula"),
        pytest.param("im", "noshow", id="a code"),
        pytest.param("time ok", "booked", id="booked"),
        pytest.param("Ventar", "pending", id="open"),
        pytest.param("avtalt", "proposed", id="what the contract knows as something else"),
        pytest.param("oppsatt", "booked", id="the contract's own words stay"),
    ],
)
def test_a_clinics_own_words(tmp_path: Path, word: str, status: str) -> None:
    clinic = Clinic.begun_in(tmp_path, CONFIG)
    answer = clinic.call("import", str(written(tmp_path, word)))
    assert (answer.exit, statuses_of(clinic)) == (0, {"nidelv-0": status})


def test_a_word_is_that_clinics_alone(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, CONFIG)
    (tmp_path / "clinics.csv").write_text("clinic_id;name\nlofoten;Lofoten\nsenja;Senja\n", encoding="utf-8")
    assert clinic.call("import", str(tmp_path / "clinics.csv")).exit == 0
    [report] = clinic.json("import", str(written(tmp_path, "IM", clinics=("nidelv", "lofoten", "senja"))))["files"]
    assert (report["new"], report["rejected"]) == (2, 1)
    assert statuses_of(clinic) == {"nidelv-0": "noshow", "lofoten-0": "fulfilled"}


def test_the_same_file_means_more_once_its_words_are_mapped(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = written(tmp_path, "Avtalt", "IM")
    assert clinic.json("import", str(path))["files"][0]["rejected"] == 1
    (tmp_path / "notify.toml").write_text('[clinic.nidelv]\nstatuses = { "IM" = "noshow", "Avtalt" = "fulfilled" }\n')
    assert clinic.json("import", str(path))["files"][0]["rejected"] == 0
    assert statuses_of(clinic) == {"nidelv-0": "fulfilled", "nidelv-1": "noshow"}


def test_what_is_no_word_is_told_with_all_that_are(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, CONFIG)
    answer = clinic.call("import", str(written(tmp_path, "Kanskje")))
    assert "Status: is not a known status: booked, proposed, pending, waitlist" in answer.err
    assert [word for word in STATUS_WORDS if word not in answer.err] == []
    assert "kanskje" not in (answer.out + answer.err).lower()


@pytest.mark.parametrize(
    ("cell", "is_repeated"),
    [
        pytest.param("Avtallt", True, id="a letter too many"),
        pytest.param("Avlist", True, id="another letter"),
        pytest.param("Bekreftett", True, id="a long word"),
        pytest.param("Hansen", False, id="a family name"),
        pytest.param("Mette", False, id="a given name"),
        pytest.param("Kari Nordmann, avlyst", False, id="a name beside a word"),
        pytest.param("moett", False, id="too short to tell"),
    ],
)
def test_a_word_is_repeated_where_it_is_known_but_for_a_slip(tmp_path: Path, cell: str, is_repeated: bool) -> None:
    clinic = Clinic.begun_in(tmp_path, CONFIG)
    answer = clinic.call("import", str(written(tmp_path, cell)))
    assert (f'"{cell.lower()}" is not a known status (did you mean ' in answer.err) == is_repeated
    assert (cell.lower() in answer.err.lower()) == is_repeated
