"""What a clinic's day can bring, as steps for a test that takes them in any order, and the base that they begin from.

A step is the name of a method of the test's story, and its arguments. Times are told in seconds before or after the
step. Knows nothing of the program.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.support.contract_facts import DAY, HOUR, MINUTE, TIMES, Row

ZONES = {"nidelv": ZoneInfo("Europe/Oslo"), "hudson": ZoneInfo("America/New_York")}
WEEKDAYS = {
    "nidelv": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "hudson": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
PATIENT_OF = {"A1": "P1", "A2": "P2", "A3": "P3", "D1": "P1", "D2": "P3", "R1": "P2", "R2": "P3"}
SECRET = "Hemmeleg"  # the name of every patient and type: no message may hold it
BASE_AT = int(datetime(2026, 1, 5, 7, tzinfo=UTC).timestamp())
BEGINNINGS = [  # before and after changes of clocks in New York (8 March, 1 November) and Oslo (29 March, 25 October)
    int(datetime(2026, month, day, 22, 30, tzinfo=UTC).timestamp())
    for month, day in ((3, 6), (3, 27), (3, 28), (6, 3), (10, 23), (10, 24), (10, 30))
]
BASE: dict[str, list[dict[str, str]]] = {
    "clinics": [
        {"clinic_id": clinic, "name": clinic.title(), "timezone": zone.key, "language": language}
        | {"timebook": "yes", "post": "yes", "economy": "no"}
        for (clinic, zone), language in zip(ZONES.items(), ("nb", "en"), strict=True)
    ],
    "types": [
        {"clinic_id": clinic, "type_id": type_id, "name": SECRET, "notifications": on}
        for clinic in ZONES
        for type_id, on in (("KONS", "yes"), ("OFF", "no"))
    ],
    "patients": [
        {"clinic_id": clinic, "patient_id": one, "given_name": SECRET, "email": email, "mobile": mobile}
        | {"push_token": push, "push_allowed": "yes", "consent": "yes", "preferred_method": method}
        for clinic in ZONES
        for one, email, mobile, push, method in (
            ("P1", "kari@post.example", "91000001", "token-kari", ""),
            ("P2", "", "91000002", "", "email"),
        )
    ],
}
MODULES_OF_BASE = {"timebook": True, "post": True, "economy": False}

LATER = (0, 1, 59, MINUTE, 4 * MINUTE, 3 * HOUR)
AGO = (None, 0, 0, 1, MINUTE, 299, 300, HOUR, 2 * DAY, -2 * HOUR)
STARTS = (
    *(-HOUR, 4 * MINUTE, 6 * MINUTE, 2 * HOUR, 30 * HOUR, 48 * HOUR - 1, 48 * HOUR, 48 * HOUR + 1),
    *(49 * HOUR, 3 * DAY, 3 * DAY, 5 * DAY),
)
STATUSES = ("booked",) * 8 + ("cancelled",) * 3 + ("entered-in-error", "fulfilled", "noshow", "proposed", "waitlist")
LEFT_OUT: tuple[tuple[str, ...], ...] = (
    *((), (), (), ("location",), ("type_id", "source"), ("booked_at", "cancelled_at"), ("changed_at",)),
    (*TIMES, "source"),
)
LEFT_OUT_OF_PATIENTS = ((), (), ("email", "mobile"), ("mobile",), ("preferred_method", "push_token"))
SET_BY_STAFF = {
    "email": ("", "staff@post.example"),
    "mobile": ("", "91000077"),
    "consent": ("yes", "yes", "no"),
    "preferred_method": ("", "sms", "both"),
}


class Step(NamedTuple):
    name: str
    arguments: dict[str, Any]


class Story(NamedTuple):
    """A story: when it begins, whether time that passes ends with a run, and its steps."""

    beginning: int
    has_cron: bool
    steps: list[Step]


def story_of(number: int) -> Story:
    """Each number its own. (Of steps that are drawn singly, Hypothesis repeats five in six.)"""
    chance = Random(number)
    steps = [a_step(chance) for _ in range(chance.randint(10, 30))]
    return Story(chance.choice(BEGINNINGS), chance.random() < 0.7, steps)


def a_step(chance: Random) -> Step:
    [name] = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
    return Step(name, ARGUMENTS[name](chance))


WEIGHTS = {
    "time_passes": 2,
    "it_comes_to_what_is_next": 4,
    "an_appointment_is_booked_changed_or_cancelled": 5,
    "appointments_come": 4,
    "patients_come": 2,
    "a_dialog_comes": 2,
    "a_bill_card_comes": 2,
    "a_type_comes": 1,
    "a_clinic_comes": 1,
    "a_switch_is_turned": 1,
    "a_switch_is_off_for_a_while": 2,
    "staff_set": 1,
    "the_same_file_comes_again": 1,
    "staff_look_at_a_skipped_notice_again": 1,
    "what_is_said_to_come_comes": 1,
}
ARGUMENTS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "time_passes": lambda chance: {
        "seconds": chance.choice((1, 59, MINUTE, 5 * MINUTE, HOUR, 20 * HOUR, DAY, 2 * DAY, 8 * DAY))
    },
    "it_comes_to_what_is_next": lambda chance: {"ahead": chance.choice((0, 0, 0, -1, 1))},
    "an_appointment_is_booked_changed_or_cancelled": lambda chance: (
        a_place(chance)
        | {
            "id_": chance.choice(("A1", "A2", "A3")),
            "status": chance.choice(("booked", "booked", "booked", "cancelled")),
            "starts_at": chance.choice((None, *STARTS)),
            "location": chance.choice(("", "Rom 1")),
        }
    ),
    "appointments_come": lambda chance: (
        a_place(chance)
        | {
            "rows": [an_appointment(chance) for _ in range(chance.randint(1, 3))],
            "left_out": chance.choice(LEFT_OUT),
            "migrated": chance.random() < 0.15,
        }
    ),
    "patients_come": lambda chance: (
        a_place(chance)
        | {
            "rows": [a_patient(chance) for _ in range(chance.randint(1, 2))],
            "left_out": chance.choice(LEFT_OUT_OF_PATIENTS),
        }
    ),
    "a_dialog_comes": lambda chance: (
        a_place(chance)
        | {
            "id_": chance.choice(("D1", "D2")),
            "kind": chance.choice(("dialog", "edialog", "prescription")),
            "ago": chance.choice(AGO),
        }
    ),
    "a_bill_card_comes": lambda chance: (
        a_place(chance)
        | {
            "id_": chance.choice(("R1", "R2")),
            "status": chance.choice(("paid", "paid", "unpaid")),
            "ago": chance.choice(AGO),
        }
    ),
    "a_type_comes": lambda chance: (
        a_place(chance)
        | {"type_id": chance.choice(("KONS", "KONS", "OFF", "NEW")), "on": chance.choice(("yes", "yes", "no"))}
    ),
    "a_clinic_comes": lambda chance: (
        a_place(chance)
        | {
            "modules": {
                module: chance.choice(("yes", "yes", "no"))
                for module in chance.sample(list(MODULES_OF_BASE), chance.randint(1, 3))
            }
        }
    ),
    "a_switch_is_turned": lambda chance: (
        a_place(chance)
        | {
            "name": chance.choice(("timebook", "timebook", "post", "economy", "KONS", "KONS", "OFF", "migrated")),
            "is_on": chance.random() < 0.6,
        }
    ),
    "a_switch_is_off_for_a_while": lambda chance: (
        a_place(chance)
        | {
            "name": chance.choice(("timebook", "KONS", "KONS")),
            "seconds": chance.choice((MINUTE, 4 * HOUR, 10 * HOUR, 22 * HOUR, 30 * HOUR, 48 * HOUR)),
        }
    ),
    "staff_set": lambda chance: (
        a_place(chance)
        | {"patient": chance.choice(("P1", "P2", "P3"))}
        | dict(zip(("place", "value"), a_setting(chance), strict=True))
    ),
    "the_same_file_comes_again": lambda chance: {"later": chance.choice((0, 1, MINUTE, HOUR))},
    "staff_look_at_a_skipped_notice_again": lambda chance: {"place": chance.randint(0, 20)},
    "what_is_said_to_come_comes": lambda chance: {"horizon": chance.choice((0, 10 * MINUTE, 50 * HOUR, 9 * DAY))},
}


def a_place(chance: Random) -> dict[str, Any]:
    return {"clinic": chance.choice(list(ZONES)), "later": chance.choice(LATER)}


def a_setting(chance: Random) -> tuple[str, str]:
    place = chance.choice(list(SET_BY_STAFF))
    return place, chance.choice(SET_BY_STAFF[place])


def an_appointment(chance: Random) -> dict[str, Any]:
    return {
        "appointment_id": chance.choice(("A1", "A2", "A3")),
        "status": chance.choice(STATUSES),
        "starts_at": chance.choice((None, None, None, *STARTS)),  # None: as it is stored
        "location": chance.choice(("", "", "Rom 1")),
        "type_id": chance.choice(("KONS",) * 6 + ("OFF", "NEW", "")),
        "source": chance.choice(("",) * 7 + ("local", "migrated", "digicare")),
    } | {column: chance.choice(AGO) for column in TIMES}


def a_patient(chance: Random) -> dict[str, str]:
    return {
        "patient_id": chance.choice(("P1", "P2", "P3", "P3")),
        "email": chance.choice(("", "kari@post.example", "ola@post.example")),
        "mobile": chance.choice(("", "91000001", "41000009", "22000000")),
        "push_token": chance.choice(("", "token-kari")),
        "consent": chance.choice(("yes", "yes", "yes", "no")),
        "preferred_method": chance.choice(("", "email", "sms", "both")),
    }


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def goes_by_the_time_of_its_import(rows: list[dict[str, Any]], now: int) -> bool:
    """Whether a file says something else when it comes again later: a time that lies ahead becomes that of the import,

    and of an appointment twice in it, a row without times is the fresher from then on.
    """
    ids = Counter(row["appointment_id"] for row in rows)
    given = [(row["appointment_id"], [at for at in map(row.get, TIMES) if at is not None]) for row in rows]
    return any(max(times, default=0) > now or (ids[id_] > 1 and not times) for id_, times in given)


def not_later(at: int | None, now: int) -> int:
    return now if at is None else min(at, now)


def written_time(at: int | None, clinic: str) -> str:
    """As exports write times: with an offset, or in the clinic's zone where that is not ambiguous."""
    if at is None:
        return ""
    local = datetime.fromtimestamp(at, ZONES[clinic])
    if local.utcoffset() != local.replace(fold=1).utcoffset() or local.fold:
        return iso(at)
    return (iso(at), f"{local:%Y-%m-%dT%H:%M:%S}", f"{local:%d.%m.%Y %H:%M:%S}")[at % 3]


def told_when(at: int, clinic: str) -> tuple[str, str]:
    """The day and the clock time as a message of the clinic gives them."""
    local = datetime.fromtimestamp(at, ZONES[clinic])
    weekday = WEEKDAYS[clinic][local.weekday()]
    if clinic == "nidelv":
        return f"{weekday} {local.day}. ", f"kl. {local:%H.%M}"
    return f"{weekday} {local.day} ", f"at {local:%H:%M}"


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    lines = [list(rows[0]), *([row[column] for column in rows[0]] for row in rows)]
    path.write_text("".join(f"{';'.join(cells)}\n" for cells in lines), encoding="utf-8")


def as_row(row: dict[str, Any]) -> Row:
    """A row of `notify history --json` as the model has it."""
    sent_at = seconds_of(row["sent_at"]) if row["sent_at"] else None
    where = (row["clinic"], row["subject"], row["subject_id"], row["patient"], row["event"])
    due_at = seconds_of(row["due_at"])
    return Row(*where, due_at, row["status"], row["reason"], row["channel"], row["address"], sent_at)
