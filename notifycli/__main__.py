"""python -m notifycli: the command `notify`, where no script of that name is on the path."""

from notifycli.cli.main import run_from_shell

if __name__ == "__main__":
    run_from_shell()
