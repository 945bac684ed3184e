"""A file that says nothing of consent: nobody is told anything until someone says that they consent.

Source: SPEC section 3 (consent, and what staff set meanwhile) and docs/fhir-hl7.md on --assume-consent.
"""

from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic

SILENT = "clinic_id;patient_id;email;mobile\nnidelv;N1;nora@post.example;\n"
ASSUMED_HERE = "[clinic.nidelv]\nimport = { assume_consent = true }\n"
ASSUMED_EVERYWHERE = "[import]\nassume_consent = true\n"
NOT_HERE = f"{ASSUMED_EVERYWHERE}[clinic.nidelv]\nimport = {{ assume_consent = false }}\n"


def patients(clinic: Clinic, text: str = SILENT) -> str:
    path = clinic.folder / "patients.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def consents(clinic: Clinic, patient: str = "N1") -> bool:
    return clinic.json("patient", "show", "nidelv", patient)["consent"]


def test_such_a_file_is_refused_where_nothing_is_assumed(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    answer = clinic.call("import", patients(clinic))
    assert answer.exit == 1
    assert "lacks consent" in answer.err
    assert "--assume-consent" in answer.err


@pytest.mark.parametrize(
    ("config", "options", "is_assumed"),
    [
        pytest.param("", ["--assume-consent"], True, id="by the option"),
        pytest.param(ASSUMED_HERE, [], True, id="by the clinic's configuration"),
        pytest.param(ASSUMED_EVERYWHERE, [], True, id="by everybody's configuration"),
        pytest.param(NOT_HERE, ["--assume-consent"], True, id="the option wins"),
        pytest.param(f"{ASSUMED_EVERYWHERE}[clinic.other]\nimport = {{ assume_consent = false }}\n", [], True,
                     id="another clinic's configuration counts there alone"),
    ],
)  # fmt: skip
def test_consent_is_assumed(tmp_path: Path, config: str, options: list[str], is_assumed: bool) -> None:
    clinic = Clinic.begun_in(tmp_path, config)
    assert clinic.call("import", *options, patients(clinic)).exit == 0
    assert consents(clinic) is is_assumed


def test_where_one_clinic_alone_assumes_it_the_patients_of_others_are_told_of_and_not_assumed(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, NOT_HERE + "[clinic.other]\nimport = { assume_consent = true }\n")
    answer = clinic.call("import", patients(clinic))
    assert (answer.exit, consents(clinic)) == (0, False)
    assert "says nothing of consent, so 1 patient is sent nothing" in answer.err


def test_it_can_be_assumed_afterwards_by_the_same_file(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, NOT_HERE + "[clinic.other]\nimport = { assume_consent = true }\n")
    clinic.call("import", patients(clinic))
    [report] = clinic.json("import", "--assume-consent", patients(clinic))["files"]
    assert (report["changed"], consents(clinic)) == (1, True)


def test_what_a_file_or_staff_have_said_is_never_overridden_by_what_is_assumed(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, NOT_HERE + "[clinic.other]\nimport = { assume_consent = true }\n")
    clinic.call("import", patients(clinic))
    clinic.call("import", patients(clinic, "clinic_id;patient_id;consent\nnidelv;N2;no\nnidelv;N3;\n"))
    clinic.call("patient", "set", "nidelv", "N1", "--consent", "no")
    all_three = "clinic_id;patient_id;given_name\nnidelv;N1;A\nnidelv;N2;B\nnidelv;N3;C\n"
    clinic.call("import", "--assume-consent", patients(clinic, all_three))
    assert [consents(clinic, one) for one in ("N1", "N2", "N3")] == [False, False, False]


def test_staff_withdraw_an_assumed_consent_for_good(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.call("import", "--assume-consent", patients(clinic))
    clinic.call("patient", "set", "nidelv", "N1", "--consent", "no")
    clinic.call("import", "--assume-consent", patients(clinic, SILENT.replace("nora@", "nora.ny@")))
    assert consents(clinic) is False


def test_a_file_that_says_yes_still_overwrites_what_staff_said_of_one_of_whom_no_file_had_said_anything(
    tmp_path: Path,
) -> None:
    clinic = Clinic.begun_in(tmp_path, NOT_HERE + "[clinic.other]\nimport = { assume_consent = true }\n")
    clinic.call("import", patients(clinic))
    clinic.call("patient", "set", "nidelv", "N1", "--consent", "no")
    clinic.call("import", patients(clinic, "clinic_id;patient_id;consent\nnidelv;N1;yes\n"))
    assert consents(clinic) is True


def test_fhir_patients_come_in_and_wait_for_their_consent(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = clinic.folder / "patient.json"
    path.write_text(
        '{"resourceType": "Patient", "id": "N1", "telecom": [{"system": "email", "value": "n@post.example"}]}'
    )
    answer = clinic.call("import", "--clinic", "nidelv", str(path))
    assert (answer.exit, consents(clinic)) == (0, False)
    assert "--assume-consent" in answer.err
    clinic.call("import", "--clinic", "nidelv", "--assume-consent", str(path))
    assert consents(clinic) is True
