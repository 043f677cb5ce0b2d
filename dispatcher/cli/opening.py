"""Opening an office for a command: ledger, keys, plan's commune, what accounts grant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dispatcher.alerts.office import Office
from dispatcher.delivery.accounts import granted
from dispatcher.delivery.mailbox import Mailbox
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.settings import BouncesSettings, LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import Ledger, opened
from dispatcher.store.migrate import migrate
from dispatcher.store.plans import communes
from dispatcher.store.register_keys import residents_ring


class NoCommune(Exception):
    """The command does not know which commune it speaks of."""


def token_keys(place: PlaceSettings) -> TokenKeys:
    """Read this installation's token keys."""
    return TokenKeys(key(place.data_dir, "attempts"), key(place.data_dir, "answers"))


def public_url(place: PlaceSettings) -> str:
    """Return the address that providers and residents reach, without a final slash."""
    return place.public_url.rstrip("/") or f"http://{place.host}:{place.port}"


def mailbox() -> Mailbox | None:
    """Return the mailbox that bounces come to; None where none is set."""
    told = BouncesSettings()
    if not told.host:
        return None
    return Mailbox(
        told.host,
        told.user,
        told.password,
        port=told.port,
        tls=told.tls,
        folder=told.folder,
        ca_file=told.ca_file,
        every_s=told.every_s,
    )


@asynccontextmanager
async def opened_office(
    commune: str = "", *, place: PlaceSettings | None = None
) -> AsyncIterator[Office]:
    """Open the office of a commune; without one, of TOCSIN_COMMUNE or of the only plan loaded."""
    place = place or PlaceSettings()
    url, ring = ledger_url(place, LedgerSettings()), residents_ring(place.data_dir)
    await migrate(url, ring=ring)
    async with opened(url, ring=ring) as ledger:
        yield Office(
            ledger,
            commune or place.commune or await _only_commune(ledger),
            key(place.data_dir, "logbook"),
            token_keys(place),
            public_url(place),
            granted(),
        )


async def _only_commune(ledger: Ledger) -> str:
    known = await communes(ledger)
    if len(known) == 1:
        return known[0]
    if not known:
        raise NoCommune("Aucun plan n'est chargé : commencez par « tocsin plan load DOSSIER ».")
    raise NoCommune(
        f"Plusieurs communes sont hébergées ici ({', '.join(known)}) : nommez la vôtre"
        " par TOCSIN_COMMUNE."
    )
