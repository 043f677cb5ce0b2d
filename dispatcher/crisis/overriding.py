"""The emergency procedure: the mayor or a deputy alone sends a pre-approved message, after a hold.

Sixty seconds, shown on every page of the console, in which anybody of the cell stops it; everybody
of the plan's functions and cells is told at once. Then a worker launches it.
"""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from dispatcher.access.permissions import IN_WORDS
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.drafting import (
    LIFE_THREATENING,
    Wanted,
    digest_of,
    draft,
    id_of_key,
    new_id,
)
from dispatcher.alerts.in_service import check_in_service
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.night import check_content
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.alerts.ringing import NOWHERE, mode_first, zone_words
from dispatcher.crisis.posts import posts_of
from dispatcher.delivery.content import SUMMONS, Content, Texts
from dispatcher.store import enrolment, overrides, versions
from dispatcher.store.alert_steps import By
from dispatcher.store.decisions import MAYORS
from dispatcher.store.overrides import HOLD_S, NewOverride, Telling
from dispatcher.store.versions import Draft
from plans.alerting import MessageTemplate
from plans.plan import Plan

WORKER = "worker"
MOST_REASON = 500  # characters
LIFE = timedelta(hours=1)  # of what the cell is told
TOLD_BY = ("sms", "email")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Emergency:
    """What one person asks to send alone: a pre-approved message, where, why."""

    template: str
    sectors: tuple[str, ...]
    reason: str
    mode: str = "real"
    players: tuple[str, ...] = ()
    night_confirmed: bool = False  # an exercise that wakes its players


def pre_approved(plan: Plan) -> tuple[MessageTemplate, ...]:
    """Return the messages that may be sent so: validated in advance, and of a grave danger."""
    return tuple(one for one in plan.templates if one.pre_approved and _is_grave(one))


def _is_grave(one: MessageTemplate) -> bool:
    return one.cap.severity in LIFE_THREATENING


async def hold(office: Office, asked: Emergency, *, actor: Actor, key: str = "") -> str:
    """Hold a pre-approved message for a minute, tell everybody; return the alert's id.

    Raises NotYou for anyone but the mayor or a deputy, NotSo without a reason or for a message that
    is not pre-approved or tells of no grave danger: that one can wait for a second person. Grave
    danger leaves at any hour; an exercise of it at night is confirmed. With a `key`, a second click
    returns the same hold; so does a second form for the same message and sectors while the first is
    held, whoever sends it.
    """
    if actor.function not in MAYORS:
        raise NotYou("L'envoi d'urgence appartient au maire ou à un suppléant.")
    alert_id = id_of_key(office.commune, actor.login, f"override\n{key}") if key else new_id()
    if await versions.version_of(office.ledger, office.commune, alert_id) is not None:
        return alert_id
    reason = " ".join(asked.reason.split())
    if not reason:
        raise NotSo("Dites pourquoi il faut partir sans deuxième personne.")
    if len(reason) > MOST_REASON:
        raise NotSo("Le motif est trop long : {most} caractères au plus.", most=MOST_REASON)
    current = await plan_in_force.in_force(office)
    kept = await _drafted(office, current, asked, alert_id=alert_id, by=actor.login)
    by = By(actor.login, actor.function, reason)
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    telling = _telling(office, current, kept, by=by)
    line = office.line(
        actor.login, "alert.override_held",
        f"PROCÉDURE D'URGENCE : départ dans une minute, sans deuxième personne. Motif : {reason}",
        alert=alert_id, template=asked.template, digest=kept.digest, people=kept.people,
        function=actor.function, told=len(telling.people) if telling else 0,
    )  # fmt: skip
    return await overrides.hold(office.ledger, NewOverride(kept, by, telling), line=line)


