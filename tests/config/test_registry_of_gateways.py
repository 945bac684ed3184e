"""SPEC section 9: each gateway stands in one list, and whatever asks for gateways goes by it."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

from notifycli.channels.base import Checkable
from notifycli.channels.callbacks import Callback
from notifycli.channels.http import HttpGateway
from notifycli.config import ConfigError, Settings, Sms, load
from notifycli.config.gateways import GATEWAYS, GatewayName
from notifycli.delivery import transports
from notifycli.delivery.transports import callback_called, check_extras, sms
from tests.support.gateways import USUAL
from tests.support.places import PACKAGE

NAMES = list(GATEWAYS)
WORDS = {
    "url": "http://127.0.0.1:1/cgi-bin/sendsms",
    "platform_id": "COMMON_API",
    "platform_partner_id": "30978",
    "gate": "g1",
}


def text_of(name: str, keys: dict[str, str]) -> str:
    lines = [f'transport = "{name}"', *(f'{key} = "{value}"' for key, value in keys.items())]
    return "\n".join(["[sms]", *lines, ""])


def loaded(folder: Path, text: str) -> Settings:
    (folder / "notify.toml").write_text(text, encoding="utf-8")
    return load(folder / "notify.toml", {})


def complete(name: str) -> dict[str, str]:
    needed = {key: WORDS[key] for key in GATEWAYS[name].needs}
    return needed | {"username": "AC0123456789abcdef0123456789abcdef", "password_file": "password"}


def test_the_tests_know_every_gateway() -> None:
    assert set(USUAL) == set(NAMES) == set(get_args(GatewayName))


def test_the_setting_takes_each_of_them_beside_the_outbox_and_a_program() -> None:
    choices = re.findall(r"'(\w+)'", str(Sms.__annotations__["transport"]))
    assert choices == ["outbox", *NAMES, "command"]


@pytest.mark.parametrize("name", NAMES)
def test_with_what_it_needs_it_is_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "password").write_text("open sesame")
    settings = loaded(tmp_path, text_of(name, complete(name)))
    made = sms(settings.sms, settings, timeout=3)
    assert isinstance(made, HttpGateway)
    assert isinstance(made, Checkable)
    assert type(made).__module__ == f"notifycli.channels.{name}"


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in NAMES for key in complete(name)])
def test_without_one_key_that_it_needs_the_settings_are_refused(tmp_path: Path, name: str, key: str) -> None:
    keys = complete(name)
    keys.pop(key)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text_of(name, keys))
    told = str(caught.value)
    assert f'[sms] transport = "{name}" needs ' in told
    assert key in told


def test_its_own_keys_come_to_it(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame")
    own = {key: WORDS[key] for key in GATEWAYS["link"].own}
    settings = loaded(tmp_path, text_of("link", complete("link") | own))
    made: Any = sms(settings.sms, settings)
    assert (made._link.platform_id, made._link.platform_partner_id, made._link.gates) == (
        "COMMON_API",
        "30978",
        ("g1",),
    )


@pytest.mark.parametrize("name", NAMES)
def test_its_libraries_are_asked_for_before_anything_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = loaded(tmp_path, text_of(name, complete(name)))
    check_extras(settings)
    monkeypatch.setattr(transports, "find_spec", lambda module: None)
    with pytest.raises(ConfigError, match=rf'"{name}" needs aiohttp; type: pip install \'notifycli\[sms\]\''):
        check_extras(settings)


@pytest.mark.parametrize("name", NAMES)
def test_its_callback_is_read(name: str) -> None:
    callback = callback_called(name)
    assert isinstance(callback, Callback)
    assert callback.reports({}) == []
    assert callback is import_module(f"notifycli.channels.{name}").CALLBACK


@pytest.mark.parametrize("name", ["", "command", "outbox", "callbacks", "../kannel", "kannel.x", "Kannel", "os"])
def test_what_is_no_gateway_has_no_callback(name: str) -> None:
    assert callback_called(name) is None


def test_one_list_names_them() -> None:
    naming = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if sum(f'"{name}"' in path.read_text(encoding="utf-8") for name in NAMES) > 1
    ]
    assert naming == ["config/gateways.py"]
