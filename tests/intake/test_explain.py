"""`notify import --explain`: what each column is taken for, masked cells, lines for notify.toml that map the rest."""

import json
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli import config
from notifycli.intake.formats.blocks import Block
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, recognise
from notifycli.intake.mapping.explaining import Explanation, explained, sample_of
from notifycli.intake.mapping.masking import LONGEST, mask, samples
from tests.support.one_clinic import Clinic

UNKNOWN = (
    "Pasientreferanse;Timeref;Dag;Oppmøte kl.;Tilstand;Opprettet dato;Merknad\n"
    "0001;55301;18.06.2026;10:00;Avtalt;01.06.2026 10:00;Kari ringte\n"
    "0002;55302;19.06.2026;09:30;Avbestilt;01.06.2026 11:00;\n"
)


def explanation_of(text: str, kind: str | None = None, clinic: str | None = None, **own: str) -> Explanation:
    """Of lines of cells between semicolons."""
    header, *rows = [line.split(";") for line in text.splitlines()]
    return explained(sample_of([Block(tuple(header), rows, range(2, len(rows) + 2))]), kind, clinic, own)


def guessed(found: Explanation) -> dict[str, tuple[str, bool]]:
    return {one.name: (one.guess.column, one.guess.is_sure) for one in found.columns if one.guess}


def test_a_known_file_says_what_each_column_is_taken_for() -> None:
    found = explanation_of("Klinikk;Pasientnr;Samtykke;Mobil;Skonr\nnidelv;P1;ja;91234567;44\n")
    assert (found.kind, found.problem, found.lines, found.rows) == ("patients", None, (), 1)
    assert [(one.name, one.taken_for) for one in found.columns] == [
        *[("Klinikk", "clinic_id"), ("Pasientnr", "patient_id"), ("Samtykke", "consent"), ("Mobil", "mobile")],
        ("Skonr", None),
    ]


def test_a_date_and_a_clock_are_both_the_same() -> None:
    found = explanation_of("Klinikk;Timenr;Pasientnr;Dato;Klokkeslett;Status\nnidelv;A1;P1;18.06.2026;10:00;avtalt\n")
    assert [one.taken_for for one in found.columns][3:5] == ["starts_at", "starts_at"]


@pytest.mark.parametrize(
    ("text", "guesses"),
    [
        pytest.param(
            UNKNOWN,
            {
                **{"Pasientreferanse": ("patient_id", True), "Timeref": ("appointment_id", True)},
                **{"Dag": ("starts_at", True), "Oppmøte kl.": ("starts_at", True), "Tilstand": ("status", True)},
                "Opprettet dato": ("booked_at", True),
            },
            id="appointments of which no name is known",
        ),
        pytest.param(
            "Pasientnr;Samtykke SMS\nP1;ja\nP2;nei", {"Samtykke SMS": ("consent", False)}, id="consent is never sure"
        ),
        pytest.param("Pasientnr;Røyker\nP1;ja\nP2;nei", {"Røyker": ("consent", False)}, id="yes and no alone"),
        pytest.param(
            "Pasientnr;Samtykke;Telefon\nP1;ja;91234567", {"Telefon": ("mobile", True)}, id="name and cells together"
        ),
        pytest.param("Pasientnr;Samtykke;Telefon\nP1;ja;73512345", {}, id="a landline gets no SMS"),
        pytest.param("Pasientnr;Samtykke;X\nP1;ja;a@b.example", {"X": ("email", False)}, id="cells alone are unsure"),
        pytest.param("Pasientnr;Samtykke;X\nP1;ja;a@b.example\nP2;ja;Kari", {}, id="half of the cells are others"),
        pytest.param("Personnummer;Samtykke\n08015764937;ja", {}, id="a number of a person is no id"),
        pytest.param("Fødselsdato;Samtykke;Pasientnr\n01.02.1980;ja;P1", {}, id="a birthday is nothing"),
        pytest.param(
            "Timenr;Pasientnr;Fødselsdato;Klokke;Status\nA1;P1;01.02.1980;10:00;avtalt",
            {},
            id="nor with a clock beside it",
        ),
        pytest.param(
            "Timenr;Pasientnr;Dato;Møteklokke;Status\nA1;P1;11.06.2026;10:00;avtalt",
            {"Dato": ("starts_at", True), "Møteklokke": ("starts_at", True)},
            id="a clock beside a date that is known",
        ),
        pytest.param("Timenr;Pasientnr;Dato;Status\nA1;P1;x;y", {}, id="nothing fits"),
        pytest.param("Pasientnr;Samtykke;X;X\nP1;ja;a@b.example;a@b.example", {}, id="two columns of one name"),
    ],
)
def test_guesses(text: str, guesses: dict[str, tuple[str, bool]]) -> None:
    assert guessed(explanation_of(text, clinic="nidelv")) == guesses


