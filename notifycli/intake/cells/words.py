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
