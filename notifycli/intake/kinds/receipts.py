"""Receipts: one row a bill card.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, PATIENT_ID
from notifycli.intake.kinds.kind import Column, Kind, Parts, Time

RECEIPTS = Kind(
    "receipts",
    "receipt_id",
    (
        CLINIC_ID,
        Column(
            "receipt_id",
            "receipt kvittering kvitteringnr kvitteringsnr kvitteringsnummer kvitteringid "
            "kvitteringsid regningskort regningskortnr regningskortnummer regningskortid "
            "rekningskort rekningskortnr rekningskortid",
            is_required=True,
            example="R1",
        ),
        PATIENT_ID,
        Column(
            "status",
            "betalingsstatus",
            meaning=values.one_of(words.RECEIPT_WORDS, "status of a bill card"),
            is_required=True,
            example="paid",
        ),
        Column(
            "paid_at",
            "paid betalt betalttidspunkt betalingstidspunkt",
            meaning=Time(is_past=True),
            parts=Parts(
                "betaltdato betalingsdato",
                CLOCKS,
                "betalttid betalingstid",
            ),
            example="{yesterday}T11:00",
        ),
    ),
)
