"""Who is rung when an alert waits for its approval, in which order, in which words.

The mayor, then the deputies, in the plan's order; the RAC too where she may approve it; whoever of
them is on call this week first. Who wrote or submitted it is not rung: she cannot approve it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from channels.call_twiml import APPROVAL, APPROVAL_BY_PHONE
from dispatcher.alerts.audience import area_of
from dispatcher.alerts.drafting import PREFIXED, digest_of, new_id, union_of
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.number_words import in_words
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import PlanInForce, directory, duty_person
from dispatcher.alerts.two_people import DOS, RAC, rac_approves
from dispatcher.delivery.content import SUMMONS, Content, Escalation, Texts
from dispatcher.store import duties, enrolment
from dispatcher.store.decisions import MAYORS
from dispatcher.store.rings import NewRing
from dispatcher.store.versions import Version
from plans.plan import Plan

LIFE = timedelta(hours=2)  # a ring that nobody answered by then is a matter for people
SECOND_NUMBERS_S = (90.0, 90.0, 90.0)  # before her next number, as in a summons
NOWHERE: Mapping[str, object] = {"type": "GeometryCollection", "geometries": []}  # no resident
_LONGEST_ZONE = 60
MODE_WORDS = {
    "fr": {"real": "RÉEL", "rehearsal": "RÉPÉTITION", "exercise": "EXERCICE",
           "public_test": "ESSAI PUBLIC"},
    "en": {"real": "REAL", "rehearsal": "REHEARSAL", "exercise": "EXERCISE",
           "public_test": "PUBLIC TEST"},
}  # fmt: skip


def approvers(plan: Plan, *, submitted_as: str, at: datetime) -> tuple[str, ...]:
    """Return the contacts who may approve what this function submits, in the order of ringing."""
    codes = [DOS]
    if rac_approves(plan) and submitted_as in MAYORS:
        codes.append(RAC)
    order = [code for code in plan.policy.approvers if code in codes]
    order += [code for code in codes if code not in order]
    roles = {role.code: role for role in plan.roles}
    named = [one for code in order if code in roles for one in roles[code].people]
    year, week, _ = at.astimezone(ZoneInfo(plan.commune.timezone)).isocalendar()
    on_call = [one.official for one in plan.on_call if one.week == f"{year}-W{week:02d}"]
    first = [one for one in on_call if one in named]
    return tuple(dict.fromkeys((*(one for one in first if one), *named)))


@dataclass(frozen=True)
class Submission:
    """What approvers are rung for: the version as it will wait, submitted in which function."""

    version: Version
    submitted_as: str
    without: Collection[str] = ()  # logins of those who had a hand in it


async def ring_for(office: Office, current: PlanInForce, asked: Submission) -> NewRing | None:
    """Make the ring of a submission; None where the plan names nobody else who may approve it."""
    plan = current.plan
    wrote = {asked.version.drafted_by, *asked.without}
    known = await duties.user_contacts(office.ledger, office.commune)
    theirs = wrote | {known[login] for login in wrote if login in known}
    named = approvers(plan, submitted_as=asked.submitted_as, at=utc_now())
    people = [duty_person(one) for one in named if one not in theirs]
    if not people:
        return None
    await enrolment.put_directory(office.ledger, directory(plan), commune=office.commune)
    content = content_of(office, current, asked.version)
    check_lengths(content, public_url=office.public_url)
    values = content.as_json()
    life_ends = min((utc_now() + LIFE).timestamp(), asked.version.expires_at)
    expires_at = datetime.fromtimestamp(life_ends, UTC)
    return NewRing(
        ring_id=new_id(),
        wait_s=60.0 * plan.policy.escalation_min[0],
        content=values,
        digest=digest_of(values, expires_at=expires_at, people=1),
        expires_at=life_ends,
        people=people,
    )


def decision_page(office: Office, alert_id: str) -> str:
    """Return the address where an alert is decided."""
    return f"{office.public_url}/console/alertes/{alert_id}/decision"


def zone_words(plan: Plan, content: Content, language: str = "fr") -> str:
    """Say where an alert goes: its sectors, and whether it was drawn beyond or within them."""
    names = {sector.id: sector.name for sector in plan.sectors}
    said = ", ".join(names.get(one, one) for one in content.sectors)
    if not said:
        return "zone tracée sur la carte" if language == "fr" else "area drawn on the map"
    if is_of_sectors(plan, content):
        around = f"{content.margin_m:.0f} m"
        if not content.margin_m:
            return said
        return f"élargie de {around}, {said}" if language == "fr" else f"{around} around, {said}"
    changed = "zone modifiée sur la carte" if language == "fr" else "area changed on the map"
    return f"{changed}, {said}"  # first: no limit of length cuts it off


def is_of_sectors(plan: Plan, content: Content) -> bool:
    """Tell whether an alert's area is that of the sectors which it names, no more and no less."""
    if not set(content.sectors) <= {sector.id for sector in plan.sectors}:
        return False
    named = union_of(plan, tuple(content.sectors)).geometry
    return bool(named.equals(area_of(content.area).geometry))


def content_of(office: Office, current: PlanInForce, version: Version) -> Content:
    """Word a ring in French and English: the mode first, then zone, head-count, and the page."""
    plan, asked = current.plan, Content.of(version.content)
    texts = {code: _texts(office, plan, version, code) for code in ("fr", "en")}
    language = plan.policy.language if plan.policy.language in texts else "fr"
    return Content(
        mode=asked.mode,
        route=asked.route,
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
        asks=APPROVAL_BY_PHONE if plan.policy.approves_by_phone else APPROVAL,
    )


def mode_first(plan: Plan, mode: str, language: str) -> str:
    """Return what a message to the plan's people begins with: EXERCICE is forced where it is one.

    A public test is both: it begins as the residents' messages do.
    """
    word = MODE_WORDS[language][mode]
    if mode not in PREFIXED:
        return f"{word}. "
    prefix = plan.policy.exercise_prefix if language == "fr" else "EXERCISE "
    return prefix if mode == "exercise" else f"{prefix}({word}) "


def _texts(office: Office, plan: Plan, version: Version, language: str) -> Texts:
    content = Content.of(version.content)
    first = mode_first(plan, content.mode, language)
    zone = zone_words(plan, content, language)[:_LONGEST_ZONE]
    page, people = decision_page(office, version.alert_id), version.people
    said, town = in_words(people, language), plan.commune.name
    if language == "fr":
        return Texts(
            sms=f"{first}Mairie de {town}: alerte à VALIDER. Zone: {zone}. {people} personnes."
            f" {page}",
            voice=f"{first}Une alerte attend votre validation. Zone : {zone}."
            f" {said.capitalize()} personnes. L'adresse de la page est dans le SMS.",
            email_subject=f"{first}Alerte à valider : {content.title}",
            email_body=f"{first}Une alerte attend votre validation.\n{page}",
        )
    return Texts(
        sms=f"{first}{town} town hall: alert to APPROVE. Area: {zone}. {people} people. {page}",
        voice=f"{first}An alert waits for your approval. Area: {zone}. {said.capitalize()} people."
        " The address of the page is in the text message.",
        email_subject=f"{first}Alert to approve: {content.title}",
        email_body=f"{first}An alert waits for your approval.\n{page}",
    )
