"""The partners' door over a memory in the place of its store, and a raw application beside it.

`uvicorn tests.bench.parts.status_server:ours` is the web process's own stack (its headers, its
doors, the keys, the roster, the parsing, the placing, the report, its line and its answer); what it
files is folded in memory. `:raw` checks the HMAC, parses the body and answers: a peer that does
what any receiver of webhooks must.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from dispatcher.api.services import Services
from dispatcher.collector import spare_the_collector
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.partners.signatures import secret_of
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.field_intake import Incoming
from dispatcher.store.field_reports import Filed
from dispatcher.store.partner_messages import Answer
from dispatcher.teams.intake import Intake
from operator_ui.app import application
from plans.folding import Folded, follow
from tests.bench.parts.statuses import COMMUNE, MASTER, PARTNER
from tests.keyring import opened
from tests.offices import KEYS

_SECRET = secret_of(MASTER, commune=COMMUNE, partner=PARTNER, serial=1)
_TOLERANCE_S = 300
spare_the_collector()  # as the web process does; the peer is spared too


@dataclass
class MemoryIntake(Intake):
    """An intake that keeps in memory what the ledger would hold: ids, states, answers."""

    _answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _states: dict[str, Folded] = field(default_factory=dict)

    @override
    async def take(self, incoming: Incoming) -> Answer:
        """Fold it in, each message once."""
        message = incoming.message
        if message is None:
            raise TypeError(incoming)
        key = (message.partner, message.message_id)
        if key not in self._answers:
            filed = []
            for report in incoming.reports:
                state, fact = self._states.get(report.team or "", Folded()), report.fact
                if fact is not None:
                    state = self._states[report.team or ""] = follow(state, fact, mission=False)
                filed.append(Filed(state.state, applied=True, missing=state.missing))
            self._answers[key] = incoming.answer(filed)
        return self._answers[key]


@dataclass(frozen=True)
class MemoryServices(Services):
    """The services of a web process whose intake is a memory."""

    @cached_property
    @override
    def intake(self) -> Intake:
        """Return the memory."""
        return MemoryIntake(self.ledger, self.logbook_key)


def ours() -> FastAPI:
    """Assemble the API as the web process does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(ledger_url(PlaceSettings(), LedgerSettings())) as ledger:
            app.state.services = MemoryServices(
                ledger,
                "https://alerte.example",
                KEYS,
                b"l" * 32,
                CallbackKeys(),
                {},
                Bell("redis://127.0.0.1:1"),
                partner_key=MASTER,
            )
            yield

    return application("https://alerte.example", lifespan)


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """Check the HMAC, parse the body, answer."""
    if scope["type"] != "http":
        return
    headers = dict(scope["headers"])
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    sent = headers[b"webhook-timestamp"]
    signed = headers[b"webhook-id"] + b"." + sent + b"." + body
    proof = base64.b64encode(hmac.digest(_SECRET, signed, hashlib.sha256))
    proved = hmac.compare_digest(b"v1," + proof, headers[b"webhook-signature"])
    fresh = abs(time.time() - int(sent)) <= _TOLERANCE_S
    told: dict[str, Any] = orjson.loads(body) if proved and fresh else {}
    answer = orjson.dumps({"state": told.get("status"), "applied": True, "missing": []})
    lengths = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200 if told else 401, "headers": lengths})
    await send({"type": "http.response.body", "body": answer})
