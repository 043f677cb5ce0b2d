"""What somebody wrote on her answering page, and whether she wants our messages: as kept."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.consents import CONSENTS
from dispatcher.store.information import EVERY, wanted_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import DUTY
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, persons

PAGE = "page"  # the medium of what is written on an answering page
STOP_SAID = (*CONSENTS, "stop_duty")  # how a STOP or its end was answered: no words of hers


@dataclass(frozen=True)
class Wrote:
    """The newest words of a page: how they were answered, and when (epoch seconds)."""

    said: str
    received_at: float


def written_in(
    connection: Connection, commune: str, delivery_id: str, contact_mark: str
) -> tuple[Wrote | None, str]:
    """Return what was written last on a page, and what its contact is told of in this commune.

    The second is `all`, `danger` (no information any more), `nothing`, `duty` (the plan calls),
    or empty: the registers do not have this contact.
    """
    if not contact_mark:
        return None, ""
    words = (
        select(replies.c.said, replies.c.received_at)
        .where(
            replies.c.contact_mark == contact_mark,
            replies.c.medium == PAGE,
            replies.c.delivery_id == delivery_id,
            replies.c.said.not_in(STOP_SAID),
        )
        .order_by(replies.c.received_at.desc())
        .limit(1)
    )
    row = connection.execute(words).first()
    wrote = Wrote(row.said, row.received_at) if row else None
    return wrote, _told_of(connection, commune, contact_mark)


def _told_of(connection: Connection, commune: str, contact_mark: str) -> str:
    behind = (
        select(
            persons.c.unsubscribed_at,
            persons.c.information,
            persons.c.person_id.startswith(DUTY, autoescape=True).label("duty"),
        )
        .join(
            contacts,
            (contacts.c.commune == persons.c.commune)
            & (contacts.c.person_id == persons.c.person_id),
        )
        .where(contacts.c.commune == commune, contacts.c.mark == contact_mark)
    )
    rows = connection.execute(behind).all()
    residents = [row for row in rows if not row.duty]
    if not residents:
        return "duty" if rows else ""
    if all(row.unsubscribed_at is not None for row in residents):
        return "nothing"
    staying = (row for row in residents if row.unsubscribed_at is None)
    silenced = all(EVERY in wanted_of(row.information).off for row in staying)
    return "danger" if silenced else "all"


async def address_of(ledger: Ledger, commune: str, delivery_id: str) -> str:
    """Return where a message went to; empty where it was erased."""
    mine = (deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    wanted = select(deliveries.c.contact).where(*mine)
    kept = await ledger.read(lambda connection: connection.execute(wanted).scalar())
    return personal.read(ledger.ring, kept, personal.delivery_at(commune, delivery_id))


async def written_lately(ledger: Ledger, contact_mark: str, *, within_s: float) -> int:
    """Count what was sent from the pages of a contact within the last seconds.

    None of one that was erased: her mark is that of all who were.
    """
    if not contact_mark:
        return 0
    wanted = (
        select(func.count())
        .select_from(replies)
        .where(
            replies.c.contact_mark == contact_mark,
            replies.c.medium == PAGE,
            replies.c.received_at > db_now() - within_s,
        )
    )
    return int(await ledger.read(lambda connection: connection.execute(wanted).scalar_one()))
