"""The provider accounts of this installation: what is configured, and the sandbox for the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from channels.contract import AccountSettings
from channels.http_sms_receipts import ReceiptDesk
from dispatcher.delivery.accounts_file import file_accounts
from dispatcher.delivery.pretending import (
    NO_SENDER,
    NoSandbox,
    pretend_accounts,
    told_by_sandbox,
)
from dispatcher.settings import (
    AccountsSettings,
    SandboxSettings,
    SmtpSettings,
    TwilioSettings,
    WebhookSettings,
)

__all__ = ["NoSandbox"]

MEDIA = ("sms", "voice", "email", "webhook")
PRETENDED: Mapping[str, int] = {"sms": 2, "voice": 1, "email": 1, "webhook": 1}  # accounts

SETTINGS: Mapping[str, str] = {  # that give a medium its provider
    "sms": "TOCSIN_TWILIO_…",
    "voice": "TOCSIN_TWILIO_…",
    "email": "TOCSIN_SMTP_…",
    "webhook": "TOCSIN_WEBHOOK_SIGNING",
}


@dataclass(frozen=True)
class Route:
    """One account that a medium's deliveries may take."""

    medium: str
    route: str  # live: real or sandbox
    account: AccountSettings
    cost_eur: float = 0.0
    expires: date | None = None  # its key or contract, where the accounts file says so
    canary: str = ""  # who gets its daily test


def routes(data_dir: Path) -> tuple[Route, ...]:
    """Return the accounts of the worker: real where configured, the sandbox's otherwise.

    What is rehearsed has its own, in a process of its own (`dispatcher.rehearsals`). Each commune's
    messages carry its own sender (its plan's `emetteur_sms`). Raises NoSandbox; AccountsFault when
    the accounts file cannot be used.
    """
    live = live_routes()
    bare = [medium for medium in MEDIA if not any(one.medium == medium for one in live)]
    pretend = _pretend(data_dir) if bare else {}
    sandboxed = tuple(one for medium in bare for one in pretend[medium])
    return live + sandboxed


def live_routes() -> tuple[Route, ...]:
    """Return the accounts that reach people: of the environment first, then of the file."""
    twilio, smtp, webhook = TwilioSettings(), SmtpSettings(), WebhookSettings()
    named = [*_twilio(twilio)] if twilio.account else []
    if smtp.host:
        named.append(Route("email", "live", _smtp(smtp)))
    if webhook.signing.get_secret_value():
        named.append(Route("webhook", "live", _webhook(webhook)))
    taken = frozenset(one.account.name for one in named)
    more = (
        Route(one.medium, "live", one.account, one.cost_eur, one.expires, one.canary)
        for one in file_accounts(AccountsSettings().accounts_file, taken=taken)
    )
    return (*named, *more)


@dataclass(frozen=True)
class Granted:
    """What a medium's accounts grant together and cost: units per second, euros per unit.

    `real` says that a provider takes its messages, rather than the sandbox.
    """

    per_second: float
    cost_eur: float
    real: bool = False


def granted() -> Mapping[str, Granted]:
    """Return what the configured accounts grant, for honest estimates; opens nothing.

    The dearest account is the price: which of them takes a message is not known before.
    """
    live, pretend = live_routes(), SandboxSettings().rate
    twilio = TwilioSettings()
    told = {"sms": twilio.sms_cost_eur, "voice": twilio.voice_cost_eur}
    found = {}
    for medium in MEDIA:
        of_medium = [one for one in live if one.medium == medium]
        found[medium] = Granted(
            sum(one.account.rate_per_s for one in of_medium) or pretend * PRETENDED[medium],
            max((one.cost_eur for one in of_medium), default=told.get(medium, 0.0)),
            real=bool(of_medium),
        )
    return found


def granted_by(accounts: Sequence[Route]) -> Mapping[str, Granted]:
    """Return what these accounts grant to alerts: what a worker holds, opened or not."""
    live = [one for one in accounts if one.route == "live"]
    found = {}
    for medium in MEDIA:
        mine = [one for one in live if one.medium == medium]
        found[medium] = Granted(
            sum(one.account.rate_per_s for one in mine),
            max((one.cost_eur for one in mine), default=0.0),
            real=any(not one.account.sandbox for one in mine),
        )
    return found


