"""The RAC is called when nobody has taken a call for help within three minutes; nobody else is.

Nor has taken it who has lost her access since; and she is called for whoever asks again and is not
answered within as long.

Runbook: `help.rung` tells how many calls she was rung for. `help.nobody_to_ring` says that the plan
names no RAC and no DOS with a telephone: the console still sounds and says so; complete the plan's
directory. It is tried again as soon as the plan or a function changes, and each three minutes.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.posts import DOS, RAC
from dispatcher.crisis.summoning import Reason, content_of
from dispatcher.distress.calls import UNOWNED_S
from dispatcher.store import crises, duties, enrolment, help_due, help_rings
from dispatcher.store.help_due import Due
from dispatcher.store.help_rings import Ring
from dispatcher.store.users import accounts_of
from dispatcher.store.waves import Wave
from plans.plan import Plan

WORKER = "worker"
SPARED_S = 180.0  # after a call the RAC is not called again at once: she is at it
LIFE = timedelta(minutes=30)
_MOST_MINUTES = 59

log = structlog.get_logger(__name__)


class Ringer:
    """Takes turns at the calls for help of a ledger that nobody has taken."""

    def __init__(
        self, office: Office, *, after_s: float = UNOWNED_S, spared_s: float = SPARED_S
    ) -> None:
        """Work for every commune of the office's ledger; the waits are shorter in tests."""
        self._office = office
        self._waits = (after_s, spared_s)

    async def turn(self) -> bool:
        """Look once, by database time; return whether somebody is called now."""
        after_s, spared_s = self._waits
        called = False
        for due in await help_due.due_calls(
            self._office.ledger, after_s=after_s, spared_s=spared_s
        ):
            called |= await self._ring(due)
        return called

    async def _ring(self, due: Due) -> bool:
        office = self._office.of(due.commune)
        whom, wave = await _wave(office, due, minutes=self._waits[0] / 60.0)
        ident = new_id()
        told = "RAC appelé" if whom else "personne à appeler"
        line = office.line(
            WORKER, "help.rung", f"{_said(due)} : {told}",
            calls=list(due.calls), again=due.again, mode=due.mode, called=whom,
            alert=ident if whom else None,
        )  # fmt: skip
        made = Ring(ident, wave, line)
        rung = await help_rings.ring(office.ledger, due, made, waits=self._waits)
        if not rung:
            return False
        if whom is None:
            log.error("help.nobody_to_ring", commune=due.commune, calls=rung)
            return False
        log.info("help.rung", commune=due.commune, calls=rung, alert=ident)
        return True


def _said(due: Due) -> str:
    many, alone = len(due.calls), len(due.calls) - due.again
    if not due.again:
        return f"Demandes d'aide sans responsable ({many})"
    if not alone:
        return f"Demandes d'aide qui rappellent sans réponse ({many})"
    return (
        f"Demandes d'aide sans responsable ({alone}), ou qui rappellent sans réponse ({due.again})"
    )


async def _wave(office: Office, due: Due, *, minutes: float) -> tuple[str | None, Wave | None]:
    """Return who is rung, and what she is told; None where the plan names nobody."""
    try:
        current = await plan_in_force.in_force(office)
    except NotThere:
        return None, None
    contact = await rac_of(office, current.plan, mode=due.mode)
    if contact is None:
        return None, None
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    content = content_of(current, _reason(current, due, minutes=minutes))
    values, expires_at = content.as_json(), utc_now() + LIFE
    person = duty_person(contact)
    wave = Wave(
        values,
        digest_of(values, expires_at=expires_at, people=1),
        expires_at.timestamp(),
        (person,),
        WORKER,
    )
    return person, wave


def _reason(current: PlanInForce, due: Due, *, minutes: float) -> Reason:
    many, waited = len(due.calls), max(1, min(_MOST_MINUTES, round(minutes)))
    asked_fr = "1 demande d'aide" if many == 1 else f"{many} demandes d'aide"
    asked_en = "1 call for help" if many == 1 else f"{many} calls for help"
    if due.again:  # somebody has it, or some of them: to be told who, she opens the console
        return Reason(
            "help",
            due.mode,
            f"aide demandée, {current.plan.commune.name}",
            f"{asked_fr} sans réponse depuis {waited} min, on rappelle. Voyez la console.",
            f"{asked_en} unanswered for {waited} min, asked again. Look at the console.",
        )
    return Reason(
        "help",
        due.mode,
        f"aide demandée, {current.plan.commune.name}",
        f"{asked_fr} sans responsable depuis {waited} min. Prenez-la sur la console.",
        f"{asked_en} taken by nobody for {waited} min. Take it on the console.",
    )


async def rac_of(office: Office, plan: Plan, *, mode: str) -> str | None:
    """Return the contact who is RAC now: who holds the post, else the plan's, else the DOS's.

    One person, the first who has a telephone.
    """
    return next(iter(await to_call(office, plan, mode=mode)), None)


async def to_call(office: Office, plan: Plan, *, mode: str) -> list[str]:
    """Return the contacts to call, in order, those who have a telephone: the RAC's, the DOS's."""
    known = {one.id: one for one in plan.contacts}
    held = await _holders(office, mode)
    named = dict.fromkeys((*held, *_people(plan, RAC), *_people(plan, DOS)))
    return [one for one in named if one in known and known[one].phones]


async def _holders(office: Office, mode: str) -> list[str]:
    """Return who holds the post in a crisis of this mode: who plays it takes no real call."""
    event = await crises.led_event_of(office.ledger, office.commune)
    if event is None or event.mode != mode:
        return []
    turns = await duties.duties_of(office.ledger, office.commune, event.event_id)
    holders = [one.holder for one in turns if one.post == RAC and one.until is None]
    accounts = await accounts_of(office.ledger, office.commune)
    contacts = {f"user:{one.user.login}": one.user.contact_id for one in accounts}
    return [
        contact
        for holder in holders
        if (contact := contacts.get(holder) or holder.removeprefix("contact:"))
    ]


def _people(plan: Plan, code: str) -> Sequence[str]:
    return [ident for role in plan.roles if role.code == code for ident in role.people]
