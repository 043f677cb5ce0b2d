"""What people sent to our numbers: kept once each, with all that follows in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.help_calls import HELP
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.kin import tell_no_more
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import DUTY
from dispatcher.store.receipts import keep_answer
from dispatcher.store.reply_tables import replies
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import contacts, persons

A_DAY_S = 24 * 3600.0
MOST_CHARS = 2_000  # of an SMS: Twilio joins no longer ones
_PHONES = ("mobile", "fixed")


@dataclass(frozen=True)
class Reply:
    """One SMS, or one key pressed by who rang back; `contact` is empty where it is hidden.

    `deliveries` are the number's messages that it answers: with `counted`, each keeps the answer.
    `known_in` are the communes where whoever is behind the number stops or starts being warned.
    """

    commune: str
    sid: str
    kind: str
    medium: str
    account: str
    said: str
    contact: str = field(repr=False)
    body: str | None = field(default=None, repr=False)
    version_id: str | None = None
    deliveries: tuple[str, ...] = ()
    counted: bool = False
    known_in: frozenset[str] = frozenset()


async def keep_reply(ledger: Ledger, reply: Reply, *, key: bytes) -> str:
    """Keep a reply, and what it answers or asks; return how it was answered the first time.

    The same request again changes nothing. `stopped` and `started` are of everybody behind the
    number; each leaves a line in the commune's logbook (`key`).
    """
    async with ledger.writing() as connection:
        if not await _keep(connection, reply, ring=ledger.ring):
            known = select(replies.c.said).where(
                replies.c.sid == reply.sid, replies.c.kind == reply.kind
            )
            return str((await connection.execute(known)).scalar_one())
        via = "sms" if reply.medium == "sms" else "ring"
        if reply.kind == HELP and not reply.counted:
            mark = personal.contact_mark(ledger.ring, reply.contact)
            cry = Cry(reply.commune, via, mark, reply.version_id, sid=reply.sid)
            await keep_cry(connection, cry)
        if reply.counted:
            # All at once, in one order: who answers one of them on its page holds it, then asks.
            await connection.execute(_held(reply))
            for ident in sorted(reply.deliveries):
                await keep_answer(
                    connection, commune=reply.commune, delivery_id=ident, kind=reply.kind, via=via
                )
        if reply.said == "stopped":
            await tell_no_more(connection, personal.contact_mark(ledger.ring, reply.contact))
        if reply.said in ("stopped", "started"):
            for commune in sorted(reply.known_in):
                behind = _behind(commune, reply, ring=ledger.ring)
                stops = reply.said == "stopped"
                await _subscribe(connection, commune, behind, stops=stops, key=key)
    return reply.said


def _held(reply: Reply) -> Select[tuple[str]]:
    return (
        select(deliveries.c.delivery_id)
        .where(
            deliveries.c.commune == reply.commune,
            deliveries.c.delivery_id.in_(reply.deliveries),
        )
        .order_by(deliveries.c.delivery_id)
        .with_for_update()
    )


async def _keep(connection: AsyncConnection, reply: Reply, *, ring: Ring) -> bool:
    def sealed(column: str, text: str) -> str:
        place = personal.reply_at(column, reply.commune, reply.sid, reply.kind)
        return personal.sealed(ring, text, place) if text else ""

    kept = await connection.execute(
        insert_for(connection, replies)
        .values(
            commune=reply.commune,
            sid=reply.sid,
            kind=reply.kind,
            medium=reply.medium,
            account=reply.account,
            contact_mark=personal.contact_mark(ring, reply.contact),
            contact=sealed("contact", reply.contact),
            body=reply.body and sealed("body", reply.body[:MOST_CHARS]),
            version_id=reply.version_id,
            delivery_id=reply.deliveries[0] if reply.deliveries else None,
            counted=reply.counted,
            said=reply.said,
            received_at=db_now(),
        )
        .on_conflict_do_nothing()
        .returning(replies.c.sid)
    )
    return kept.first() is not None


def _behind(commune: str, reply: Reply, *, ring: Ring) -> Select[tuple[str]]:
    return select(contacts.c.person_id).where(
        contacts.c.commune == commune,
        contacts.c.kind.in_(_PHONES),
        contacts.c.mark == personal.contact_mark(ring, reply.contact),
    )


async def _subscribe(
    connection: AsyncConnection,
    commune: str,
    behind: Select[tuple[str]],
    *,
    stops: bool,
    key: bytes,
) -> None:
    off = persons.c.unsubscribed_at
    changed = await connection.execute(
        update(persons)
        .where(persons.c.commune == commune, persons.c.person_id.in_(behind))
        # A STOP ends what a resident asked for; it frees nobody from a duty of the plan.
        .where(~persons.c.person_id.startswith(DUTY, autoescape=True))
        .where(off.is_(None) if stops else off.is_not(None))
        .values(unsubscribed_at=db_now() if stops else None)
        .returning(persons.c.person_id)
    )
    kind = "residents.unsubscribed" if stops else "residents.subscribed"
    text = "Habitant désinscrit par SMS" if stops else "Habitant réinscrit par SMS"
    for person in sorted(changed.scalars()):
        entry = Entry("resident", kind, text, {"person": person})
        await append(connection, commune=commune, entry=entry, key=key)


@dataclass(frozen=True)
class Known:
    """Somebody of our registers whose number this is."""

    commune: str
    language: str


async def known_by(ledger: Ledger, contact: str, *, communes: Sequence[str]) -> list[Known]:
    """Return who has this number in these communes, by commune and person."""
    same = and_(
        contacts.c.commune == persons.c.commune, contacts.c.person_id == persons.c.person_id
    )
    wanted = (
        select(persons.c.commune, persons.c.language)
        .join(contacts, same)
        .where(
            contacts.c.commune.in_(communes),
            contacts.c.kind.in_(_PHONES),
            contacts.c.mark == personal.contact_mark(ledger.ring, contact),
        )
        .order_by(persons.c.commune, persons.c.person_id)
    )
    async with ledger.reading() as connection:
        return [Known(*row) for row in await connection.execute(wanted)]


async def was_warned(ledger: Ledger, contact: str) -> bool:
    """Tell whether this number was told within a day what stopping means."""
    warned = select(replies.c.sid).where(
        replies.c.contact_mark == personal.contact_mark(ledger.ring, contact),
        replies.c.said == "stop_warned",
        replies.c.received_at > db_now() - A_DAY_S,
    )
    async with ledger.reading() as connection:
        return (await connection.execute(warned.limit(1))).first() is not None


@dataclass(frozen=True)
class ToRead:
    """A reply that no counter holds: somebody has to read it. `sid` names it; instants in epoch."""

    sid: str
    kind: str
    medium: str
    contact: str
    body: str | None
    version_id: str | None
    said: str
    received_at: float


async def to_read(
    ledger: Ledger, commune: str, *, alert_id: str = "", limit: int = 100
) -> list[ToRead]:
    """Return the replies that nobody counted, the newest first.

    Of an alert: those of its own numbers, and those that name no alert and came while it ran or
    within a day after it. Without an alert: all of the last thirty days.
    """
    wanted = (
        select(*(replies.c[name] for name in ToRead.__dataclass_fields__))
        .where(replies.c.commune == commune, replies.c.counted.is_(False))
        .order_by(replies.c.received_at.desc(), replies.c.sid)
        .limit(limit)
    )
    if alert_id:
        wanted = wanted.where(_of_alert(commune, alert_id))
    else:
        wanted = wanted.where(replies.c.received_at > db_now() - 30 * A_DAY_S)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted)
        return [_opened(ToRead(**row._mapping), commune, ring=ledger.ring) for row in rows]


def _opened(kept: ToRead, commune: str, *, ring: Ring) -> ToRead:
    def said(column: str, sealed: str | None) -> str:
        return personal.read(ring, sealed, personal.reply_at(column, commune, kept.sid, kept.kind))

    body = None if kept.body is None else said("body", kept.body)
    return replace(kept, contact=said("contact", kept.contact), body=body)


def _of_alert(commune: str, alert_id: str) -> Any:  # noqa: ANN401 - a SQL condition
    mine = and_(versions.c.commune == commune, versions.c.alert_id == alert_id)
    began = select(func.min(versions.c.launched_at)).where(mine).scalar_subquery()
    end = func.coalesce(versions.c.cancelled_at, versions.c.expires_at)
    ended = select(func.max(end)).where(mine).scalar_subquery()
    return or_(
        replies.c.version_id.in_(select(versions.c.version_id).where(mine)),
        and_(
            replies.c.version_id.is_(None),
            replies.c.received_at.between(began, ended + A_DAY_S),
        ),
    )
