"""SPEC section 9, [sms.second]: what the first gateway refuses for now goes by the second; never what it may have."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from notifycli.domain.routing import goes_by_second
from tests.support.gateways import ACCOUNT, Cuts, Says, serving
from tests.support.one_clinic import Clinic, in_a_thread

NOON, DUE = "2026-06-03T12:00:00+02:00", "2026-06-03T12:06:00+02:00"
AT_DUE = "Wed, 03 Jun 2026 10:06:01 +0000"
BUSY = Says(400, {"code": 29999, "message": "not now"})
AWAY = Says(429, {"code": 20429}, {"Retry-After": "3600"})


def minute(number: int) -> str:
    return f"2026-06-03T12:{number:02}:00+02:00"


def taking(name: str) -> Any:
    """A gateway that takes every message, and knows of each that it arrived; of others nothing."""

    def answer(seen: Any, number: int) -> Says:
        if seen.method == "POST":
            return Says(201, {"sid": f"{name}{number}", "status": "queued"})
        if f"/Messages/{name}" in seen.path:
            arrived = {"sid": seen.path.rpartition("/")[2].removesuffix(".json"), "status": "delivered"}
            return Says(200, arrived | {"date_updated": AT_DUE, "date_created": AT_DUE})
        return Says(404, {"code": 20404}) if "DateSent" not in str(seen.query) else Says(200, {"messages": []})

    return answer


def section(server: Any, name: str, more: str = "") -> str:
    return (
        f'[{name}]\ntransport = "twilio"\nurl = "{server.url}"\nusername = "{ACCOUNT}"\n'
        f'password_file = "password"\n{more}'
    )


@contextmanager
def two(folder: Path, *told: Any, second: tuple[Any, ...] = (), more: str = "", of_second: str = ""):
    """A clinic with two gateways; what the first says, one after the other, before it takes all."""
    (folder / "password").write_text("open sesame")
    with (
        in_a_thread(serving(taking("SMa"), told)) as first,
        in_a_thread(serving(taking("SMb"), second)) as other,
    ):
        config = section(first, "sms", more) + section(other, "sms.second", of_second)
        clinic = Clinic.begun_in(folder, config)
        clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        yield clinic, first, other


def posts(server: Any) -> int:
    return sum(seen.method == "POST" for seen in server.seen)


def status(clinic: Clinic) -> str:
    return str(clinic.json("history")[0]["status"])


@pytest.mark.parametrize(
    ("attempts", "after", "last_by_second", "first_is_out", "second_is_out", "expected"),
    [
        pytest.param(0, 2, False, False, False, False, id="nothing was refused yet"),
        pytest.param(2, 2, False, False, False, False, id="refused as often as it may"),
        pytest.param(3, 2, False, False, False, True, id="refused once more"),
        pytest.param(4, 2, True, False, False, False, id="the second refused it, too: the first again"),
        pytest.param(5, 2, False, False, False, True, id="in turns"),
        pytest.param(1, 0, False, False, False, True, id="after the first refusal"),
        pytest.param(0, 0, False, False, False, False, id="the first gets it first"),
        pytest.param(0, 2, False, True, False, True, id="the first is out of order"),
        pytest.param(4, 2, True, True, False, True, id="and the second's turn is over"),
        pytest.param(3, 2, False, False, True, False, id="the second is out of order"),
        pytest.param(3, 2, False, True, True, False, id="both are"),
    ],
)
def test_whose_turn_it_is(
    attempts: int, after: int, last_by_second: bool, first_is_out: bool, second_is_out: bool, expected: bool
) -> None:
    assert goes_by_second(attempts, after, last_by_second, first_is_out, second_is_out) is expected


def test_what_is_refused_for_now_too_often_goes_by_the_second(tmp_path: Path) -> None:
    with two(tmp_path, *[BUSY] * 5) as (clinic, first, second):
        for at in (6, 7, 9, 14):
            clinic.json("run", at=minute(at))
        assert (posts(first), posts(second)) == (3, 1)
        assert status(clinic) == "sent"


def test_after_says_how_often(tmp_path: Path) -> None:
    with two(tmp_path, *[BUSY] * 5, of_second="after = 0\n") as (clinic, first, second):
        for at in (6, 7):
            clinic.json("run", at=minute(at))
        assert (posts(first), posts(second), status(clinic)) == (1, 1, "sent")


def test_while_the_first_wants_nothing_all_else_goes_by_the_second_at_once(tmp_path: Path) -> None:
    with two(tmp_path, AWAY, *[BUSY] * 5, more="connections = 1\n") as (clinic, first, second):
        clinic.book(*(f"B{n};P6;KONS;2026-06-18T1{n}:00;booked;;Rom 2" for n in range(1, 5)), at=NOON)
        counts = clinic.json("run", at=DUE)
        assert (counts["sent"], counts["retrying"]) == (4, 1)
        assert (posts(first), posts(second)) == (1, 4)


@pytest.mark.parametrize("on_uncertain", ["hold", "resend"])
def test_what_is_uncertain_never_goes_by_the_second(tmp_path: Path, on_uncertain: str) -> None:
    """Refused four times and more, too: the first may have taken it when the connection broke."""
    more = f'on_uncertain = "{on_uncertain}"\n'
    unknown = [Says(200, {"messages": []})] if on_uncertain == "resend" else []
    told = (Cuts(), *unknown, *[BUSY] * 8)
    with two(tmp_path, *told, more=more, of_second="after = 0\n") as (clinic, _, second):
        clinic.json("run", at=minute(6))
        assert status(clinic) == "uncertain"
        if on_uncertain == "hold":
            clinic.call("resolve", "1", "--resend", at=minute(7))
        for at in (8, 12, 20, 35, 59):
            clinic.call("run", at=minute(at))
        assert posts(second) == 0
        assert status(clinic) == "queued"


def test_what_the_first_took_never_goes_by_the_second(tmp_path: Path) -> None:
    """It failed later, and staff try it again: that is for the gateway that named it."""
    refused = {"sid": "SMa1", "status": "undelivered", "error_code": 30008, "date_updated": AT_DUE}
    told = (Says(201, {"sid": "SMa1", "status": "queued"}), Says(200, refused), *[BUSY] * 8)
    with two(tmp_path, *told, of_second="after = 0\n") as (clinic, _, second):
        clinic.json("run", at=minute(6))
        clinic.call("receipts", at=minute(7))
        assert status(clinic) == "failed"
        clinic.call("retry", "1", at=minute(8))
        for at in (8, 10, 14, 30):
            clinic.call("run", at=minute(at))
        assert posts(second) == 0


def test_each_gateway_is_asked_for_its_own(tmp_path: Path) -> None:
    with two(tmp_path, BUSY, of_second="after = 0\n") as (clinic, first, second):
        clinic.json("run", at=minute(6))
        clinic.book("B1;P6;KONS;2026-06-18T11:00;booked;;Rom 2", at=NOON)
        clinic.json("run", at=minute(7))
        assert (posts(first), posts(second)) == (2, 1)
        assert clinic.json("receipts", at=minute(30))["delivered"] == 2
        asked = [[seen.path.rpartition("/")[2] for seen in of.seen if seen.method == "GET"] for of in (first, second)]
    assert asked == [["SMa2.json"], ["SMb1.json"]]


def test_what_the_second_left_without_an_answer_is_asked_of_the_second(tmp_path: Path) -> None:
    more = 'on_uncertain = "resend"\n'
    with two(tmp_path, BUSY, second=(Cuts(),), more=more, of_second="after = 0\n") as (clinic, first, second):
        clinic.json("run", at=minute(6))
        clinic.json("run", at=minute(7))
        assert status(clinic) == "uncertain"
        clinic.json("run", at=minute(30))
        assert (posts(first), posts(second)) == (1, 2), "sent again where it may have come to, and its sender is known"
        assert [seen.method for seen in first.seen] == ["POST"]
        assert status(clinic) == "sent"


def test_a_second_that_is_gone_from_the_settings_is_told(tmp_path: Path) -> None:
    with two(tmp_path, BUSY, of_second="after = 0\n") as (clinic, first, _):
        clinic.json("run", at=minute(6))
        clinic.json("run", at=minute(7))
        (tmp_path / "notify.toml").write_text(section(first, "sms"))
        answer = clinic.call("receipts", at=minute(30))
    assert answer.exit == 1
    assert "[sms.second] names no gateway any more" in answer.err


def test_a_clinic_has_a_second_of_its_own(tmp_path: Path) -> None:
    with two(tmp_path, *[BUSY] * 5) as (clinic, first, second):
        config = (tmp_path / "notify.toml").read_text().replace("[sms.second]", "[clinic.nidelv.sms.second]\nafter = 0")
        (tmp_path / "notify.toml").write_text(config)
        for at in (6, 7):
            clinic.json("run", at=minute(at))
        assert (posts(first), posts(second), status(clinic)) == (1, 1, "sent")
        (tmp_path / "notify.toml").write_text(f'{config}[clinic.other.sms.second]\ntransport = "none"\n')
        assert clinic.call("status", at=minute(8)).exit in (0, 1)


def test_doctor_asks_both(tmp_path: Path) -> None:
    account = Says(200, {"sid": ACCOUNT, "status": "active", "type": "Full"})
    with two(tmp_path, account, second=(Says(401, {"code": 20003, "message": "Authenticate"}),)) as (clinic, _, _):
        checks = {check["name"]: check["state"] for check in clinic.json("doctor", at=DUE)["checks"]}
    assert checks["second sms"] == "broken"
    assert checks["sms"] in ("ok", "look")


def test_cron_is_told_once_that_the_second_is_used_and_once_that_the_first_is_back(tmp_path: Path) -> None:
    with two(tmp_path, AWAY, more="connections = 1\n") as (clinic, *_):
        rows = [f"B{n};P6;KONS;2026-06-18T1{n}:00;booked;;Rom 2" for n in range(1, 4)]
        clinic.book(*rows, at=NOON)
        said = [clinic.call("run", at=minute(at)).err for at in (6, 7, 8)]
        clinic.book("C1;P6;KONS;2026-06-18T18:00;booked;;Rom 2", at=minute(50))
        said += [clinic.call("run", at=minute(at)).err for at in (56, 57)]
    assert [text.count("by the second gateway") for text in said] == [1, 0, 0, 0, 0]
    assert [text.count("the first gateway takes messages again") for text in said] == [0, 0, 0, 1, 0]
