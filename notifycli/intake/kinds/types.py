"""Types of appointments, each with its switch for notices.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values
from notifycli.intake.kinds.cell_times import CellTimes
from notifycli.intake.kinds.circumstances import Circumstances, Record
from notifycli.intake.kinds.columns import Column
from notifycli.intake.kinds.common import CLINIC_ID, FRESH_AT, REJECT_IMPORT, TYPE_NAMES
from notifycli.intake.kinds.kind import Kind
from notifycli.store.rows import TypeRow

COLUMNS = (
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
)
CELL_TIMES = CellTimes(COLUMNS)


def meet(before: TypeRow | None, record: Record, about: Circumstances) -> TypeRow:
    stored = before or TypeRow("", "", "", True, None, "{}", None, about.import_id)
    plain = {name: value for name, value in record.items() if name in TypeRow._fields}
    notifications = record.get("notifications", stored.imported_notifications)
    times = CELL_TIMES.after(stored.cell_times, record, about)
    return stored._replace(**plain, imported_notifications=notifications, cell_times=times)


TYPES = Kind(
    "types",
    "type_id",
    COLUMNS,
    meet,
    cell_times=CELL_TIMES,
    traces=("cell_times",),
)
