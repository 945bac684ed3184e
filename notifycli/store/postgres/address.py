"""Where a database of PostgreSQL is, as people may read it. Must not need psycopg, since any command may ask."""

import re

SECRET = re.compile(r"(?<=://)([^/@]*)@|(?<=[?&]password=)[^&]*")


def without_secrets(address: str) -> str:
    """Without user and password."""
    return SECRET.sub("", address)
