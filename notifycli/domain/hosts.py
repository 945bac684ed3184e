"""Whether a host is this machine, so that what goes there needs no encryption. Asks no name server."""


def is_this_machine(host: str) -> bool:
    """Whether what goes there leaves no network card."""
    if host.lower() == "localhost":
        return True
    from ipaddress import ip_address  # 1.3 to 5 ms, which a run whose settings name no host need not pay

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
