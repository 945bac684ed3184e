"""SPEC section 8: a file that failed is a trouble until it is imported, a rejected row until it is, or until
`notify imports settle N`. Goes by the command line."""

import gzip
from pathlib import Path

import pytest

from tests.support.one_clinic import NOON, Clinic
from tests.support.open_imports import A_WEEK_ON, LAST, LATER, again, begun_in, bring, codes, is_settled

PATIENTS = "clinic_id;patient_id;consent\n"
GOOD, BAD, NO_ID = "nidelv;N1;yes\n", "nidelv;N1;maybe\n", "nidelv;;yes\n"
UNBALANCED = f'{PATIENTS}nidelv;"N1;yes\n'
UNKNOWN = "nothing;that\nis;known\n"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return begun_in(tmp_path)


FAILURES = [
    pytest.param(UNBALANCED, [], "rows.csv", id="an unbalanced quote"),
    pytest.param(UNKNOWN, [], "rows.csv", id="no known header"),
    pytest.param("", [], "rows.csv", id="empty"),
    pytest.param(gzip.compress(PATIENTS.encode())[:20], [], "rows.csv.gz", id="cut where it is packed"),
    pytest.param(b"PK\x03\x04 and no more", [], "rows.xlsx", id="no workbook"),
    pytest.param(b"\xff\xfe\x00\xd8\x00", ["--encoding", "utf-8"], "rows.csv", id="bytes that fit no encoding"),
    pytest.param("{} {", ["--kind", "patients"], "rows.ndjson", id="broken JSON"),
]


@pytest.mark.parametrize(("content", "options", "name"), FAILURES)
def test_a_file_that_failed_is_a_trouble_until_it_is_imported(
    clinic: Clinic, content: str | bytes, options: list[str], name: str
) -> None:
    number = bring(clinic, content, *options, name=name)
    assert codes(clinic) == codes(clinic, A_WEEK_ON) == ["import_failed"]
    (trouble,) = clinic.json("status", at=LAST)["troubles"]
    assert str(clinic.folder / name) in trouble["detail"]
    assert trouble["since"] == "2026-06-03T10:00:00Z"
    assert not is_settled(clinic, number)
    good = f"{PATIENTS}{GOOD}"
    if name.endswith("json"):
        good = '{"clinic_id": "nidelv", "patient_id": "N1", "consent": "yes"}\n'
    bring(clinic, gzip.compress(good.encode()) if name.endswith(".gz") else good, name=name, at=LATER)
    assert codes(clinic) == codes(clinic, A_WEEK_ON) == []
    assert is_settled(clinic, number)


@pytest.mark.parametrize(("content", "options", "name"), FAILURES)
def test_or_until_it_is_settled(clinic: Clinic, content: str | bytes, options: list[str], name: str) -> None:
    number = bring(clinic, content, *options, name=name)
    answer = clinic.call("imports", "settle", str(number), at=LATER)
    assert (answer.exit, answer.out) == (0, "")
    assert f"import {number} is settled" in answer.err
    assert codes(clinic) == []
    assert "not imported, settled" in clinic.call("imports").out


OTHERS = [
    pytest.param(f"{PATIENTS}{GOOD}", [], "other.csv", id="another file"),
    pytest.param(f"{PATIENTS}{GOOD}", [], "elsewhere/rows.csv", id="a file of that name in another folder"),
    pytest.param("clinic_id;type_id;notifications\nnidelv;NEW;yes\n", [], "rows.csv", id="another kind"),
    pytest.param("patient_id;consent\nN1;yes\n", ["--clinic", "york"], "rows.csv", id="another clinic's"),
    pytest.param(UNBALANCED, ["--clinic", "nidelv", "--kind", "patients"], "rows.csv", id="failed again"),
]


@pytest.mark.parametrize(("content", "options", "name"), OTHERS)
def test_another_import_settles_nothing(clinic: Clinic, content: str, options: list[str], name: str) -> None:
    number = bring(clinic, UNBALANCED, "--clinic", "nidelv", "--kind", "patients")
    bring(clinic, content, *options, name=name, at=LATER)
    assert codes(clinic) == ["import_failed"]
    assert not is_settled(clinic, number)


def test_the_same_content_under_another_name_is_the_same_file(clinic: Clinic) -> None:
    content = "patient_id;consent\nN1;yes\n"
    bring(clinic, content)
    assert codes(clinic) == ["import_failed"]
    bring(clinic, content, "--clinic", "nidelv", name="renamed.csv", at=LATER)
    assert codes(clinic) == []


def test_a_slip_of_the_finger_is_forgotten_after_a_day(clinic: Clinic) -> None:
    again(clinic, clinic.folder / "no-such.csv", at=NOON)
    assert codes(clinic) == ["import_failed"]
    assert codes(clinic, A_WEEK_ON) == []


