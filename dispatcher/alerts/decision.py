"""A decision as its page shows it: who may take it, on what, what changed, who is rung, who did."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.ringing import approvers
from dispatcher.alerts.standing import drifted
from dispatcher.alerts.two_people import why_not
from dispatcher.delivery.content import Content
from dispatcher.store import alert_steps, decisions, duties, rings
from dispatcher.store.alert_steps import RETURNED, Step
from dispatcher.store.decisions import MAYORS
from dispatcher.store.hands import hands_of
from dispatcher.store.phone_approvals import APPROVED, REFUSED, Ended, talks_ended
from dispatcher.store.rings import Ring, RingCall
from dispatcher.store.versions import Version
from plans.plan import Plan

WAITING = "pending_approval"
_PLAIN = ("mode", "sectors", "margin_m", "media", "players")


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was read last; `language` where it is a text."""

    what: str  # sms, voice, email_subject, email_body, area, media…
    before: str = ""
    after: str = ""
    language: str = ""


@dataclass(frozen=True)
class Heard:
    """Who was rung for a version and what each person did with it; `calls` are the newest ring's.

    `names` are people's, by login and by `contact:` and their id; `talks` the calls of the newest
    ring in which somebody decided or was refused.
    """

    version: Version
    steps: Sequence[Step]
    ring: Ring | None
    calls: Sequence[RingCall]
    names: Mapping[str, str]
    talks: Sequence[Ended]

    def by_phone(self, step: Step) -> bool:
        """Return whether a step was an approval in our call."""
        return step.act == APPROVED and (step.acted_by, APPROVED) in {
            (one.login, one.how) for one in self.talks
        }

    @property
    def refused_by_phone(self) -> frozenset[str]:
        """Who typed wrong three times: she may approve on the console alone."""
        return frozenset(one.person_id for one in self.talks if one.how == REFUSED)


@dataclass(frozen=True)
class Deciding:
    """What one person sees of a decision; `why_not` is empty where she may approve.

    `people_now` is the head-count as it would be at a launch now; `left_s` how long the approval
    still lives.
    """

    version: Version
    content: Content
    why_not: str
    people_now: int
    left_s: float | None
    heard: Heard
    changes: Sequence[Change]

    @property
    def drifted(self) -> bool:
        """Whether so many people came or went that it has to be approved again."""
        return drifted(self.people_now, self.version.people)

    @property
    def expired(self) -> bool:
        """Whether its approval is over."""
        return self.left_s is not None and self.left_s <= 0

    @property
    def returned(self) -> Step | None:
        """The step that sent it back, where nothing came after."""
        last = self.heard.steps[-1] if self.heard.steps else None
        return last if last is not None and last.act == RETURNED else None


async def deciding(
    office: Office, current: PlanInForce, version: Version, *, actor: Actor
) -> Deciding:
    """Gather what somebody sees of the decision on a version."""
    ledger, commune, plan = office.ledger, office.commune, current.plan
    content = Content.of(version.content)
    found = await addressees(office, plan, content, alert_id=version.alert_id)
    hands = await hands_of(ledger, version)
    before = await alert_steps.last_judged(ledger, commune, version.alert_id, but=version.digest)
    return Deciding(
        version=version,
        content=content,
        why_not=why_not(plan, version, actor.login, actor.function, hands=hands),
        people_now=found.most,
        left_s=await decisions.approval_left_s(ledger, version),
        heard=await heard_of(office, current, version),
        changes=_changes(before, version),
    )


async def heard_of(office: Office, current: PlanInForce, version: Version) -> Heard:
    """Gather who was rung for a version, and what each did: cheap enough to ask again."""
    ledger, commune = office.ledger, office.commune
    rung = await rings.rings_of(ledger, commune, version.version_id)
    ring = rung[0] if rung else None
    names = await duties.user_names(ledger, commune)
    contacts = {f"contact:{one.id}": one.full_name for one in current.plan.contacts}
    return Heard(
        version=version,
        steps=await alert_steps.steps_of(ledger, commune, version.version_id),
        ring=ring,
        calls=await rings.ring_calls(ledger, commune, ring.ring_id) if ring else (),
        names={**names, **contacts},
        talks=await talks_ended(ledger, commune, ring.ring_id) if ring else (),
    )


def would_ring(plan: Plan, function: str, *, without: str | None) -> list[str]:
    """Return the names of those who would be rung for what this function submits."""
    known = {one.id: one.full_name for one in plan.contacts}
    named = approvers(plan, submitted_as=function, at=utc_now())
    return [known.get(one, one) for one in named if one != without]


def needs_mayor(function: str) -> bool:
    """Tell whether what this function submits is approved by the mayor or a deputy alone."""
    return function not in MAYORS


def _changes(before: Step | None, version: Version) -> tuple[Change, ...]:
    if before is None or before.content is None:
        return ()
    old, new = Content.of(before.content), Content.of(version.content)
    found = [
        Change(name, _said(getattr(old, name)), _said(getattr(new, name)))
        for name in _PLAIN
        if getattr(old, name) != getattr(new, name)
    ]
    if old.area != new.area:
        found.append(Change("area"))
    if before.people != version.people:
        found.append(Change("people", str(before.people), str(version.people)))
    for language in dict.fromkeys((*old.texts, *new.texts)):
        was, now = (
            asdict(one.texts[language]) if language in one.texts else {} for one in (old, new)
        )
        found += [
            Change(name, was.get(name, ""), now.get(name, ""), language)
            for name in dict.fromkeys((*was, *now))
            if was.get(name) != now.get(name)
        ]
    return tuple(found)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
