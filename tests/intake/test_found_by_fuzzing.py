"""What fuzzing and damaged files brought to light, each as small as it can be told."""

import io
import json
import resource
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.formats.excel import Workbook
from tests.fuzz.packing import packed
from tests.fuzz.seeds import ODS, XLSX, as_plain
from tests.support.one_clinic import Clinic


def zipped(path: Path, members: list[tuple[str, str]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_an_ods_that_is_cut_short_is_not_read_for_ever_because_it_has_a_part_of_an_xlsx():
    parts = ODS | {"content.xml": ODS["content.xml"].partition(b"</table:table>")[0], "xl/workbook.xml": b"<workbook/>"}
    with pytest.raises(Unreadable, match="no workbook that can be read"):
        Workbook(io.BytesIO(packed(as_plain(parts))), None, lambda cells: True)


FIRST, LAST = b'<c r="A1" t="str"><v>Timenr</v></c><c r="B1" t="str"><v>Dato</v></c>', b'<c r="B2"><v>1</v></c>'
SHEET = b'<worksheet><sheetData><row r="1">' + FIRST + b'</row><row r="2">' + LAST + b"</row></sheetData></worksheet>"


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(b'<c r="enxmlforma2"><v>1</v></c>', id="a column of ten small letters"),
        pytest.param(b'<c r="xfd2000000"><v>1</v></c>', id="small letters"),
        pytest.param(b"<c r='XFD2000000'><v>1</v></c>", id="other quotes"),
        pytest.param(b'<c r = "XFD2000000"><v>1</v></c>', id="spaces"),
        pytest.param(b'<c r="AAAAAAAB2"><v>1</v></c>', id="more letters than a number holds"),
        pytest.param(b'<c r="B99999999999"><v>1</v></c>', id="more digits than a number holds"),
        pytest.param(b'<c/></row><row r="99999999"><c/><c/><c><v>1</v></c>', id="by its row"),
        pytest.param(b'<c t="n" r="XFD200000"><v>1</v></c>', id="not first"),
    ],
)
def test_a_far_cell_does_not_fill_the_memory_however_its_place_is_written(cell):
    content = packed(as_plain(XLSX | {"xl/worksheets/sheet1.xml": SHEET.replace(LAST, cell)}))
    with pytest.raises(Unreadable, match=r"too large|no workbook"):
        Workbook(io.BytesIO(content), None, lambda cells: True)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(b'<c r="b2"><v>1</v></c>', id="small letters"),
        pytest.param(b"<c  r='B2'><v>1</v></c>", id="other quotes"),
        pytest.param(b"<c/><c><v>1</v></c>", id="no place"),
        pytest.param(b'<c r="B2"><v>1</v></c><c r="XFD2000000"/>', id="a format far away"),
        pytest.param(b"<c r='B2'><v>1</v></c><c r='XFD1000000' s='1'/>", id="a format far away in other quotes"),
    ],
)
def test_a_near_cell_is_read_however_its_place_is_written(cell):
    content = packed(as_plain(XLSX | {"xl/worksheets/sheet1.xml": SHEET.replace(LAST, cell)}))
    (block,) = Workbook(io.BytesIO(content), None, lambda cells: True).blocks()
    assert (list(block.lines), list(block.rows)) == ([2], [["", "1"]])


def test_an_error_left_of_all_cells_that_hold_something_is_of_no_column():
    sheet = SHEET.replace(b'"A', b'"D').replace(b'"B', b'"E').replace(b'<c r="E2">', b'<c r="A2" t="e"/><c r="E2">')
    content = packed(as_plain(XLSX | {"xl/worksheets/sheet1.xml": sheet}))
    (block,) = Workbook(io.BytesIO(content), None, lambda cells: True).blocks()
    assert (list(block.rows), list(block.warnings)) == ([["", "1"]], [])


@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_ods_does_not_fill_the_memory_however_a_repetition_is_written(quote):
    far = f"table:x={quote}>{quote} table:number-columns-repeated={quote}90000000{quote} office:value-type={quote}float"
    text = ODS["content.xml"].replace(b'office:value-type="float', far.encode() + (b"" if quote == '"' else b"' x=\""))
    content = io.BytesIO(packed(as_plain(ODS | {"content.xml": text})))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with suppress(Unreadable):
        list(Workbook(content, None, lambda cells: True).blocks())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB


def test_a_member_without_a_name_is_no_traceback(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    path = zipped(tmp_path / "export.zip", [("x", "clinic_id;type_id;notifications\nnidelv;KONS;maybe\n")])
    content = path.read_bytes()
    directory = content.rindex(b"PK\x01\x02")
    assert content[directory + 28] == 1  # the length of the name
    nameless = content[: directory + 28] + b"\0" + content[directory + 29 : directory + 46] + content[directory + 47 :]
    nameless = nameless[:-10] + (len(content) - 22 - directory - 1).to_bytes(4, "little") + nameless[-6:]
    path.write_bytes(nameless)
    (told,) = clinic.json("import", str(path))["files"]
    assert told["error"] or told["rejected"] == 1


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("2025/types.csv", "2026/types.csv"), id="in two folders"),
        pytest.param(("2025/types.csv", "2025.types.csv"), id="whose folder reads like a part of the name"),
        pytest.param(("types.csv", "../types.csv"), id="above the archive"),
    ],
)
def test_rejects_of_members_of_the_same_name_are_not_written_over(tmp_path, names):
    clinic = Clinic.begun_in(tmp_path)
    header = "clinic_id;type_id;notifications"
    members = [
        (name, f"{header}\nnidelv;KONS;{word}\n") for name, word in zip(names, ("maybe", "perhaps"), strict=True)
    ]
    clinic.call("import", str(zipped(tmp_path / "export.zip", members)))
    rejects = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("export.zip*.rejects.csv"))
    assert (rejects.count("maybe"), rejects.count("perhaps")) == (1, 1)


BOOKED = {
    "resourceType": "Appointment",
    "id": "T1",
    "status": "booked",
    "start": "2026-06-12T10:00:00+02:00",
    "created": "2026-06-01T10:00:00+02:00",
    "participant": [{"actor": {"reference": "Patient/P1"}}],
}


def test_a_bare_cancellation_cancels_what_the_same_file_has_booked_before_it(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    bare = {"resourceType": "Appointment", "id": "T1", "status": "cancelled"}
    path = tmp_path / "appointments.json"
    entries = [{"resource": one} for one in (BOOKED, bare)]
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}), encoding="utf-8")
    first, again = (clinic.json("import", "--clinic", "nidelv", str(path))["files"][0] for _ in range(2))
    assert (first["new"], first["stale"], first["rejected"]) == (1, 1, 0)
    assert (again["new"], again["changed"], again["rejected"]) == (0, 0, 0)
