"""What a transport's own log has of the messages that we call sent: our outbox, or a gateway's log or invoice (CSV)."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

from notifycli.channels.outbox import deliveries_in
from notifycli.cli.moments import NotAMoment, span_of
from notifycli.cli.shell import Shell
from notifycli.domain.errors import NotifyError
from notifycli.domain.sentences import Sentence
from notifycli.store import confirming
from notifycli.store.confirming import LoggedMessage
from notifycli.store.engine import reading

if TYPE_CHECKING:
    from notifycli.domain.verifying import Discrepancy

COLUMNS = {
    "reference": "reference ref id messageid msgid smsid transactionid sid referanse meldingsid meldingid",
    "number": "number to msisdn mobile recipient receiver phone nummer mobil mottaker telefon til",
    "time": "time at date datetime sent sentat timestamp datesent tid tidspunkt dato sendt",
}
AT_ONCE = 5_000


def not_in_outbox(shell: Shell, outbox: Path) -> "Iterator[Discrepancy]":
    """Raises NotifyError where there is no outbox."""
    if not outbox.is_dir():
        raise NotifyError(
            Sentence("{path}: is no folder that can be read.", path=outbox),
            Sentence("Name the outbox, which lies beside the database."),
        )
    try:
        written = Counter(deliveries_in(outbox))
    except (OSError, ValueError) as error:
        raise NotifyError(Sentence("{path}: cannot be read as an outbox.", path=outbox)) from error
    with reading(shell.connection):
        yield from confirming.not_in_outbox(shell.connection, written)


def not_in_gateway_log(shell: Shell, path: Path) -> "Iterator[Discrepancy]":
    """Of the SMS that were sent within the time that the file tells of. Raises NotifyError where it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream, reading(shell.connection):
            messages = _messages(stream, path, shell.settings.timezone)
            confirming.begin(shell.connection)
            while some := list(islice(messages, AT_ONCE)):
                confirming.take(shell.connection, some)
            yield from confirming.not_in_log(shell.connection)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotifyError(Sentence("{path}: cannot be read as CSV.", path=path)) from error


def _messages(stream: TextIO, path: Path, zone: str) -> Iterator[LoggedMessage]:
    header = stream.readline()
    delimiter = max(";,\t|", key=header.count)
    names = ["".join(filter(str.isalnum, cell.lower())) for cell in next(csv.reader([header], delimiter=delimiter), [])]
    places = {
        column: next((names.index(word) for word in words.split() if word in names), None)
        for column, words in COLUMNS.items()
    }
    reference, number, time = places["reference"], places["number"], places["time"]
    if time is None or (reference is None and number is None):
        text = Sentence("{path}: has no columns reference or number, and time.", path=path)
        raise NotifyError(text, Sentence("Name them so in its first line."))
    for line, row in enumerate(csv.reader(stream, delimiter=delimiter, strict=True), start=2):
        if not any(row):
            continue
        try:
            yield LoggedMessage(
                row[reference].strip() if reference is not None else "",
                _as_number(row[number]) if number is not None else "",
                _instant(row[time].strip(), zone),
            )
        except (IndexError, ValueError, NotAMoment) as error:
            raise NotifyError(
                Sentence("{path}, line {line}: has no time that can be read.", path=path, line=line)
            ) from error


def _as_number(text: str) -> str:
    """Its last eight digits tell a number, in whatever spelling."""
    return "".join(filter(str.isdigit, text))[-8:]


def _instant(text: str, zone: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return span_of(text, zone, 0).begins_at
    return int((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp())
