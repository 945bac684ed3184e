"""The pictures of `notify browse` in docs/, of the demo's data: python -m tests.support.browser_pictures docs"""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from notifycli.cli.browse.browser import Browser
from notifycli.cli.shell import Shell
from tests.support.browsing import Screen

AT = "2026-06-03T16:00:00+02:00"
PICTURES = {  # the size, what is typed, and the keys behind it
    "browse": ((150, 40), "fatemeh", ("enter",), "textual-dark"),
    "browse-why": ((80, 24), "leinås", ("enter", "w"), "textual-light"),
}


async def _picture(folder: Path, size: tuple[int, int], typed: str, keys: tuple[str, ...], theme: str) -> str:
    browser = Browser(Shell(folder / "notify.db", folder / "notify.toml", AT), None)
    async with browser.run_test(size=size) as pilot:
        browser.theme = theme
        screen = Screen(browser, pilot)
        await screen.type(typed)
        await screen.press(*keys)
        svg = browser.export_screenshot(title="notify browse", simplify=True)
    return re.sub(r"terminal-\d+", "terminal", svg)  # the same picture has the same text


def main(docs: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        command = [sys.executable, "-m", "notifycli", "demo", "--folder", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for picture, (size, typed, keys, theme) in PICTURES.items():
            svg = asyncio.run(_picture(folder, size, typed, keys, theme))
            (docs / f"{picture}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
