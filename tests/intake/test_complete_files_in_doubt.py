"""--complete where not all was read, or where several files of one call hold a clinic's appointments together.

Goes by the command line, and looks at what is booked afterwards. Source: docs/files.md, "Files that hold everything".
"""

import json
from pathlib import Path

import pytest

from tests.support.complete_files import ALL_BUT_THREE, GONE, MANY, Clinics, ids, missing, row, rows


@pytest.fixture
def full(tmp_path: Path) -> Clinics:
    clinics = Clinics(tmp_path)
    clinics.has(*rows(*MANY))
    return clinics


# What nobody can know


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("nidelv;;P1;2026-07-01T10:00;booked;", id="no id"),
        pytest.param("nidelv;A30;P1", id="too few cells"),
        pytest.param("nidelv;A30;P1;2026-07-01T10:00;booked;;;x", id="too many cells"),
        pytest.param(";A30;P1;2026-07-01T10:00;booked;", id="no clinic"),
        pytest.param("nidlev;A30;P1;2026-07-01T10:00;booked;", id="a clinic that nobody knows"),
    ],
)
def test_a_row_without_an_id_keeps_everything(full: Clinics, odd: str) -> None:
    path = full.write([*rows(*MANY[:-1]), odd, row(31)])
    exit_code, [report] = full.json("--cancel-missing", path)
    assert (exit_code, report["events"]["cancellation"], report["new"]) == (1, 0, 1)
    assert "missing" not in report
    assert "so nothing was cancelled as missing: 1 row does not tell" in report["problems"][-1]["text"]
    assert full.booked() == ids(*MANY, 31)
    assert "it is not known which appointments are missing: 1 row" in full.call("--complete", path).err


def bundle(*numbers: int, link: str) -> str:
    entries = [
        {
            "resource": {
                "resourceType": "Appointment",
                "id": f"A{number}",
                "status": "booked",
                "start": f"2026-07-01T10:{number:02}:00+02:00",
                "participant": [{"actor": {"reference": "Patient/P1"}}],
            }
        }
        for number in numbers
    ]
    links = [{"relation": link, "url": "https://journal.example/?page=2"}]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def test_a_page_of_a_search_is_not_all(full: Clinics) -> None:
    page, last = full.folder / "page.json", full.folder / "last.json"
    page.write_text(bundle(*ALL_BUT_THREE, link="next"), encoding="utf-8")
    last.write_text(bundle(*ALL_BUT_THREE, link="self"), encoding="utf-8")
    options = ("--cancel-missing", "--clinic", "nidelv")
    assert "page.json is one page of several" in full.call(*options, str(page)).err
    assert full.booked() == ids(*MANY)
    assert set(missing(full.report(*options, str(last)))) == GONE
    pages = full.folder / "pages.ndjson"
    pages.write_text(f"{bundle(1, link='next')}\n{bundle(2, link='self')}\n", encoding="utf-8")
    assert len(missing(full.report("--complete", "--clinic", "nidelv", str(pages)))) == 25


@pytest.mark.parametrize(
    ("said", "is_whole"), [pytest.param(27, True, id="as many"), pytest.param(28, False, id="one that is not there")]
)
def test_messages_of_hl7_name_appointments_too(full: Clinics, said: int, is_whole: bool) -> None:
    messages = [
        f"MSH|^~\\&|EPJ|nidelv|||20260603110000+0200||SIU^S12|M{number}|P|2.5\rSCH||A{number}|||||||||"
        f"^^^202607011000+0200\rPID|||P1^^^^PI\r"
        for number in ALL_BUT_THREE
    ]
    path = full.folder / "siu.hl7"
    path.write_text(f"BHS|^~\\&|EPJ\r{''.join(messages)}BTS|{said}\r", encoding="utf-8")
    exit_code, reports = full.json("--cancel-missing", "--force", str(path))
    assert (exit_code, "missing" in reports[-1]) == (0 if is_whole else 1, is_whole)
    assert full.booked() == ids(*(ALL_BUT_THREE if is_whole else MANY))


# Several files of one call


def test_files_of_one_call_are_judged_together(full: Clinics) -> None:
    one, other = full.write(rows(*MANY[:15]), "lunde.csv"), full.write(rows(*MANY[15:-3]), "hansen.csv")
    exit_code, reports = full.json("--cancel-missing", one, other)
    assert (exit_code, full.booked()) == (0, ids(*ALL_BUT_THREE))
    assert "missing" not in reports[0]
    assert set(missing(reports[1])) == GONE


