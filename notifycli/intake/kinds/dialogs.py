"""Dialogs: messages and answers that wait in the portal. No column of content is read, ever.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.domain.model import ANSWERS
from notifycli.intake.cells import values, words
from notifycli.intake.kinds.circumstances import Circumstances, Record, given_or_now
from notifycli.intake.kinds.columns import Column, Parts, Time
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, DATES, PATIENT_ID
from notifycli.intake.kinds.kind import ImportEvent, Kind, looked_at_again
from notifycli.store.rows import DialogRow

COLUMNS = (
    CLINIC_ID,
    Column(
        "dialog_id",
        "dialog dialognr dialognummer meldingid meldingsid meldingnr meldingsnr",
        is_required=True,
        example="D1",
    ),
    PATIENT_ID,
    Column(
        "kind",
        "type dialogtype meldingstype slag",
        meaning=values.one_of(words.DIALOG_KINDS, "kind of dialog"),
        is_required=True,
        example="dialog",
    ),
    Column(
        "sent_at",
        "sent sendt sendttidspunkt datoogtid datotid datoogklokkeslett datoklokkeslett",
        meaning=Time(is_past=True),
        parts=Parts(
            f"{DATES} sendtdato",
            CLOCKS,
            "tid tidspunkt sendttid",
        ),
        example="{yesterday}T10:00",
    ),
)


def meet(before: DialogRow | None, record: Record, about: Circumstances) -> DialogRow:
    kind, patient_id = record["kind"], record["patient_id"]
    if before is not None:  # it has happened, once: its time and its event stand
        return looked_at_again(before, before._replace(patient_id=patient_id))
    sent_at = given_or_now(record.get("sent_at"), about)
    key = (record["clinic_id"], record["dialog_id"])
    return DialogRow(*key, patient_id, kind, sent_at, about.import_id, sent_at, 0, None, about.import_id)


def event_between(before: DialogRow | None, after: DialogRow) -> ImportEvent | None:
    if before is not None:
        return None
    return "reply" if after.kind in ANSWERS else "dialog"


DIALOGS = Kind(
    "dialogs",
    "dialog_id",
    COLUMNS,
    meet,
    event_between=event_between,
)
