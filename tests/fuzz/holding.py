"""What holds of every import, whatever stands in the file. Where it does not, an AssertionError says what."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from notifycli.intake.importing.files import Outside, import_files
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.report import FileReport
from notifycli.store.engine import Connection
from notifycli.store.facts import Policy

JOURNAL = (
    "import",
    "action",
    "import_stamp",
    "file_seen",
    "open_reject",
    "appointments_seen",
    "patient_to_index",  # whose words are looked at again, changed or not
)  # tables that note failures too
TRACES = ("import_id", "row_hash", "fresh_at", "fresh_import", "seen_open_at", "cell_times")  # the last import


def an_import_holds(connection: Connection, path: Path, now: int) -> list[FileReport]:
    """Imports a file, and again a minute later, which changes nothing; gives the first reports."""
    before = stored(connection)
    reports = imported(connection, path, now)
    after = stored(connection)
    if all(report.error for report in reports):
        assert before == after, "a file that cannot be read changed something"
    again = imported(connection, path, now + 60)
    kinds = [report.kind for report in reports]
    is_one_file = len(kinds) == len(set(kinds))  # of several in an archive, each may change what another brought
    if is_one_file and not any(report.error or report.stops for report in reports):
        changes_nothing(again)
        assert after == stored(connection), "the second time, something changed"
    return reports


def imported(connection: Connection, path: Path, now: int) -> list[FileReport]:
    policy = Policy(lambda clinic_id, source: False, 7 * 86_400)
    options = Options(assume_consent=True, max_upset=0.0)
    reports = import_files(connection, [path], options, policy, now, Outside(io.BytesIO(), now)).reports
    no_row_is_lost(reports)
    return reports


def no_row_is_lost(reports: Sequence[FileReport]) -> None:
    """Each row is counted once, and each rejected one stands in a file of rejects that is no other's."""
    for report in reports:
        assert min(report.counts()) >= 0, f"counts below 0: {report.counts()}"
        if report.error or report.stops:
            assert not report.rejects_files, "rejects of a file that changed nothing"
            continue
        told = report.new + report.changed + report.unchanged + report.stale + report.rejected
        assert report.rows == told, f"{report.rows} rows, but {told} are told of"
        assert rows_in(report.rejects_files) == report.rejected, "rejected rows that are not in a file of rejects"
    files = [path for report in reports for path in report.rejects_files]
    assert len(files) == len(set(files)), "rejects that were written over"


def changes_nothing(reports: Sequence[FileReport]) -> None:
    for report in reports:
        counts = (report.new, report.changed, *report.events.values())
        assert not any(counts), f"the second time: {counts}"


def rows_in(files: list[Path]) -> int:
    """Rows below the headers of CSV files."""
    count = 0
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            count += sum(1 for _ in csv.reader(file, delimiter=";", strict=True)) - 1
    return count


def stored(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table, but for the journal of imports and by which of them it is as it is."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = sorted(name for (name,) in tables if name not in JOURNAL and not name.startswith("sqlite"))
    return {name: sorted(_rows_of(connection, name)) for name in names}


def _rows_of(connection: Connection, table: str) -> list[str]:
    found = connection.execute(f'SELECT * FROM "{table}"')
    columns = [name for name, *_ in found.description]
    return [repr([cell for name, cell in zip(columns, row, strict=True) if name not in TRACES]) for row in found]
