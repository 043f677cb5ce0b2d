"""What became of a summons: who was reached how, who answered what, who cannot be reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import summons_calls, summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import (
    BEHIND,
    answers,
    deliveries,
    recipients,
    unreachable,
    versions,
)
from dispatcher.store.pursuit_tables import pursuits
from dispatcher.store.summonses import Call, Summons

COMING, UNABLE = "coming", "unable"
YES_OR_NO = (COMING, UNABLE)


@dataclass(frozen=True)
class Way:
    """One message to a person: by which medium, in which state, taken by the provider when."""

    medium: str
    state: str
    accepted_at: float | None


@dataclass
class Said:
    """What is known of a person who was called; `answer` is her last word."""

    ways: list[Way] = field(default_factory=list)
    answer: str | None = None
    answered_at: float | None = None
    lost: bool = False  # no way to reach her is left

    def hear(self, kind: str, at: float) -> None:
        """Take an answer: who changes her mind is believed."""
        if self.answered_at is None or at > self.answered_at:
            self.answer, self.answered_at = kind, at


async def open_summonses(ledger: Ledger) -> list[Summons]:
    """Return every summons of this installation whose people may still answer.

    Those that are over too, unless somebody stopped them: who came may find that she cannot.
    """
    answerable = and_(summonses.c.stopped_by.is_(None), summonses.c.expires_at > db_now())
    wanted = select(summonses).where(or_(summonses.c.over_at.is_(None), answerable))
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(summonses.c.launched_at))
        return [Summons(**row._mapping) for row in rows]


async def summonses_of(ledger: Ledger, commune: str, event_id: str) -> list[Summons]:
    """Return the summonses of an event, the newest first."""
    mine = and_(summonses.c.commune == commune, summonses.c.event_id == event_id)
    wanted = select(summonses).where(mine).order_by(summonses.c.launched_at.desc())
    async with ledger.reading() as connection:
        return [Summons(**row._mapping) for row in await connection.execute(wanted)]


async def calls_of(ledger: Ledger, commune: str, summons_id: str) -> list[Call]:
    """Return whom a summons may call, post by post, each post's in order."""
    names = [summons_calls.c[name] for name in Call.__dataclass_fields__]
    mine = and_(summons_calls.c.commune == commune, summons_calls.c.summons_id == summons_id)
    wanted = select(*names).where(mine).order_by(summons_calls.c.post, summons_calls.c.rank)
    async with ledger.reading() as connection:
        return [Call(**row._mapping) for row in await connection.execute(wanted)]


async def said_of(ledger: Ledger, commune: str, summons_id: str) -> tuple[dict[str, Said], float]:
    """Return what is known of each person called, by id, and the database's own instant."""
    async with ledger.reading() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        found: dict[str, Said] = {}
        for row in await connection.execute(_ways(commune, summons_id)):
            said = found.setdefault(row.person_id, Said())
            said.ways.append(Way(row.medium, row.state, row.accepted_at))
        heard = await connection.execute(_answered(commune, summons_id))
        for one in heard:
            if one.kind in YES_OR_NO:
                found.setdefault(one.person_id, Said()).hear(one.kind, one.answered_at)
        for person in await _lost(connection, commune, summons_id):
            found.setdefault(person, Said()).lost = True
        return found, now


def _mine(commune: str, summons_id: str) -> Select[tuple[str]]:
    return select(versions.c.version_id).where(
        versions.c.commune == commune, versions.c.alert_id == summons_id
    )


def _ways(commune: str, summons_id: str) -> Select[tuple[str, str, str, float | None]]:
    return (
        select(
            recipients.c.person_id,
            deliveries.c.medium,
            deliveries.c.state,
            deliveries.c.accepted_at,
        )
        .join_from(deliveries, recipients, BEHIND)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.version_id.in_(_mine(commune, summons_id)),
        )
        .order_by(deliveries.c.serial)
    )


def _answered(commune: str, summons_id: str) -> Select[tuple[str, str, float]]:
    same = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    return (
        select(recipients.c.person_id, answers.c.kind, answers.c.answered_at)
        .join_from(deliveries, recipients, BEHIND)
        .join(answers, same)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.version_id.in_(_mine(commune, summons_id)),
        )
    )


async def _lost(connection: AsyncConnection, commune: str, summons_id: str) -> Sequence[str]:
    mine = _mine(commune, summons_id)
    nowhere = select(unreachable.c.person_id).where(
        unreachable.c.commune == commune, unreachable.c.version_id.in_(mine)
    )
    in_vain = select(pursuits.c.person_id).where(
        pursuits.c.commune == commune,
        pursuits.c.version_id.in_(mine),
        pursuits.c.state == "unreached",
        pursuits.c.reason != "silent",  # a message arrived: she may still answer
    )
    found = [*(await connection.execute(nowhere)).scalars()]
    return [*found, *(await connection.execute(in_vain)).scalars()]
