"""A file of each kind to begin with: a header of all its columns and one example row; the seven rows fit together.

Must not know files. The people and places in it do not exist.
"""

import csv
import io
from datetime import date, timedelta

from notifycli.intake.kinds.registry import KINDS

IN_CSV_OF_NORWAY = ";"


def template(kind: str, today: date) -> str:
    """The text of the file. What happened, happened yesterday; the appointment is in a week."""
    days = {"yesterday": today - timedelta(days=1), "in_a_week": today + timedelta(days=7)}
    columns = [column for column in KINDS[kind].columns if not column.is_ours]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=IN_CSV_OF_NORWAY, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerow([column.example.format_map(days) for column in columns])
    return text.getvalue()
