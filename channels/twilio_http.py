"""One Twilio account over HTTP: what is asked of it, and what its answers say."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote_plus, urlsplit

import orjson

from channels.answers import from_status, unreadable
from channels.contract import (
    AccountSettings,
    Attempt,
    NotAccepted,
    Receipt,
    Refused,
    Status,
    Unavailable,
)
from channels.http_line import Answer, Line
from channels.twilio_codes import CODES, STATUSES

LEEWAY = timedelta(seconds=60)  # Twilio's dates are whole seconds
LOOK_AHEAD = timedelta(minutes=5)
PAGE = 50

_API = "https://api.twilio.com"
_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_NAMED = re.compile(r"[A-Z]{2}[0-9a-zA-Z]{1,62}")
_ABSENT = "20404"


@dataclass(frozen=True)
class TwilioAccount:
    """An open account; `base` ends with its own path, without a slash.

    `sign_in` is the Authorization header's value, empty for none. `heard` is false where no secret
    checks its callbacks, so that all of them are refused.
    """

    sid: str
    base: str
    line: Line = field(repr=False)
    sign_in: str = field(repr=False)
    heard: bool = True

    async def post(self, resource: str, form: Mapping[str, str | list[str]]) -> Receipt:
        """Create a Message or a Call. Raises Refused, Unavailable or Unknown."""
        path = f"{urlsplit(self.base).path}/{resource}.json"
        created = _json((await self._ask("POST", path, form_body(form))).body)
        reference, status = created.get("sid"), created.get("status")
        if not isinstance(reference, str) or not isinstance(status, str):
            raise unreadable()
        return Receipt(reference, STATUSES.get(status, Status.ACCEPTED), _code(created))

    async def list(
        self, resource: str, query: Mapping[str, str], *, attempt: Attempt
    ) -> Sequence[Mapping[str, object]]:
        """Return the newest Messages or Calls that match, made in the time of this attempt.

        That time is of our clock, the list of Twilio's: the Date of its answer tells how far
        apart they are, so that a clock that runs wrong hides nothing. Raises NotAccepted.
        """
        url = f"{self.base}/{resource}.json"
        answer = await self._read(url, {**query, "PageSize": str(PAGE)})
        rows = _json(answer.body).get(resource.lower())
        if not isinstance(rows, list):
            raise unreadable()
        apart = clocks_apart(answer.headers.get("date"), now=datetime.now(UTC))
        return [
            row
            for row in rows
            if isinstance(row, dict)
            and row.get("sid") not in attempt.known
            and within(row, attempt, apart=apart)
        ]

    async def one(self, resource: str, reference: str) -> Mapping[str, object] | None:
        """Read one Message or Call; None where Twilio has none of that name. Raises NotAccepted."""
        if not _NAMED.fullmatch(reference):  # no path is made of what is no identifier
            return None
        path = f"{urlsplit(self.base).path}/{resource}/{reference}.json"
        try:
            found = _json((await self._ask("GET", path, "")).body)
        except NotAccepted as refusal:
            if refusal.code == _ABSENT:
                return None
            raise
        return found if str(found.get("status")) in STATUSES else None

    async def get(self, url: str, query: Mapping[str, str]) -> Mapping[str, object]:
        """Read one resource. Raises NotAccepted."""
        return _json((await self._read(url, query)).body)

    async def _read(self, url: str, query: Mapping[str, str]) -> Answer:
        return await self._ask("GET", f"{urlsplit(url).path}?{form_body(query)}", "")

    async def _ask(self, method: str, path: str, body: str) -> Answer:
        signed = f"Authorization: {self.sign_in}\r\n" if self.sign_in else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.line.host_header}\r\n{signed}"
            f"Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        answer = await self.line.ask(f"{head}{body}".encode("ascii"))
        if not 200 <= answer.status < 300:
            raise not_accepted(answer.status, answer.headers, answer.body)
        return answer


def form_body(form: Mapping[str, str] | Mapping[str, str | list[str]]) -> str:
    """Return a form as `application/x-www-form-urlencoded`, in ASCII; a list repeats its name.

    As `urlencode` does, at a third of its cost: signs that need it are escaped run by run, and
    words hold few kinds of runs. What is `Escaped` stands as it is.
    """
    return "&".join(
        f"{name}={one if type(one) is Escaped else _ESCAPED_RUN.sub(_escape, one)}"
        for name, value in form.items()
        for one in ((value,) if isinstance(value, str) else value)
    )


class Escaped(str):
    """A value as it stands in a form."""

    __slots__ = ()


@lru_cache(maxsize=1024)
def escaped(words: str) -> Escaped:
    """Escape what many messages share: a text before its reader's page, an address but its end."""
    return Escaped(quote_plus(words))


