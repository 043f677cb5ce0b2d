"""A team that was told of a mission is told by SMS that it is called off, or given to others.

Whoever works by SMS alone has no page that says so. It is told once, to each who was told of it.
"""

import structlog

from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Office
from dispatcher.store.mission_tellings import NextTelling
from dispatcher.store.mission_withdrawals import WITHDRAWN, Withdrawal, withdraw, withdrawals
from dispatcher.store.people import DUTY
from dispatcher.store.waves import Wave
from dispatcher.tasking.telling import WORKER, Told, plan_now, wave_of, withdrawn_content
from dispatcher.teams.roster import roster_of

log = structlog.get_logger(__name__)


async def tell_withdrawn(office: Office) -> bool:
    """Tell of the orders that are over in every commune; return whether somebody is told now."""
    called = False
    for one in await withdrawals(office.ledger):
        called |= await _tell(office.of(one.mission.commune), one)
    return called


async def _tell(office: Office, one: Withdrawal) -> bool:
    mission, ident = one.mission, new_id()
    current = await plan_now(office)
    known = {contact.id for contact in current.plan.contacts if contact.phones} if current else ()
    people = tuple(person for person in one.people if person in known)
    wave: Wave | None = None
    if current is not None and people:
        team = (await roster_of(office)).teams.get(mission.team or "")
        told = Told(mission, team.call_sign if team else mission.team or "")
        moved = one.ordered_at != mission.ordered_at
        content = withdrawn_content(current, told, moved=moved)
        wave = await wave_of(office, current, content, people)
    line = office.line(
        WORKER, f"mission.{WITHDRAWN}", "Mission retirée : équipe prévenue par SMS"
        if wave else "Mission retirée : personne à prévenir par SMS",
        mission=mission.mission, team=mission.team, event=mission.event, mode=mission.mode,
        people=[f"{DUTY}{person}" for person in people], alert=ident if wave else None,
    )  # fmt: skip
    if not await withdraw(office.ledger, one, NextTelling(WITHDRAWN, people, ident, wave, line)):
        return False
    log.info("mission.withdrawn", commune=office.commune, mission=mission.mission)
    return wave is not None
