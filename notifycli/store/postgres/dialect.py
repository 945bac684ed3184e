"""Shared SQL in PostgreSQL's words: its marks (store/dialect.py), and parameters as psycopg takes them."""

import re
from collections.abc import Callable
from functools import cache

from notifycli.store.dialect import written_out

WORDS: dict[str, Callable[..., str]] = {
    "then_looked_up_in": lambda: "JOIN",
    "or_fail": lambda: "",
    "each": lambda parameter: f"jsonb_array_elements_text({parameter}::jsonb) j (value)",
    "each_number": lambda parameter: (
        f"(SELECT value::bigint AS value FROM jsonb_array_elements_text({parameter}::jsonb) e (value)) j"
    ),
    "each_pair": lambda parameter, first, second: (
        f"(SELECT value ->> 0 AS {first}, value ->> 1 AS {second}"
        f" FROM jsonb_array_elements({parameter}::jsonb) e (value)) j"
    ),
    "among": lambda parameter: f"(SELECT value FROM jsonb_array_elements_text({parameter}::jsonb) e (value))",
    "among_numbers": lambda parameter: (
        f"(SELECT value::bigint FROM jsonb_array_elements_text({parameter}::jsonb) e (value))"
    ),
    "nobody_else_writes_of": lambda clinic: f"pg_try_advisory_xact_lock(hashtextextended('clinic ' || {clinic}, 4))",
    "by_index": lambda name: "",
    "without_index": lambda cell: cell,
    "greatest": lambda: "greatest",
    "least": lambda: "least",
    "is_same_as": lambda: "IS NOT DISTINCT FROM",
    "joined": lambda cell: f"string_agg({cell}, ',' ORDER BY {cell})",
    "server_now": lambda: "extract(epoch FROM clock_timestamp())::bigint",
    "server_now_ms": lambda: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
    "locked": lambda *tables: f"FOR UPDATE OF {', '.join(tables)} SKIP LOCKED",
    "unsealed": lambda: "s.id IN (SELECT log_id FROM unsealed)",
    "scratch": lambda table: f"pg_temp.{table}",
}
# a text or a comment stays as it is; :: is a cast
PARTS = re.compile(r"('(?:[^']|'')*')|(\?)|(?<![:\w]):([a-z_]\w*)|(%)")


@cache
def in_postgres_words(sql: str) -> str:
    """With %s for ? and %(name)s for :name."""
    return PARTS.sub(_as_psycopg_has_it, written_out(sql, WORDS))


def _as_psycopg_has_it(part: re.Match[str]) -> str:
    text, mark, name, _percent = part.groups()
    if text is not None:
        return text.replace("%", "%%")
    if mark is not None:
        return "%s"
    return f"%({name})s" if name is not None else "%%"
