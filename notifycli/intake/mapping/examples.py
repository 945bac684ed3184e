"""A file of each kind to begin with: a header of all its columns and one example row; the seven rows fit together.

Knows columns and their values; must not know files. The people and places in it do not exist.
"""

import csv
import io
from datetime import date, timedelta

from notifycli.intake.mapping.columns import COLUMNS

NOT_OF_A_CLINICS_FILE = {"reject_import", "fresh_at"}  # what notify writes itself
IN_CSV_OF_NORWAY = ";"


def template(kind: str, today: date) -> str:
    """The text of the file. What happened, happened yesterday; the appointment is in a week."""
    columns = [column for column in COLUMNS[kind] if column not in NOT_OF_A_CLINICS_FILE]
    example = _examples(today)[kind]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=IN_CSV_OF_NORWAY, lineterminator="\n")
    writer.writeheader()
    writer.writerow(example)
    return text.getvalue()


def _examples(today: date) -> dict[str, dict[str, str]]:
    """By kind; a column that is not named is empty, as it may be."""
    yesterday, in_a_week = today - timedelta(days=1), today + timedelta(days=7)
    clinic = {"clinic_id": "nidelv"}
    patient = clinic | {"patient_id": "1001"}
    return {
        "clinics": clinic
        | {
            "name": "Nidelv legesenter",
            "phone": "73 00 00 01",
            "address": "Elvegata 1, Trondheim",
            "portal_url": "https://nidelv.example/portal",
            "payments_url": "https://nidelv.example/betaling",
            "timezone": "Europe/Oslo",
            "country": "NO",
            "language": "nb",
            "sender_email": "post@nidelv.example",
            "sender_sms": "Nidelv",
            "timebook": "yes",
            "post": "yes",
            "economy": "yes",
        },
        "types": clinic | {"type_id": "KONS", "name": "Konsultasjon", "notifications": "yes", "active": "yes"},
        "patients": patient
        | {
            "given_name": "Kari",
            "family_name": "Nordmann",
            "email": "kari@post.example",
            "mobile": "910 00 001",
            "push_allowed": "no",
            "language": "nb",
            "consent": "yes",
            "preferred_method": "email",
            "last_login_at": f"{yesterday}T08:00",
        },
        "appointments": patient
        | {
            "appointment_id": "A1",
            "type_id": "KONS",
            "starts_at": f"{in_a_week}T10:00",
            "ends_at": f"{in_a_week}T10:30",
            "status": "booked",
            "booked_at": f"{yesterday}T09:00",
            "booked_by": "clinic",
            "location": "Room 2",
            "source": "local",
        },
        "dialogs": patient | {"dialog_id": "D1", "kind": "dialog", "sent_at": f"{yesterday}T10:00"},
        "receipts": patient | {"receipt_id": "R1", "status": "paid", "paid_at": f"{yesterday}T11:00"},
        "external": patient
        | {
            "external_id": "X1",
            "sender": "convene",
            "event": "app_invite",
            "channel": "sms",
            "sent_at": f"{yesterday}T12:00",
            "status": "delivered",
        },
    }
