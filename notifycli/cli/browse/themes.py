"""Which colours the browser has. Must not know Textual, which has its themes by these names."""

import os

THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")


def theme_of_terminal() -> str:
    """As far as it tells: COLORFGBG ends in the number of its background, of which 7 and 15 are light."""
    return "textual-light" if os.environ.get("COLORFGBG", "").split(";")[-1] in ("7", "15") else "textual-dark"


def theme_after(theme: str) -> str:
    return THEMES[(THEMES.index(theme) + 1) % len(THEMES)]
