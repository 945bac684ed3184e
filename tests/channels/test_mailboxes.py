"""Where bounces lie: a Maildir and an IMAP server, read once, and nothing in them lost or hidden from staff."""

import ssl
from pathlib import Path

import pytest
import trustme

from notifycli.channels.mailboxes import LONGEST, Imap, ImapSettings, MailboxError, Maildir, modified_utf7
from notifycli.domain.errors import ConfigError
from tests.support.imap_server import PASSWORD, USER, ImapServer, imap_server

UNREADABLE = Path("/proc/self/mem")  # its first page is nobody's

# A Maildir


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def put(maildir: Path, name: str, content: bytes = b"x") -> None:
    (maildir / name).write_bytes(content)


def names_in(maildir: Path) -> set[str]:
    return {path.relative_to(maildir).as_posix() for path in maildir.rglob("*") if path.is_file()}


def contents_of(box: Maildir | Imap) -> list[bytes]:
    return [one.content for one in box.unread()]


def test_what_is_done_or_left_is_not_given_again(maildir):
    put(maildir, "new/1.a", b"report")
    put(maildir, "new/2.a", b"letter")
    put(maildir, "cur/3.a:2,F", b"report seen by another program")
    box = Maildir(maildir)
    for one in box.unread():
        one.done() if one.content.startswith(b"report") else one.leave()
    assert names_in(maildir) == {"cur/1.a:2,S", "cur/2.a:2,L", "cur/3.a:2,FS"}
    assert contents_of(box) == []
    assert {path.read_bytes() for path in maildir.rglob("*.a*")} == {
        *(b"report", b"letter", b"report seen by another program")
    }


def test_what_nothing_was_said_of_comes_again(maildir):
    put(maildir, "new/1.a", b"report")
    assert contents_of(Maildir(maildir)) == contents_of(Maildir(maildir)) == [b"report"]


@pytest.mark.parametrize(
    ("name", "comes"),
    [
        pytest.param("new/1.a", True, id="new"),
        pytest.param("cur/1.a:2,", True, id="listed by a mail reader"),
        pytest.param("cur/1.a", True, id="without flags"),
        pytest.param("cur/1.a:1,S", True, id="flags of another kind"),
        pytest.param("cur/1.a:2,S", False, id="read"),
        pytest.param("cur/1.a:2,RS", False, id="read and answered"),
        pytest.param("cur/1.a:2,T", False, id="in the bin"),
        pytest.param("cur/1.a:2,L", False, id="left by us"),
        pytest.param("new/.hidden", False, id="a hidden file"),
        pytest.param("tmp/1.a", False, id="not yet whole"),
    ],
)
def test_which_files_are_unread(maildir, name, comes):
    put(maildir, name)
    assert contents_of(Maildir(maildir)) == [b"x"] * comes


def test_no_more_than_a_mebibyte_is_read(maildir):
    put(maildir, "new/1.a", b"x" * (LONGEST + 1))
    assert contents_of(Maildir(maildir)) == [b"x" * LONGEST]


@pytest.mark.skipif(not UNREADABLE.exists(), reason="no file here that even root cannot read")
def test_what_cannot_be_read_holds_up_nothing_and_is_told(maildir):
    (maildir / "new/1.a").symlink_to(UNREADABLE)
    put(maildir, "new/2.a", b"report")
    given = []
    with pytest.raises(MailboxError, match=r"1 of the messages in .* cannot be read"):
        given.extend(one.content for one in Maildir(maildir).unread())
    assert given == [b"report"]


def test_a_file_that_another_program_moves_meanwhile_is_found_there(maildir):
    put(maildir, "new/1.a", b"report")
    for one in Maildir(maildir).unread():
        (maildir / "new/1.a").rename(maildir / "cur/1.a:2,")
        one.done()
    (again,) = Maildir(maildir).unread()
    again.done()
    assert names_in(maildir) == {"cur/1.a:2,S"}


@pytest.mark.parametrize(
    "folder", [pytest.param("no-such-folder", id="none"), pytest.param("mail/new", id="a folder that is no Maildir")]
)
def test_a_folder_that_is_no_maildir(maildir, folder):
    with pytest.raises(MailboxError, match=r"is not a Maildir: it has no folder new/\. Mend receipts\.maildir"):
        contents_of(Maildir(maildir.parent / folder))


# IMAP


def box_at(server: ImapServer, **differing) -> Imap:
    usual = {"host": "127.0.0.1", "port": server.port, "tls": "none", "username": USER, "password": PASSWORD}
    return Imap(ImapSettings(**(usual | {"timeout": 5.0} | differing)))


def test_imap_gives_what_is_unseen_once_and_hides_nothing():
    with imap_server(b"report 1", b"letter", b"report 2") as server:
        box = box_at(server)
        for one in box.unread():
            one.done() if one.content.startswith(b"report") else one.leave()
        assert contents_of(box) == []
    assert [one.flags for one in server.messages.values()] == [{"\\Seen"}, {"NotifycliLeft"}, {"\\Seen"}]
    assert server.commands[-1] == "LOGOUT"
    assert not [line for line in server.commands if "Deleted" in line or "EXPUNGE" in line]


def test_where_the_server_takes_no_keywords_a_letter_stays_unread_and_comes_again():
    with imap_server(b"letter", keywords=False) as server:
        box = box_at(server)
        for one in box.unread():
            one.leave()
        assert contents_of(box) == [b"letter"]
    assert server.messages[1].flags == set()


def test_imap_marks_nothing_that_nothing_was_said_of():
    with imap_server(b"report") as server:
        assert contents_of(box_at(server)) == contents_of(box_at(server)) == [b"report"]
        assert server.messages[1].flags == set()


