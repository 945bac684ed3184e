"""What every error of notify has: what happened and where, what to type next, and the exit code (SPEC section 8).

Must not know how it is shown; cli/main.py does that, for all of them.
"""

DONE, LOOK, WRONG_USAGE, CANNOT_WORK, SAFETY_STOP = range(5)
"""The exit codes: done; done, but something wants a look; wrong usage or an unknown id; could not work; stopped."""


class NotifyError(Exception):
    """`message`: what happened, and where. `advice`: what to type or to do next; "" where there is nothing to do.

    str(): both, in one or two lines, without secrets, personal data or the words of a library.
    """

    exit_code = CANNOT_WORK

    def __init__(self, message: str = "", advice: str = "", exit_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        if not self.advice:
            return self.message
        return f"{self.message}{' ' if self.message.endswith(('.', '?')) else '; '}{self.advice}"


class UsageError(NotifyError):
    """What was typed cannot be carried out, or names what does not exist."""

    exit_code = WRONG_USAGE


class ConfigError(NotifyError):
    """The configuration cannot be used. `message` names the file, the table and the key."""
