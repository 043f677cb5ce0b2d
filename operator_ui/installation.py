"""What the web process holds open and hands to every page: one value, made once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request

from dispatcher.access.oidc_provider import Provider, opened_provider
from dispatcher.alarms.guarding import guarding
from dispatcher.alarms.sentinel import Sentinel
from dispatcher.alerts.office import Office
from dispatcher.alerts.turnstile import Turnstile
from dispatcher.api.assembling import opened_services
from dispatcher.api.services import Services
from dispatcher.cover.ground import Grounds
from dispatcher.delivery.accounts import MEDIA, live_media
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import NAMES, key
from dispatcher.settings import LedgerSettings, MapSettings, OidcSettings, PlaceSettings, ledger_url
from dispatcher.staff.messenger import announcing, people_at
from dispatcher.store.ledger import Ledger, opened
from dispatcher.store.register_keys import residents_ring
from operator_ui.address_book import AddressBooks
from operator_ui.board_picture import PAUSE_S, BoardPicture, board_picture
from operator_ui.live import Watch
from operator_ui.live_facts import SeldomChanged
from operator_ui.outbox import Outbox
from operator_ui.phone_pace import PhonePaces
from operator_ui.public_pages import PublicPages
from operator_ui.reels import Reels
from operator_ui.stopping import told_to_stop
from operator_ui.tiles import Tiles, opened_tiles


@dataclass(frozen=True)
class Installation:
    """This Tocsin: its ledger, its place, its secrets, what it pretends to send.

    `sandboxed` are the media that have no provider: their messages stay in the house.
    """

    ledger: Ledger
    place: PlaceSettings
    services: Services  # what the JSON API and the verbs work with
    session_key: bytes = field(repr=False)
    sandboxed: tuple[str, ...]
    outbox: Outbox
    watch: Watch
    boards: Reels[str, BoardPicture]  # of teams, by commune
    sentinel: Sentinel  # what stands still, and every open alarm
    public: PublicPages  # what everybody may read
    provider: Provider | None  # whom people may sign in by; None where none is configured
    tiles: Tiles  # the ground under the map; the browser asks nobody else for it
    books: AddressBooks = field(default_factory=AddressBooks, repr=False)
    grounds: Grounds = field(default_factory=Grounds, repr=False)  # what cover is counted on
    # Looks for an address while somebody signs up: of one source, in a minute.
    looks: Turnstile = field(default_factory=lambda: Turnstile(240, 60.0), repr=False)
    # Changes on a resident's own page: of one resident, in a minute.
    changes: Turnstile = field(default_factory=lambda: Turnstile(30, 60.0), repr=False)
    phones: PhonePaces = field(default_factory=PhonePaces, repr=False)  # how often each may send

    @property
    def https(self) -> bool:
        """Whether the world reaches this installation by https."""
        return self.place.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """The address that people reach, without a final slash."""
        return self.services.public_url or f"http://{self.place.host}:{self.place.port}"

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; the prefix binds it to https and to this host."""
        return "__Host-tocsin" if self.https else "tocsin"

    def office(self, commune: str) -> Office:
        """Return a commune at work."""
        return self.services.office(commune)


async def installation(request: Request) -> Installation:
    """Return the installation that serves this request (a FastAPI dependency)."""
    held: Installation = request.app.state.installation
    return held


@asynccontextmanager
async def opened_installation(place: PlaceSettings) -> AsyncIterator[Installation]:
    """Open the ledger, the bell and the sandbox's reader; end every live screen on the way out."""
    live = live_media()
    sandboxed = tuple(medium for medium in MEDIA if medium not in live)
    keys = await asyncio.to_thread(_keys, place)
    ring = await asyncio.to_thread(residents_ring, place.data_dir)
    tokens = TokenKeys(attempts=keys["attempts"], answers=keys["answers"])
    async with (
        opened(ledger_url(place, LedgerSettings()), ring=ring) as ledger,
        opened_services(
            ledger,
            data_dir=place.data_dir,
            public_url=place.public_url.rstrip("/"),
            tokens=tokens,
            logbook_key=keys["logbook"],
        ) as services,
        Outbox.opened(place.data_dir if sandboxed else None) as outbox,
        guarding(place) as sentinel,
        opened_provider(OidcSettings()) as provider,
        opened_tiles(MapSettings(), place.data_dir) as tiles,
    ):
        facts = SeldomChanged(services, place.data_dir)
        watch = Watch(ledger, outbox, alarms=sentinel.alarms_of, facts=facts.of)
        boards = Reels[str, BoardPicture](
            lambda commune, before: board_picture(services.office(commune), before),
            pause_s=PAUSE_S,
        )

        def close() -> None:
            watch.close()
            boards.close()

        held = Installation(
            ledger=ledger,
            place=place,
            services=services,
            session_key=keys["sessions"],
            sandboxed=sandboxed,
            outbox=outbox,
            watch=watch,
            boards=boards,
            sentinel=sentinel,
            public=PublicPages(ledger, own=place.commune, folder=place.data_dir / "alertes"),
            provider=provider,
            tiles=tiles,
        )
        with told_to_stop(close):
            async with announcing(held.office(""), people_at(place, held.address)):
                try:
                    yield held
                finally:
                    close()


def _keys(place: PlaceSettings) -> dict[str, bytes]:
    return {name: key(place.data_dir, name) for name in NAMES}
