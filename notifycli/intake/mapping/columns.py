"""Finds which contract column each column of a file is, and of which kind the file therefore is.

Goes by names; must not know cells. Source: SPEC section 3: its table, and "A column may bear its Norwegian name".
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from notifycli.intake.cells.values import unwrapped
from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.kinds.common import CLOCKS, DATES
from notifycli.intake.kinds.registry import KINDS, READABLE

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(column.name for column in kind.columns) for name, kind in KINDS.items()
}
REQUIRED: dict[str, tuple[str, ...]] = {name: kind.required for name, kind in KINDS.items()}
# What rejects.py puts before a file's own; the last, the import that rejected the row, tells how fresh it is.
REJECT_COLUMNS = ("reject_reason", "reject_column", "reject_line", "reject_import")

# The id that tells each kind apart, the most telling kind first.
KEYS = {
    kind: KINDS[kind].key
    for kind in ("appointments", "dialogs", "receipts", "external", "patients", "types", "clinics")
}
WHAT_HAPPENS = ("appointments", "dialogs", "receipts", "external")  # none of which tells of another
# A file of patients that lacks consent would else pass for one of clinics, and rename the clinic.
WITHOUT_KEYS_OF_OTHERS = ("types", "clinics")
WITHOUT_TIMES = ("clinics", "types", "patients")
# What a file of another kind may call something of its own: these names alone make a file none of theirs.
SAY_LITTLE = (
    "status type typekode kode beskrivelse skildring aktiv ibruk varsling varslinger varsel varsle varsler varslar "
    "dato date klokkeslett klokkeslet klokka klokken kl tid tidspunkt start slutt fra frå til end "
    "startdato sluttdato fradato frådato tildato startdate enddate sted stad lokasjon behandlingssted "
    "behandlingsstad kilde kjelde kildesystem kjeldesystem opphav opprinnelse opprettet oppretta opprettetav "
    "opprettaav changed endret endra endrettidspunkt endringstidspunkt sistendret sistendra oppdatert "
    "sistoppdatert endretdato endradato endringsdato endretkl endrakl endrettid endratid endringstid "
    "ingenvarsel ingenvarsler ingenvarsling utenvarsel utanvarsel dialog slag sent sendt kvittering regningskort "
    "rekningskort betalingsstatus paid betalt avsender avsendar hendelse hending kanal leveringsstatus"
)
NOT_SIGNIFICANT = re.compile(r"[\s._/\-‐–\ufeff]+")

Role = Literal["own", "whole", "date", "clock", "either"]


@dataclass(frozen=True)
class Mapping:
    """Where a file of `kind` has each contract column.

    `places` holds the index of its cell, or two indexes, of a date and a clock to be joined by a space. `ignored` holds
    the names of the unknown columns, as in the file.
    """

    kind: str
    places: dict[str, tuple[int, ...]]
    ignored: tuple[str, ...]


class NoKnownHeader(Unreadable):
    """The columns are those of no kind, or not of the kind that was asked for; names known columns only."""


class Placed(NamedTuple):
    """The places of the contract columns of one kind, and two columns of the file that claim the same one, if any."""

    places: dict[str, tuple[int, ...]]
    clash: tuple[str, int, int] | None


def recognise(
    header: Sequence[str],
    kind: str | None,
    clinic_given: bool,
    own: MappingOf[str, str],
    consent_given: bool = False,
    is_asked_for: bool = True,
) -> Mapping:
    """Finds the kind, unless it is given, and the places of its columns.

    `clinic_given`, `consent_given`: the file needs no column of them. `own` maps a clinic's names to contract columns
    and wins over the known names. `is_asked_for`: a kind that is given is somebody's word, and nothing rules it out.
    Raises NoKnownHeader where a required column is missing, two columns would be the same, or one is of another kind.
    """
    understood = attempt(header, kind, clinic_given, own, consent_given, is_asked_for)
    if understood.kind is None or understood.missing:
        raise _no_known_header(header, kind, understood)
    if understood.clash:
        column, first, second = understood.clash
        raise NoKnownHeader(
            f'"{header[first]}" and "{header[second]}" would both be {column}; leave one out, or map the right one to '
            f"{column} in notify.toml (columns)"
        )
    used = {index for place in understood.places.values() for index in place}
    unknown = (name for index, name in enumerate(header) if index not in used and not is_reject_column(name))
    return Mapping(understood.kind, understood.places, tuple(filter(None, unknown)))


class Rival(NamedTuple):
    """A column that rules a kind out: its place in the file, and the kind that has such a column."""

    place: int
    kind: str


class Attempt(NamedTuple):
    """How far a header can be understood, be it a known one or not.

    `kind` is None where it is that of no kind; then the rest is of `nearest`, which is None where no column is known.
    `rival`: why the file is not of the kind that it would be else.
    """

    kind: str | None
    nearest: str | None
    places: dict[str, tuple[int, ...]]
    missing: list[str]
    clash: tuple[str, int, int] | None
    rival: Rival | None = None


def attempt(
    header: Sequence[str],
    kind: str | None,
    clinic_given: bool,
    own: MappingOf[str, str],
    consent_given: bool = False,
    is_asked_for: bool = True,
) -> Attempt:
    """What `recognise` goes by; never raises."""
    names = [plain(name) for name in header]
    is_sure = kind is not None and is_asked_for
    placed = {known: _placed(names, known, own) for known in ([kind] if kind and is_sure else KEYS)}
    # Rejected rows lack no column that their file had: where that was silent of consent, they are.
    consent_given = consent_given or set(map(plain, REJECT_COLUMNS[:3])) <= set(names)
    needless = {column for column, is_given in (("clinic_id", clinic_given), ("consent", consent_given)) if is_given}
    missing: dict[str, list[str]] = {}
    for known, columns in placed.items():
        # A file without a clinic's column is one of clinics only where somebody says so.
        may_lack = needless - {"clinic_id"} if known == "clinics" and kind != "clinics" else needless
        missing[known] = [
            column for column in READABLE[known].required if column not in columns.places.keys() | may_lack
        ]
    have_their_key = {known for known in placed if known != "clinics" and READABLE[known].key in placed[known].places}
    rivals = {} if is_sure else _rivals(names, own)
    suspects = [kind] if kind else [known for known in placed if not missing[known] or known in have_their_key]
    free = [known for known in suspects if known not in rivals]
    whole = (known for known in free if not missing[known])
    fitting = next((known for known in whole if known not in WITHOUT_KEYS_OF_OTHERS or have_their_key <= {known}), None)
    if kind:
        fitting = next(iter(free), None)
    nearest, rival = fitting or next(iter(free), None), None
    if suspects and not free:
        rival = rivals[suspects[0]]
        nearest = min(suspects[0], rival.kind, key=list(KEYS).index)
    if nearest is None:
        counts = {known: len(placed[known].places.keys() - {"clinic_id"}) for known in placed}
        nearest = max(counts, key=lambda known: counts[known])
        if not counts[nearest]:
            return Attempt(None, None, {}, [], None)
    return Attempt(fitting, nearest, placed[nearest].places, missing[nearest], placed[nearest].clash, rival)


def _rivals(names: Sequence[str], own: MappingOf[str, str]) -> dict[str, Rival]:
    """By the kinds that a file is none of, the first column that says so.

    A clinic's own name counts as what it is mapped to where no file of that kind goes without; else it may be, in a
    file of another kind, something else.
    """
    needed = {column for columns in REQUIRED.values() for column in columns}
    mapped = {plain(name): column for name, column in own.items()}
    rivals: dict[str, Rival] = {}
    for kind in KEYS:
        for place, name in enumerate(names):
            column = mapped.get(name, "")
            known = plain(column) if column in needed else name
            if column not in COLUMNS[kind] and known in _names_against(kind):
                rivals.setdefault(kind, Rival(place, next(other for other in KEYS if known in _table(other))))
    if (day := _first_of(DATES, names)) is not None and _first_of(CLOCKS, names) is not None:
        for kind in WITHOUT_TIMES:  # either alone says little; both are when something takes place
            rivals.setdefault(kind, Rival(day, "appointments"))
    return rivals


def _first_of(known: str, names: Sequence[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in known.split()), None)


@cache
def _names_against(kind: str) -> frozenset[str]:
    """What a column of a file of that kind is never called: what more telling kinds alone know, and ids of others.

    A row tells more of what it names (an appointment of its patient), so less telling kinds rule nothing out.
    """
    order = list(KEYS)
    place = order.index(kind)
    more_telling = {name for other in order[:place] for name in _table(other)}
    others = {name for other in order[place:] for name in _table(other)}
    ids = {
        name
        for other in WHAT_HAPPENS
        for name, (column, _) in _table(other).items()
        if other != kind in WHAT_HAPPENS and column == KEYS[other]
    }
    return frozenset((more_telling - others) | (ids - _table(kind).keys())) - set(SAY_LITTLE.split())


def names_of(kind: str) -> dict[str, list[str]]:
    """Every name that each contract column of a kind is known by, as `plain` writes them."""
    names: dict[str, list[str]] = {column: [] for column in COLUMNS[kind]}
    for name, (column, _) in _table(kind).items():
        names[column].append(name)
    return names


def has_parts(kind: str, column: str) -> bool:
    """Whether it may stand in two columns of the file, a date and a clock."""
    return READABLE[kind].column(column).parts is not None


def is_name_of_the_clinic(name: str) -> bool:
    """Whether a column of that name says whose a row is."""
    column, _ = _table("appointments").get(plain(name), ("", "whole"))
    return column == "clinic_id"


def plain(name: str) -> str:
    """A name without what does not count: case, spaces, dots, hyphens, underscores, slashes, and Excel's formula."""
    return NOT_SIGNIFICANT.sub("", unicodedata.normalize("NFKC", unwrapped(name)).casefold())


