"""Whom to trust at the other end of an encrypted connection: a server's certificate. Must not know what is sent."""

import ssl

from notifycli.domain.errors import ConfigError


def trusting_context(cafile: str | None, table: str) -> ssl.SSLContext:
    """Checks the certificate and its host name, always; only `cafile`, where it is set, says whom to trust.

    `table`: of notify.toml. Raises ConfigError for a file that holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=cafile)
    except OSError as problem:
        reason = "it holds no certificate" if isinstance(problem, ssl.SSLError) else problem.strerror
        raise ConfigError(f"{table}.cafile {cafile} cannot be used: {reason}.") from None