def test_a_file_that_fails_each_night_is_one_trouble_since_the_first_time(clinic: Clinic) -> None:
    numbers = [bring(clinic, UNBALANCED, at=at) for at in (NOON, LATER, LAST)]
    (trouble,) = clinic.json("status", at=LAST)["troubles"]
    assert trouble["since"] == "2026-06-03T10:00:00Z"
    bring(clinic, f"{PATIENTS}{GOOD}", at=LAST)
    assert all(is_settled(clinic, number) for number in numbers)


ROWS = [
    pytest.param("patients", PATIENTS, "nidelv;N1;{}\n", "maybe", "yes", id="a patient without a word of consent"),
    pytest.param("patients", PATIENTS, "{};N1;yes\n", "nowhere", "nidelv", id="a clinic that nobody knows"),
    pytest.param("patients", PATIENTS, "nidelv;{};yes\n", "", "N1", id="without an id"),
    pytest.param(
        *("appointments", "clinic_id;appointment_id;patient_id;starts_at;status\n"),
        *("nidelv;A1;P4;{};booked\n", "31.11.2026 09:00", "30.11.2026 09:00"),
        id="a day that there is not",
    ),
    pytest.param(
        *("dialogs", "clinic_id;dialog_id;patient_id;kind\n", "nidelv;D1;P4;{}\n", "letter", "dialog"),
        id="a kind of dialog that there is not",
    ),
    pytest.param(
        *("receipts", "clinic_id;receipt_id;patient_id;status\n", "nidelv;R1;{};paid\n", "", "P4"),
        id="a receipt of nobody",
    ),
    pytest.param("clinics", "clinic_id;name\n", "{};Nordre\n", "", "nordre", id="a clinic without an id"),
    pytest.param(
        *("types", "clinic_id;type_id;notifications\n", "nidelv;NEW;{}\n", "perhaps", "yes"), id="a type's switch"
    ),
    pytest.param("patients", PATIENTS, "nidelv;N1{}yes\n", "-", ";", id="cells too few"),
]


def mend(path: Path, row: str, wrong: str, right: str) -> None:
    """In the file of rejects as a person would: the row's own cells behind those of the rejects."""
    text = path.read_text(encoding="utf-8-sig")
    broken = row.format(wrong).strip()
    assert broken in text
    path.write_text(text.replace(broken, row.format(right).strip()), encoding="utf-8-sig")


@pytest.mark.parametrize(("kind", "header", "row", "wrong", "right"), ROWS)
def test_a_rejected_row_is_a_trouble_until_it_is_mended(
    clinic: Clinic, kind: str, header: str, row: str, wrong: str, right: str
) -> None:
    number = bring(clinic, header + row.format(wrong), "--kind", kind)
    assert codes(clinic) == codes(clinic, A_WEEK_ON) == ["rows_rejected"]
    assert "1 still open" in clinic.call("imports").out
    (trouble,) = clinic.json("status", at=LAST)["troubles"]
    assert "1 row rejected; mend and import rows.csv.rejects.csv" in trouble["detail"]
    assert f"notify imports settle {number}" in trouble["detail"]
    rejects = clinic.folder / "rows.csv.rejects.csv"
    again(clinic, rejects, "--kind", kind)
    assert codes(clinic) == ["rows_rejected"], "as it was"
    mend(rejects, row, wrong, right)
    again(clinic, rejects, "--kind", kind)
    assert (codes(clinic), is_settled(clinic, number)) == ([], True)
    assert "still open" not in clinic.call("imports").out


@pytest.mark.parametrize(("kind", "header", "row", "wrong", "right"), ROWS)
def test_mended_at_the_third_try_it_is_none_either(
    clinic: Clinic, kind: str, header: str, row: str, wrong: str, right: str
) -> None:
    number = bring(clinic, header + row.format(wrong), "--kind", kind)
    second = again(clinic, clinic.folder / "rows.csv.rejects.csv", "--kind", kind)
    assert (is_settled(clinic, number), is_settled(clinic, second)) == (False, False)
    rejects = clinic.folder / "rows.csv.rejects.csv.rejects.csv"
    mend(rejects, row, wrong, right)
    again(clinic, rejects, "--kind", kind, at=LAST)
    assert codes(clinic) == []
    assert (is_settled(clinic, number), is_settled(clinic, second)) == (True, True)


@pytest.mark.parametrize(("kind", "header", "row", "wrong", "right"), ROWS)
def test_or_settled(clinic: Clinic, kind: str, header: str, row: str, wrong: str, right: str) -> None:
    number = bring(clinic, header + row.format(wrong) + row.format(wrong), "--kind", kind)
    answer = clinic.call("imports", "settle", str(number), at=LATER)
    assert "2 rejected rows need not be imported" in answer.err
    assert (codes(clinic), is_settled(clinic, number)) == ([], True)
    assert clinic.call("imports", "settle", str(number), at=LATER).exit == 0


@pytest.mark.parametrize("name", ["rows.csv", "2026-06-04.csv", "elsewhere/rows.csv"])
def test_or_until_a_later_file_gives_the_same_key_a_row(clinic: Clinic, name: str) -> None:
    number = bring(clinic, PATIENTS + BAD)
    bring(clinic, PATIENTS + GOOD, name=name, at=LATER)
    assert (codes(clinic), is_settled(clinic, number)) == ([], True)


