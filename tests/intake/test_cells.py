"""SPEC section 3: what single cells mean: Excel's formula text, control characters, times that cannot be read."""

from pathlib import Path
from typing import Any

import pytest

from notifycli.intake.cells.values import Illegible, NotYet, OccursTwice
from notifycli.intake.kinds.cleaning import Clean, Cleaner
from tests.support import engines
from tests.support.one_clinic import Clinic

NOW = 1_780_480_800  # 2026-06-03 12:00 in Oslo
SOURCE = {"nidelv": ("Europe/Oslo", "NO")}


def cleaned(kind: str, column: str, *cells: str) -> Clean:
    return Cleaner(kind, SOURCE, NOW).clean({column: cells}, ["nidelv"] * len(cells))


def value_of(kind: str, column: str, cell: str) -> Any:
    return cleaned(kind, column, cell).columns[column][0]


def imported(clinic: Clinic, text: str, *options: str, name: str = "file.csv") -> dict[str, Any]:
    (clinic.folder / name).write_bytes(text.encode())
    [report] = clinic.json("import", "--clinic", "nidelv", *options, str(clinic.folder / name))["files"]
    assert isinstance(report, dict)
    return report


def stored(clinic: Clinic, query: str) -> list[tuple[Any, ...]]:
    return engines.rows(clinic.folder, query)


# Excel's formula text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param('="0123"', "0123", id="an id"),
        pytest.param('=""', "", id="nothing"),
        pytest.param('="a ""b"" c"', 'a "b" c', id="quotes within"),
        pytest.param(' ="0123" ', "0123", id="space around"),
        pytest.param('=" 0123 "', "0123", id="space within"),
        pytest.param('="0123', '="0123', id="without its end"),
        pytest.param('=0123"', '=0123"', id="without its beginning"),
        pytest.param("=0123", "=0123", id="another formula"),
        pytest.param('a="0123"', 'a="0123"', id="in the midst"),
    ],
)
def test_excels_formula_text_is_the_text(cell: str, text: str) -> None:
    if text:
        assert value_of("appointments", "patient_id", cell) == text
    else:
        assert list(cleaned("appointments", "patient_id", cell).rejects) == [0]
    assert value_of("patients", "given_name", cell) == text
    assert value_of("appointments", "type_id", cell) == text


@pytest.mark.parametrize(
    ("kind", "column", "cell", "value"),
    [
        pytest.param("patients", "mobile", '="91234567"', ("+4791234567", True), id="a mobile"),
        pytest.param("patients", "email", '="kari@post.example"', "kari@post.example", id="an address"),
        pytest.param("patients", "consent", '="ja"', True, id="yes"),
        pytest.param("patients", "push_token", '="ab12"', "ab12", id="a token"),
        pytest.param("appointments", "status", '="Avtalt"', ("booked", None), id="a status"),
        pytest.param("appointments", "starts_at", '="28.11.2027 09:30"', 1827390600, id="a time"),
        pytest.param("appointments", "starts_at", '="28.11.2027" ="09:30"', 1827390600, id="a date and a clock"),
        pytest.param("appointments", "starts_at", '28.11.2027 ="09:30"', 1827390600, id="one of the two"),
        pytest.param("clinics", "country", '="NO"', "NO", id="a country"),
        pytest.param("clinics", "timezone", '="Europe/Oslo"', "Europe/Oslo", id="a zone"),
    ],
)
def test_so_it_is_in_every_cell(kind: str, column: str, cell: str, value: Any) -> None:
    clean = cleaned(kind, column, cell)
    assert (clean.columns[column], clean.rejects, clean.warnings) == ([value], {}, [])