def test_a_file_that_one_column_rules_out_is_explained_as_what_has_it() -> None:
    text = "id;patient_id;starts_at;ends_at;cancelled_at\n1;P1;2026-06-28T08:30Z;2026-06-28T09:00Z;\n"
    found = explanation_of(text, clinic="nidelv")
    assert (found.kind, found.nearest, found.lacks) == (None, "appointments", ("appointment_id", "status"))
    assert guessed(found) == {"id": ("appointment_id", False)}


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        pytest.param("patients", "PASREF;Epost 1;SMS-samtykke", id="patients"),
        pytest.param("appointments", "Timeref;Tilstand;Møtedag;Møtekl", id="appointments"),
    ],
)
def test_of_which_kind_it_may_be(kind: str, header: str) -> None:
    cells = {"patients": "0001;kari@post.example;J", "appointments": "55301;avtalt;18.06.2026;10:00"}
    found = explanation_of(f"{header}\n{cells[kind]}\n")
    assert (found.kind, found.nearest) == (None, kind)
    assert found.problem is not None
    assert found.problem.startswith(f"no known header; perhaps it is {kind}, but it lacks clinic_id, ")


def test_of_nothing_that_is_known_it_says_so() -> None:
    found = explanation_of("Skonr;Farge\n44;blå\n")
    assert (found.kind, found.nearest, found.lines) == (None, None, ())
    assert found.problem is not None


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("Kari Fjeldstad;kari@fjeldstad.example", id="an address"),
        pytest.param("Kari Fjeldstad;91234567", id="a number"),
        pytest.param("Kari Fjeldstad;01.02.1980", id="a date"),
    ],
)
def test_a_file_without_a_header_shows_nobody_either(row: str) -> None:
    found = explanation_of(f"{row}\n{row}\n")
    assert found.problem == "its first line looks like a row; write the names of its columns in a line above it"
    assert (found.kind, found.nearest, found.lines) == (None, None, ())
    assert found.columns[0].name == "Xxxx Xxxxxxxxx"


@pytest.mark.parametrize(
    ("cells", "is_of_times", "shown"),
    [
        pytest.param(["Kari Ås", "Per"], False, ("Xxxx Xx", "Xxx"), id="names"),
        pytest.param(["08015764937", "+47 912"], False, ("99999999999", "+99 999"), id="numbers"),
        pytest.param(["kari.ås@post.example"], False, ("xxxx.xx@xxxx.xxxxxxx",), id="an address"),
        pytest.param(["ja", "NEI", "ja"], False, ("ja", "NEI"), id="known words"),
        pytest.param(["Kari", "Ola", "Standard"], False, ("Xxxx", "Xxx", "Xxxxxxxx"), id="a known word among names"),
        pytest.param(["01.02.1980"], False, ("99.99.9999",), id="what may be a birthday"),
        pytest.param(
            ["01.02.1980 00:00", "1980-02-01T00:00:00"], False, ("99.99.9999 99:99", "9999-99-99X99:99:99"), id="too"
        ),
        pytest.param(["01.02.2026"], True, ("01.02.2026",), id="a date of a column of times"),
        pytest.param(["2026-06-01T10:00:00+02:00"], False, ("2026-06-01T10:00:00+02:00",), id="a moment"),
        pytest.param(["7.35", "10:00"], False, ("9.99", "10:00"), id="a measure and a clock"),
        pytest.param(["", " ", "a", "b", "c", "d"], False, ("x", "x", "x"), id="the first three that are filled"),
        pytest.param(["x" * 50], False, ("x" * (LONGEST - 1) + "…",), id="long ones are cut"),
        pytest.param(["\x1b[31m😀\tx"], False, ("·[99x··x",), id="what is no letter"),
    ],
)
def test_cells_are_masked(cells: list[str], is_of_times: bool, shown: tuple[str, ...]) -> None:
    assert samples(cells, is_of_times) == shown


@given(st.text(max_size=30))
def test_a_mask_keeps_the_length_and_no_letter_or_digit(cell: str) -> None:
    assert len(mask(cell)) == len(cell)
    assert not [letter for letter in mask(cell) if letter.isalnum() and letter not in "xX9"]


