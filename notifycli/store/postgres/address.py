"""Where a database of PostgreSQL is, as people may read it. Must not need psycopg, since any command may ask."""

import re

SECRET = re.compile(r"(?<=://)([^/?@:]*):[^/?@]*@|(?<=[?&])(?:ssl)?password=[^&]*&|[?&](?:ssl)?password=[^&]*$")


def without_secrets(address: str) -> str:
    """Without the password."""
    return SECRET.sub(lambda secret: f"{secret[1]}@" if secret[1] is not None else "", address)