@pytest.mark.parametrize(
    "patients",
    [
        pytest.param('Pasientnr;Fornavn;Mobil;Samtykke\n="0123";Kari;="91234567";ja\n', id="as it is"),
        pytest.param('"Pasientnr";"Fornavn";"Samtykke"\n"=""0123""";"=""Kari""";"=""ja"""\n', id="in quotes, doubled"),
        pytest.param('="Pasientnr";="Fornavn";="Samtykke"\n="0123";="Kari";="ja"\n', id="the names of columns too"),
        pytest.param('Klinikk,Pasientnr,Fornavn,Samtykke\r\n="nidelv",="0123",Kari,ja\r\n', id="and the clinic"),
        pytest.param('Pasientnr\tFornavn\tSamtykke\n"=""0123"""\tKari\tja\n', id="tabs"),
    ],
)
def test_an_id_in_formula_text_is_the_id_that_other_files_have(tmp_path: Path, patients: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    assert imported(clinic, patients, name="p.csv")["new"] == 1
    assert stored(clinic, "SELECT given_name FROM patient WHERE patient_id = '0123'") == [("Kari",)]
    report = imported(clinic, "Timenr;Pasientnr;Dato;Klokkeslett;Status\n1;0123;28.11.2027;09:30;Avtalt\n")
    assert report["new"] == 1
    assert [one["line"] for one in report["problems"] if one["line"]] == []
    query = "SELECT given_name FROM appointment JOIN patient USING (clinic_id, patient_id) WHERE patient_id = '0123'"
    assert stored(clinic, query) == [("Kari",)]


def test_a_clinics_own_column_names_serve_its_rows_in_formula_text_too(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, '[clinic.nidelv]\ncolumns = { "Pas" = "patient_id" }\n')
    (tmp_path / "p.csv").write_text('Klinikk;Pas;Samtykke\n="nidelv";="0123";ja\n', encoding="utf-8")
    [report] = clinic.json("import", str(tmp_path / "p.csv"))["files"]
    assert (report["error"], report["new"]) == (None, 1)


# Control characters

CONTROLS = [
    pytest.param("\n", id="a line end"),
    pytest.param("\r\n", id="two"),
    pytest.param("\t", id="a tab"),
    pytest.param("\x1b", id="an escape"),
    pytest.param("\x7f", id="delete"),
    pytest.param("\x9b", id="an escape of eight bits"),
    pytest.param("\u200e", id="left to right"),
    pytest.param("\u202e", id="right to left, overriding"),
    pytest.param("\u2067", id="an isolate"),
    pytest.param("\u2028", id="a line separator"),
    pytest.param("\ufeff", id="a mark of byte order"),
]


@pytest.mark.parametrize("control", CONTROLS)
def test_control_characters_make_an_id_invalid(control: str) -> None:
    cells = [f"A{control}1", "A1", f"A1{control}"]
    for column in ("patient_id", "clinic_id"):
        clean = Clean({})
        Cleaner("clinics", SOURCE, NOW).identifiers(column, cells, clean)
        assert list(clean.rejects) == [0, 2]
        assert "control character" in clean.rejects[0].reason
    clean = Clean({})
    assert Cleaner("patients", SOURCE, NOW).clinic_ids([f"nid{control}elv", "nidelv"], clean) == ["", "nidelv"]
    assert list(clean.rejects) == [0]


@pytest.mark.parametrize("column", ["patient_id", "clinic_id"])
def test_an_id_has_an_end(column: str) -> None:
    """Two of them fit into one entry of an index, whatever their letters are and whichever engine keeps it."""
    clean, longest = Clean({}), "\U0001f600" * 200
    cleaner = Cleaner("clinics", SOURCE, NOW)
    assert cleaner.identifiers(column, [longest, f" {longest} ", f"{longest}1", f'="{longest}"'], clean) == [
        *(longest, longest, "", longest)
    ]
    assert {row: reject.reason for row, reject in clean.rejects.items()} == {
        2: "has more than 200 characters, and so is no id"
    }


def test_a_type_without_end_counts_as_none_and_a_token_may_be_long() -> None:
    clean = cleaned("appointments", "type_id", "K" * 201)
    assert (clean.columns["type_id"], clean.rejects) == ([""], {})
    assert "200 characters" in clean.warnings[0].reason
    clean = cleaned("patients", "push_token", "K" * 4096)
    assert (clean.columns["push_token"], clean.warnings) == (["K" * 4096], [])


@pytest.mark.parametrize("control", CONTROLS)
def test_an_id_that_a_row_can_do_without_counts_as_none(control: str) -> None:
    for kind, column, none in (("appointments", "type_id", ""), ("patients", "push_token", "")):
        clean = cleaned(kind, column, f"K{control}1")
        assert (clean.columns[column], clean.rejects) == ([none], {})
        assert "control character" in clean.warnings[0].reason


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    ("kind", "column", "cell", "value"),
    [
        pytest.param("patients", "given_name", "Kari{}Anne{}", "Kari Anne", id="a name"),
        pytest.param("clinics", "name", "{}Nidelv{}legesenter", "Nidelv legesenter", id="a clinic's"),
        pytest.param("clinics", "sender_sms", "Nidelv{}", "Nidelv", id="a sender"),
        pytest.param("appointments", "location", "Rom 1{}2. etasje", "Rom 1 2. etasje", id="a place"),
        pytest.param("patients", "mobile", "{}+47 912{}34 567{}", ("+4791234567", True), id="a number"),
        pytest.param("patients", "email", "{}kari@post.example{}", "kari@post.example", id="an address"),
        pytest.param("appointments", "status", "Ikke{}møtt", ("noshow", None), id="a word"),
        pytest.param("patients", "consent", "{}ja{}", True, id="yes"),
        pytest.param("appointments", "starts_at", "{}28.11.2027{}09:30", 1827390600, id="a time"),
        pytest.param("clinics", "timezone", "{}Europe/Oslo{}", "Europe/Oslo", id="a zone"),
    ],
)
def test_elsewhere_control_characters_are_spaces(kind: str, column: str, cell: str, value: Any, control: str) -> None:
    clean = cleaned(kind, column, cell.replace("{}", control))
    assert (clean.columns[column], clean.rejects, clean.warnings) == ([value], {}, [])


