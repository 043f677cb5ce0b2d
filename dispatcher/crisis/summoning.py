"""The words of a summons and its list, from the plan: ready for the act that launches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dispatcher.alerts.drafting import PREFIXED, digest_of, new_id
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.refusals import NotSo
from dispatcher.crisis.calling import look
from dispatcher.crisis.posts import Post
from dispatcher.delivery.content import SUMMONS, Content, Escalation, Texts
from dispatcher.store import enrolment
from dispatcher.store.summonses import Call, NewSummons
from plans.plan import Plan

LIFE = timedelta(hours=2)  # who has not answered by then is called by a person
# Before her second number, the third…: shorter than the wait for her deputy.
SECOND_NUMBERS_S = (90.0, 90.0, 90.0)
NOWHERE = {"type": "GeometryCollection", "geometries": []}  # a summons has no area, so no resident
_LONGEST_TITLE, _LONGEST_TEXT = 60, 110


@dataclass(frozen=True)
class Reason:
    """Why people are called: for which event, in which mode, by which decision, in which words.

    `fr` and `en` say what happens, after the town hall's name.
    """

    why: str
    mode: str
    title: str
    fr: str
    en: str


async def summons(
    office: Office, current: PlanInForce, posts: Sequence[Post], *, reason: Reason
) -> NewSummons:
    """Make a summons of these posts; raises NotSo where there is nobody to call.

    The people of the plan are enrolled first: a ledger older than their enrolment knew only the
    contacts of sites.
    """
    calls = [
        Call(post.code, rank, duty_person(contact))
        for post in sorted(posts, key=lambda one: one.code)
        for rank, contact in enumerate(post.people)
    ]
    if not calls:
        raise NotSo("Le plan ne nomme personne à appeler : complétez ses fonctions et cellules.")
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    content = content_of(current, reason)
    check_lengths(content, public_url=office.public_url)
    expires_at = utc_now() + LIFE
    first = look(calls, {}, now=0.0, wait_s=1.0).people
    values = content.as_json()
    return NewSummons(
        summons_id=new_id(),
        why=reason.why,
        wait_s=60.0 * current.plan.policy.escalation_min[0],
        content=values,
        digest=digest_of(values, expires_at=expires_at, people=len(first)),
        expires_at=expires_at.timestamp(),
        calls=calls,
        first=first,
    )


def content_of(current: PlanInForce, reason: Reason) -> Content:
    """Word a summons in French and English, EXERCICE first where it is one."""
    plan = current.plan
    prefix = plan.policy.exercise_prefix if reason.mode in PREFIXED else ""
    texts = {
        "fr": _texts(plan, reason, "fr", prefix=prefix),
        "en": _texts(plan, reason, "en", prefix="EXERCISE " if prefix else ""),
    }
    language = plan.policy.language if plan.policy.language in texts else "fr"
    return Content(
        mode=reason.mode,
        route="rehearsal" if reason.mode == "rehearsal" else "live",
        title=texts[language].email_subject,
        issuer=f"Mairie de {plan.commune.name}",
        sender=plan.policy.sender,
        language=language,
        texts=texts,
        area=NOWHERE,
        margin_m=0.0,
        media=("sms", "voice"),
        plan_digest=current.digest,
        template="",
        escalation=Escalation(waits_s=SECOND_NUMBERS_S),
        two_way=plan.policy.two_way,
        offers_help=False,
        kind=SUMMONS,
    )


def _texts(plan: Plan, reason: Reason, language: str, *, prefix: str) -> Texts:
    commune, title = plan.commune.name, reason.title[:_LONGEST_TITLE]
    if language == "fr":
        said = f"Mairie de {commune}: APPEL DE CRISE. {reason.fr}"
        return Texts(
            sms=f"{prefix}{said} Venez-vous ? Dites oui ou non: {{lien}}",
            voice=f"{prefix}Appel de crise de la mairie de {commune}. {reason.fr}",
            email_subject=f"{prefix}Appel de crise : {title}",
            email_body=f"{prefix}{reason.fr}",
        )
    said = f"{commune} town hall: CRISIS CALL. {reason.en}"
    return Texts(
        sms=f"{prefix}{said} Are you coming? Say yes or no: {{lien}}",
        voice=f"{prefix}Crisis call from {commune} town hall. {reason.en}",
        email_subject=f"{prefix}Crisis call: {title}",
        email_body=f"{prefix}{reason.en}",
    )


def activated(plan: Plan, *, why: str, mode: str, title: str) -> Reason:
    """Say that the plan is activated, or pre-alert decided, and where to come."""
    place = next((one.label for one in plan.centres if one.kind == "PCC"), "")
    short = title[:_LONGEST_TITLE]
    where_fr = f" Rejoignez le PCC: {place}." if place else " Rejoignez le PCC."
    where_en = f" Come to the command post: {place}." if place else " Come to the command post."
    if why == "activate":
        fr, en = f"PCS activé: {short}.", f"Safeguard plan activated: {short}."
    else:
        fr, en = f"Pré-alerte: {short}.", f"Pre-alert: {short}."
    return Reason(why, mode, title, fr + where_fr, en + where_en)


def alert_received(*, mode: str, title: str, sender: str, text: str) -> Reason:
    """Say which alert the town hall has received, to whoever is on call."""
    told = " ".join(f"{sender}: {text}".split())[:_LONGEST_TEXT]
    return Reason(
        "received", mode, title, f"ALERTE REÇUE de {told}.", f"ALERT RECEIVED from {told}."
    )
