"""Patients: contact details, consent, and how they want to hear.

Must not know files or the database. Source: SPEC section 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.cell_times import CellTimes
from notifycli.intake.kinds.circumstances import Circumstances, Record
from notifycli.intake.kinds.columns import Column, Phone, Time
from notifycli.intake.kinds.common import CLINIC_ID, FRESH_AT, LANGUAGE, LANGUAGE_NAMES, PATIENT_NAMES, REJECT_IMPORT
from notifycli.intake.kinds.kind import Fields, Kind
from notifycli.store.rows import PatientRow

COLUMNS = (
    CLINIC_ID,
    Column("patient_id", PATIENT_NAMES, is_required=True, example="1001"),
    Column("given_name", "firstname fornavn fornamn", letter="a", example="Kari"),
    Column(
        "family_name",
        "lastname surname etternavn etternamn familienavn familienamn",
        letter="b",
        example="Nordmann",
    ),
    Column(
        "email",
        "emailaddress mail mailadresse epost epostadresse",
        meaning=values.email,
        letter="c",
        example="kari@post.example",
    ),
    Column(
        "mobile",
        "mobilephone mobil mobilnr mobilnummer mobiltelefon mobiltelefonnr mobiltelefonnummer "
        "mobiltlf tlfmobil telefonmobil",
        meaning=Phone(),
        letter="d",
        example="910 00 001",
    ),
    Column("push_token", "pushnøkkel", meaning=values.push_token, letter="e"),
    Column(
        "push_allowed",
        "pushtillatt pushtillate tillaterpush tillètpush tillatpush",
        meaning=values.perhaps_yes_or_no(False),
        letter="f",
        example="no",
    ),
    Column(
        "language",
        f"{LANGUAGE_NAMES} foretrukketspråk føretrekkespråk føretrektspråk",
        meaning=LANGUAGE,
        letter="g",
        example="nb",
    ),
    Column(
        "consent",
        "samtykke samtykker samtykkjer samtykketilvarsling samtykkevarsling varslingssamtykke",
        meaning=values.yes_or_no,
        is_required=True,
        letter="h",
        example="yes",
    ),
    Column(
        "preferred_method",
        "foretrukketvarslingsmetode føretrektvarslingsmetode føretrektvarslingsmåte "
        "varslingsmetode varslingsmåte varslingskanal foretrukketmetode føretrektmetode "
        "foretrukketkanal",
        meaning=values.perhaps_one_of(words.METHODS, "way of sending", None),
        letter="i",
        example="email",
    ),
    Column(
        "last_login_at",
        "sistinnlogget sistinnlogga sisteinnlogging sistpålogget sistpålogga sistepålogging lastlogin",
        meaning=Time(),
        letter="j",
        example="{yesterday}T08:00",
    ),
    REJECT_IMPORT,
    FRESH_AT,
)
CELL_TIMES = CellTimes(COLUMNS)


# Where staff may set something too: column -> (field, field of what was last imported)
PLACES_OF_STAFF = {
    "email": ("email", "imported_email"),
    "mobile": ("mobile", "imported_mobile"),
    "consent": ("consent", "imported_consent"),
    "preferred_method": ("preferred_method", "imported_method"),
}


def meet(before: PatientRow | None, record: Record, about: Circumstances) -> PatientRow:
    if before is None:
        fields = new_rows({column: [value] for column, value in record.items()}, [None], about)
        return PatientRow(**{field: of_rows[0] for field, of_rows in fields.items()})
    plain = PatientRow._fields
    values = {name: value for name, value in record.items() if name in plain and name not in PLACES_OF_STAFF}
    values["cell_times"] = CELL_TIMES.after(before.cell_times, record, about)
    values["push_token"] = record.get("push_token", before.push_token) or None
    for column, (place, imported) in PLACES_OF_STAFF.items():
        if column not in record:
            continue
        value, gets_sms = record[column] if column == "mobile" else (record[column], False)
        if value != getattr(before, imported):
            values |= {place: value} | ({"mobile_gets_sms": gets_sms} if column == "mobile" else {})
        values[imported] = value
    is_silent = "consent" not in record and before.imported_consent is None
    if is_silent and about.assumes_consent is not None and about.assumes_consent(before.clinic_id):
        values |= {"consent": True, "imported_consent": True}
    return before._replace(**values)


def with_earlier(record: Record, before: PatientRow | None, earlier: PatientRow) -> Record:
    """Where staff may set something too, only what the file has changed."""
    plain = [column.name for column in COLUMNS if not column.is_ours and column.name not in PLACES_OF_STAFF]
    given = {column: getattr(earlier, column) for column in plain}
    for column, (_, imported) in PLACES_OF_STAFF.items():
        value = getattr(earlier, imported)
        if value != (getattr(before, imported) if before else None):
            given[column] = (value, earlier.mobile_gets_sms) if column == "mobile" else value
    return {**given, **record}


def new_rows(columns: Mapping[str, Sequence[Any]], row_hashes: Sequence[int | None], about: Circumstances) -> Fields:
    size = len(row_hashes)

    def given(column: str) -> Sequence[Any]:
        return columns.get(column) or [None] * size

    consents = given("consent")
    if about.assumes_consent is not None:
        whose = zip(columns["clinic_id"], consents, strict=True)
        consents = [about.assumes_consent(clinic) or None if consent is None else consent for clinic, consent in whose]
    mobiles = [mobile or (None, False) for mobile in given("mobile")]
    numbers = [number for number, _ in mobiles]
    return {
        "clinic_id": columns["clinic_id"],
        "patient_id": columns["patient_id"],
        "given_name": [name or "" for name in given("given_name")],
        "family_name": [name or "" for name in given("family_name")],
        "email": given("email"),
        "mobile": numbers,
        "mobile_gets_sms": [gets_sms for _, gets_sms in mobiles],
        "push_token": [token or None for token in given("push_token")],
        "push_allowed": [is_allowed or False for is_allowed in given("push_allowed")],
        "language": given("language"),
        "consent": [consent or False for consent in consents],
        "preferred_method": given("preferred_method"),
        "last_login_at": given("last_login_at"),
        "known_since": [about.now] * size,
        "imported_email": given("email"),
        "imported_mobile": numbers,
        "imported_consent": consents,
        "imported_method": given("preferred_method"),
        "cell_times": CELL_TIMES.of_new_rows(columns, size, about),
        "row_hash": row_hashes,
        "import_id": [about.import_id] * size,
    }


PATIENTS = Kind(
    "patients",
    "patient_id",
    COLUMNS,
    meet,
    with_earlier=with_earlier,
    new_rows=new_rows,
    cell_times=CELL_TIMES,
    traces=("cell_times",),
)
