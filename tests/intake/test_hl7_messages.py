"""HL7 v2: where messages, batches and fields begin and end, in which order messages count, and that none is lost."""

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.formats.hl7 import Hl7File, is_hl7
from notifycli.intake.formats.hl7_messages import Messages
from tests.intake.test_hl7 import NOW, PID, SCH, blocks, message, read, rows


@pytest.mark.parametrize(
    ("beginning", "is_one"),
    [
        pytest.param(b"MSH|^~\\&|EPJ", True, id="a message"),
        pytest.param(b"\xef\xbb\xbf\r\n MSH|^~\\&|", True, id="mark and blank lines"),
        pytest.param(b"\x0bMSH$%~\\&$", True, id="MLLP and separators of its own"),
        pytest.param(b"FHS|^~\\&|", True, id="a file of batches"),
        pytest.param(b"BHS|^~\\&|", True, id="a batch"),
        pytest.param(b"MSH||", True, id="without MSH-2"),
        pytest.param(b"MSHA;b", False, id="a word"),
        pytest.param(b"MSH;navn;mobil", False, id="a column of a CSV"),
        pytest.param(b"PID|1||", False, id="another segment"),
        pytest.param(b"clinic_id;patient_id", False, id="a CSV"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_hl7_is_known_by_its_beginning(beginning, is_one):
    assert is_hl7(beginning) is is_one


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        pytest.param(["202608031200", "202608021200", "202608011200"], "CBA", id="by the clock"),
        pytest.param(["202608011200+0200", "202608011030+0000", "202608011130+0100"], "ABC", id="equal stay"),
        pytest.param(["202608011200+0100", "202608011130+0000", "202608011230+0200"], "CAB", id="as instants"),
        pytest.param(["202608031200", "", "202608011200"], "CAB", id="none follows the one before it"),
        pytest.param(["202608031200+0200", "202608041200", "202608011200+0200"], "CAB", id="no offset among others"),
        pytest.param(["20260801120000.2", "20260801120000.1", "20260801120000.15"], "BCA", id="fractions"),
        pytest.param(["", "", "202608011200"], "ABC", id="none at first"),
    ],
)
def test_messages_are_taken_in_the_order_of_their_time(sent, order):
    text = "".join(message(PID, f"SCH||{name}", sent=at) for name, at in zip("ABC", sent, strict=True))
    assert "".join(row["appointment_id"] for row in rows(text)) == order


def test_a_message_that_comes_again_is_taken_once():
    again = message(PID, "SCH||A1", control="7") + message(PID, "SCH||A2", control="7")
    text = (
        again + message(PID, "SCH||A3", control="7", clinic="elv") + message(PID, "SCH||A4") + message(PID, "SCH||A5")
    )
    assert [row["appointment_id"] for row in rows(text)] == ["A1", "A3", "A4", "A5"]
    assert read(text).notes() == ["1 message came more than once (the same MSH-10) and was taken once"]


def test_messages_of_other_types_are_noted():
    others = [message(PID, trigger=trigger) for trigger in ("S23", "S23", "<kari>")]
    adt = message(PID).replace("SIU^S12", "ADT^A08")
    assert read("".join([*others, adt, "MSH|^~\\&|EPJ\r"])).kinds == []
    assert read("".join([*others, adt, "MSH|^~\\&|EPJ\r"])).notes() == [
        "2 messages of type SIU^S23 were not used",
        "1 message of type SIU^? was not used",
        "1 message of type ADT^A08 was not used",
        "1 message without a type was not used",
    ]


ONE, TWO = message(PID, "SCH||A1"), message(PID, "SCH||A2")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        pytest.param(f"FHS|^~\\&\rBHS|^~\\&\r{ONE}{TWO}BTS|2\rFTS|1\r", [], id="whole"),
        pytest.param(f"BHS|^~\\&\r{ONE}{TWO}BTS|5\r", ["BTS on line 8 says 5 messages, but there are 2"], id="fewer"),
        pytest.param(f"BHS|^~\\&\r{ONE}BTS|0\r{TWO}", ["BTS on line 5 says 0 messages, but there is 1"], id="more"),
        pytest.param(
            f"FHS|^~\\&\rBHS|^~\\&\r{ONE}BTS|1\rBHS|^~\\&\r{TWO}BTS|1\rFTS|3\r",
            ["FTS on line 12 says 3 batches, but there are 2"],
            id="batches",
        ),
        pytest.param(f"BHS|^~\\&\r{ONE}{TWO}", ["BHS on line 1 has no BTS; is the file whole?"], id="cut"),
        pytest.param(f"BHS|^~\\&\r{ONE}{TWO}BTS|many\r", [], id="no number"),
        pytest.param(f"PID|1||P7\r{ONE}{TWO}", ["1 line before the first MSH was not used"], id="before the first"),
    ],
)
def test_batches_are_understood(text, notes):
    assert [row["appointment_id"] for row in rows(text)] == ["A1", "A2"]
    assert read(text).notes() == notes


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\n\r\n"])
def test_lines_are_those_of_the_messages_whatever_ends_a_line(end):
    text = (ONE + TWO).replace("\r", end)
    lines = [line for block in blocks(text, "appointments") for line in block.lines]
    assert lines == [1, 1 + text[: text.rindex("MSH")].count(end[:1])]


