"""The sandbox account's identifiers and secrets, made once per data folder."""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

MAIL_USER = "tocsin"


@dataclass(frozen=True)
class Credentials:
    """What a client needs to be let in; worth nothing outside this sandbox."""

    account_sid: str
    api_key: str
    api_secret: str
    auth_token: str
    smtp_password: str
    webhook_secret: str
    texto_key: str
    texto_secret: str

    @property
    def basic_headers(self) -> tuple[str, str]:
        """The two Authorization headers that are let in: API key, or account and token."""
        pairs = ((self.api_key, self.api_secret), (self.account_sid, self.auth_token))
        first, second = (
            "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
            for user, secret in pairs
        )
        return first, second

    def admit(self, authorization: str) -> bool:
        """Say whether this Authorization header is one of the account's."""
        given = authorization.encode()
        return any(hmac.compare_digest(given, known.encode()) for known in self.basic_headers)


def keep_credentials(folder: Path) -> Credentials:
    """Read the folder's credentials, or make them: a restarted sandbox knows its old clients."""
    path = folder / "credentials.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    if kept.keys() >= {one.name for one in fields(Credentials)}:
        return Credentials(**kept)
    made = Credentials(
        account_sid="AC" + secrets.token_hex(16),
        api_key="SK" + secrets.token_hex(16),
        api_secret=secrets.token_urlsafe(24),
        auth_token=secrets.token_hex(16),
        smtp_password=secrets.token_urlsafe(24),
        webhook_secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        texto_key=secrets.token_urlsafe(24),
        texto_secret=secrets.token_urlsafe(24),
    )
    made = replace(made, **kept)  # those of an older sandbox stay
    write_private(path, json.dumps(asdict(made)))
    return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)
