"""Receipts: one row a bill card.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.circumstances import Circumstances, Record, given_or_now
from notifycli.intake.kinds.columns import Column, Parts, Time
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, PATIENT_ID
from notifycli.intake.kinds.kind import ImportEvent, Kind, looked_at_again
from notifycli.store.rows import ReceiptRow

COLUMNS = (
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
)


def meet(before: ReceiptRow | None, record: Record, about: Circumstances) -> ReceiptRow:
    stored = before or ReceiptRow(
        record["clinic_id"], record["receipt_id"], "", "unpaid", None, None, None, 0, None, about.import_id
    )
    after = stored._replace(patient_id=record["patient_id"], status=record["status"])
    if after.status == "unpaid" or stored.paid_at is not None:
        return looked_at_again(stored, after)
    paid_at = given_or_now(record.get("paid_at"), about)
    return after._replace(paid_at=paid_at, paid_by=about.import_id, next_check_at=paid_at)


def event_between(before: ReceiptRow | None, after: ReceiptRow) -> ImportEvent | None:
    """A bill card makes a receipt once, when it is first seen paid."""
    was_paid = before is not None and before.paid_at is not None
    return "receipt" if after.paid_at is not None and not was_paid else None


RECEIPTS = Kind(
    "receipts",
    "receipt_id",
    COLUMNS,
    meet,
    event_between=event_between,
)
