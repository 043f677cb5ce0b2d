"""Partners' systems: let in, and signing as their vendors' libraries do."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from dispatcher.partners.signatures import secret_of, written
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_tables import partner_keys, partners

ALL_VERBS = ("team.status", "team.position", "mission.status", "events.read")


@dataclass
class PartnerSystem:
    """A partner's own software: its name, its secret, and how it posts."""

    http: httpx.AsyncClient
    partner: str
    secret: str = field(repr=False)
    sent: int = 0

    def headers(self, body: bytes, *, message_id: str, at: float | None = None) -> dict[str, str]:
        """Sign a body by the reference library."""
        when = datetime.fromtimestamp(int(at or time.time()), UTC)
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(when.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message_id, when, body.decode()),
        }

    async def post(
        self, path: str, body: object, *, message_id: str = "", at: float | None = None
    ) -> httpx.Response:
        """Post JSON, signed; each under an id of its own unless one is given."""
        self.sent += 1
        raw = json.dumps(body, ensure_ascii=False).encode()
        ident = message_id or f"{self.partner}-{self.sent}-{time.time_ns()}"
        signed = self.headers(raw, message_id=ident, at=at)
        return await self.http.post(f"/api/v1{path}", content=raw, headers=signed)

    async def get(self, path: str) -> httpx.Response:
        """Ask for something, signed over an empty body."""
        self.sent += 1
        signed = self.headers(b"", message_id=f"{self.partner}-get-{self.sent}-{time.time_ns()}")
        return await self.http.get(f"/api/v1{path}", headers=signed)


async def let_in(ledger: Ledger, commune: str, partner: str, **told: Any) -> None:  # noqa: ANN401
    """Write a partner that two administrators agreed to, with its first key."""
    row = {
        "commune": commune,
        "partner": partner,
        "name": partner.upper(),
        "kind": "fire_service",
        "teams": [],
        "verbs": list(ALL_VERBS),
        "rate_per_s": 1000.0,
        "url": "",
        "asked_by": "maire",
        "asked_at": db_now(),
        "agreed_by": "adjoint",
        "agreed_at": db_now(),
        "push_problem": "",
        **told,
    }
    key = {"commune": commune, "partner": partner, "serial": 1, "made_by": "maire"}
    async with ledger.writing() as connection:
        await connection.execute(partners.insert().values(**row))
        await connection.execute(partner_keys.insert().values(**key, made_at=db_now()))


def secret(master: bytes, commune: str, partner: str, *, serial: int = 1) -> str:
    """Return a partner's secret as it is handed over."""
    return written(secret_of(master, commune=commune, partner=partner, serial=serial))
