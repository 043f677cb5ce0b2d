"""People as an alert sees them: their homes in columns, their contacts in order."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, String, Text, and_, bindparam, cast, func, select, text

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.information import ALL, Wanted, wanted_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.tables import contacts, homes, persons

AT_ONCE = 500  # ids per statement: below the limit of every database
ROWS_AT_ONCE = 20_000

MEDIA = ("sms", "voice", "email", "webhook")
IMPORTED = "import"  # a resident, as a file of the commune has her
OWN = "self"  # a resident, by her own word
RESIDENTS = (IMPORTED, OWN)
PLANNED = "plan"  # a contact of the plan's directory
DUTY = "contact:"  # begins the id of whoever holds a function or a cell, or is on call


_PERSON = (
    persons.c.person_id,
    persons.c.name,
    cast(persons.c.languages, Text),  # read by `_names`: few differ
    cast(persons.c.media, Text),
    persons.c.warn_first,
    persons.c.help_to_leave,
    persons.c.unsubscribed_at,
    persons.c.information,
    persons.c.source,
)


class Contact(NamedTuple):  # a million are read: a tuple is made in a third of the time
    """A way to reach someone: mobile or fixed (E.164), email, webhook; rank 0 is tried first."""

    kind: str
    value: str
    rank: int = 0


class Person(NamedTuple):
    """Who may be warned, and how. `languages` begins with the best understood.

    The name is that of `named` readers, and empty for the others: nobody needs it to send.
    """

    id: str
    name: str
    languages: tuple[str, ...] = ("fr",)
    chosen_media: tuple[str, ...] = ()  # sms, voice, email, webhook; empty: no choice was made
    contacts: tuple[Contact, ...] = ()
    warn_first: bool = False
    help_to_leave: bool = False
    unsubscribed: bool = False
    information: Wanted = ALL
    own_word: bool = False  # what she chose is her own word, not a file's

    @property
    def language(self) -> str:
        """Return the language understood best."""
        return self.languages[0]

    @property
    def own_order(self) -> tuple[str, ...]:
        """Return the media in the order that she chose herself; empty where a file or plan did."""
        return self.chosen_media if self.own_word else ()

    @property
    def on_duty(self) -> bool:
        """Whether she is called up in a crisis, rather than warned of one."""
        return self.id.startswith(DUTY)

    @property
    def of_plan(self) -> bool:
        """Whether the plan names her, a post or a site, rather than the register of residents."""
        return ":" in self.id


async def covered_places(ledger: Ledger, commune: str) -> frozenset[str]:
    """Return the marks of the doors where a subscriber lives: with a contact, and not left."""
    reached = select(contacts.c.person_id).where(contacts.c.commune == commune)
    left = select(persons.c.person_id).where(
        persons.c.commune == commune, persons.c.unsubscribed_at.is_not(None)
    )
    wanted = (
        select(homes.c.place_mark)
        .where(
            homes.c.commune == commune,
            homes.c.place_mark != "",
            homes.c.person_id.in_(reached),
            homes.c.person_id.not_in(left),
        )
        .distinct()
    )
    # In one hop: an area that is being drawn asks this at each corner, and the loop stays free.
    return await ledger.read(lambda one: frozenset(one.execute(wanted).scalars()))


def residents_with(commune: str, mark: str) -> "Select[str]":
    """Return the ids of the residents who have the contact of this mark, as a statement."""
    hers = and_(
        persons.c.commune == contacts.c.commune, persons.c.person_id == contacts.c.person_id
    )
    return (
        select(persons.c.person_id)
        .join(contacts, hers)
        .where(
            contacts.c.commune == commune,
            contacts.c.mark == mark,
            persons.c.source.in_(RESIDENTS),
        )
        .distinct()
        .order_by(persons.c.person_id)
    )


async def asked_first(ledger: Ledger, commune: str) -> frozenset[str]:
    """Return the ids of the people who asked to be warned first, or need help to leave."""
    wanted = select(persons.c.person_id).where(
        persons.c.commune == commune, text("(warn_first OR help_to_leave)")
    )
    return await ledger.read(lambda one: frozenset(one.execute(wanted).scalars()))


async def people(ledger: Ledger, commune: str, ids: Sequence[str]) -> dict[str, Person]:
    """Return the people of these ids, by id; one who was erased since is not in the answer."""
    found: dict[str, Person] = {}
    for some in in_parts(ids):
        found.update(await ledger.read(partial(people_in, Of(commune, ledger.ring), ids=some)))
    return found


@dataclass(frozen=True)
class Of:
    """Whose people are read: of a commune, with the keys of its register, by name or without."""

    commune: str
    ring: Ring
    named: bool = False


def people_in(of: Of, connection: Connection, *, ids: Sequence[str]) -> dict[str, Person]:
    """Return `people` for at most 500 ids, inside the caller's transaction; two statements."""
    commune, ring = of.commune, of.ring
    given = {"of_commune": commune, **rows_of([(ident,) for ident in ids])}
    words = _WANTED[connection.dialect.name]
    ways: defaultdict[str, list[Contact]] = defaultdict(list)
    for ident, kind, mark, kept, rank in connection.execute(words.contacts, given).all():
        value = personal.read(ring, kept, personal.contact_at(commune, ident, mark))
        if value:  # what nothing opens reaches nobody: told by `read`, and she is on the list
            ways[ident].append(Contact(kind, value, rank))
    return {
        row[0]: Person(
            row[0],
            personal.read(ring, row[1], personal.name_at(commune, row[0])) if of.named else "",
            _names(row[2]),
            in_usual_order(_names(row[3])) if row[8] == IMPORTED else _names(row[3]),
            tuple(ways.get(row[0], ())),
            warn_first=row[4],
            help_to_leave=row[5],
            unsubscribed=row[6] is not None,
            information=wanted_of(row[7]),
            own_word=row[8] == OWN,
        )
        for row in connection.execute(words.people, given).all()
    }


