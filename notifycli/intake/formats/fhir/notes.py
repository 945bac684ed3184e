"""Says in sentences what of a file was not used.

Gets counts; must not know contents, and names no type that is no word of FHIR's.
"""

from collections import Counter

from notifycli.intake.formats.fhir.references import KIND

MOST_TYPES = 10
LONGEST_TYPE = 50


def unused_types(counts: Counter[str]) -> list[str]:
    """`counts`: resources that nothing is made of, by type."""
    named: Counter[str] = Counter()
    for kind, count in counts.items():
        named[kind if KIND.fullmatch(kind) and len(kind) <= LONGEST_TYPE else ""] += count
    without_type = named.pop("", 0)
    most_common = named.most_common(MOST_TYPES)
    others = named.total() - sum(count for _, count in most_common)
    notes = [f"{_of(count, f'{kind} ')} not used" for kind, count in sorted(most_common)]
    notes += [f"{_of(others, 'other ')} not used"] if others else []
    return notes + ([f"{_of(without_type, '', ' without a known type')} not used"] if without_type else [])


def deleted_types(counts: Counter[str]) -> list[str]:
    notes = []
    for kind, count in sorted(counts.items()):
        named = f"{kind} " if KIND.fullmatch(kind) and len(kind) <= LONGEST_TYPE else ""
        notes.append(f"{_of(count, f'deleted {named}')} not used: what is stored stays")
    return notes


def unused_consents(about_other_things: int, not_in_force: int) -> list[str]:
    notes = []
    if about_other_things:
        notes.append(_of_consents(about_other_things, "says nothing of notices", "say nothing of notices"))
    if not_in_force:
        notes.append(_of_consents(not_in_force, "about notices is not in force", "about notices are not in force"))
    return notes


def unused_organisations(count: int) -> list[str]:
    if not count:
        return []
    why = "without a name, or with no patient, place or appointment in this file"
    return [f"{_count(count, 'Organization ')} made no clinic: {why}"]


def _of_consents(count: int, of_one: str, of_several: str) -> str:
    return f"{_count(count, 'Consent ')} {of_one if count == 1 else of_several} and {_were(count)} not used"


def _of(count: int, kind: str, more: str = "") -> str:
    return f"{_count(count, kind)}{more} {_were(count)}"


def _count(count: int, kind: str) -> str:
    return f"{count:,} {kind}{'resource' if count == 1 else 'resources'}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
