"""Every kind of record that can be imported, in the order of import; and what is only read."""

from notifycli.intake.kinds.appointments import APPOINTMENTS
from notifycli.intake.kinds.clinics import CLINICS
from notifycli.intake.kinds.dialogs import DIALOGS
from notifycli.intake.kinds.external import EXTERNAL
from notifycli.intake.kinds.kind import Kind
from notifycli.intake.kinds.messages import MESSAGES
from notifycli.intake.kinds.patients import PATIENTS
from notifycli.intake.kinds.receipts import RECEIPTS
from notifycli.intake.kinds.types import TYPES

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (CLINICS, TYPES, PATIENTS, APPOINTMENTS, DIALOGS, RECEIPTS, EXTERNAL)
}
READABLE: dict[str, Kind] = KINDS | {MESSAGES.name: MESSAGES}
