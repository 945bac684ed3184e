"""Patients: contact details, consent, and how they want to hear.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.common import CLINIC_ID, FRESH_AT, LANGUAGE, LANGUAGE_NAMES, PATIENT_NAMES, REJECT_IMPORT
from notifycli.intake.kinds.kind import Column, Kind, Phone, Time

PATIENTS = Kind(
    "patients",
    "patient_id",
    (
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
        Column("push_token", "pushnøkkel", meaning=values.optional_identifier, letter="e"),
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
    ),
)
