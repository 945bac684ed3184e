"""What the store asks of a connection, whichever engine keeps the database. Knows no table and no engine.

SQL is handed over as shared SQL (store/dialect.py): with marks, and with parameters as ? or :name.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from notifycli.domain.search_words import Wanted


class Finding(NamedTuple):
    """Whether a part of the engine is as it should be, in words."""

    name: str
    state: Literal["ok", "look", "broken"]
    text: str


class StoredTable(NamedTuple):
    """A table with its columns, and those of its key in order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Cursor(Protocol):
    """What Connection.execute gives back."""

    @property
    def rowcount(self) -> int: ...

    @property
    def description(self) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Raises StoreError and StoreBusy, never an error of the engine's own library."""

    @property
    def in_transaction(self) -> bool: ...

    @property
    def has_one_run_at_a_time(self) -> bool:
        """Whether a lock (store/lock.py) keeps a second run out; else runs share the work by their leases."""

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor: ...

    def named(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        """Each row by the names of its columns."""

    def insert(self, sql: str, parameters: Any) -> int:
        """The number of the row that the statement makes, which has a number for its key."""

    def insert_new(self, table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]) -> int:
        """Rows, given by column, of which those that are stored already are left alone; how many were inserted.

        No column holds both None and "".
        """

    def begin_writing(self, *, durable: bool, alone: str | None = "") -> None:
        """`durable`: kept against the loss of power, and of a host, when it is committed. `alone`: see `writing`."""

    def hold(self, names: Iterable[str]) -> None:
        """Within a transaction: no other that holds one of these goes on until it ends. Raises StoreBusy."""

    def begin_reading(self) -> None: ...

    def end(self) -> None:
        """What was written is kept."""

    def undo(self) -> None:
        """Does nothing where the engine has undone it itself."""

    def begin_part(self) -> None: ...

    def end_part(self) -> None: ...

    def undo_part(self) -> None: ...

    def make_scratch(self, table: str, like: str, columns: Sequence[str], key: Sequence[str]) -> None:
        """A table of this connection alone, where there is none of that name yet.

        `columns`: of the table `like`, or others, which hold numbers.
        """

    def drop_scratch(self, table: str) -> None:
        """Where there is one."""

    def matching(self, wanted: "Wanted") -> tuple[str, dict[str, str]]:
        """A question for clinic_id and patient_id of those who have what is wanted, and its values."""

    def change_counter(self) -> int:
        """Another number after each change that another connection has committed; none of its own need change it."""

    def wait_for_locks(self, seconds: float | None = None) -> None:
        """No longer than this; None: as long as it was when the connection was opened."""

    def tables(self) -> list[StoredTable]:
        """All that hold what is stored, by name; what the engine makes of it by itself is left out."""

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Within a transaction: rows as they are, without what triggers would write of them."""

    def clear(self, table: str) -> None:
        """Within a transaction: all of its rows go, whatever triggers say."""

    def continue_numbers(self, table: str) -> None:
        """After `load`: rows that come later get numbers behind those that are there."""

    def findings(self) -> Iterator[Finding]:
        """Whether the engine is set as this program needs it. Changes nothing."""

    def why_commits_may_be_lost(self) -> str | None:
        """Where a failover may lose what was committed, in words with what to do; None where it cannot."""

    def findings_of_all(self) -> Iterator[Finding]:
        """Whether all that is stored is sound, as far as the engine can tell; may read all of it."""

    def wipe_free_space(self) -> bool:
        """Outside of a transaction: nothing that was deleted is left in its files. False: some may be, since others
        read it."""

    def interrupt(self) -> None:
        """From another thread: what is asked just now ends with an error."""

    def close(self) -> None: ...
