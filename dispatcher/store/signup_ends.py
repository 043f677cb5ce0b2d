"""What a right code does, in the transaction that finds it right: enrol, add a contact, open pages.

`person` is whose page the code opens, or whom it enrolled; None where nobody is there any more.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.joining import join, rejoin, verify
from dispatcher.store.kin import Kin, keep_kin
from dispatcher.store.own_links import Own, keep_link
from dispatcher.store.people import Contact, residents_with
from dispatcher.store.personal import contact_mark
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident
from dispatcher.store.tables import persons
from dispatcher.store.versions import Chained

# What a contact of hers carries, the most usual first.
MEDIA_OF = {"mobile": ("sms", "voice"), "fixed": ("voice",), "email": ("email",)}


def with_media(chosen: tuple[str, ...], contact: Contact) -> tuple[str, ...]:
    """Return the media that somebody chose with those of a contact that she gave since."""
    return tuple(dict.fromkeys((*chosen, *MEDIA_OF.get(contact.kind, ())))) if chosen else ()


@dataclass(frozen=True)
class Ended:
    """Whom the code enrolled or found, and the line of the logbook; none where nothing is new."""

    person: str | None
    line: Chained | None = None


class End(Protocol):
    """What is done once the code is right."""

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Do it, in the caller's transaction, who has taken the turn of `people`."""


@dataclass(frozen=True)
class Enrolling:
    """Enrol somebody as she said it, joined how to what is known of her; `link_id` opens her page.

    No link is given where whoever agreed is not known to be who asked: on a telephone call.
    """

    said: Resident
    joined: Callable[[Resident, Resident], Resident]  # what is held, what she says
    line: Callable[[str, bool], Chained]  # of her id, and whether she was enrolled before
    link_id: str = ""
    kin: Kin | None = None  # whom she wants told how she is

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Enrol her."""
        person, known = await join(connection, register, self.said, joined=self.joined)
        await keep_link(connection, Own(register.commune, person), link_id=self.link_id)
        if self.kin is not None:
            await keep_kin(connection, register, person, one=self.kin)
        return Ended(person, self.line(person, known))


@dataclass(frozen=True)
class Adding:
    """Add a contact to somebody whose page is open: verified now, tried after those she has."""

    person_id: str
    contact: Contact
    line: Callable[[str], Chained]
    link_id: str = ""

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Add it; once is enough."""
        if not await rejoin(connection, register, self.person_id, of=self._with):
            return Ended(None)
        await verify(connection, register, self.person_id, contact=self.contact)
        own = Own(register.commune, self.person_id)
        await keep_link(connection, own, link_id=self.link_id)
        return Ended(self.person_id, self.line(self.person_id))

    def _with(self, held: Resident) -> Resident:
        known = any(
            (one.kind, one.value) == (self.contact.kind, self.contact.value)
            for one in held.contacts
        )
        last = 1 + max((one.rank for one in held.contacts), default=-1)
        more = () if known else (self.contact._replace(rank=last),)
        media = held.chosen_media
        if len(media) > 1:  # one alone is « by nothing else »
            media = with_media(media, self.contact)
        return replace(held, contacts=(*held.contacts, *more), chosen_media=media)


@dataclass(frozen=True)
class Naming:
    """Have somebody told how she is whose page is open: who gave her the code agrees to it."""

    person_id: str
    kin: Kin
    line: Callable[[str], Chained]
    link_id: str = ""

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Keep whom to tell; once is enough."""
        hers = and_(persons.c.commune == register.commune, persons.c.person_id == self.person_id)
        there = select(persons.c.person_id).where(hers)
        if (await connection.execute(there)).first() is None:
            return Ended(None)
        await keep_kin(connection, register, self.person_id, one=self.kin)
        own = Own(register.commune, self.person_id)
        await keep_link(connection, own, link_id=self.link_id)
        return Ended(self.person_id, self.line(self.person_id))


class Limited(Exception):
    """What the code was asked for would pass a limit on codes, named here: nothing was done."""


@dataclass(frozen=True)
class Proposing:
    """Begin the sign-up of who is proposed: she decides by the call that it makes.

    `begin` returns the limit that forbids it; then the code stays unspent (raises Limited).
    """

    begin: Callable[[AsyncConnection], Awaitable[str]]

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Have her called."""
        if limit := await self.begin(connection):
            raise Limited(limit)
        return Ended(None)


@dataclass(frozen=True)
class Opening:
    """Open the pages of whoever is behind a contact, a link each; of more nobody's is opened."""

    contact: Contact
    link_ids: Sequence[str]

    async def reach(self, connection: AsyncConnection, register: Register) -> Ended:
        """Give the links, and keep that the contact is theirs who answered it."""
        mark = contact_mark(register.ring, self.contact.value)
        wanted = residents_with(register.commune, mark)
        found = list((await connection.execute(wanted)).scalars())
        if len(found) > len(self.link_ids):
            return Ended(None)
        for person, link_id in zip(found, self.link_ids, strict=False):
            await keep_link(connection, Own(register.commune, person), link_id=link_id)
            await verify(connection, register, person, contact=self.contact)
        return Ended(found[0] if found else None)
