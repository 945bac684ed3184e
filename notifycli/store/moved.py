"""Whether a database was moved elsewhere, or is half moved: then nothing may go by it.

An idle run passes here every minute, so this needs no more than the engine.
"""

from notifycli.domain.errors import NotifyError
from notifycli.domain.sentences import N_, Sentence
from notifycli.store.engine import Connection
from notifycli.store.journal import set_state, state

PROGRESS = "move"  # in the state of the database that is moved to, until it is done
GONE_TO = "moved_to"  # in that of the old one, when it is


class CannotMove(NotifyError):
    """What is to be moved, or where to, is not as it must be; what was there is as it was."""


def retire(connection: Connection, to: str, now: int) -> None:
    """So that nothing goes out by the old database as well; within a transaction."""
    set_state(connection, GONE_TO, {"to": to, "at": now})


def refuse_moved(connection: Connection) -> None:
    """Raises CannotMove where a database is half moved, or was moved elsewhere."""
    if state(connection, PROGRESS, None) is not None:
        told = Sentence(N_("This database is half moved."))
        raise CannotMove(told, Sentence(N_("Type once more: notify db move FROM TO")))
    gone = state(connection, GONE_TO, None)
    if gone is not None:
        told = Sentence(N_("All of this database was moved to {to}."), to=gone["to"])
        raise CannotMove(told, Sentence(N_("Name that one, with --db or as database in notify.toml.")))
