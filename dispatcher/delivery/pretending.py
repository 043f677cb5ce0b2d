"""The pretend accounts: what the running sandbox told of itself, as accounts of each medium."""

import json
from collections.abc import Mapping
from pathlib import Path

import orjson
from pydantic import SecretStr

from channels.contract import AccountSettings

NO_SENDER = "Commune"  # replaced in each message by the sender of the commune that speaks


class NoSandbox(Exception):
    """A medium has no provider, and the sandbox is not running."""


def told_by_sandbox(data_dir: Path) -> Mapping[str, object]:
    """Return what the running sandbox told; raises OSError or ValueError."""
    told: Mapping[str, object] = json.loads((data_dir / "sandbox" / "sandbox.json").read_text())
    return told


def pretend_accounts(
    doors: Mapping[str, object], *, rate_per_s: float
) -> Mapping[str, tuple[AccountSettings, ...]]:
    """Return the sandbox's accounts by medium: two operators for SMS. Raises NoSandbox."""
    smtp = doors["smtp"]
    if not isinstance(smtp, Mapping) or "texto_key" not in doors:
        raise NoSandbox("The sandbox's sandbox.json is damaged: start the sandbox again.")
    phone = {
        "account_sid": str(doors["account_sid"]),
        "api_key": str(doors["api_key"]),
        "sender": NO_SENDER,
        "caller": "+33199000001",  # a fiction number
        "base_url": str(doors["http"]),
    }
    secret = _secrets(doors, "api_secret", "auth_token")
    mail = {
        "host": str(smtp["host"]),
        "port": str(smtp["port"]),
        "tls": "starttls",
        "sender": "alerte@commune.example",
        "ca_file": str(smtp["ca_file"]),
    }
    signing = {"signing": SecretStr(str(doors["webhook_secret"]))}
    relay = {"relay": f"{doors['http']}/webhooks"}

    def account(
        name: str, kind: str, values: Mapping[str, str], secrets: Mapping[str, SecretStr]
    ) -> AccountSettings:
        return AccountSettings(
            name, kind, rate_per_s=rate_per_s, sandbox=True, values=values, secrets=secrets
        )

    return {
        "sms": (
            account("sandbox-sms", "twilio-sms", phone, secret),
            texto(doors, name="sandbox-texto", rate_per_s=rate_per_s),
        ),
        "voice": (account("sandbox-voice", "twilio-voice", phone, secret),),
        "email": (account("sandbox-email", "smtp", mail, _secrets(smtp, "user", "password")),),
        "webhook": (account("sandbox-webhook", "webhook", relay, signing),),
    }


def texto(doors: Mapping[str, object], *, name: str, rate_per_s: float) -> AccountSettings:
    """Describe the sandbox's second SMS operator as any provider by HTTP is described."""
    http = str(doors["http"])
    tables = {
        "fields": {
            "message": {"to": "{to}", "from": "{sender}", "text": "{text}"},
            "client_ref": "{delivery}",
            "notify_url": "{callback}",
            "validity_s": "{validity_s}",
        },
        "answer": {
            "reference": "message.id",
            "code": "error.code",
            "codes": {
                **dict.fromkeys(("invalid_number", "landline", "opted_out"), "refused"),
                **dict.fromkeys(("empty_text", "text_too_long"), "refused"),
                "throttled": "later",
            },
            "gone": ["invalid_number"],
        },
        "receipt": {
            "reference": "id",
            "status": "state",
            "detail": "reason",
            "signature": "hmac-sha256-hex",
            "gone": ["30005"],
            "header": "X-Texto-Signature",
            "statuses": {
                "QUEUED": "queued",
                "ENROUTE": "sent",
                "DELIVRD": "delivered",
                "UNDELIV": "undelivered",
                "REJECTD": "failed",
            },
        },
        "find": {
            "url": f"{http}/texto/v1/messages?client_ref={{delivery}}",
            "list": "messages",
            "reference": "id",
            "status": "state",
            "detail": "reason",
        },
        "check": {"url": f"{http}/texto/v1/account", "credit": "account.credit", "least": 5},
    }
    return AccountSettings(
        name,
        "http-sms",
        rate_per_s=rate_per_s,
        sandbox=True,
        values={
            "url": f"{http}/texto/v1/messages",
            "sender": NO_SENDER,
            **{key: orjson.dumps(table).decode() for key, table in tables.items()},
        },
        secrets={
            "key": SecretStr(str(doors["texto_key"])),
            "receipts": SecretStr(str(doors["texto_secret"])),
        },
    )


def _secrets(doors: Mapping[str, object], *names: str) -> Mapping[str, SecretStr]:
    return {name: SecretStr(str(doors[name])) for name in names}
