"""Types of appointments, each with its switch for notices.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values
from notifycli.intake.kinds.common import CLINIC_ID, FRESH_AT, REJECT_IMPORT, TYPE_NAMES
from notifycli.intake.kinds.kind import Column, Kind

TYPES = Kind(
    "types",
    "type_id",
    (
        CLINIC_ID,
        Column("type_id", f"{TYPE_NAMES} kode", is_required=True, example="KONS"),
        Column(
            "name",
            "navn namn timetypenavn timetypenamn typenavn typenamn avtaletypenavn beskrivelse skildring",
            letter="k",
            example="Konsultasjon",
        ),
        Column(
            "notifications",
            "varsling varslinger varsel varsle varsler varslar sendvarsel",
            meaning=values.required_yes_or_no,
            is_required=True,
            letter="l",
            example="yes",
        ),
        Column("active", "aktiv ibruk", meaning=values.perhaps_yes_or_no(True), letter="m", example="yes"),
        REJECT_IMPORT,
        FRESH_AT,
    ),
)
