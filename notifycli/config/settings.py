"""What notify.toml can say, each key with its default. Holds values; reads no file. Source: SPEC section 9."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from notifycli.config.gateways import GatewayName

Port = Annotated[int, Meta(ge=1, le=65535)]
Connections = Annotated[int, Meta(ge=1, le=100)]
# The upper bounds keep a slip of the finger out of 64-bit arithmetic; nobody means more.
Notices = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Rate = Annotated[float, Meta(ge=0, le=10_000)]
Price = Annotated[float, Meta(ge=0, le=1_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Hours = Annotated[int, Meta(ge=0, le=87_600)]
Refusals = Annotated[int, Meta(ge=0, le=100)]
Days = Annotated[int, Meta(ge=1, le=3650)]
# A tab or a line end comes of a Windows path in double quotes, and belongs in no header and no command.
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z")]
OnUncertain = Literal["resend", "hold"]


class Email(Struct, frozen=True, forbid_unknown_fields=True):
    """[email]. `sender` is the key `from`, a From header; `cafile` a PEM file to trust in place of the system's.

    `calendar`: whether a message about an appointment brings a calendar file. `dkim_selector`: with which the mail
    server signs; notify doctor alone asks for it, and not where it is empty.
    """

    transport: Literal["outbox", "smtp"] = "outbox"
    host: Text = "localhost"
    port: Port = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    cafile: Text = ""
    username: Text = ""
    password_file: Text = ""
    password_env: Text = ""
    sender: Text = field(default="Nidelv legesenter <post@nidelv.example>", name="from")
    connections: Connections = 8
    on_uncertain: OnUncertain = "resend"
    calendar: bool = False
    dkim_selector: Text = ""


class SecondSms(Struct, frozen=True, forbid_unknown_fields=True):
    """[sms.second]: a gateway for what the first refuses for now. Its keys are those of [sms] that are a gateway's.

    `transport`: "none" where there is no second. `after`: a message that the first has refused for now more often than
    this goes by the second.
    """

    transport: Literal["none", GatewayName, "command"] = "none"
    after: Refusals = 2
    url: Text = ""
    username: Text = ""
    password_file: Text = ""
    password_env: Text = ""
    command: tuple[Text, ...] = ()
    platform_id: Text = ""
    platform_partner_id: Text = ""
    gate: Text = ""
    rate: Rate = 0
    connections: Connections = 10


class Sms(Struct, frozen=True, forbid_unknown_fields=True):
    """[sms]. `sender` is the key `from`: a name or a number.

    `command`: a program and its arguments. `rate`: messages a second, 0 for no limit. `price`: of a segment, in kroner,
    0 where no costs are to be shown. `platform_id`, `platform_partner_id` and `gate`, over which its reports come, are
    LINK Mobility's. `second`: [sms.second].
    """

    transport: Literal["outbox", GatewayName, "command"] = "outbox"
    url: Text = ""
    username: Text = ""
    password_file: Text = ""
    password_env: Text = ""
    sender: Text = field(default="Nidelv", name="from")
    command: tuple[Text, ...] = ()
    platform_id: Text = ""
    platform_partner_id: Text = ""
    gate: Text = ""
    rate: Rate = 0
    price: Price = 0
    connections: Connections = 10
    on_uncertain: OnUncertain = "hold"
    second: SecondSms = SecondSms()


class Push(Struct, frozen=True, forbid_unknown_fields=True):
    """[push]. `on_uncertain` is not in section 9, but section 7 speaks of it. `url`: where it is not the public one."""

    transport: Literal["outbox", "fcm"] = "outbox"
    url: Text = ""
    credentials_file: Text = ""
    connections: Connections = 10
    on_uncertain: OnUncertain = "resend"


class Receipts(Struct, frozen=True, forbid_unknown_fields=True):
    """[receipts]. Where bounces arrive: `maildir`, a folder, or the mailbox of an IMAP server; the password is IMAP's.

    `public_url`: the address, without the secret, at which gateways reach `notify receipts --listen`; the secret that
    goes into its path is named like a password.
    """

    maildir: Text = ""
    host: Text = ""
    port: Port = 993
    tls: Literal["starttls", "tls", "none"] = "tls"
    cafile: Text = ""
    username: Text = ""
    password_file: Text = ""
    password_env: Text = ""
    folder: Text = "INBOX"
    public_url: Text = ""
    secret_file: Text = ""
    secret_env: Text = ""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """[limits]. `max_due` in notices and `max_upset` as a share, 0 for no limit; `max_age_days` in days of 24 hours.

    `max_hours_without_import`: of appointments, 0 for no limit.
    """

    max_due: Notices = 5000
    max_upset: Share = 0.10
    max_age_days: Days = 7
    max_hours_without_import: Hours = 36


class Doctor(Struct, frozen=True, forbid_unknown_fields=True):
    """[doctor]. `nameserver`: an IP address, with a port or without; empty: the machine's own."""

    nameserver: Text = ""


class Import(Struct, frozen=True, forbid_unknown_fields=True):
    """[import]. `assume_consent`: of patients of whom no file says whether they consent.

    `consent_codes`: codes in FHIR Consents that are about notices, beside those whose words say so.
    """

    assume_consent: bool = False
    consent_codes: tuple[Text, ...] = ()


class Rehearsal(Struct, frozen=True, forbid_unknown_fields=True):
    """[rehearsal]. `only`: phone numbers, e-mail addresses, "@domains" and push tokens that are written to for real.

    Empty: no rehearsal.
    """

    only: tuple[Text, ...] = ()


class ThirdParty(Struct, frozen=True, forbid_unknown_fields=True):
    """[third_party]: whether that source of appointments sends its own notices."""

    digicare: bool = True
    helsenorge: bool = True


class ClinicSettings(Struct, frozen=True):
    """What holds for one clinic: its own keys, and everybody's where it has none.

    `third_party`: as in Settings. `wording`: a folder, absolute where the configuration's is. `columns`: the clinic's
    own name of a column -> the contract's. `statuses`: its own word for a status of an appointment -> the contract's.
    """

    email: Email
    sms: Sms
    push: Push
    third_party: dict[str, bool]
    wording: Path | None = None
    columns: dict[str, str] = {}
    imports: Import = Import()
    statuses: dict[str, str] = {}
    rehearsal: Rehearsal = Rehearsal()


class General(Struct, frozen=True, forbid_unknown_fields=True):
    """The keys above the first table. `database`: a file, or postgresql://… without its password."""

    database: Text = "notify.db"
    database_password_file: Text = ""
    database_password_env: Text = ""
    timezone: Text = "Europe/Oslo"


class Settings(General, frozen=True):
    """A whole configuration. `third_party`: source of an appointment -> whether it sends its own notices.

    `folder`: what relative paths in it are relative to. `path`: its file, None where the defaults hold.
    """

    email: Email = Email()
    sms: Sms = Sms()
    push: Push = Push()
    receipts: Receipts = Receipts()
    limits: Limits = Limits()
    doctor: Doctor = Doctor()
    third_party: dict[str, bool] = field(default_factory=lambda: {"digicare": True, "helsenorge": True})
    imports: Import = Import()
    rehearsal: Rehearsal = Rehearsal()
    clinic: dict[str, ClinicSettings] = {}
    folder: Path = Path()
    path: Path | None = None

    def for_clinic(self, clinic_id: str) -> ClinicSettings:
        """What holds for that clinic. Merged and checked when loaded, so that asking costs nothing."""
        own = self.clinic.get(clinic_id)
        return own or ClinicSettings(
            self.email, self.sms, self.push, self.third_party, imports=self.imports, rehearsal=self.rehearsal
        )
