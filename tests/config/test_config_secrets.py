"""The secrets that the configuration names: read, and never told."""

import pytest

from notifycli.config import (
    ConfigError,
    Email,
    Push,
    Settings,
    Sms,
    ca_path,
    credentials_path,
    secret,
    warnings_of,
)
from tests.support.config_files import as_nobody, settings_of, written

SECRET = "correct-horse-battery"
A_CLINICS_OWN = """
[clinic.nidelv.email]
from = "post@nidelv.example"
password_file = "nidelv.secret"
"""


def with_file(**keys: str) -> Email:
    return Email(password_file="smtp.secret", **keys)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(SECRET, SECRET, id="no line end"),
        pytest.param(f"{SECRET}\n", SECRET, id="a line end"),
        pytest.param(f"{SECRET}\r\n", SECRET, id="a line end of Windows"),
        pytest.param(f"\ufeff{SECRET}\r\n", SECRET, id="a byte order mark"),
        pytest.param(f" {SECRET} \n", f" {SECRET} ", id="spaces belong to it"),
        pytest.param("pæssord", "pæssord", id="any letter"),
    ],
)
def test_a_password_from_a_file(tmp_path, content, expected):
    written(tmp_path, content, "smtp.secret")
    assert secret(with_file(), tmp_path, {}) == expected


def test_a_password_from_the_environment(tmp_path):
    assert secret(Sms(password_env="SVEVE"), tmp_path, {"SVEVE": SECRET}) == SECRET


def test_no_password(tmp_path):
    assert secret(Email(), tmp_path, {"": SECRET}) is None


def test_credentials_are_a_path(tmp_path):
    path = written(tmp_path, "{}", "fcm.json")
    assert credentials_path(Push(credentials_file="fcm.json"), tmp_path, {}) == path
    assert credentials_path(Push(), tmp_path, {}) is None


def test_certificates_are_a_path(tmp_path):
    path = written(tmp_path, "", "ca.pem")
    assert ca_path(Email(cafile="ca.pem"), tmp_path, {}) == path
    assert ca_path(Email(), tmp_path, {}) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("", "is empty; write the password into it.", id="empty"),
        pytest.param("\n", "is empty; write the password into it.", id="a line end alone"),
        pytest.param(f"{SECRET}\nx\n", "has several lines; leave the password alone on one.", id="two lines"),
        pytest.param(f"{SECRET}\rx", "has several lines; leave the password alone on one.", id="two lines of old Macs"),
        pytest.param(SECRET.encode() + b"\xe6", "is not UTF-8 text; save the password as UTF-8.", id="Latin 1"),
        pytest.param("x" * 65_537, "is too large to be a password; name another file.", id="too large"),
    ],
)
def test_a_file_that_is_no_password(tmp_path, content, told):
    path = written(tmp_path, content, "smtp.secret")
    with pytest.raises(ConfigError) as caught:
        secret(with_file(), tmp_path, {})
    assert str(caught.value) == f"[email] password_file: {path} {told}"


def test_a_folder_is_no_password(tmp_path):
    (tmp_path / "smtp.secret").mkdir()
    with pytest.raises(ConfigError) as caught:
        secret(with_file(), tmp_path, {})
    assert str(caught.value) == f"[email] password_file: {tmp_path}/smtp.secret is a folder; name the file in it."


def test_a_password_that_may_not_be_read(tmp_path):
    path = written(tmp_path, SECRET, "smtp.secret")
    path.chmod(0)
    with as_nobody(), pytest.raises(ConfigError) as caught:
        secret(with_file(), tmp_path, {})
    told = f"[email] password_file: no permission to read {path}; give it to the user that runs notify."
    assert str(caught.value) == told


NO_FILE = "names no file that is there; mend it in notify.toml, or make the file."


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        pytest.param(
            lambda folder: secret(Email(password_file=SECRET), folder, {}),
            f"[email] password_file {NO_FILE}",
            id="no such file",
        ),
        pytest.param(
            lambda folder: secret(Sms(password_file=SECRET * 20), folder, {}),
            f"[sms] password_file {NO_FILE}",
            id="no possible file",
        ),
        pytest.param(
            lambda folder: secret(Sms(password_env="correct"), folder, {}),
            "[sms] password_env names a variable that is not set here; under cron, set it in the crontab.",
            id="no such variable",
        ),
        pytest.param(
            lambda folder: secret(Sms(password_env="correct"), folder, {"correct": ""}),
            "[sms] password_env names a variable that is empty; set it to the password.",
            id="empty variable",
        ),
        pytest.param(
            lambda folder: credentials_path(Push(credentials_file=SECRET), folder, {}),
            f"[push] credentials_file {NO_FILE}",
            id="no credentials",
        ),
        pytest.param(
            lambda folder: credentials_path(Push(credentials_file=SECRET * 20), folder, {}),
            f"[push] credentials_file {NO_FILE}",
            id="no possible credentials",
        ),
        pytest.param(
            lambda folder: ca_path(Email(cafile="correct.pem"), folder, {}),
            f"[email] cafile {NO_FILE}",
            id="no certificates",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_not_told_even_where_it_was_written_in_the_wrong_place(tmp_path, ask, told):
    with pytest.raises(ConfigError) as caught:
        ask(tmp_path)
    assert str(caught.value) == told


def test_what_every_user_can_read_is_used_and_warned_of(tmp_path):
    path = written(tmp_path, SECRET, "nidelv.secret")
    settings = settings_of(tmp_path, A_CLINICS_OWN)
    path.chmod(0o640)
    assert not [one for one in warnings_of(settings, {}) if "every user" in one]
    path.chmod(0o644)
    told = f"{path} is a secret that every user of this machine can read; type: chmod o-rwx {path}"
    assert warnings_of(settings, {}) == [f"[clinic.nidelv.email] {told}"]
    assert secret(settings.for_clinic("nidelv").email, tmp_path, {}) == SECRET


def test_credentials_that_every_user_can_read_are_warned_of(tmp_path):
    path = written(tmp_path, "{}", "fcm.json")
    path.chmod(0o604)
    assert warnings_of(Settings(push=Push(credentials_file="fcm.json"), folder=tmp_path), {}) == [
        f"[push] {path} is a secret that every user of this machine can read; type: chmod o-rwx {path}"
    ]


def test_the_secret_in_the_path_of_receipts_is_one_too(tmp_path):
    path = written(tmp_path, "0123456789abcdef", "path.secret")
    path.chmod(0o644)
    settings = settings_of(tmp_path, '[receipts]\nsecret_file = "path.secret"\n')
    assert warnings_of(settings, {}) == [
        f"[receipts] {path} is a secret that every user of this machine can read; type: chmod o-rwx {path}"
    ]


@pytest.mark.parametrize(
    ("email", "warned"),
    [
        pytest.param(Email(), False, id="the outbox"),
        pytest.param(Email(transport="smtp"), True, id="the default"),
        pytest.param(Email(transport="smtp", sender="post@legesenter.test"), False, id="another"),
    ],
)
def test_mail_in_the_name_of_the_example_is_warned_of(email, warned):
    told = ["[email] from is an example; write the address that patients may see."]
    assert warnings_of(Settings(email=email), {}) == (told if warned else [])


def test_a_warning_of_everybodys_is_not_repeated_for_each_clinic(tmp_path):
    settings = settings_of(tmp_path, "[email]\ntransport = 'smtp'\n[clinic.nidelv]\n[clinic.lofoten.push]\n")
    assert warnings_of(settings, {}) == ["[email] from is an example; write the address that patients may see."]
