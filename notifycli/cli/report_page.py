"""A month's report as one page: no script, nothing from elsewhere, readable on a phone, on paper, in the dark.

Its charts are SVG without a view box: places are percentages, heights and letters pixels, so that letters keep their
size on every screen. What it says stands in report_sections; here is only where things stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from notifycli.cli.language import _, figures, is_english
from notifycli.cli.render import local
from notifycli.cli.report_sections import headlines, sections, title_of
from notifycli.domain.explanations import DAYS

if TYPE_CHECKING:
    from jinja2 import Template

    from notifycli.queries.report import MonthReport

HIGHEST = 52  # pixels of the highest bar
GROUND = 70  # pixels from above at which bars stand
OF_SLOT = 0.72  # the part of a day's width that its bar has
FROM_EDGE = 8.0  # percent, in which a number beside the edge would be cut


@dataclass(frozen=True)
class DayBar:
    """`left`, `width`, `middle` in percent of the chart, `top` and `height` in pixels. `label`: the number, of the
    highest alone; `date`: under a Monday."""

    left: float
    width: float
    middle: float
    top: float
    height: float
    title: str
    label: str
    anchor: str
    date: str
    is_weekend: bool


@dataclass(frozen=True)
class DayChart:
    """A bar a day, on a scale of its own."""

    kind: str
    title: str
    total: str
    bars: Sequence[DayBar]


def page(of_month: "MonthReport", zone: str, now: int) -> str:
    """HTML. `now` in UTC epoch seconds, told in `zone`."""
    days = of_month.month.days
    names = [f"{_(DAYS[day.weekday()])} {day:%d.%m.}" for day in days]
    kinds = (("sent", _("sent")), ("failed", _("failed")), ("skipped", _("skipped")))
    charts = [
        DayChart(kind, title, figures(sum(numbers)), list(_bars(days, numbers)))
        for (kind, title), numbers in zip(kinds, zip(*of_month.days, strict=True), strict=True)
    ]
    return _template().render(
        language="en" if is_english() else "nb",
        title=title_of(of_month),
        clinic=of_month.clinic or _("all clinics"),
        made=_("made {when}; times in {zone}", when=local(now, zone), zone=zone),
        headlines=list(headlines(of_month)),
        charts=charts,
        by_day_title=_("By day"),
        scales=_("Each chart has a scale of its own; Saturdays and Sundays are shaded."),
        figures_title=_("The same in figures"),
        day_heads=[_("day"), _("sent"), _("failed"), _("skipped")],
        day_rows=[[name, *map(figures, counts)] for name, counts in zip(names, of_month.days, strict=True)],
        sections=list(sections(of_month)),
        counts_only=_("Counts only: no patient's name, address or number stands here."),
        ground=GROUND,
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    source = files("notifycli.cli").joinpath("report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        source
    )


def _bars(days: Sequence[date], numbers: Sequence[int]) -> Iterator[DayBar]:
    slot, most = 100 / len(days), max(numbers)
    for place, (day, number) in enumerate(zip(days, numbers, strict=True)):
        height = max(1.0, HIGHEST * number / most) if number else 0.0
        middle = (place + 0.5) * slot
        name = f"{_(DAYS[day.weekday()])} {day.day}."
        yield DayBar(
            left=round(middle - OF_SLOT * slot / 2, 3),
            width=round(OF_SLOT * slot, 3),
            middle=round(middle, 3),
            top=round(GROUND - height, 1),
            height=round(height, 1),
            title=f"{name} {figures(number)}",
            label=figures(number) if number == most and place == numbers.index(most) and most else "",
            anchor="start" if middle < FROM_EDGE else "end" if middle > 100 - FROM_EDGE else "middle",
            date=name if day.weekday() == 0 else "",
            is_weekend=day.weekday() >= 5,
        )
