"""The marks of shared SQL (store/dialect.py) in SQLite's words."""

from collections.abc import Callable
from functools import cache

from notifycli.store.dialect import written_out

WORDS: dict[str, Callable[..., str]] = {
    "then_looked_up_in": lambda: "CROSS JOIN",
    "or_fail": lambda: "OR FAIL",
    "each": lambda parameter: f"json_each({parameter}) j",
    "each_number": lambda parameter: f"json_each({parameter}) j",
    "each_pair": lambda parameter, first, second: (
        f"(SELECT value ->> 0 AS {first}, value ->> 1 AS {second} FROM json_each({parameter})) j"
    ),
    "among": lambda parameter: f"(SELECT value FROM json_each({parameter}))",
    "among_numbers": lambda parameter: f"(SELECT value FROM json_each({parameter}))",
    "nobody_else_writes_of": lambda clinic: "true",
    "by_index": lambda name: f"INDEXED BY {name}",
    "without_index": lambda cell: f"+{cell}",
    "greatest": lambda: "max",
    "least": lambda: "min",
    "is_same_as": lambda: "IS",
    "joined": lambda cell: f"group_concat({cell})",
    "server_now": lambda: "CAST(strftime('%s', 'now') AS INTEGER)",
    "server_now_ms": lambda: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "locked": lambda *tables: "",
    "unsealed": lambda: "s.id > coalesce((SELECT last_id FROM chain ORDER BY position DESC LIMIT 1), 0)",
    "scratch": lambda table: f"temp.{table}",
}


@cache
def in_sqlites_words(sql: str) -> str:
    return written_out(sql, WORDS) if "[[" in sql else sql