@lru_cache(maxsize=64)
def in_usual_order(media: tuple[str, ...]) -> tuple[str, ...]:
    """Return media as they are usually tried: the cell of a file's line says which, not the order.

    So it is for a danger, on her page, and once she takes the file's choice over as her own word.
    """
    return tuple(one for one in MEDIA if one in media)


@lru_cache(maxsize=1024)
def _names(listed_as: str) -> tuple[str, ...]:
    """Read a JSON list of languages or media."""
    return tuple(orjson.loads(listed_as))


@dataclass(frozen=True)
class _Wanted:
    """What is asked for some people: their ways to be reached, and themselves."""

    contacts: "Select[Any]"
    people: "Select[Any]"

    @classmethod
    def of(cls, dialect: str) -> "_Wanted":
        ids = listed(dialect, {"person_id": str})
        commune = bindparam("of_commune", type_=String)
        named = select(ids.c.person_id)
        return cls(
            select(*(contacts.c[name] for name in ("person_id", "kind", "mark", "value", "rank")))
            .where(contacts.c.commune == commune, contacts.c.person_id.in_(named))
            .order_by(contacts.c.person_id, contacts.c.rank, contacts.c.kind, contacts.c.mark),
            select(*_PERSON).where(persons.c.commune == commune, persons.c.person_id.in_(named)),
        )


_WANTED = {dialect: _Wanted.of(dialect) for dialect in DIALECTS}


async def planned_ids(ledger: Ledger, commune: str) -> list[str]:
    """Return the ids of the people that come from the plan's directory."""
    wanted = select(persons.c.person_id).where(
        persons.c.commune == commune, persons.c.source == PLANNED
    )
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted.order_by(persons.c.person_id))).scalars())


async def residents_count(ledger: Ledger, commune: str) -> int:
    """Return how many residents are enrolled."""
    wanted = (
        select(func.count())
        .select_from(persons)
        .where(persons.c.commune == commune, persons.c.source.in_(RESIDENTS))
    )
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


def in_parts(ids: Sequence[str], size: int = AT_ONCE) -> Iterator[Sequence[str]]:
    """Give the ids in parts that one statement can name."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
