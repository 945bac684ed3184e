"""notify report: a month in figures, in the terminal, as JSON or as a page of its own."""

import os
import re
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from notifycli.cli import completing
from notifycli.cli.finding import known_clinic
from notifycli.cli.giving import give
from notifycli.cli.language import _, figures
from notifycli.cli.progress import counted
from notifycli.cli.render import plain, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.cli.styled import Styled
from notifycli.domain.errors import NotifyError, UsageError
from notifycli.domain.explanations import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from notifycli.domain.months import Month
    from notifycli.queries.report import Attendance, MonthReport

app = typer.Typer(add_completion=False, rich_markup_mode=None)
YEAR_AND_MONTH = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])", re.ASCII)


@app.command(epilog="Example: notify report --month 2026-05 --html may.html")
def report(
    context: typer.Context,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Of this month; of the present one, so far, by default.")
    ] = None,
    clinic: Annotated[
        str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help="Of this clinic alone.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="As a page with charts, for a browser and for paper; counts only."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show a month in figures: what went out, what did not and why, delay, SMS, who came, who can be reached."""
    from notifycli.queries.report import report_of
    from notifycli.store.clinics import zone_of

    shell: Shell = context.obj
    now = shell.now()
    of_clinic = known_clinic(shell, clinic) if clinic is not None else None
    zone = shell.settings.timezone if of_clinic is None else zone_of(shell.connection, of_clinic)
    span = _month(month, zone, now)
    with counted(shell, _("counting"), _("SMS so far")) as on_counted:
        of_month = report_of(
            shell.connection,
            span,
            now,
            of_clinic,
            lambda clinic_id: shell.settings.for_clinic(clinic_id).sms.price,
            on_counted,
        )
    if html is not None:
        from notifycli.cli.report_page import page

        _write(html, page(of_month, zone, now))
    if as_json or html is None:
        give(shell, as_value(of_month, zone), lambda screen: in_lines(of_month), as_json=as_json)


def _month(text: str | None, zone: str, now: int) -> "Month":
    from notifycli.domain.months import Month

    if text is None:
        return Month.around(now, ZoneInfo(zone))
    typed = YEAR_AND_MONTH.fullmatch(text.strip())
    if typed is None:
        raise UsageError(_("--month: '{text}' is no month.", text=text), _("Write it like 2026-05."))
    return Month.of(int(typed[1]), int(typed[2]), ZoneInfo(zone))


def _write(path: Path, text: str) -> None:
    """Whole or not at all, over what stood there."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        why = _("{path}: cannot be written ({why}).", path=path, why=error.strerror or "")
        raise NotifyError(why, _("Name a file in a folder that you may write to.")) from error
    say(_("{path}: written", path=path))


def as_value(of_month: "MonthReport", zone: str) -> dict[str, Any]:
    """The contract's."""
    month, register = of_month.month, of_month.register
    days = [{"day": day.isoformat(), **counts._asdict()} for day, counts in zip(month.days, of_month.days, strict=True)]
    steps = [step._asdict() for step in of_month.delay]
    shared = {name: getattr(register, name)._asdict() for name in ("shared_mobiles", "shared_emails")}
    return {
        "month": f"{month.days[0]:%Y-%m}",
        "clinic": of_month.clinic,
        "timezone": zone,
        "since": utc(month.since),
        "until": utc(month.until),
        **of_month.total._asdict(),
        "uncertain": of_month.uncertain,
        "days": days,
        "channels": [channel._asdict() for channel in of_month.channels],
        "reasons": {"failed": of_month.failed_for, "skipped": of_month.skipped_for},
        "delay": {**asdict(of_month.punctuality), "steps": steps, "causes": of_month.late_for},
        "fallbacks": [
            {"from": back.failed_on, "to": back.went_to, "notices": back.notices, "sent": back.sent}
            for back in of_month.fallbacks
        ],
        "sms": of_month.sms._asdict(),
        "appointments": {
            "reminded": _attendance(of_month.reminded),
            "not_reminded": _attendance(of_month.not_reminded),
            "unknown": of_month.unknown_outcome,
        },
        "register": asdict(register) | shared,
        "others": of_month.others,
    }


def _attendance(group: "Attendance") -> dict[str, Any]:
    return {**group._asdict(), "share_missed": group.share_missed, **group.interval._asdict()}


def in_lines(of_month: "MonthReport") -> "Iterator[RenderableType]":
    """The headlines, the days on which anything went out, failed or was skipped, and each section."""
    from notifycli.cli.report_sections import headlines, sections, title_of

    where = _("all clinics") if of_month.clinic is None else of_month.clinic
    yield plain(f"{title_of(of_month)}, {where}").in_bold()
    yield plain(", ".join(f"{what} {number}" for what, number in headlines(of_month)))
    yield ""
    days = table(_("day"), *(f"{head}>" for head in (_("sent"), _("failed"), _("skipped"))))
    busy = [(day, counts) for day, counts in zip(of_month.month.days, of_month.days, strict=True) if any(counts)]
    for day, counts in busy:
        days.add_row(plain(f"{_(DAYS[day.weekday()])} {day:%d.%m.}"), *map(figures, counts))
    yield days if busy else _("Nothing went out, failed or was skipped.")
    for section in sections(of_month):
        yield ""
        yield plain(section.title).in_bold()
        if section.rows:
            first, *numbers = section.heads
            rows = (map(plain, row.cells) for row in section.rows)
            yield table(f"{first}~", *(f"{head}>" for head in numbers), rows=map(tuple, rows))
        else:
            yield plain(section.empty)
        if section.note:
            yield Styled((section.note, "dim"))