def escaped_page(address: str) -> Escaped:
    """Escape an address whose last part alone is its reader's own."""
    shared, slash, own = address.rpartition("/")
    return Escaped(f"{escaped(shared + slash)}{_ESCAPED_RUN.sub(_escape, own)}")


_ESCAPED_RUN = re.compile(r"[^A-Za-z0-9_.~-]+")


def _escape(run: re.Match[str]) -> str:
    return _escaped(run.group())


@lru_cache(maxsize=4096)
def _escaped(run: str) -> str:
    return quote_plus(run)


@asynccontextmanager
async def open_twilio(account: AccountSettings) -> AsyncIterator[TwilioAccount]:
    """Open an account for the life of the process.

    Values: `account_sid`, `api_key` (else the account itself signs in), `base_url` (tests,
    sandbox). Secrets: `auth_token`, which callbacks are signed with and which signs in when there
    is no key, and `api_secret`. Raises ValueError.
    """
    sid = account.values.get("account_sid", "")
    if not _SID.fullmatch(sid):
        raise ValueError(f"{account.name}: account_sid must be AC and 32 hexadecimal digits.")
    key = account.values.get("api_key")
    secret = account.secrets.get("api_secret" if key else "auth_token")
    if secret is None or not secret.get_secret_value():
        raise ValueError(f"{account.name}: the secret of the API key is missing.")
    base = account.values.get("base_url") or _API
    sign_in = b64encode(f"{key or sid}:{secret.get_secret_value()}".encode()).decode()
    token = account.secrets.get("auth_token")
    heard = bool(token and token.get_secret_value())
    async with Line.open(base) as line:
        whole = f"{base.rstrip('/')}/2010-04-01/Accounts/{sid}"
        yield TwilioAccount(sid, whole, line, f"Basic {sign_in}", heard)


def not_accepted(status: int, headers: Mapping[str, str], body: bytes) -> NotAccepted:
    """Tell Twilio's refusal, by its own code where it gives one."""
    plain = from_status(status, headers)
    code = _code(_json_or_nothing(body))
    if code is None or status >= 500:
        return plain
    if isinstance(plain, Unavailable) and plain.code == "too-fast":  # whatever its own code
        return Unavailable(code, str(plain), retry_after_s=plain.retry_after_s)
    known = CODES.get(int(code))
    if known is None:
        return type(plain)(code, str(plain))
    return (Refused if known.fault == "recipient" else Unavailable)(code, known.fr)


def clocks_apart(date: str | None, *, now: datetime) -> timedelta:
    """Return how far ahead of ours the clock is that wrote this Date header; none counts as 0."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return timedelta()
    return (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - now


def within(row: Mapping[str, object], attempt: Attempt, *, apart: timedelta) -> bool:
    """Tell whether a listed Message or Call was made in the time of this attempt.

    `apart` is how far ahead of ours their clock is.
    """
    try:
        made = parsedate_to_datetime(str(row.get("date_created")))
    except ValueError:
        return False
    if made.tzinfo is None:  # written -0000: UTC, of a clock whose place is not told
        made = made.replace(tzinfo=UTC)
    ours, latest = made - apart, attempt.until or attempt.started_at
    return attempt.started_at - LEEWAY <= ours <= latest + LOOK_AHEAD


def receipt_of(row: Mapping[str, object]) -> Receipt:
    """Return the receipt of a listed Message or Call."""
    status = STATUSES.get(str(row.get("status")), Status.ACCEPTED)
    return Receipt(str(row.get("sid")), status, _code(row))


def call_receipt(row: Mapping[str, object]) -> Receipt:
    """Return the receipt of a Call, in the words that its callback would bring.

    Who was busy or did not pick up is called again by those words, whoever tells them first.
    """
    receipt = receipt_of(row)
    if receipt.status not in (Status.UNDELIVERED, Status.FAILED):
        return receipt
    detail = receipt.detail or str(row.get("answered_by") or row.get("status"))
    return Receipt(receipt.reference, Status.UNDELIVERED, detail)


def _json(body: bytes) -> Mapping[str, object]:
    found = _json_or_nothing(body)
    if not found:
        raise unreadable()
    return found


def _json_or_nothing(body: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(body)
    except ValueError:  # no JSON, or nested beyond sense
        return {}
    return found if isinstance(found, dict) else {}


def _code(found: Mapping[str, object]) -> str | None:
    code = found.get("error_code", found.get("code"))
    return str(code) if isinstance(code, int) else None
