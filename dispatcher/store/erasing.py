"""Erasing somebody, whoever asks: the registers are empty of her at once, in one transaction.

What stays is under seal: that something was sent to a pseudonym, when, and with what result. What
is not under seal yet loses its contact as it comes there (`evidence.py`). What a legal hold keeps
stays until it is lifted (GDPR, art. 17.3.e).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clocks import held_version
from dispatcher.store.double_tables import joined_as
from dispatcher.store.forgetting import forget_where_teams_went
from dispatcher.store.gone import keep_gone
from dispatcher.store.joining import read_whole
from dispatcher.store.known_as import known_before
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.register_rows import Register
from dispatcher.store.reply_tables import replies
from dispatcher.store.signup_tables import signups
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import contacts, departed, persons


async def erase_in(connection: AsyncConnection, register: Register, person_id: str) -> bool:
    """Empty the registers of somebody; False where nobody has this id.

    Nothing more leaves for her, of an alert on its way either (the trigger of `departed`), and no
    file brings her back (`gone.py`). The caller has taken the turn of `people`. Raises NotOpened
    where something of hers cannot be read: she would not be known again.
    """
    known = await read_whole(connection, register, person_id)
    if known is None:
        return False
    commune = register.commune
    before = await known_before(connection, commune, person_id)
    ids = [person_id, *before]
    for name in (known.external_id, *filter(None, before.values())):
        await keep_gone(connection, register, replace(known, external_id=name))
    for one in ids:
        await forget_where_teams_went(connection, commune, one)
    await _forget_replies(connection, commune, person_id)
    mine = and_(persons.c.commune == commune, persons.c.person_id == person_id)
    await connection.execute(delete(persons).where(mine))  # with contacts, homes, links, kin
    gone = [{"commune": commune, "person_id": one} for one in before]
    await insert_missing(connection, departed, gone)
    await _forget_contacts(connection, commune, ids)
    begun = and_(signups.c.commune == commune, signups.c.person_id == person_id)
    await connection.execute(delete(signups).where(begun))
    return True


async def _forget_contacts(
    connection: AsyncConnection, commune: str, ids: Sequence[str]
) -> None:  # fmt: skip
    """Empty the contacts of what was sent to her and is under seal."""
    mine = select(recipients.c.serial).where(recipients.c.person_id.in_(ids))
    await connection.execute(
        update(deliveries)
        .where(
            of_commune(commune),
            deliveries.c.serial.in_(mine),
            exists().where(evidence.c.serial == deliveries.c.serial).correlate(deliveries),
            ~anybody_behind(),
            ~held_version(commune, deliveries.c.version_id),
        )
        .values(contact="", contact_mark="")
    )


def anybody_behind() -> ColumnElement[bool]:
    """Tell whether somebody whom the registers still have is behind a delivery."""
    ways = (
        exists()
        .where(
            recipients.c.serial == deliveries.c.serial,
            there.c.commune == deliveries.c.commune,
            ident == recipients.c.person_id,
        )
        .correlate(deliveries)
        for there, ident in ((persons, persons.c.person_id), (joined_as, joined_as.c.was))
    )
    return or_(*ways)


def of_commune(commune: str) -> ColumnElement[bool]:
    """Return the condition that a delivery is of this commune, as a computed value.

    Else SQLite begins with all deliveries of the commune: a person has few.
    """
    return func.coalesce(deliveries.c.commune, "") == commune


def numbers_of(commune: str, person_id: str) -> Select[Any]:
    """Select the marks of a person's contacts."""
    return select(contacts.c.mark).where(
        contacts.c.commune == commune, contacts.c.person_id == person_id
    )


async def _forget_replies(connection: AsyncConnection, commune: str, person_id: str) -> None:
    """Empty the words and numbers of replies from numbers that nobody else has here."""
    others = select(contacts.c.mark).where(
        contacts.c.commune == commune,
        contacts.c.person_id != person_id,
        contacts.c.mark.in_(numbers_of(commune, person_id)),
    )
    await connection.execute(
        update(replies)
        .where(
            replies.c.commune == commune,
            replies.c.contact_mark.in_(numbers_of(commune, person_id)),
            replies.c.contact_mark.not_in(others),
            ~held_version(commune, replies.c.version_id),
        )
        .values(contact="", contact_mark="", body=None)
    )
