"""`register …`: the register of vulnerable people, sealed again by a new key."""

import asyncio
from zoneinfo import ZoneInfo

import typer

from dispatcher.alerts.office import Office
from dispatcher.ciphers import Ring
from dispatcher.cli.identity import SYSTEM
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.keys import KeyRefused, add_to_ring, ring
from dispatcher.settings import PlaceSettings
from dispatcher.store.vulnerable_keys import communes_of
from dispatcher.vulnerable.register import RING, Register
from dispatcher.vulnerable.resealing import Done, reseal

app = typer.Typer(help="The register of vulnerable people.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Stay a group of one command, so that its name does not change when another comes."""


@app.command()
def renew(*, as_json: Json = False) -> None:
    """Make a new key and seal every card by it, once a year.

    Killed in between, run it again: it first ends what was begun, and makes no other key. The marks
    by which an exact search works stay under the first key.
    """
    try:
        answer = asyncio.run(_renewed(PlaceSettings()))
    except (NoCommune, KeyRefused, OSError) as error:
        refuse(str(error), as_json=as_json)
    say(answer, as_json=as_json)


async def _renewed(place: PlaceSettings) -> dict[str, int]:
    async with opened_office(place.commune or "", place=place) as office:
        done = await _resealed(office, place)
        if not done.cards:  # nothing was left of an earlier time
            add_to_ring(place.data_dir, RING)
            done = await _resealed(office, place)
    newest = max(ring(place.data_dir, RING))
    return {"key": newest, "cards": done.cards, "unopened": done.unopened}


async def _resealed(office: Office, place: PlaceSettings) -> Done:
    keys = Ring(ring(place.data_dir, RING))
    cards = unopened = 0
    for commune in await communes_of(office.ledger):
        found = Register(office.of(commune), keys, ZoneInfo("UTC"))  # no day is counted here
        while True:  # what was being written by the older key meanwhile is met in the next round
            done = await reseal(found, author=SYSTEM.login)
            cards, unopened = cards + done.cards, done.unopened
            if not done.cards:
                break
    return Done(cards, unopened)
