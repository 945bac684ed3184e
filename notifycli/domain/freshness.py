"""How fresh an imported row is, and which of two rows counts (SPEC section 3). Knows no files and no tables.

Instants are UTC epoch seconds. `file_at` is the file's time, never later than the import.
"""


def freshness_of_row(stamp: int | None, file_at: int) -> int:
    """By its own stamp; without one that can be used, as fresh as its file."""
    return file_at if stamp is None else stamp


def wins_within_file(new_at: int, is_new_booked: bool, old_at: int, is_old_booked: bool) -> bool:
    """Of two rows of one file about the same appointment: the later stamp, then the booked one, then the later row."""
    if new_at != old_at:
        return new_at > old_at
    return is_new_booked or not is_old_booked
