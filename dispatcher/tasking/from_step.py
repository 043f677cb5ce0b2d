"""A mission of a card's step: the task says what is to be done, a team does it.

The task shows its mission and where it stands; once the mission is done the task is proposed as
done, and a person confirms it.
"""

from collections.abc import Mapping

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.crisis import cards
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import tasks
from dispatcher.store.mission_rows import OVER, Mission, missions_of
from dispatcher.store.tasks import Task
from dispatcher.tasking.wishes import Wish, made, same_origin
from dispatcher.teams.ordering import LONGEST_TITLE, NewMission

CARD = "card"
Step = tuple[str, int]  # a card and the number of its step


async def from_step(
    office: Office, event_id: str, step: Step, *, wish: Wish, asked: Asked
) -> Mission:
    """Make the mission of a step, or return the one that is open for it.

    Raises NotThere, NotNow for a task or an event that is over, and what `propose` raises.
    """
    cards.check_doer(asked)
    event = await find(office, event_id)
    task = await _task(office, event_id, step)
    if not event.is_open:
        raise NotNow("L'événement est terminé : ses tâches ne changent plus.")
    if task.state != "open":
        raise NotNow("Cette tâche est déjà terminée : rouvrez-la d'abord.")
    ref = ref_of(step)
    new = NewMission(
        kind="other",
        title=task.text[:LONGEST_TITLE],
        text=task.title if len(task.text) <= LONGEST_TITLE else f"{task.title}\n{task.text}",
        origin=CARD,
        origin_ref=ref,
        event=event_id,
        standing=same_origin(office.commune, CARD, ref, event=event_id),
    )
    return await made(office, new, wish, actor=asked.actor)


def ref_of(step: Step) -> str:
    """Return a step as a mission names it."""
    return f"{step[0]}/{step[1]}"


async def missions_of_tasks(office: Office, event_id: str) -> Mapping[str, Mission]:
    """Return the mission of each step of an event, by `card/step`: the open one, else the last."""
    found: dict[str, Mission] = {}
    rows = await missions_of(office.ledger, office.commune, event=event_id)
    for one in sorted(rows, key=lambda row: (row.state not in OVER, row.made_at)):
        if one.origin == CARD:
            found[one.origin_ref] = one
    return found


async def _task(office: Office, event_id: str, step: Step) -> Task:
    mine = tasks.of_event(office.commune, event_id)
    for task in await tasks.tasks_of(office.ledger, mine):
        if (task.card, task.step) == step:
            return task
    raise NotThere("Il n'y a pas de tâche {step} n° {step_2} ici.", step=step[0], step_2=step[1])