def test_a_dry_run_judges_them_together_too(full: Clinics) -> None:
    one, other = full.write(rows(*MANY[:15]), "lunde.csv"), full.write(rows(*MANY[15:-3]), "hansen.csv")
    _, reports = full.json("--cancel-missing", "--dry-run", one, other)
    assert set(missing(reports[1])) == GONE
    assert full.booked() == ids(*MANY)


def test_the_share_is_of_what_there_was_before_the_call(full: Clinics) -> None:
    """The first file brings a hundred new ones; four of the thirty before it are too many all the same."""
    one, other = full.write(rows(*range(100, 200)), "new.csv"), full.write(rows(*MANY[:-4]), "old.csv")
    answer = full.call("--cancel-missing", one, other)
    assert answer.exit == 4
    assert "would cancel 4 (all of them missing in it) of the 30 future appointments of nidelv" in answer.err
    assert full.booked() == ids(*MANY, *range(100, 200))


@pytest.mark.parametrize(
    ("name", "lines", "why"),
    [
        pytest.param("a.csv", ["x;y", "1;2"], "a.csv was not imported", id="no known header"),
        pytest.param(
            "a.csv",
            ["clinic_id;appointment_id;patient_id;starts_at;status", *rows(*MANY, status="cancelled")],
            "a.csv was not imported",
            id="stopped",
        ),
        pytest.param(
            "a.csv",
            ["clinic_id;appointment_id;patient_id;starts_at;status", row(1), 'nidelv;A2;"P1;2026-07-01'],
            "a.csv was not imported",
            id="broken further down",
        ),
    ],
)
def test_another_file_that_fails_keeps_everything(full: Clinics, name: str, lines: list[str], why: str) -> None:
    header, *rest = lines
    failing = full.write([line.removesuffix(";2026-05-04T12:00") for line in rest], name, header)
    path = full.write(rows(*ALL_BUT_THREE), "b.csv")
    answer = full.call("--cancel-missing", failing, path)
    assert answer.exit in (1, 4)
    assert f"so nothing was cancelled as missing: {why}" in answer.err
    assert full.booked() == ids(*MANY)
    full.call("--cancel-missing", "--dry-run", failing, path)
    assert why in full.call("--cancel-missing", "--dry-run", failing, path).err


def test_a_folder_in_which_a_file_waits_keeps_everything(full: Clinics) -> None:
    full.write(rows(*ALL_BUT_THREE), "folder/b.csv")
    (full.folder / "folder" / "c.csv").write_text("clinic_id;appointment_id;patient_id;starts_at;status\nnidelv;A2")
    answer = full.call("--cancel-missing", str(full.folder / "folder"))
    assert (answer.exit, full.booked()) == (1, ids(*MANY))
    assert "c.csv is still being written" in answer.err


@pytest.mark.slow
def test_a_folders_file_that_was_imported_before_keeps_everything(full: Clinics) -> None:
    """The other doctor's has not changed, so it is not read, and names nothing."""
    folder = full.folder / "folder"
    full.write(rows(*MANY[:27]), "folder/lunde.csv")
    full.call(str(folder))
    full.write(rows(*MANY[27:29]), "folder/hansen.csv")
    answer = full.call("--cancel-missing", "--force", str(folder))
    assert (answer.exit, full.booked()) == (1, ids(*MANY))
    assert "lunde.csv was imported before" in answer.err
    named = sorted(map(str, folder.glob("*.csv")))
    assert full.call("--cancel-missing", *named).exit == 0
    assert full.booked() == ids(*MANY[:29])


@pytest.mark.slow
def test_files_of_other_kinds_that_were_imported_before_do_not_matter(full: Clinics) -> None:
    folder = full.folder / "folder"
    full.write(["nidelv;P1;yes"], "folder/patients.csv", "clinic_id;patient_id;consent")
    full.call(str(folder))
    full.write(rows(*ALL_BUT_THREE), "folder/b.csv")
    assert full.call("--cancel-missing", str(folder)).exit == 0
    assert full.booked() == ids(*ALL_BUT_THREE)
    assert full.call("--cancel-missing", str(folder)).err == ""
