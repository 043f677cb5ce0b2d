"""Visits to the pages of the law at work: as this person, then as that one."""

import httpx

from dispatcher.store.ledger import Ledger
from tests.signing import enrol, enter, send

HERE, PROOF = "/donnees", "/donnees/preuve"


async def be(visitor: httpx.AsyncClient, town: Ledger, login: str, function: str) -> None:
    """Be somebody else from now on, signed in."""
    visitor.cookies.clear()
    await enrol(town, login, function)
    assert (await enter(visitor, login)).status_code == 303


async def post(visitor: httpx.AsyncClient, *, to: str, **fields: str) -> httpx.Response:
    """Send a form of the page of the evidence, and see the page that follows."""
    done = await send(visitor, PROOF, to=f"{PROOF}/{to}", **fields)
    return done if done.status_code != 303 else await visitor.get(done.headers["location"])
