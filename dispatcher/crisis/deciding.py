"""What is decided of an event: assessed, pre-alert, activated, levels, phases, who directs.

Nothing is sent without a person's decision: pre-alert and activation call people of the plan up
in the same transaction as they are decided; alerts to the population are only proposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.crisis.cards import tasks_of_scenario
from dispatcher.crisis.moves import PHASES, SIGNS, next_phases
from dispatcher.crisis.opening import check_scenario
from dispatcher.crisis.owed import Moment, owed_on_activation
from dispatcher.crisis.posts import DOS, RAC, Post, posts_of, with_people
from dispatcher.crisis.registers import books_of
from dispatcher.crisis.steps import Asked, Change, check, check_reason, clicked, find, take
from dispatcher.crisis.summoning import activated, summons
from dispatcher.store.brought import Brings
from dispatcher.store.crises import Event
from dispatcher.store.duties import NewDuty, held_posts
from dispatcher.store.summonses import NewSummons
from dispatcher.store.tasks import NewTask
from plans.plan import Plan

OWN_POST = {"dos": DOS, "deputy": DOS, "rac": RAC}


async def assess(office: Office, event_id: str, *, asked: Asked) -> Event:
    """Say that somebody looks into what was signalled."""
    return await _plain(office, event_id, "assess", asked=asked)


async def no_follow_up(office: Office, event_id: str, *, asked: Asked) -> Event:
    """Set aside what was signalled, with the reason: whoever was still being called is not.

    Where teams were is forgotten, as at the stand-down.
    """
    change = Change(brings=Brings(ends_calls=True, forgets_trails=True))
    return await _plain(office, event_id, "no_follow_up", asked=asked, change=change)


@dataclass(frozen=True)
class RampUp:
    """What goes with pre-alert or activation: whether people are called, and which scenario."""

    call: bool = True
    scenario: str | None = None


ALL = RampUp()


async def pre_alert(office: Office, event_id: str, *, asked: Asked, ramp: RampUp = ALL) -> Event:
    """Decide pre-alert (RAC, DOS, deputy): the heads of cells are called, the post is reduced."""
    return await _ramp_up(office, event_id, "pre_alert", asked=asked, ramp=ramp)


async def activate(office: Office, event_id: str, *, asked: Asked, ramp: RampUp = ALL) -> Event:
    """Activate the plan, in one act (DOS or deputy only).

    Functions and cells are called with their deputies, action cards open as tasks, the level rises.
    The command post, the cells that keep a logbook and the centres have theirs open.
    """
    return await _ramp_up(office, event_id, "activate", asked=asked, ramp=ramp)


async def _ramp_up(office: Office, event_id: str, act: str, *, asked: Asked, ramp: RampUp) -> Event:
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    event = await find(office, event_id)
    check(event, act, asked)
    current = await plan_in_force.in_force(office)
    plan = current.plan
    check_scenario(plan, ramp.scenario)
    chosen = ramp.scenario or event.scenario
    level = level_of(plan, act, now=event.level)
    values: dict[str, object] = {"scenario": chosen, "level": level}
    if act == "activate":
        values["phase"] = PHASES[0]
    called = await _called(office, current, event, act, asked=asked) if ramp.call else None
    brings = Brings(
        tasks=_opened(office, plan, event, scenario=chosen) if act == "activate" else (),
        duties=await own_duty(office, event, asked),
        summons=called,
        books=books_of(plan) if act == "activate" else (),
        ends_calls=called is not None,  # one call goes on, the newest: nobody is rung twice
    )
    people = sorted({one.person_id for one in called.calls}) if called else []
    data = {
        "scenario": chosen, "level": level, "called": people, "tasks": len(brings.tasks),
        "summons": called.summons_id if called else None,
    }  # fmt: skip
    said = f", {len(people)} personnes à appeler" if people else ", personne n'est appelé"
    change = Change(values, data, brings, said)
    return await take(office, event, act, asked=asked, change=change)


def _opened(
    office: Office, plan: Plan, event: Event, *, scenario: str | None
) -> tuple[NewTask, ...]:
    """Return the tasks of an activation: the plan's steps, then what is owed beside them."""
    planned = tasks_of_scenario(plan, scenario)
    hour = local_hour(office.clock(), ZoneInfo(plan.commune.timezone))
    return (*planned, *owed_on_activation(planned, moment=Moment(hour, event.mode)))


async def _called(
    office: Office, current: PlanInForce, event: Event, act: str, *, asked: Asked
) -> NewSummons | None:
    posts = to_call(current.plan, act, without=asked.actor.contact_id)
    if not posts:
        return None
    words = activated(current.plan, why=act, mode=event.mode, title=event.title)
    return await summons(office, current, posts, reason=words)


