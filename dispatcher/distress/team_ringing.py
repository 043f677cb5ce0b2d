"""The RAC is rung for a team in distress that nobody has taken within a minute; then the DOS.

Each time that she does nothing the next is rung: who holds the RAC's post, the plan's RAC and her
deputies, the DOS and his. Whoever has it and was asked again is rung for alike. One of an exercise
is rung for too, and says both: that it is one, and that the danger may be real.

Runbook: `team_distress.rung` tells that somebody was. `team_distress.nobody_to_ring` says that the
plan names no RAC and no DOS with a telephone: complete the directory; it is tried again.
"""

import structlog

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.drafting import PREFIXED, digest_of, new_id
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.summoning import Reason, content_of
from dispatcher.distress.ringing import LIFE, SPARED_S, WORKER, to_call
from dispatcher.store import enrolment
from dispatcher.store.help_rings import Ring
from dispatcher.store.team_alarm_rings import DueAlarm, due_alarms, ring_for
from dispatcher.store.waves import Wave
from dispatcher.teams.alarming import UNTAKEN_S

log = structlog.get_logger(__name__)


class TeamRinger:
    """Takes turns at the teams in distress that nobody has taken."""

    def __init__(
        self, office: Office, *, after_s: float = UNTAKEN_S, spared_s: float = SPARED_S
    ) -> None:
        """Work for every commune of the office's ledger; the waits are shorter in tests."""
        self._office, self._waits = office, (after_s, spared_s)

    async def turn(self) -> bool:
        """Look once, by database time; return whether somebody is called now."""
        after_s, spared_s = self._waits
        called = False
        for due in await due_alarms(self._office.ledger, after_s=after_s, spared_s=spared_s):
            called |= await self._ring(due)
        return called

    async def _ring(self, due: DueAlarm) -> bool:
        office = self._office.of(due.commune)
        whom, wave = await _wave(office, due)
        ident = new_id()
        line = office.line(
            WORKER,
            "team.alarm_rung",
            "Détresse d'une équipe sans responsable : "
            + ("RAC ou DOS appelé" if whom else "personne à appeler"),
            alarm=due.alarm,
            team=due.team,
            called=whom,
            alert=ident if whom else None,
        )
        if not await ring_for(office.ledger, due, Ring(ident, wave, line), waits=self._waits):
            return False
        if whom is None:
            log.error("team_distress.nobody_to_ring", commune=due.commune)
            return False
        log.info("team_distress.rung", commune=due.commune, alert=ident)
        return True


async def _wave(office: Office, due: DueAlarm) -> tuple[str | None, Wave | None]:
    try:
        current = await plan_in_force.in_force(office)
    except NotThere:
        return None, None
    people = await to_call(office, current.plan, mode=due.mode)
    if not people:
        return None, None
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    values = content_of(current, _reason(current, due)).as_json()
    person, expires_at = duty_person(people[due.rings % len(people)]), utc_now() + LIFE
    digest = digest_of(values, expires_at=expires_at, people=1)
    return person, Wave(values, digest, expires_at.timestamp(), (person,), WORKER)


def _reason(current: PlanInForce, due: DueAlarm) -> Reason:
    again_fr = "redemandée sans réponse" if due.again else "sans responsable"
    again_en = "asked again, unanswered" if due.again else "taken by nobody"
    real_fr = " Le danger est peut-être réel: appelez l'équipe." if due.mode in PREFIXED else ""
    real_en = " The danger may be real: call the team." if due.mode in PREFIXED else ""
    return Reason(
        "help",
        due.mode,
        f"équipe en détresse, {current.plan.commune.name}",
        f"Une équipe est en DETRESSE, {again_fr}.{real_fr} Prenez-la sur la console.",
        f"A team is in DISTRESS, {again_en}.{real_en} Take it on the console.",
    )