def test_letters_that_only_join_others_stay(tmp_path: Path) -> None:
    assert value_of("patients", "given_name", "Kari 👩‍⚕️ Anne") == "Kari 👩‍⚕️ Anne"


def test_no_control_character_of_a_file_is_stored(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    rows = 'Q1;"Kari\x1b[31m\nAnne";ja\n"Q\n2";Ola;ja\nQ3;\u202eenok;ja\n'
    report = imported(clinic, f"Pasientnr;Fornavn;Samtykke\n{rows}")
    assert (report["new"], [one["line"] for one in report["problems"] if one["what"] == "rejected"]) == (2, [4])
    names = stored(clinic, "SELECT given_name FROM patient WHERE patient_id LIKE 'Q%' ORDER BY 1")
    assert names == [("Kari [31m Anne",), ("enok",)]


# Clinics' addresses


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        pytest.param("portal_url", "www.nidelv.example/portal", id="no scheme"),
        pytest.param("portal_url", "javascript:alert(1)", id="a script"),
        pytest.param("portal_url", "ftp://nidelv.example", id="ftp"),
        pytest.param("portal_url", "https://", id="no host"),
        pytest.param("portal_url", "https:///portal", id="a path alone"),
        pytest.param("portal_url", "https://nidelv .example", id="a space in the host"),
        pytest.param("portal_url", "https://[::1", id="half an address"),
        pytest.param("portal_url", 'https://nidelv.example/"><b>', id="marks of HTML"),
        pytest.param("payments_url", "kommer", id="a word"),
        pytest.param("payments_url", "http:nidelv.example", id="no slashes"),
        pytest.param("sender_email", "Nidelv legesenter", id="a name"),
        pytest.param("sender_email", "post@nidelv", id="no domain"),
        pytest.param("sender_email", "post@nidelv.example, to@nidelv.example", id="two"),
        pytest.param("sender_email", "Nidelv <post at nidelv.example>", id="none within brackets"),
    ],
)
def test_a_clinics_address_that_is_none_counts_as_missing(column: str, cell: str) -> None:
    clean = cleaned("clinics", column, cell)
    assert (clean.columns[column], clean.rejects) == ([""], {})
    assert [one.column for one in clean.warnings] == [column]
    assert "counts as missing" in clean.warnings[0].reason


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        pytest.param("portal_url", "", "", id="none"),
        pytest.param("portal_url", " https://nidelv.example/portal?klinikk=1#inn ", None, id="with all its parts"),
        pytest.param("portal_url", "HTTP://nidelv.example:8080", None, id="http"),
        pytest.param("portal_url", "https://pasient.nidelvå.example/æ", None, id="letters beyond ASCII"),
        pytest.param("payments_url", "https://[2001:db8::1]/betal", None, id="by number"),
        pytest.param("sender_email", "post@NIDELV.example", "post@nidelv.example", id="an address"),
        pytest.param("sender_email", "Nidelv <post@nidelv.example>", None, id="with its name"),
        pytest.param("sender_email", "", "", id="no sender"),
    ],
)
def test_a_clinics_address_that_is_one_stays(column: str, cell: str, value: str | None) -> None:
    clean = cleaned("clinics", column, cell)
    assert (clean.columns[column], clean.warnings) == ([cell.strip() if value is None else value], [])


# Times that cannot be read


@pytest.mark.parametrize("cell", ["i går", "31.11.2026 09:00", "29.03.2026 02:30", "2026-06-01", "12:00"])
@pytest.mark.parametrize(
    ("kind", "column"),
    [
        *[("appointments", column) for column in ("booked_at", "changed_at", "cancelled_at")],
        *[("dialogs", "sent_at"), ("receipts", "paid_at"), ("external", "sent_at")],
    ],
)
def test_a_time_of_an_event_that_cannot_be_read_is_that_of_the_import(kind: str, column: str, cell: str) -> None:
    clean = cleaned(kind, column, cell, "", "2027-01-01T10:00", "2026-06-01T10:00")
    unread, blank, not_yet, plain = clean.columns[column]
    assert (type(unread), unread, blank, type(not_yet), not_yet, type(plain)) == (
        *(Illegible, NOW, None),
        *(NotYet, NOW, int),
    )
    assert clean.rejects == {}
    assert [one.row for one in clean.warnings] == [0, 2]
    assert clean.warnings[0].reason.endswith("the time of the import was taken")


