"""SPEC section 8, `patient find` and `history --search`: what people dictate finds the patient, at once."""

import json
from pathlib import Path

import pytest

from notifycli.cli.found_patients import findable_in_words
from notifycli.cli.language import choose
from tests.support import engines
from tests.support.one_clinic import Clinic

PATIENTS = "clinic_id;patient_id;given_name;family_name;email;mobile;consent;last_login_at"
ROWS = (
    "nidelv;1001;Bjørn;Sørli-Hansen;bjorn@post.example;91000006;yes;2026-05-01T10:00",
    "nidelv;1002;Kari Anne;Hansen;kari@post.example;91000007;yes;",
    "nidelv;1003;Karin;Hansen;;22334455;yes;",
    "fjord;1001;Åse;Næss;ase@post.example;+46701234567;yes;",
)
LATER = "2026-06-03T12:30:00+02:00"


@pytest.fixture
def clinics(tmp_path: Path) -> Clinic:
    """Two clinics, whose patients a run has not seen yet."""
    (tmp_path / "notify.toml").touch()
    (tmp_path / "clinics.csv").write_text("clinic_id;name;timebook\nnidelv;Nidelv;yes\nfjord;Fjord;yes\n")
    clinic = Clinic(tmp_path)
    assert clinic.call("import", str(tmp_path / "clinics.csv")).exit == 0
    bring(clinic, *ROWS)
    return clinic


def bring(clinic: Clinic, *rows: str, at: str = LATER) -> None:
    path = clinic.folder / "patients.csv"
    path.write_text("".join(f"{line}\n" for line in (PATIENTS, *rows)), encoding="utf-8")
    assert clinic.call("import", str(path), at=at).exit in (0, 1)


def found(clinic: Clinic, *typed: str) -> list[str]:
    return [f"{one['clinic']} {one['patient']}" for one in clinic.json("patient", "find", *typed)]


@pytest.mark.parametrize(
    ("typed", "patients"),
    [
        pytest.param(["hansen"], ["nidelv 1001", "nidelv 1002", "nidelv 1003"], id="a name"),
        pytest.param(["hansen", "sørli"], ["nidelv 1001"], id="in any order"),
        pytest.param(["hansen sorli bjoern"], ["nidelv 1001"], id="in one argument, as on another keyboard"),
        pytest.param(["kari", "hansen"], ["nidelv 1002", "nidelv 1003"], id="the very name first"),
        pytest.param(["naess"], ["fjord 1001"], id="another spelling"),
        pytest.param(["+47", "910", "00", "006"], ["nidelv 1001"], id="a number as it was dictated"),
        pytest.param(["0047 91 00 00 06"], ["nidelv 1001"], id="a number from abroad"),
        pytest.param(["070-123 45 67"], ["fjord 1001"], id="a Swedish number"),
        pytest.param(["00", "07"], ["nidelv 1002"], id="the end of a number"),
        pytest.param(["KARI@post.example"], ["nidelv 1002"], id="an e-mail address"),
        pytest.param(["1001"], ["nidelv 1001", "fjord 1001"], id="an id of two clinics"),
        pytest.param(["1001", "--clinic", "fjord"], ["fjord 1001"], id="an id of one clinic"),
        pytest.param(["hansen", "--limit", "1"], ["nidelv 1001"], id="a limit"),
        pytest.param(["hansen", "olsen"], [], id="nobody has both"),
        pytest.param(["%"], [], id="nothing to look for"),
        pytest.param(['"hansen" OR *'], [], id="no language of the index"),
    ],
)
def test_who_is_found(clinics: Clinic, typed: list[str], patients: list[str]) -> None:
    assert found(clinics, *typed) == patients


def test_the_json_is_that_of_the_contract(clinics: Clinic) -> None:
    assert clinics.json("patient", "find", "bjørn") == [
        {
            "clinic": "nidelv",
            "patient": "1001",
            "name": "Bjørn Sørli-Hansen",
            "email": "bjorn@post.example",
            "mobile": "+4791000006",
            "active_user": True,
        }
    ]


def test_people_see_a_table_and_what_to_type_next(clinics: Clinic) -> None:
    shown = clinics.call("patient", "find", "bjørn").out
    assert "Bjørn Sørli-Hansen" in shown
    assert "1001 ●" in shown
    assert "notify patient show nidelv 1001" in shown
    assert "Only 1 are shown" not in shown
    assert "--limit 0" in clinics.call("patient", "find", "hansen", "--limit", "2").out
    assert clinics.call("patient", "find", "nobody").exit == 0


def test_an_error_repeats_nothing_of_the_patient(clinics: Clinic) -> None:
    answer = clinics.call("patient", "find", "Sørli-Hansen", "--clinic", "nidlev")
    assert (answer.exit, answer.out) == (2, "")
    assert "Did you mean nidelv?" in answer.err
    assert "Sørli" not in answer.err


def test_a_search_is_never_stale(clinics: Clinic) -> None:
    assert found(clinics, "sørli") == ["nidelv 1001"]
    bring(clinics, "nidelv;1001;Bjørn;Lunde;bjorn@post.example;91000006;yes;", "nidelv;1004;Ny;Sørli;;;yes;")
    assert found(clinics, "sørli") == ["nidelv 1004"]
    assert found(clinics, "lunde") == ["nidelv 1001"]
    clinics.call("patient", "set", "nidelv", "1001", "--mobile", "91000099")
    assert found(clinics, "91000099") == ["nidelv 1001"]
    assert found(clinics, "91000006") == []


