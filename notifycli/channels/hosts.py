"""Whether a host is this machine, and whom to trust where it is another. Asks no name server."""

import ssl
from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Whether what goes there leaves no network card."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def trusting_context(cafile: str | None, table: str) -> ssl.SSLContext:
    """Checks the certificate and its host name, always; only `cafile`, where it is set, says whom to trust.

    `table`: of notify.toml. Raises ValueError for a file that holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=cafile)
    except OSError as problem:
        reason = "it holds no certificate" if isinstance(problem, ssl.SSLError) else problem.strerror
        raise ValueError(f"{table}.cafile {cafile} cannot be used: {reason}.") from None
