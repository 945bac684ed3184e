"""Columns and names that several kinds share. Knows no kind by itself."""

from notifycli.intake.cells import values, words
from notifycli.intake.kinds.columns import Column, Time

PATIENT_NAMES = "patient patientnr pasient pasientid pasientnr pasientnummer pasientkode pasid pasnr"
TYPE_NAMES = (
    "appointmenttype timetype timetypeid timetypenr timetypekode avtaletype avtaletypeid avtaletypekode type typekode "
    "konsultasjonstype besøkstype"
)
LANGUAGE_NAMES = "språk språkkode målform"
DATES = "dato date"
CLOCKS = "klokkeslett klokkeslet klokka klokken kl"

LANGUAGE = values.perhaps_one_of(words.LANGUAGES, "language", None)

CLINIC_ID = Column(
    "clinic_id",
    "clinic klinikk klinikkid klinikknr klinikknummer klinikkkode legekontor legekontorid virksomhet virksomhetid "
    "virksomhetsid verksemd verksemdid verksemdsid",
    is_required=True,
    example="nidelv",
)
PATIENT_ID = Column("patient_id", PATIENT_NAMES, is_required=True, example="1001")
REJECT_IMPORT = Column("reject_import", is_ours=True)  # the import that rejected the row
FRESH_AT = Column("fresh_at", meaning=Time(), is_ours=True)  # of a message or resource, instead of the file's time