def test_what_was_rejected_or_rehearsed_is_not_found(clinics: Clinic) -> None:
    path = clinics.folder / "more.csv"
    path.write_text(f"{PATIENTS}\nnidelv;1005;Prøve;Prøvesen;;;yes;\n", encoding="utf-8")
    clinics.call("import", str(path), "--dry-run")
    assert found(clinics, "prøvesen") == []


def test_a_run_makes_them_findable_before_anyone_asks(clinics: Clinic) -> None:
    assert waiting(clinics) == 4
    clinics.call("run", at=LATER)
    assert waiting(clinics) == 0
    assert found(clinics, "sørli") == ["nidelv 1001"]


def test_an_import_that_changes_no_word_leaves_nothing_to_do(clinics: Clinic) -> None:
    clinics.call("run", at=LATER)
    bring(clinics, "nidelv;1001;Bjørn;Sørli-Hansen;bjorn@post.example;91000006;no;2026-06-01T10:00")
    assert waiting(clinics) == 0


def waiting(clinic: Clinic) -> int:
    """How many patients are yet to be indexed."""
    with engines.connected(clinic.folder) as connection:
        return connection.execute("SELECT coalesce(sum(patients), 0) FROM patient_to_index").fetchone()[0]


def test_who_is_removed_is_found_no_more(clinics: Clinic) -> None:
    assert found(clinics, "sørli") == ["nidelv 1001"]
    with engines.connected(clinics.folder) as connection:
        connection.execute("DELETE FROM patient WHERE clinic_id = 'nidelv' AND patient_id = '1001'")
        words = connection.execute("SELECT words FROM patient_search").fetchall()
        if connection.has_one_run_at_a_time:  # there the index has a table of its own
            assert connection.execute("SELECT count(*) FROM patient_search_fts('sorli')").fetchone() == (0,)
    assert not [word for (word,) in words if "sorli" in word]
    assert found(clinics, "sørli") == []


# history --search


@pytest.fixture
def told(clinics: Clinic) -> Clinic:
    clinics.book(
        "A1;1001;;2026-06-18T10:00;booked;2026-06-03T12:00;",
        "A2;1002;;2026-06-18T10:00;booked;2026-06-03T12:00;",
        "A3;unknown;;2026-06-18T10:00;booked;2026-06-03T12:00;",
    )
    with engines.connected(clinics.folder) as connection:
        for number, patient in enumerate(("1001", "1002", "unknown"), 1):
            connection.execute(
                "INSERT INTO notice (clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
                " written_at, skip_reason, skipped_at)"
                " VALUES ('nidelv', ?, 'appointment', ?, 'confirmation', 1, 0, 0, 0, 'no_contact', ?)",
                (patient, f"A{number}", number),
            )
        connection.execute(
            "INSERT INTO external (clinic_id, external_id, patient_id, sender, event, channel, sent_at, status,"
            " import_id) VALUES ('fjord', 'X1', '1001', 'digicare', 'reminder', 'sms', 4, '', 1)"
        )
    return clinics


@pytest.mark.parametrize("many", [2_000, 1], ids=["by patients", "by the newest"])
@pytest.mark.parametrize(
    ("typed", "subjects"),
    [
        pytest.param("hansen", ["A2", "A1"], id="a name"),
        pytest.param("sorli hans", ["A1"], id="parts of a name"),
        pytest.param("0047 910 00 006", ["A1"], id="a number"),
        pytest.param("1001", ["X1", "A1"], id="a patient's id"),
        pytest.param("A2", ["A2"], id="an appointment's id"),
        pytest.param("a2", ["A2"], id="an appointment's id in small letters"),
        pytest.param("X1", ["X1"], id="the id of what others sent"),
        pytest.param("unknown", ["A3"], id="a patient of whom no file has told"),
        pytest.param("nobody", [], id="nobody"),
        pytest.param("%", [], id="nothing to look for"),
    ],
)
def test_the_history_is_searched_the_same_way(
    told: Clinic, monkeypatch: pytest.MonkeyPatch, many: int, typed: str, subjects: list[str]
) -> None:
    monkeypatch.setattr("notifycli.store.history.MANY", many)
    assert [row["subject_id"] for row in told.json("history", "--search", typed)] == subjects


def test_a_search_goes_with_other_conditions(told: Clinic) -> None:
    both = told.json("history", "--search", "1001", "--clinic", "fjord")
    assert [row["subject_id"] for row in both] == ["X1"]
    assert told.json("history", "--search", "hansen", "--patient", "1002", "--limit", "1")[0]["subject_id"] == "A2"
    assert json.loads(told.call("history", "--patient", "1001", "--json").out)[0]["subject_id"] == "X1"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "making new patients findable: 1,000 of 20,000"),
        ("nb", "gjør nye pasienter søkbare: 1\N{NO-BREAK SPACE}000 av 20\N{NO-BREAK SPACE}000"),
    ],
)
def test_how_far_the_index_is_reads_in_both_languages(language: str, words: str) -> None:
    choose(language, {})
    try:
        assert findable_in_words(1_000, 20_000) == words
    finally:
        choose("en", {})
