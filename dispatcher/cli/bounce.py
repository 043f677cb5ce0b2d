"""`bounce`: one message on standard input, as a mail server's alias hands it over."""

import asyncio
import sys
from dataclasses import asdict

import typer
from sqlalchemy.exc import SQLAlchemyError

from channels.bounces import MOST_BYTES
from dispatcher.cli.opening import token_keys
from dispatcher.cli.speaking import Json, say, told
from dispatcher.delivery.bounces import Taken, take_bounce
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import opened
from dispatcher.store.migrate import migrate
from dispatcher.store.register_keys import residents_ring

app = typer.Typer(add_completion=False)
LATER = 75  # EX_TEMPFAIL: the mail server keeps the message and tries again


@app.command()
def bounce(*, as_json: Json = False) -> None:
    """Read a bounce; any other message is set aside, which is no failure: it must not bounce."""
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(MOST_BYTES):  # a mail server whose pipe breaks would try again
        continue
    try:
        taken = asyncio.run(_take(raw))
    except (SQLAlchemyError, OSError) as error:
        told(f"Le registre ne peut pas être écrit ({type(error).__name__}) : à reprendre.")
        raise typer.Exit(LATER) from error
    say({"outcome": taken.outcome, **asdict(taken)}, as_json=as_json)


async def _take(raw: bytes) -> Taken:
    place = PlaceSettings()
    url = ledger_url(place, LedgerSettings())
    ring = residents_ring(place.data_dir)
    await migrate(url, ring=ring)
    async with opened(url, ring=ring) as ledger:
        return await take_bounce(ledger, token_keys(place), raw)
