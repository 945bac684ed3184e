"""notify doctor and the domains of senders: SPF, DKIM and DMARC, asked of a name server on loopback."""

import json
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.support.dns_server import Answer, name_server
from tests.support.one_clinic import Clinic, in_a_thread, mail_server
from tests.support.processes import notify_on_disks
from tests.support.smtp_server import Script

DOMAIN = "nidelv.example"
KEY, SHORT_KEY = (b64encode(bytes(octets)).decode() for octets in (294, 94))  # as long as 2048 bits are, and 512
SPF, DMARC, DKIM = "v=spf1 mx -all", "v=DMARC1; p=reject", f"v=DKIM1; k=rsa; p={KEY}"
GOOD: dict[str, Answer] = {DOMAIN: [SPF], f"_dmarc.{DOMAIN}": [DMARC], f"s1._domainkey.{DOMAIN}": [DKIM]}
CLINICS = "clinic_id;name;portal_url;sender_email;sender_sms;timebook;post\n"
OF_DNS = ("DNS", "SPF", "DKIM", "DMARC")


def told(folder: Path, zone: dict[str, Answer], more: str = 'dkim_selector = "s1"\n', rows: str = "") -> list[tuple]:
    """Name, state and text of each check that is about domains; the server's names are in `asked`."""
    with in_a_thread(name_server(zone)) as server, mail_server(Script()) as (_, config):
        nameserver = f'[doctor]\nnameserver = "127.0.0.1:{server.port}"\n'
        clinic = Clinic.begun_in(folder, f"{config}{more}{nameserver}")
        if rows:
            (folder / "more.csv").write_text(CLINICS + rows, encoding="utf-8")
            clinic.call("import", str(folder / "more.csv"))
        checks = clinic.json("doctor")["checks"]
    return [(one["name"], one["state"], one["text"]) for one in checks if one["name"] in OF_DNS]