async def _drafted(
    office: Office, current: PlanInForce, asked: Emergency, *, alert_id: str, by: str
) -> Draft:
    """Make what leaves: the message as the plan has it, its blanks filled by the plan alone."""
    chosen = {one.id: one for one in current.plan.templates if one.pre_approved}
    if asked.template not in chosen:
        raise NotSo("Ce message n'est pas validé d'avance : il faut une deuxième personne.")
    wanted = Wanted(
        template=asked.template, sectors=asked.sectors, mode=asked.mode, players=asked.players
    )
    made = draft(
        current.plan,
        wanted,
        plan_digest=current.digest,
        now=utc_now(),
        cap_sender=office.cap_sender,
    )
    if not _is_grave(chosen[asked.template]):
        raise NotSo(
            "L'envoi d'urgence est pour un danger grave, et ce message n'en dit pas : il faut une "
            "deuxième personne. Soumettez-le à validation."
        )
    leaves_at = office.clock() + timedelta(seconds=HOLD_S)
    check_content(current.plan, made.content, at=leaves_at, confirmed=asked.night_confirmed)
    await check_in_service(office, made.content)
    check_lengths(made.content, public_url=office.public_url)
    found = await addressees(office, current.plan, made.content, alert_id=alert_id)
    if not found.people:
        raise NotSo("Personne n'habite dans la zone de l'alerte : rien n'a été lancé.")
    content = made.content.as_json()
    return Draft(
        commune=office.commune,
        alert_id=alert_id,
        version_id=new_id(),
        content=content,
        digest=digest_of(content, expires_at=made.expires_at, people=found.most),
        lane=made.lane,
        expires_at=made.expires_at.timestamp(),
        people=found.most,
        created_by=by,
    )


def _telling(office: Office, current: PlanInForce, kept: Draft, *, by: By) -> Telling | None:
    """Word what everybody of the cell is told at once, by SMS and by mail."""
    plan = current.plan
    people = [one for post in posts_of(plan) for one in post.people]
    if not people:
        return None
    content = _told(office, current, Content.of(kept.content), by=by, people=kept.people)
    values, expires_at = content.as_json(), utc_now() + LIFE
    return Telling(
        ident=new_id(),
        content=values,
        digest=digest_of(values, expires_at=expires_at, people=len(people)),
        expires_at=expires_at.timestamp(),
        people=tuple(duty_person(one) for one in dict.fromkeys(people)),
    )


def _told(
    office: Office, current: PlanInForce, leaving: Content, *, by: By, people: int
) -> Content:
    plan = current.plan
    there = (utc_now() + timedelta(seconds=HOLD_S)).astimezone(ZoneInfo(plan.commune.timezone))
    page, town = f"{office.public_url}/", plan.commune.name
    who = IN_WORDS.get(by.function, by.function)
    texts = {}
    for language in ("fr", "en"):
        first = mode_first(plan, leaving.mode, language)
        zone = zone_words(plan, leaving, language)[:60]
        if language == "fr":
            said = (
                f"{first}Mairie de {town}: ENVOI D'URGENCE par {who}, sans 2e personne. {zone},"
                f" {people} personnes. Part à {there:%H:%M:%S}. Pour l'arrêter: {page}"
            )
            subject, why = f"{first}Envoi d'urgence : {leaving.title}", f"Motif : {by.reason}"
        else:
            said = (
                f"{first}{town} town hall: EMERGENCY SENDING by {who}, no 2nd person. {zone},"
                f" {people} people. Leaves at {there:%H:%M:%S}. To stop it: {page}"
            )
            subject, why = f"{first}Emergency sending: {leaving.title}", f"Reason: {by.reason}"
        texts[language] = Texts(said, said, subject[:120], f"{said}\n{why}")
    return Content(
        mode=leaving.mode,
        route=leaving.route,
        title=texts["fr"].email_subject,
        issuer=leaving.issuer,
        sender=leaving.sender,
        language="fr",
        texts=texts,
        area=NOWHERE,
        margin_m=0.0,
        media=TOLD_BY,
        plan_digest=current.digest,
        template="",
        offers_help=False,
        kind=SUMMONS,
    )


async def stop(office: Office, alert_id: str, *, actor: Actor) -> None:
    """Stop what is held, by anybody of the cell; raises NotNow where it left already."""
    line = office.line(
        actor.login, "alert.override_stopped", "Envoi d'urgence arrêté avant son départ",
        alert=alert_id, function=actor.function,
    )  # fmt: skip
    if not await overrides.stop_hold(office.ledger, office.commune, alert_id, line=line):
        raise NotNow("Cet envoi d'urgence est déjà parti, ou arrêté : regardez l'alerte.")
