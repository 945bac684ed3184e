"""SPEC section 9: what is not encrypted is for this machine only; and one place says what this machine is."""

from pathlib import Path

import pytest

from notifycli.config import ConfigError, load
from notifycli.domain.hosts import address_and_port, is_this_machine
from tests.support.places import PACKAGE

OURS = ["localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1"]
OTHERS = [
    *("mail.nidelv.example", "localhost.nidelv.example", "127.0.0.1.nidelv.example", "localhost."),
    *("10.0.0.1", "192.168.1.1", "0.0.0.0", "::", "128.0.0.1", "127.1", "2130706433", "::2", ""),
]


@pytest.mark.parametrize("host", OURS)
def test_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", OTHERS)
def test_another_machine(host: str) -> None:
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[email]\ntransport = "smtp"\nhost = "{host}"\ntls = "none"\n', id="email"),
        pytest.param('[clinic.nidelv.email]\ntransport = "smtp"\nhost = "{host}"\ntls = "none"\n', id="of a clinic"),
        pytest.param('[receipts]\nhost = "{host}"\ntls = "none"\nusername = "u"\npassword_env = "P"\n', id="receipts"),
        pytest.param(
            '[sms]\ntransport = "kannel"\nurl = "http://{host}"\nusername = "u"\npassword_env = "P"\n', id="sms"
        ),
        pytest.param('[push]\nurl = "http://{host}"\n', id="push"),
    ],
)
def test_the_settings_ask_it_wherever_something_may_go_unencrypted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notify.toml"
    for host in ("localhost", "127.8.9.10"):
        path.write_text(text.replace("{host}", host), encoding="utf-8")
        load(path, {})
    path.write_text(text.replace("{host}", "192.168.1.1"), encoding="utf-8")
    with pytest.raises(ConfigError, match="for this machine only"):
        load(path, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("192.0.2.53", ("192.0.2.53", None), id="v4"),
        pytest.param("127.0.0.1:5353", ("127.0.0.1", 5353), id="v4 and a port"),
        pytest.param("2001:db8::53", ("2001:db8::53", None), id="v6"),
        pytest.param("[2001:db8::53]", ("2001:db8::53", None), id="v6 in brackets"),
        pytest.param("[2001:db8::53]:53", ("2001:db8::53", 53), id="v6 and a port"),
        *(pytest.param(text, None, id=text or "nothing") for text in (
            "", "ns.nidelv.example", "ns.nidelv.example:53", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536",
            "192.0.2.300", "127.0.0.1:53:53", "[::1", "::1]:53", "127.0.0.1 :53", "https://192.0.2.53",
        )),
    ],
)  # fmt: skip
def test_an_address_and_its_port(text: str, expected: tuple[str, int | None] | None) -> None:
    assert address_and_port(text) == expected


def test_one_place_says_it() -> None:
    asking = [path for path in PACKAGE.rglob("*.py") if "is_loopback" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(PACKAGE).as_posix() for path in asking] == ["domain/hosts.py"]
