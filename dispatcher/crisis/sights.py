"""An event as pages, tools and commands show it: state, who, tasks, calls and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.crisis.calling import UNREACHABLE
from dispatcher.crisis.posts import ON_CALL, posts_of
from dispatcher.crisis.proposals import Proposal, proposals
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import crises, crisis_sights, duties, summons_answers
from dispatcher.store.centres import centres_of
from dispatcher.store.crises import Act, Event
from dispatcher.store.crisis_sights import AlertNow, DraftedAlert
from dispatcher.store.duties import Duty
from dispatcher.store.lending import out_of
from dispatcher.store.people import DUTY
from dispatcher.store.summons_answers import COMING, UNABLE, Said, Way
from dispatcher.store.summons_ends import stop_summons
from dispatcher.store.summonses import Call, Summons
from dispatcher.store.tasks import Task, of_event, tasks_of
from plans.plan import Plan

NOTHING_SAID = Said()


@dataclass(frozen=True)
class Called:
    """One person on a post's list: called when, by which ways, what she said, what comes next.

    `standing` is coming | unable | unreachable | silent | called | waiting (her turn has not come)
    | spared (someone before her comes); `next_at` is when the deputy is called if she stays silent.
    """

    post: str
    label: str
    rank: int
    holder: str
    name: str
    standing: str
    called_at: float | None = None
    answered_at: float | None = None
    ways: Sequence[Way] = ()
    next_at: float | None = None


@dataclass(frozen=True)
class CallUp:
    """A summons with its lists; `empty` are the posts for which nobody is left to call."""

    summons: Summons
    posts: Mapping[str, Sequence[Called]]
    filled: Sequence[str] = ()
    empty: Sequence[str] = ()

    @property
    def runs(self) -> bool:
        """Whether deputies are still called by themselves."""
        return self.summons.over_at is None


@dataclass(frozen=True)
class Held:
    """A post of the plan, and who holds it now, since when."""

    code: str
    label: str
    holder: str | None = None
    name: str = ""
    since: float | None = None
    number: int | None = None  # of the turn of duty; its hand-over sheet is found by it
    sheet: bool = False


@dataclass(frozen=True)
class Sight:
    """All that the page of an event shows."""

    event: Event
    acts: Sequence[Act]
    tasks: Sequence[Task]
    posts: Sequence[Held]
    calls: Sequence[CallUp]
    proposals: Sequence[Proposal] = ()
    drafted: Mapping[str, DraftedAlert] = field(default_factory=dict)
    alerts: Sequence[AlertNow] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    sheltered: int = 0  # people in its centres
    lent: int = 0  # loans of means that are not back


async def sight(office: Office, event_id: str) -> Sight:
    """Gather what an event looks like now; raises NotThere."""
    event = await find(office, event_id)
    ledger, commune = office.ledger, event.commune
    plan = await _plan(office)
    names = await names_of(office, plan)
    held = await duties.duties_of(ledger, commune, event_id)
    drafted = await crisis_sights.alerts_of_event(ledger, commune, event_id)
    return Sight(
        event=event,
        acts=await crises.acts_of(ledger, commune, event_id),
        tasks=await tasks_of(ledger, of_event(commune, event_id)),
        posts=_posts(plan, held, names),
        calls=await call_ups(office, event_id, plan=plan, names=names),
        proposals=proposals(plan, event, now=utc_now()) if plan and event.is_open else (),
        drafted={one.template: one for one in drafted},
        alerts=await crisis_sights.alerts_now(ledger, commune),
        names=names,
        sheltered=sum(one.people for one in await centres_of(ledger, commune, event_id)),
        lent=len(await out_of(ledger, commune, event_id)),
    )


async def _plan(office: Office) -> Plan | None:
    try:
        return (await plan_in_force.in_force(office)).plan
    except NotThere:  # taken away since: what was decided is shown all the same
        return None


async def names_of(office: Office, plan: Plan | None) -> Mapping[str, str]:
    """Return how each possible holder is called, by contact:ID and user:LOGIN."""
    people = {f"{DUTY}{one.id}": one.full_name for one in plan.contacts} if plan else {}
    users = await duties.user_names(office.ledger, office.commune)
    return {**people, **{f"user:{login}": name for login, name in users.items()}}


def _posts(plan: Plan | None, held: Sequence[Duty], names: Mapping[str, str]) -> list[Held]:
    now = {duty.post: duty for duty in held if duty.until is None}
    labels = {post.code: post.label for post in posts_of(plan)} if plan else {}
    found = []
    for code in dict.fromkeys((*labels, *now)):
        duty = now.get(code)
        if duty is None:
            found.append(Held(code, labels[code]))
            continue
        name = names.get(duty.holder, duty.holder.removeprefix("user:"))
        label = labels.get(code, code)
        found.append(
            Held(code, label, duty.holder, name, duty.since, duty.number, duty.sheet is not None)
        )
    return found


async def call_ups(
    office: Office, event_id: str, *, plan: Plan | None, names: Mapping[str, str]
) -> list[CallUp]:
    """Return the summonses of an event, the newest first, with where each person stands."""
    ledger, commune = office.ledger, office.commune
    labels = {ON_CALL: "Élu d'astreinte"}
    labels |= {post.code: post.label for post in posts_of(plan)} if plan else {}
    found = []
    for one in await summons_answers.summonses_of(ledger, commune, event_id):
        calls = await summons_answers.calls_of(ledger, commune, one.summons_id)
        said, _ = await summons_answers.said_of(ledger, commune, one.summons_id)
        found.append(_call_up(one, calls, said, names=names, labels=labels))
    return found


def _call_up(
    one: Summons,
    calls: Sequence[Call],
    said: Mapping[str, Said],
    *,
    names: Mapping[str, str],
    labels: Mapping[str, str],
) -> CallUp:
    called_at = {c.person_id: c.called_at for c in calls if c.called_at is not None}
    posts: dict[str, list[Called]] = {}
    order = {code: place for place, code in enumerate(labels)}  # the plan's own
    for call in sorted(calls, key=lambda c: (order.get(c.post, len(order)), c.post, c.rank)):
        known = said.get(call.person_id, NOTHING_SAID)
        mine = posts.setdefault(call.post, [])
        at = called_at.get(call.person_id)
        standing = _standing(call, known, at, filled=any(c.standing == COMING for c in mine))
        waits = standing == "called" and one.over_at is None
        mine.append(
            Called(
                call.post, labels.get(call.post, call.post), call.rank, call.person_id,
                names.get(call.person_id, call.person_id), standing, at, known.answered_at,
                tuple(known.ways), at + one.wait_s if waits and at is not None else None,
            )
        )  # fmt: skip
    filled = [code for code, mine in posts.items() if any(c.standing == COMING for c in mine)]
    vain = (UNABLE, UNREACHABLE, "silent")
    empty = [code for code, mine in posts.items() if all(c.standing in vain for c in mine)]
    return CallUp(one, posts, filled, empty)


def _standing(call: Call, known: Said, called_at: float | None, *, filled: bool) -> str:
    if known.answer is not None:
        return known.answer
    if filled:  # she may be called all the same, for another post
        return "spared"
    if called_at is None:
        return "waiting"
    return call.outcome or (UNREACHABLE if known.lost else "called")


async def stop_calls(office: Office, event_id: str, summons_id: str, *, asked: Asked) -> None:
    """Stop a summons: nobody more is called, and no answer is waited for any more."""
    await find(office, event_id)
    for one in await summons_answers.summonses_of(office.ledger, office.commune, event_id):
        if one.summons_id != summons_id:
            continue
        line = office.line(
            asked.actor.login, "summons.stop", "Appel des personnes arrêté", event=event_id,
            summons=summons_id,
        )  # fmt: skip
        if not await stop_summons(office.ledger, one, line=line) and one.over_at is None:
            raise NotNow("Cet appel vient de se terminer.")
        return
    raise NotThere(
        "Il n'y a pas d'appel « {summons_id} » dans cet événement.", summons_id=summons_id
    )