def live_media() -> frozenset[str]:
    """Return the media that a configured provider sends for real."""
    return frozenset(one.medium for one in live_routes())


def needs_sandbox() -> bool:
    """Tell whether some medium has no provider, so that the sandbox must run."""
    return len(live_media()) < len(MEDIA)


@dataclass(frozen=True)
class CallbackKeys:
    """What proves callbacks: Twilio's secrets, and the receipt desks of accounts by HTTP.

    `inbound` are the secrets of Twilio's accounts by name: each hands in what comes to its number.
    """

    twilio: tuple[str, ...] = field(default=(), repr=False)
    receipts: Mapping[str, ReceiptDesk] = field(default_factory=dict, repr=False)
    inbound: Mapping[str, str] = field(default_factory=dict, repr=False)


def callback_keys(data_dir: Path) -> CallbackKeys:
    """Return what proves callbacks of the configured accounts, and of the sandbox's.

    Nothing where a medium has no account at all: then no callback is genuine.
    """
    try:
        found = [one.account for one in routes(data_dir) if one.route == "live"]
    except NoSandbox:
        found = [one.account for one in live_routes()]
    signing = [one for one in found if "auth_token" in one.secrets]
    inbound = {one.name: one.secrets["auth_token"].get_secret_value() for one in signing}
    desks = {one.name: ReceiptDesk.of(one) for one in found if one.kind == "http-sms"}
    return CallbackKeys(
        tuple(dict.fromkeys(secret for secret in inbound.values() if secret)),
        {name: desk for name, desk in desks.items() if desk is not None},
        {name: secret for name, secret in inbound.items() if secret},
    )


def _twilio(settings: TwilioSettings) -> tuple[Route, Route]:
    values = {
        "account_sid": settings.account,
        "api_key": settings.key,
        "sender": settings.sender or NO_SENDER,
        "caller": settings.number,
        "base_url": settings.base_url,
    }
    secrets = {"api_secret": settings.secret, "auth_token": settings.auth_token}

    def account(kind: str, rate: float, lines: int = 0) -> AccountSettings:
        kept = {k: v for k, v in values.items() if v}
        if lines:
            kept["in_progress"] = str(lines)
        return AccountSettings(kind, kind, rate_per_s=rate, values=kept, secrets=secrets)

    return (
        Route("sms", "live", account("twilio-sms", settings.sms_rate), settings.sms_cost_eur),
        Route(
            "voice",
            "live",
            account("twilio-voice", settings.voice_rate, settings.voice_lines),
            settings.voice_cost_eur,
        ),
    )


def _smtp(settings: SmtpSettings) -> AccountSettings:
    values = {
        "host": settings.host,
        "port": str(settings.port),
        "tls": settings.tls,
        "sender": settings.sender,
        "bounces": settings.bounces,
        "ca_file": settings.ca_file,
    }
    return AccountSettings(
        "smtp",
        "smtp",
        rate_per_s=settings.rate,
        values={k: v for k, v in values.items() if v},
        secrets={"user": SecretStr(settings.user), "password": settings.password},
    )


def _webhook(settings: WebhookSettings) -> AccountSettings:
    return AccountSettings(
        "webhook", "webhook", rate_per_s=settings.rate, secrets={"signing": settings.signing}
    )


def sandbox_doors(data_dir: Path) -> Mapping[str, object]:
    """Return what the running sandbox told of itself; raises NoSandbox."""
    try:
        return told_by_sandbox(data_dir)
    except (OSError, ValueError) as error:
        bare = [f"{medium} ({SETTINGS[medium]})" for medium in MEDIA if medium not in live_media()]
        raise NoSandbox(
            f"No provider is set for {', '.join(bare)} and the sandbox is not running: set them,"
            " or start the sandbox with 'tocsin run'."
        ) from error


def _pretend(data_dir: Path) -> Mapping[str, tuple[Route, ...]]:
    doors = sandbox_doors(data_dir)
    found = pretend_accounts(doors, rate_per_s=SandboxSettings().rate)
    return {
        medium: tuple(Route(medium, "live", one) for one in accounts)
        for medium, accounts in found.items()
    }