def is_reject_column(name: str) -> bool:
    return plain(name) in map(plain, REJECT_COLUMNS)


def _placed(names: list[str], kind: str, own: MappingOf[str, str]) -> Placed:
    """Where two columns claim to be the same one, the clinic's own names count in the order of `own`."""
    columns = [column.name for column in READABLE[kind].columns]
    own_names: dict[str, tuple[str, Role]] = {
        plain(name): (column, "own") for name, column in own.items() if column in columns
    }
    table = {**_table(kind), **own_names}
    order = list(own_names)
    indexes = sorted(range(len(names)), key=lambda index: order.index(names[index]) if names[index] in order else -1)
    claims: dict[str, dict[Role, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in indexes:
        if names[index] in table:
            column, role = table[names[index]]
            claims[column][role].append(index)
    places: dict[str, tuple[int, ...]] = {}
    clash = None
    for column in columns:
        roles = claims[column]
        start = places.get("starts_at", ())
        if column == "ends_at" and not roles["date"] and len(start) == 2 and (roles["clock"] or roles["either"]):
            roles["date"] = [start[0]]  # the end of an appointment is on the day of its start
        groups = _groups(roles, has_parts(kind, column), column == "cancelled_at")
        clash = clash or next(((column, group[0], group[1]) for group in groups if len(group) > 1), None)
        if groups:
            places[column] = tuple(group[0] for group in groups)
    return Placed(places, clash)


def _groups(roles: dict[Role, list[int]], may_be_two: bool, may_be_either: bool) -> list[list[int]]:
    """One group of claimants for each cell that makes up the column: none, one, or two for a date and a clock.

    `may_be_either`: the column is whichever of several that is filled in a row, as Avlyst and Avbestilt are.
    """
    if roles["own"]:
        is_pair = may_be_two and len(roles["own"]) == 2
        return [[index] for index in roles["own"]] if is_pair else [roles["own"]]
    if roles["whole"]:
        return [[index] for index in roles["whole"]] if may_be_either else [roles["whole"]]
    clock = roles["clock"] or roles["either"]
    if roles["date"] and clock:
        return [roles["date"], clock]
    return [group for group in (roles["date"] or roles["either"],) if group]


@cache
def _table(kind: str) -> dict[str, tuple[str, Role]]:
    roles: tuple[Role, Role, Role] = ("date", "clock", "either")
    table: dict[str, tuple[str, Role]] = {}
    for column in READABLE[kind].columns:
        table |= dict.fromkeys([plain(column.name), *column.names.split()], (column.name, "whole"))
    for column in READABLE[kind].columns:
        for role, names in zip(roles, column.parts or (), strict=False):
            table |= dict.fromkeys(names.split(), (column.name, role))
    return table


def _no_known_header(header: Sequence[str], kind: str | None, understood: Attempt) -> NoKnownHeader:
    if understood.nearest is None:
        return NoKnownHeader(
            "no known header; name the columns in the first line, or map the names there in notify.toml (columns)"
        )
    what = f"as {kind} it" if kind else f"no known header; it is nearest to {understood.nearest}, but"
    if understood.rival is not None:
        name = header[understood.rival.place]
        if understood.rival.kind != understood.nearest:
            kinds = f"{understood.nearest} and of {understood.rival.kind}"
            return NoKnownHeader(f'no known header; it has columns of {kinds} ("{name}"); say which it is with --kind')
        what = f'no known header; its column "{name}" makes it nearest to {understood.nearest}, but it'
    lacks = " and ".join(filter(None, [", ".join(understood.missing[:-1]), *understood.missing[-1:]]))
    if understood.missing == ["clinic_id"]:
        return NoKnownHeader(f"{what} lacks clinic_id; say whose file it is with --clinic ID")
    if understood.missing == ["consent"]:
        return NoKnownHeader(
            f"{what} lacks consent; give it or map its name in notify.toml (columns), or if all have consented:"
            " --assume-consent"
        )
    return NoKnownHeader(f"{what} lacks {lacks}; complete it, or map its names in notify.toml (columns)")
