"""Who unsubscribed or was erased is known apart, whoever wrote it: each send asks for it."""

from sqlalchemy import delete, insert, select, update

from dispatcher.delivery.drain import drain
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import departed, persons
from tests.fake_channel import FakeChannel, door
from tests.outgoing import Plan, crowd, phone, planned, rows

COMMUNE, OTHER = "99117", "99118"


def person(
    ident: str, *, commune: str = COMMUNE, left_at: float | None = None
) -> dict[str, object]:
    return {
        "commune": commune, "person_id": ident, "source": "import", "name": "x", "language": "fr",
        "languages": ["fr"], "media": [], "unsubscribed_at": left_at,
    }  # fmt: skip


async def gone(ledger: Ledger) -> set[tuple[str, str]]:
    async with ledger.reading() as connection:
        found = await connection.execute(select(departed.c.commune, departed.c.person_id))
        return {(row[0], row[1]) for row in found}


async def test_leaving_coming_back_and_being_erased_are_all_noted(ledger: Ledger) -> None:
    both = [person("one"), person("two"), person("one", commune=OTHER), person("gone", left_at=1.0)]
    async with ledger.writing() as connection:
        await connection.execute(insert(persons), both)
    assert await gone(ledger) == {(COMMUNE, "gone")}
    async with ledger.writing() as connection:
        await connection.execute(
            update(persons).where(persons.c.commune == COMMUNE).values(unsubscribed_at=2.0)
        )
    assert await gone(ledger) == {(COMMUNE, "one"), (COMMUNE, "two"), (COMMUNE, "gone")}
    async with ledger.writing() as connection:
        await connection.execute(
            update(persons).where(persons.c.person_id == "one").values(unsubscribed_at=None)
        )
        await connection.execute(delete(persons).where(persons.c.person_id == "two"))
    assert await gone(ledger) == {(COMMUNE, "two"), (COMMUNE, "gone")}


async def test_who_left_one_commune_is_still_warned_by_another(ledger: Ledger) -> None:
    for commune in (COMMUNE, OTHER):
        await planned(ledger, Plan(crowd(2), commune=commune))
    async with ledger.writing() as connection:
        gone_there = (persons.c.commune == OTHER) & (persons.c.person_id == "p00001")
        await connection.execute(update(persons).where(gone_there).values(unsubscribed_at=1.0))
    await drain(door(ledger, FakeChannel()))
    states = {(row["commune"], row["contact"]): row["state"] for row in await rows(ledger)}
    assert states == {
        (COMMUNE, phone(0)): "accepted",
        (COMMUNE, phone(1)): "accepted",
        (OTHER, phone(0)): "accepted",
        (OTHER, phone(1)): "suppressed",
    }


async def test_who_is_enrolled_anew_is_written_to_again(ledger: Ledger) -> None:
    async with ledger.writing() as connection:
        await connection.execute(insert(persons), [person("one")])
        await connection.execute(delete(persons))
    assert await gone(ledger) == {(COMMUNE, "one")}
    async with ledger.writing() as connection:
        await connection.execute(insert(persons), [person("one")])
    assert await gone(ledger) == set()
