"""SPEC section 3: a file with a column that only another kind has is never taken for this one."""

import contextlib
import json
from pathlib import Path

import pytest

from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, KEYS, REQUIRED, NoKnownHeader, recognise
from tests.support.one_clinic import Clinic

# As Cliniko's API gives individual appointments
CLINIKO = "id,patient_id,starts_at,ends_at,created_at,updated_at,cancelled_at,did_not_arrive,appointment_type_id"
CLINIKO_ROW = "1,P1,2026-06-28T08:30:00Z,2026-06-28T09:00:00Z,2026-06-01T08:00:00Z,2026-06-01T08:00:00Z,,false,5"
ORDER = list(KEYS)  # the most telling kind first
OTHERS_COLUMNS = sorted(
    {
        (kind, column)
        for kind in KINDS
        for other in ORDER[: ORDER.index(kind)]
        for column in COLUMNS[other]
        if not any(column in COLUMNS[less] for less in ORDER[ORDER.index(kind) :]) and column != "status"
    }
)


def kind_of(header: str, *, kind: str | None = None, clinic_given: bool = True, consent_given: bool = True) -> str:
    return recognise(header.split(";"), kind, clinic_given, {}, consent_given).kind


def refusal(header: str, *, clinic_given: bool = True, consent_given: bool = True, **own: str) -> str:
    with pytest.raises(NoKnownHeader) as caught:
        recognise(header.split(";"), None, clinic_given, own, consent_given)
    return str(caught.value)


@pytest.mark.parametrize("options", [(), ("--assume-consent",)], ids=["as it is", "with --assume-consent"])
def test_appointments_of_a_foreign_system_are_not_taken_for_patients(tmp_path: Path, options: tuple[str, ...]) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "a.csv").write_text(f"{CLINIKO}\n{CLINIKO_ROW}\n", encoding="utf-8")
    answer = clinic.call("import", "--clinic", "nidelv", *options, "--json", str(tmp_path / "a.csv"))
    [report] = json.loads(answer.out)["files"]
    assert (answer.exit, report["kind"]) == (1, None)
    assert report["error"] == (
        'no known header; its column "starts_at" makes it nearest to appointments, but it lacks appointment_id and '
        "status; complete it, or map its names in notify.toml (columns)"
    )
    assert "consent" not in answer.err


@pytest.mark.parametrize(("kind", "column"), OTHERS_COLUMNS)
def test_a_column_that_only_more_telling_kinds_have_rules_a_kind_out(kind: str, column: str) -> None:
    with contextlib.suppress(NoKnownHeader):
        assert kind_of(";".join([*REQUIRED[kind], column])) != kind


@pytest.mark.parametrize(
    ("header", "nearest", "lacks"),
    [
        pytest.param("Pasientnr;Starttid;Sluttid", "appointments", "appointment_id and status", id="start and end"),
        pytest.param("Pasientnr;Samtykke;Oppmøtetid", "appointments", "appointment_id and status", id="with consent"),
        pytest.param("Pasientnr;Mobil;Avbestilt", "appointments", "starts_at and status", id="called off"),
        pytest.param("Patient;Start Time;End Time;Email", "appointments", "appointment_id and status", id="Acuity"),
        pytest.param("pasient-id;Betalt tidspunkt", "receipts", "receipt_id and status", id="paid"),
        pytest.param("Pasientnr;Meldingstype;Sendt", "dialogs", "dialog_id", id="messages"),
        pytest.param("Pasientnr;sender;event;channel;sent_at", "external", "external_id", id="what others sent"),
        pytest.param("clinic_id;name;Mobil;E-post", "patients", "patient_id", id="people without ids are no clinics"),
        pytest.param("clinic_id;dialog_id;patient_id;kind;starts_at", "appointments", "appointment_id", id="dialogs"),
        pytest.param("receipt_id;patient_id;status;booked_at", "appointments", "starts_at", id="bill cards"),
    ],
)
def test_the_error_says_what_is_missing_of_the_kind_that_it_looks_like(header: str, nearest: str, lacks: str) -> None:
    told = refusal(header)
    assert f"nearest to {nearest}, but" in told
    assert lacks in told
    assert "--assume-consent" not in told


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        pytest.param(
            "Pasientnr;Fornavn;Etternavn;Adresse;Postnr;Sted;Telefon;Mobil;E-post;Samtykke;Opprettet;Sist endret",
            "patients",
            id="patients, where they live and when they were entered",
        ),
        pytest.param("Pasientnr;Navn;Dato;Status;Type;Kilde;Samtykke;Aktiv", "patients", id="patients, shared names"),
        pytest.param("Pasientnr;Fra;Til;Startdato;Sluttdato;Oppdatert;Samtykke", "patients", id="patients since when"),
        pytest.param("Pasientnr;Samtykke;Dialog;Kvittering;Kanal;Betalt", "patients", id="what patients want"),
        pytest.param(
            "Timenr;Pasientnr;Fornavn;Etternavn;Mobil;E-post;Samtykke;Dato;Kl;Status;Timetype;Varsling;Adresse;Kanal",
            "appointments",
            id="appointments with their patients, types and places",
        ),
        pytest.param("Timenr;Pasientnr;Dato;Kl;Status;Betalt;Kvittering;kind;event", "appointments", id="and more"),
        pytest.param("Regningskortnr;Pasientnr;Navn;Mobil;Dato;Status;Betalt", "receipts", id="bill cards of people"),
        pytest.param("Dialognr;Pasientnr;Type;Dato;Kl;Status;Navn", "dialogs", id="dialogs"),
        pytest.param("Timetype;Navn;Varsling;Aktiv;Sted;Endret", "types", id="types"),
    ],
)
def test_names_that_several_kinds_share_rule_nothing_out(header: str, kind: str) -> None:
    assert kind_of(header) == kind


