"""The lists of notify imports, wide or narrow as the terminal is. Must not know where the records come from."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from notifycli.cli.language import _, figures, in_words
from notifycli.cli.render import local_short, plain, table
from notifycli.domain.sentences import N_, Sentence

if TYPE_CHECKING:
    from rich.text import Text

    from notifycli.cli.listing import Listing

COUNTS = (N_("rows"), N_("new"), N_("changed"), N_("unchanged"), N_("stale"), N_("rejected"))
KINDS: dict[str | None, str] = {
    None: N_("(not known)"),
    **{"clinics": N_("clinics"), "types": N_("types"), "patients": N_("patients"), "dialogs": N_("dialogs")},
    **{"appointments": N_("appointments"), "receipts": N_("receipts"), "external": N_("external")},
}
RARE = ("stale", "rejected")  # counts that most imports have none of
COUNTED = {
    "booking": (N_("{number} booking"), N_("{number} bookings")),
    "change": (N_("{number} change"), N_("{number} changes")),
    "cancellation": (N_("{number} cancellation"), N_("{number} cancellations")),
    "dialog": (N_("{number} dialog"), N_("{number} dialogs")),
    "reply": (N_("{number} reply"), N_("{number} replies")),
    "receipt": (N_("{number} receipt"), N_("{number} receipts")),
}
END_OF_REASON = re.compile(r";|, so |, så ")  # what is to be done about it stands behind it


def wide_table(records: Sequence[Mapping[str, Any]], zone: str) -> "Listing":
    counts = [name for name in COUNTS if name not in RARE or any(record[name] for record in records)]
    year, times = local_short([record["at"] for record in records], zone)
    rows = table(
        *(_("import") + ">", _("when") + year, _("who"), _("file"), _("kind")),
        *(f"{_(name)}>" for name in counts),
        _("what came of it") + "~",
    )
    for record, time in zip(records, times, strict=True):
        who, file = (plain(record[name]) for name in ("imported_by", "file"))
        kind = _(KINDS[record["kind"]]) if record["kind"] else ""
        what_came = outcome(record)
        if record["open"] and not record["error"]:
            what_came.append(f", {record['open']}", "bold red")
        rows.add_row(
            str(record["import"]),
            time,
            who,
            file,
            kind,
            *(f"{record[name]:,}" for name in counts),
            what_came,
        )
    return rows


def narrow_table(records: Sequence[Mapping[str, Any]], zone: str) -> "Listing":
    """Who imported stands there where it was not always the same."""
    has_people = len({record["imported_by"] for record in records}) > 1
    year, times = local_short([record["at"] for record in records], zone)
    rows = table(
        *(_("import") + ">", _("when") + year, *([_("who")] if has_people else [])),
        *(_("file"), _("rows") + ">", _("what came of it") + "~"),
    )
    for record, time in zip(records, times, strict=True):
        who = [plain(record["imported_by"])] if has_people else []
        kind = _(KINDS[record["kind"]]) if record["kind"] else ""
        counted = plain(f"{figures(record['rows'])} {kind}".rstrip())
        rows.add_row(str(record["import"]), time, *who, plain(record["file"]), counted, _counts_and_outcome(record))
    return rows


def _counts_and_outcome(record: Mapping[str, Any]) -> "Text":
    """9 changed, 3 rejected; 2 changes, 2 cancellations"""
    from rich.text import Text

    names = [name for name in COUNTS[1:] if record[name]]
    names = [name for name in names if name != "unchanged"] or names
    counts = [(f"{figures(record[name])} {_(name)}", "bold red" if name == "rejected" else "") for name in names]
    counts = [(text + (f" ({record['open']})" if style and record["open"] else ""), style) for text, style in counts]
    if record["error"] or not counts:
        return outcome(record)
    events = events_in_words(record["summary"].get("events", {}))
    return Text(", ").join(Text(*count) for count in counts).append(f"; {events}" if events else "")


def outcome(record: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    if error := error_of(record):
        reason = END_OF_REASON.split(in_words(error))[0]
        if record.get("is_settled"):
            return Text(_("not imported, settled: {reason}", reason=reason), "dim")
        return Text.assemble((_("not imported"), "bold red"), f": {reason}")
    return Text(events_in_words(record["summary"].get("events", {})) or _("imported"))


def events_in_words(events: Mapping[Any, int]) -> str:
    """1 booking, 2 changes"""
    counts = ((COUNTED[event], number) for event, number in events.items() if number)
    return ", ".join(
        _(of_many if number != 1 else of_one, number=figures(number)) for (of_one, of_many), number in counts
    )


def error_of(record: Mapping[str, Any]) -> str | None:
    """Why a file was not imported, if it was not."""
    from notifycli.cli.import_report import stops_in_words

    if stopped := stops_in_words(record["summary"].get("stops", [])):
        return stopped
    return whole_sentence(record["error"]) if record["error"] else None


def whole_sentence(text: str) -> str:
    """A text that was stored, as one that may be translated as it stands: where it is known, it has no fields."""
    return text if "{" in text or "}" in text else Sentence(text)
