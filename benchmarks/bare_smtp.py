"""The least that aiosmtplib can do: one ready message COUNT times, over connections that are used again.

python -m benchmarks.bare_smtp PORT COUNT CONNECTIONS FILE
"""

import asyncio
import sys
from pathlib import Path

import aiosmtplib


async def main(port: int, count: int, connections: int, octets: bytes) -> None:
    numbers = iter(range(count))

    async def one_connection() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
            for number in numbers:
                await client.sendmail("post@nidelv.example", [f"kari{number}@post.example"], octets)

    await asyncio.gather(*(one_connection() for _ in range(connections)))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]).read_bytes()))
