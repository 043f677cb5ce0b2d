"""A change of the plan in force: applied to its files, judged whole, and loaded or refused.

The plan is changed as its author would have changed the folder, so that what the console saved
and what `plan load` would load are the same files.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.store import plan_history, plans
from dispatcher.store.plans import Coming, PlanFiles, PlanMoved
from plans.differences import Difference, differences
from plans.faults import Language
from plans.reading import Reading

Files = Mapping[str, bytes]
Change = Callable[[Files], dict[str, bytes]]
"""From the files of a plan to those of the next; pure. May raise NoSuchRecord."""

LONGEST_REASON = 300
READ_AT_MOST_S = 30.0
"""The largest layers are judged in a few seconds; beyond this nobody waits for the page."""

TOO_LONG = "Le plan est trop long à vérifier ici : chargez-le avec « plan load DOSSIER »."
NO_PLAN = "La commune n'a pas encore de plan : commencez par le premier démarrage."
NO_VERSION = "Cette version du plan n'existe pas."


@dataclass(frozen=True)
class Edit:
    """What somebody asks: the digest of the plan she read, what to change, and why.

    `language` is that of the faults.
    """

    base: str
    change: Change
    reason: str = ""
    language: Language = "fr"


@dataclass(frozen=True)
class Outcome:
    """What a change makes of the plan; loaded only where there is no fault."""

    files: Files
    reading: Reading
    differences: tuple[Difference, ...]


async def current(office: Office) -> PlanFiles:
    """Return the files of the plan in force; raises NotThere before the first one."""
    kept = await plans.in_force(office.ledger, office.commune)
    if kept is None:
        raise NotThere(NO_PLAN)
    return kept


async def preview(office: Office, edit: Edit) -> Outcome:
    """Tell what a change would do, and keep nothing.

    Raises NotThere, NoSuchRecord, NotNow, and PlanMoved where the plan is not the one read.
    """
    kept = await current(office)
    if kept.digest != edit.base:
        last = await plan_history.versions_of(office.ledger, office.commune, limit=1)
        raise PlanMoved(last[0].by, last[0].at)
    files = edit.change(kept.files)
    reading = await _judged(files, edit.language)
    return Outcome(files, reading, differences(kept.files, files))


async def edit(office: Office, asked: Edit, *, actor: Actor) -> Outcome:
    """Change the plan in force where the whole of it has no fault then; raises as `preview`.

    What changes nothing makes no version.
    """
    made = await preview(office, asked)
    if made.reading.faults or not made.differences:
        return made
    coming = Coming(asked.reason[:LONGEST_REASON], len(made.differences), asked.base)
    await plan_in_force.load(office, made.files, actor=actor, coming=coming)
    return made


async def bring_back(
    office: Office, number: int, *, base: str, actor: Actor, reason: str
) -> Outcome:
    """Make the files of an older version the plan in force, as a new version."""
    version = await plan_history.version_of(office.ledger, office.commune, number)
    kept = (
        await plan_history.files_of(office.ledger, office.commune, version.digest)
        if version
        else None
    )
    if kept is None:
        raise NotThere(NO_VERSION)
    why = f"Retour à la version {number}" + (f" : {reason}" if reason else "")
    return await edit(office, Edit(base, lambda _: dict(kept.files), why), actor=actor)


async def _judged(files: Files, language: Language) -> Reading:
    try:
        async with asyncio.timeout(READ_AT_MOST_S):
            return await asyncio.to_thread(plan_in_force.read, files, language=language)
    except TimeoutError as late:
        raise NotNow(TOO_LONG) from late
