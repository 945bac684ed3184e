"""The password of a database on a server: from a file or the environment, never from a command line or notify.toml."""

import pytest

from notifycli.config import ConfigError, database_address, load, typed_address, warnings_of
from notifycli.domain.errors import UsageError
from tests.config.test_config_secrets import SECRET
from tests.support.config_files import written

SERVER = "postgresql://notify@db.example/notify"


def settings_with(folder, *lines, database=SERVER):
    path = written(folder, "\n".join([f'database = "{database}"', *lines, ""]))
    return load(path, {})


@pytest.mark.parametrize(
    ("database", "joined"),
    [
        pytest.param(SERVER, f"{SERVER}?password={SECRET}", id="an address"),
        pytest.param(f"{SERVER}?sslmode=require", f"{SERVER}?sslmode=require&password={SECRET}", id="with options"),
    ],
)
@pytest.mark.parametrize("line", ['database_password_file = "db.secret"', 'database_password_env = "OF_DB"'])
def test_the_password_of_the_server_that_is_named(tmp_path, line, database, joined):
    written(tmp_path, f"{SECRET}\n", "db.secret")
    settings = settings_with(tmp_path, line, database=database)
    assert database_address(settings, None, {"OF_DB": SECRET}) == joined
    assert database_address(settings, database, {"OF_DB": SECRET}) == joined, "the same server, typed"


def test_a_password_of_any_letters_comes_through(tmp_path):
    from psycopg.conninfo import conninfo_to_dict

    settings = settings_with(tmp_path, 'database_password_env = "OF_DB"')
    address = database_address(settings, None, {"OF_DB": "pæss&word=/@? %"})
    assert conninfo_to_dict(address)["password"] == "pæss&word=/@? %"


@pytest.mark.parametrize("other", ["postgresql://notify@other.example/notify", "postgresql://db.example/notify"])
def test_another_server_does_not_get_the_password(tmp_path, other):
    settings = settings_with(tmp_path, 'database_password_env = "OF_DB"')
    assert database_address(settings, other, {"OF_DB": SECRET}) == other
    assert database_address(settings, None, {"OF_DB": SECRET, "NOTIFY_DB": other}) == other


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://notify:{SECRET}@db.example/notify",
        f"postgresql://db.example/notify?user=notify&password={SECRET}",
        f"postgres://notify@db.example/notify?sslpassword={SECRET}",
    ],
)
def test_a_password_in_an_address_is_refused(tmp_path, address):
    settings = settings_with(tmp_path)
    for refused in (typed_address, database_address):
        with pytest.raises(UsageError, match="database_password_file") as caught:
            refused(settings=settings, given=address, environ={})
        assert SECRET not in str(caught.value)
    with pytest.raises(ConfigError, match="database_password_file") as mistake:
        settings_with(tmp_path, database=address)
    assert SECRET not in str(mistake.value)


def test_the_environment_may_hold_a_whole_address(tmp_path):
    address = f"postgresql://notify:{SECRET}@db.example/notify"
    assert database_address(settings_with(tmp_path), None, {"NOTIFY_DB": address}) == address


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(['database_password_file = "none"'], "database_password_file names no file", id="no file"),
        pytest.param(['database_password_env = "NONE"'], "database_password_env names a variable", id="no variable"),
    ],
)
def test_a_password_that_is_not_there(tmp_path, lines, told):
    with pytest.raises(ConfigError, match=told):
        database_address(settings_with(tmp_path, *lines), None, {})


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(['database_password_file = "a"', 'database_password_env = "B"'], id="both"),
        pytest.param(['database_password_env = "open sesame"'], id="no name of a variable"),
    ],
)
def test_mistakes_in_the_keys(tmp_path, lines):
    with pytest.raises(ConfigError) as caught:
        settings_with(tmp_path, *lines)
    assert "sesame" not in str(caught.value)


def test_a_file_that_all_may_read_wants_a_look(tmp_path):
    path = written(tmp_path, SECRET, "db.secret")
    settings = settings_with(tmp_path, 'database_password_file = "db.secret"')
    path.chmod(0o644)
    assert [str(path) in warning for warning in warnings_of(settings, {})] == [True]
    path.chmod(0o600)
    assert warnings_of(settings, {}) == []
