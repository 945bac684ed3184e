"""A month's report in words, once for the terminal and the page: sections with headings, rows and what is to be known.

Knows no table and no HTML. A share is drawn beside its row where there is a page to draw on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifycli.cli.codes import word_for
from notifycli.cli.language import _, figures, in_figures, ngettext
from notifycli.cli.render import how_long, percent
from notifycli.domain.sentences import N_

if TYPE_CHECKING:
    from notifycli.queries.report import Attendance, MonthReport

MONTHS = (
    *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August")),
    *(N_("September"), N_("October"), N_("November"), N_("December")),
)
NONE = "–"


@dataclass(frozen=True)
class ReportRow:
    """`cells`: a label, then numbers. `share`: from 0 to 1 of the longest bar; `low` and `high`: of a point its
    interval, in the place of a bar."""

    cells: Sequence[str]
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ReportSection:
    """`heads`: of the columns. `note`: a sentence beneath. `empty`: what is said where there are no rows.

    `kind`: what its bars are of, of which their colour is: `sent`, `failed`, `skipped`, or `bar`.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[ReportRow]
    note: str = ""
    empty: str = ""
    kind: str = "bar"


def title_of(report: "MonthReport") -> str:
    first = report.month.days[0]
    return _("{month} {year}", month=_(MONTHS[first.month - 1]), year=first.year)


def headlines(report: "MonthReport") -> Iterator[tuple[str, str]]:
    """The few numbers that say most: what, and how much."""
    total, punctual = report.total, report.punctuality
    yield _("sent"), figures(total.sent)
    yield _("in their minute"), percent(punctual.share) if punctual.share is not None else NONE
    yield _("failed"), figures(total.failed)
    yield _("skipped"), figures(total.skipped)
    if report.sms.cost is not None:
        yield _("cost of SMS"), _("kr {amount}", amount=in_figures(report.sms.cost, 0))


def sections(report: "MonthReport") -> Iterator[ReportSection]:
    """But for the days, which stand in a table or chart of their own."""
    yield _by_channel(report)
    yield _by_code(_("Failed, by reason"), report.failed_for, _("Nothing failed for good."), _("reason"), "failed")
    yield _by_code(_("Skipped, by reason"), report.skipped_for, _("Nothing was skipped."), _("reason"), "skipped")
    yield _delay(report)
    late = _("Later than their minute, by cause")
    yield _by_code(late, report.late_for, _("All went out in their minute."), _("cause"), "bar")
    yield _fallbacks(report)
    yield _sms(report)
    yield _attendance(report)
    yield _register(report)
    if report.others:
        most = max(report.others.values())
        rows = [ReportRow((sender, figures(number)), number / most) for sender, number in report.others.items()]
        note = _("As imported. They count nowhere else in this report.")
        yield ReportSection(_("Sent by others"), (_("sender"), _("number")), rows, note)


def _by_channel(report: "MonthReport") -> ReportSection:
    most = max(channel.sent for channel in report.channels) or 1
    rows = [
        ReportRow((word_for(channel.channel), *map(figures, channel[1:])), channel.sent / most)
        for channel in report.channels
    ]
    note = _("Delivered: of which a receipt says so. What was sent and came back later counts as sent and as failed.")
    if report.uncertain:
        uncertain = ngettext(
            "1 delivery may have arrived or not.", "{number} deliveries may have arrived or not.", report.uncertain
        )
        note = f"{note} {uncertain}"
    heads = (_("channel"), _("sent"), _("delivered"), _("failed"))
    return ReportSection(_("By channel"), heads, rows, note, kind="sent")


def _by_code(title: str, numbers: Mapping[str, int], empty: str, what: str, kind: str) -> ReportSection:
    total = sum(numbers.values())
    most = max(numbers.values(), default=1)
    rows = [
        ReportRow((word_for(code) or NONE, figures(number), percent(number / total)), number / most)
        for code, number in numbers.items()
    ]
    return ReportSection(title, (what, _("number"), _("share")), rows, "", empty, kind)


