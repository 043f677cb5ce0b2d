"""A mission that was ordered is told to its team, told again, and then to those who lead.

The team's leader first, by SMS and voice, then its members, each after the wait that the plan sets
(`surveillance`; three minutes, one where a life is in danger); after two chases
who ordered it, and the RAC, are rung, and an alarm of the team stands on the console until the
mission is answered or called off. The answer is the mission's report: accepted, or given up.

Runbook: `mission.told` tells each step. A mission that stays ordered without a step means that no
worker runs. A step with nobody to call means that the plan names no telephone of the team: a
partner's system is told by its own feed, others by radio; the console says so. Who was told of a
mission that is called off or given to others is told that too (`withdrawing.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.distress.ringing import rac_of
from dispatcher.store import duties, mission_tellings, summons_answers
from dispatcher.store.field_alarms import UNANSWERED
from dispatcher.store.field_filing import file_reports
from dispatcher.store.mission_tellings import Heard, NextTelling, Telling, Unanswered
from dispatcher.store.people import DUTY
from dispatcher.store.summons_answers import COMING, YES_OR_NO, Said
from dispatcher.store.waves import Wave
from dispatcher.tasking.telling import (
    LIFE,
    WORKER,
    Told,
    order_content,
    plan_now,
    silence_content,
    wave_of,
)
from dispatcher.tasking.withdrawing import tell_withdrawn
from dispatcher.teams import reporting
from dispatcher.teams.reporting import Sender, report_of
from dispatcher.teams.roster import KnownTeam, roster_of
from plans.watch import answer_s

TOLD, CHASED, ESCALATED = "told", "chased", "escalated"
CHASES = 2
SHORTEST_S = 60.0
_SAID = {
    TOLD: "Mission envoyée à l'équipe",
    CHASED: "Mission sans réponse : équipe relancée",
    ESCALATED: "Mission sans réponse après deux relances : donneur d'ordre et RAC appelés",
}
_NOBODY = " — personne à appeler"

log = structlog.get_logger(__name__)


class Chaser:
    """Takes turns at the missions of a ledger that their teams have not accepted."""

    def __init__(self, office: Office) -> None:
        """Work for every commune of the office's ledger; each plan says how long it waits."""
        self._office = office

    async def turn(self) -> bool:
        """Look once, by database time; return whether somebody is called now."""
        await self._hear()
        called = await tell_withdrawn(self._office)  # before what is ordered instead
        for one in await mission_tellings.unanswered(self._office.ledger):
            if (what := await self._due(one)) is not None:
                called |= await self._tell(one, what)
        return called

    async def _due(self, one: Unanswered) -> str | None:
        """Return the step that is due now; None: none is, or all were taken."""
        if not one.steps:
            return TOLD
        last = one.steps[-1]
        waited_s = one.now - last.told_at
        # No plan is read for what is due in none: the shortest wait that one may set is a minute.
        if last.what == ESCALATED or waited_s < SHORTEST_S or waited_s < await self._wait_s(one):
            return None
        return CHASED if len(one.steps) <= CHASES else ESCALATED

    async def _wait_s(self, one: Unanswered) -> float:
        office, mission = self._office.of(one.mission.commune), one.mission
        current = await plan_now(office)
        watch = current.plan.watch if current else {}
        team = (await roster_of(office)).teams.get(mission.team or "")
        kind = team.kind if team else ""
        return answer_s(watch, kind, mission.kind, urgent=mission.urgency == 1)

    async def _tell(self, one: Unanswered, what: str) -> bool:
        mission = one.mission
        office = self._office.of(mission.commune)
        team = (await roster_of(office)).teams.get(mission.team or "")
        current = await plan_now(office)
        people: tuple[str, ...] = ()
        wave: Wave | None = None
        if current is not None:
            told = Told(mission, team.call_sign if team else mission.team or "")
            if what == ESCALATED:
                minutes = max(1, round((one.now - (mission.ordered_at or one.now)) / 60.0))
                people = await _leads(office, current, one)
                content = silence_content(current, told, minutes=min(minutes, 59))
            else:
                people = _next(current, team, one.steps)
                content = order_content(current, told)
            wave = await wave_of(office, current, content, people) if people else None
        ident = new_id()
        line = office.line(
            WORKER, f"mission.{what}", f"{_SAID[what]}{'' if people else _NOBODY}",
            mission=mission.mission, team=mission.team, event=mission.event, mode=mission.mode,
            people=[f"{DUTY}{one}" for one in people], alert=ident if wave else None,
            **({"alarms": [UNANSWERED]} if what == ESCALATED else {}),
        )  # fmt: skip
        made = NextTelling(what, people, ident, wave, line, alarm=what == ESCALATED)
        if not await mission_tellings.tell(office.ledger, one, made):
            return False
        log.info("mission.told", commune=office.commune, mission=mission.mission, what=what)
        return wave is not None

    async def _hear(self) -> None:
        """Take what was answered; end what nobody waits for any more."""
        for step, stands in await mission_tellings.waiting(self._office.ledger):
            office = self._office.of(step.commune)
            if not stands:
                await mission_tellings.end(office.ledger, step, None, report=_nothing)
            elif step.wave is not None and step.what != ESCALATED:
                said, now = await summons_answers.said_of(office.ledger, step.commune, step.wave)
                heard = _heard(said)
                if heard is not None:
                    await self._answered(office, step, heard)
                elif now - step.told_at > LIFE.total_seconds():
                    await mission_tellings.end(office.ledger, step, None, report=_nothing)

    async def _answered(self, office: Office, step: Telling, heard: Heard) -> None:
        """File the answer as the team's own report, at the time at which it was given."""
        found = [
            one.mission
            for one in await mission_tellings.unanswered(office.ledger)
            if (one.mission.commune, one.mission.mission) == (step.commune, step.mission)
        ]
        if not found:
            return  # somebody was faster: the next turn ends the step
        team = (await roster_of(office)).teams.get(found[0].team or "")
        telling = reporting.Telling(
            datetime.fromtimestamp(heard.at, UTC),
            mission=step.mission,
            mission_said="accepted" if heard.answer == COMING else "failed",
            event=found[0].event,
            note="" if heard.answer == COMING else "Mission impossible, dit l'équipe",
        )
        report = report_of(telling, team, sender=Sender("sms", heard.by, step.wave or ""))
        late = report._replace(at=max(report.at, step.told_at))

        def file(connection: Connection) -> None:
            key, ring = office.logbook_key, office.ledger.ring
            file_reports(connection, step.commune, [late], key=key, ring=ring)

        await mission_tellings.end(office.ledger, step, heard, report=file)


