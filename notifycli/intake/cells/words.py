"""The words that cells may hold, in English and Norwegian, and what each stands for. Source: SPEC section 3.

Words are compared in lower case, with single spaces.
"""

YES = {"yes", "ja", "true", "1", "j", "y"}
NO = {"no", "nei", "false", "0", "n"}

WHO = {
    **dict.fromkeys(("clinic", "klinikk", "klinikken"), "clinic"),
    **dict.fromkeys(("patient", "pasient", "pasienten"), "patient"),
}
SOURCES = {
    "local": "local",
    "lokal": "local",
    "migrated": "migrated",
    "migrert": "migrated",
    "digicare": "digicare",
    "helsenorge": "helsenorge",
}
NO_NOTICES = {  # which of its notices an appointment wants none of
    **dict.fromkeys(("all", "alle", *YES), "all"),
    **dict.fromkeys(("reminder", "påminnelse", "påminning"), "reminder"),
    **dict.fromkeys(("none", "ingen", *NO), ""),
}
METHODS = {
    **dict.fromkeys(("email", "e-post", "epost", "e-mail"), "email"),
    "sms": "sms",
    **dict.fromkeys(("both", "begge", "begge deler", "e-post og sms", "sms og e-post"), "both"),
    **dict.fromkeys(("default", "standard", "ikke valgt", "ikkje vald"), None),
}
LANGUAGES = {
    **dict.fromkeys(("nb", "no", "nb-no", "no-no", "nob", "nor"), "nb"),
    **dict.fromkeys(("bokmål", "norsk", "norsk bokmål", "norsk (bokmål)"), "nb"),
    **dict.fromkeys(("nn", "nn-no", "nno", "nynorsk", "norsk nynorsk", "norsk (nynorsk)"), "nn"),
    **dict.fromkeys(("en", "en-gb", "en-us", "eng", "english", "engelsk"), "en"),
}
DIALOG_KINDS = {
    "dialog": "dialog",
    **dict.fromkeys(("edialog", "e-dialog"), "edialog"),
    **dict.fromkeys(("econsultation", "e-consultation", "e-konsultasjon", "ekonsultasjon"), "econsultation"),
    **dict.fromkeys(("prescription", "resept", "reseptforespørsel", "reseptfornyelse"), "prescription"),
    **dict.fromkeys(("invoice", "faktura", "fakturaspørsmål"), "invoice"),
}
RECEIPT_WORDS = {
    **dict.fromkeys(("paid", "betalt"), "paid"),
    **dict.fromkeys(("unpaid", "ubetalt", "ikke betalt", "ikkje betalt"), "unpaid"),
}
SENDERS = {"digicare": "digicare", "helsenorge": "helsenorge", "convene": "convene"}
EXTERNAL_EVENTS = {
    **dict.fromkeys(("confirmation", "bekreftelse", "stadfesting"), "confirmation"),
    **dict.fromkeys(("change", "endring"), "change"),
    **dict.fromkeys(("cancellation", "avlysning", "avlysing", "avbestilling"), "cancellation"),
    **dict.fromkeys(("reminder", "påminnelse", "påminning"), "reminder"),
    "dialog": "dialog",
    **dict.fromkeys(("reply", "svar"), "reply"),
    **dict.fromkeys(("receipt", "kvittering"), "receipt"),
    "app_invite": "app_invite",
}
CHANNEL_WORDS = {
    **dict.fromkeys(("email", "e-post", "epost", "e-mail"), "email"),
    "sms": "sms",
    **dict.fromkeys(("push", "app"), "push"),
}
# What logs of other systems say besides. What is none of these is kept as it stands, as a message that is not ours.
LOG_EVENTS = {
    **EXTERNAL_EVENTS,
    **dict.fromkeys(
        (
            *("booking", "booked", "bestilling", "timebestilling", "bestilt time", "ny time", "ny timeavtale"),
            *("timebekreftelse", "bekreftelse på time", "bekreftelse av time", "timestadfesting"),
            *("appointment confirmation", "appointment booked"),
        ),
        "confirmation",
    ),
    **dict.fromkeys(
        (
            *("changed", "rescheduled", "moved", "endret", "endra", "endret time", "endra time", "endring av time"),
            *("timeendring", "flytting", "flyttet time", "flytta time", "appointment change", "appointment changed"),
        ),
        "change",
    ),
    **dict.fromkeys(
        (
            *("cancelled", "canceled", "cancelation", "avlyst", "avlyst time", "avbestilt", "avbestilt time"),
            *("kansellering", "kansellert", "kansellert time", "timeavlysning", "timeavbestilling", "avbud"),
            *("appointment cancellation", "appointment cancelled"),
        ),
        "cancellation",
    ),
    **dict.fromkeys(
        (
            *("timepåminnelse", "timepåminning", "påminnelse om time", "påminning om time", "timevarsel"),
            *("sms påminnelse", "paminnelse", "paaminnelse", "appointment reminder"),
        ),
        "reminder",
    ),
    **dict.fromkeys(("message", "new message", "melding", "ny melding", "edialog", "e dialog"), "dialog"),
    **dict.fromkeys(("answer", "svar på melding", "svar fra klinikken", "nytt svar", "resept"), "reply"),
    **dict.fromkeys(("payment receipt", "betalingskvittering", "kvittering på betaling", "betaling"), "receipt"),
    "app invite": "app_invite",
}
LOG_CHANNELS = {
    **CHANNEL_WORDS,
    **dict.fromkeys(("mail", "e post", "e mail", "epost melding"), "email"),
    **dict.fromkeys(("text", "text message", "tekstmelding", "sms melding", "mobil", "mobile"), "sms"),
    **dict.fromkeys(("appvarsel", "app varsel", "pushvarsel", "push varsel", "push notification"), "push"),
    **dict.fromkeys(("both", "begge", "begge deler"), "email,sms"),
}
LOG_FAILED = (  # of what begins or goes on so in a status
    *("fail", "feil", "ikke levert", "ikkje levert", "ikke mottatt", "undeliver", "not delivered", "not received"),
    *("reject", "avvist", "avvis", "bounce", "retur", "error", "refused", "expired", "utløpt", "invalid", "ugyldig"),
    *("blocked", "blokkert"),
)
LOG_NEVER_SENT = (
    *("skipped", "not sent", "never sent", "ikke sendt", "ikkje sendt", "suppressed", "stopped", "stoppet", "stoppa"),
    *("cancel", "avbrutt", "avbrote", "kansellert", "hoppet over", "draft", "utkast"),
)