def test_clinics_may_have_a_place_and_a_time_of_change() -> None:
    assert kind_of("Klinikk;Navn;Adresse;Sted;Telefon;Endret;Aktiv;Status;Avsender", clinic_given=False) == "clinics"


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        pytest.param(
            "appointment_id;patient_id;starts_at;status;receipt_id",
            'appointments and of receipts ("receipt_id")',
            id="a time and its bill",
        ),
        pytest.param(
            "appointment_id;patient_id;starts_at;status;dialog_id;kind",
            'appointments and of dialogs ("dialog_id")',
            id="a time and its dialog",
        ),
        pytest.param(
            "Timenr;Pasientnr;Dato;Kl;Status;Regningskortnr",
            'appointments and of receipts ("Regningskortnr")',
            id="in Norwegian",
        ),
    ],
)
def test_what_is_two_things_at_once_is_asked_about(header: str, kinds: str) -> None:
    assert refusal(header) == f"no known header; it has columns of {kinds}; say which it is with --kind"


@pytest.mark.parametrize("kind", ["appointments", "receipts"])
def test_a_kind_that_is_given_is_not_ruled_out(kind: str) -> None:
    header = "appointment_id;patient_id;starts_at;status;receipt_id"
    found = recognise(header.split(";"), kind, True, {})
    assert found.kind == kind
    assert found.ignored == (("receipt_id",) if kind == "appointments" else ("appointment_id", "starts_at"))


@pytest.mark.parametrize(
    ("own", "header"),
    [
        pytest.param({"Møtes": "starts_at"}, "Pasientnr;Samtykke;Møtes", id="a time"),
        pytest.param({"Ref": "appointment_id"}, "Pasientnr;Samtykke;Ref", id="an id"),
    ],
)
def test_a_clinics_own_name_for_what_only_another_kind_has_rules_out(own: dict[str, str], header: str) -> None:
    assert "nearest to appointments" in refusal(header, **own)


@pytest.mark.parametrize(
    ("own", "header"),
    [
        pytest.param({"Inn": "booked_at"}, "Pasientnr;Samtykke;Inn", id="of what patients may have too"),
        pytest.param({"Bestilt": "last_login_at"}, "Pasientnr;Samtykke;Bestilt", id="for a column of this kind"),
    ],
)
def test_a_clinics_own_name_that_may_be_of_any_kind_does_not(own: dict[str, str], header: str) -> None:
    assert recognise(header.split(";"), None, True, own).kind == "patients"


def test_a_later_row_of_another_kind_is_none_of_this_file(tmp_path: Path) -> None:
    """NDJSON: each row has columns of its own."""
    clinic = Clinic.begun_in(tmp_path)
    rows = ['{"patient_id": "N1", "mobile": "91234567"}', '{"patient_id": "N2", "starts_at": "2026-06-28T10:00"}']
    (tmp_path / "p.ndjson").write_text("\n".join(rows) + "\n", encoding="utf-8")
    [report] = clinic.json("import", "--clinic", "nidelv", "--assume-consent", str(tmp_path / "p.ndjson"))["files"]
    assert (report["kind"], report["new"]) == ("patients", 0)
    assert "nearest to appointments" in report["error"]
    asked = ("import", "--clinic", "nidelv", "--assume-consent", "--kind", "patients", str(tmp_path / "p.ndjson"))
    assert clinic.json(*asked)["files"][0]["new"] == 2
