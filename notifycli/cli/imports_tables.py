"""The lists of notify imports, wide or narrow as the terminal is. Must not know where the records come from."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from notifycli.cli.render import local_short, plain, table
from notifycli.domain.sentences import N_

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
END_OF_REASON = re.compile(r";|, so ")  # what is to be done about it stands behind it


def wide_table(records: Sequence[Mapping[str, Any]], zone: str) -> "Listing":
    counts = [name for name in COUNTS if name not in RARE or any(record[name] for record in records)]
    year, times = local_short([record["at"] for record in records], zone)
    rows = table("import>", f"when{year}", "who", "file", "kind", *(f"{name}>" for name in counts), "what came of it~")
    for record, time in zip(records, times, strict=True):
        who, file, kind = (plain(record[name]) for name in ("imported_by", "file", "kind"))
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
    rows = table("import>", f"when{year}", *(["who"] if has_people else []), "file", "rows>", "what came of it~")
    for record, time in zip(records, times, strict=True):
        who = [plain(record["imported_by"])] if has_people else []
        counted = plain(f"{record['rows']:,} {record['kind'] or ''}".rstrip())
        rows.add_row(str(record["import"]), time, *who, plain(record["file"]), counted, _counts_and_outcome(record))
    return rows


def _counts_and_outcome(record: Mapping[str, Any]) -> "Text":
    """9 changed, 3 rejected; 2 changes, 2 cancellations"""
    from rich.text import Text

    counts = [
        (f"{record[name]:,} {name}", "bold red" if name == "rejected" else "") for name in COUNTS[1:] if record[name]
    ]
    counts = [(text + (f" ({record['open']})" if style and record["open"] else ""), style) for text, style in counts]
    counts = [count for count in counts if "unchanged" not in count[0]] or counts
    if record["error"] or not counts:
        return outcome(record)
    events = _events_in_words(record)
    return Text(", ").join(Text(*count) for count in counts).append(f"; {events}" if events else "")


def outcome(record: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    if error := error_of(record):
        reason = END_OF_REASON.split(error)[0]
        if record.get("open") == "settled":
            return Text(f"not imported, settled: {reason}", "dim")
        return Text.assemble(("not imported", "bold red"), f": {reason}")
    return Text(_events_in_words(record) or "imported")


def _events_in_words(record: Mapping[str, Any]) -> str:
    from notifycli.cli.import_report import events_in_words

    return events_in_words(record["summary"].get("events", {}))


def error_of(record: Mapping[str, Any]) -> str | None:
    from notifycli.cli.import_report import stops_in_words

    return stops_in_words(record["summary"].get("stops", [])) or record["error"]
