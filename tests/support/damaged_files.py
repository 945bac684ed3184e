"""Files of every format that are nearly right: what clinics' systems write, with cells, columns and bytes gone wrong.

Strategies of Hypothesis. Knows formats and the contract's columns, not what an import makes of them.
"""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import openpyxl
import xlwt
from hypothesis import strategies as st

from notifycli.intake.mapping.columns import COLUMNS
from tests.fuzz import seeds

Row = dict[str, str]
TIMES = ["2026-06-11T10:00", "11.06.2026 10:00", "2026-06-01T08:00:00Z", "2026-06-02 09:30:15", "2026-10-25T02:30"]
IDS = ["P1", "A1", "P2", "0815", "KONS"]
YES_OR_NO = ("consent", "notifications", "active", "push_allowed", "timebook", "post", "economy")
GOOD = {
    **{column: ["ja", "no", "1"] for column in YES_OR_NO},
    "clinic_id": ["nidelv", "nidelv", "nidelv", " nidelv ", "vik"],
    "timezone": ["Europe/Oslo", "UTC"],
    "country": ["NO", "se"],
    "language": ["nb", "nynorsk", "EN"],
    "kind": ["dialog", "resept"],
    "sender": ["helsenorge"],
    "event": ["reminder", "app_invite"],
    "channel": ["sms", "epost"],
    "email": ["kari@post.example", "ola@post.example"],
    "mobile": ["91000001", "+46 70 123 45 67", "22 33 44 55"],
    "source": ["local", "migrated", "helsenorge"],
    "booked_by": ["", "clinic", "pasient"],
    "cancelled_by": ["", "klinikk"],
    "no_notices": ["", "reminder", "all"],
    "preferred_method": ["", "sms", "begge"],
}
STATUSES = {
    "appointments": ["booked", "booked", "Avtalt", "avlyst", "avbestilt", "entered-in-error", "møtt", "waitlist"],
    "receipts": ["paid", "ubetalt"],
}
ODD = ["", " ", "\u00a0", "x", "æøå", '"', "a;b", "=1+1", "null", "-1", "1e400", "\u2028", "🧑‍⚕️", "0" * 400]
ODD += ["0001-01-01T00:00", "9999-12-31T23:59:59", "2026-06-31T10:00", "2026-03-29T02:30", "2026-06-11T10:00+99:00"]
ODD += ["nowhere", "Europe", "../x", "Europe//Oslo", "??", "tlh", "kari@@post.example", "kari@xn--.example", "a@[1]"]
ODD += [f"{'k' * 90}@post.example", "+", "tel:1", "avlyst", "ubetalt", "2030-01-01T00:00"]
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def cells(kind: str, column: str) -> st.SearchStrategy[str]:
    """What belongs there, but for one in twenty."""
    good = STATUSES.get(kind, ["sent"]) if column == "status" else GOOD.get(column, ["Kari", "Rom 1"])
    if column.endswith("_at"):
        good = TIMES
    if column.endswith("_id") and column != "clinic_id":
        good = IDS
    chances = st.sampled_from(["good"] * 19 + ["odd", "any"] + ["good"] * 19)  # Hypothesis likes the ends
    others = {"good": st.sampled_from(good), "odd": st.sampled_from(ODD), "any": ANY_TEXT}
    return chances.flatmap(others.__getitem__)


