"""A small receiver for gateways that call back: what they say is stored before they are answered.

Knows no gateway but by its name, and has no rule. Its path holds a secret; whoever does not know it gets a
404 like anybody who knocks. Source: SPEC section 7.
"""

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from notifycli.channels.base import Report
from notifycli.channels.callbacks import Callback
from notifycli.delivery.busy import retry_while_busy
from notifycli.delivery.receipts import Came, take, take_unmatched
from notifycli.delivery.transports import callback_called
from notifycli.store.engine import Connection, short_waits
from notifycli.store.facts import Policy

log = logging.getLogger(__name__)
LARGEST = 256 * 1024  # bytes of a body
AGAIN_AFTER = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # seconds, for reports that overtook the answer to their message
LONGEST_END = 5.0  # seconds for what is being told as it ends; who does not finish a sentence holds up nothing
PATIENCE = 20.0  # seconds to wait while another program writes; then the gateway is asked to come again


class Listener:
    """Serves until `stop` is called. `on_taken` gets the counts of each call that brought something."""

    def __init__(
        self,
        connection: Connection,
        policy: Policy,
        clock: Callable[[], int],
        secret: str,
        on_taken: Callable[[Counter[Came]], None] = lambda counts: None,
    ) -> None:
        self._connection = connection
        self._policy = policy
        self._clock = clock
        self._secret = secret.encode()
        self._on_taken = on_taken
        self._stopped = asyncio.Event()
        self._has_early_ones = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def serve(self, host: str, port: int, on_ready: Callable[[str, int], None]) -> None:
        """`port` 0 takes a free one. Raises OSError where the address cannot be had."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{secret}/{gateway}", self._answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=LONGEST_END)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            where = runner.addresses[0]
            on_ready(where[0], where[1])
            with short_waits(self._connection):  # the loop must go on answering
                await self._until_stopped()
        finally:
            await runner.cleanup()

    async def _until_stopped(self) -> None:
        works = [asyncio.create_task(self._stopped.wait()), asyncio.create_task(self._look_at_early_ones())]
        try:
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            for work in done:
                work.result()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _look_at_early_ones(self) -> None:
        """A quick gateway calls before the run has written its answer; what stays early, a later call looks at."""
        while True:
            await self._has_early_ones.wait()
            self._has_early_ones.clear()
            for pause in AGAIN_AFTER:
                await asyncio.sleep(pause)
                counts = await retry_while_busy(partial(take_unmatched, self._connection, self._policy, self._clock()))
                if counts:
                    self._on_taken(counts)

    async def _answer(self, request: web.Request) -> web.Response:
        callback = callback_called(request.match_info["gateway"])
        if callback is None or not hmac.compare_digest(request.match_info["secret"].encode(), self._secret):
            raise web.HTTPNotFound
        if request.method not in callback.methods:
            raise web.HTTPMethodNotAllowed(request.method, callback.methods)
        reports = await _reports_of(request, callback)
        number = "1 report" if len(reports) == 1 else f"{len(reports)} reports"
        log.info("%s called: %s", request.match_info["gateway"], number)
        if reports:
            attempt = partial(take, self._connection, self._policy, reports, self._clock())
            try:
                counts = await asyncio.wait_for(retry_while_busy(attempt), PATIENCE)
            except TimeoutError:
                raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"}) from None
            self._on_taken(counts)
            if counts["early"]:
                self._has_early_ones.set()
        return web.Response(text="OK")


async def _reports_of(request: web.Request, callback: Callback) -> list[Report]:
    """Nothing where the body is not what that gateway sends: it would only send it again."""
    query = dict(request.query)
    try:
        if callback.read == "json":
            content: Any = await request.json()
        elif callback.read == "form":
            content = query | {name: str(value) for name, value in (await request.post()).items()}
        else:
            content = query
    except (ValueError, RecursionError, LookupError):  # no JSON, brackets without end, an unknown charset
        return []
    return callback.reports(content)
