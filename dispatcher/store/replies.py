"""What people sent to our numbers, or wrote on their pages: kept once each, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.consents import CONSENTS, STOPS, WARNED, Spoken, consent
from dispatcher.store.help_calls import HELP
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.kin import tell_no_more
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.people import DUTY
from dispatcher.store.receipts import keep_answer
from dispatcher.store.reply_tables import replies
from dispatcher.store.statements import insert_in
from dispatcher.store.tables import contacts, persons
from dispatcher.store.turns import take_turns_in

A_DAY_S = 24 * 3600.0
MOST_CHARS = 2_000  # of an SMS: Twilio joins no longer ones


@dataclass(frozen=True)
class Reply:
    """One SMS, one key pressed by who rang back, or words of an answering page.

    `contact` is empty where it is hidden. `medium` is sms, voice or page.

    `deliveries` are the number's messages that it answers: with `counted`, each keeps the answer.
    `known_in` are the communes where whoever is behind the number stops or starts being told.
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

    The same request again changes nothing. What it stops or starts (`consents.py`) is of everybody
    behind the number; each leaves a line in the commune's logbook (`key`).
    """

    def act(connection: Connection) -> str:
        return _kept(connection, reply, ring=ledger.ring, key=key)

    return await ledger.write_together(act)


def _kept(connection: Connection, reply: Reply, *, ring: Ring, key: bytes) -> str:
    mark = personal.contact_mark(ring, reply.contact)
    for commune in sorted(reply.known_in) if reply.said in CONSENTS else ():
        take_turns_in(connection, "people", commune=commune)
    if not _keep(connection, reply, mark=mark, ring=ring):
        known = select(replies.c.said).where(
            replies.c.sid == reply.sid, replies.c.kind == reply.kind
        )
        return str(connection.execute(known).scalar_one())
    _answer(connection, reply, mark=mark)
    for commune in sorted(reply.known_in) if reply.said in CONSENTS else ():
        consent(connection, reply.said, Spoken(commune, mark, _BY[reply.medium]), key=key)
    if reply.said in STOPS:
        tell_no_more(connection, mark)
    return reply.said


_BY = {"sms": "par SMS", "voice": "par téléphone", "page": "sur la page du message"}
_VIA = {"sms": "sms", "voice": "ring", "page": "page"}


def _answer(connection: Connection, reply: Reply, *, mark: str) -> None:
    via = _VIA[reply.medium]
    if reply.kind == HELP and not reply.counted:
        keep_cry(connection, Cry(reply.commune, via, mark, reply.version_id, sid=reply.sid))
    if reply.counted:
        # All at once, in one order: who answers one of them on its page holds it, then asks.
        connection.execute(_held(reply))
        for ident in sorted(reply.deliveries):
            keep_answer(
                connection, commune=reply.commune, delivery_id=ident, kind=reply.kind, via=via
            )


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


_REPLY = {
    dialect: insert_in(dialect, replies)
    .values(received_at=db_now())
    .on_conflict_do_nothing()
    .returning(replies.c.sid)
    for dialect in DIALECTS
}


def _keep(connection: Connection, reply: Reply, *, mark: str, ring: Ring) -> bool:
    def sealed(column: str, text: str) -> str:
        place = personal.reply_at(column, reply.commune, reply.sid, reply.kind)
        return personal.sealed(ring, text, place) if text else ""

    told = {
        "commune": reply.commune,
        "sid": reply.sid,
        "kind": reply.kind,
        "medium": reply.medium,
        "account": reply.account,
        "contact_mark": mark,
        "contact": sealed("contact", reply.contact),
        "body": reply.body and sealed("body", reply.body[:MOST_CHARS]),
        "version_id": reply.version_id,
        "delivery_id": reply.deliveries[0] if reply.deliveries else None,
        "counted": reply.counted,
        "said": reply.said,
    }
    kept = connection.execute(_REPLY[connection.dialect.name], told)
    return kept.first() is not None


@dataclass(frozen=True)
class Known:
    """Somebody of our registers whose contact this is; `left`: she is not warned any more."""

    commune: str
    language: str
    on_duty: bool = False
    left: bool = False


async def known_by(ledger: Ledger, contact: str, *, communes: Sequence[str]) -> list[Known]:
    """Return who has this number or mail address in these communes, by commune and person."""
    same = and_(
        contacts.c.commune == persons.c.commune, contacts.c.person_id == persons.c.person_id
    )
    wanted = (
        select(
            persons.c.commune,
            persons.c.language,
            persons.c.person_id.startswith(DUTY, autoescape=True),
            persons.c.unsubscribed_at.is_not(None),
        )
        .join(contacts, same)
        .where(
            contacts.c.commune.in_(communes),
            contacts.c.mark == personal.contact_mark(ledger.ring, contact),
        )
        .order_by(persons.c.commune, persons.c.person_id)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [Known(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows]


async def was_warned(ledger: Ledger, contact: str) -> bool:
    """Tell whether the last STOP or START of this number was told within a day what stopping means.

    So the next STOP is her choice, and she knows of what.
    """
    last = (
        select(replies.c.said)
        .where(
            replies.c.contact_mark == personal.contact_mark(ledger.ring, contact),
            replies.c.said.in_(CONSENTS),
            replies.c.received_at > db_now() - A_DAY_S,
        )
        .order_by(replies.c.received_at.desc())
        .limit(1)
    )
    said = await ledger.read(lambda connection: connection.execute(last).scalar())
    return said in WARNED


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
