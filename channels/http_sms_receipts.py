"""Receipts that a provider of SMS by HTTP posts: proved, then read as its description says."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import orjson
from pydantic import SecretStr

from channels.contract import AccountSettings, Receipt
from channels.http_blanks import text_at
from channels.http_sms_words import ReceiptWords, described

FORM = "application/x-www-form-urlencoded"


class Forged(ValueError):
    """A receipt that the provider did not make."""


class Meaningless(ValueError):
    """A receipt without a status that the description knows."""


@dataclass(frozen=True)
class Posted:
    """What came: names of headers in lower case."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class ReceiptDesk:
    """Reads the receipts of one account."""

    words: ReceiptWords
    secret: SecretStr = field(repr=False)

    @classmethod
    def of(cls, account: AccountSettings) -> "ReceiptDesk | None":
        """Return the desk of an account; None where it gives no receipts. Raises ValueError."""
        words = described(account).receipt
        secret = account.secrets.get("receipts", SecretStr(""))
        return cls(words, secret) if words.status else None

    def read(self, posted: Posted, *, token: str) -> tuple[str, Receipt]:
        """Return the attempt's token, and what is said of it. Raises Forged or Meaningless.

        `token` is the end of the address: our own attempt token, which only this provider was
        given; at a fixed address any word, and then the signature alone is the proof.
        """
        self._prove(posted)
        found = _read(posted)
        attempt = text_at(found, self.words.attempt) if self.words.attempt else token
        told = text_at(found, self.words.status)
        status = self.words.statuses.get(told)
        if not attempt or status is None:
            raise Meaningless(f"No attempt, or the unknown status {told[:40]!r}.")
        reference = text_at(found, self.words.reference) or None
        detail = self.words.detail_of(told, text_at(found, self.words.detail))
        return attempt, Receipt(reference, status, detail)

    def _prove(self, posted: Posted) -> None:
        if not self.words.signature:
            return  # the attempt's own token in the address is the proof
        given = posted.headers.get(self.words.header.lower(), "")
        key = self.secret.get_secret_value().encode()
        digest = hmac.digest(key, posted.body, "sha256")
        wanted = {
            "hmac-sha256-hex": digest.hex().encode(),
            "hmac-sha256-base64": base64.b64encode(digest),
            "secret": key,
        }[self.words.signature]
        bare = given.removeprefix("sha256=")
        if not key or not hmac.compare_digest(bare.encode(), wanted):
            raise Forged("The signature does not match.")


def _read(posted: Posted) -> object:
    kind = posted.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == FORM:
            return dict(parse_qsl(posted.body.decode(), keep_blank_values=True))
        return orjson.loads(posted.body)
    except ValueError as error:
        raise Meaningless("The receipt cannot be read.") from error
