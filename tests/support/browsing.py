"""A browser on a database of a test, its keys pressed and its screen read as a person sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notifycli.cli.browse.browser import Browser
from notifycli.cli.shell import Shell
from tests.support import engines

NARROW, WIDE = (80, 24), (160, 45)
OF_SCREEN = ("begin", "patients", "rows", "more", "pane", "live", "index")  # workers; others wait for an answer


@dataclass
class Screen:
    """What a test does with the screen: types, and reads."""

    browser: Browser
    pilot: Any

    async def press(self, *keys: str) -> str:
        """The screen when all is there that these keys bring."""
        await self.pilot.press(*keys)
        return await self.settled()

    async def type(self, text: str) -> str:
        return await self.press(*("space" if letter == " " else letter for letter in text))

    async def settled(self) -> str:
        for _ in range(3):  # a worker may begin another
            while any(worker.is_running and worker.group in OF_SCREEN for worker in self.browser.workers):
                await self.pilot.pause(0.01)
            await self.pilot.pause()
        return self.seen()

    async def until(self, text: str) -> str:
        """Once others have changed what the browser shows."""
        for _ in range(100):
            if text in await self.settled():
                break
            await self.pilot.pause(0.1)
        return self.seen()

    def seen(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.browser.screen._compositor.render_strips())

    def colours(self) -> set[tuple[int, int, int]]:
        """Of text and of what lies behind it."""
        strips = self.browser.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        colours = {colour for style in styles for colour in (style.color, style.bgcolor) if colour}
        return {tuple(colour.get_truecolor()) for colour in colours}

    def background(self) -> tuple[int, int, int]:
        """Of the pane's last line."""
        strip = self.browser.screen._compositor.render_strips()[-2]
        colours = [segment.style.bgcolor for segment in strip if segment.style and segment.style.bgcolor]
        return tuple(colours[0].get_truecolor())


def browse(
    folder: Path,
    story: Callable[[Screen], Awaitable[None]],
    at: str,
    *,
    clinic: str | None = None,
    size: tuple[int, int] = NARROW,
    browser_of: Callable[[Shell, str | None], Any] = Browser,
) -> None:
    """Plays a story on the browser of the database in `folder`, with the clock at a time."""
    browser = browser_of(Shell(engines.address_in(folder), folder / "notify.toml", at), clinic)

    async def play() -> None:
        async with browser.run_test(size=size, notifications=True) as pilot:
            screen = Screen(browser, pilot)
            await screen.settled()
            await story(screen)

    asyncio.run(play())