def _delay(report: "MonthReport") -> ReportSection:
    punctual = report.punctuality
    if punctual.median is None or punctual.p99 is None or punctual.share is None:
        return ReportSection(_("From due to sent"), (), [], empty=_("Nothing went out."))
    most = max(step.notices for step in report.delay) or 1
    steps, last = [], 0
    for step in report.delay:
        if step.up_to is None:
            label = _("over {time}", time=how_long(last))
        else:
            upper = how_long(step.up_to)
            label = f"{how_long(last)} – {upper}" if last else _("up to {time}", time=upper)
        share = percent(step.notices / punctual.count)
        steps.append(ReportRow((label, figures(step.notices), share), step.notices / most))
        last = step.up_to or last
    note = _(
        "{share} of {number} notices within 60 seconds; half of them within {median}, 99 of 100 within {p99}.",
        share=percent(punctual.share),
        number=figures(punctual.count),
        median=how_long(punctual.median),
        p99=how_long(punctual.p99),
    )
    return ReportSection(_("From due to sent"), (_("delay"), _("notices"), _("share")), steps, note)


def _fallbacks(report: "MonthReport") -> ReportSection:
    most = max((back.notices for back in report.fallbacks), default=1)
    rows = [
        ReportRow(
            (
                _(
                    "{failed} failed, {other} in its place",
                    failed=word_for(back.failed_on),
                    other=word_for(back.went_to),
                ),
                figures(back.notices),
                figures(back.sent),
            ),
            back.notices / most,
        )
        for back in report.fallbacks
    ]
    heads = (_("fallback"), _("notices"), _("sent"))
    return ReportSection(_("Another channel in place of one that failed"), heads, rows, empty=_("None was needed."))


def _sms(report: "MonthReport") -> ReportSection:
    messages, segments, cost = report.sms
    rows = [ReportRow((_("messages"), figures(messages))), ReportRow((_("segments"), figures(segments)))]
    note = _("The key price under [sms] in notify.toml makes costs appear.")
    if cost is not None:
        rows.append(ReportRow((_("cost, in kroner"), in_figures(cost, 2))))
        note = _("By the price of a segment in notify.toml; what a gateway's invoice says counts.")
    return ReportSection(_("SMS"), (_("what"), _("number")), rows, note)


def _attendance(report: "MonthReport") -> ReportSection:
    title = _("Appointments kept and missed")
    groups = ((_("reminded"), report.reminded), (_("not reminded"), report.not_reminded))
    unknown = ""
    if report.unknown_outcome:
        unknown = ngettext(
            "Of 1 more no export said how it ended.",
            "Of {number} more no export said how they ended.",
            report.unknown_outcome,
        )
    if not any(group.number for _label, group in groups):
        return ReportSection(title, (), [], unknown, _("No export said who came and who did not."))
    widest = max(group.interval.high for _label, group in groups if group.number)
    rows = [_attendance_row(label, group, widest) for label, group in groups]
    no_trial = _(
        "This is no trial: those who were reminded differ from the others in more than the reminder (they booked early,"
        " consented, can be reached). The interval holds the true share 95 times of 100, by chance alone (Wilson)."
    )
    heads = (_("appointments"), _("kept"), _("missed"), _("missed, share"), _("95% interval"))
    return ReportSection(title, heads, rows, f"{no_trial} {unknown}".strip())


def _attendance_row(label: str, group: "Attendance", widest: float) -> ReportRow:
    if group.share_missed is None:
        return ReportRow((label, "0", "0", NONE, NONE))
    low, high = group.interval
    cells = (label, figures(group.kept), figures(group.missed), percent(group.share_missed))
    interval = f"{in_figures(100 * low, 1)}–{percent(high)}"
    return ReportRow((*cells, interval), group.share_missed / widest, low / widest, high / widest)


def _register(report: "MonthReport") -> ReportSection:
    register = report.register
    rows = [
        ReportRow((_("patients"), figures(register.patients))),
        ReportRow((_("whom no notice can reach"), figures(register.unreachable))),
    ]
    rows += [
        ReportRow((_("  because: {reason}", reason=word_for(reason)), figures(number)))
        for reason, number in register.unreachable_for.items()
    ]
    rows.append(ReportRow((_("  with an appointment to come"), figures(register.expected))))
    for label, shared in (
        (_("mobile numbers that several patients share"), register.shared_mobiles),
        (_("e-mail addresses that several patients share"), register.shared_emails),
    ):
        rows.append(ReportRow((label, figures(shared.number))))
        if shared.number:
            rows.append(ReportRow((_("  patients who share them"), figures(shared.patients))))
    for label, channel in (
        (_("e-mail addresses that are no more"), "email"),
        (_("mobile numbers that are no more"), "sms"),
        (_("devices without the app by now"), "push"),
    ):
        rows.append(ReportRow((label, figures(register.stale.get(channel, 0)))))
    note = _("As it stands now, not at the end of the month. See: notify check")
    return ReportSection(_("Who can be reached"), (_("what"), _("number")), rows, note)
