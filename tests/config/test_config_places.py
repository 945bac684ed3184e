"""Where the configuration and what it names lie, and what is told where they do not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from notifycli.config import ConfigError, Settings, database_address, load, path_of, places
from tests.support.config_files import as_nobody, written


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty folder, and in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_configuration_is_looked_for_here_then_the_users_then_the_systems():
    assert places({"HOME": "/home/kari", "XDG_CONFIG_HOME": "/srv/config"}) == [
        Path("notify.toml"),
        Path("/srv/config/notifycli/notify.toml"),
        Path("/etc/notifycli/notify.toml"),
    ]


@pytest.mark.parametrize(
    ("environ", "users"),
    [
        pytest.param({"HOME": "/home/kari"}, ["/home/kari/.config/notifycli/notify.toml"], id="home"),
        pytest.param(
            {"HOME": "/home/kari", "XDG_CONFIG_HOME": ""},
            ["/home/kari/.config/notifycli/notify.toml"],
            id="an empty XDG_CONFIG_HOME",
        ),
        pytest.param(
            {"HOME": "/home/kari", "XDG_CONFIG_HOME": "config"},
            ["/home/kari/.config/notifycli/notify.toml"],
            id="a relative XDG_CONFIG_HOME",
        ),
        pytest.param({}, [], id="no home"),
    ],
)
def test_where_the_users_configuration_lies(environ, users):
    assert places(environ)[1:-1] == [Path(one) for one in users]


def test_each_place_goes_before_the_next(here):
    environ = {"XDG_CONFIG_HOME": str(here / "user"), "NOTIFY_CONFIG": str(here / "environment.toml")}
    written(here, "database = 'given'", "given.toml")
    written(here, "database = 'environment'", "environment.toml")
    written(here, "database = 'here'")
    written(here, "database = 'user'", "user/notifycli/notify.toml")

    assert load(here / "given.toml", environ).database == "given"
    assert load(None, environ).database == "environment"
    del environ["NOTIFY_CONFIG"]
    assert load(None, environ).database == "here"
    (here / "notify.toml").unlink()
    assert load(None, environ).database == "user"
    assert load(None, {"NOTIFY_CONFIG": ""}).database == "notify.db"


def test_paths_are_relative_to_the_folder_of_the_file(here):
    path = written(
        here, "[clinic.nidelv]\nwording = 'ord'\n[clinic.lofoten]\nwording = '/srv/ord'", "settings/notify.toml"
    )
    settings = load(Path("settings/notify.toml"), {})
    assert (settings.folder, settings.path) == (path.parent, Path("settings/notify.toml"))
    assert database_address(settings, None, {}) == path.parent / "notify.db"
    assert settings.for_clinic("nidelv").wording == path.parent / "ord"
    assert settings.for_clinic("lofoten").wording == Path("/srv/ord")


@pytest.mark.parametrize(
    ("given_path", "environ", "expected"),
    [
        pytest.param("given.db", {"NOTIFY_DB": "environment.db"}, "given.db", id="--db"),
        pytest.param(None, {"NOTIFY_DB": "environment.db"}, "environment.db", id="NOTIFY_DB"),
        pytest.param(None, {"NOTIFY_DB": "~/x.db", "HOME": "/home/kari"}, "/home/kari/x.db", id="in the home"),
        pytest.param(None, {"NOTIFY_DB": ""}, "/etc/notifycli/own.db", id="an empty NOTIFY_DB"),
        pytest.param(None, {}, "/etc/notifycli/own.db", id="the configuration's"),
    ],
)
def test_which_database(given_path, environ, expected):
    settings = Settings(database="own.db", folder=Path("/etc/notifycli"))
    assert database_address(settings, Path(given_path) if given_path else None, environ) == Path(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b", "/etc/notifycli/a/b"),
        ("/a/b", "/a/b"),
        ("~/a", "/home/kari/a"),
        ("~kari/a", "/etc/notifycli/~kari/a"),
    ],
)
def test_what_a_path_in_a_setting_means(text, expected):
    assert path_of(text, Path("/etc/notifycli"), {"HOME": "/home/kari"}) == Path(expected)


def test_a_configuration_that_is_not_there(here):
    path = here / "none.toml"
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == f'{path}: no such file; mend --config, or write one with "notify init".'
    with pytest.raises(ConfigError) as caught:
        load(None, {"NOTIFY_CONFIG": "none.toml"})
    assert str(caught.value) == 'none.toml: no such file; mend NOTIFY_CONFIG, or write one with "notify init".'


def test_a_link_to_nothing_is_not_passed_over(here):
    (here / "notify.toml").symlink_to("none.toml")
    with pytest.raises(ConfigError) as caught:
        load(None, {})
    assert str(caught.value) == "notify.toml is a link to a file that is not there; mend or remove it."


def test_a_folder_is_no_configuration(here):
    with pytest.raises(ConfigError) as caught:
        load(here, {})
    assert str(caught.value) == f"{here} is a folder; name the file in it, such as {here}/notify.toml."


def test_a_name_that_no_file_can_have(here):
    with pytest.raises(ConfigError) as caught:
        load(Path("a" * 300), {})
    assert str(caught.value) == f"{'a' * 300} cannot be read (File name too long); mend --config."


def test_a_configuration_that_may_not_be_read(here):
    path = written(here, "database = 'x'")
    load(path, {})
    path.chmod(0)
    with as_nobody(), pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == f"{path}: no permission to read it; give it to the user that runs notify."


def test_what_lies_in_a_folder_that_is_closed_to_us_is_no_configuration_of_ours(here):
    path = written(here, "database = 'x'", "closed/notifycli/notify.toml")
    environ = {"XDG_CONFIG_HOME": str(here / "closed")}
    assert load(None, environ).database == "x"
    path.parent.chmod(0)
    with as_nobody():
        assert load(None, environ).database == "notify.db"


def test_a_folder_that_was_removed_meanwhile_stops_nothing(here):
    path = written(here, "database = '/srv/notify.db'")
    gone = here / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert load(path, {}).folder == here
    assert database_address(load(None, {}), Path("/srv/notify.db"), {}) == Path("/srv/notify.db")


def test_a_run_without_a_file_imports_little(here):
    heavy = {"tomllib", "difflib", "zoneinfo", "email", "phonenumbers", "asyncio", "importlib.resources", "dataclasses"}
    ours = {"notifycli.config.document", "notifycli.config.checks", "notifycli.config.wrong"}
    program = (
        "import sys, pathlib; from notifycli.config import load, database_address;"
        "settings = load(None, {}); database_address(settings, None, {}); settings.for_clinic('x');"
        "print(*sys.modules)"
    )
    modules = subprocess.run(
        [sys.executable, "-c", program], cwd=here, capture_output=True, text=True, check=True
    ).stdout
    assert "notifycli.config.loading" in modules.split()
    assert not (heavy | ours) & set(modules.split())