def _nothing(_: Connection) -> None:
    """Report nothing: the step is over, and nobody answered it."""


def _heard(said: Mapping[str, Said]) -> Heard | None:
    """Return the first answer that somebody gave."""
    given = [
        Heard(one.answer, person.removeprefix(DUTY), one.answered_at)
        for person, one in said.items()
        if one.answer in YES_OR_NO and one.answered_at is not None
    ]
    return min(given, key=lambda one: one.at, default=None)


def _next(
    current: PlanInForce, team: KnownTeam | None, steps: Sequence[Telling]
) -> tuple[str, ...]:
    """Return who of the team is told now: the leader, then each member, then round again."""
    known = {one.id: one for one in current.plan.contacts}
    able = [one for one in (team.people if team else ()) if one in known and known[one].phones]
    return (able[len(steps) % len(able)],) if able else ()


async def _leads(office: Office, current: PlanInForce, one: Unanswered) -> tuple[str, ...]:
    """Return who ordered it, and the RAC: those of them whom the plan knows by a telephone."""
    known = {each.id for each in current.plan.contacts if each.phones}
    logins = await duties.user_contacts(office.ledger, office.commune)
    ordered = logins.get(one.mission.ordered_by or "")
    rac = await rac_of(office, current.plan, mode=one.mission.mode)
    return tuple(dict.fromkeys(each for each in (ordered, rac) if each in known and each))
