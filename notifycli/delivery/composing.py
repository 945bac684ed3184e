"""What a delivery's message says, to whom and from whom (SPEC section 6).

Knows the wording and the configuration; must not know the database, the channels' ways or when anything is sent.
"""

from email.utils import formataddr, parseaddr
from functools import lru_cache

from notifycli.channels.base import CalendarFile, Outgoing
from notifycli.config import Settings
from notifycli.delivery.particulars import language_of, particulars_of
from notifycli.delivery.sections import EVERYBODY, section_of
from notifycli.domain.changes import version_told
from notifycli.domain.model import Appointment
from notifycli.domain.words import Channel
from notifycli.store.deliveries import Delivery
from notifycli.store.facts import Known
from notifycli.wording import Particulars, Wording


class Composer:
    """`database_id` makes Message-IDs of this database its own."""

    def __init__(self, settings: Settings, database_id: str) -> None:
        self._settings = settings
        self._database_id = database_id
        self._wordings: dict[str, Wording] = {}

    def message(self, delivery: Delivery, known: Known, address: str, now: int) -> Outgoing:
        clinic = known.clinic
        language = language_of(delivery.key, known)
        particulars = particulars_of(delivery.key, known)
        words = self.wording(clinic.clinic_id).message(delivery.event, delivery.channel, language, particulars)
        sender = self._sender(delivery.channel, known)
        brings_calendar = delivery.channel == "email" and self._settings.for_clinic(clinic.clinic_id).email.calendar
        return Outgoing(
            delivery=delivery.id,
            channel=delivery.channel,
            address=address,
            sender=sender,
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=language,
            message_id=f"<{delivery.id}.{self._database_id}@{domain_of(sender)}>",
            collapse_key=f"{self._database_id}-{delivery.notice}",
            sent_on=now,
            calendar=self._calendar(delivery, known, language, particulars, sender, now) if brings_calendar else None,
        )

    def _calendar(
        self, delivery: Delivery, known: Known, language: str, particulars: Particulars, sender: str, now: int
    ) -> CalendarFile | None:
        """Of what is no news of an appointment's time none. Whoever gets an appointment of others has an own entry."""
        from notifycli.wording.calendar import CALENDAR_EVENTS, FILE_NAME, Entry, calendar_text, method_of

        event, tenure = delivery.event, delivery.key.tenure
        if event not in CALENDAR_EVENTS or not isinstance(known.subject, Appointment):
            return None
        whose = (str(tenure),) if tenure else ()
        entry = Entry(
            (self._database_id, delivery.subject.clinic_id, delivery.subject.subject_id, *whose),
            version_told(known.subject, delivery.key),
            parseaddr(sender)[1],
            now,
        )
        text = calendar_text(event, language, particulars, entry)
        return CalendarFile(FILE_NAME[language], method_of(event), text)

    def wording(self, clinic_id: str) -> Wording:
        if clinic_id not in self._wordings:
            self._wordings[clinic_id] = Wording(self._settings.for_clinic(clinic_id).wording)
        return self._wordings[clinic_id]

    def _sender(self, channel: Channel, known: Known) -> str:
        """A clinic's own section, else what its row says, else everybody's section."""
        clinic = known.clinic
        section = section_of(self._settings, channel, clinic.clinic_id)
        everybodys = section_of(self._settings, channel, EVERYBODY)
        if channel == "push":
            return clinic.name
        own = section.sender if section.sender != everybodys.sender else ""  # type: ignore[union-attr]
        if channel == "sms":
            return own or clinic.sender_sms or section.sender  # type: ignore[union-attr]
        return own or _named(clinic.name, clinic.sender_email) or section.sender  # type: ignore[union-attr]


@lru_cache(256)
def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


@lru_cache(256)
def _named(name: str, address: str) -> str:
    if not address or "<" in address:
        return address
    return formataddr((name, address)) if name.isascii() else f'"{name.translate(NO_QUOTES)}" <{address}>'


NO_QUOTES = {ord(character): None for character in '"\\\r\n'}
