"""The end of a crisis: what still runs is read and known before the stand-down; then the review."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.crisis.owed import Moment, owed_on_stand_down
from dispatcher.crisis.steps import Asked, Change, check, clicked, find, take
from dispatcher.sentences import Sentence
from dispatcher.store import crisis_sights
from dispatcher.store.brought import Brings
from dispatcher.store.centres import centres_of
from dispatcher.store.crises import Event
from dispatcher.store.lending import out_of
from dispatcher.store.summons_answers import summonses_of
from dispatcher.store.tasks import NewTask, of_event, tasks_of
from dispatcher.store.team_photos import photos_to_forget

_SAID: Mapping[str, tuple[str, str]] = {
    "open_tasks": ("{n} tâche reste ouverte", "{n} tâches restent ouvertes"),
    "running_alerts": ("{n} alerte est en cours", "{n} alertes sont en cours"),
    "waiting_alerts": ("{n} alerte attend une décision", "{n} alertes attendent une décision"),
    "running_calls": ("{n} appel de personnes est en cours", "{n} appels de personnes en cours"),
    "people_sheltered": (
        "{n} personne est encore dans un centre d'accueil",
        "{n} personnes sont encore dans un centre d'accueil",
    ),
    "means_out": ("{n} prêt de moyens n'est pas revenu", "{n} prêts de moyens ne sont pas revenus"),
    "team_photos": (
        "{n} photo d'équipe sera effacée (enregistrez-la si la revue en a besoin)",
        "{n} photos d'équipes seront effacées (enregistrez celles dont la revue a besoin)",
    ),
    "prefect_directs": ("le préfet dirige", "le préfet dirige"),
}


@dataclass(frozen=True)
class Warning_:  # noqa: N801 - the built-in has the name
    """Something that a stand-down leaves behind: its kind, and how many."""

    kind: str
    number: int = 1

    @property
    def sentence(self) -> Sentence:
        """Say it, in any language."""
        return Sentence(_SAID[self.kind][self.number > 1], n=self.number)

    @property
    def said(self) -> str:
        """Say it in French."""
        return str(self.sentence)


async def warnings_of(office: Office, event: Event) -> list[Warning_]:
    """Return what the person who stands an event down has to know."""
    ledger, commune = office.ledger, event.commune
    tasks = await tasks_of(ledger, of_event(commune, event.event_id))
    calls = await summonses_of(ledger, commune, event.event_id)
    alerts = await crisis_sights.alerts_now(ledger, commune)
    held = await centres_of(ledger, commune, event.event_id)
    out = await out_of(ledger, commune, event.event_id)
    counted = {
        "open_tasks": sum(task.state == "open" for task in tasks),
        "running_alerts": sum(one.state == "launched" for one in alerts),
        "waiting_alerts": sum(one.state != "launched" for one in alerts),
        "running_calls": sum(one.over_at is None for one in calls),
        "people_sheltered": sum(one.people for one in held),
        "means_out": len(out),
        "team_photos": await photos_to_forget(ledger, commune, event.event_id),
        "prefect_directs": int(event.directed_by == "prefect"),
    }
    return [Warning_(kind, number) for kind, number in counted.items() if number]


async def stand_down(
    office: Office, event_id: str, *, asked: Asked, knows: Collection[str] = ()
) -> Event:
    """Stand an event down (DOS or deputy): `knows` names each warning that she has read.

    The prefect's line and the review stand among its tasks then, where no step of the plan has
    them. Whoever is still being called up is not any more; where its teams were is forgotten with
    their photos; alerts run on until they are stopped or ended. Raises NotNow with what she has
    not read.
    """
    act = "stand_down"
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    event = await find(office, event_id)
    check(event, act, asked)
    found = await warnings_of(office, event)
    unread = tuple(one.sentence for one in found if one.kind not in knows)
    if unread:
        raise NotNow("Avant de lever, confirmez que vous savez : {known}.", known=unread)
    data = {"left": {one.kind: one.number for one in found}}
    brings = Brings(tasks=await _owed(office, event), ends_calls=True, forgets_trails=True)
    change = Change(data=data, brings=brings)
    return await take(office, event, act, asked=asked, change=change)


async def _owed(office: Office, event: Event) -> tuple[NewTask, ...]:
    """Return what is left to do of an event that is over: the prefect told, the review held."""
    held = await tasks_of(office.ledger, of_event(event.commune, event.event_id))
    try:
        zone = ZoneInfo((await plan_in_force.in_force(office)).plan.commune.timezone)
    except NotThere:  # an event may open without a plan
        zone = ZoneInfo("Europe/Paris")
    moment = Moment(local_hour(office.clock(), zone), event.mode)
    return owed_on_stand_down(held, moment=moment)


async def close(office: Office, event_id: str, *, asked: Asked) -> Event:
    """Close an event once its review is filed; the reason says where it is.

    Where its teams were is forgotten then, with the photos that came since.
    """
    if (done := await clicked(office, asked, act="close")) is not None:
        return done
    event = await find(office, event_id)
    check(event, "close", asked)
    return await take(
        office, event, "close", asked=asked, change=Change(brings=Brings(forgets_trails=True))
    )
