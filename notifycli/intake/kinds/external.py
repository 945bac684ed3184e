"""What others sent to our patients: shown in the history beside ours, never sent by us.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.circumstances import Circumstances, Record, stored_time
from notifycli.intake.kinds.columns import Column, Parts, Time
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, DATES, PATIENT_ID
from notifycli.intake.kinds.kind import Kind
from notifycli.store.rows import ExternalRow

COLUMNS = (
    CLINIC_ID,
    Column(
        "external_id",
        "eksternid eksternnr varselid varselnr varslingsid varslingid",
        is_required=True,
        example="X1",
    ),
    PATIENT_ID,
    Column(
        "sender",
        "avsender avsendar sendtav",
        meaning=values.one_of(words.SENDERS, "sender"),
        is_required=True,
        example="convene",
    ),
    Column(
        "event",
        "hendelse hendelsestype hending hendingstype",
        meaning=values.one_of(words.EXTERNAL_EVENTS, "event"),
        is_required=True,
        example="app_invite",
    ),
    Column(
        "channel",
        "kanal varslingskanal varslingsmetode varslingsmåte",
        meaning=values.one_of(words.CHANNEL_WORDS, "channel"),
        is_required=True,
        example="sms",
    ),
    Column(
        "sent_at",
        "sent sendt sendttidspunkt datoogtid datotid datoogklokkeslett datoklokkeslett",
        meaning=Time(is_past=True),
        is_required=True,
        parts=Parts(
            f"{DATES} sendtdato",
            CLOCKS,
            "tid tidspunkt sendttid",
        ),
        example="{yesterday}T12:00",
    ),
    Column("status", "leveringsstatus", example="delivered"),
)


def meet(before: ExternalRow | None, record: Record, about: Circumstances) -> ExternalRow:
    values = {name: value for name, value in record.items() if name in ExternalRow._fields}
    if stored_time(values.get("sent_at")) is None:
        values["sent_at"] = before.sent_at if before else about.now
    stored = before or ExternalRow("", "", "", "", "", "", about.now, "", None, about.import_id)
    return stored._replace(**values)


EXTERNAL = Kind(
    "external",
    "external_id",
    COLUMNS,
    meet,
)
