"""SPEC section 3: `--explain` names the kind of an unknown table by what its columns are."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic

OPENEMR = (
    "pc_eid,pc_catid,pc_multiple,pc_aid,pc_pid,pc_gid,pc_title,pc_time,pc_hometext,pc_informant,pc_eventDate,pc_endDate,"
    "pc_duration,pc_recurrtype,pc_startTime,pc_endTime,pc_alldayevent,pc_apptstatus,pc_prefcatid,pc_facility",
    "101,5,0,1,77,0,Office Visit,2026-11-01 08:00:00,,1,2026-11-28,0000-00-00,900,0,09:30:00,09:45:00,0,-,0,3",
    "102,5,0,1,78,0,Office Visit,2026-11-01 08:10:00,,1,2026-11-28,0000-00-00,900,0,10:30:00,10:45:00,0,x,0,3",
    "103,5,0,1,77,0,Office Visit,2026-11-01 08:20:00,,1,2026-11-29,0000-00-00,900,0,11:30:00,11:45:00,0,@,0,3",
)


def explained(folder: Path, *lines: str) -> dict[str, Any]:
    clinic = Clinic.begun_in(folder)
    (folder / "t.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    [found] = clinic.json("import", "--explain", "--clinic", "nidelv", str(folder / "t.csv"))["files"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(OPENEMR, id="OpenEMR's calendar"),
        pytest.param((OPENEMR[0].replace("pc_", ""), *OPENEMR[1:]), id="the same without the beginning of its names"),
        pytest.param(
            ("appt_id,appt_pat,appt_date,appt_time,appt_len", "1,77,2026-11-28,09:30,15", "2,78,2026-11-28,10:30,15"),
            id="another beginning",
        ),
        pytest.param(
            ("Id;Kunde;Dag;Kl.slett;Merknad", "1;77;28.11.2026;09:30;", "2;78;28.11.2026;10:30;ring"),
            id="Norwegian names that are not known",
        ),
        pytest.param(
            ("SchedKey|PatKey|SchedDate|From|To", "1|77|2026-11-28|09:30|09:45", "2|77|2026-11-29|10:30|10:45"),
            id="from and to",
        ),
        pytest.param(
            ("nr,hvem,ok,dag,klokkeslag", "1,77,1,28.11.2026,9:30", "2,78,1,28.11.2026,10:30"), id="with a yes"
        ),
    ],
)
def test_a_day_and_a_clock_make_appointments(tmp_path: Path, lines: tuple[str, ...]) -> None:
    found = explained(tmp_path, *lines)
    assert (found["kind"], found["nearest"]) == (None, "appointments")
    assert "appointments" in found["problem"]


@pytest.mark.slow
def test_the_start_is_the_day_and_the_clock_that_no_other_time_is_called(tmp_path: Path) -> None:
    found = explained(tmp_path, *OPENEMR)
    guesses = {one["name"]: one["guess"] for one in found["columns"] if one["guess"]}
    assert guesses["pc_eventDate"] == guesses["pc_startTime"] == "starts_at"
    assert "ends_at" not in guesses.values()


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        pytest.param("patients", ("Epostadr,Mobilno,Ref", "kari@post.example,90000001,77"), id="patients"),
        pytest.param("types", ("Typ,Varslas", "K1,ja", "K2,nei"), id="types"),
    ],
)
def test_other_tables_stay_what_they_are_nearest_to(tmp_path: Path, kind: str, lines: tuple[str, ...]) -> None:
    assert explained(tmp_path, *lines)["nearest"] in (kind, None)
