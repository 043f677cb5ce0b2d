"""The public page as values: alerts in force and just over, in words, for one commune."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from dispatcher.alerts.clocks import INFORMATION
from dispatcher.alerts.known_blanks import national
from dispatcher.alerts.plan_in_force import plan_of
from dispatcher.alerts.refusals import NotThere
from dispatcher.alerts.ringing import is_of_sectors
from dispatcher.delivery.content import LINK_BLANK, Content
from dispatcher.store.clock_marks import marks_of_clock
from dispatcher.store.ledger import Ledger
from dispatcher.store.public_alerts import PublicAlert, public_alerts
from operator_ui.public_streets import AlertStreets, StreetsTold
from plans.plan import Plan

MINUTE_S = 60.0
_NO_PLAN_YET = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Notice:
    """An alert as its reader needs it: what, where, what to do, since when, until when."""

    kind: str
    mode: str
    title: str
    body: str
    language: str  # of title and body: the commune's own where the reader's is not written
    issuer: str
    sectors: tuple[str, ...]  # none where its zone was drawn or changed by hand
    streets: StreetsTold
    since: float
    updated_at: float
    informed_at: float  # its last version, or what the commune said since by other means
    until: float
    over: bool


@dataclass(frozen=True)
class PublicPicture:
    """All that a commune tells everybody at an instant; two equal pictures are one page."""

    commune: str
    name: str
    zone: ZoneInfo
    phone: str
    every_min: int
    now_in_force: tuple[Notice, ...]
    just_over: tuple[Notice, ...]


async def picture_of(
    ledger: Ledger, commune: str, *, streets: AlertStreets, language: str, now: float
) -> PublicPicture:
    """Read what a commune tells everybody; before its plan, its code and nothing to tell."""
    try:
        plan: Plan | None = (await plan_of(ledger, commune)).plan
    except NotThere:
        plan = None
    found = await public_alerts(ledger, commune)
    found.sort(key=lambda one: one.mode != "real")  # a test never stands before what is real
    told = await streets.of(commune, found)
    marks = await marks_of_clock(ledger, commune, INFORMATION)
    notices = [
        _notice(one, plan, streets=told[one.version_id], language=language, now=now)
        for one in found
    ]
    notices = [
        replace(notice, informed_at=max(notice.informed_at, marks.get(one.alert_id, 0.0)))
        for notice, one in zip(notices, found, strict=True)
    ]
    return PublicPicture(
        commune=commune,
        name=plan.commune.name if plan else commune,
        zone=ZoneInfo(plan.commune.timezone) if plan else _NO_PLAN_YET,
        phone=_phone(plan),
        every_min=plan.policy.information_every_min if plan else 0,
        now_in_force=tuple(one for one in notices if not one.over),
        just_over=tuple(one for one in notices if one.over),
    )


def _phone(plan: Plan | None) -> str:
    if plan is None:
        return ""
    return national(plan.commune.information_phone or plan.policy.caller_number or "")


def _notice(
    one: PublicAlert, plan: Plan | None, *, streets: StreetsTold, language: str, now: float
) -> Notice:
    content = Content.of(one.content)
    spoken, texts = content.words(language)
    return Notice(
        kind=one.kind,
        mode=one.mode,
        title=texts.email_subject,
        body=without_link(texts.email_body),
        language=spoken,
        issuer=content.issuer,
        sectors=_sectors(plan, content),
        streets=streets,
        since=one.since,
        updated_at=one.launched_at,
        informed_at=one.launched_at,
        until=one.expires_at if one.in_force(now) else one.over_at,
        over=not one.in_force(now),
    )


def _sectors(plan: Plan | None, content: Content) -> tuple[str, ...]:
    """Name the sectors of an alert whose zone they still describe, no more and no less."""
    if plan is None or not content.sectors or content.margin_m:
        return ()
    if not is_of_sectors(plan, content):
        return ()
    names = {sector.id: sector.name for sector in plan.sectors}
    return tuple(names[ident] for ident in content.sectors)


def without_link(body: str) -> str:
    """Return a message without the line that invites to a reader's own page: here is nobody's."""
    lines = body.splitlines()
    kept = [line for line in lines if LINK_BLANK not in line]
    if not any(line.strip() for line in kept):
        kept = [line.replace(LINK_BLANK, "").rstrip() for line in lines]
    return "\n".join(kept).strip()


def next_word(notices: Sequence[Notice], *, every_min: int, now: float) -> float | None:
    """Return when the population is told more at the latest, None when that is due already.

    The alert policy says how often (`information_every_min`); it counts from the last version,
    or from the hour at which somebody noted that the population was told otherwise.
    """
    real = [one.informed_at for one in notices if one.mode == "real"]  # a test promises nothing
    if not real or not every_min:
        return None
    due = min(real) + every_min * MINUTE_S
    return due if due > now else None
