"""SPEC section 3: files of one JSON object a line. A column that a row lacks and an empty cell are two things."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.test_source import MANY, blocks_in, refusal, written
from tests.support.sources import open_source


def rows_of(path: Path) -> list[tuple[tuple[str, ...], list[list[str]], list[int]]]:
    """The blocks, those put together that only the end of a chunk of bytes has cut."""
    found: list[tuple[tuple[str, ...], list[list[str]], list[int]]] = []
    for block in blocks_in(path):
        if found and found[-1][0] == block.header:
            found[-1] = (block.header, found[-1][1] + block.rows, [*found[-1][2], *block.lines])
        else:
            found.append((block.header, block.rows, list(block.lines)))
    return found


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param('"x"', "x", id="text"),
        pytest.param('"\\u00e5\\ud83d\\ude00\\n"', "å😀\n", id="escapes"),
        pytest.param("12", "12", id="integer"),
        pytest.param("-0", "0", id="no negative nought"),
        pytest.param("1.0", "1", id="integer with a point"),
        pytest.param("1.50", "1.5", id="fraction"),
        pytest.param("1e3", "1000", id="exponent"),
        pytest.param("2.5E-3", "0.0025", id="negative exponent"),
        pytest.param("1" + "0" * 30, "1" + "0" * 30, id="an id of 31 digits"),
        pytest.param("1e999999999", "1e999999999", id="an exponent that would fill the memory"),
        pytest.param("true", "true", id="true"),
        pytest.param("false", "false", id="false"),
        pytest.param("null", "", id="null clears"),
        pytest.param('[1.50, {"b": "å"}]', '[1.50, {"b": "å"}]', id="nested"),
        pytest.param('"\\\\u0000"', "\\u0000", id="what only looks like NUL"),
        pytest.param('"a\u2028b"', "a\u2028b", id="other breaks break nothing"),
    ],
)
def test_a_json_value_becomes_a_cell(tmp_path, text, cell):
    path = written(tmp_path, f'{{"id":"1","a":{text}}}\n', "file.jsonl")
    assert rows_of(path) == [(("id", "a"), [["1", cell]], [1])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["file.csv", "file.ndjson"])
def test_json_is_known_by_its_first_letter_in_any_encoding(tmp_path, name, encoding):
    path = written(tmp_path, '\r\n {"navn":"Åse"}\r\n\r\n{"navn":"Bjørn"}'.encode(encoding), name)
    assert rows_of(path) == [(("navn",), [["Åse"], ["Bjørn"]], [2, 4])]
    with open_source(path) as source:
        assert (source.format, source.separator) == ("ndjson", "")


def test_a_row_with_other_keys_begins_another_block_in_the_files_order(tmp_path):
    lines = [
        '{"a":1,"b":2}',
        '{"b":4,"a":3}',
        '{"a":5}',
        "{}",
        '{"a":null}',
        '{"a":6," b ":7}',
        '{"a":8,"b":9,"a":10,"c":8}',
    ]
    assert rows_of(written(tmp_path, "\n".join(lines))) == [
        (("a", "b"), [["1", "2"], ["3", "4"]], [1, 2]),
        (("a",), [["5"]], [3]),
        (("a", "b"), [["6", "7"]], [6]),
        (("a", "b", "c"), [["10", "9", "8"]], [7]),
    ]


def test_empty_objects_alone_make_a_block_without_columns(tmp_path):
    assert rows_of(written(tmp_path, "{}\n{}\n")) == [((), [], [])]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"a":1}\n[1]\n', "line 2: it is no JSON object", id="an array"),
        pytest.param('{"a":1}\n\n{"a":\n1}', "line 3: it is no JSON object", id="an object over two lines"),
        pytest.param('{"a":1}{"a":2}', "line 1: it is no JSON object", id="two on a line"),
        pytest.param('{"a":NaN}', "line 1: it is no JSON object", id="NaN"),
        pytest.param('{"a":01}', "line 1: it is no JSON object", id="a number with a nought before it"),
        pytest.param('{"a":"\\ud800"}', "line 1: it is no JSON object", id="half a character"),
        pytest.param('{"a":' + "[" * 100_000, "line 1: it is no JSON object", id="a deep nest"),
        pytest.param('{"a":' + "1" * 100_000 + "}", "line 1: it is no JSON object", id="a number without end"),
        pytest.param('{"a":1}\n{"a":"\\u0000"}', "line 2: it holds a NUL character", id="NUL"),
        pytest.param('{"a\\u0000":1}', "line 1: it holds a NUL character", id="NUL in a key"),
        pytest.param("{" + ",".join(f'"{n}":1' for n in range(1001)) + "}", "line 1: it has 1,001 columns", id="wide"),
    ],
)
def test_what_is_no_ndjson_is_refused_with_its_line(tmp_path, text, says):
    assert refusal(written(tmp_path, text)).startswith(says)


FLAT = st.dictionaries(
    st.sampled_from(["a", "b", "å"]), st.text(max_size=5) | st.integers() | st.booleans() | st.none()
)


@pytest.mark.slow
@given(st.lists(FLAT, min_size=1, max_size=8))
@MANY
def test_any_json_objects_come_back_in_their_order(tmp_path, objects):
    path = written(tmp_path, "".join(json.dumps(one) + "\n" for one in objects))
    if "\\u0000" in path.read_text():
        assert refusal(path).endswith("a NUL character; export the file without it")
        return
    expected = [{key: as_cell(value) for key, value in one.items()} for one in objects]
    found = [dict(zip(block.header, row, strict=True)) for block in blocks_in(path) for row in block.rows]
    assert found == [one for one in expected if any(one.values())]


def as_cell(value: str | int | None) -> str:
    return {"None": "", "True": "true", "False": "false"}.get(repr(value), str(value))
