"""A commune whose people ask for help: alerts that they got, and the operators who take calls."""

from dataclasses import dataclass

from sqlalchemy import select, update

from dispatcher.alerts.office import Actor, Office
from dispatcher.store import help_calls
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.help_calls import HelpCall
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.receipts import record_answer
from dispatcher.store.versions import Version
from tests.outgoing import COMMUNE, Plan, crowd, planned
from tests.situations import add_user, load_example_plan, office

RAC, OPERATOR, OBSERVER = (
    Actor("rac", "rac"), Actor("operateur", "operator"), Actor("voit", "observer"),
)  # fmt: skip


@dataclass
class Town:
    """A ledger with the example plan, three users, and one alert under way."""

    ledger: Ledger
    version: Version

    @property
    def office(self) -> Office:
        """The commune at work."""
        return office(self.ledger)

    async def cries(self, number: int = 0, *, kind: str = "help", via: str = "keypad") -> None:
        """Have the person of that number answer the alert."""
        ident = await self.delivery(number)
        kept = await record_answer(
            self.ledger, commune=COMMUNE, delivery_id=ident, kind=kind, via=via
        )
        assert kept is not None

    async def delivery(self, number: int) -> str:
        """Return the message of the person of that number."""
        return (await deliveries_of(self.ledger, self.version))[number]

    async def open(self) -> list[HelpCall]:
        """Return the open calls."""
        return await help_calls.open_calls(self.ledger, COMMUNE)

    async def the_call(self) -> HelpCall:
        """Return the one open call."""
        (one,) = await self.open()
        return one

    async def age(self, seconds: float) -> None:
        """Let time pass over every call: as if each had come so much earlier."""
        async with self.ledger.writing() as connection:
            await connection.execute(
                update(rows).values(
                    came_at=rows.c.came_at - seconds,
                    again_at=rows.c.again_at - seconds,
                    anew_at=rows.c.anew_at - seconds,
                    owned_at=rows.c.owned_at - seconds,
                    rung_at=rows.c.rung_at - seconds,
                    tried_at=rows.c.tried_at - seconds,
                )
            )


async def deliveries_of(ledger: Ledger, version: Version) -> list[str]:
    """Return the ids of a version's messages, in the order of its audience."""
    wanted = (
        select(deliveries.c.delivery_id)
        .where(deliveries.c.version_id == version.version_id)
        .order_by(deliveries.c.position)
    )
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def town_in_distress(ledger: Ledger, people: int = 3) -> Town:
    """Load the plan, let three people in, launch an alert to some people."""
    await load_example_plan(ledger)
    await add_user(ledger)
    await add_user(ledger, "operateur", "operator", "Noé Petit")
    await add_user(ledger, "voit", "observer", "Ida Roux")
    return Town(ledger, await planned(ledger, Plan(crowd(people))))
