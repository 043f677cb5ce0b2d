"""Residents who answer an alert, by four ways in turn: page, SMS, key of a call, calling back.

`python -m tests.bench.parts.answers ORDER.json` signs each request beforehand as Twilio does, posts
each at its own moment over kept connections, and prints each latency from that moment on. Whoever
calls back was played the message a second before she presses her key.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from dispatcher.delivery import tokens
from dispatcher.delivery.tokens import NamedAttempt, Rung
from dispatcher.store.names import number_delivery
from tests.bench.parts.crowd import COMMUNE
from tests.bench.parts.statuses import Posted, posted
from tests.inbound_requests import CALL, SECRET, SMS
from tests.keyring import mark_of
from tests.outgoing import KEYS

WAYS = ("page", "sms", "keypad", "ring")
HELP_EVERY = 10  # one of ten needs help
LISTENS_S = 1.0
TAKEN = (b"HTTP/1.1 200", b"HTTP/1.1 303")
_PRESSED = ("AccountSid", "ApiVersion", "From", "To", "CallSid", "CallStatus", "Direction")


@dataclass(frozen=True)
class Order:
    """Whose answers go where: `count` people of the crowd from `first` on, `rate` a second."""

    url: str
    version: str
    first: int
    count: int
    rate: float


def helps(number: int) -> bool:
    """Tell whether the answer of this number asks for help."""
    return (number // len(WAYS)) % HELP_EVERY == 0


def _posting(order: Order, path: str, form: Mapping[str, str]) -> bytes:
    body = urlencode(form).encode()
    signature = RequestValidator(SECRET).compute_signature(order.url + path, form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(order.url).netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _answer(order: Order, number: int) -> bytes:
    """Give the request that answers the message of somebody of the crowd."""
    phone, key = f"+999{number:08d}", "2" if helps(number) else "1"
    ident = number_delivery(COMMUNE, order.version, "sms", contact_mark=mark_of(phone))
    way = WAYS[number % len(WAYS)]
    if way == "page":
        kind = "help" if helps(number) else "understood"
        return _posting(order, f"/a/{tokens.answer_token(KEYS, ident)}", {"kind": kind})
    if way == "sms":
        form = {**SMS, "From": phone, "Body": key, "MessageSid": f"SM{number:032x}"}
        return _posting(order, _hook("reply", tokens.inbound_token(KEYS, "twilio-sms")), form)
    pressed = {name: CALL[name] for name in _PRESSED}
    form = {**pressed, "From": phone, "CallSid": f"CA{number:032x}", "Digits": key}
    if way == "keypad":
        attempt = tokens.attempt_token(KEYS, NamedAttempt(COMMUNE, ident, 1))
        return _posting(order, _hook("keypad", attempt.value), form)
    heard = tokens.ring_token(KEYS, Rung("twilio-voice", COMMUNE, order.version))
    return _posting(order, _hook("ringkey", heard), form)


def _hook(kind: str, token: str) -> str:
    return f"/hooks/twilio/{kind}/{token}"


def _rings(order: Order) -> Iterator[bytes]:
    path = _hook("ring", tokens.inbound_token(KEYS, "twilio-voice"))
    for number in range(order.first, order.first + order.count):
        if WAYS[number % len(WAYS)] == "ring":
            sid, phone = f"CA{number:032x}", f"+999{number:08d}"
            yield _posting(order, path, {**CALL, "CallSid": sid, "From": phone, "Caller": phone})


async def answered(order: Order) -> tuple[Posted, Posted]:
    """Ring, then answer, each at its moment; return what came of the answers, and of the rings."""
    wires = [_answer(order, one) for one in range(order.first, order.first + order.count)]
    rings = list(_rings(order))

    async def answering() -> Posted:
        await asyncio.sleep(LISTENS_S)
        return await posted(order.url, wires, rate=order.rate, ok=TAKEN)

    ringing = posted(order.url, rings, rate=order.rate / len(WAYS), ok=TAKEN)
    heard, found = await asyncio.gather(ringing, answering())
    return found, heard


def main(order: Order) -> dict[str, object]:
    """Sign, post, and tell: each latency beside the way that it came by."""
    found, heard = asyncio.run(answered(order))
    by_way: dict[str, list[float]] = {way: [] for way in WAYS}
    for place, latency in enumerate(found.latencies_s):
        by_way[WAYS[(order.first + place) % len(WAYS)]].append(1000 * latency)
    lags_ms = sorted(1000 * one for one in found.lags_s)
    return {
        "good": found.good,
        "bad": found.bad + heard.bad,
        "lag_p95_ms": lags_ms[int(0.95 * len(lags_ms))],
        "latencies_ms": by_way,
        "rings_ms": [1000 * one for one in heard.latencies_s],
    }


if __name__ == "__main__":
    told = main(Order(**json.loads(Path(sys.argv[1]).read_text())))
    print(json.dumps(told))  # noqa: T201
