"""The alerts that an event's scenario proposes: preparation first, then the order; none is sent.

A proposal becomes a draft when somebody asks for it; submitting, approving and launching it are
what they are for any alert (`dispatcher/alerts/life.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.alerts import life, plan_in_force, sketching
from dispatcher.alerts.correcting import END_OF_ALERT
from dispatcher.alerts.drafting import Wanted, id_of_key
from dispatcher.alerts.known_blanks import Moment
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import duty_person
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.alerts.wording import blanks_for
from dispatcher.crisis.posts import posts_of
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import crisis_sights
from dispatcher.store.crises import Event
from plans.alerting import MessageTemplate
from plans.plan import Plan
from plans.words import blanks_of, fill

PREPARE, ORDER, SHELTER, OTHER = "prepare", "order", "shelter", "other"
_KINDS = ((PREPARE, ("Prepare",)), (ORDER, ("Evacuate",)), (SHELTER, ("Shelter", "Execute")))
_ORDER = (PREPARE, ORDER, SHELTER, OTHER)


@dataclass(frozen=True)
class Proposal:
    """One message that the scenario has ready, for its sectors.

    `asked` are the blanks that somebody has to fill, with what is known of them already.
    """

    template: str
    title: str
    kind: str
    sectors: tuple[str, ...]
    asked: Mapping[str, str] = field(default_factory=dict)
    after_prepare: bool = False


def proposals(plan: Plan, event: Event, *, now: datetime) -> tuple[Proposal, ...]:
    """Return what an event's scenario proposes, in the order in which it is to be sent.

    An evacuation goes in two messages where the plan has both: to prepare, then to leave (national
    guide PCS 2005, annexe 9). What ends or corrects another message is no proposal.
    """
    if event.scenario is None:
        return ()
    try:
        scenario = plan.scenario(event.scenario)
    except KeyError:  # of an older plan
        return ()
    known = {one.id: one for one in plan.templates}
    ready = [known[ident] for ident in scenario.templates if ident in known]
    sequels = {
        after
        for one in ready
        for after in (one.sequels.false_alarm, one.sequels.correction, one.sequels.all_clear)
        if after
    }
    first = [one for one in ready if one.level != END_OF_ALERT and one.id not in sequels]
    kinds = {one.id: kind_of(one) for one in first}
    first.sort(key=lambda one: _ORDER.index(kinds[one.id]))
    prepared = PREPARE in kinds.values()
    at = Moment(now, event.scenario, event.level)
    return tuple(
        Proposal(
            one.id,
            _title(plan, scenario.sectors, one, at),
            kinds[one.id],
            scenario.sectors,
            _asked(plan, scenario.sectors, one, at),
            after_prepare=prepared and kinds[one.id] == ORDER,
        )
        for one in first
    )


def kind_of(template: MessageTemplate) -> str:
    """Return what a template asks of people, by its CAP response types (CAP 1.2 §3.2.2)."""
    said = template.cap.response_type
    return next((kind for kind, types in _KINDS if any(one in said for one in types)), OTHER)


def _title(plan: Plan, sectors: tuple[str, ...], template: MessageTemplate, at: Moment) -> str:
    """Return the message's own heading; what is not known yet shows as …."""
    words = next(iter(template.texts.values()))
    heading = words.email_subject or words.sms or template.id
    names = blanks_of(heading)
    known = blanks_for(plan, sectors, {}, moment=at.of(template))
    return fill(heading, {**dict.fromkeys(names, "…"), **known})


def _asked(
    plan: Plan, sectors: tuple[str, ...], template: MessageTemplate, at: Moment
) -> Mapping[str, str]:
    """Return the blanks that somebody sees to: unknown ones, and those that the moment fills."""
    texts = [text for wording in template.texts.values() for text in wording.texts]
    names = dict.fromkeys(name for text in texts for name in blanks_of(text))
    settled = blanks_for(plan, sectors, {})
    known = blanks_for(plan, sectors, {}, moment=at.of(template))
    return {name: known.get(name, "") for name in names if name not in settled}


async def draft_proposal(
    office: Office,
    event_id: str,
    template: str,
    *,
    asked: Asked,
    blanks: Mapping[str, str] | None = None,
) -> str:
    """Make the draft of a proposal, once for an event; return the alert's id. Nothing leaves.

    In an exercise its players are the people of the plan. Raises NotThere where nothing proposes
    it, AlertRefused where it makes no sound alert.
    """
    event = await find(office, event_id)
    if not event.is_open:
        raise NotNow("L'événement est terminé : rédigez l'alerte depuis la page des alertes.")
    plan = (await plan_in_force.in_force(office)).plan
    for one in await crisis_sights.alerts_of_event(office.ledger, office.commune, event_id):
        if one.template == template:
            return one.alert_id
    if all(one.template != template for one in proposals(plan, event, now=utc_now())):
        raise NotThere("Le scénario ne propose pas le message « {template} ».", template=template)
    wanted = Wanted(
        template=template,
        scenario=event.scenario,
        level=event.level,
        mode=event.mode,
        blanks={name: value for name, value in (blanks or {}).items() if value.strip()},
        players=players(plan) if event.mode == "exercise" else (),
    )
    key = id_of_key(office.commune, event_id, template)
    alert_id = await life.make_draft(office, wanted, actor=asked.actor, key=key)
    this = (office.commune, event_id)
    await crisis_sights.keep_alert(office.ledger, this, alert_id, by=asked.actor.login)
    return alert_id


async def begin_proposal(office: Office, event_id: str, template: str, *, asked: Asked) -> str:
    """Begin to write a proposal, once for an event; return the alert's id. Nothing leaves.

    The event's level fills its blank; raises NotThere where nothing proposes it.
    """
    event = await find(office, event_id)
    plan = (await plan_in_force.in_force(office)).plan
    for one in await crisis_sights.alerts_of_event(office.ledger, office.commune, event_id):
        if one.template == template:
            return one.alert_id
    ready = [one for one in proposals(plan, event, now=utc_now()) if one.template == template]
    if not ready:
        raise NotThere("Le scénario ne propose pas le message « {template} ».", template=template)
    chosen = Chosen(
        scenario=event.scenario,
        template=template,
        sectors=ready[0].sectors,
        blanks=_level_of(ready[0]),
        players=players(plan) if event.mode == "exercise" else (),
    )
    ident = id_of_key(office.commune, event_id, f"begun\n{template}")
    start = Start(event.mode, event_id, chosen, alert_id=ident)
    alert_id = await sketching.begin(office, start, actor=asked.actor)
    this, begun = (office.commune, event_id), (alert_id, template)
    await crisis_sights.keep_begun(office.ledger, this, begun, by=asked.actor.login)
    return alert_id


def _level_of(ready: Proposal) -> Mapping[str, str]:
    """Return the level of the event for its blank; hour and date are those of the freezing."""
    level = ready.asked.get("niveau", "")
    return {"niveau": level} if level else {}


def players(plan: Plan) -> tuple[str, ...]:
    """Return the people of an exercise: all who hold a function or a cell, and their deputies."""
    people = dict.fromkeys(one for post in posts_of(plan) for one in post.people)
    return tuple(map(duty_person, people))
