"""The action cards of an event as task lists: opened, taken, done, set aside with a reason."""

from dataclasses import dataclass

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.holders import check_holder
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import tasks
from dispatcher.store.crises import Event
from dispatcher.store.tasks import NewTask, Task
from plans.means import Card
from plans.plan import Plan

DOERS = ("dos", "deputy", "rac", "cell_chief", "operator")
REFLEX = "reflex"
_SAID = {
    "take": "Tâche prise",
    "done": "Tâche faite",
    "not_applicable": "Tâche sans objet",
    "reopen": "Tâche rouverte",
}


def tasks_of_scenario(plan: Plan, scenario: str | None) -> tuple[NewTask, ...]:
    """Return the steps that an activation opens: the scenario's cards, and the reflex cards."""
    named = plan.scenario(scenario).cards if scenario else ()
    known = {card.id: card for card in plan.cards}
    reflex = [card.id for card in plan.cards if card.kind == REFLEX]
    found = [known[ident] for ident in dict.fromkeys((*named, *reflex)) if ident in known]
    return tuple(task for card in found for task in tasks_of_card(card))


def tasks_of_card(card: Card) -> tuple[NewTask, ...]:
    """Return a card's steps as tasks."""
    return tuple(
        NewTask(
            card.id, step.number, card.title, step.text, step.cell, step.template, step.approval,
            step.duration_min,
        )
        for step in card.steps
    )  # fmt: skip


async def open_card(office: Office, event_id: str, card_id: str, *, asked: Asked) -> int:
    """Open one more card of the plan; return how many tasks are new. Again, it changes nothing."""
    event = await _led(office, event_id, asked)
    current = await plan_in_force.in_force(office)
    try:
        card = current.plan.card(card_id)
    except KeyError as missing:
        raise NotThere(f"Le plan n'a pas de fiche « {card_id} ».") from missing
    line = office.line(
        asked.actor.login, "event.card", f"Fiche ouverte : {card.title}", event=event.event_id,
        card=card.id,
    )  # fmt: skip
    this = (event.commune, event.event_id)
    return await tasks.add_tasks(office.ledger, this, tasks_of_card(card), line=line)


@dataclass(frozen=True)
class TaskChange:
    """What is asked of one task: take it, end it (done, not_applicable), reopen it.

    `owner` takes it, as a holder is named (contact:ID, user:LOGIN); who acts, by default.
    """

    card: str
    step: int
    to: str
    owner: str = ""


async def change(office: Office, event_id: str, wanted: TaskChange, *, asked: Asked) -> Task:
    """Change a task; setting one aside needs a reason. A second click changes nothing."""
    event = await _led(office, event_id, asked)
    task = await _task(office, event, (wanted.card, wanted.step))
    if wanted.to not in _SAID:
        raise NotSo(f"« {wanted.to} » n'est pas un état de tâche : {', '.join(_SAID)}.")
    if wanted.owner:
        await check_holder(office, (await plan_in_force.in_force(office)).plan, wanted.owner)
    owner = wanted.owner or f"user:{asked.actor.login}"
    values = _values(task, wanted.to, owner=owner, asked=asked)
    if all(getattr(task, name) == value for name, value in values.items()):
        return task
    line = office.line(
        asked.actor.login, f"task.{wanted.to}", f"{_SAID[wanted.to]} : {task.text}",
        event=event.event_id, card=task.card, step=task.step,
        owner=values.get("owner", task.owner), note=asked.reason.strip(),
    )  # fmt: skip
    this = (event.commune, event.event_id)
    if not await tasks.change_task(office.ledger, this, task, values=values, line=line):
        raise NotNow("Quelqu'un vient de changer cette tâche : relisez-la.")
    return await _task(office, event, (wanted.card, wanted.step))


def _values(task: Task, to: str, *, owner: str, asked: Asked) -> dict[str, object]:
    note = asked.reason.strip()
    if to == "take":
        if task.state != "open":
            raise NotNow("Cette tâche est déjà terminée : rouvrez-la d'abord.")
        return {"owner": owner}
    if to == "reopen":
        return {"state": "open", "note": note}
    if to == "not_applicable" and not note:
        raise NotSo("Dites pourquoi cette tâche est sans objet.")
    if task.state not in ("open", to):
        raise NotNow("Cette tâche est déjà terminée : rouvrez-la d'abord.")
    if task.state == to:
        return {"state": to}
    return {"state": to, "note": note, "owner": task.owner or owner}


async def _led(office: Office, event_id: str, asked: Asked) -> Event:
    if asked.actor.function not in DOERS:
        raise NotYou("Votre fonction ne permet pas de changer les tâches.")
    event = await find(office, event_id)
    if not event.is_open:
        raise NotNow("L'événement est terminé : ses tâches ne changent plus.")
    return event


async def _task(office: Office, event: Event, step: tuple[str, int]) -> Task:
    for task in await tasks.tasks_of(office.ledger, event.commune, event.event_id):
        if (task.card, task.step) == step:
            return task
    raise NotThere(f"Il n'y a pas de tâche {step[0]} n° {step[1]} dans cet événement.")
