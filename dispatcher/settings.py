"""What the environment decides: one class per owner, read once, passed down."""

import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _named(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(env_prefix=prefix, extra="ignore", frozen=True)


class PlaceSettings(BaseSettings):
    """Where this installation keeps its things and how the world reaches it."""

    model_config = _named("TOCSIN_")

    data_dir: Path = Field(Path(".tocsin"), description="ledger, keys, queue and sandbox live here")
    public_url: str = Field("", description="the address providers and residents reach, https")
    host: str = Field("127.0.0.1", description="where the web process listens")
    port: int = Field(8700, description="port of the web process; 0 chooses a free one")
    commune: str = Field("", description="INSEE code of the commune a command speaks of")
    public_port: int = Field(8701, description="port of the public page; 0: a free one")
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses, by commas, whose word on who asks is believed; *: any"
    )
    signups_daily: int = Field(
        300, ge=0, description="codes for sign-ups to telephones in a day; ten times as many mails"
    )


class LedgerSettings(BaseSettings):
    """The database."""

    model_config = _named("TOCSIN_")

    database_url: str = Field("", description="empty: SQLite in the data folder")


class QueueSettings(BaseSettings):
    """The bell and the shared pace."""

    model_config = _named("TOCSIN_")

    redis_url: str = Field("", description="empty: an embedded server is started")
    workers: int = Field(1, ge=1, description="worker processes that share the pace without Redis")


class TwilioSettings(BaseSettings):
    """A Twilio account for SMS and voice; without `account` the sandbox is used."""

    model_config = _named("TOCSIN_TWILIO_")

    account: str = Field("", description="account SID (AC…)")
    key: str = Field("", description="API key SID (SK…), for calls to the provider")
    secret: SecretStr = Field(SecretStr(""), description="secret of the API key")
    auth_token: SecretStr = Field(SecretStr(""), description="checks signatures of callbacks")
    sender: str = Field("", description="SMS sender; empty: the plan's emetteur_sms")
    number: str = Field("", description="number shown by voice calls, never 06 or 07")
    sms_rate: float = Field(10.0, gt=0, description="segments per second granted")
    voice_rate: float = Field(1.0, gt=0, description="calls per second granted")
    voice_lines: int = Field(0, ge=0, description="calls in progress at once; 0: no limit")
    base_url: str = Field("", description="another address than Twilio's own")
    sms_cost_eur: float = Field(0.0737, ge=0, description="price of a segment")
    voice_cost_eur: float = Field(0.03, ge=0, description="price of a call")


class AccountsSettings(BaseSettings):
    """Further accounts of any medium, beside those of the environment."""

    model_config = _named("TOCSIN_")

    accounts_file: Path | None = Field(None, description="TOML file of further accounts")


def named_secret(variable: str) -> SecretStr | None:
    """Return the secret in an environment variable that the accounts file names; None without."""
    value = os.environ.get(variable)  # noqa: TID251 - its name is known from the file alone
    return SecretStr(value) if value else None


class SmtpSettings(BaseSettings):
    """The mail server; without `host` the sandbox is used."""

    model_config = _named("TOCSIN_SMTP_")

    host: str = Field("", description="name of the server, as its certificate says")
    port: int = Field(587, description="587 for STARTTLS, 465 for implicit TLS")
    tls: str = Field(
        "starttls", pattern="^(starttls|implicit)$", description="starttls or implicit"
    )
    user: str = Field("", description="name that signs in")
    password: SecretStr = Field(SecretStr(""), description="its password")
    sender: str = Field("", description="address that mails come from")
    bounces: str = Field("", description="address that bounces come to; empty: the sender")
    ca_file: str = Field("", description="authority of a private server's certificate")
    rate: float = Field(20.0, gt=0, description="mails per second granted")


class BouncesSettings(BaseSettings):
    """The mailbox that bounces come to; not read without `host`."""

    model_config = _named("TOCSIN_BOUNCES_")

    host: str = Field("", description="IMAP server of the bounces' mailbox, as certified")
    port: int = Field(993, description="993 for implicit TLS, 143 for STARTTLS")
    tls: str = Field(
        "implicit", pattern="^(starttls|implicit)$", description="implicit or starttls"
    )
    user: str = Field("", description="name that opens the mailbox")
    password: SecretStr = Field(SecretStr(""), description="its password")
    folder: str = Field("INBOX", description="folder that is read; nothing in it is changed")
    ca_file: str = Field("", description="authority of a private server's certificate")
    every_s: float = Field(30.0, ge=1, description="seconds between two looks")


class WebhookSettings(BaseSettings):
    """Webhooks out; sent when a signing secret is set, to the sandbox otherwise."""

    model_config = _named("TOCSIN_WEBHOOK_")

    signing: SecretStr = Field(SecretStr(""), description="whsec_… secret that signs")
    rate: float = Field(20.0, gt=0, description="requests per second")
    host_rate: float = Field(5.0, gt=0, description="requests per second to any one host")