def test_all_is_in_order(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == [
        ("SPF", "ok", "nidelv.example: SPF says who may send (-all)"),
        ("DKIM", "ok", "nidelv.example: the DKIM key under the selector s1 is there"),
        ("DMARC", "ok", "nidelv.example: DMARC says what becomes of forged mail (reject)"),
    ]


@pytest.mark.parametrize(
    ("texts", "state", "words"),
    [
        pytest.param(["v=spf1 include:_spf.post.example ~all"], "ok", "(~all)", id="softly"),
        pytest.param(["some-site-verification=1", SPF], "ok", "(-all)", id="beside another text"),
        pytest.param(["V=SPF1 A:mail.nidelv.example/24 -ALL"], "ok", "(-all)", id="in capitals"),
        pytest.param(["v=spf1 redirect=_spf.post.example"], "ok", "(redirect)", id="another's"),
        pytest.param([], "look", "no SPF record", id="none"),
        pytest.param(["v=spf10 -all"], "look", "no SPF record", id="of another version"),
        pytest.param([SPF, "v=spf1 a ~all"], "broken", "2 SPF records, which count as none", id="two"),
        pytest.param(["v=spf1 mx +all"], "look", "lets everybody send", id="everybody"),
        pytest.param(["v=spf1 mx ?all"], "look", "lets everybody send", id="no opinion"),
        pytest.param(["v=spf1 -all mx ?all"], "ok", "(-all)", id="nothing counts behind all"),
        pytest.param(["v=spf1 mx"], "look", "lets everybody send", id="without an end"),
        pytest.param(["v=spf1 ipv4:192.0.2.1 -all"], "broken", "'ipv4:192.0.2.1', which is no term", id="a slip"),
        pytest.param(["v=spf1 include:gone.example -all"], "broken", "has no SPF records", id="leads nowhere"),
        pytest.param(["v=spf1 include:two.example -all"], "broken", "has 2 SPF records", id="leads to two"),
        pytest.param(["v=spf1 include:loop.example -all"], "broken", "more than 10 look-ups", id="a loop"),
        pytest.param([f"v=spf1 {'a:m.example ' * 11}-all"], "broken", "more than 10 look-ups", id="eleven hosts"),
        pytest.param([f"v=spf1 {'a:m.example ' * 10}-all"], "ok", "(-all)", id="ten hosts"),
        pytest.param(["v=spf1 include:%{d}.spf.example -all"], "ok", "(-all)", id="a macro is not followed"),
        pytest.param(["v=spf1 include:slip.example -all"], "broken", "what it includes has 'mxx'", id="their slip"),
    ],
)
def test_spf(tmp_path: Path, texts: list[str], state: str, words: str) -> None:
    others: dict[str, Answer] = {
        "_spf.post.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
        "two.example": [SPF, "v=spf1 a -all"],
        "loop.example": ["v=spf1 include:loop.example -all"],
        "slip.example": ["v=spf1 mxx -all"],
    }
    name, found, text = told(tmp_path, GOOD | others | {DOMAIN: texts})[0]
    assert (name, found, words in text) == ("SPF", state, True), text


@pytest.mark.parametrize(
    ("texts", "state", "words"),
    [
        pytest.param([f"k=rsa; p={KEY[:80]} {KEY[80:]}"], "ok", "is there", id="without a version, with a blank"),
        pytest.param(["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="], "ok", "is there", id="ed"),
        pytest.param("NXDOMAIN", "broken", "no DKIM key under the selector s1", id="none"),
        pytest.param([], "broken", "no DKIM key under the selector s1", id="a name without texts"),
        pytest.param([DKIM, f"{DKIM};"], "broken", "2 DKIM keys", id="two"),
        pytest.param(["v=DKIM1; p="], "broken", "was withdrawn", id="withdrawn"),
        pytest.param(["v=DKIM2; p=AAAA"], "broken", "is no DKIM key", id="another version"),
        pytest.param([SPF], "broken", "is no DKIM key", id="another text"),
        pytest.param([f"v=DKIM1; p={KEY[:-3]}"], "broken", "is cut or garbled", id="cut"),
        pytest.param([f"v=DKIM1; p={SHORT_KEY}"], "broken", "shorter than 1024 bits", id="short"),
        pytest.param([f"v=DKIM1; t=s:y; p={KEY}"], "look", "being tried out (t=y)", id="on trial"),
    ],
)
def test_dkim(tmp_path: Path, texts: Answer, state: str, words: str) -> None:
    name, found, text = told(tmp_path, GOOD | {f"s1._domainkey.{DOMAIN}": texts})[1]
    assert (name, found, words in text) == ("DKIM", state, True), text


def test_without_a_selector_dkim_is_not_looked_at_and_that_is_said(tmp_path: Path) -> None:
    name, state, text = told(tmp_path, GOOD, more="")[1]
    assert (name, state) == ("DKIM", "ok")
    assert "not looked at, since [email] dkim_selector is empty" in text


@pytest.mark.parametrize(
    ("zone", "state", "words"),
    [
        pytest.param({f"_dmarc.{DOMAIN}": ["v=DMARC1; p=quarantine; rua=mailto:d@nidelv.example"]}, "ok",
                     "(quarantine)", id="quarantine"),
        pytest.param({f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]}, "look", "(p=none)", id="reports alone"),
        pytest.param({f"_dmarc.{DOMAIN}": "NXDOMAIN"}, "look", "no DMARC record", id="none"),
        pytest.param({f"_dmarc.{DOMAIN}": ["v=DMARC10; p=reject"]}, "look", "no DMARC record", id="another version"),
        pytest.param({f"_dmarc.{DOMAIN}": [DMARC, f"{DMARC};"]}, "broken", "2 DMARC records", id="two"),
        pytest.param({f"_dmarc.{DOMAIN}": ["v=DMARC1; p=rejcet"]}, "broken", "has no policy", id="a slip"),
        pytest.param({f"_dmarc.{DOMAIN}": ["v=DMARC1; rua=mailto:d@nidelv.example"]}, "broken", "has no policy",
                     id="without"),
    ],
)  # fmt: skip
def test_dmarc(tmp_path: Path, zone: dict[str, Answer], state: str, words: str) -> None:
    name, found, text = told(tmp_path, GOOD | zone)[2]
    assert (name, found, words in text) == ("DMARC", state, True), text


