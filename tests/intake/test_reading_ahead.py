"""A large file is read by a process of its own: nothing but the time tells which way it was read."""

import os
import signal
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.intake.formats.ahead import LARGE, blocks_of
from notifycli.intake.formats.blocks import Block, ByColumn, Unreadable, columns_of, hashes_of
from tests.support.one_clinic import Clinic
from tests.support.sources import open_source

pytestmark = pytest.mark.slow

SALT = b"0123456789abcdef"
QUOTED = 'P1;"Kari\nAnne";Bodø\n'
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "patients.csv"
    path.write_bytes(text.encode(encoding))
    return path


def told(blocks: Iterable[Block]) -> list[tuple[tuple[str, ...], list[list[str]], list[int]]]:
    return [(block.header, [list(row) for row in block.rows], list(block.lines)) for block in blocks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("P1;Kari;Bodø\n" * 30_000, id="regular"),
        pytest.param("P1;Kari;Bodø\n" * 9_000 + QUOTED * 9_000, id="of several lines"),
        pytest.param(("P1;Kari;Bodø\n" * 20_000 + "P1;Kari\n;;\n\n" + "P1;;;;\n") * 2, id="irregular"),
        pytest.param("", id="none"),
    ],
)
def test_another_process_reads_the_same_blocks(tmp_path, rows, encoding):
    with open_source(written(tmp_path, "id;navn;sted\n" + rows, encoding)) as source:
        with closing(blocks_of(source, SALT, large=0)) as ahead:
            found = list(ahead)
        assert source.read_so_far == source.size
        assert told(found) == told(source.blocks())
        for block in found:
            assert block.hashes is None or block.hashes == hashes_of(block.rows, SALT)
        assert any(block.hashes for block in found) == bool(rows)


def test_a_fault_far_into_the_file_is_told_alike(tmp_path):
    path = written(tmp_path, "id;navn\n" + "P1;Kari\n" * 50_000 + 'P2;"Ola" Nes\n' + "P3;Per\n" * 50_000)
    said = []
    for large in (0, 10**9):
        with open_source(path) as source, closing(blocks_of(source, SALT, large)) as blocks:
            with pytest.raises(Unreadable) as caught:
                list(blocks)
            said.append(str(caught.value))
    assert said[0] == said[1]
    assert "line 50002" in said[0]


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    path = written(tmp_path, "id;navn\n" + "P1;Kari\n" * 400_000)
    with open_source(path) as source, closing(blocks_of(source, SALT, large=0)) as blocks:
        next(blocks)
        with path.open("a") as file:
            file.write("P2;Ola\n")
        with pytest.raises(Unreadable, match="it was changed while it was read"):
            list(blocks)


def children() -> set[int]:
    me = os.getpid()
    return {int(one) for one in Path(f"/proc/{me}/task/{me}/children").read_text().split()}


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc to see processes")


@needs_proc
def test_an_end_before_its_time_is_told_and_leaves_nothing(tmp_path):
    before = children()
    path = written(tmp_path, "id;navn\n" + "P1;Kari\n" * 400_000)
    with open_source(path) as source, closing(blocks_of(source, SALT, large=0)) as blocks:
        next(blocks)
        (reader,) = children() - before
        os.kill(reader, signal.SIGKILL)
        with pytest.raises(Unreadable, match="ended before its time"):
            list(blocks)
    assert children() == before


@needs_proc
def test_who_stops_halfway_leaves_no_process_behind(tmp_path):
    before = children()
    path = written(tmp_path, "id;navn\n" + "P1;Kari\n" * 400_000)
    with open_source(path) as source, closing(blocks_of(source, SALT, large=0)) as blocks:
        next(blocks)
        assert children() - before
    assert children() == before


def test_a_large_import_has_its_rows_rejects_and_repeats(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    rows = [f"nidelv;P{number:06};Kari;Lunde;kari{number}@post.example;yes" for number in range(1, 180_001)]
    rows[99_999] = "nidelv;;Ola;Lunde;ola@post.example;yes"
    path = tmp_path / "patients.csv"
    path.write_text("clinic_id;patient_id;given_name;family_name;email;consent\n" + "\n".join(rows) + "\n")
    assert path.stat().st_size > LARGE
    first, again = (clinic.json("import", str(path))["files"][0] for _ in range(2))
    assert (first["rows"], first["new"], first["rejected"]) == (180_000, 179_999, 1)
    assert [one["line"] for one in first["problems"]] == [100_001]
    assert (again["unchanged"], again["rejected"]) == (179_999, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(columns=st.integers(1, 5).flatmap(lambda size: st.lists(st.lists(CELL, min_size=size, max_size=size))))
def test_rows_by_column_are_the_same_rows(columns):
    columns = columns or [[""]]
    by_column = ByColumn(columns)
    rows = [list(row) for row in zip(*columns, strict=True)]
    assert list(by_column) == rows == [by_column[place] for place in range(len(by_column))]
    assert list(by_column[1:]) == rows[1:]
    assert [list(column) for column in columns_of(rows)] == [list(column) for column in columns_of(by_column)]
    assert hashes_of(rows, SALT) == hashes_of(by_column, SALT)