def test_a_message_deleted_meanwhile_is_passed_over():
    with imap_server(b"one", b"two", gone={1}) as server:
        assert contents_of(box_at(server)) == [b"two"]


def test_imap_reads_no_more_than_a_mebibyte():
    with imap_server(b"x" * (LONGEST + 1)) as server:
        assert contents_of(box_at(server)) == [b"x" * LONGEST]


@pytest.mark.parametrize("folder", ["Bounces 2", "Søppel & annet", 'a"b\\c'])
def test_a_folder_with_a_name_of_its_own(folder):
    with imap_server(b"report", folder=modified_utf7(folder).replace("\\", "\\\\").replace('"', '\\"')) as server:
        assert contents_of(box_at(server, folder=folder)) == [b"report"]


def test_a_folder_name_in_modified_utf_7():
    assert modified_utf7("Entwürfe & 台北") == "Entw&APw-rfe &- &U,BTFw-"


@pytest.mark.parametrize("password", ['open "sesame" \\', "åpne deg", "open\r\nsesame"])
def test_a_password_with_odd_characters(password):
    with imap_server(b"report", password=password) as server:
        assert contents_of(box_at(server, password=password)) == [b"report"]


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def certificate_for(name: str, authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusting(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return {"host": "localhost", "cafile": str(tmp_path / "ca.pem")}


WAYS = [pytest.param(False, id="STARTTLS"), pytest.param(True, id="TLS")]


@pytest.mark.parametrize("is_implicit", WAYS)
def test_encrypted(authority, trusting, is_implicit):
    context = certificate_for("localhost", authority)
    with imap_server(b"report", context=context, is_implicit=is_implicit) as server:
        box = box_at(server, **trusting, tls="tls" if is_implicit else "starttls")
        assert contents_of(box) == [b"report"]
    assert (server.logins, server.unencrypted_logins) == ([USER], 0)


@pytest.mark.parametrize("is_implicit", WAYS)
@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_certificate_that_proves_nothing_gets_no_login(authority, trusting, is_implicit, wrong):
    name, issuer = ("other.example", authority) if wrong == "name" else ("localhost", trustme.CA())
    with imap_server(b"x", context=certificate_for(name, issuer), is_implicit=is_implicit) as server:
        box = box_at(server, **trusting, tls="tls" if is_implicit else "starttls")
        with pytest.raises(MailboxError, match="is not trusted"):
            contents_of(box)
    assert server.logins == []


def test_a_server_without_starttls_gets_no_login(trusting):
    with imap_server(b"x") as server, pytest.raises(MailboxError, match="offers no STARTTLS"):
        contents_of(box_at(server, **trusting, tls="starttls"))
    assert server.logins == []


@pytest.mark.parametrize(
    ("answers", "differing", "words"),
    [
        pytest.param({}, {"password": "close sesame"}, "does not take this user name and password", id="login refused"),
        pytest.param({}, {"password": "lukk deg, ås"}, "does not take this user name and password", id="and PLAIN"),
        pytest.param({}, {"folder": "Bounces"}, r"opens no folder Bounces\. Mend receipts\.folder", id="no folder"),
        pytest.param({"SELECT": "OK [READ-ONLY] look"}, {}, "INBOX at .* can only be read", id="read-only"),
        pytest.param({"UID SEARCH": "NO no"}, {}, "refuses SEARCH in INBOX", id="search refused"),
        pytest.param({"UID FETCH": "NO no"}, {}, "refuses FETCH in INBOX", id="fetch refused"),
        pytest.param({"UID FETCH": "BAD nidelv"}, {}, "does not do as it is asked", id="fetch not understood"),
        pytest.param({"UID FETCH": ""}, {}, "broke the connection", id="hangs up"),
        pytest.param({"LOGIN": ""}, {}, "broke the connection", id="hangs up at the login"),
        pytest.param({"UID SEARCH": None}, {"timeout": 0.2}, "did not answer in 0.2 s", id="falls silent"),
        pytest.param({}, {"host": "mail..example", "tls": "tls"}, "there is no host", id="no host"),
    ],
)
def test_trouble_is_told_without_the_password(answers, differing, words):
    with imap_server(b"x", answers=answers) as server, pytest.raises(MailboxError, match=words) as told:
        contents_of(box_at(server, **differing))
    assert "sesame" not in str(told.value)
    assert USER not in str(told.value)


def test_a_server_that_is_gone():
    with imap_server() as server:
        box = box_at(server)
    with pytest.raises(MailboxError, match=r"cannot be reached: Connection refused\. Look at receipts\.host"):
        contents_of(box)


def test_what_cannot_be_marked_is_told():
    with imap_server(b"x", answers={"UID STORE": "NO full"}) as server:
        for one in box_at(server).unread():
            with pytest.raises(MailboxError, match="refuses STORE"):
                one.done()


@pytest.mark.parametrize(
    ("differing", "words"),
    [
        pytest.param({"host": "imap.example"}, "this machine only", id="in clear over the network"),
        pytest.param({"tls": "tls", "cafile": "no-such.pem"}, "receipts.cafile no-such.pem", id="no such file"),
        pytest.param({"tls": "tls", "cafile": __file__}, "holds no certificate", id="a file that is no certificate"),
    ],
)
def test_settings_that_cannot_be_meant(differing, words):
    with pytest.raises(ConfigError, match=words):
        box_at(ImapServer({}, port=143), **differing)


def test_the_password_is_not_shown():
    assert PASSWORD not in repr(ImapSettings("localhost", 143, "none", USER, PASSWORD))
