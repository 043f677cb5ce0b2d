"""For each kind of account: how to reach the sandbox with it, and what it must answer to what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import SecretStr

from channels.contract import (
    AccountSettings,
    Address,
    AttemptToken,
    Message,
    NotAccepted,
    Refused,
    Unavailable,
    Unknown,
)
from dispatcher.delivery.pretending import texto
from tests.sandbox_process import SandboxHandle

PUBLIC_URL: Final = "https://alerte.valombre.example"
TEXT: Final = (
    "Crue de la Lerne : montez à l'étage. Répondez : https://alerte.valombre.example/a/xyz"
)


@dataclass(frozen=True)
class Expected:
    """One kind's entry in the contract: None where the answer is a receipt."""

    account: Callable[[SandboxHandle], AccountSettings]
    unreachable: Mapping[str, str]
    address: Address
    bad_address: Address
    refusal: type[NotAccepted] | None
    too_fast: tuple[str, type[NotAccepted]] | None
    never_accepted: tuple[str, type[NotAccepted]] | None
    answer_lost: tuple[str, type[NotAccepted]] | None
    server_error: tuple[str, type[NotAccepted]] | None
    found_again: bool
    told_when_asked: bool = False
    faults_of: str = ""  # the sandbox's own name of this provider, where it is not the medium


def twilio(sandbox: SandboxHandle, kind: str) -> AccountSettings:
    """Give an account at the sandbox's pretend Twilio."""
    return AccountSettings(
        kind,
        kind,
        rate_per_s=100.0,
        sandbox=True,
        values={
            "account_sid": sandbox.account_sid,
            "api_key": sandbox.api_key,
            "sender": "Valombre",
            "caller": "+33199000000",
            "base_url": sandbox.http,
        },
        secrets={
            "api_secret": SecretStr(sandbox.api_secret),
            "auth_token": SecretStr(sandbox.auth_token),
        },
    )


def smtp(sandbox: SandboxHandle) -> AccountSettings:
    """Give an account at the sandbox's mail server."""
    return AccountSettings(
        "smtp",
        "smtp",
        rate_per_s=100.0,
        sandbox=True,
        values={
            "host": sandbox.smtp_host,
            "port": str(sandbox.smtp_port),
            "tls": "starttls",
            "sender": "alerte@valombre.example",
            "ca_file": str(sandbox.ca_file),
        },
        secrets={
            "user": SecretStr(sandbox.smtp_user),
            "password": SecretStr(sandbox.smtp_password),
        },
    )


def webhook(sandbox: SandboxHandle) -> AccountSettings:
    """Give an account whose requests the sandbox takes."""
    return AccountSettings(
        "webhook",
        "webhook",
        rate_per_s=100.0,
        sandbox=True,
        values={"relay": f"{sandbox.http}/webhooks"},
        secrets={"signing": SecretStr(sandbox.webhook_secret)},
    )


def http_sms(sandbox: SandboxHandle) -> AccountSettings:
    """Give an account at the sandbox's second SMS operator."""
    doors = {name: getattr(sandbox, name) for name in ("http", "texto_key", "texto_secret")}
    return texto(doors, name="http-sms", rate_per_s=100.0)


def rehearsal(_: SandboxHandle) -> AccountSettings:
    """Give the account that reaches nobody."""
    return AccountSettings(
        "rehearsal-sms", "rehearsal", rate_per_s=100.0, sandbox=True, values={"medium": "sms"}
    )


def _phone(kind: str, medium: str) -> Expected:
    return Expected(
        account=lambda sandbox: twilio(sandbox, kind),
        unreachable={"base_url": "http://127.0.0.1:{port}"},
        address=Address(medium, "+33639980042"),
        bad_address=Address(medium, "+3363"),
        refusal=Refused,
        too_fast=("429", Unavailable),
        never_accepted=("refuse_500_before", Unknown),
        answer_lost=("accept_then_drop", Unknown),
        server_error=("accept_then_500", Unknown),
        found_again=True,
        told_when_asked=True,
    )


EXPECTED: Final[Mapping[str, Expected]] = {
    "twilio-sms": _phone("twilio-sms", "sms"),
    "twilio-voice": _phone("twilio-voice", "voice"),
    "http-sms": replace(
        _phone("http-sms", "sms"),
        account=http_sms,
        unreachable={
            "url": "http://127.0.0.1:{port}/texto/v1/messages",
            "find": "{{}}",
            "check": "{{}}",
        },
        faults_of="texto",
    ),
    "smtp": Expected(
        account=smtp,
        unreachable={"port": "{port}"},
        address=Address("email", "camille@valombre.example"),
        bad_address=Address("email", "camille@valombre.example\r\nRCPT TO:<autre@x.example>"),
        refusal=Refused,
        too_fast=("smtp_450", Unavailable),
        never_accepted=("smtp_421", Unavailable),
        answer_lost=("drop_after_data", Unknown),
        server_error=("drop_before", Unknown),
        found_again=False,
    ),
    "webhook": Expected(
        account=webhook,
        unreachable={"relay": "http://127.0.0.1:{port}/webhooks"},
        address=Address("webhook", "https://sdis.example/alertes?canal=1"),
        bad_address=Address("webhook", "http://sdis.example/alertes"),
        refusal=Refused,
        too_fast=("429", Unavailable),
        # Its id is the same each time and the receiver keeps it once: never in doubt.
        never_accepted=("refuse_500_before", Unavailable),
        answer_lost=("accept_then_drop", Unavailable),
        server_error=("accept_then_500", Unavailable),
        found_again=False,
    ),
    "rehearsal": Expected(
        account=rehearsal,
        unreachable={},
        address=Address("sms", "+33639980042"),
        bad_address=Address("sms", "+3363"),
        refusal=None,
        too_fast=None,
        never_accepted=None,
        answer_lost=None,
        server_error=None,
        found_again=True,
        told_when_asked=True,
    ),
}


def message(*, text: str = TEXT, language: str = "fr") -> Message:
    """Give an alert that one person is to receive."""
    return Message(
        alert="alerte-1",
        text=text,
        issuer="Mairie de Valombre-sur-Lerne",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        language=language,
        subject="Crue de la Lerne",
        answer_url="https://alerte.valombre.example/a/xyz",
        data={"type": "alert.published"},
    )


def token(number: int = 1) -> AttemptToken:
    """Give an attempt's name."""
    return AttemptToken(f"c-livraison{number}-1-abcdefghijklmnop", f"livraison{number}")


def moved(account: AccountSettings, **values: str) -> AccountSettings:
    """Give the same account with other values."""
    return replace(account, values={**account.values, **values})
