"""Everyone enrolled in a commune, page by page: who they are, how to call, where they live."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import AT_ONCE, Of, Person, people_in
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
        of = Of(commune, ledger.ring, named=True)
        page = await ledger.read(partial(_page, of, after=after))
        for one in page:
            if not one.person.unsubscribed:
                yield one
        if len(page) < AT_ONCE:
            return
        after = page[-1].person.id


def _page(of: Of, connection: Connection, *, after: str) -> list[Enrolled]:
    commune = of.commune
    wanted = (
        select(persons.c.person_id)
        .where(persons.c.commune == commune, persons.c.person_id > after)
        .order_by(persons.c.person_id)
        .limit(AT_ONCE)
    )
    ids = list(connection.execute(wanted).scalars())
    known = people_in(of, connection, ids=ids) if ids else {}
    where: defaultdict[str, list[Home]] = defaultdict(list)
    for row in connection.execute(_homes(commune, ids)):
        said = personal.read_home(of.ring, row[2], personal.home_at(commune, row[0], row[1]))
        where[row[0]].append(Home(said.label, row[3], row[4]))
    return [Enrolled(known[one], where[one]) for one in ids if one in known]


def _homes(commune: str, ids: Sequence[str]) -> Select[Any]:
    return (
        select(*(homes.c[name] for name in ("person_id", "number", "label", "lon", "lat")))
        .where(homes.c.commune == commune, homes.c.person_id.in_(ids))
        .order_by(homes.c.person_id, homes.c.number)
    )
