"""The provider accounts of this installation: what is configured, and the sandbox for the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from channels.contract import AccountSettings
from dispatcher.settings import SandboxSettings, SmtpSettings, TwilioSettings, WebhookSettings

NO_SENDER = "Commune"  # replaced in each message by the sender of the commune that speaks
MEDIA = ("sms", "voice", "email", "webhook")


SETTINGS: Mapping[str, str] = {  # that give a medium its provider
    "sms": "TOCSIN_TWILIO_…",
    "voice": "TOCSIN_TWILIO_…",
    "email": "TOCSIN_SMTP_…",
    "webhook": "TOCSIN_WEBHOOK_SIGNING",
}


class NoSandbox(Exception):
    """A medium has no provider, and the sandbox is not running."""


@dataclass(frozen=True)
class Route:
    """One account that a medium's deliveries may take."""

    medium: str
    route: str  # live (real or sandbox) | rehearsal
    account: AccountSettings
    cost_eur: float = 0.0


def routes(data_dir: Path) -> tuple[Route, ...]:
    """Return every account: live where configured, the sandbox's otherwise, and the rehearsal's.

    Each commune's messages carry its own sender (its plan's `emetteur_sms`). Raises NoSandbox.
    """
    twilio, smtp, webhook = TwilioSettings(), SmtpSettings(), WebhookSettings()
    live = {
        **(_twilio(twilio) if twilio.account else {}),
        **({"email": Route("email", "live", _smtp(smtp))} if smtp.host else {}),
        **(
            {"webhook": Route("webhook", "live", _webhook(webhook))}
            if webhook.signing.get_secret_value()
            else {}
        ),
    }
    pretend = _sandbox(data_dir) if len(live) < len(MEDIA) else {}
    rehearsal = tuple(_rehearsal(medium) for medium in MEDIA)
    return tuple(live.get(medium) or pretend[medium] for medium in MEDIA) + rehearsal


@dataclass(frozen=True)
class Granted:
    """What a medium's account grants and costs: units per second, euros per unit."""

    per_second: float
    cost_eur: float


def granted() -> Mapping[str, Granted]:
    """Return what the configured accounts grant, for honest estimates; opens nothing."""
    twilio, smtp, webhook = TwilioSettings(), SmtpSettings(), WebhookSettings()
    pretend = SandboxSettings().rate
    phone = bool(twilio.account)
    return {
        "sms": Granted(twilio.sms_rate if phone else pretend, twilio.sms_cost_eur),
        "voice": Granted(twilio.voice_rate if phone else pretend, twilio.voice_cost_eur),
        "email": Granted(smtp.rate if smtp.host else pretend, 0.0),
        "webhook": Granted(webhook.rate if webhook.signing.get_secret_value() else pretend, 0.0),
    }


def live_media() -> frozenset[str]:
    """Return the media that a configured provider sends for real."""
    live = {"sms", "voice"} if TwilioSettings().account else set()
    live |= {"email"} if SmtpSettings().host else set()
    live |= {"webhook"} if WebhookSettings().signing.get_secret_value() else set()
    return frozenset(live)


def needs_sandbox() -> bool:
    """Tell whether some medium has no provider, so that the sandbox must run."""
    return len(live_media()) < len(MEDIA)


def twilio_auth_token(data_dir: Path) -> str:
    """Return the secret that callbacks are signed with: the account's, or the sandbox's.

    Empty when neither is there; then no callback is genuine.
    """
    settings = TwilioSettings()
    if settings.account:
        return settings.auth_token.get_secret_value()
    try:
        return str(sandbox_doors(data_dir)["auth_token"])
    except NoSandbox:
        return ""


def _twilio(settings: TwilioSettings) -> Mapping[str, Route]:
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

    return {
        "sms": Route(
            "sms", "live", account("twilio-sms", settings.sms_rate), settings.sms_cost_eur
        ),
        "voice": Route(
            "voice",
            "live",
            account("twilio-voice", settings.voice_rate, settings.voice_lines),
            settings.voice_cost_eur,
        ),
    }


def _smtp(settings: SmtpSettings) -> AccountSettings:
    values = {
        "host": settings.host,
        "port": str(settings.port),
        "tls": settings.tls,
        "sender": settings.sender,
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


def _rehearsal(medium: str) -> Route:
    account = AccountSettings(
        f"rehearsal-{medium}",
        "rehearsal",
        rate_per_s=1000.0,
        sandbox=True,
        values={"medium": medium},
    )
    return Route(medium, "rehearsal", account)


def sandbox_doors(data_dir: Path) -> Mapping[str, object]:
    """Return what the running sandbox told of itself; raises NoSandbox."""
    try:
        told: Mapping[str, object] = json.loads((data_dir / "sandbox" / "sandbox.json").read_text())
    except (OSError, ValueError) as error:
        bare = [f"{medium} ({SETTINGS[medium]})" for medium in MEDIA if medium not in live_media()]
        raise NoSandbox(
            f"No provider is set for {', '.join(bare)} and the sandbox is not running: set them,"
            " or start the sandbox with 'tocsin run'."
        ) from error
    return told


def _sandbox(data_dir: Path) -> Mapping[str, Route]:
    doors = sandbox_doors(data_dir)
    smtp = doors["smtp"]
    if not isinstance(smtp, Mapping):
        raise NoSandbox("The sandbox's sandbox.json is damaged: start the sandbox again.")
    rate = SandboxSettings().rate
    phone = {
        "account_sid": str(doors["account_sid"]),
        "api_key": str(doors["api_key"]),
        "sender": NO_SENDER,
        "caller": "+33199000001",  # a fiction number
        "base_url": str(doors["http"]),
    }
    secret = {name: SecretStr(str(doors[name])) for name in ("api_secret", "auth_token")}
    mail = {
        "host": str(smtp["host"]),
        "port": str(smtp["port"]),
        "tls": "starttls",
        "sender": "alerte@commune.example",
        "ca_file": str(smtp["ca_file"]),
    }
    sign_in = {name: SecretStr(str(smtp[name])) for name in ("user", "password")}
    signing = {"signing": SecretStr(str(doors["webhook_secret"]))}
    relay = {"relay": f"{doors['http']}/webhooks"}
    kinds = (
        ("sms", "twilio-sms", phone, secret),
        ("voice", "twilio-voice", phone, secret),
        ("email", "smtp", mail, sign_in),
        ("webhook", "webhook", relay, signing),
    )
    return {
        medium: Route(
            medium,
            "live",
            AccountSettings(
                f"sandbox-{medium}",
                kind,
                rate_per_s=rate,
                sandbox=True,
                values=values,
                secrets=secrets,
            ),
        )
        for medium, kind, values, secrets in kinds
    }
