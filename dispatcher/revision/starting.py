"""The first plan of a commune: a draft saved at each step, judged whole, then loaded."""

import asyncio
from collections.abc import Mapping

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.store import plan_drafts, plans
from dispatcher.store.plan_drafts import PlanDraft
from dispatcher.store.plans import Coming
from plans.differences import differences
from plans.faults import Language
from plans.reading import Reading

FIRST = "Premier plan"
ALREADY = "La commune a déjà un plan en vigueur : changez-le dans ses pages."


async def draft_of(office: Office) -> PlanDraft:
    """Return the draft; raises NotNow where a plan is in force already."""
    if await plans.in_force(office.ledger, office.commune) is not None:
        raise NotNow(ALREADY)
    return await plan_drafts.draft_of(office.ledger, office.commune)


async def keep(office: Office, files: Mapping[str, bytes], *, read: int, actor: Actor) -> None:
    """Save the draft as a step leaves it; faults and all. Raises PlanMoved, NotNow."""
    await draft_of(office)
    await plan_drafts.save_draft(office.ledger, office.commune, files, read=read, by=actor.login)


async def judge(draft: PlanDraft, *, language: Language) -> Reading:
    """Tell what the draft would be refused for, and what it lacks."""
    return await asyncio.to_thread(plan_in_force.read, draft.files, language=language)


async def load(office: Office, *, read: int, actor: Actor) -> Reading:
    """Make the draft the commune's plan where it has no fault, and throw the draft away.

    Raises NotNow where a plan is in force already, or where the draft is not the one read.
    """
    draft = await draft_of(office)
    if draft.revision != read:
        raise NotNow("Le premier plan a changé depuis : relisez-le.")
    coming = Coming(FIRST, len(differences({}, draft.files)))
    reading = await plan_in_force.load(office, draft.files, actor=actor, coming=coming)
    if not reading.faults:
        await plan_drafts.drop_draft(office.ledger, office.commune)
    return reading
