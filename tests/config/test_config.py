"""The configuration: what it can say, what it says by itself, and what it says of one clinic."""

import tomllib
from pathlib import Path

import pytest
from msgspec import structs, to_builtins

from notifycli.config import INIT_TEXT, ConfigError, Email, Limits, Push, Receipts, Settings, Sms, load, nearest
from notifycli.config.settings import Doctor
from tests.support.config_files import settings_of

EVERYBODYS_PART_OF_THE_CONTRACT = """
database = "notify.db"             # relative to this file
timezone = "Europe/Oslo"           # of times without offset that belong to no clinic

[email]
transport = "outbox"               # "outbox": files in outbox/ beside the database; "smtp": a mail server
host = "localhost"
port = 25
tls = "starttls"                   # "starttls", "tls", or "none" (allowed to this machine only)
username = ""
password_file = ""
from = "Nidelv legesenter <post@nidelv.example>"
connections = 8
on_uncertain = "resend"

[sms]
transport = "outbox"               # or a gateway: "sveve", "link", "twilio", "kannel"; "command": a program of yours
url = ""                           # the gateway's address, where it is not the public one
username = ""
password_file = ""
from = "Nidelv"
on_uncertain = "hold"

[push]
transport = "outbox"               # or "fcm" (Firebase Cloud Messaging, HTTP v1)
credentials_file = ""              # a service account's JSON

[limits]
max_due = 5000
max_upset = 0.10                   # share of a clinic's future appointments that one file may cancel or move
max_age_days = 7                   # of dialog, reply and receipt
max_hours_without_import = 36      # of appointments, until `status` calls it a trouble; 0: never

[third_party]
digicare = true                    # true: it sends its own notices
helsenorge = true
"""
ONE_CLINICS_PART_OF_THE_CONTRACT = """
[clinic.nidelv]
wording = "wording/nidelv"
columns = { "Pas.nr" = "patient_id" }
statuses = { "Ikke møtt opp" = "noshow" }
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty folder, and in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def values_of(settings: Settings) -> Settings:
    """Without where they were found."""
    return structs.replace(settings, folder=Path(), path=None)


# What it says


def test_without_a_file_the_defaults_hold(here):
    settings = load(None, {})
    assert values_of(settings) == Settings()
    assert (settings.folder, settings.path) == (here, None)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="an empty file"),
        pytest.param("\n# nothing\n", id="a comment"),
        pytest.param(b"\xef\xbb\xbf", id="a byte order mark alone"),
        pytest.param("[email]\n[sms]\n[clinic]\n", id="empty tables"),
        pytest.param(EVERYBODYS_PART_OF_THE_CONTRACT, id="the contract's own text"),
        pytest.param(EVERYBODYS_PART_OF_THE_CONTRACT.replace("\n", "\r\n"), id="the contract's text from Windows"),
        pytest.param(INIT_TEXT, id="what notify init writes"),
    ],
)
def test_the_defaults_are_the_contracts(here, content):
    assert values_of(settings_of(here, content)) == Settings()


def test_a_byte_order_mark_hides_nothing(here):
    assert settings_of(here, b'\xef\xbb\xbfdatabase = "andre.db"').database == "andre.db"


def test_notify_init_shows_every_key():
    shown = tomllib.loads(uncommented(INIT_TEXT))
    for table, kind in {
        "email": Email,
        "sms": Sms,
        "push": Push,
        "receipts": Receipts,
        "limits": Limits,
        "doctor": Doctor,
    }.items():
        assert set(shown[table]) == set(kind.__struct_encode_fields__)
    assert {"database", "timezone", "third_party", "clinic"} <= set(shown)


def test_what_notify_init_comments_out_can_be_used(here):
    settings = settings_of(here, uncommented(INIT_TEXT))
    assert settings.email == Email()
    assert settings.for_clinic("nidelv").columns == {"Pas.nr": "patient_id"}


def uncommented(text: str) -> str:
    """With the settings that are commented out, which have no space after the #."""
    return "\n".join(
        line[1:] if line.startswith("#") and line[1:2] not in ("", " ") else line for line in text.split("\n")
    )