@pytest.mark.parametrize(
    ("content", "options", "file_at"),
    [
        pytest.param(f"{PATIENTS}nidelv;N2;yes\n", [], LATER, id="another key"),
        pytest.param(f"{PATIENTS}york;N1;yes\n", [], LATER, id="that id of another clinic"),
        pytest.param(f"{PATIENTS}{BAD}", [], LATER, id="rejected again"),
        pytest.param(f"{PATIENTS}{GOOD}", [], "2026-06-02T12:00:00+02:00", id="an older file"),
        pytest.param("clinic_id;type_id;notifications\nnidelv;N1;yes\n", [], LATER, id="that id of another kind"),
        pytest.param(f"{PATIENTS}{GOOD}", ["--dry-run"], LATER, id="a rehearsal"),
        pytest.param(f'{PATIENTS}{GOOD}nidelv;"N2;yes\n', [], LATER, id="a file that fails behind that row"),
    ],
)
def test_no_other_row_closes_it(clinic: Clinic, content: str, options: list[str], file_at: str) -> None:
    bring(clinic, PATIENTS + BAD)
    bring(clinic, content, *options, name="other.csv", at=LATER, file_at=file_at)
    assert [code for code in codes(clinic) if code != "import_failed"] == ["rows_rejected"]


@pytest.mark.parametrize("bad", [pytest.param(BAD, id="with a key"), pytest.param(NO_ID, id="without one")])
def test_the_same_row_each_night_is_open_once(clinic: Clinic, bad: str) -> None:
    first, last = bring(clinic, PATIENTS + bad), bring(clinic, PATIENTS + bad, at=LATER)
    assert codes(clinic) == ["rows_rejected"]
    assert (is_settled(clinic, first), is_settled(clinic, last)) == (True, False)


def test_mended_rejects_close_nothing_that_was_rejected_later(clinic: Clinic) -> None:
    bring(clinic, PATIENTS + BAD)
    monday = clinic.folder / "rows.csv.rejects.csv"
    tuesday = bring(clinic, PATIENTS + BAD, name="tuesday.csv", at=LATER)
    mend(monday, "nidelv;N1;{}", "maybe", "yes")
    again(clinic, monday, at=LAST)
    assert not is_settled(clinic, tuesday)


def test_two_rows_of_three_mended_leave_one(clinic: Clinic) -> None:
    number = bring(clinic, f"{PATIENTS}{BAD}{NO_ID}nidelv;N3;perhaps\n")
    rejects = clinic.folder / "rows.csv.rejects.csv"
    text = rejects.read_text(encoding="utf-8-sig").replace("nidelv;;yes", "nidelv;N2;yes").replace("perhaps", "no")
    rejects.write_text(text, encoding="utf-8-sig")
    again(clinic, rejects)
    (trouble,) = clinic.json("status", at=LAST)["troubles"]
    assert ": 1 row rejected" in trouble["detail"]
    assert not is_settled(clinic, number)


def test_rejects_of_messages_and_resources_are_open_too(clinic: Clinic) -> None:
    patient = '{"resourceType": "Patient", "id": "%s", "managingOrganization": {"reference": "Organization/%s"}}'
    bring(clinic, patient % ("F1", "nowhere"), name="one.json")
    assert codes(clinic) in (["rows_rejected"], ["import_failed"])


@pytest.mark.parametrize("given", ["4711", "0", "x", "9" * 30])
def test_an_import_that_there_is_not_cannot_be_settled(clinic: Clinic, given: str) -> None:
    answer = clinic.call("imports", "settle", given)
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err.count("\n") == 1


def test_several_are_settled_at_once_or_none(clinic: Clinic) -> None:
    numbers = [bring(clinic, UNBALANCED, name=f"{name}.csv") for name in "abc"]
    assert clinic.call("imports", "settle", str(numbers[0]), "4711").exit == 2
    assert len(codes(clinic)) == 3
    settled = clinic.json("imports", "settle", *map(str, numbers))
    assert [(one["import"], one["settled"]) for one in settled] == [(number, True) for number in numbers]
    assert codes(clinic) == []


def test_of_many_files_the_newest_are_named_and_the_others_counted(clinic: Clinic) -> None:
    for number in range(23):
        (clinic.folder / f"{number:02}.csv").write_text(f"{PATIENTS}nidelv;X{number};maybe\n", encoding="utf-8")
        (clinic.folder / f"{number:02}.txt").write_text(UNKNOWN, encoding="utf-8")
    clinic.call("import", *(str(path) for path in sorted(clinic.folder.glob("[0-9]*"))), at=NOON)
    details = [one["detail"] for one in clinic.json("status", at=LAST)["troubles"]]
    assert len(details) == 42
    assert "3 more files were not imported; see: notify imports --limit 0" in details
    assert "3 more files have rejected rows that are still open; see: notify imports --limit 0" in details
