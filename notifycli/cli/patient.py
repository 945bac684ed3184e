"""notify patient: look at one patient, and set what staff may set."""

from typing import Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.finding import clinic_of
from notifycli.cli.groups import Commands
from notifycli.cli.pager import paged
from notifycli.cli.render import local, patient_text, print_json, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.domain.errors import UsageError

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Show a patient, and set what staff may set.",
)
Clinic = Annotated[str, typer.Argument(metavar="CLINIC", autocompletion=completing.clinics, help="The clinic's id.")]
PatientId = Annotated[
    str, typer.Argument(metavar="PATIENT", autocompletion=completing.patients, help="The patient's id at that clinic.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
METHODS: dict[str, str | None] = {"email": "email", "sms": "sms", "both": "both", "default": None}
PLACES = {"email": "e-mail", "preferred_method": "method"}  # as they are called on the screen
ANSWERS = {"yes": True, "no": False}


@app.command(epilog="Example: notify patient show nidelv P1")
def show(context: typer.Context, clinic: Clinic, patient: PatientId, as_json: AsJson = False) -> None:
    """Show a patient's contact details, consent and channels. A green dot: the patient has logged in."""
    shell: Shell = context.obj
    clinic_of(shell, "patient", patient, clinic)
    value = _value(shell, clinic, patient)
    if as_json:
        print_json(value)
    else:
        _show(shell, value)


@app.command("set", epilog='Example: notify patient set nidelv P1 --method sms --mobile "910 00 001"')
def set_(
    context: typer.Context,
    clinic: Clinic,
    patient: PatientId,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="email|sms|both|default",
            autocompletion=completing.words(*METHODS),
            help="The way that the patient prefers.",
        ),
    ] = None,
    consent: Annotated[
        str | None,
        typer.Option(
            metavar="yes|no", autocompletion=completing.words(*ANSWERS), help="Whether the patient has given consent."
        ),
    ] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help='The e-mail address; "" removes it.')] = None,
    mobile: Annotated[str | None, typer.Option(metavar="NUMBER", help='The mobile number; "" removes it.')] = None,
    as_json: AsJson = False,
) -> None:
    """Set a patient's method, consent, e-mail address or mobile number. An import keeps it until its cell changes."""
    from notifycli.store import clinics, patients

    shell: Shell = context.obj
    clinic_of(shell, "patient", patient, clinic)
    values: dict[str, Any] = {}
    if method is not None:
        values["preferred_method"] = _word(method, METHODS, "--method")
    if consent is not None:
        values["consent"] = _word(consent, ANSWERS, "--consent")
    if email is not None:
        values["email"] = _email(email)
    if mobile is not None:
        values |= _mobile(mobile, clinics.country_of(shell.connection, clinic))
    if not values:
        raise UsageError("say what to set: --method, --consent, --email or --mobile")
    patients.set_patient(shell.connection, shell.policy, clinic, patient, values, shell.now(), shell.user)
    value = _value(shell, clinic, patient)
    if as_json:
        print_json(value)
        return
    reach = (
        f"notices go by {', '.join(value['channels'])}"
        if value["possible"]
        else f"no notice can reach them: {', '.join(value['reasons'])}"
    )
    say(f"patient {patient} at {clinic} is set; {reach}")


def _word(given: str, words: dict[str, Any], option: str) -> Any:
    if given.lower() not in words:
        raise UsageError(f"{option}: '{given}' is none of {', '.join(words)}")
    return words[given.lower()]


def _email(given: str) -> str | None:
    from notifycli.domain.contact import email_address

    if not given.strip():
        return None
    address = email_address(given)
    if address is None:
        raise UsageError("--email: that is no e-mail address", "write it like kari@post.example")
    return address


def _mobile(given: str, country: str) -> dict[str, Any]:
    from notifycli.domain.contact import can_get_sms, phone_number

    if not given.strip():
        return {"mobile": None, "mobile_gets_sms": False}
    number = phone_number(given.strip(), country)
    if number is None:
        raise UsageError(
            f"--mobile: that is no phone number (of {country}, unless it begins with + and a country code)"
        )
    if not can_get_sms(number):
        say("note: a landline cannot get SMS")
    return {"mobile": number, "mobile_gets_sms": can_get_sms(number)}


def _value(shell: Shell, clinic: str, patient: str) -> dict[str, Any]:
    from notifycli.queries.reachability import reach_of
    from notifycli.store import audit, patients

    row = patients.patient(shell.connection, clinic, patient)
    if row is None:
        raise UsageError(f"there is no patient {patient} at {clinic}.", "Was it imported?")
    [reach] = reach_of(shell.connection, clinic, patient, shell.now())
    return {
        "clinic": clinic,
        "patient": patient,
        "given_name": row["given_name"],
        "family_name": row["family_name"],
        "email": row["email"],
        "mobile": row["mobile"],
        "mobile_gets_sms": bool(row["mobile_gets_sms"]),
        "push": bool(row["push_token"]) and bool(row["push_allowed"]),
        "language": row["language"],
        "consent": bool(row["consent"]),
        "method": row["preferred_method"] or "default",
        "last_login_at": utc(row["last_login_at"]),
        "active_user": row["last_login_at"] is not None,
        "possible": reach.possible,
        "channels": list(reach.channels),
        "reasons": list(reach.reasons),
        "upcoming_appointments": reach.upcoming_appointments,
        "set_by_staff": {
            place: {"by": by, "at": utc(at)}
            for place, (by, at) in audit.who_set(shell.connection, clinic, patient).items()
        },
    }


def _show(shell: Shell, value: dict[str, Any]) -> None:
    from rich.markup import escape

    from notifycli.cli.moments import moment_typed

    zone = shell.settings.timezone
    name = f"{value['given_name']} {value['family_name']}".strip()
    head = patient_text(
        f"patient {value['patient']} at {value['clinic']}" + (f", {name}" if name else ""), value["active_user"]
    )
    landline = "" if value["mobile_gets_sms"] or not value["mobile"] else " (a landline: no SMS)"
    login = local(moment_typed(value["last_login_at"], zone), zone) if value["last_login_at"] else "never"
    reach = (
        ", ".join(value["channels"]) if value["possible"] else f"[bold red]nowhere: {', '.join(value['reasons'])}[/]"
    )
    rows = table("", "")
    rows.show_header = False
    gone = dict.fromkeys(value["reasons"], " [yellow](no more; set it again if it is right)[/]")
    for label, words in (
        ("e-mail", f"{escape(value['email'] or '–')}{gone.get('email_gone', '')}"),
        ("mobile", (value["mobile"] or "–") + landline + gone.get("mobile_gone", "")),
        ("push", "yes" if value["push"] else "no"),
        ("language", value["language"] or "the clinic's"),
        ("consent", "yes" if value["consent"] else "[bold red]no[/]"),
        ("method", value["method"]),
        ("last login", login),
        ("notices go to", reach),
        ("upcoming appointments", str(value["upcoming_appointments"])),
    ):
        rows.add_row(f"[dim]{label}[/]", words)
    for place, last in value["set_by_staff"].items():
        label = f"{PLACES.get(place, place)} set by"
        rows.add_row(f"[dim]{label}[/]", escape(f"{last['by']}, {local(moment_typed(last['at'], zone), zone)}"))
    with paged(shell) as screen:
        screen.print(head)
        screen.print(rows)
