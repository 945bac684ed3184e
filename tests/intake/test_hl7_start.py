"""HL7 v2: when an appointment begins and ends, of the many places where a message may say so.

Source: SPEC section 3; HL7 v2.5.1, chapter 10 (SCH-11, TQ1-7, AIS-4 to AIS-8, AIG-8, AIL-6, AIP-6).
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.intake.test_hl7 import PID, appointment
from tests.support import engines
from tests.support.one_clinic import Clinic


def quantity(start: str, end: str = "", duration: str = "30|min") -> str:
    """SCH with a start in SCH-11, and with SCH-9 and SCH-10."""
    return f"SCH|B1|A1||||||KONTROLL|{duration}|^^30^{start}^{end}"


def service(start: str = "", offset: str = "", duration: str = "", number: int = 1, action: str = "A") -> str:
    return f"AIS|{number}|{action}|OP^Operasjon|{start}|{offset or '|'}|{duration}"


NINE, TEN = "20261130090000", "20261130100000"
AT_NINE, AT_TEN = "2026-11-30T09:00:00", "2026-11-30T10:00:00"
GENERAL = "AIG|1||399^ROM|2^RESOURCE||||202611301130|30|MIN|30|MIN"
PLACE = "AIL|1||VENT^2|||202611301130|0|MIN|30|MIN"
PERSON = "AIP|1||L1^BERG^PER|||202611301130|0|MIN|15|MIN"


@pytest.mark.parametrize(
    ("segments", "start", "end"),
    [
        pytest.param(
            [quantity(NINE, TEN), PERSON.replace("202611301130", "202608011200")],
            AT_NINE,
            AT_TEN,
            id="a person reserved at the time of sending",
        ),
        pytest.param(
            [quantity(NINE), "RGS|1", service(), GENERAL, PERSON],
            AT_NINE,
            "2026-11-30T09:30:00",
            id="a service without a time, a resource with one",
        ),
        pytest.param([quantity(NINE, TEN), PLACE], AT_NINE, AT_TEN, id="a room that is reserved at another time"),
        pytest.param([quantity(NINE, TEN), GENERAL], AT_NINE, AT_TEN, id="a machine that is reserved at another time"),
        pytest.param(
            [service(NINE), PERSON, PLACE, GENERAL, "SCH||A1"], AT_NINE, None, id="a service before resources"
        ),
        pytest.param(["TQ1|1||||||202611300900", PERSON, "SCH||A1"], AT_NINE, None, id="TQ1 before resources"),
        pytest.param([quantity("soon"), PERSON], "soon", None, id="no resource in place of what cannot be read"),
        pytest.param([quantity("20261130"), PERSON], "2026-11-30", None, id="no resource in place of a day alone"),
        pytest.param(
            [quantity('""'), PERSON], "2026-11-30T11:30:00", "2026-11-30T11:45:00", id="a resource where it is cleared"
        ),
        pytest.param(
            [quantity(""), service('""'), 'TQ1|1||||||""', PLACE],
            "2026-11-30T11:30:00",
            "2026-11-30T12:00:00",
            id="a resource where all are cleared",
        ),
        pytest.param(
            ["SCH||A1", "AIP|1||L1|||202611301100", "AIP|2||L2|||202611301030"],
            "2026-11-30T10:30:00",
            None,
            id="the first of several persons",
        ),
        pytest.param(
            ["SCH||A1", "AIG|1||R1|||||202611301000|15|MIN", "AIG|2||R2|||||202611301015|0|MIN"],
            "2026-11-30T10:15:00",
            None,
            id="rather a resource that is not shifted",
        ),
    ],
)
def test_a_resource_tells_the_start_only_where_nothing_else_does(segments, start, end):
    row = appointment(PID, *segments)
    assert (row["starts_at"], row.get("ends_at")) == (start, end)


@pytest.mark.parametrize(
    ("segments", "start", "end"),
    [
        pytest.param(
            [quantity("201809121548"), service("201809120815", duration="35|MIN")],
            "2018-09-12T08:15:00",
            "2018-09-12T08:50:00",
            id="the service before SCH-11, which holds the time of sending",
        ),
        pytest.param(
            [quantity(NINE, TEN), service("20261130093000", "0|MIN")], "2026-11-30T09:30:00", None, id="offset 0"
        ),
        pytest.param([quantity(NINE, TEN), service(TEN, '""|""')], AT_TEN, None, id="an offset that is cleared"),
        pytest.param([quantity(NINE, TEN), service("20261130093000", "30|MIN")], AT_NINE, AT_TEN, id="half an hour in"),
        pytest.param([quantity(NINE, TEN), service("20261130080000", "-1|HR")], AT_NINE, AT_TEN, id="an hour ahead"),
        pytest.param([quantity(NINE, TEN), service("20261130090000", "+15")], AT_NINE, AT_TEN, id="no unit"),
        pytest.param([quantity(NINE, TEN), service("", "0.5|h")], AT_NINE, AT_TEN, id="an offset instead of a time"),
        pytest.param(
            ["SCH||A1", "TQ1|1||||||202611300900|202611301000", service("20261130093000", "30|MIN")],
            AT_NINE,
            AT_TEN,
            id="TQ1, since version 2.5",
        ),
        pytest.param(
            ["SCH||A1|||||||45|min", service("20261130093000", "30|MIN")],
            "2026-11-30T09:30:00",
            "2026-11-30T10:15:00",
            id="a shifted service where it is all",
        ),
        pytest.param(
            ["SCH||A1", service("20261130093000", "30|MIN"), PLACE],
            "2026-11-30T09:30:00",
            None,
            id="a shifted service before a resource",
        ),
    ],
)
def test_a_service_tells_the_start_unless_it_is_shifted(segments, start, end):
    row = appointment(PID, *segments)
    assert row["starts_at"] == start
    assert end is None or row["ends_at"] == end


@pytest.mark.parametrize(
    ("segments", "start", "end"),
    [
        pytest.param(
            ["SCH||A1", service(TEN, duration="15|min"), service(NINE, duration="30|min", number=2)],
            AT_NINE,
            "2026-11-30T10:15:00",
            id="the first of them, until the last has ended",
        ),
        pytest.param(
            ["SCH||A1", service("202611301000+0200"), service("202611300930+0100", number=2)],
            "2026-11-30T10:00:00+02:00",
            None,
            id="as instants",
        ),
        pytest.param(
            ["SCH||A1", service("202611300900"), service("202611300930+0100", number=2)],
            AT_NINE,
            None,
            id="by the clock where one has no offset",
        ),
        pytest.param(
            ["SCH||A1", service("2026-11-30T09:30"), service("202611301000", number=2)],
            "2026-11-30T09:30",
            None,
            id="as ISO 8601",
        ),
        pytest.param(
            [quantity("20261130084500", "20261130104500"), service(NINE), service(TEN, number=2)],
            "2026-11-30T09:00:00",
            None,
            id="though SCH-11 differs",
        ),
        pytest.param(
            [quantity("202608011200"), service(TEN), service(NINE, number=2)],
            AT_NINE,
            None,
            id="not an SCH-11 of another day",
        ),
        pytest.param(
            [quantity("20261130154800"), service(TEN), service(NINE, number=2)],
            AT_NINE,
            None,
            id="not an SCH-11 after the first of them",
        ),
        pytest.param(
            [quantity("202611300845"), service(NINE), service(NINE, number=2)], AT_NINE, None, id="they agree"
        ),
        pytest.param(
            [quantity("202611300845"), "TQ1|||||||20261130085000", service(NINE), service(TEN, number=2)],
            "2026-11-30T08:50:00",
            None,
            id="TQ1 before all",
        ),
        pytest.param(
            ["SCH||A1", service(NINE, action="D"), service(TEN, number=2, action="U")],
            AT_TEN,
            None,
            id="not one that is taken away",
        ),
        pytest.param(
            ["SCH||A1", service(TEN, action="D"), service(NINE, number=2, action="D")],
            AT_NINE,
            None,
            id="all are taken away, as in a cancellation",
        ),
        pytest.param(
            ["SCH||A1", service(NINE), "RGS|2", service("", "30|min", number=2)], AT_NINE, None, id="one has no time"
        ),
        pytest.param(["SCH||A1", service("TBD"), service(NINE, number=2)], AT_NINE, None, id="one cannot be read"),
    ],
)
def test_of_several_services_the_first_tells_the_start(segments, start, end):
    row = appointment(PID, *segments)
    assert row["starts_at"] == start
    assert end is None or row["ends_at"] == end


@pytest.mark.parametrize(
    ("segments", "start"),
    [
        pytest.param([quantity(NINE), service("20261130")], AT_NINE, id="a day alone"),
        pytest.param([quantity(NINE), service("TBD")], AT_NINE, id="a word"),
        pytest.param([quantity(NINE), service("00000000000000")], AT_NINE, id="zeros"),
        pytest.param([quantity(NINE), service("00010101000000")], AT_NINE, id="the first day of .NET"),
        pytest.param([quantity(NINE), service("18991230000000")], AT_NINE, id="the first day of Delphi"),
        pytest.param([quantity(NINE), service("99991231235959")], AT_NINE, id="the last day"),
        pytest.param([quantity(NINE), "TQ1|1||||||20261131090000"], AT_NINE, id="no day of the calendar"),
        pytest.param(["SCH||A1", "TQ1|1||||||", "TQ1|2||||||20261130090000"], AT_NINE, id="the second TQ1"),
        pytest.param([f"SCH||A1|||||||||~^^^{NINE}"], AT_NINE, id="the second repetition of SCH-11"),
        pytest.param([f"SCH||A1|||||||||^^^{NINE}~^^^{TEN}"], AT_NINE, id="the first repetition of SCH-11"),
        pytest.param([f"SCH||A1|||||||||^^30^{NINE}&S^{TEN}&S"], AT_NINE, id="a degree of precision"),
        pytest.param(["SCH||A1|||||||||^^^2026-11-30T09:00:00"], AT_NINE, id="ISO 8601"),
        pytest.param(
            [quantity("TBD"), service("20261130")], "2026-11-30", id="none can be read: the first is rejected"
        ),
    ],
)
def test_what_cannot_be_read_gives_way_to_what_can(segments, start):
    assert appointment(PID, *segments)["starts_at"] == start


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


HEADER = "MSH|^~\\&|PAS|nidelv|NOTIFY|nidelv|20260603115900+0200||SIU^S12|7|P|2.4"
NO_SHIFT = "|0|MIN|15|MIN"


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param(
            ["SCH|H1|||||||KONS|20||^^20^20260611094500^20260611095500", f"AIP|1||L1^BERG|||20260603115900{NO_SHIFT}"],
            id="a hospital's",
        ),
        pytest.param(
            [
                "SCH|1|H1|||||||30|MIN|^^^202606110945|||||||||||||||1^SCH",
                "AIS|1||KONS^Konsultasjon",
                "AIG|1||399^ROM|2^RESOURCE||||202606111000|15|MIN|30|MIN",
                f"AIP|1||400^BEST^TINA|1^MD||202606110945{NO_SHIFT}",
            ],
            id="a vendor's",
        ),
        pytest.param(
            ["SCH||H1||||||KONS|30|min|^^^20260611093000", "TQ1|1||||||20260611094500+0200|20260611100000+0200"],
            id="of version 2.5.1",
        ),
        pytest.param(
            ["SCH||H1||||||KONS|||^^^20260603115900", "AIS|1|A|KONS|202606110945|||30|min", "AIL|1||R|||202606111000"],
            id="with the time of sending in SCH-11",
        ),
        pytest.param(
            [
                "SCH||H1||||||KONS|||^^^202606110945",
                "AIS|1|A|EKG|202606110930|-15|min",
                "AIS|2|A|KONS|202606111000|15|min",
            ],
            id="with services before and after",
        ),
    ],
)
def test_the_patient_is_told_when_the_appointment_begins(clinic: Clinic, segments: list[str]) -> None:
    path = clinic.folder / "siu.hl7"
    pid = "PID|1||P1^^^X^PI||Ødegård^Kari||||||||91000001"
    path.write_text("".join(f"{one}\r" for one in (HEADER, *segments, pid)), encoding="utf-8")
    reports = json.loads(clinic.call("import", "--json", str(path)).out)["files"]
    assert [one["new"] for one in reports if one["kind"] == "appointments"] == [1]
    starts = engines.rows(clinic.folder, "SELECT starts_at FROM appointment")
    assert starts == [(int(datetime(2026, 6, 11, 7, 45, tzinfo=UTC).timestamp()),)]