def test_frames_of_mllp_fall_away():
    text = f"\x0b{ONE}\x1c\r\x0b{TWO}\x1c\x0b{TWO.replace('A2', 'A3')}\x1c\r"
    assert [row["appointment_id"] for row in rows(text)] == ["A1", "A2", "A3"]


def test_lines_are_counted_across_pieces():
    file = Hl7File(lambda: iter([ONE, TWO[: TWO.index("SCH")], TWO[TWO.index("SCH") :]]), NOW)
    assert [list(block.lines) for block in file.blocks("appointments", False, {})] == [[1, 4]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(message(PID), ("", "P1"), id="no SCH, so that it is rejected"),
        pytest.param("MSH|^~\\&|||||||SIU^S12", ("", ""), id="cut off"),
        pytest.param(message(PID, "SCH|B1|A\0001"), ("A1", "P1"), id="NUL"),
        pytest.param("MSH#*!\\@#a#b###2026##SIU*S12#\rPID###P1*x!P2*x\rSCH##A1*y", ("A1", "P1"), id="own separators"),
        pytest.param("MSH|^|||||||SIU^S12\rPID|||P1~P2\rSCH||A\\T\\1", ("A&1", "P1"), id="a short MSH-2"),
        pytest.param("MSH||||||||SIU^S12\rPID|||P1~P2\rSCH||A1", ("A1", "P1"), id="no MSH-2"),
        pytest.param(message(" pid|||P1", "zzz|x", "sch||A1"), ("A1", "P1"), id="small letters, unknown segments"),
    ],
)
def test_odd_messages_give_a_row_each(text, expected):
    (row,) = rows(text)
    assert (row["appointment_id"], row["patient_id"]) == expected


@pytest.mark.parametrize("text", ["", "FHS|^~\\&|\r", "PID|1||P1\r", "MSHA|x"])
def test_a_text_without_messages_is_unreadable(text):
    with pytest.raises(Unreadable, match="no HL7 message"):
        read(text)


def test_blocks_are_of_consecutive_rows_alike():
    text = ONE * 1_500 + message(PID, "SCH||A2", trigger="S15") + TWO
    assert [len(block.rows) for block in blocks(text, "appointments")] == [1_000, 500, 1, 1]


PARTS = st.text(st.sampled_from('|^~\\&"\r\n\x0b\x1c\0 0129.+-SFTRXZ@æ\ud800') | st.characters(), max_size=12)
NAMES = st.sampled_from(["MSH|^~\\&", "PID", "SCH", "TQ1", "PV1", "AIS", "AIG", "AIL", "AIP", "BHS", "BTS", "FTS", "X"])
FIELDS = st.lists(PARTS | st.sampled_from(['""', "SIU^S12", "20261130090000+0100", "A1^^^B^PI"]), max_size=30)
SEGMENTS = st.builds(lambda name, fields: "|".join([name, *fields]), NAMES, FIELDS)


@pytest.mark.slow
@given(st.text() | st.lists(SEGMENTS | st.just(message(PID, SCH)), max_size=12).map("\r".join))
def test_nothing_but_unreadable_comes_out_and_no_message_is_lost(text):
    try:
        file = read(text)
    except Unreadable:
        return
    used = [one for one in Messages([text]) if one.type()[0] == "SIU" and "S12".startswith(one.type()[1])]
    keys = [tuple(one.value("MSH", number) for number in (3, 4, 10)) for one in used]
    distinct = len({key for key in keys if key[2]}) + sum(not key[2] for key in keys)
    for clinic_given in (True, False):
        found = list(file.blocks("appointments", clinic_given, {}))
        assert sum(len(block.rows) for block in found) == distinct
        for block in [*found, *file.blocks("patients", clinic_given, {})]:
            assert {len(row) for row in block.rows} == {len(block.header)}
            assert len(block.lines) == len(block.rows) <= 1_000
    assert all(isinstance(note, str) for note in file.notes())


CELLS = st.text(st.sampled_from("abæ1 "), min_size=1, max_size=4).map(lambda text: f"x{text}x")
ESCAPED = st.sampled_from(["\\F\\", "\\S\\", "\\T\\", "\\R\\", "\\E\\", "\\X41\\", ""])
COMPONENTS = st.builds(lambda before, escape, after: before + escape + after, CELLS, ESCAPED, CELLS)


@pytest.mark.slow
@given(st.lists(st.lists(st.lists(COMPONENTS, min_size=1, max_size=4), min_size=1, max_size=3), min_size=1, max_size=5))
def test_fields_are_split_as_the_hl7_library_splits_them(fields):
    segment = "|".join(["PID", *("~".join("^".join(one) for one in field) for field in fields)])
    text = f"MSH|^~\\&|EPJ\r{segment}\r"
    theirs = hl7.parse(text)
    (ours,) = Messages([text])
    for number, field in enumerate(fields, 1):
        repetitions = ours.repetitions("PID", number)
        assert len(repetitions) == len(field) == len(theirs["PID"][0][number])
        for place, one in enumerate(field):
            for component in range(1, len(one) + 1):
                expected = theirs.extract_field("PID", 1, number, place + 1, component)
                assert ours.part(repetitions[place], component) == expected
