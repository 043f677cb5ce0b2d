"""What became of a version: counts of deliveries, of answers, of people not reached."""

from dataclasses import dataclass, field

from sqlalchemy import and_, func, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import answers, blocks, deliveries, recipients, unreachable


@dataclass(frozen=True)
class Results:
    """Counts: deliveries by medium and state, people by answer, people unreachable by reason."""

    by_medium: dict[str, dict[str, int]] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    unreachable: dict[str, int] = field(default_factory=dict)
    waiting_blocks: int = 0

    @property
    def states(self) -> dict[str, int]:
        """Deliveries by state, all media together."""
        total: dict[str, int] = {}
        for counted in self.by_medium.values():
            for state, number in counted.items():
                total[state] = total.get(state, 0) + number
        return total


async def results(ledger: Ledger, commune: str, version_id: str) -> Results:
    """Count what became of a version; one moment of the ledger."""
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
        .join(
            recipients,
            and_(
                recipients.c.commune == answers.c.commune,
                recipients.c.delivery_id == answers.c.delivery_id,
            ),
        )
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
        return Results(
            by_medium,
            {row[0]: row[1] for row in answered},
            {row[0]: row[1] for row in missing},
            int((await connection.execute(waiting)).scalar_one()),
        )
