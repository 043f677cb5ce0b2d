"""What somebody wrote on her answering page, and whether she wants our messages: as kept."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.consents import CONSENTS
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.reply_tables import replies

PAGE = "page"  # the medium of what is written on an answering page
DUTY_STAYS = "stop_duty"  # a STOP of who is called by the plan: nothing is ended by it


@dataclass(frozen=True)
class Wrote:
    """The newest words of a page: how they were answered, and when (epoch seconds)."""

    said: str
    received_at: float


def written_in(
    connection: Connection, delivery_id: str, contact_mark: str
) -> tuple[Wrote | None, str]:
    """Return what was written last on a page, and what its contact last said of our messages.

    The second is of `CONSENTS`, by whatever way it came; empty where nothing was ever said.
    """
    if not contact_mark:
        return None, ""
    here = and_(replies.c.medium == PAGE, replies.c.delivery_id == delivery_id)
    consents = replies.c.said.in_((*CONSENTS, DUTY_STAYS))
    wanted = (
        select(replies.c.said, replies.c.received_at)
        .where(replies.c.contact_mark == contact_mark)
        .order_by(replies.c.received_at.desc())
        .limit(1)
    )
    words = connection.execute(wanted.where(here, ~consents)).first()
    consent = connection.execute(wanted.where(consents)).first()
    wrote = Wrote(words.said, words.received_at) if words else None
    return wrote, str(consent.said) if consent else ""


async def address_of(ledger: Ledger, commune: str, delivery_id: str) -> str:
    """Return where a message went to; empty where it was erased."""
    mine = (deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    wanted = select(deliveries.c.contact).where(*mine)
    kept = await ledger.read(lambda connection: connection.execute(wanted).scalar())
    return personal.read(ledger.ring, kept, personal.delivery_at(commune, delivery_id))


async def written_lately(ledger: Ledger, contact_mark: str, *, within_s: float) -> int:
    """Count what was written on the pages of a contact within the last seconds."""
    wanted = (
        select(func.count())
        .select_from(replies)
        .where(
            replies.c.contact_mark == contact_mark,
            replies.c.medium == PAGE,
            or_(replies.c.kind == "unknown", replies.c.kind == "help"),
            replies.c.received_at > db_now() - within_s,
        )
    )
    return int(await ledger.read(lambda connection: connection.execute(wanted).scalar_one()))