def test_a_time_of_an_event_that_occurs_twice_knows_both() -> None:
    clean = Cleaner("appointments", SOURCE, NOW + 365 * 86400).clean({"changed_at": ["25.10.2026 02:30"]}, ["nidelv"])
    [at] = clean.columns["changed_at"]
    assert isinstance(at, OccursTwice)
    assert (at, at.second) == (1_792_888_200, 1_792_891_800)
    assert [one.reason for one in clean.warnings] == ["occurs twice that night; the first was taken"]


@pytest.mark.parametrize("cell", ["i går", "31.11.2026 09:00", "29.03.2026 02:30", "2026-06-01"])
@pytest.mark.parametrize(("kind", "column"), [("appointments", "ends_at"), ("patients", "last_login_at")])
def test_any_other_time_that_cannot_be_read_counts_as_none(kind: str, column: str, cell: str) -> None:
    clean = cleaned(kind, column, cell)
    assert (clean.columns[column], clean.rejects) == ([None], {})
    assert clean.warnings[0].reason.endswith("counts as none")


@pytest.mark.parametrize("cell", ["", "i går", "31.11.2026 09:00", "29.03.2026 02:30", "2026-06-01"])
def test_only_starts_at_makes_a_row_useless(cell: str) -> None:
    assert list(cleaned("appointments", "starts_at", "2026-06-01T10:00", cell).rejects) == [1]


def test_a_login_that_cannot_be_read_takes_neither_consent_nor_address(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    report = imported(
        clinic, "Pasientnr;E-post;Samtykke;Sist innlogget\nQ1;kari@post.example;ja;for lenge siden\nQ2;;nei;\n"
    )
    assert (report["new"], report["rejected"], report["warnings"]) == (2, 0, 1)
    query = "SELECT email, consent, last_login_at FROM patient WHERE patient_id = 'Q1'"
    assert stored(clinic, query) == [("kari@post.example", 1, None)]


@pytest.mark.parametrize(
    ("times", "booked_at"),
    [
        pytest.param("i går;;", NOW, id="of the booking"),
        pytest.param("2026-06-02T10:00;i går;", NOW - 26 * 3600, id="of a change that was none"),
        pytest.param(";;i går", NOW, id="of a cancellation that was none"),
    ],
)
def test_an_appointment_whose_times_cannot_be_read_is_booked(tmp_path: Path, times: str, booked_at: int) -> None:
    clinic = Clinic.begun_in(tmp_path)
    header = "appointment_id;patient_id;type_id;starts_at;status;booked_at;changed_at;cancelled_at"
    report = imported(clinic, f"{header}\nA1;P1;KONS;2026-06-18T10:00;booked;{times}\n")
    assert (report["new"], report["rejected"], report["warnings"]) == (1, 0, 1)
    assert stored(clinic, "SELECT kind, at FROM appointment_event") == [("booking", booked_at)]
    assert stored(clinic, "SELECT changed_at, cancelled_at FROM appointment") == [(None, None)]


@pytest.mark.parametrize(
    ("header", "row", "query"),
    [
        pytest.param(
            "dialog_id;patient_id;kind;sent_at", "D1;P1;dialog;ukjent", "SELECT sent_at FROM dialog", id="a dialog"
        ),
        pytest.param(
            "receipt_id;patient_id;status;paid_at", "R1;P1;paid;?", "SELECT paid_at FROM receipt", id="a bill card"
        ),
        pytest.param(
            "external_id;patient_id;sender;event;channel;sent_at",
            "E1;P1;digicare;reminder;sms;29.03.2026 02:30",
            "SELECT sent_at FROM external",
            id="what others sent",
        ),
    ],
)
def test_other_events_whose_time_cannot_be_read_happen_at_the_import(
    tmp_path: Path, header: str, row: str, query: str
) -> None:
    clinic = Clinic.begun_in(tmp_path)
    report = imported(clinic, f"{header}\n{row}\n")
    assert (report["new"], report["rejected"], report["warnings"]) == (1, 0, 1)
    assert stored(clinic, query) == [(NOW,)]
