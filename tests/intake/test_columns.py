"""SPEC section 3: a file's kind is found from its columns, which may bear Norwegian names or a clinic's own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, REQUIRED, Mapping, NoKnownHeader, plain, recognise

START = {"starts_at": ("Start",)}
APPOINTMENT = "clinic_id;appointment_id;patient_id;starts_at;status"


def mapping(header: str, kind: str | None = None, clinic_given: bool = False, **own: str) -> Mapping:
    return recognise(
        header.split(";"), kind, clinic_given, {name.replace("_", " "): column for name, column in own.items()}
    )


def places(header: str, **own: str) -> dict[str, tuple[str, ...]]:
    """The names of the columns that make up each contract column of an appointment besides its keys and status."""
    keys = "Klinikk;Timenr;Pasientnr;Status;"
    names = (keys + header).split(";")
    found = recognise(names, "appointments", False, {name.replace("_", " "): column for name, column in own.items()})
    return {column: tuple(names[index] for index in place) for column, place in found.places.items() if min(place) > 3}


def refusal(header: str, kind: str | None = None, clinic_given: bool = False, **own: str) -> str:
    with pytest.raises(NoKnownHeader) as caught:
        mapping(header, kind, clinic_given, **own)
    return str(caught.value)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_contracts_own_names_are_known_each_in_its_place(kind):
    found = recognise(COLUMNS[kind], None, False, {})
    assert found == Mapping(kind, {column: (index,) for index, column in enumerate(COLUMNS[kind])}, ())


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_required_columns_are_enough_and_each_is_needed(kind):
    assert recognise(REQUIRED[kind], None, False, {}).kind == kind
    for column in REQUIRED[kind]:
        with pytest.raises(NoKnownHeader, match=column):
            recognise([one for one in REQUIRED[kind] if one != column], kind, False, {})


@pytest.mark.parametrize(
    ("header", "kind", "columns"),
    [
        pytest.param(
            "Klinikk;Pasientnr;Fornavn;Etternavn;E-post;Mobil;Språk;Samtykke;Foretrukket varslingsmetode",
            "patients",
            "clinic_id patient_id given_name family_name email mobile language consent preferred_method",
            id="patients, bokmål",
        ),
        pytest.param(
            "Klinikk;Pasientnr.;Fornamn;Etternamn;E-post;Mobilnr.;Målform;Samtykke;Føretrekt varslingsmåte",
            "patients",
            "clinic_id patient_id given_name family_name email mobile language consent preferred_method",
            id="patients, nynorsk",
        ),
        pytest.param(
            "KLINIKK;Time-nr.;pasient nr;Timetype;Tidspunkt;STATUS;Bestilt;Bestilt av;Endret;Avbestilt;Avbestilt av;"
            "Sted;Kilde",
            "appointments",
            "clinic_id appointment_id patient_id type_id starts_at status booked_at booked_by changed_at cancelled_at "
            "cancelled_by location source",
            id="appointments, bokmål",
        ),
        pytest.param(
            "Klinikk;Timenr;Pasientnr;Timetype;Start;Slutt;Status;Bestilt;Endra;Avbestilt;Stad;Kjelde",
            "appointments",
            "clinic_id appointment_id patient_id type_id starts_at ends_at status booked_at changed_at cancelled_at "
            "location source",
            id="appointments, nynorsk",
        ),
        pytest.param(
            "Klinikknr;Navn;Telefon;Adresse;Portal;Tidssone;Språk;Timebok;Post;Økonomi",
            "clinics",
            "clinic_id name phone address portal_url timezone language timebook post economy",
            id="clinics",
        ),
        pytest.param(
            "Klinikk;Timetype;Navn;Varsling;Aktiv", "types", "clinic_id type_id name notifications active", id="types"
        ),
        pytest.param(
            "Klinikk;Dialog-ID;Pasient;Type;Sendt",
            "dialogs",
            "clinic_id dialog_id patient_id kind sent_at",
            id="dialogs",
        ),
        pytest.param(
            "Klinikk;Regningskort nr.;Pasient-ID;Betalingsstatus;Betalt",
            "receipts",
            "clinic_id receipt_id patient_id status paid_at",
            id="receipts",
        ),
        pytest.param(
            "Klinikk;Ekstern ID;Pasientnr;Avsender;Hendelse;Kanal;Sendt;Status",
            "external",
            "clinic_id external_id patient_id sender event channel sent_at status",
            id="external",
        ),
    ],
)  # fmt: skip
def test_norwegian_names_are_known(header, kind, columns):
    expected = {column: (index,) for index, column in enumerate(columns.split())}
    assert mapping(header) == Mapping(kind, expected, ())


@pytest.mark.parametrize(
    "name",
    [
        "\ufeffpatient_id",
        "Pasient-nr.",
        "PASIENT_NR",
        "pasient\u00a0nr",
        "Pasient / nr",
        "pasient\u2011nr",
        " pasientnr ",
    ],
)
def test_case_spaces_dots_hyphens_underscores_slashes_and_marks_do_not_count(name):
    assert mapping(f"{name};clinic_id;consent").places["patient_id"] == (0,)


def test_a_letter_written_as_two_is_the_same_name():
    assert mapping("clinic_id;patient_id;consent;Spra\u030ak").places["language"] == (3,)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("Dato;Klokkeslett", {"starts_at": ("Dato", "Klokkeslett")}, id="date and clock"),
        pytest.param("Klokkeslett;Dato", {"starts_at": ("Dato", "Klokkeslett")}, id="the date comes first"),
        pytest.param("Dato;Tid", {"starts_at": ("Dato", "Tid")}, id="Dato and Tid"),
        pytest.param("Dato;Kl.", {"starts_at": ("Dato", "Kl.")}, id="Dato and Kl."),
        pytest.param("Startdato;Starttid", {"starts_at": ("Startdato", "Starttid")}, id="Startdato and Starttid"),
        pytest.param("Tidspunkt", {"starts_at": ("Tidspunkt",)}, id="one column"),
        pytest.param("Starttid", {"starts_at": ("Starttid",)}, id="Starttid alone is both"),
        pytest.param("Dato", {"starts_at": ("Dato",)}, id="Dato alone is both"),
        pytest.param("Start;Slutt", {"starts_at": ("Start",), "ends_at": ("Slutt",)}, id="both whole"),
        pytest.param(
            "Dato;Start;Slutt", {"starts_at": ("Dato", "Start"), "ends_at": ("Dato", "Slutt")}, id="one date for both"
        ),
        pytest.param(
            "Startdato;Starttid;Sluttdato;Sluttid",
            {"starts_at": ("Startdato", "Starttid"), "ends_at": ("Sluttdato", "Sluttid")},
            id="two dates",
        ),
        pytest.param("Tidspunkt;Sluttid", {"starts_at": ("Tidspunkt",), "ends_at": ("Sluttid",)}, id="a whole Sluttid"),
        pytest.param("starts_at;Dato;Klokkeslett", {"starts_at": ("starts_at",)}, id="what is sure to be whole wins"),
        pytest.param("Dato;Klokkeslett;Start", {"starts_at": ("Dato", "Klokkeslett")}, id="a sure clock wins"),
        pytest.param(
            "Start;Bestilt dato;Bestilt tid",
            {"starts_at": ("Start",), "booked_at": ("Bestilt dato", "Bestilt tid")},
            id="other times in two columns",
        ),
    ],
)  # fmt: skip
def test_a_time_may_stand_in_two_columns(header, expected):
    assert places(header) == expected


def test_a_clock_alone_is_no_time():
    assert "lacks starts_at;" in refusal("clinic_id;appointment_id;patient_id;status;Klokkeslett")


def test_the_date_of_a_dialog_may_stand_apart_too():
    assert mapping("clinic_id;dialog_id;patient_id;kind;Dato;Klokkeslett").places["sent_at"] == (4, 5)


@pytest.mark.parametrize(
    ("header", "own", "expected"),
    [
        pytest.param("Start;Rom", {"Rom": "location"}, {**START, "location": ("Rom",)}, id="a new name"),
        pytest.param("Start;Sted;Rom", {"rom": "location"}, {**START, "location": ("Rom",)}, id="it wins"),
        pytest.param("Start;Sted", {"Sted": "source"}, {**START, "source": ("Sted",)}, id="a known name"),
        pytest.param("Når;Dato;Tid", {"Når": "starts_at"}, {"starts_at": ("Når",)}, id="over date and clock"),
        pytest.param("Kvart;Dag", {"Dag": "starts_at", "Kvart": "starts_at"}, {"starts_at": ("Dag", "Kvart")}, id="2"),
        pytest.param("Start;Type", {"Type": "kind"}, {**START, "type_id": ("Type",)}, id="of another kind"),
    ],
)  # fmt: skip
def test_a_clinics_own_names_win(header, own, expected):
    assert places(header, **own) == expected


def test_own_names_make_a_header_known():
    found = mapping("Timenr;Pas.nr;type_id;starts_at;status", clinic_given=True, Pasnr="patient_id")
    assert (found.kind, found.places["patient_id"]) == ("appointments", (1,))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        pytest.param(APPOINTMENT + ";consent", "appointments", id="an appointment with consent"),
        pytest.param(APPOINTMENT + ";kind", "appointments", id="an appointment with a kind"),
        pytest.param("clinic_id;receipt_id;patient_id;status;consent", "receipts", id="a receipt with consent"),
        pytest.param("clinic_id;patient_id;consent;type_id;notifications;name", "patients", id="a patient with a type"),
        pytest.param("clinic_id;type_id;notifications;name", "types", id="a type with a name"),
    ],
)
def test_of_several_kinds_it_is_the_one_with_the_most_telling_key(header, kind):
    assert mapping(header).kind == kind


def test_a_kind_that_is_given_holds():
    assert mapping(APPOINTMENT + ";consent", "patients").kind == "patients"
    assert mapping("clinic_id;name;patient_id", "clinics").kind == "clinics"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("clinic_id;patient_id;name;mobile", id="patients without consent"),
        pytest.param("clinic_id;type_id;name", id="types without notifications"),
        pytest.param("clinic_id;appointment_id;type_id;notifications", id="appointments with the switch of their type"),
    ],
)
def test_a_file_about_something_else_is_not_taken_for_clinics_or_types(header):
    assert refusal(header).startswith("no known header; it is nearest to ")


def test_with_a_clinic_given_a_list_of_names_is_not_taken_for_clinics():
    assert refusal("name;mobile", clinic_given=True)
    assert mapping("name;phone", "clinics", clinic_given=True).places == {"name": (0,), "phone": (1,)}


@pytest.mark.parametrize(
    ("header", "kind", "says"),
    [
        pytest.param(
            "clinic_id;Pasientnr;Fornavn;Mobil",
            None,
            "no known header; it is nearest to patients, but lacks consent; give it or map its name in notify.toml"
            " (columns), or if all have consented: --assume-consent",
            id="consent",
        ),
        pytest.param(
            "Timenr;Pasientnr;Fornavn;Etternavn;Mobil",
            None,
            "no known header; it is nearest to appointments, but lacks clinic_id, starts_at and status; complete it, "
            "or map its names in notify.toml (columns)",
            id="the key says what is nearest",
        ),
        pytest.param(
            "Pasientnr;Samtykke",
            None,
            "no known header; it is nearest to patients, but lacks clinic_id; say whose file it is with --clinic ID",
            id="the clinic",
        ),
        pytest.param(
            "clinic_id;patient_id;consent",
            "receipts",
            "as receipts it lacks receipt_id and status; complete it, or map its names in notify.toml (columns)",
            id="a kind that it is not",
        ),
        pytest.param(
            "Kari;Nordmann;91000001",
            None,
            "no known header; name the columns in the first line, or map the names there in notify.toml (columns)",
            id="no header, whose first person is not named",
        ),
        pytest.param(
            "clinic_id;Timenr;Avtalenr;patient_id;starts_at;status",
            None,
            '"Timenr" and "Avtalenr" would both be appointment_id; leave one out, or map the right one to '
            "appointment_id in notify.toml (columns)",
            id="the same column by two names",
        ),
        pytest.param(
            APPOINTMENT + ";Sted;sted",
            None,
            '"Sted" and "sted" would both be location; leave one out, or map the right one to location in notify.toml '
            "(columns)",
            id="the same name twice",
        ),
    ],
)  # fmt: skip
def test_an_unknown_header_is_told_with_what_to_do(header, kind, says):
    assert refusal(header, kind) == says


def test_two_own_names_for_what_is_one_cell_are_refused():
    assert "would both be location" in refusal(APPOINTMENT + ";Rom;Bygg", Rom="location", Bygg="location")


def test_a_header_that_is_not_known_makes_the_file_unreadable():
    with pytest.raises(Unreadable):
        mapping("foo;bar")


def test_unknown_columns_are_named_as_in_the_file_without_those_of_rejects():
    header = "reject_reason;Reject-Column;reject_line;" + APPOINTMENT + ";Diagnose ;;Lege;Lege;Klokkeslett"
    assert mapping(header).ignored == ("Diagnose ", "Lege", "Lege", "Klokkeslett")


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_name_means_two_columns_of_one_kind(kind):
    names = [
        name
        for column in KINDS[kind].columns
        for name in (*{plain(column.name), *column.names.split()}, *" ".join(column.parts or ()).split())
    ]
    assert sorted(names) == sorted(set(names))
    assert all(name == plain(name) for name in names)


def test_no_two_columns_keep_their_times_under_the_same_letter():
    letters = {(column.letter, column.name) for kind in KINDS.values() for column in kind.columns if column.letter}
    assert len({letter for letter, _ in letters}) == len(letters)
    assert "".join(sorted(letter for letter, _ in letters)) == "abcdefghijklmnopqrstuvwx"


CONTRACT = {  # SPEC section 3, in its order; required columns are bold
    "clinics": "**clinic_id** **name** phone address portal_url payments_url timezone country language sender_email "
    "sender_sms timebook post economy",
    "types": "**clinic_id** **type_id** name **notifications** active",
    "patients": "**clinic_id** **patient_id** given_name family_name email mobile push_token push_allowed language "
    "**consent** preferred_method last_login_at",
    "appointments": "**clinic_id** **appointment_id** **patient_id** type_id **starts_at** ends_at **status** "
    "booked_at booked_by changed_at cancelled_at cancelled_by location source",
    "dialogs": "**clinic_id** **dialog_id** **patient_id** **kind** sent_at",
    "receipts": "**clinic_id** **receipt_id** **patient_id** **status** paid_at",
    "external": "**clinic_id** **external_id** **patient_id** **sender** **event** **channel** **sent_at** status",
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_columns_are_those_of_the_contract(kind):
    of_our_own = {
        "appointments": ["no_notices", "reject_import"],
        **{kind: ["reject_import", "fresh_at"] for kind in ("clinics", "types", "patients")},
    }.get(kind, [])
    assert COLUMNS[kind] == (*CONTRACT[kind].replace("*", "").split(), *of_our_own)
    assert REQUIRED[kind] == tuple(re.findall(r"\*\*(\w+)\*\*", CONTRACT[kind]))


COLUMN = st.sampled_from(sorted({column for kind in KINDS for column in COLUMNS[kind]}))
KNOWN = {name for kind in KINDS.values() for column in kind.columns for name in column.names.split()}
NAME = COLUMN | st.sampled_from([*sorted(KNOWN), "Dato", "Klokkeslett", "Start", "reject_line"]) | st.text(max_size=4)
A_HEADER = st.sampled_from(list(KINDS)).flatmap(lambda kind: st.permutations(REQUIRED[kind]))


@pytest.mark.slow
@given(
    A_HEADER, st.lists(NAME, max_size=6), st.sampled_from([None, *KINDS]), st.booleans(), st.dictionaries(NAME, COLUMN)
)
def test_any_header_is_known_or_refused(required, more, kind, clinic_given, own):
    header = [*required, *more]
    try:
        found = recognise(header, kind, clinic_given, own)
    except NoKnownHeader:
        return
    assert found.kind == kind or kind is None
    assert found.places.keys() >= set(REQUIRED[found.kind]) - ({"clinic_id"} if clinic_given else set())
    used = {index for place in found.places.values() for index in place}
    rest = [name for index, name in enumerate(header) if index not in used]
    assert list(found.ignored) == [name for name in rest if name and not plain(name).startswith("reject")]
