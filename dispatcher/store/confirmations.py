"""Who confirmed an alert: each person once, whatever she answered, to whichever of its versions.

A correction goes out again to who was told before: what they said is not forgotten with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.following_tables import version_sectors
from dispatcher.store.outgoing import BEHIND, answers, deliveries, recipients, versions


@dataclass(frozen=True)
class Confirmed:
    """People whom an alert reached by any of its versions: by an answer, or by a receipt too."""

    answered: int
    reached: int


class SectorSaid(NamedTuple):
    """People of a sector by what they answered: who understood and then needs help is of both."""

    understood: int
    need_help: int


@dataclass(frozen=True)
class Said:
    """People of one version who understood, and who need help; `ever`: of any version, once.

    `by_sector` has the first two by the name of the sector they live in, as `Cases` has it.
    """

    understood: int
    need_help: int
    ever: int
    by_sector: Mapping[str, SectorSaid] = field(default_factory=dict)


async def launched_versions(
    connection: AsyncConnection, commune: str, version_id: str
) -> tuple[str, ...]:
    """Return the versions of this one's alert that were launched, itself among them."""
    mine = (versions.c.commune == commune, versions.c.version_id == version_id)
    alert = select(versions.c.alert_id).where(*mine).scalar_subquery()
    wanted = select(versions.c.version_id).where(
        versions.c.commune == commune,
        versions.c.alert_id == alert,
        versions.c.launched_at.is_not(None),
    )
    found = (await connection.execute(wanted)).scalars()
    return tuple(dict.fromkeys([version_id, *found]))


async def answered(
    connection: AsyncConnection, commune: str, version_id: str, *, mine: Sequence[str]
) -> Said:
    """Count the people behind each kind of answer: one phone answers for its household."""

    def said(kind: str) -> ColumnElement[int]:
        this = and_(deliveries.c.version_id == version_id, answers.c.kind == kind)
        return func.max(case((this, 1), else_=0))

    each = (
        select(
            recipients.c.person_id,
            said("understood").label("understood"),
            said("help").label("need_help"),
        )
        .select_from(answers)
        .join(
            deliveries,
            and_(
                deliveries.c.commune == answers.c.commune,
                deliveries.c.delivery_id == answers.c.delivery_id,
            ),
        )
        .join(recipients, BEHIND)
        .where(answers.c.commune == commune, deliveries.c.version_id.in_(mine))
        .group_by(recipients.c.person_id)
        .subquery()
    )
    lives = and_(
        version_sectors.c.commune == commune,
        version_sectors.c.version_id == version_id,
        version_sectors.c.person_id == each.c.person_id,
    )
    total = (
        select(
            version_sectors.c.sector,
            func.sum(each.c.understood),
            func.sum(each.c.need_help),
            func.count(),
        )
        .select_from(each.outerjoin(version_sectors, lives))
        .group_by(version_sectors.c.sector)
    )
    rows = (await connection.execute(total)).all()
    return Said(
        understood=sum(int(row[1]) for row in rows),
        need_help=sum(int(row[2]) for row in rows),
        ever=sum(row[3] for row in rows),
        by_sector={
            row[0]: SectorSaid(int(row[1]), int(row[2])) for row in rows if row[0] is not None
        },
    )


async def reached_ever(connection: AsyncConnection, commune: str, mine: Sequence[str]) -> int:
    """Count the people whom a message of one of these versions was delivered to, or who answered.

    A walk through their messages.
    """
    heard = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    wanted = (
        select(func.count(recipients.c.person_id.distinct()))
        .select_from(deliveries.join(recipients, BEHIND).outerjoin(answers, heard))
        .where(
            deliveries.c.commune == commune,
            deliveries.c.version_id.in_(mine),
            (deliveries.c.state == "delivered") | answers.c.delivery_id.is_not(None),
        )
    )
    return int((await connection.execute(wanted)).scalar_one())
