"""`rehearsals`: the process that takes rehearsals to their end, and knows no provider."""

import asyncio

import typer

from dispatcher.cli.failing import UNFIT
from dispatcher.cli.speaking import refuse
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.providerless import provider_settings
from dispatcher.rehearsals import Stage, run, shut_the_door
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import opened
from dispatcher.store.register_keys import fit, residents_ring

app = typer.Typer(add_completion=False)


@app.command()
def rehearsals() -> None:
    """Take what is rehearsed to its end, with no provider in this process."""
    if found := provider_settings():
        refuse(
            "Une répétition ne sort pas de la maison : ce processus ne démarre pas tant qu'un"
            f" fournisseur est réglé dans son environnement ({', '.join(found)}). Retirez ces"
            " réglages pour lui seul ; « tocsin run » le fait de lui-même.",
            as_json=False,
        )
    shut_the_door()
    try:
        asyncio.run(_rehearse())
    except UNFIT as error:
        refuse(str(error), as_json=False)


async def _rehearse() -> None:
    place = PlaceSettings()
    public_url = place.public_url.rstrip("/") or f"http://{place.host}:{place.port}"
    keys = TokenKeys(key(place.data_dir, "attempts"), key(place.data_dir, "answers"))
    ring = residents_ring(place.data_dir)
    async with opened(ledger_url(place, LedgerSettings()), ring=ring) as ledger:
        await ledger.read(lambda connection: fit(connection, ring))
        await run(Stage(ledger, keys, public_url))
