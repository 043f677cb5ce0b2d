"""A commune whose team texts and rings our number."""

from dataclasses import dataclass, field

from sqlalchemy import select

from channels.twilio_inbound import Rung, Texted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.store.ledger import Ledger
from dispatcher.store.team_rows import team_rows
from dispatcher.store.team_tables import team_alarms
from dispatcher.teams.keypad import Pressed, answer_press
from dispatcher.teams.members import Members
from dispatcher.teams.ordering import NewMission, propose
from dispatcher.teams.texting import answer_sms
from plans.plan import Plan as WholePlan
from tests.answering_town import NUMBER, Town, new_sid, with_plan
from tests.outgoing import COMMUNE

RAC = Actor("rac", "rac")


@dataclass
class Field:
    """A commune with its plan in force, whose team TERRAIN 1 has the number `phone`."""

    town: Town
    phone: str
    members: Members = field(default_factory=Members)

    @property
    def ledger(self) -> Ledger:
        return self.town.ledger

    @property
    def office(self) -> Office:
        return self.town.counter.office

    async def texts(self, words: str, *, sid: str = "", number: str = "") -> str:
        texted = Texted(sid or new_sid("SM"), number or self.phone, NUMBER, words)
        return await answer_sms(self.town.counter, self.members, texted)

    async def presses(self, digit: str, at: Pressed, *, sid: str) -> str:
        rung = Rung(sid, self.phone, NUMBER, digit)
        return await answer_press(self.town.counter, self.members, rung, at) or ""

    async def state(self, team: str = "TERRAIN1") -> str | None:
        row = (await team_rows(self.ledger, COMMUNE)).get(team)
        return row.state if row else None

    async def mission(self, team: str = "TERRAIN1") -> str:
        new = NewMission("secure", "Fermer le pont")
        return (await propose(self.office, new, actor=RAC, team=team)).mission

    async def alarms(self) -> list[tuple[str, str]]:
        wanted = select(team_alarms.c.kind, team_alarms.c.level).order_by(team_alarms.c.raised_at)
        rows = await self.ledger.read(lambda one: one.execute(wanted).all())
        return [tuple(row) for row in rows]


def phone_of(plan: WholePlan, team: str) -> str:
    for contact in plan.team(team).people:
        alone = sum(contact in one.people for one in plan.teams) == 1
        if alone and plan.contact(contact).phones:
            return plan.contact(contact).phones[0]
    raise AssertionError(team)


async def field_town(ledger: Ledger) -> Field:
    town = await with_plan(ledger)
    from_plan = await _plan(town)
    return Field(town, phone_of(from_plan, "TERRAIN1"))


async def _plan(town: Town) -> WholePlan:
    return (await in_force(town.counter.office)).plan
