"""A service account's file and [push] (SPEC section 9): what cannot be meant is said, and no secret with it."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifycli.channels.fcm import Fcm, FcmSettings
from notifycli.domain.errors import ConfigError
from tests.support.fcm_server import DEVICE, EMAIL, PROJECT, PUSH, Google, account, pem, private_key, settings, talked


def elliptic() -> str:
    return pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param(lambda good: "{hemmelig", "it is not JSON", id="no JSON"),
        pytest.param(lambda good: "\xff\xfe", "it is not JSON", id="odd bytes"),
        pytest.param(lambda good: "[" * 100_000, "it is not JSON", id="nested"),
        pytest.param(lambda good: '["hemmelig"]', "it is no service account", id="a list"),
        pytest.param(lambda good: json.dumps(good | {"type": "hemmelig"}), '"type" is not', id="another type"),
        pytest.param(lambda good: json.dumps({**good, "project_id": ""}), 'it has no "project_id"', id="no project"),
        pytest.param(lambda good: json.dumps({"type": "service_account", "project_id": "hemmelig"}),
                     'no "client_email" and no "private_key" and no "token_uri"', id="nearly nothing"),
        pytest.param(lambda good: json.dumps(good | {"project_id": "hemmelig/x"}), '"project_id" is none', id="path"),
        pytest.param(lambda good: json.dumps(good | {"private_key": "hemmelig"}), "no RSA key", id="no key"),
        pytest.param(lambda good: json.dumps(good | {"private_key": elliptic()}), "no RSA key", id="another key"),
        pytest.param(lambda good: json.dumps(good | {"private_key": good["private_key"][:900]}), "no RSA key",
                     id="half a key"),
        pytest.param(lambda good: json.dumps(good | {"token_uri": "http://hemmelig.example/"}), '"token_uri"',
                     id="readable on the way"),
    ],
)  # fmt: skip
def test_a_credentials_file_that_cannot_be_meant(tmp_path, written, words):
    path = tmp_path / "firebase.json"
    path.write_text(written(account()), encoding="latin-1")
    with pytest.raises(ConfigError, match=r"push\.credentials_file") as caught:
        Fcm(FcmSettings(path))
    told = str(caught.value)
    assert words in told
    assert "download it again" in told
    assert str(path) in told
    assert not [secret for secret in ("hemmelig", EMAIL, "PRIVATE KEY", pem(private_key())[40:80]) if secret in told]
    assert caught.value.__cause__ is None


def test_a_credentials_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.json cannot be read: No such file"):
        Fcm(FcmSettings(tmp_path / "missing.json"))


@pytest.mark.parametrize(
    ("differing", "words"),
    [
        pytest.param({"url": "http://fcm.example"}, "push.url", id="readable on the way"),
        pytest.param({"url": "fcm.googleapis.com"}, "push.url", id="no address"),
        pytest.param({"url": "https://kari:pass@fcm.example"}, "push.url", id="with a password"),
        pytest.param({"url": "https://[fcm"}, "push.url", id="half an address"),
        pytest.param({"connections": 0}, "connections", id="no connections"),
        pytest.param({"timeout": 0.0}, "time-out", id="no time"),
    ],
)
def test_settings_that_cannot_be_meant(tmp_path, differing, words):
    good = settings(tmp_path, Google(url="http://127.0.0.1:1"))
    with pytest.raises(ConfigError, match=words):
        Fcm(replace(good, **differing))


def test_nothing_secret_is_in_a_repr(tmp_path):
    async def talk(way):
        await way.send(PUSH)
        parts = [way, way._settings, way._token, way._token._account]
        return " ".join(repr(part) for part in parts)

    told = talked(tmp_path, Google(), talk)
    assert PROJECT in told
    assert not [secret for secret in (EMAIL, "ya29", "PRIVATE", DEVICE) if secret in told]
