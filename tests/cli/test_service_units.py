"""docs/systemd stands beside crontab.example: the same program, places and commands, the same walls around each."""

import re

import pytest

from notifycli.cli.main import main
from tests.support.places import REPOSITORY

UNITS = REPOSITORY / "docs" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
CRONTAB = dict(re.findall(r"^(NOTIFY\w*)=(\S+)$", (REPOSITORY / "crontab.example").read_text("utf-8"), re.MULTILINE))
LAST_OF_ITS_OWN = "StateDirectory="


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_it_calls_a_command_that_is_there(service, capsys):
    (line,) = re.findall(r"^ExecStart=(.*)$", service.read_text("utf-8"), re.MULTILINE)
    program, *words = line.split()
    assert program == CRONTAB["NOTIFY"]
    assert main([words[0], "--help"]) == 0
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z]+", capsys.readouterr().out))


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_it_looks_where_cron_looks(service):
    (line,) = re.findall(r"^Environment=(.*)$", service.read_text("utf-8"), re.MULTILINE)
    assert dict(pair.split("=") for pair in line.split()) == {
        name: CRONTAB[name] for name in ("NOTIFY_CONFIG", "NOTIFY_DB")
    }


def test_each_has_the_same_walls():
    walls = {
        service.read_text("utf-8").split(LAST_OF_ITS_OWN)[1].split("\n\n[Install]")[0].strip() for service in SERVICES
    }
    assert len(walls) == 1
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077"} <= set(walls.pop().splitlines())


def test_every_timer_has_its_service():
    assert [path.stem for path in UNITS.glob("*.timer")] == ["notify-run"]
    assert (UNITS / "notify-run.service").exists()
