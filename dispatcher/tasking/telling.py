"""A mission told to people of the plan by SMS and voice: in which words, in which mode.

A summons's own way (`dispatcher/store/waves.py`): nobody outside the plan's directory is ever in
it, an exercise says so first, a rehearsal never leaves the house.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from channels.call_twiml import MISSION
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.drafting import digest_of
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.summoning import Reason, content_of
from dispatcher.delivery.content import Content, Texts
from dispatcher.delivery.mission_words import TEXT_BLANK, TITLE_BLANK
from dispatcher.store import enrolment
from dispatcher.store.mission_rows import Mission
from dispatcher.store.waves import Wave

WORKER = "worker"
LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Told:
    """A mission and the call sign of its team, as the words name them."""

    mission: Mission
    call_sign: str


async def plan_now(office: Office) -> PlanInForce | None:
    """Return the plan in force; None before the first one."""
    try:
        return await plan_in_force.in_force(office)
    except NotThere:
        return None


async def wave_of(
    office: Office, current: PlanInForce, content: Content, contacts: Sequence[str]
) -> Wave:
    """Return the wave that tells these contacts of the plan; they are enrolled first.

    By the media that the content names, all at once: at night an SMS wakes nobody.
    """
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    values, expires_at = content.as_json(), utc_now() + LIFE
    people = tuple(duty_person(one) for one in contacts)
    digest = digest_of(values, expires_at=expires_at, people=len(people))
    chains = tuple((one,) for one in content.media)
    return Wave(values, digest, expires_at.timestamp(), people, WORKER, chains)


def order_content(current: PlanInForce, told: Told) -> Content:
    """Word an order for its team: received, or impossible.

    What is to be done, and where, is put in as it leaves (`delivery/mission_words.py`).
    """
    base = content_of(current, Reason(MISSION, told.mission.mode, "", "", ""))
    exercise = base.texts["fr"].sms.startswith(current.plan.policy.exercise_prefix)
    prefixes = {
        "fr": current.plan.policy.exercise_prefix if exercise else "",
        "en": "EXERCISE " if exercise else "",
    }
    texts = {code: _texts(current, told, code, prefix=prefixes[code]) for code in prefixes}
    title = texts[base.language].email_subject
    return replace(base, texts=texts, title=title, asks=MISSION, escalation=None)


def _texts(current: PlanInForce, told: Told, language: str, *, prefix: str) -> Texts:
    town = current.plan.commune.name
    said = f"{TITLE_BLANK}. {TEXT_BLANK}"
    two_way = current.plan.policy.two_way
    if language == "fr":
        ask = "Répondez 1 = acceptée, 2 = impossible, ou" if two_way else "Acceptée ou non, dites"
        return Texts(
            sms=f"{prefix}Mairie de {town}: MISSION {told.call_sign}. {said} {ask}: {{lien}}",
            voice=f"{prefix}Mission pour {told.call_sign}. {said}",
            email_subject=f"{prefix}Mission : {told.call_sign}",
            email_body=f"{prefix}{told.call_sign}. {said}",
        )
    ask = "Reply 1 = received, 2 = impossible, or" if two_way else "Received or impossible, say"
    return Texts(
        sms=f"{prefix}{town} town hall: MISSION {told.call_sign}. {said} {ask}: {{lien}}",
        voice=f"{prefix}Mission for {told.call_sign}. {said}",
        email_subject=f"{prefix}Mission: {told.call_sign}",
        email_body=f"{prefix}{told.call_sign}. {said}",
    )


def silence_content(current: PlanInForce, told: Told, *, minutes: int) -> Content:
    """Word for those who lead that a team has not answered; they look at the console."""
    sign = told.call_sign
    reason = Reason(
        "mission",
        told.mission.mode,
        f"mission sans réponse, {sign}",
        f"Mission sans réponse de {sign} depuis {minutes} min. Voyez la console.",
        f"Mission unanswered by {sign} for {minutes} min. Look at the console.",
    )
    return replace(content_of(current, reason), escalation=None)


def withdrawn_content(current: PlanInForce, told: Told, *, moved: bool) -> Content:
    """Word for a team that a mission is not its own any more: called off, or (`moved`) given on.

    By SMS alone: a call would ask for a key. What stands in brackets is who has it now.
    """
    base = order_content(current, told)
    off = told.mission.state == "cancelled" or not moved
    title, town = TITLE_BLANK, current.plan.commune.name
    exercise = base.texts["fr"].sms.startswith(current.plan.policy.exercise_prefix)
    words = {
        "fr": (
            current.plan.policy.exercise_prefix if exercise else "",
            f"Mairie de {town}: MISSION " + ("ANNULEE" if off else f"DONNEE A {told.call_sign}"),
            "N'y allez plus, ou quittez les lieux. Un doute : appelez la cellule.",
        ),
        "en": (
            "EXERCISE " if exercise else "",
            f"{town} town hall: MISSION " + ("CALLED OFF" if off else f"GIVEN TO {told.call_sign}"),
            "Do not go, or leave the place. In doubt call the cell.",
        ),
    }
    texts = {
        code: Texts(
            sms=f"{prefix}{what}. {title}. {do}",
            voice=f"{prefix}{what}. {title}. {do}",
            email_subject=f"{prefix}{what}",
            email_body=f"{prefix}{what}. {title}. {do}",
        )
        for code, (prefix, what, do) in words.items()
    }
    return replace(base, texts=texts, title=texts[base.language].email_subject, media=("sms",))