class AlarmSettings(BaseSettings):
    """Who is told when something does not work, and when that is tried."""

    model_config = _named("TOCSIN_ALARM_")

    to: str = Field("", description="those on call: +33…, e-mail, https addresses, by commas")
    canary: str = Field("", description="who gets each account's daily test, like TOCSIN_ALARM_TO")
    hour: int = Field(10, ge=0, le=23, description="local hour of the daily checks and tests")
    zone: str = Field("Europe/Paris", description="time zone of that hour")

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(value)
        return value


class OidcSettings(BaseSettings):
    """Signing in by a State or regional provider (OpenID Connect); none without `issuer`."""

    model_config = _named("TOCSIN_OIDC_")

    issuer: str = Field("", description="address of the provider, exactly as it names itself")
    client_id: str = Field("", validate_default=True, description="what the provider calls us")
    client_secret: SecretStr = Field(SecretStr(""), description="what shows it that it is us")
    label: str = Field(
        "ProConnect", pattern=r"^[^%\x00-\x1f]{1,40}$", description="its name on the buttons"
    )
    scopes: str = Field(
        "openid email profile", pattern=r"\bopenid\b", description="what it is asked for"
    )
    acr: str = Field("", description="level that it must vouch for (acr); empty: any")
    second_factor: bool = Field(
        False,
        description="its sign-in counts as two factors where acr or amr says so: yes or no",
    )
    ca_file: str = Field("", description="authority of a private provider's certificate")

    @field_validator("issuer")
    @classmethod
    def _guarded(cls, value: str) -> str:
        if value and not guarded_address(value, loopback=True):
            raise ValueError(value)
        return value

    @field_validator("client_id")
    @classmethod
    def _named_to_it(cls, value: str, told: ValidationInfo) -> str:
        if told.data.get("issuer") and not value:
            raise ValueError(value)
        return value


def guarded_address(url: str, *, loopback: bool) -> bool:
    """Tell whether an address is https, or, where `loopback` says so, of this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or not url.isascii() or not url.isprintable():
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class BinderSettings(BaseSettings):
    """The crisis binder, made each night and copied off the server."""

    model_config = _named("TOCSIN_BINDER_")

    to: SecretStr = Field(SecretStr(""), description="folder (a mounted share) or https address")
    recipient: str = Field("", description="public key that binders are sealed with")
    hour: int = Field(2, ge=0, le=23, description="local hour from which the night's one is made")
    keep_days: int = Field(14, ge=1, description="days that binders are kept in the folder")


class WitnessSettings(BaseSettings):
    """Where the end of the logbook is told each minute, out of reach of who holds this server."""

    model_config = _named("TOCSIN_WITNESS_")

    to: SecretStr = Field(SecretStr(""), description="folder (a mounted share) or https address")


class MapSettings(BaseSettings):
    """What lies under the map's own layers; without any of these nothing is asked from anyone."""

    model_config = _named("TOCSIN_MAP_")

    pmtiles: Path | None = Field(None, description="PMTiles file of the ground, served by us")
    tiles: str = Field("", description="ign, or an https address with {z}, {x} and {y}")
    attribution: str = Field("", description="whom to thank for them, as their licence asks")
    maxzoom: int = Field(19, ge=0, le=22, description="the finest of these tiles")

    @field_validator("tiles")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value in ("", "ign"):
            return value
        blanks = all(blank in value for blank in ("{z}", "{x}", "{y}"))
        if not blanks or not guarded_address(value, loopback=True):
            raise ValueError(value)
        return value


class ReadySettings(BaseSettings):
    """What « Prêt ? » is asked with, beside the accounts themselves."""

    model_config = _named("TOCSIN_READY_")

    resolver: str = Field("", description="DNS server asked, address or address:port; empty: ours")
    dkim_selector: str = Field("", description="selector of the DKIM key that signs the mails")


class BackupSettings(BaseSettings):
    """Where the last backup shows: nothing of it is read but its age."""

    model_config = _named("TOCSIN_BACKUP_")

    marker: Path | None = Field(
        None, description="file that each backup touches, or the folder that backups come to"
    )


class TeamsSettings(BaseSettings):
    """Teams in the field."""

    model_config = _named("TOCSIN_TEAMS_")

    speed_kmh: float = Field(
        30.0, gt=0, le=200, description="speed by which a straight-line time is told"
    )


class SandboxSettings(BaseSettings):
    """The pretend providers, used for each medium that has no provider."""

    model_config = _named("TOCSIN_SANDBOX_")

    rate: float = Field(400.0, gt=0, description="units per second of each pretend account")


def ledger_url(place: PlaceSettings, ledger: LedgerSettings) -> str:
    """Return the SQLAlchemy address of the ledger, with an async driver named."""
    url = ledger.database_url or f"sqlite:///{place.data_dir.resolve() / 'ledger.sqlite'}"
    for plain, driven in (
        ("sqlite://", "sqlite+aiosqlite://"),
        ("postgresql://", "postgresql+psycopg://"),
        ("postgres://", "postgresql+psycopg://"),
    ):
        if url.startswith(plain):
            return driven + url.removeprefix(plain)
    return url
