"""Whether a web service can be reached and trusted: a connection and TLS, nothing asked. For notify doctor."""

import asyncio
import ssl
from urllib.parse import urlsplit

from notifycli.channels.base import Outcome

PATIENCE = 10.0  # seconds; somebody waits for our answer


async def reach(url: str) -> Outcome:
    """`sent` where it answers on that host with a certificate that is trusted, else `temporary` with the reason."""
    parts = urlsplit(url)
    host, is_encrypted = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_encrypted else 80)
    server = f"{host}:{port}"
    context = ssl.create_default_context() if is_encrypted else None
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
            writer.close()
    except TimeoutError:
        return Outcome("temporary", f"{server} did not answer in {PATIENCE:g} s")
    except ssl.SSLCertVerificationError as error:
        return Outcome("temporary", f"the certificate of {server} is not trusted: {error.verify_message}")
    except (OSError, UnicodeError):
        return Outcome("temporary", f"{server} cannot be reached")
    return Outcome("sent", f"{server} can be reached" + (", and its certificate is trusted" if is_encrypted else ""))
