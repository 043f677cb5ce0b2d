"""Messages of partners: each id is taken once, with its first answer; a replay changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_tables import partner_messages, partners


class Message(NamedTuple):
    """A signed message: whose, under which id, what its body digests to, at which door."""

    commune: str
    partner: str
    message_id: str
    digest: str
    door: str
    sent_at: float


@dataclass(frozen=True)
class Answer:
    """What a message was answered: an HTTP status and a body of JSON."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """A message that was taken before: the digest of its body then, and the first answer."""

    digest: str
    answer: Answer


Key = tuple[str, str, str]  # commune, partner, message


def key_of(message: Message) -> Key:
    """Return what tells a message from all others."""
    return (message.commune, message.partner, message.message_id)


_TAKEN = select(partner_messages).where(
    partner_messages.c.commune.in_(bindparam("communes", expanding=True)),
    partner_messages.c.partner.in_(bindparam("partners", expanding=True)),
    partner_messages.c.message_id.in_(bindparam("ids", expanding=True)),
)


def taken_before(connection: Connection, messages: Sequence[Message]) -> dict[Key, Answered]:
    """Return those of these messages that were taken before, and count the repeats."""
    if not messages:
        return {}
    asked = {key_of(one) for one in messages}
    communes, whose, ids = (sorted(set(one)) for one in zip(*asked, strict=True))
    rows = connection.execute(_TAKEN, {"communes": communes, "partners": whose, "ids": ids})
    found = {
        key: Answered(row.digest, Answer(row.status, row.answer))
        for row in rows
        if (key := (row.commune, row.partner, row.message_id)) in asked
    }
    if found:
        _count(connection, [one for one in messages if key_of(one) in found])
    return found


_REPEATED = (
    update(partner_messages)
    .where(
        partner_messages.c.commune == bindparam("of_commune"),
        partner_messages.c.partner == bindparam("of_partner"),
        partner_messages.c.message_id == bindparam("of_message"),
    )
    .values(repeats=partner_messages.c.repeats + 1)
)


def _count(connection: Connection, repeated: Sequence[Message]) -> None:
    names = ("of_commune", "of_partner", "of_message")
    connection.execute(_REPEATED, [dict(zip(names, key_of(one), strict=True)) for one in repeated])


def keep_answers(
    connection: Connection, answered: Sequence[tuple[Message, Answer]], *, now: float
) -> None:
    """Keep the first answers inside the transaction of what they tell."""
    rows = [
        {
            **message._asdict(),
            "received_at": now,
            "repeats": 0,
            "status": answer.status,
            "answer": dict(answer.body),
        }
        for message, answer in answered
    ]
    if rows:
        connection.execute(partner_messages.insert(), rows)


async def forget_old(ledger: Ledger, *, kept_s: float, at_once: int = 2000) -> int:
    """Forget messages that came longer ago than that, so many in a transaction; return how many.

    What they told stays: a report is known again by its own id, whenever it comes.
    """
    every = select(partners.c.commune, partners.c.partner)
    whose = await ledger.read(lambda one: one.execute(every).all())
    gone = 0
    for commune, partner in whose:
        forgotten = at_once
        while forgotten == at_once:
            forgotten = await _forget(ledger, commune, partner, kept_s=kept_s, most=at_once)
            gone += forgotten
    return gone


async def _forget(ledger: Ledger, commune: str, partner: str, *, kept_s: float, most: int) -> int:
    held = partner_messages.c
    mine = (held.commune == commune, held.partner == partner)
    old = (
        select(held.message_id).where(*mine, held.received_at < db_now() - kept_s).limit(most)
    ).scalar_subquery()
    forgotten = delete(partner_messages).where(*mine, held.message_id.in_(old))
    return await ledger.write(lambda one: one.execute(forgotten).rowcount)
