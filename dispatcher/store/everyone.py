"""Everyone enrolled in a commune, page by page: who they are, how to call, where they live."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.people import AT_ONCE, Person, people_in
from dispatcher.store.tables import homes, persons


class Home(NamedTuple):
    """Where somebody lives, as written; its place where that is known."""

    label: str
    lon: float | None
    lat: float | None


class Enrolled(NamedTuple):
    """Somebody, with her homes in order."""

    person: Person
    homes: Sequence[Home]


async def everyone(ledger: Ledger, commune: str) -> AsyncIterator[Enrolled]:
    """Give everybody who has not left, in the order of the ids; in flat memory."""
    after = ""
    while True:
        page = await ledger.read(partial(_page, commune=commune, after=after))
        for one in page:
            if not one.person.unsubscribed:
                yield one
        if len(page) < AT_ONCE:
            return
        after = page[-1].person.id


def _page(connection: Connection, *, commune: str, after: str) -> list[Enrolled]:
    wanted = (
        select(persons.c.person_id)
        .where(persons.c.commune == commune, persons.c.person_id > after)
        .order_by(persons.c.person_id)
        .limit(AT_ONCE)
    )
    ids = list(connection.execute(wanted).scalars())
    known = people_in(connection, commune, ids) if ids else {}
    where: defaultdict[str, list[Home]] = defaultdict(list)
    for row in connection.execute(_homes(commune, ids)):
        where[row[0]].append(Home(row[1], row[2], row[3]))
    return [Enrolled(known[one], where[one]) for one in ids if one in known]


def _homes(commune: str, ids: Sequence[str]) -> Select[Any]:
    return (
        select(homes.c.person_id, homes.c.label, homes.c.lon, homes.c.lat)
        .where(homes.c.commune == commune, homes.c.person_id.in_(ids))
        .order_by(homes.c.person_id, homes.c.number)
    )
