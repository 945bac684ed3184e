"""Dialogs: messages and answers that wait in the portal. No column of content is read, ever.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, DATES, PATIENT_ID
from notifycli.intake.kinds.kind import Column, Kind, Parts, Time

DIALOGS = Kind(
    "dialogs",
    "dialog_id",
    (
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
    ),
)
