"""What a host or an address is by its form: whether it is this machine, which port it names. Asks no name server."""


def is_this_machine(host: str) -> bool:
    """Whether what goes there leaves no network card."""
    if host.lower() == "localhost":
        return True
    from ipaddress import ip_address  # 1.3 to 5 ms, which a run whose settings name no host need not pay

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_and_port(text: str) -> tuple[str, int | None] | None:
    """192.0.2.53, 127.0.0.1:5353, 2001:db8::53 or [2001:db8::53]:5353; None for what is no IP address, or no port."""
    import re
    from ipaddress import ip_address

    parts = re.fullmatch(r"\[(?P<v6>[^\]]+)\](?::(?P<v6_port>\d{1,5}))?|(?P<v4>[^:]+):(?P<v4_port>\d{1,5})", text)
    address = text if parts is None else parts["v6"] or parts["v4"]
    port = None if parts is None else parts["v6_port"] or parts["v4_port"]
    try:
        ip_address(address)
    except ValueError:
        return None
    if port is None:
        return address, None
    return (address, int(port)) if 0 < int(port) <= 65535 else None
