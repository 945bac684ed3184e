"""FHIR R4 becomes blocks of rows. Knows FHIR and the contract's columns; not files' names, what is stored, nor a clock.

Source: SPEC section 3, and https://hl7.org/fhir/R4. Lenient: what is not as FHIR has it is as if it were absent.
"""

from notifycli.intake.formats.fhir.directory import Directory
from notifycli.intake.formats.fhir.reading import FhirFile
from notifycli.intake.formats.fhir.recognising import is_fhir
from notifycli.intake.formats.fhir.rows import Reading

__all__ = ["Directory", "FhirFile", "Reading", "is_fhir"]
