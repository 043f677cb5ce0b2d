"""Short writes that come at once: each is written whole, whatever stands beside it."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import departed


def leaving(person: str) -> None:
    raise KeyError(person)


def add(connection: Connection, person: str) -> str:
    connection.execute(departed.insert(), {"commune": "99117", "person_id": person})
    return person


async def there(ledger: Ledger) -> int:
    wanted = select(func.count()).select_from(departed)
    return await ledger.read(lambda connection: int(connection.execute(wanted).scalar_one()))


async def test_each_of_two_hundred_is_written_and_given_its_own_answer(ledger: Ledger) -> None:
    names = [f"p{number}" for number in range(200)]
    found = await asyncio.gather(
        *(ledger.write_together(partial(add, person=name)) for name in names)
    )
    assert found == names
    assert await there(ledger) == 200


async def test_what_fails_is_told_to_who_asked_and_undoes_nothing_of_the_others(
    ledger: Ledger,
) -> None:
    def fails(connection: Connection) -> None:
        add(connection, "gone")
        leaving("gone")

    acts = [lambda one, name=name: add(one, name) for name in ("a", "b")]
    told = await asyncio.gather(
        *(ledger.write_together(act) for act in (acts[0], fails, acts[1])),
        return_exceptions=True,
    )
    assert [type(one) for one in told] == [str, KeyError, str]
    assert await there(ledger) == 2


async def test_the_same_row_twice_is_refused_to_one_of_them_alone(ledger: Ledger) -> None:
    told = await asyncio.gather(
        *(ledger.write_together(lambda one: add(one, "same")) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in told) == ["IntegrityError", "str"]
    with pytest.raises(IntegrityError):
        await ledger.write_together(lambda one: add(one, "same"))


async def test_who_asked_may_be_gone_and_the_others_are_answered(ledger: Ledger) -> None:
    first = asyncio.create_task(ledger.write_together(lambda one: add(one, "a")))
    second = asyncio.create_task(ledger.write_together(lambda one: add(one, "b")))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "b"
