"""Makes the JSON by which an import is remembered for those who ask later (notify imports).

It holds no cell's content, and nothing of people. Must not know the database.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from notifycli.intake.importing.report import FileReport, Problems
from notifycli.intake.sources.given import readable


def summary_of(report: FileReport, options: Mapping[str, Any]) -> dict[str, Any]:
    """`options`: those that were given; `problems`: rejects, then warnings, in groups as they were told."""
    return {
        "options": dict(options),
        "encoding": report.encoding or None,
        "events": {event: number for event, number in report.events.items() if number},
        "moved": report.moved,
        "missing": report.missing.count if report.missing else None,
        "missing_cancelled": report.missing_cancelled,
        "problems": groups_of("rejected", report.rejects) + groups_of("warning", report.warnings),
        "stops": [asdict(stop) for stop in report.stops],
        "ignored_columns": list(report.ignored_columns),
        "rejects_files": [readable(path).name for path in report.rejects_files],
    }


def groups_of(what: str, problems: Problems) -> list[dict[str, Any]]:
    """Each with the place of its first problem, None where it concerns the file; `what`: rejected or warning."""
    return [
        {
            "what": what,
            "column": group.first.column or None,
            "text": group.text,
            "count": group.count,
            "first": group.first.line,
            "unit": group.first.unit,
        }
        for group in problems.groups.values()
    ]
