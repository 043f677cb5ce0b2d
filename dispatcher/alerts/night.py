"""Messages at night: what can wait for the morning is sent only by who says so (DOMAIN.md §4.1).

Functional messages may leave at any hour; between 22:00 and 7:00 on the commune's clocks one that
threatens no life is confirmed first. An exercise and a public test threaten none, whatever their
words say; a rehearsal never leaves the house. A correction follows what is already awake.

`check_hour` is the one rule: asked where an alert is submitted, where its approval is asked anew
and where it leaves, each time of the hour at which that happens; `check_content` is its ground, and
the emergency procedure's, of which no author wrote anything. What its author confirmed stays so.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from dispatcher.alerts.drafting import LIFE_THREATENING
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.sketch_choices import REACH, Lack, provisional
from dispatcher.delivery.content import Content
from dispatcher.store import sketches
from dispatcher.store.versions import FIRST, Version
from plans.plan import Plan

FROM, UNTIL = time(22), time(7)
REHEARSAL = "rehearsal"
UNCONFIRMED = "Il fait nuit et ce message ne dit pas de danger grave : confirmez l'envoi de nuit."

SAY_SO = (
    "Il fait nuit et ce message ne dit pas de danger grave : confirmez l'envoi de nuit à l'étape de"
    " la portée, ou par --at-night."
)
# Of what waits or is approved: to change its reach would void the approval.
TICK_IT = (
    "Il fait nuit et ce message ne dit pas de danger grave : rien n'est parti. Attendez 7 h, ou"
    " cochez « Envoyer de nuit » (--at-night en ligne de commande) puis recommencez."
)


def is_night(plan: Plan, now: datetime) -> bool:
    """Whether the commune sleeps at this instant."""
    there = now.astimezone(ZoneInfo(plan.commune.timezone)).time()
    return there >= FROM or there < UNTIL


def night_asks(plan: Plan, content: Content, now: datetime) -> bool:
    """Whether somebody has to say that this leaves tonight all the same."""
    if content.route == REHEARSAL or not is_night(plan, now):
        return False
    return content.mode != "real" or content.cap.get("severity") not in LIFE_THREATENING


def night_lacks(plan: Plan, sketch: Sketch, *, now: datetime) -> tuple[Lack, ...]:
    """Return what a sketch lacks at this hour, beside what `lacking` says of it at any."""
    content = provisional(plan, sketch)
    if content is None or sketch.chosen.night_confirmed or not night_asks(plan, content, now):
        return ()
    return (Lack(REACH, UNCONFIRMED),)


def check_night(plan: Plan, sketch: Sketch, *, now: datetime) -> None:
    """Raise NotSo for a sketch that would be submitted at night and nobody confirmed it."""
    if night_lacks(plan, sketch, now=now):
        raise NotSo(UNCONFIRMED)


async def check_hour(
    office: Office, plan: Plan, version: Version, *, confirmed: bool = False
) -> None:
    """Raise NotSo for what is submitted at night, which neither its author nor the caller confirms.

    Asked at every submission and launch, whatever the way: what was frozen in the evening, too.
    """
    if not confirmed and await unconfirmed(office, plan, version):
        raise NotSo(SAY_SO if version.state == "draft" else TICK_IT)


async def unconfirmed(office: Office, plan: Plan, version: Version) -> bool:
    """Tell whether a version would leave tonight without anybody having said that it may."""
    if version.kind != FIRST or not night_asks(plan, Content.of(version.content), office.clock()):
        return False
    kept = await sketches.sketch_of(office.ledger, version.commune, version.alert_id)
    return kept is None or not kept.chosen.get("night_confirmed")


def check_content(plan: Plan, content: Content, *, at: datetime, confirmed: bool) -> None:
    """Raise NotSo for what leaves at an instant of the night and nobody confirms."""
    if not confirmed and night_asks(plan, content, at):
        raise NotSo(TICK_IT)