def test_every_key_can_be_set(here):
    settings = settings_of(
        here,
        """
        database = "varsel.db"
        timezone = "America/Nuuk"
        email = { transport = "smtp", host = "mail.nidelv.example", port = 587, tls = "tls",
            cafile = "ca.pem", username = "varsel", password_file = "secret", from = "post@nidelv.example",
            connections = 3, on_uncertain = "hold", calendar = true, dkim_selector = "s1.nidelv" }
        sms = { transport = "kannel", url = "http://localhost:13013", username = "varsel", password_env = "KANNEL",
            from = "+4759440000", command = ["send-sms", "--fast"], platform_id = "SMSC",
            platform_partner_id = "7", gate = "G",
            rate = 2.5, price = 0.39, connections = 2, on_uncertain = "resend",
            second = { transport = "link", after = 0, url = "http://localhost:2", username = "reserve",
            password_file = "r", command = ["x"], platform_id = "A",
            platform_partner_id = "8", gate = "H", rate = 1.5, connections = 3 } }
        push = { transport = "fcm", url = "http://localhost:1", credentials_file = "fcm.json", connections = 4,
            on_uncertain = "hold" }
        receipts = { host = "imap.nidelv.example", port = 143, tls = "starttls", cafile = "ca.pem",
            username = "bounces", password_env = "IMAP", folder = "Returer",
            public_url = "https://varsel.nidelv.example/n", secret_file = "s" }
        limits = { max_due = 0, max_upset = 1, max_age_days = 30, max_hours_without_import = 48 }
        doctor = { nameserver = "[2001:db8::53]:5353" }
        third_party = { digicare = false, helsenorge = true }
        rehearsal = { only = ["+47 910 00 001", "kari@nidelv.example", "@nidelv.example"] }
        """.replace(",\n", ","),
    )
    assert (settings.database, settings.timezone) == ("varsel.db", "America/Nuuk")
    assert structs.astuple(settings.doctor) == ("[2001:db8::53]:5353",)
    assert structs.astuple(settings.email) == (
        *("smtp", "mail.nidelv.example", 587, "tls", "ca.pem", "varsel", "secret", ""),
        *("post@nidelv.example", 3, "hold", True, "s1.nidelv"),
    )
    *first, second = structs.astuple(settings.sms)
    assert structs.astuple(second) == (
        *("link", 0, "http://localhost:2", "reserve", "r", "", ("x",), "A", "8", "H", 1.5, 3),
    )
    assert settings.rehearsal.only == ("+47 910 00 001", "kari@nidelv.example", "@nidelv.example")
    assert tuple(first) == (
        *("kannel", "http://localhost:13013", "varsel", "", "KANNEL", "+4759440000"),
        *(("send-sms", "--fast"), "SMSC", "7", "G", 2.5, 0.39, 2, "resend"),
    )
    assert structs.astuple(settings.push) == ("fcm", "http://localhost:1", "fcm.json", 4, "hold")
    assert structs.astuple(settings.receipts) == (
        *("", "imap.nidelv.example", 143, "starttls", "ca.pem", "bounces", "", "IMAP", "Returer"),
        *("https://varsel.nidelv.example/n", "s", ""),
    )
    assert structs.astuple(settings.limits) == (0, 1.0, 30, 48)
    assert settings.third_party == {"digicare": False, "helsenorge": True}


@pytest.mark.parametrize(
    "line",
    [
        'from = "Nidelv legesenter <post@nidelv.example>"',
        'from = "post@nidelv.example"',
        "from = '\"Legesenter, Nidelv\" <post+varsel@post.nidelv.example>'",
        'from = "Kárášjoga dearvvašvuođaguovddáš <poasta@kárášjohka.example>"',
        'from = "root@localhost"',
        'tls = "none"',
        'tls = "none"\nhost = "127.0.0.53"',
        'tls = "none"\nhost = "::1"',
        'tls = "none"\nhost = "LOCALHOST"',
        'host = "2001:db8::25"',
        'username = "not used yet"',
        "port = 1",
        "port = 65535",
        "connections = 1",
        "connections = 100",
    ],
)
def test_what_is_right_is_taken(here, line):
    taken = to_builtins(settings_of(here, f"[email]\n{line}\n").email)
    assert tomllib.loads(line).items() <= taken.items()


# One clinic


