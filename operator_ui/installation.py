"""What the web process holds open and hands to every page: one value, made once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request

from dispatcher.alerts.office import Office
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.settings import (
    LedgerSettings,
    PlaceSettings,
    SmtpSettings,
    TwilioSettings,
    WebhookSettings,
    ledger_url,
)
from dispatcher.store.ledger import Ledger, opened
from operator_ui.live import Watch
from operator_ui.outbox import Outbox
from operator_ui.stopping import told_to_stop


@dataclass(frozen=True)
class Installation:
    """This Tocsin: its ledger, its place, its secrets, what it pretends to send.

    `sandboxed` are the media that have no provider: their messages stay in the house.
    """

    ledger: Ledger
    place: PlaceSettings
    logbook_key: bytes = field(repr=False)
    session_key: bytes = field(repr=False)
    tokens: TokenKeys = field(repr=False)
    sandboxed: tuple[str, ...]
    outbox: Outbox
    watch: Watch

    @property
    def https(self) -> bool:
        """Whether the world reaches this installation by https."""
        return self.place.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; the prefix binds it to https and to this host."""
        return "__Host-tocsin" if self.https else "tocsin"

    def office(self, commune: str) -> Office:
        """Return a commune at work, for verbs that read."""
        return Office(
            ledger=self.ledger,
            commune=commune,
            logbook_key=self.logbook_key,
            tokens=self.tokens,
            public_url=self.place.public_url,
            granted={},
        )


def installation(request: Request) -> Installation:
    """Return the installation that serves this request (a FastAPI dependency)."""
    held: Installation = request.app.state.installation
    return held


def sandboxed_media() -> tuple[str, ...]:
    """Return the media without a provider: what they carry reaches nobody."""
    live = {
        "sms": bool(TwilioSettings().account),
        "voice": bool(TwilioSettings().account),
        "email": bool(SmtpSettings().host),
        "webhook": bool(WebhookSettings().signing.get_secret_value()),
    }
    return tuple(medium for medium, real in live.items() if not real)


@asynccontextmanager
async def opened_installation(place: PlaceSettings) -> AsyncIterator[Installation]:
    """Open the ledger and the sandbox's reader; end every live screen on the way out."""
    sandboxed = sandboxed_media()
    async with (
        opened(ledger_url(place, LedgerSettings())) as ledger,
        Outbox.opened(place.data_dir if sandboxed else None) as outbox,
    ):
        watch = Watch(ledger, outbox)
        held = Installation(
            ledger=ledger,
            place=place,
            logbook_key=await asyncio.to_thread(key, place.data_dir, "logbook"),
            session_key=await asyncio.to_thread(key, place.data_dir, "sessions"),
            tokens=TokenKeys(
                attempts=await asyncio.to_thread(key, place.data_dir, "attempts"),
                answers=await asyncio.to_thread(key, place.data_dir, "answers"),
            ),
            sandboxed=sandboxed,
            outbox=outbox,
            watch=watch,
        )
        with told_to_stop(watch.close):
            try:
                yield held
            finally:
                watch.close()
