"""The means of an alert after its launch: who sees to each, when it was done, with what result.

They stand among the tasks of the alert's event, or on the alert's own list where it belongs to
none: the same tasks, with the same acts, wherever one looks at them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.means import card_of
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.crisis.cards import TaskChange, change_in_list
from dispatcher.crisis.sights import names_of
from dispatcher.crisis.steps import Asked
from dispatcher.store import crises, tasks
from dispatcher.store.means_opening import event_with
from dispatcher.store.tasks import Task, TaskList


@dataclass(frozen=True)
class MeansNow:
    """The means of an alert: their tasks, who may take them, and the event that they belong to.

    `over` says that this event has ended, so that its tasks change no more.
    """

    tasks: Sequence[Task] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    event: str | None = None
    over: bool = False

    @property
    def open(self) -> int:
        """How many are still to be done."""
        return sum(task.state == "open" for task in self.tasks)


async def means_of(office: Office, alert_id: str) -> MeansNow:
    """Return the tasks that an alert's means became; none before its launch."""
    event = await event_with(office.ledger, office.commune, card_of(alert_id))
    found = [
        task
        for mine in _lists(office, alert_id, event)
        for task in await tasks.tasks_of(office.ledger, mine)
        if task.card == card_of(alert_id)
    ]
    if not found:
        return MeansNow()
    try:
        plan = (await plan_in_force.in_force(office)).plan
    except NotThere:  # taken away since: its people are named by their ids
        plan = None
    names = await names_of(office, plan)
    return MeansNow(found, names, event, over=await _is_over(office, event))


def _lists(office: Office, alert_id: str, event: str | None) -> list[TaskList]:
    own = tasks.of_alert(office.commune, alert_id)
    return [own] if event is None else [tasks.of_event(office.commune, event), own]


async def _is_over(office: Office, event_id: str | None) -> bool:
    if event_id is None:
        return False
    event = await crises.event_of(office.ledger, office.commune, event_id)
    return event is None or not event.is_open


async def change_means(
    office: Office, alert_id: str, step: int, *, wanted: TaskChange, asked: Asked
) -> Task:
    """Take one of the means, say that it was done and with what result, or set it aside.

    As any task is changed; done needs a result in words.
    """
    wanted = replace(wanted, card=card_of(alert_id), step=step)
    event = await event_with(office.ledger, office.commune, wanted.card)
    if await _is_over(office, event):
        raise NotNow("L'événement est terminé : ses tâches ne changent plus.")
    told = {"alert": alert_id} if event is None else {"event": event, "alert": alert_id}
    for mine in _lists(office, alert_id, event):
        if any((t.card, t.step) == (wanted.card, step) for t in await _held(office, mine)):
            return await change_in_list(office, mine, wanted, asked=asked, told=told)
    raise NotThere("Cette alerte n'a pas ce moyen : relisez la liste.")


async def task_of(office: Office, alert_id: str, code: str) -> tuple[TaskList, Task] | None:
    """Return the open task of one means of an alert, and the list where it stands."""
    event = await event_with(office.ledger, office.commune, card_of(alert_id))
    if await _is_over(office, event):
        return None
    for mine in _lists(office, alert_id, event):
        for task in await _held(office, mine):
            if (task.card, task.means, task.state) == (card_of(alert_id), code, "open"):
                return mine, task
    return None


async def _held(office: Office, mine: TaskList) -> list[Task]:
    return await tasks.tasks_of(office.ledger, mine)