def to_call(plan: Plan, act: str, *, without: str | None = None) -> Sequence[Post]:
    """Return the posts that an act calls: all of them, or for pre-alert the RAC and the cells."""
    posts = posts_of(plan)
    if act == "pre_alert":
        posts = tuple(post for post in posts if post.cell or post.code in (DOS, RAC))
    return with_people(posts, without=without)


def level_of(plan: Plan, act: str, *, now: str | None) -> str | None:
    """Return the level that an act brings the plan to, by what the post becomes; never a lower one.

    Levels are the commune's own: the first whose command post is reduced, or the last that is full.
    """
    wanted = "full" if act == "activate" else "reduced"
    ordered = sorted(plan.levels, key=lambda level: level.order)
    fitting = [level.code for level in ordered if level.command_post == wanted]
    if not fitting:
        return now
    codes = [level.code for level in ordered]
    found = fitting[-1] if wanted == "full" else fitting[0]
    return max(found, now, key=codes.index) if now in codes else found


async def own_duty(office: Office, event: Event, asked: Asked) -> tuple[NewDuty, ...]:
    """Record whoever decides in her own function, unless somebody holds it already."""
    post = OWN_POST.get(asked.actor.function)
    held = await held_posts(office.ledger, event.commune, event.event_id)
    if post is None or post in held:
        return ()
    return (NewDuty(post, f"user:{asked.actor.login}"),)


async def change_level(office: Office, event_id: str, level: str, *, asked: Asked) -> Event:
    """Change the level of the plan, whatever the state: they are two things (DOMAIN §3.1)."""
    current = await plan_in_force.in_force(office)
    known = {one.code: one.label for one in current.plan.levels}
    if level not in known:
        raise NotThere(
            "Le plan n'a pas de niveau « {level} » : {known}.", level=level, known=", ".join(known)
        )
    change = Change({"level": level}, {"level": level}, said=f" : {known[level]}")
    return await _plain(office, event_id, "level", asked=asked, change=change)


async def change_phase(
    office: Office, event_id: str, phase: str, *, asked: Asked, signs: Sequence[str] = ()
) -> Event:
    """Change the phase. `signs` are those seen of the four that announce post-emergency.

    Going on without all of them, or going back, needs a reason.
    """
    if (done := await clicked(office, asked, act="phase")) is not None:
        return done
    event = await find(office, event_id)
    check(event, "phase", asked)
    if phase not in next_phases(event.phase):
        raise NotNow("Les phases se suivent : urgence, post-urgence, retour à la normale.")
    if unknown := sorted(set(signs) - set(SIGNS)):
        raise NotSo("Signe inconnu : {unknown}.", unknown=unknown[0])
    forward = PHASES.index(phase) > PHASES.index(event.phase or PHASES[0])
    unseen = [one for one in SIGNS if one not in signs] if phase == "post_urgence" else []
    if forward and unseen and not asked.reason.strip():
        raise NotSo(
            "Les quatre signes de la fin de l'urgence ne sont pas tous vus : cochez-les, ou dites"
            " pourquoi la phase change quand même."
        )
    check_reason(asked, needed=not forward)
    change = Change(
        {"phase": phase}, {"phase": phase, "signs": sorted(signs)}, said=f" : {PHASE_SAID[phase]}"
    )
    return await take(office, event, "phase", asked=asked, change=change)


PHASE_SAID = {
    "urgence": "urgence",
    "post_urgence": "post-urgence",
    "retour_normale": "retour à la normale",
}


async def take_over(office: Office, event_id: str, *, asked: Asked) -> Event:
    """Record that the prefect directs (L742-2 CSI); what is the mayor's own stays possible."""
    return await _directed(office, event_id, "take_over", by="prefect", asked=asked)


async def give_back(office: Office, event_id: str, *, asked: Asked) -> Event:
    """Record that the mayor directs again."""
    return await _directed(office, event_id, "give_back", by="mayor", asked=asked)


async def _directed(
    office: Office, event_id: str, act: str, *, by: str, asked: Asked
) -> Event:  # fmt: skip
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    event = await find(office, event_id)
    check(event, act, asked)
    if event.directed_by == by:
        who = "Le préfet" if by == "prefect" else "Le maire"
        raise NotNow("{who} dirige déjà.", who=who)
    change = Change(
        {"directed_by": by, "directed_since": utc_now().timestamp()}, {"directed_by": by}
    )
    return await take(office, event, act, asked=asked, change=change)


async def _plain(
    office: Office, event_id: str, act: str, *, asked: Asked, change: Change | None = None
) -> Event:
    if (done := await clicked(office, asked, act=act)) is not None:
        return done
    event = await find(office, event_id)
    check(event, act, asked)
    return await take(office, event, act, asked=asked, change=change or Change())
