"""Books of a real crisis and of an exercise at once: no line goes to the other's."""

import html
import re

import httpx
import pytest

from dispatcher.logbook.books import Keeper, Spot, close_books, open_books
from dispatcher.store import logbook
from dispatcher.store.books import NewBook
from dispatcher.store.crisis_tables import events
from dispatcher.store.ledger import Ledger
from operator_ui.logbook_shelves import shelves_of
from tests.consoles import SAME, form_token
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)

POST = NewBook("pcc", "Poste de commandement", "general")
ON_CALL = NewBook("ast", "Astreinte", "provisional")


@pytest.fixture
async def keeper(town: Ledger) -> Keeper:
    return Keeper(town, COMMUNE, b"k" * 32)


async def event(keeper: Keeper, name: str, *, state: str, mode: str, at: float) -> None:
    row = {"commune": COMMUNE, "event_id": name, "title": f"Crue {name}", "mode": mode,
           "state": state, "state_at": at, "directed_by": "mayor", "opened_by": "rac",
           "opened_at": at}  # fmt: skip
    async with keeper.ledger.writing() as connection:
        await connection.execute(events.insert().values(row))


async def usual(keeper: Keeper) -> Spot:
    return (await shelves_of(keeper.ledger, COMMUNE)).usual


async def test_a_line_goes_to_the_real_crisis_whatever_was_opened_last(keeper: Keeper) -> None:
    assert await usual(keeper) == Spot()
    await event(keeper, "vraie", state="signale", mode="real", at=10.0)
    assert await usual(keeper) == Spot(event_id="vraie")  # it has no book yet
    await open_books(keeper, [ON_CALL], event_id="vraie", by="rac")
    await event(keeper, "jouee", state="active", mode="exercise", at=20.0)
    await open_books(keeper, [POST], event_id="jouee", by="rac")
    assert await usual(keeper) == Spot("ast", "vraie")
    await open_books(keeper, [POST], event_id="vraie", by="rac")
    assert await usual(keeper) == Spot("pcc", "vraie")


async def test_without_a_crisis_a_line_goes_to_the_post_that_is_still_open(keeper: Keeper) -> None:
    await event(keeper, "finie", state="clos", mode="real", at=10.0)
    await open_books(keeper, [POST], event_id="finie", by="rac")
    assert await usual(keeper) == Spot("pcc", "finie")
    await close_books(keeper, event_id="finie", by="rac")
    assert await usual(keeper) == Spot()


async def test_what_is_typed_on_any_page_is_kept_in_the_real_crisis_and_each_book_says_whose_it_is(
    operator: httpx.AsyncClient, keeper: Keeper
) -> None:
    await event(keeper, "vraie", state="signale", mode="real", at=10.0)
    await open_books(keeper, [ON_CALL], event_id="vraie", by="rac")
    await event(keeper, "jouee", state="active", mode="exercise", at=20.0)
    await open_books(keeper, [POST], event_id="jouee", by="rac")
    data = {"token": await form_token(operator), "text": "SDIS : VSAV 2 parti", "vers": "/"}
    assert (await operator.post("/main-courante/vite", data=data, headers=SAME)).status_code == 303
    line = (await logbook.read(keeper.ledger, COMMUNE, limit=1, newest=True))[0]
    assert (line.event, line.book) == ("vraie", "ast")
    page = html.unescape((await operator.get("/main-courante")).text)
    chosen = re.search(r'<option value="([^"]+)" selected>', page)
    assert chosen is not None
    assert chosen[1] == "vraie:ast"
    assert '<optgroup label="EXERCICE · Crue jouee">' in page
    assert 'aria-label="EXERCICE · Crue jouee"' in page
