"""Signed webhooks to partners' systems: https to the public internet, Standard Webhooks."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Final, Self
from urllib.parse import quote

import httpx
from standardwebhooks import Webhook

from channels.answers import TRANSPORT_FAULTS, retry_after_s
from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    Pace,
    Receipt,
    Refused,
    Status,
    Unavailable,
    Unit,
    Usability,
)
from channels.public_addresses import NotPublic, PublicOnly

CONNECT_S: Final = 3.0
TOTAL_S: Final = 10.0
LONGEST_ANSWER: Final = 64 * 1024  # bytes
PORTS: Final = frozenset({443, 8443})
SHORTEST_SECRET: Final = 24  # bytes: the specification's own minimum

_HOST: Final = re.compile(rb"[A-Za-z0-9.:-]+")  # as it goes over the wire: names in ASCII
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class WebhookPost:
    """One signing account.

    Secret `signing`: one `whsec_…`, or two with a space while keys are changed. Value `relay`: the
    local sandbox, which then takes every request in the place of its host.
    """

    medium: ClassVar[str] = "webhook"
    looks_up: ClassVar[bool] = False
    provider: str
    pace: Pace
    relay: str | None
    weak: bool
    signers: Sequence[Webhook] = field(repr=False)
    http: httpx.AsyncClient = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Prepare this account. Raises ValueError on a bad secret or a relay that is not local."""
        del public_url  # the answer comes at once, nobody calls back
        keys = _keys(account)
        relay = account.values.get("relay")
        if relay and httpx.URL(relay).host not in _LOOPBACK:
            raise ValueError(f"{account.name}: a relay must be on this machine.")
        direct = unkept()
        http = webhook_client(direct if relay else PublicOnly(direct))
        async with http:
            pace = Pace(Unit.MESSAGES, account.rate_per_s)
            weak = any(len(key) < SHORTEST_SECRET for key in keys)
            yield cls(account.name, pace, relay, weak, tuple(map(Webhook, keys)), http)

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Post once. Raises Refused or Unavailable, never Unknown.

        The webhook-id is the same over all attempts and the receiver keeps each id once, so a
        second copy of a message whose answer was lost does nothing: it is simply sent again.
        """
        now = datetime.now(UTC)
        if message.expires_at <= now:
            raise Refused("expired", "Le message a expiré avant son envoi.")
        url = self._target(to.value)
        body = _body(message)
        headers = _headers(self.signers, attempt.delivery, body=body, now=now)
        response = await post_once(self.http, url, body=body.encode(), headers=headers)
        judge(response, now=now)
        return Receipt(attempt.delivery, Status.DELIVERED)

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Find nothing: there is no list to ask, and no need (the id is constant)."""
        del attempt
        return None

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Ask nothing: the partner's answer was its receipt."""
        del reference, to, attempt
        return None

    async def check(self) -> Usability:
        """Tell whether the secrets are long enough; no partner is asked."""
        if self.weak:
            return Usability(
                ok=False,
                problem="Le secret qui signe les webhooks est trop court.",
                remedy="Générez un secret d'au moins 24 octets (whsec_…).",
            )
        return Usability(ok=True)

    def _target(self, value: str) -> httpx.URL:
        url = partner_url(value)
        if self.relay is None:
            return url
        path = quote(url.raw_path.decode("ascii").lstrip("/"), safe="/?=&%")
        return httpx.URL(f"{self.relay.rstrip('/')}/{url.host}/{path}")


def unkept() -> httpx.AsyncHTTPTransport:
    """Return a transport that keeps no connection alive: see PublicOnly."""
    return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))


async def post_once(
    http: httpx.AsyncClient, url: httpx.URL, *, body: bytes, headers: Mapping[str, str]
) -> httpx.Response:
    """Post and return the answer, read no further than the limit. Raises Refused, Unavailable."""
    try:
        async with (
            asyncio.timeout(TOTAL_S),
            http.stream("POST", url, content=body, headers=headers) as response,
        ):
            await _read_little(response)
    except NotPublic as error:
        raise _closed_address() from error
    except (*TRANSPORT_FAULTS, TimeoutError) as error:
        raise Unavailable("no-answer", "Le système partenaire n'a pas répondu.") from error
    return response


def webhook_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """Return a client that follows nothing, reads no proxy setting, and unpacks nothing."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
        headers={"User-Agent": "Tocsin", "Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )


def partner_url(value: str) -> httpx.URL:
    """Return the address of a partner's system: https, port 443 or 8443. Raises Refused."""
    try:
        url = httpx.URL(value)
        named = bool(url.host)  # reads the name back: a damaged one is found here, not on the way
    except (httpx.InvalidURL, ValueError) as error:
        raise _closed_address() from error
    port = 443 if url.port is None else url.port
    plain = named and url.scheme == "https" and not url.userinfo and port in PORTS
    if not plain or not _HOST.fullmatch(url.raw_host):
        raise _closed_address()
    return url


def _closed_address() -> Refused:
    return Refused(
        "closed-address",
        "Cette adresse ne peut pas recevoir de webhook : il faut https, le port 443 ou 8443, "
        "et une machine publique.",
    )


def _keys(account: AccountSettings) -> Sequence[bytes]:
    secret = account.secrets.get("signing")
    written = secret.get_secret_value().split() if secret else []
    try:
        keys = [_key(one) for one in written]
    except ValueError:
        # Not chained: the error may show the secret.
        raise ValueError(f"{account.name}: the signing secret is not whsec_ and base64.") from None
    if not all(keys) or not keys:
        raise ValueError(f"{account.name}: the signing secret is missing.")
    return keys


def _key(written: str) -> bytes:
    encoded = written.removeprefix("whsec_")
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)


def _body(message: Message) -> str:
    words = {
        "alert": message.alert,
        "text": message.text,
        "issuer": message.issuer,
        "language": message.language,
        "subject": message.subject,
        "answer_url": message.answer_url,
        "expires_at": message.expires_at.isoformat(),
    }
    told = {name: value for name, value in words.items() if value is not None}
    return json.dumps({**message.data, **told}, ensure_ascii=False, separators=(",", ":"))


def _headers(
    signers: Sequence[Webhook], message_id: str, *, body: str, now: datetime
) -> Mapping[str, str]:
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(message_id, now, body) for signer in signers),
    }


async def _read_little(response: httpx.Response) -> None:
    """Read the answer as it comes, packed or not, and no more than the limit."""
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > LONGEST_ANSWER:
            return  # the status has said it; closing the stream drops the rest


def judge(response: httpx.Response, *, now: datetime) -> None:
    """Raise what an answer that is no success means: Refused for 410 alone, else Unavailable."""
    status = response.status_code
    if response.is_success:
        return
    if status == httpx.codes.GONE:
        raise Refused("http-410", "Le système partenaire ne veut plus de webhooks (410).")
    # Any other answer may be put right at the other end within the hours of the retries: a key
    # renewed, a route published again. A rescue team's endpoint is never given up for a 404.
    wait_s = retry_after_s(response.headers.get("retry-after"), now=now)
    raise Unavailable(
        f"http-{status}", f"Le système partenaire a répondu {status}.", retry_after_s=wait_s
    )
