"""A crisis begins: an alert is received and whoever is on call is rung, or an event is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.moves import state_said
from dispatcher.crisis.posts import on_call_post, with_people
from dispatcher.crisis.registers import PROVISIONAL
from dispatcher.crisis.steps import Asked, click_of, clicked, find
from dispatcher.crisis.summoning import alert_received, summons
from dispatcher.sentences import Word
from dispatcher.store import crises
from dispatcher.store.brought import NOTHING, Brings
from dispatcher.store.crises import Decision, Event, Opening
from plans.plan import Plan

MODES = ("real", "exercise", "rehearsal")
OPENERS = ("dos", "deputy", "rac", "cell_chief", "operator")
LONGEST_TITLE, LONGEST_TEXT = 120, 2000


@dataclass(frozen=True)
class Received:
    """An alert as it came in: from whom, which words, the code that acknowledges it, when."""

    sender: str
    text: str
    code: str = ""
    at: datetime | None = None

    def values(self) -> Mapping[str, object]:
        """Return it as the ledger keeps it."""
        at = self.at or utc_now()
        return {
            "from": self.sender.strip(),
            "text": self.text.strip(),
            "code": self.code.strip() or None,
            "at": at.timestamp(),
        }


async def receive(
    office: Office, received: Received, *, asked: Asked, mode: str = "real", call: bool = True
) -> Event:
    """Note an alert received, open its event, and ring whoever is on call unless `call` is no.

    Raises NotNow where an event is open already, NotSo where it says nothing.
    """
    act = "receive"
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    if not received.sender.strip() or not received.text.strip():
        raise NotSo(
            "Notez qui alerte la mairie, et ce qui est dit : c'est ce que lira l'astreinte."
        )
    if len(received.text) > LONGEST_TEXT:
        raise NotSo("Le texte reçu est trop long : {most} signes au plus.", most=LONGEST_TEXT)
    if received.at is not None and received.at > utc_now():
        raise NotSo("L'heure de réception est dans l'avenir : corrigez-la.")
    current = await plan_in_force.in_force(office)
    title = _title(f"Alerte reçue de {received.sender.strip()}")
    brings = NOTHING
    on_call = [on_call_post(current.plan, utc_now())] if call else []
    posts = with_people(on_call, without=asked.actor.contact_id)
    if posts:
        words = alert_received(mode=mode, title=title, sender=received.sender, text=received.text)
        brings = Brings(summons=await summons(office, current, posts, reason=words))
    opening = Opening(
        new_id(), title, mode, "signale", level=lowest_level(current.plan),
        received=received.values(),
    )  # fmt: skip
    return await _open(office, opening, act, asked=asked, brings=brings)


async def open_event(
    office: Office, title: str, *, asked: Asked, mode: str = "real", scenario: str | None = None
) -> Event:
    """Open an event that somebody assesses, with a scenario of the plan or without.

    Nobody is called. Raises NotNow where one is open already.
    """
    act = "open"
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    if not title.strip():
        raise NotSo("Donnez un nom à l'événement : deux mots suffisent.")
    current = await plan_in_force.in_force(office)
    check_scenario(current.plan, scenario)
    opening = Opening(
        new_id(), _title(title), mode, "evaluation", level=lowest_level(current.plan),
        scenario=scenario,
    )  # fmt: skip
    return await _open(office, opening, act, asked=asked, brings=NOTHING)


async def _open(
    office: Office, opening: Opening, act: str, *, asked: Asked, brings: Brings
) -> Event:
    actor = asked.actor
    if actor.function not in OPENERS:
        raise NotYou("Votre fonction ne permet pas d'ouvrir un événement.")
    if opening.mode not in MODES:
        raise NotSo(
            "Le mode « {mode} » n'existe pas : choisissez parmi {known}.",
            mode=opening.mode,
            known=", ".join(MODES),
        )
    said = "Alerte reçue" if act == "receive" else "Événement ouvert"
    line = office.line(
        actor.login, f"event.{act}", f"{said} : {opening.title}", event=opening.event_id,
        function=actor.function, mode=opening.mode, scenario=opening.scenario,
        to_state=opening.state, summons=brings.summons.summons_id if brings.summons else None,
    )  # fmt: skip
    key = click_of(office, asked) if asked.key else None
    brings = replace(brings, books=(PROVISIONAL,))  # what the one on call notes is annexed later
    decision = Decision(act, actor.login, actor.function, key=key, brings=brings)
    done = await crises.open_event(
        office.ledger, office.commune, opening=opening, decision=decision, line=line
    )
    if done:
        return await find(office, opening.event_id)
    again = await clicked(office, asked, act=act)
    if again is not None:
        return again
    raise await _already(office, opening.mode)


async def _already(office: Office, mode: str) -> NotNow:
    """Say which event is open, and what to do instead."""
    for event in await crises.events_of(office.ledger, office.commune):
        if event.is_open and event.mode == mode:
            return NotNow(
                "Un événement est déjà ouvert : « {title} », {state}. Continuez dans celui-là.",
                title=event.title,
                state=Word(state_said(event.state)),
            )
    return NotNow("Quelqu'un vient d'ouvrir un événement : regardez lequel.")


def check_scenario(plan: Plan, scenario: str | None) -> None:
    """Raise NotThere for a scenario that the plan does not know."""
    if scenario and all(one.id != scenario for one in plan.scenarios):
        raise NotThere("Le plan n'a pas de scénario « {scenario} ».", scenario=scenario)


def lowest_level(plan: Plan) -> str | None:
    """Return the calmest level of the plan, where it has levels."""
    return min(plan.levels, key=lambda level: level.order).code if plan.levels else None


def _title(words: str) -> str:
    return " ".join(words.split())[:LONGEST_TITLE]
