"""What another system's log of messages holds: the columns of `external`, of any sender, with less that is required.

Nothing of it is stored. Must not know files or the database. Source: SPEC section 8, compare.
"""

import re
from dataclasses import replace
from typing import Any

from notifycli.intake.cells import values, words
from notifycli.intake.cells.values import Reject
from notifycli.intake.kinds.columns import Column, Time
from notifycli.intake.kinds.common import PATIENT_ID
from notifycli.intake.kinds.external import EXTERNAL
from notifycli.intake.kinds.kind import Kind

LONGEST_WORD = 40  # letters of a word that is none of ours, as it is shown
NOT_SIGNIFICANT = re.compile(r"[\s_.\-]+")
BETWEEN_CHANNELS = re.compile(r"\s*(?:[,;/+&]|\b(?:og|and)\b)\s*")


def event(cell: str) -> Any:
    """One of ours, or the log's own word: of what is no notice of ours, such as a recall."""
    word = _word(cell)
    if not word:
        return Reject("is missing")
    return words.LOG_EVENTS.get(word) or words.LOG_EVENTS.get(_plain(word)) or word


def channels(cell: str) -> Any:
    """As many as it names, joined by commas; one that is none of ours by its own word."""
    word = _word(cell)
    if not word:
        return Reject("is missing")
    if known := words.LOG_CHANNELS.get(word) or words.LOG_CHANNELS.get(_plain(word)):
        return known
    parts = [part for part in BETWEEN_CHANNELS.split(word) if part]
    return ",".join(dict.fromkeys(words.LOG_CHANNELS.get(_plain(part), part) for part in parts)) or word


def fate(cell: str) -> str:
    """`sent`, `failed`, or `never` where it says that nothing was sent."""
    word = _plain(_word(cell))
    if any(part in word for part in words.LOG_NEVER_SENT):
        return "never"
    return "failed" if any(part in word for part in words.LOG_FAILED) else "sent"


def _word(cell: str) -> str:
    return values.text(cell).lower()[:LONGEST_WORD]


def _plain(word: str) -> str:
    return NOT_SIGNIFICANT.sub(" ", word).strip()


def _of_a_log(name: str, more_names: str, **others: Any) -> Column:
    column = EXTERNAL.column(name)
    return replace(column, names=f"{column.names} {more_names}", **others)


OF_EXTERNAL = EXTERNAL.column("sent_at").parts
WHEN = OF_EXTERNAL and OF_EXTERNAL._replace(clock=f"{OF_EXTERNAL.clock} time")
MESSAGES = Kind(
    "messages",
    "external_id",
    (
        EXTERNAL.column("clinic_id"),
        _of_a_log("external_id", "meldingid meldingsid meldingnr messageid", is_required=False),
        PATIENT_ID,
        replace(EXTERNAL.column("sender"), is_required=False, meaning=values.text),
        _of_a_log("event", "meldingstype varseltype varslingstype", meaning=event),
        _of_a_log("channel", "medium kanaltype", meaning=channels),
        _of_a_log(
            "sent_at",
            "timestamp tidsstempel utsendt utsendttid sendetidspunkt",
            meaning=Time(is_required=True),  # one to come, too: what the other system has planned
            parts=WHEN,
        ),
        _of_a_log("status", "resultat", meaning=fate),
        Column(
            "appointment_id",
            "appointment timenr timenummer timeid timeavtale timeavtalenr avtale avtalenr avtalenummer avtaleid",
            meaning=values.optional_identifier,
        ),
        Column("dialog_id", "dialog dialognr dialognummer", meaning=values.optional_identifier),
        Column("receipt_id", "receipt kvittering kvitteringnr regningskort regningskortnr", values.optional_identifier),
        Column("subject_id", meaning=values.optional_identifier),
    ),
    meet=lambda before, record, about: record,  # it meets nothing that is stored
)
