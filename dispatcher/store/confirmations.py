"""Who confirmed an alert: each person once, whatever she answered, to whichever of its versions.

A correction goes out again to who was told before: what they said is not forgotten with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.outgoing import BEHIND, answers, deliveries, recipients, versions


@dataclass(frozen=True)
class Confirmed:
    """People whom an alert reached by any of its versions: by an answer, or by a receipt too."""

    answered: int
    reached: int


@dataclass(frozen=True)
class Said:
    """People of one version who understood, and who need help; `ever`: of any version, once."""

    understood: int
    need_help: int
    ever: int


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
    total = select(
        func.coalesce(func.sum(each.c.understood), 0),
        func.coalesce(func.sum(each.c.need_help), 0),
        func.count(),
    ).select_from(each)
    return Said(*(await connection.execute(total)).one())


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
