"""Clinics: who sends, in which zone and language, and which modules are on.

Must not know files or the database. Source: SPEC section 3.
"""

from typing import Any

from notifycli.domain.words import MODULES
from notifycli.intake.cells import values
from notifycli.intake.kinds.cell_times import CellTimes
from notifycli.intake.kinds.circumstances import Circumstances, Record
from notifycli.intake.kinds.columns import Column
from notifycli.intake.kinds.common import CLINIC_ID, FRESH_AT, LANGUAGE, LANGUAGE_NAMES, REJECT_IMPORT
from notifycli.intake.kinds.kind import Kind
from notifycli.store.rows import ClinicRow

COLUMNS = (
    CLINIC_ID,
    Column(
        "name",
        "navn namn klinikknavn klinikknamn clinicname",
        meaning=values.required_text,
        is_required=True,
        letter="k",
        example="Nidelv legesenter",
    ),
    Column("phone", "telefon telefonnr telefonnummer tlf tlfnr", letter="n", example="73 00 00 01"),
    Column("address", "adresse besøksadresse gateadresse", letter="o", example="Elvegata 1, Trondheim"),
    Column(
        "portal_url",
        "portal portaladresse portallenke portallenkje pasientportal",
        meaning=values.web_address,
        letter="p",
        example="https://nidelv.example/portal",
    ),
    Column(
        "payments_url",
        "betalingsside betalingslenke betalingslenkje betalingsadresse betalingsurl",
        meaning=values.web_address,
        letter="q",
        example="https://nidelv.example/betaling",
    ),
    Column("timezone", "tidssone", meaning=values.time_zone, letter="r", example="Europe/Oslo"),
    Column("country", "land landkode landskode", meaning=values.country, letter="s", example="NO"),
    Column("language", LANGUAGE_NAMES, meaning=LANGUAGE, letter="g", example="nb"),
    Column(
        "sender_email",
        "avsenderepost avsendarepost epostavsender epostavsendar",
        meaning=values.sender_email,
        letter="t",
        example="post@nidelv.example",
    ),
    Column("sender_sms", "avsendersms avsendarsms smsavsender smsavsendar", letter="u", example="Nidelv"),
    Column("timebook", "timebok", meaning=values.perhaps_yes_or_no(None), letter="v", example="yes"),
    Column("post", meaning=values.perhaps_yes_or_no(None), letter="w", example="yes"),
    Column("economy", "økonomi", meaning=values.perhaps_yes_or_no(None), letter="x", example="yes"),
    REJECT_IMPORT,
    FRESH_AT,
)
CELL_TIMES = CellTimes(COLUMNS)


SWITCHES = {name: f"imported_{name}" for name in MODULES}


def meet(before: ClinicRow | None, record: Record, about: Circumstances) -> ClinicRow:
    stored = before or ClinicRow(
        "", "", "", "", "", "", "Europe/Oslo", "NO", "nb", "", "", None, None, None, "{}", None, about.import_id
    )  # fmt: skip
    switches: dict[str, Any] = {field: record[name] for name, field in SWITCHES.items() if name in record}
    for field, cell in switches.items():
        if cell is None and getattr(stored, field) is not None:
            switches[field] = False  # an empty cell clears what was imported before
    plain = {name: value for name, value in record.items() if name in ClinicRow._fields}
    if plain.get("language", "") is None:
        plain["language"] = "nb"
    return stored._replace(**plain, **switches, cell_times=CELL_TIMES.after(stored.cell_times, record, about))


CLINICS = Kind(
    "clinics",
    "clinic_id",
    COLUMNS,
    meet,
    cell_times=CELL_TIMES,
    traces=("cell_times",),
)
