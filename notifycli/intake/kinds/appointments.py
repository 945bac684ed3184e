"""Appointments: what a clinic's system says of them, and what becomes of them.

Must not know files or the database. Source: SPEC section 3.
"""

from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.cells import values, words
from notifycli.intake.kinds.common import CLINIC_ID, CLOCKS, DATES, PATIENT_ID, REJECT_IMPORT, TYPE_NAMES
from notifycli.intake.kinds.kind import Column, Kind, Parts, Time

BOOKED_BY = values.perhaps_one_of(words.WHO, "word for who booked or cancelled", None)

APPOINTMENTS = Kind(
    "appointments",
    "appointment_id",
    (
        CLINIC_ID,
        Column(
            "appointment_id",
            "appointment timenr timenummer timeid avtalenr avtalenummer avtaleid timeavtalenr "
            "timeavtaleid timebestillingsnr timebestillingid bookingid bookingnr",
            is_required=True,
            example="A1",
        ),
        PATIENT_ID,
        Column("type_id", TYPE_NAMES, meaning=values.optional_identifier, example="KONS"),
        Column(
            "starts_at",
            "datoogtid datotid datoogklokkeslett datoklokkeslett",
            meaning=Time(is_required=True),
            is_required=True,
            parts=Parts(
                f"{DATES} startdato timedato avtaledato fradato frådato startdate",
                f"{CLOCKS} startklokkeslett",
                "tid tidspunkt start starttid starttidspunkt startkl timestart fra frå fratid oppmøtetid "
                "oppmøtetidspunkt starttime",
            ),
            example="{in_a_week}T10:00",
        ),
        Column(
            "ends_at",
            meaning=Time(),
            parts=Parts(
                "sluttdato tildato enddate",
                "sluttklokkeslett",
                "slutt sluttid slutttid sluttidspunkt slutttidspunkt sluttkl timeslutt til tiltid end endtime",
            ),
            example="{in_a_week}T10:30",
        ),
        Column(
            "status",
            "timestatus avtalestatus",
            meaning=values.one_of(STATUS_WORDS, "status"),
            is_required=True,
            example="booked",
        ),
        Column(
            "booked_at",
            "booked bestilt bestilttidspunkt bestillingstidspunkt booket booka opprettet oppretta",
            meaning=Time(is_past=True),
            parts=Parts(
                "bestiltdato bestillingsdato bestiltdag",
                "bestiltkl",
                "bestilttid bestillingstid",
            ),
            example="{yesterday}T09:00",
        ),
        Column(
            "booked_by",
            "bestiltav tingaav booketav bookaav opprettetav opprettaav",
            meaning=BOOKED_BY,
            example="clinic",
        ),
        Column(
            "changed_at",
            "changed endret endra endrettidspunkt endringstidspunkt sistendret sistendra oppdatert sistoppdatert",
            meaning=Time(is_past=True),
            parts=Parts(
                "endretdato endradato endringsdato",
                "endretkl endrakl",
                "endrettid endratid endringstid",
            ),
        ),
        Column(
            "cancelled_at",
            "cancelled avbestilt avlyst avbestilttidspunkt avbestillingstidspunkt avlysttidspunkt kansellert",
            meaning=Time(is_past=True),
            parts=Parts(
                "avbestiltdato avbestillingsdato avlystdato",
                "avbestiltkl avlystkl",
                "avbestilttid avlysttid",
            ),
        ),
        Column("cancelled_by", "avbestiltav avlystav kansellertav", meaning=BOOKED_BY),
        Column(
            "location", "sted stad lokasjon oppmøtested oppmøtestad behandlingssted behandlingsstad", example="Room 2"
        ),
        Column(
            "source",
            "kilde kjelde kildesystem kjeldesystem opphav opprinnelse",
            meaning=values.perhaps_one_of(words.SOURCES, "source", None),
            example="local",
        ),
        Column(
            "no_notices",
            "ingenvarsel ingenvarsler ingenvarsling utenvarsel utanvarsel",
            meaning=values.perhaps_one_of(words.NO_NOTICES, "word for what is not to be sent", ""),
        ),
        REJECT_IMPORT,
    ),
)