def now_and_then(chances: int) -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * (chances // 2) + [True] + [False] * (chances // 2))


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of one kind with the same columns, of which now and then some are missing."""
    kind = draw(st.sampled_from(list(COLUMNS)))
    columns = draw(st.permutations(COLUMNS[kind]))
    left_out = draw(st.sets(st.sampled_from(columns), max_size=3)) if draw(now_and_then(5)) else set()
    kept = [column for column in columns if column not in left_out]
    rows = draw(st.lists(st.fixed_dictionaries({column: cells(kind, column) for column in kept}), max_size=8))
    return [{column: row[column] for column in kept} for row in rows] or [dict.fromkeys(kept, "")]


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    rows = draw(tables())
    separator, end = draw(st.sampled_from(";,\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))

    def line(texts: Sequence[str]) -> str:
        return separator.join('"' + text.replace('"', '""') + '"' for text in texts) + end

    some_short = [list(row.values())[: draw(st.sampled_from([99] * 9 + [2] + [99] * 9))] for row in rows]
    text = line(list(rows[0])) + "".join(map(line, some_short))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])), "replace")


@st.composite
def ndjson_files(draw: st.DrawFn) -> bytes:
    values = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.integers(), max_size=2)
    lines = []
    for row in draw(tables()):
        changed = draw(st.dictionaries(st.sampled_from(list(row)), values, max_size=2)) if draw(now_and_then(3)) else {}
        gone = draw(st.sets(st.sampled_from(list(row)), max_size=1)) if draw(now_and_then(5)) else set()
        lines.append(json.dumps({name: cell for name, cell in (row | changed).items() if name not in gone}))
    return "\n".join(lines).encode()


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    rows = draw(tables())
    book = openpyxl.Workbook()
    if draw(now_and_then(3)):
        book.active.append(["Timeliste"])
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([draw(as_excel_has_it(cell)) for cell in row.values()])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@st.composite
def old_workbooks(draw: st.DrawFn) -> bytes:
    rows = draw(tables())
    book = xlwt.Workbook()
    sheet = book.add_sheet("Timer")
    for place, texts in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
        for column, text in enumerate(texts):
            sheet.write(place, column, text if place == 0 else draw(as_excel_has_it(text)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_excel_has_it(cell: str) -> st.SearchStrategy[Any]:
    text = re.sub("[\x00-\x1f\ufffe\uffff]", "", cell)
    others: list[Any] = [None, True, 0.1, 10**16, -1]
    with_time = re.fullmatch(r"20\d\d-06-1\dT\d\d:\d\d", cell)
    if with_time:
        others.append(datetime.fromisoformat(f"{cell[:11]}10:00"))
    if cell.isascii() and cell.isdecimal() and len(cell) < 16:
        others.append(int(cell))
    return st.sampled_from([text] * 30 + others + [text] * 30)


LEAVES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "\0",
    [],
    {},
    [None],
    ["x"],
    "2026-13",
    "Patient/P1",
    "#l",
    "Location/L1",
]
LEAVES += [
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "urn:uuid:AB",
    "http://x.example/Organization/vik",
    "é" * 200,
]
BARE = {"resourceType": "Appointment", "id": "A1", "status": "cancelled"}
RESOURCES = [seeds.FHIR_PATIENT, seeds.FHIR_APPOINTMENT, BARE, seeds.FHIR_CLINIC, seeds.FHIR_PLACE, seeds.FHIR_CONSENT]


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every object or list within, with each of its keys or indexes."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in ((value, key), *places_in(inner))]


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    resource = deepcopy(draw(st.sampled_from(RESOURCES)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        around, key = draw(st.sampled_from(places_in(resource) or [({}, "x")]))
        if draw(st.booleans()):
            around[key] = deepcopy(draw(st.sampled_from(LEAVES)))
        elif isinstance(around, list):
            around.append(deepcopy(around[key]))
        else:
            around.pop(key, None)
    return resource


DELETED = {"method": "DELETE", "url": "Appointment/A1"}


@st.composite
def bundles(draw: st.DrawFn) -> bytes:
    entries = [{"resource": one} for one in draw(st.lists(resources(), max_size=6))]
    for entry in entries:
        more = st.sampled_from(
            [{}, {}, {"fullUrl": "urn:uuid:ab"}, {"request": {"method": "DELETE", "url": "Appointment/A1"}}]
        )
        entry |= draw(more)
        if "request" in entry:
            entry.pop("resource")
    kind = draw(st.sampled_from(["searchset", "collection", "history", None]))
    return json.dumps(
        {"resourceType": "Bundle", "type": kind, "entry": entries}, indent=draw(st.none() | st.just(1))
    ).encode()


bulk_data = st.lists(resources(), min_size=1, max_size=6).map(lambda several: seeds.lines(*several))

SEGMENTS = [one for one in seeds.BOOKED.split("\r") if one] + ["PID|||P2", "SCH||A2", "FHS|^~\\&", "BTS|3", "ZZZ|x", ""]
FIELDS = [
    "",
    '""',
    "P1",
    "P2^^^nidelv^PI",
    "SIU^S15",
    "SIU^S13",
    "ADT^A01",
    "20260618",
    "20260618100000-1400",
    "99999999999999",
]
FIELDS += ["M2", "~~", "\\X41\\", "\\XFF\\", "\\E\\", "^^^^^^^", "cancelled", "1" * 40, "99", "h", "Y", "é"]


@st.composite
def hl7_files(draw: st.DrawFn) -> bytes:
    segments = draw(st.lists(st.sampled_from(SEGMENTS), max_size=4))
    for _ in range(draw(st.integers(1, 3))):
        segments += SEGMENTS[:7]
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, len(segments) - 1))
        fields = segments[place].split("|")
        fields[draw(st.integers(0, len(fields) - 1))] = draw(st.sampled_from(FIELDS))
        segments[place] = "|".join(fields)
    end = draw(st.sampled_from(["\r", "\n", "\r\n", "\r\x1c\r\x0b"]))
    return ("MSH|^~\\&|EPJ|nidelv|||20260601||SIU^S12" + end + end.join(segments)).encode()


plain_files = csv_files() | ndjson_files() | bundles() | bulk_data | hl7_files()


@st.composite
def zip_files(draw: st.DrawFn) -> bytes:
    file = io.BytesIO()
    names = st.sampled_from(["a.csv", "b/a.csv", "c.ndjson", "../d.hl7", "/e.json", "æ .csv", ".f", "g/"])
    with zipfile.ZipFile(file, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        for name in draw(st.lists(names, max_size=3, unique=True)):
            archive.writestr(name, draw(damaged(plain_files | workbooks())))
    return file.getvalue()


gzip_files = plain_files.map(lambda content: gzip.compress(content, mtime=0))


@st.composite
def damaged(draw: st.DrawFn, files: st.SearchStrategy[bytes]) -> bytes:
    """Mostly the file as it is; else bytes changed, a piece left out or told twice, or the end cut off."""
    content = draw(files)
    if not draw(now_and_then(3)):
        return content
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, 10_000)) * len(content) // 10_000  # a workbook's size depends on the time of day
        size = draw(st.integers(1, 40))
        content = draw(st.sampled_from(DAMAGES))(content, start, size)
    return content


DAMAGES: list[Callable[[bytes, int, int], bytes]] = [
    lambda content, start, size: content[:start],
    lambda content, start, size: content[:start] + content[start + size :],
    lambda content, start, size: content[: start + size] + content[start:],
    lambda content, start, size: content[:start] + bytes([size * 6 % 256]) + content[start + 1 :],
    lambda content, start, size: content[:start] + b'\n";{"[\0\xff|^'[size % 10 :] + content[start:],
    lambda content, start, size: content[start:] + content[:start],
]
