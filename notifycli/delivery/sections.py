"""By which section of the configuration a channel of a clinic goes.

Apart from the transports, since those who only ask what a message says (notify show) would wait for all that sends.
"""

from notifycli.config import Email, Push, SecondSms, Settings, Sms
from notifycli.domain.words import Channel

Service = Email | Sms | Push  # a channel's own
Section = Service | SecondSms
EVERYBODY = ""  # the clinic_id by which to ask for the settings of clinics without their own


def section_of(settings: Settings, channel: Channel, clinic_id: str) -> Service:
    of_clinic = settings.for_clinic(clinic_id)
    sections: dict[Channel, Service] = {"email": of_clinic.email, "sms": of_clinic.sms, "push": of_clinic.push}
    return sections[channel]
