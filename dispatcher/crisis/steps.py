"""One step of a crisis, taken once: who may, from which state, why; then all of it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.moves import MOVES, not_yours, too_early
from dispatcher.store import crises
from dispatcher.store.brought import NOTHING, Brings
from dispatcher.store.crises import Decision, Event

LONGEST_REASON = 2000


@dataclass(frozen=True)
class Asked:
    """Who asks for a step, why, and with which click: the same `key` again changes nothing."""

    actor: Actor
    key: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """What a step writes: columns of the event, what is told of it, and what it brings."""

    values: Mapping[str, object] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
    brings: Brings = NOTHING
    said: str = ""  # what the logbook says after the act's own words


async def find(office: Office, event_id: str) -> Event:
    """Return an event; raises NotThere."""
    event = await crises.event_of(office.ledger, office.commune, event_id)
    if event is None:
        raise NotThere(
            "Il n'y a pas d'événement « {event_id} » dans cette commune.", event_id=event_id
        )
    return event


async def clicked(office: Office, asked: Asked, *, act: str) -> Event | None:
    """Return the event that this very click has changed already; raises NotNow for another act."""
    if not asked.key:
        return None
    done = await crises.event_of_key(office.ledger, office.commune, click_of(office, asked))
    if done is None:
        return None
    if done[1] != act:
        raise NotNow("Cette clé a déjà servi à une autre décision : prenez-en une nouvelle.")
    return await find(office, done[0])


def click_of(office: Office, asked: Asked) -> str:
    """Return the name of a click in the ledger: of this commune and this person alone."""
    return id_of_key(office.commune, asked.actor.login, f"event\n{asked.key}")


def check(event: Event, act: str, asked: Asked) -> None:
    """Raise NotYou, NotNow or NotSo where this act is not this person's, not now, or unsaid."""
    if why := not_yours(act, asked.actor.function):
        raise NotYou(why)
    if why := too_early(act, event.state):
        raise NotNow(why)
    check_reason(asked, needed=MOVES[act].reason)


def check_reason(asked: Asked, *, needed: bool) -> None:
    """Raise NotSo where a reason is needed and not given, or has no end."""
    if needed and not asked.reason.strip():
        raise NotSo("Dites pourquoi en une phrase : elle est gardée dans la main courante.")
    if len(asked.reason) > LONGEST_REASON:
        raise NotSo("Le motif est trop long : {most} signes au plus.", most=LONGEST_REASON)


async def take(office: Office, event: Event, act: str, *, asked: Asked, change: Change) -> Event:
    """Write a step that was checked; raises NotNow where someone was faster."""
    move, actor = MOVES[act], asked.actor
    values = {**({"state": move.to} if move.to else {}), **change.values}
    reason = asked.reason.strip()
    said = f"{move.done}{change.said}" + (f". Motif : {reason}" if reason else "")
    line = office.line(
        actor.login, f"event.{act}", said, event=event.event_id, function=actor.function,
        from_state=event.state, to_state=values.get("state", event.state), mode=event.mode,
        **change.data,
    )  # fmt: skip
    decision = Decision(
        act, actor.login, actor.function, reason,
        key=click_of(office, asked) if asked.key else None, data=change.data, brings=change.brings,
    )  # fmt: skip
    done = await crises.move_event(
        office.ledger, event, decision=decision, values=values, line=line
    )
    if not done:
        again = await clicked(office, asked, act=act)
        if again is None:
            raise NotNow("Quelqu'un vient de décider autre chose : relisez l'événement.")
        return again
    return await find(office, event.event_id)
