"""People of an alert by the best that became of their messages, in all and by sector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.confirmations import reached_ever
from dispatcher.store.following_tables import version_sectors
from dispatcher.store.outgoing import BEHIND, answers, deliveries, recipients

LOST = ("undelivered", "failed", "exhausted", "expired", "suppressed", "cancelled")


@dataclass(frozen=True)
class Cases:
    """People by the best that became of their messages: waiting, lost, handed, delivered, answered.

    Who answered is in no other case; what she answered is counted by `confirmations.py`.
    `by_sector` has the same by the name of the sector they live in, empty outside all; of those
    whose sector is not known yet there is nothing there (`version_sectors.py`). `ever` were reached
    by this version or another of the same alert.
    """

    whole: Mapping[str, int]
    by_sector: Mapping[str, Mapping[str, int]]
    ever: int = 0


async def cases_of(
    connection: AsyncConnection, commune: str, version_id: str, *, mine: Sequence[str]
) -> Cases:
    """Put each person who has a delivery in one case, by the best that became of hers.

    `mine` are the launched versions of its alert.
    """
    best = func.max(
        case(
            (answers.c.delivery_id.is_not(None), 5),
            (deliveries.c.state == "delivered", 4),
            (deliveries.c.state == "accepted", 3),
            (deliveries.c.state.in_(LOST), 1),
            else_=2,
        )
    ).label("best")
    answered = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    each = (
        select(recipients.c.person_id, best)
        .select_from(deliveries.join(recipients, BEHIND).outerjoin(answers, answered))
        .where(deliveries.c.commune == commune, deliveries.c.version_id == version_id)
        .group_by(recipients.c.person_id)
        .subquery()
    )
    lives = and_(
        version_sectors.c.commune == commune,
        version_sectors.c.version_id == version_id,
        version_sectors.c.person_id == each.c.person_id,
    )
    rows = await connection.execute(
        select(version_sectors.c.sector, each.c.best, func.count())
        .select_from(each.outerjoin(version_sectors, lives))
        .group_by(version_sectors.c.sector, each.c.best)
    )
    names = {5: "answered", 4: "delivered", 3: "handed", 2: "waiting", 1: "lost"}
    whole: dict[str, int] = {}
    sectors: dict[str, dict[str, int]] = {}
    for sector, found, number in rows:
        case_ = names[found]
        whole[case_] = whole.get(case_, 0) + number
        if sector is not None:
            sectors.setdefault(sector, {})[case_] = number
    once = len(mine) == 1
    here = whole.get("answered", 0) + whole.get("delivered", 0)
    ever = here if once else await reached_ever(connection, commune, mine)
    return Cases(whole, sectors, ever)
