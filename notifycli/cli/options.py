"""Options and arguments that several commands take, each worded once. Knows no command."""

from typing import Annotated

import typer

from notifycli.cli import completing

AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV on standard output.")]
ClinicId = Annotated[str, typer.Argument(metavar="CLINIC", autocompletion=completing.clinics, help="The clinic's id.")]
OfClinic = Annotated[str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help="Of this clinic.")]
OfClinicAlone = Annotated[
    str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help="Of this clinic alone.")
]
OfPatient = Annotated[
    str | None, typer.Option(metavar="ID", autocompletion=completing.patients, help="Of this patient.")
]
DEFAULT_AHEAD = 48 * 3600  # seconds, that upcoming and calls look ahead
