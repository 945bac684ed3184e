"""Whatever stands in a file: no traceback, no hang, no row lost between the counts, and nothing new the second time.

SPEC section 3, through `import_files` and a database on the disk. `make fuzz` asks the same of each reader alone, with
bytes that coverage leads to; here they must at least hold for what the fuzzer begins with.
"""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.store.engine import open_store
from tests.fuzz.holding import an_import_holds, imported
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import CLINICS, NOW, TARGETS, TYPES
from tests.support import damaged_files
from tests.support.damaged_files import damaged

pytestmark = pytest.mark.slow

LONGEST = 5.0  # seconds, for one file
PATIENTS = "clinic_id;patient_id;email;consent\nnidelv;P1;kari@post.example;ja\n"


class TookTooLong(Exception):
    """No reader knows it, so that none can take it for a trouble of the file."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with two clinics, their types and one patient."""
    folder = tmp_path_factory.mktemp("base")
    with closing(open_store(folder / "notify.db")) as connection:
        for name, text in (("clinics", CLINICS), ("types", TYPES), ("patients", PATIENTS)):
            path = folder / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            assert [one.rejected for one in imported(connection, path, NOW - 86_400)] == [0]
    return (folder / "notify.db").read_bytes()


FORMATS = {
    "csv": damaged_files.csv_files(),
    "ndjson": damaged_files.ndjson_files(),
    "workbook": damaged_files.workbooks(),
    "old workbook": damaged_files.old_workbooks(),
    "FHIR Bundle": damaged_files.bundles(),
    "FHIR Bulk Data": damaged_files.bulk_data,
    "HL7": damaged_files.hl7_files(),
    "gz": damaged_files.gzip_files,
    "zip": damaged_files.zip_files(),
    "any bytes": st.binary(max_size=200),
}
EXAMPLES = dict.fromkeys(FORMATS, 40) | {"old workbook": 8}


@pytest.mark.parametrize("name", FORMATS)
def test_no_row_is_lost_whatever_stands_in_the_file(name, base):
    @settings(max_examples=EXAMPLES[name], deadline=None, suppress_health_check=list(HealthCheck))
    @given(content=damaged(FORMATS[name]), ending=st.sampled_from([".csv", ".ndjson", ""]))
    def holds(content: bytes, ending: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path, database = Path(folder, f"export{ending}"), Path(folder, "notify.db")
            path.write_bytes(content)
            database.write_bytes(base)
            with closing(open_store(database)) as connection, within(LONGEST):
                an_import_holds(connection, path, NOW)

    holds()


@pytest.mark.parametrize(
    ("reader", "content"),
    [pytest.param(name, content, id=f"{name} {at}") for name, some in SEEDS.items() for at, content in enumerate(some)],
)
def test_what_the_fuzzer_begins_with_holds(reader, content):
    TARGETS[reader](content)
