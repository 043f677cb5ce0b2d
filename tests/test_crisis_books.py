"""The books of a crisis: opened with it, closed with it."""

from dispatcher.crisis import deciding
from dispatcher.crisis.standing_down import stand_down, warnings_of
from dispatcher.store.books import all_books
from dispatcher.store.ledger import Ledger
from tests.called_people import turned
from tests.crises import MAYOR, by, opened, town_hall
from tests.situations import COMMUNE


async def test_a_crisis_opens_a_book_for_each_cell_and_centre_and_its_review_closes_them(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    begun = [one for one in await all_books(ledger, COMMUNE) if one.event_id == event.event_id]
    assert [(one.code, one.kind) for one in begun] == [("ASTREINTE", "provisional")]
    await deciding.activate(town, event.event_id, asked=by(MAYOR))
    kept = {one.code: one.kind for one in await all_books(ledger, COMMUNE) if one.event_id}
    wanted = {"PCC": "general", "TER": "cell", "SEC": "cell", "gymnase": "centre"}
    assert wanted.items() <= kept.items()
    assert all(one.closed_at is None for one in await all_books(ledger, COMMUNE))
    knows = [one.kind for one in await warnings_of(town, event)]
    await stand_down(town, event.event_id, asked=by(MAYOR, "décrue"), knows=knows)
    await turned(ledger)
    left = [one for one in await all_books(ledger, COMMUNE) if one.event_id]
    assert all(one.closed_at is not None for one in left)