def test_the_lines_do_map_the_rest(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "timer.csv"
    path.write_text(UNKNOWN.replace("0001", "P4").replace("0002", "P5"), encoding="utf-8")
    assert clinic.json("import", "--clinic", "nidelv", str(path))["files"][0]["error"]
    answer = clinic.call("import", "--explain", "--clinic", "nidelv", "--json", str(path))
    assert answer.exit == 1
    [found] = json.loads(answer.out)["files"]
    (tmp_path / "notify.toml").write_text("\n".join(found["lines_for_notify_toml"]), encoding="utf-8")
    [report] = clinic.json("import", "--clinic", "nidelv", str(path))["files"]
    assert (report["error"], report["new"], report["rejected"]) == (None, 2, 0)
    assert (found["kind_then"], found["lacks_then"]) == ("appointments", [])
    again = clinic.call("import", "--explain", "--clinic", "nidelv", "--json", str(path))
    assert (again.exit, json.loads(again.out)["files"][0]["kind"]) == (0, "appointments")


def test_the_names_that_the_clinic_has_already_stand_there_too(tmp_path: Path) -> None:
    own = '[clinic.nidelv]\ncolumns = { "Ref" = "patient_id" }\n'
    clinic = Clinic.begun_in(tmp_path, own)
    (tmp_path / "p.csv").write_text("Ref;Samtykke;Mob.tlf\nP1;ja;91234567\n", encoding="utf-8")
    [found] = json.loads(
        clinic.call("import", "--explain", "--clinic", "nidelv", "--json", str(tmp_path / "p.csv")).out
    )["files"]
    assert found["kind"] == "patients"
    columns = tomllib.loads("\n".join(found["lines_for_notify_toml"]))["clinic"]["nidelv"]["columns"]
    assert columns == {"Ref": "patient_id", "Mob.tlf": "mobile"}


def test_it_opens_no_database_and_shows_nobody(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    (tmp_path / "p.csv").write_text(
        "Pasientnr;Navn;E-post\nP1;Kari Fjeldstad;kari@fjeldstad.example\n", encoding="utf-8"
    )
    before = sorted(tmp_path.iterdir())
    answer = Clinic(tmp_path).call("import", "--explain", str(tmp_path / "p.csv"))
    assert sorted(tmp_path.iterdir()) == before
    assert "Xxxx Xxxxxxxxx" in answer.out
    assert "Kari" not in answer.out + answer.err
    assert "fjeldstad" not in answer.out + answer.err


def test_several_files_one_of_them_unreadable(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    (tmp_path / "a.csv").write_text("clinic_id;name\nnidelv;Nidelv\n", encoding="utf-8")
    (tmp_path / "b.ndjson").write_text(
        '{"clinic_id": "nidelv"}\n{"type_id": "K", "notifications": true}\n', encoding="utf-8"
    )
    paths = [str(tmp_path / name) for name in ("a.csv", "none.csv", "b.ndjson")]
    answer = Clinic(tmp_path).call("import", "--explain", "--json", *paths)
    first, second, third = json.loads(answer.out)["files"]
    assert (answer.exit, first["kind"], first["format"], first["separator"]) == (1, "clinics", "csv", ";")
    assert second["error"].startswith("there is no such file")
    assert (third["kind"], [one["name"] for one in third["columns"]]) == (
        "types",
        ["clinic_id", "type_id", "notifications"],
    )
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_the_screen_but_for_lines_to_copy(
    tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notify.toml").touch()
    (tmp_path / "t.csv").write_text(UNKNOWN, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = Clinic(tmp_path).call("import", "--explain", str(tmp_path / "t.csv")).out.splitlines()
    assert max(len(line) for line in lines if not line.startswith(("#", '"'))) <= columns
    assert '"Oppmøte kl." = "starts_at"' in lines


NAMES = st.text(max_size=12) | st.sampled_from(["Pasientnr", "Timeref", "Mob.tlf", "Dag", 'a"b\\', "Når\x7f", "\ud800"])
CELLS = st.text(max_size=8) | st.sampled_from(["ja", "10:00", "18.06.2026", "91234567", "a@b.example", "avtalt", "P1"])


@st.composite
def blocks(draw: st.DrawFn) -> list[Block]:
    headers = draw(st.lists(st.lists(NAMES.map(str.strip), max_size=6), min_size=1, max_size=3))
    rows = [draw(st.lists(st.lists(CELLS, max_size=7), max_size=4)) for _ in headers]
    return [Block(tuple(one), of_one, range(len(of_one))) for one, of_one in zip(headers, rows, strict=True)]


@pytest.mark.slow
@given(blocks(), st.none() | st.sampled_from(list(KINDS)), st.none() | st.text(max_size=5))
@settings(deadline=None)
def test_whatever_the_file_the_lines_are_accepted_and_do_what_they_say(
    given_blocks: list[Block], kind: str | None, clinic: str | None
) -> None:
    sample = sample_of(given_blocks)
    found = explained(sample, kind, clinic, {})
    assert len(found.columns) == len(sample.header)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notify.toml")
        path.write_text("\n".join(found.lines), encoding="utf-8")
        settings = config.load(path, {})
        uncommented = "\n".join(line.removeprefix("# ") for line in found.lines if not line.endswith("."))
        path.write_text(uncommented, encoding="utf-8")
        config.load(path, {})
    own = {name: column for one in settings.clinic.values() for name, column in one.columns.items()}
    assert set(own.values()) <= {column for of_kind in COLUMNS.values() for column in of_kind}
    if found.kind_then is not None:
        assert recognise(sample.header, found.kind_then, clinic is not None, own).kind == found.kind_then
