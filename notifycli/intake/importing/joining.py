"""Gives the cells of one contract column, from the one or two columns of the file that hold it.

Must not know zones, or what a cell means. Source: SPEC section 3.
"""

from collections.abc import Mapping, Sequence

LONGEST_CLOCK = len("09:30:00.000")
YEARS_OF_BARE_CLOCKS = ("1899", "1900")  # as Access and SQL Server write a time without a date


def cells_of(column: str, columns: Sequence[Sequence[str]], places: Mapping[str, tuple[int, ...]]) -> Sequence[str]:
    """Of a date and a clock that stand apart, the two joined."""
    where = places[column]
    if len(where) == 1:
        return columns[where[0]]
    if column == "ends_at" and where[:1] == places.get("starts_at", ())[:1]:
        # An end is a clock on the day of the start, or a time of its own, or blank.
        return [
            end
            if not end or (len(end) > LONGEST_CLOCK and not any(map(end.__contains__, YEARS_OF_BARE_CLOCKS)))
            else f"{day} {end}"
            for day, end in zip(columns[where[0]], map(str.strip, columns[where[1]]), strict=True)
        ]
    return list(map(str.strip, map(" ".join, zip(*(columns[place] for place in where), strict=True))))
