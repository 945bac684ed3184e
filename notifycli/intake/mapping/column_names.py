"""The names that exports give the contract's columns, in English, bokmål and nynorsk. Data; columns.py reads it.

Within one kind a name means one column. A name that could mean two, or a thing that must not be an id (fødselsnummer),
is left to the configuration. Source: SPEC section 3.
"""

# The further names of each contract column, as `plain` writes them; the contract's own name needs no mention.
CLINIC = "clinic klinikk klinikkid klinikknr klinikknummer klinikkkode legekontor legekontorid virksomhet virksomhetid "
CLINIC += "virksomhetsid verksemd verksemdid verksemdsid"
PATIENT = "patient patientnr pasient pasientid pasientnr pasientnummer pasientkode pasid pasnr"
TYPE = (
    "appointmenttype timetype timetypeid timetypenr timetypekode avtaletype avtaletypeid avtaletypekode type typekode "
)
TYPE += "konsultasjonstype besøkstype"
LANGUAGE = "språk språkkode målform"
DATES = "dato date"
CLOCKS = "klokkeslett klokkeslet klokka klokken kl"
NAMES: dict[str, dict[str, str]] = {
    "clinics": {
        "clinic_id": CLINIC,
        "name": "navn namn klinikknavn klinikknamn clinicname",
        "phone": "telefon telefonnr telefonnummer tlf tlfnr",
        "address": "adresse besøksadresse gateadresse",
        "portal_url": "portal portaladresse portallenke portallenkje pasientportal",
        "payments_url": "betalingsside betalingslenke betalingslenkje betalingsadresse betalingsurl",
        "timezone": "tidssone",
        "country": "land landkode landskode",
        "language": LANGUAGE,
        "sender_email": "avsenderepost avsendarepost epostavsender epostavsendar",
        "sender_sms": "avsendersms avsendarsms smsavsender smsavsendar",
        "timebook": "timebok",
        "post": "",
        "economy": "økonomi",
        "reject_import": "",
        "fresh_at": "",
    },
    "types": {
        "clinic_id": CLINIC,
        "type_id": TYPE + " kode",
        "name": "navn namn timetypenavn timetypenamn typenavn typenamn avtaletypenavn beskrivelse skildring",
        "notifications": "varsling varslinger varsel varsle varsler varslar sendvarsel",
        "active": "aktiv ibruk",
        "reject_import": "",
        "fresh_at": "",
    },
    "patients": {
        "clinic_id": CLINIC,
        "patient_id": PATIENT,
        "given_name": "firstname fornavn fornamn",
        "family_name": "lastname surname etternavn etternamn familienavn familienamn",
        "email": "emailaddress mail mailadresse epost epostadresse",
        "mobile": "mobilephone mobil mobilnr mobilnummer mobiltelefon mobiltelefonnr mobiltelefonnummer mobiltlf "
        "tlfmobil telefonmobil",
        "push_token": "pushnøkkel",
        "push_allowed": "pushtillatt pushtillate tillaterpush tillètpush tillatpush",
        "language": LANGUAGE + " foretrukketspråk føretrekkespråk føretrektspråk",
        "consent": "samtykke samtykker samtykkjer samtykketilvarsling samtykkevarsling varslingssamtykke",
        "preferred_method": "foretrukketvarslingsmetode føretrektvarslingsmetode føretrektvarslingsmåte "
        "varslingsmetode varslingsmåte varslingskanal foretrukketmetode føretrektmetode foretrukketkanal",
        "last_login_at": "sistinnlogget sistinnlogga sisteinnlogging sistpålogget sistpålogga sistepålogging lastlogin",
        "reject_import": "",
        "fresh_at": "",
    },
    "appointments": {
        "clinic_id": CLINIC,
        "appointment_id": "appointment timenr timenummer timeid avtalenr avtalenummer avtaleid timeavtalenr "
        "timeavtaleid timebestillingsnr timebestillingid bookingid bookingnr",
        "patient_id": PATIENT,
        "type_id": TYPE,
        "starts_at": "datoogtid datotid datoogklokkeslett datoklokkeslett",
        "ends_at": "",
        "status": "timestatus avtalestatus",
        "booked_at": "booked bestilt bestilttidspunkt bestillingstidspunkt booket booka opprettet oppretta",
        "booked_by": "bestiltav tingaav booketav bookaav opprettetav opprettaav",
        "changed_at": "changed endret endra endrettidspunkt endringstidspunkt sistendret sistendra "
        "oppdatert sistoppdatert",
        "cancelled_at": "cancelled avbestilt avlyst avbestilttidspunkt avbestillingstidspunkt avlysttidspunkt "
        "kansellert",
        "cancelled_by": "avbestiltav avlystav kansellertav",
        "location": "sted stad lokasjon oppmøtested oppmøtestad behandlingssted behandlingsstad",
        "source": "kilde kjelde kildesystem kjeldesystem opphav opprinnelse",
        "no_notices": "ingenvarsel ingenvarsler ingenvarsling utenvarsel utanvarsel",
        "reject_import": "",
    },
    "dialogs": {
        "clinic_id": CLINIC,
        "dialog_id": "dialog dialognr dialognummer meldingid meldingsid meldingnr meldingsnr",
        "patient_id": PATIENT,
        "kind": "type dialogtype meldingstype slag",
        "sent_at": "sent sendt sendttidspunkt datoogtid datotid datoogklokkeslett datoklokkeslett",
    },
    "receipts": {
        "clinic_id": CLINIC,
        "receipt_id": "receipt kvittering kvitteringnr kvitteringsnr kvitteringsnummer kvitteringid kvitteringsid "
        "regningskort regningskortnr regningskortnummer regningskortid rekningskort rekningskortnr rekningskortid",
        "patient_id": PATIENT,
        "status": "betalingsstatus",
        "paid_at": "paid betalt betalttidspunkt betalingstidspunkt",
    },
    "external": {
        "clinic_id": CLINIC,
        "external_id": "eksternid eksternnr varselid varselnr varslingsid varslingid",
        "patient_id": PATIENT,
        "sender": "avsender avsendar sendtav",
        "event": "hendelse hendelsestype hending hendingstype",
        "channel": "kanal varslingskanal varslingsmetode varslingsmåte",
        "sent_at": "sent sendt sendttidspunkt datoogtid datotid datoogklokkeslett datoklokkeslett",
        "status": "leveringsstatus",
    },
}
# Times that may stand in two columns: names of the date, of the clock, and of what is the clock where there is a date
# and both where there is none.
PARTS: dict[str, dict[str, tuple[str, str, str]]] = {
    "appointments": {
        "starts_at": (
            DATES + " startdato timedato avtaledato fradato frådato startdate",
            CLOCKS + " startklokkeslett",
            "tid tidspunkt start starttid starttidspunkt startkl timestart fra frå fratid oppmøtetid "
            "oppmøtetidspunkt starttime",
        ),
        "ends_at": (
            "sluttdato tildato enddate",
            "sluttklokkeslett",
            "slutt sluttid slutttid sluttidspunkt slutttidspunkt sluttkl timeslutt til tiltid end endtime",
        ),
        "booked_at": ("bestiltdato bestillingsdato bestiltdag", "bestiltkl", "bestilttid bestillingstid"),
        "changed_at": ("endretdato endradato endringsdato", "endretkl endrakl", "endrettid endratid endringstid"),
        "cancelled_at": (
            "avbestiltdato avbestillingsdato avlystdato",
            "avbestiltkl avlystkl",
            "avbestilttid avlysttid",
        ),
    },
    "dialogs": {"sent_at": (DATES + " sendtdato", CLOCKS, "tid tidspunkt sendttid")},
    "receipts": {"paid_at": ("betaltdato betalingsdato", CLOCKS, "betalttid betalingstid")},
    "external": {"sent_at": (DATES + " sendtdato", CLOCKS, "tid tidspunkt sendttid")},
}
# What a file of another kind may call something of its own: these names alone make a file none of theirs.
SAY_LITTLE = (
    "status type typekode kode beskrivelse skildring aktiv ibruk varsling varslinger varsel varsle varsler varslar "
    "dato date klokkeslett klokkeslet klokka klokken kl tid tidspunkt start slutt fra frå til end "
    "startdato sluttdato fradato frådato tildato startdate enddate sted stad lokasjon behandlingssted "
    "behandlingsstad kilde kjelde kildesystem kjeldesystem opphav opprinnelse opprettet oppretta opprettetav "
    "opprettaav changed endret endra endrettidspunkt endringstidspunkt sistendret sistendra oppdatert "
    "sistoppdatert endretdato endradato endringsdato endretkl endrakl endrettid endratid endringstid "
    "ingenvarsel ingenvarsler ingenvarsling utenvarsel utanvarsel dialog slag sent sendt kvittering regningskort "
    "rekningskort betalingsstatus paid betalt avsender avsendar hendelse hending kanal leveringsstatus"
)
