"""The action cards of an event as task lists: opened, taken, done, set aside with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.holders import check_holder
from dispatcher.crisis.owed import AFTER, CARD
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import tasks
from dispatcher.store.crises import Event
from dispatcher.store.tasks import NewTask, Task, TaskList
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
        raise NotThere("Le plan n'a pas de fiche « {card_id} ».", card_id=card_id) from missing
    line = office.line(
        asked.actor.login, "event.card", f"Fiche ouverte : {card.title}", event=event.event_id,
        card=card.id,
    )  # fmt: skip
    mine = tasks.of_event(event.commune, event.event_id)
    return await tasks.add_tasks(office.ledger, mine, tasks_of_card(card), line=line)


@dataclass(frozen=True)
class TaskChange:
    """What is asked of one task: take it, end it (done, not_applicable), reopen it.

    `owner` takes it, as a holder is named (contact:ID, user:LOGIN); who acts, by default.
    `done_at` is when it was done, in epoch seconds, where somebody told.
    """

    card: str
    step: int
    to: str
    owner: str = ""
    done_at: float | None = None


async def change(office: Office, event_id: str, wanted: TaskChange, *, asked: Asked) -> Task:
    """Change a task; setting one aside needs a reason. A second click changes nothing."""
    check_doer(asked)
    event = await find(office, event_id)
    if not changes_still(event, wanted.card):
        raise NotNow("L'événement est terminé : ses tâches ne changent plus.")
    mine = tasks.of_event(event.commune, event.event_id)
    return await change_in_list(office, mine, wanted, asked=asked, told={"event": event.event_id})


def changes_still(event: Event, card: str) -> bool:
    """Whether a card's tasks change: while somebody leads; what is owed, until all is closed."""
    return event.is_open or (card == CARD and event.state in AFTER)


async def change_in_list(
    office: Office,
    mine: TaskList,
    wanted: TaskChange,
    *,
    asked: Asked,
    told: Mapping[str, str],
) -> Task:
    """Change a task of a list; `told` says in the logbook of which event or alert it is."""
    check_doer(asked)
    task = await _task(office, mine, (wanted.card, wanted.step))
    if wanted.to not in _SAID:
        raise NotSo(
            "« {to} » n'est pas un état de tâche : {known}.", to=wanted.to, known=", ".join(_SAID)
        )
    if wanted.owner:
        await check_holder(office, (await plan_in_force.in_force(office)).plan, wanted.owner)
    values = _values(task, wanted, asked=asked)
    if all(getattr(task, name) == value for name, value in values.items()):
        return task
    line = office.line(
        asked.actor.login, f"task.{wanted.to}", f"{_SAID[wanted.to]} : {task.text}",
        **told, card=task.card, step=task.step, owner=values.get("owner", task.owner),
        note=asked.reason.strip(), **({"done_at": wanted.done_at} if wanted.done_at else {}),
    )  # fmt: skip
    if not await tasks.change_task(office.ledger, mine, task, values=values, line=line):
        raise NotNow("Quelqu'un vient de changer cette tâche : relisez-la.")
    return await _task(office, mine, (wanted.card, wanted.step))


def _values(task: Task, wanted: TaskChange, *, asked: Asked) -> dict[str, object]:
    note, to = asked.reason.strip(), wanted.to
    owner = wanted.owner or f"user:{asked.actor.login}"
    if to == "take":
        if task.state != "open":
            raise NotNow("Cette tâche est déjà terminée : rouvrez-la d'abord.")
        return {"owner": owner}
    if to == "reopen":
        return {"state": "open", "note": note, "done_at": None}
    if to == "done" and task.means and not note:
        raise NotSo("Dites en quelques mots ce que cela a donné : entendue, non entendue, par qui…")
    if to == "not_applicable" and not note:
        raise NotSo("Dites pourquoi cette tâche est sans objet.")
    if task.state not in ("open", to):
        raise NotNow("Cette tâche est déjà terminée : rouvrez-la d'abord.")
    if task.state == to:
        return {"state": to}
    return {"state": to, "note": note, "owner": task.owner or owner, "done_at": wanted.done_at}


def check_doer(asked: Asked) -> None:
    """Raise NotYou for whoever only looks on."""
    if asked.actor.function not in DOERS:
        raise NotYou("Votre fonction ne permet pas de changer les tâches.")


async def _led(office: Office, event_id: str, asked: Asked) -> Event:
    check_doer(asked)
    event = await find(office, event_id)
    if not event.is_open:
        raise NotNow("L'événement est terminé : ses tâches ne changent plus.")
    return event


async def _task(office: Office, mine: TaskList, step: tuple[str, int]) -> Task:
    for task in await tasks.tasks_of(office.ledger, mine):
        if (task.card, task.step) == step:
            return task
    raise NotThere("Il n'y a pas de tâche {step} n° {step_2} ici.", step=step[0], step_2=step[1])