TWO_CLINICS = """
[email]
transport = "smtp"
host = "mail.nidelv.example"
port = 587
username = "varsel"
password_env = "SMTP_PASSWORD"
[third_party]
helsenorge = false
[clinic.nidelv]
wording = "wording/nidelv"
columns = { "Pas.nr" = "patient_id", "Tid" = "starts_at" }
[clinic.nidelv.email]
from = "post@nidelv.example"
password_file = "nidelv.secret"
[clinic.nidelv.third_party]
digicare = false
[clinic.lofoten.push]
on_uncertain = "hold"
[clinic.senja.email]
port = 25
"""


def test_a_clinics_section_overrides_single_keys(here):
    settings = settings_of(here, TWO_CLINICS)
    nidelv = settings.for_clinic("nidelv")
    assert (nidelv.email.host, nidelv.email.port, nidelv.email.sender) == (
        *("mail.nidelv.example", 587, "post@nidelv.example"),
    )
    assert nidelv.third_party == {"digicare": False, "helsenorge": False}
    assert nidelv.wording == here / "wording" / "nidelv"
    assert nidelv.columns == {"Pas.nr": "patient_id", "Tid": "starts_at"}
    assert nidelv.sms == settings.sms


def test_a_clinics_own_password_replaces_the_other_kind(here):
    settings = settings_of(here, TWO_CLINICS)
    assert (settings.email.password_file, settings.email.password_env) == ("", "SMTP_PASSWORD")
    own = settings.for_clinic("nidelv").email
    assert (own.password_file, own.password_env) == ("nidelv.secret", "")
    without_one = settings.for_clinic("senja").email
    assert (without_one.port, without_one.password_file, without_one.password_env) == (25, "", "SMTP_PASSWORD")


def test_what_a_clinic_does_not_say_is_everybodys(here):
    settings = settings_of(here, TWO_CLINICS)
    lofoten = settings.for_clinic("lofoten")
    assert (lofoten.push.on_uncertain, settings.push.on_uncertain) == ("hold", "resend")
    assert lofoten.email is settings.email
    assert lofoten.third_party == settings.third_party
    assert (lofoten.wording, lofoten.columns, lofoten.statuses) == (None, {}, {})


def test_a_clinic_without_a_section_has_everybodys(here):
    settings = settings_of(here, TWO_CLINICS)
    other = settings.for_clinic("andre")
    assert (other.email, other.sms, other.push) == (settings.email, settings.sms, settings.push)
    assert (other.third_party, other.wording, other.columns) == (settings.third_party, None, {})


def test_the_contracts_own_clinic(here):
    settings = settings_of(here, EVERYBODYS_PART_OF_THE_CONTRACT + ONE_CLINICS_PART_OF_THE_CONTRACT)
    nidelv = settings.for_clinic("nidelv")
    assert (nidelv.wording, nidelv.columns) == (here / "wording/nidelv", {"Pas.nr": "patient_id"})
    assert nidelv.statuses == {"Ikke møtt opp": "noshow"}


def test_the_columns_that_a_clinics_own_can_stand_for_are_those_that_imports_know(here):
    from notifycli.intake.mapping.columns import COLUMNS

    of_our_own = {"fresh_at", "reject_import"}
    every = {column for columns in COLUMNS.values() for column in columns} - of_our_own
    lines = ", ".join(f'"own {column}" = "{column}"' for column in sorted(every))
    assert set(settings_of(here, f"[clinic.x]\ncolumns = {{ {lines} }}").for_clinic("x").columns.values()) == every
    with pytest.raises(ConfigError) as caught:
        settings_of(here, '[clinic.x]\ncolumns = { "Diagnose" = "diagnosis" }')
    assert "is no column" in str(caught.value)


# The nearest


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("conections", "connections", id="a letter less"),
        pytest.param("HOST", "host", id="capitals"),
        pytest.param("nidelv", "Nidelv", id="capitals of the known one"),
        pytest.param("password-file", "password_file", id="another sign"),
        pytest.param("xyzzy", None, id="nothing like it"),
        pytest.param("", None, id="nothing"),
        pytest.param("host" * 100_000, None, id="without end"),
    ],
)
def test_what_was_probably_meant(word, expected):
    assert nearest(word, iter(["host", "connections", "password_file", "Nidelv"])) == expected
