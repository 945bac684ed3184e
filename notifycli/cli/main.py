"""The command `notify`: what was typed is carried out, and every error told with what to type next.

A plain `notify run` is read here, without typer: cron calls it 1,440 times a day, and when there is nothing to do,
reading the command line would take longer than looking.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from notifycli.cli import language
from notifycli.cli.language import _
from notifycli.cli.shell import Done, Shell, complain
from notifycli.cli.signals import INTERRUPTED, TERMINATED, Terminated, terminate
from notifycli.domain.errors import CANNOT_WORK, DONE, WRONG_USAGE, NotifyError, UsageError

OF_ALL_COMMANDS = {  # as they are typed
    "--db": "--db PATH",
    "--config": "--config PATH",
    "--now": "--now TIME",
    "--lang": "--lang nb|en",
    "--no-pager": "--no-pager",
    "--version": "--version",
    "-v": "-v",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code (SPEC section 8); never raises for what a user can do wrong."""
    call = Call()
    try:
        _carry_out(call, sys.argv[1:] if arguments is None else arguments)
        return DONE
    except Done as end:
        return end.exit_code
    except NotifyError as error:
        complain(language.error_in_words(error))
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - whoever read us is gone; the exit must not write again
        return DONE
    except OSError as error:
        complain(f"{error.filename or 'notify'}: {error.strerror or error}")
        return CANNOT_WORK
    except UnicodeEncodeError as error:
        wrong = _wrong_letters(error.encoding)
        complain(str(wrong))
        return wrong.exit_code
    except KeyboardInterrupt as end:
        complain(_("stopped"))
        return TERMINATED if isinstance(end, Terminated) else INTERRUPTED
    except Exception as error:
        code = _exit_code_of(error)
        if code is None:
            raise
        return code
    finally:
        if call.shell is not None:
            call.shell.close()


class Call:
    """One call of notify; its shell, once the global options are read."""

    shell: Shell | None = None


def _carry_out(call: Call, arguments: Sequence[str]) -> None:
    language.choose(None, os.environ)
    if "_NOTIFY_COMPLETE" in os.environ:
        from notifycli.cli.completing import ASKED_BY_SHELL, answer_shell

        answer_shell(os.environ[ASKED_BY_SHELL])
        return
    call.shell = plain_run(arguments)
    if call.shell is not None:
        from notifycli.cli.running import run_once

        run_once(call.shell, release=False, as_json=False)
        return
    from notifycli.cli.commands import all_commands

    with all_commands().make_context("notify", list(arguments), obj=call) as context:
        context.command.invoke(context)


def plain_run(arguments: Sequence[str]) -> Shell | None:
    """The shell for `notify [--db PATH] [--config PATH] [--now TIME] [--lang nb|en] run`; None for anything else."""
    options: dict[str, str | None] = {"--db": None, "--config": None, "--now": None, "--lang": None}
    rest = list(arguments)
    while len(rest) > 2 and rest[0] in options and not rest[1].startswith("-"):
        options[rest[0]] = rest[1]
        rest = rest[2:]
    if rest != ["run"]:
        return None
    language.choose(options["--lang"], os.environ)
    config = options["--config"]
    return Shell(options["--db"], Path(config) if config is not None else None, options["--now"])


def _wrong_letters(encoding: str) -> NotifyError:
    """UTF-8 has every letter, so it fails at typed bytes that are none; another at JSON or CSV, which lose none."""
    if encoding == "utf-8":
        return UsageError(_("what was typed is not UTF-8"), _("set the terminal to UTF-8"))
    told = _("standard output is {encoding}, which lacks some of these letters", encoding=encoding)
    return NotifyError(told, _("type: export PYTHONUTF8=1"))


def _exit_code_of(error: Exception) -> int | None:
    """How typer's own ways of ending come out: help that was asked for, wrong usage; None for an unknown error."""
    import typer

    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if not isinstance(error, typer.TyperException):
        return None
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        return WRONG_USAGE
    from notifycli.cli.wrong_usage import in_words_of_reader

    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "notify"
    option = getattr(error, "option_name", None)
    if command != "notify" and option in OF_ALL_COMMANDS:
        rest = command.removeprefix("notify ")
        typed = OF_ALL_COMMANDS[option]
        complain(_("{option} stands before the command: notify {typed} {rest}", option=option, typed=typed, rest=rest))
    else:
        message = in_words_of_reader(error.format_message())
        if not message.endswith((".", "?")):
            message += "."
        complain(_("{message} See: {command} --help", message=message, command=command))
    return WRONG_USAGE


def run_from_shell() -> None:
    """The entry point of the command `notify`. Whoever closed our streams gets nothing told."""
    signal.signal(signal.SIGTERM, terminate)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    sys.exit(main())
