"""What became of a version: counts of deliveries, of answers, of people not reached."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, select, union

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, answers, blocks, deliveries, recipients, unreachable
from dispatcher.store.pursuit_tables import pursuits


@dataclass(frozen=True)
class Results:
    """Counts: deliveries by medium and state; people by answer, unreachable, reached, not reached.

    `reached` confirmed, as the policy asks; `unreached` have taken every step, by reason;
    `unreachable` never had a message. Who is none of them is still being pursued.
    """

    by_medium: dict[str, dict[str, int]] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    unreachable: dict[str, int] = field(default_factory=dict)
    waiting_blocks: int = 0
    reached: int = 0
    unreached: dict[str, int] = field(default_factory=dict)

    @property
    def states(self) -> dict[str, int]:
        """Deliveries by state, all media together."""
        total: dict[str, int] = {}
        for counted in self.by_medium.values():
            for state, number in counted.items():
                total[state] = total.get(state, 0) + number
        return total


async def results(
    ledger: Ledger, commune: str, version_id: str, *, confirmation: str = "acknowledged"
) -> Results:
    """Count what became of a version; one moment of the ledger.

    `confirmation` is what the version's policy asks for: acknowledged or delivered.
    """
    of_version = and_(deliveries.c.commune == commune, deliveries.c.version_id == version_id)
    counted = select(deliveries.c.medium, deliveries.c.state, func.count()).where(of_version)
    # An answer from a shared phone counts for each person of its household.
    people = (
        select(answers.c.kind, func.count(recipients.c.person_id.distinct()))
        .join(
            deliveries,
            and_(
                deliveries.c.commune == answers.c.commune,
                deliveries.c.delivery_id == answers.c.delivery_id,
            ),
        )
        .join(recipients, BEHIND)
        .where(of_version)
    )
    lost = select(unreachable.c.reason, func.count()).where(
        unreachable.c.commune == commune, unreachable.c.version_id == version_id
    )
    waiting = select(func.count()).where(
        blocks.c.commune == commune,
        blocks.c.version_id == version_id,
        blocks.c.materialised_at.is_(None),
    )
    by_medium: dict[str, dict[str, int]] = {}
    async with ledger.reading() as connection:
        grouped = counted.group_by(deliveries.c.medium, deliveries.c.state)
        for medium, state, number in await connection.execute(grouped):
            by_medium.setdefault(medium, {})[state] = number
        answered = await connection.execute(people.group_by(answers.c.kind))
        missing = await connection.execute(lost.group_by(unreachable.c.reason))
        unreached = await connection.execute(_unreached(commune, version_id))
        reached = _reached(commune, version_id, confirmation=confirmation)
        return Results(
            by_medium,
            {row[0]: row[1] for row in answered},
            {row[0]: row[1] for row in missing},
            int((await connection.execute(waiting)).scalar_one()),
            int((await connection.execute(reached)).scalar_one()),
            {row[0]: row[1] for row in unreached},
        )


def _unreached(commune: str, version_id: str) -> Select[Any]:
    return (
        select(pursuits.c.reason, func.count())
        .where(
            pursuits.c.commune == commune,
            pursuits.c.version_id == version_id,
            pursuits.c.state == "unreached",
        )
        .group_by(pursuits.c.reason)
    )


def _reached(commune: str, version_id: str, *, confirmation: str) -> Select[Any]:
    """Count the people behind what was answered, and where that is enough behind what arrived."""
    said = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    of_version = and_(deliveries.c.commune == commune, deliveries.c.version_id == version_id)
    people = select(recipients.c.person_id).select_from(deliveries).join(recipients, BEHIND)
    confirmed = [
        people.join(answers, said).where(of_version),
        select(pursuits.c.person_id).where(
            pursuits.c.commune == commune,
            pursuits.c.version_id == version_id,
            pursuits.c.state == "reached",
        ),
    ]
    if confirmation == "delivered":
        confirmed.append(people.where(of_version, deliveries.c.state == "delivered"))
    return select(func.count()).select_from(union(*confirmed).subquery())
