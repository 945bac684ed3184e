"""notify patient: look at one patient, and set what staff may set."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import code_typed, word_for
from notifycli.cli.finding import clinic_of, known_clinic
from notifycli.cli.groups import Commands
from notifycli.cli.language import _
from notifycli.cli.options import AsJson, ClinicId, OfClinic
from notifycli.cli.pager import paged
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import print_json
from notifycli.cli.shell import Shell, say
from notifycli.domain.errors import UsageError

if TYPE_CHECKING:
    from notifycli.queries.patient_card import PatientCard

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Show a patient, and set what staff may set.",
)
PatientId = Annotated[
    str, typer.Argument(metavar="PATIENT", autocompletion=completing.patients, help="The patient's id at that clinic.")
]
METHODS: dict[str, str | None] = {"email": "email", "sms": "sms", "both": "both", "default": None}
ANSWERS = {"yes": True, "no": False}


@app.command(epilog="Example: notify patient find lunde kari")
def find(
    context: typer.Context,
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help="Parts of a name, a phone number or its end, an e-mail address or an id."),
    ],
    clinic: OfClinic = None,
    limit: Annotated[int, typer.Option(metavar="NUMBER", min=0, max=LARGEST, help="At most so many; 0 for all.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Find patients by name, phone number as it was dictated, e-mail address or id. A green dot: has logged in."""
    from notifycli.cli.found_patients import as_values, show_found, with_an_index
    from notifycli.store import finding

    shell: Shell = context.obj
    if clinic is not None:
        known_clinic(shell, clinic)
    with_an_index(shell)
    patients = finding.patients(shell.connection, " ".join(text), clinic, limit)
    if as_json:
        print_json(as_values(patients))
    else:
        with paged(shell) as screen:
            show_found(screen, patients, limit)


@app.command(epilog="Example: notify patient show nidelv P1")
def show(context: typer.Context, clinic: ClinicId, patient: PatientId, as_json: AsJson = False) -> None:
    """Show what answers a call: contact and its origin, consent, appointments, notices. A green dot: has logged in."""
    from notifycli.cli.patient_card import as_value, show_card

    shell: Shell = context.obj
    clinic_of(shell, "patient", patient, clinic)
    card = _card(shell, clinic, patient)
    if as_json:
        print_json(as_value(card))
    else:
        show_card(shell, card)


@app.command("set", epilog='Example: notify patient set nidelv P1 --method sms --mobile "910 00 001"')
def set_(
    context: typer.Context,
    clinic: ClinicId,
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
    from notifycli.cli.patient_card import as_value
    from notifycli.store import clinics, patients

    shell: Shell = context.obj
    clinic_of(shell, "patient", patient, clinic)
    values: dict[str, Any] = {}
    if method is not None:
        values["preferred_method"] = METHODS[code_typed(method, METHODS, "--method")]
    if consent is not None:
        values["consent"] = ANSWERS[code_typed(consent, ANSWERS, "--consent")]
    if email is not None:
        values["email"] = _email(email)
    if mobile is not None:
        values |= _mobile(mobile, clinics.country_of(shell.connection, clinic))
    if not values:
        raise UsageError(_("say what to set: --method, --consent, --email or --mobile"))
    patients.set_patient(shell.connection, shell.policy, clinic, patient, values, shell.now(), shell.user)
    card = _card(shell, clinic, patient)
    if as_json:
        print_json(as_value(card))
        return
    names = {"patient": patient, "clinic": clinic}
    if card.reach.possible:
        channels = ", ".join(map(word_for, card.reach.channels))
        say(_("patient {patient} at {clinic} is set; notices go by {channels}", channels=channels, **names))
    else:
        reasons = ", ".join(map(word_for, card.reach.reasons))
        say(_("patient {patient} at {clinic} is set; no notice can reach them: {reasons}", reasons=reasons, **names))


def _email(given: str) -> str | None:
    from notifycli.domain.contact import email_address

    if not given.strip():
        return None
    address = email_address(given)
    if address is None:
        raise UsageError(_("--email: that is no e-mail address"), _("write it like kari@post.example"))
    return address


def _mobile(given: str, country: str) -> dict[str, Any]:
    from notifycli.domain.contact import can_get_sms, phone_number

    if not given.strip():
        return {"mobile": None, "mobile_gets_sms": False}
    number = phone_number(given.strip(), country)
    if number is None:
        raise UsageError(
            _(
                "--mobile: that is no phone number (of {country}, unless it begins with + and a country code)",
                country=country,
            )
        )
    if not can_get_sms(number):
        say(_("note: a landline cannot get SMS"))
    return {"mobile": number, "mobile_gets_sms": can_get_sms(number)}


def _card(shell: Shell, clinic: str, patient: str) -> "PatientCard":
    from notifycli.queries.patient_card import card_of

    card = card_of(shell.connection, shell.policy, clinic, patient, shell.now())
    assert card is not None  # clinic_of has looked
    return card


@app.command(epilog="Example: notify patient export nidelv P1 > P1.json")
def export(context: typer.Context, clinic: ClinicId, patient: PatientId, as_json: AsJson = False) -> None:
    """Print all that is stored of a patient, as JSON."""
    from notifycli.cli.patient_forget import export_patient

    export_patient(context.obj, clinic, patient)


@app.command(epilog="Example: notify patient forget nidelv P1")
def forget(
    context: typer.Context,
    clinic: ClinicId,
    patient: PatientId,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a patient with their appointments, dialogs, receipts and messages; later rows of the id are left out."""
    from notifycli.cli.patient_forget import forget_patient

    forget_patient(context.obj, clinic, patient, is_sure=is_sure, as_json=as_json)
