"""What stayed of somebody who was erased ends once nothing keeps it any more.

A legal hold kept it, or a team that was on its way. It is what `erasing.py` had to leave: the
contact of what was sent to her and is under seal, the words and number of what she wrote before she
was erased, and where teams went for her. Looked for each day, so that neither a process that died
nor a seal of the same minute leaves any of it; each part is told as what the clocks end is
(`purging.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Update,
    and_,
    exists,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.clocks import held_version
from dispatcher.store.erasing import anybody_behind
from dispatcher.store.following_tables import help_calls
from dispatcher.store.forgetting import forget_gone
from dispatcher.store.gone import gone_since
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.privacy_tables import purges
from dispatcher.store.purging import PART, digest_of
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import contacts, departed

# The kinds of what ended so.
SENT, WRITTEN, WENT = "released", "released_replies", "released_field"


@dataclass(frozen=True)
class _What:
    kind: str
    ends: Update
    keys: Sequence[Sequence[Any]]


async def end_released(ledger: Ledger, commune: str, *, run: str) -> int:
    """End what no hold keeps any more of who is erased, in parts; return how many rows."""
    rows = number = 0
    for what in (  # replies first: some are known by the number of a message alone
        _What(WRITTEN, _emptied_written(commune), await _written(ledger, commune)),
        _What(SENT, _emptied_sent(commune), await _sent(ledger, commune)),
    ):
        for start in range(0, len(what.keys), PART):
            number += 1
            this = {"commune": commune, "run_id": run, "kind": what.kind, "number": number}
            rows += await _end(ledger, what, what.keys[start : start + PART], this=this)
    this = {"commune": commune, "run_id": run, "kind": WENT, "number": number + 1}
    async with ledger.writing() as connection:
        went = await forget_gone(connection, commune, calls=_calls(commune))
        await _tell(connection, this, went)
    return rows + len(went)


async def _end(
    ledger: Ledger, what: _What, keys: Sequence[Sequence[Any]], *, this: dict[str, Any]
) -> int:
    key = _key(what.kind)
    async with ledger.writing() as connection:
        step = what.ends.where(key.in_([tuple(one) for one in keys])).returning(*key)
        ended = sorted(tuple(row) for row in await connection.execute(step))
        await _tell(connection, this, ended)
    return len(ended)


async def _tell(
    connection: AsyncConnection, this: dict[str, Any], ended: Sequence[tuple[Any, ...]]
) -> None:
    if ended:
        now = (await connection.execute(select(db_now()))).scalar_one()
        told = {"before": now, "purged_at": now, "rows": len(ended)}
        row = {**this, **told, "digest": digest_of(ended)}
        await connection.execute(purges.insert().values(**row))


def _calls(commune: str) -> Select[Any]:
    """Select the calls for help that answer such a message, or of which the words have ended."""
    of = help_calls.c
    theirs = exists().where(
        deliveries.c.commune == commune, deliveries.c.delivery_id == of.delivery_id, _of_the_gone()
    )
    wordless = select(replies.c.sid).where(
        replies.c.commune == commune, replies.c.contact_mark == "", replies.c.body.is_(None)
    )
    whose = or_(theirs.correlate(help_calls), of.sid.in_(wordless))
    return select(of.call_id).where(of.commune == commune, whose)


def _key(kind: str) -> Any:  # noqa: ANN401 - a tuple of columns
    return tuple_(deliveries.c.serial) if kind == SENT else tuple_(replies.c.sid, replies.c.kind)


def _of_the_gone() -> ColumnElement[bool]:
    """Tell that a message went to erased people alone."""
    left = (
        exists()
        .where(
            recipients.c.serial == deliveries.c.serial,
            departed.c.commune == deliveries.c.commune,
            departed.c.person_id == recipients.c.person_id,
        )
        .correlate(deliveries)
    )
    return and_(left, ~anybody_behind())


def _free_sent(commune: str) -> ColumnElement[bool]:
    """Return which messages under seal went to erased people alone, and are held no more."""
    return and_(
        deliveries.c.commune == commune,
        deliveries.c.contact != "",
        exists().where(evidence.c.serial == deliveries.c.serial).correlate(deliveries),
        _of_the_gone(),
        ~held_version(commune, deliveries.c.version_id),
    )


def _emptied_sent(commune: str) -> Update:
    return update(deliveries).where(_free_sent(commune)).values(contact="", contact_mark="")


async def _sent(ledger: Ledger, commune: str) -> list[tuple[int]]:
    wanted = select(deliveries.c.serial).where(_free_sent(commune)).order_by(deliveries.c.serial)
    async with ledger.reading() as connection:
        return [(serial,) for serial in (await connection.execute(wanted)).scalars()]


def _free_written(commune: str) -> ColumnElement[bool]:
    """Return which replies answer such a message, or came from its number, and are held no more."""
    mark, message = replies.c.contact_mark, replies.c.delivery_id
    known = exists().where(contacts.c.commune == commune, contacts.c.mark == mark)
    theirs = exists().where(
        deliveries.c.commune == commune, deliveries.c.delivery_id == message, _of_the_gone()
    )
    marks = select(deliveries.c.contact_mark).where(
        deliveries.c.commune == commune, deliveries.c.contact_mark != "", _of_the_gone()
    )
    return and_(
        replies.c.commune == commune,
        mark != "",
        ~known.correlate(replies),
        ~held_version(commune, replies.c.version_id),
        or_(theirs.correlate(replies), and_(message.is_(None), mark.in_(marks))),
    )


def _emptied_written(commune: str) -> Update:
    blanks = {"contact": "", "contact_mark": "", "body": None}
    return update(replies).where(_free_written(commune)).values(**blanks)


async def _written(ledger: Ledger, commune: str) -> list[tuple[str, str]]:
    """Return the replies that whoever was erased had sent before: none that came since."""
    wanted = select(replies).where(_free_written(commune)).order_by(replies.c.sid, replies.c.kind)
    async with ledger.reading() as connection:
        said = [(row, _contact(ledger, row)) for row in await connection.execute(wanted)]
        numbers = {number for _, number in said if number}
        since = await gone_since(connection, ledger.ring, commune=commune, contacts=numbers)
    return [
        (row.sid, row.kind)
        for row, number in said
        if number in since and row.received_at <= since[number]
    ]


def _contact(ledger: Ledger, row: Row[Any]) -> str:
    place = personal.reply_at("contact", row.commune, row.sid, row.kind)
    return personal.read(ledger.ring, row.contact, place)