@pytest.mark.parametrize(
    ("record", "state", "words"),
    [
        pytest.param("v=DMARC1; p=reject; sp=none", "look", "(p=none)", id="of what is below it"),
        pytest.param("v=DMARC1; p=reject", "ok", "(reject)", id="of all"),
    ],
)
def test_dmarc_of_the_domain_above(tmp_path: Path, record: str, state: str, words: str) -> None:
    zone: dict[str, Answer] = {
        "mail.fjord.example": [SPF], "_dmarc.fjord.example": [record], f"s1._domainkey.{DOMAIN}": [DKIM], **GOOD
    }  # fmt: skip
    checks = told(tmp_path, zone, more='from = "post@mail.fjord.example"\n')
    [(found, text)] = [(found, text) for name, found, text in checks if name == "DMARC" and "fjord" in text]
    assert (found, words in text) == (state, True), text


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        pytest.param("NXDOMAIN", "broken", "there is no domain nidelv.example, so its mail is refused; mend email.from",
                     id="no such domain"),
        pytest.param("SERVFAIL", "look", "says SERVFAIL of 'nidelv.example'", id="it fails"),
        pytest.param("REFUSED", "look", "says REFUSED of 'nidelv.example'", id="it refuses"),
        pytest.param("silence", "look", "did not answer in 5 s; look at the network, or name another in [doctor]",
                     id="it is silent", marks=pytest.mark.slow),
        pytest.param("garbage", "look", "name server 127.0.0.1:", id="garbage", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_what_a_name_server_may_do(tmp_path: Path, answer: Answer, state: str, words: str) -> None:
    [(name, found, text)] = told(tmp_path, {DOMAIN: answer})
    assert (name, found, words in text) == ("DNS", state, True), text


@pytest.mark.slow
def test_a_silent_name_server_is_told_of_once(tmp_path: Path) -> None:
    rows = "".join(f"c{n};Bekk;https://bekk.example;post@c{n}.example;;yes;no\n" for n in range(3))
    zone: dict[str, Answer] = dict.fromkeys([DOMAIN, *(f"c{n}.example" for n in range(3))], "silence")
    assert len(told(tmp_path, zone, rows=rows)) == 1


def test_each_domain_is_looked_at_and_many_in_order_share_a_line(tmp_path: Path) -> None:
    zone: dict[str, Answer] = dict(GOOD)
    rows = ""
    for n in range(15):
        zone |= {f"c{n}.example": [SPF], f"_dmarc.c{n}.example": [DMARC], f"s1._domainkey.c{n}.example": [DKIM]}
        rows += f"c{n};Bekk;https://bekk.example;post@c{n}.example;;yes;no\n"
    zone["c7.example"] = [SPF, "v=spf1 a -all"]
    checks = told(tmp_path, zone, rows=rows)
    assert checks[0] == ("DNS", "ok", "15 of 16 sender domains are in order")
    assert [(name, text.partition(":")[0]) for name, _, text in checks[1:]] == [
        (name, "c7.example") for name in ("SPF", "DKIM", "DMARC")
    ]


def test_where_e_mail_becomes_files_nobody_is_asked(tmp_path: Path) -> None:
    with in_a_thread(name_server(GOOD)) as server:
        clinic = Clinic.begun_in(tmp_path, f'[doctor]\nnameserver = "127.0.0.1:{server.port}"\n')
        checks = {one["name"]: one for one in clinic.json("doctor")["checks"]}
    assert (checks["DNS"]["state"], "nobody is asked" in checks["DNS"]["text"]) == ("ok", True)
    assert server.asked == []


def test_a_name_for_examples_is_not_asked_of_the_machines_own_name_server(tmp_path: Path) -> None:
    with mail_server(Script()) as (_, config):
        checks = Clinic.begun_in(tmp_path, config).json("doctor")["checks"]
    assert [one["text"] for one in checks if one["name"] in OF_DNS] == [
        "nidelv.example is a name for examples, so nobody is asked"
    ]


@pytest.mark.slow
def test_a_machine_without_a_name_server(tmp_path: Path) -> None:
    with mail_server(Script()) as (_, config):
        Clinic.begun_in(tmp_path, config + 'from = "post@legesenter.lan"\n')
        (tmp_path / "empty").touch()
        before = f"mount --bind {tmp_path / 'empty'} /etc/resolv.conf"
        answer = notify_on_disks(before, tmp_path, "--config", "notify.toml", "doctor", "--json")
    told_of_dns = [one["text"] for one in json.loads(answer.out)["checks"] if one["name"] == "DNS"]
    assert told_of_dns[-1] == ("this machine has no name server (/etc/resolv.conf); name one in [doctor] nameserver")


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "notifycli.doctor.name_server", raising=False)
    monkeypatch.setitem(sys.modules, "dns.asyncresolver", None)
    [(name, state, text)] = told(tmp_path, GOOD)
    assert (name, state, text.endswith("type: pip install 'notifycli[dns]'")) == ("DNS", "look", True)
