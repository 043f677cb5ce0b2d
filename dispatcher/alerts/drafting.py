"""Drafting an alert: a template, an area, a mode, made into frozen content with its digest."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shapely.geometry import LineString, Point

from dispatcher.alerts.false_alarm import taking_back
from dispatcher.alerts.known_blanks import Moment
from dispatcher.alerts.players import check_players
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.alerts.wording import blanks_for, worded, written_over
from dispatcher.delivery.content import Content, Escalation
from dispatcher.store.information import topics_of
from plans.alerting import AlertPolicy, MessageTemplate
from plans.plan import Plan
from zones.area import Area, AreaFault
from zones.danger import Danger, write_danger
from zones.geojson import write_area

MODES = ("real", "rehearsal", "exercise", "public_test")
MEDIA = ("sms", "voice", "email", "webhook")
PREFIXED = ("exercise", "public_test")
LIFE = timedelta(hours=6)
LONGEST_LIFE = timedelta(days=3)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no sign that is read for another
LIFE_THREATENING = ("Extreme", "Severe")


@dataclass(frozen=True)
class Wanted:
    """What the author asks for; the area is given, or is the union of the sectors named.

    `players` are the persons of an exercise; `public_informed` says that the population was told
    beforehand of a public test (D731-11 CSI). `danger` is where it comes from, as the author marks
    it; without it the scenario's own mark is taken. Unless it `escalates`, nobody is pursued.
    `words` are texts by language and medium that the author wrote over the template's.
    """

    template: str | None = None
    scenario: str | None = None
    sectors: tuple[str, ...] = ()
    area: Area | None = None
    margin_m: float = 0.0
    mode: str = "real"
    media: tuple[str, ...] = ()
    blanks: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    players: tuple[str, ...] = ()
    public_informed: bool = False
    danger: Danger | None = None
    escalates: bool = True
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    level: str | None = None


@dataclass(frozen=True)
class Drafted:
    """A draft ready to be kept."""

    content: Content
    area: Area
    lane: int
    expires_at: datetime


def draft(
    plan: Plan, wanted: Wanted, *, plan_digest: str, now: datetime, cap_sender: str = ""
) -> Drafted:
    """Make the content of an alert from the plan; raises NotThere or NotSo.

    `cap_sender` is who signs it towards machines: a name on the internet (CAP 1.2 §3.2.1).
    """
    check_choices(wanted)
    check_players(plan, wanted.mode, wanted.players)
    sectors = sectors_of(plan, wanted)
    template = written_over(template_of(plan, wanted), wanted.words)
    if not media_of(plan, wanted):
        raise NotSo("Aucun canal n'est actif pour cette alerte : choisissez-en au moins un.")
    ground = Ground(wanted.area or union_of(plan, sectors), sectors)
    content = content_of(plan, wanted, template, ground, now=now)
    return Drafted(
        replace(content, plan_digest=plan_digest, cap_sender=cap_sender),
        ground.area,
        _lane(content),
        _expiry(wanted, now),
    )


@dataclass(frozen=True)
class Ground:
    """Where an alert goes: its area, and the sectors of the plan that it names."""

    area: Area
    sectors: tuple[str, ...]


def content_of(
    plan: Plan, wanted: Wanted, template: MessageTemplate, ground: Ground, *, now: datetime
) -> Content:
    """Return the content without judging what was chosen; raises NotSo where a blank is empty.

    Its plan's digest and its signature towards machines are still to be put in.
    """
    area, sectors = ground.area, ground.sectors
    prefix = plan.policy.exercise_prefix if wanted.mode in PREFIXED else ""
    moment = Moment(now, wanted.scenario, wanted.level).of(template)
    blanks = blanks_for(plan, sectors, wanted.blanks, moment=moment)
    texts = worded(template, blanks, prefix=prefix)
    language = plan.policy.language if plan.policy.language in texts else next(iter(texts))
    return Content(
        mode=wanted.mode,
        route="rehearsal" if wanted.mode == "rehearsal" else "live",
        title=texts[language].email_subject,
        issuer=issuer_of(plan),
        sender=plan.policy.sender,
        language=language,
        texts=texts,
        area=write_area(area),
        margin_m=wanted.margin_m,
        media=media_of(plan, wanted),
        plan_digest="",
        template=template.id,
        scenario=wanted.scenario,
        sectors=sectors,
        players=wanted.players,
        cap=_cap(template),
        danger=_danger(plan, wanted, area),
        escalation=_escalation(plan.policy, wanted),
        false_alarm=taking_back(plan, template, blanks, prefix=prefix),
        two_way=plan.policy.two_way,
        offers_help=plan.policy.offers_help,
    )


def issuer_of(plan: Plan) -> str:
    """Return who speaks: what a call opens with and a mail is signed by."""
    return f"Mairie de {plan.commune.name}"


def check_choices(wanted: Wanted) -> None:
    """Raise NotSo where mode and media are none of ours, or a mode lacks what it asks for."""
    if wanted.mode not in MODES:
        raise NotSo(
            "Le mode « {mode} » n'existe pas : choisissez parmi {known}.",
            mode=wanted.mode,
            known=", ".join(MODES),
        )
    unknown = [medium for medium in wanted.media if medium not in MEDIA]
    if unknown:  # left out in silence, it would be a medium that nobody gets
        raise NotSo(
            "Le canal « {unknown} » n'existe pas : choisissez parmi {known}.",
            unknown=unknown[0],
            known=", ".join(MEDIA),
        )
    if wanted.mode == "exercise" and not wanted.players:
        raise NotSo("Un exercice ne s'adresse qu'à ses joueurs : donnez-en la liste.")
    if wanted.mode == "public_test" and not wanted.public_informed:
        raise NotSo(
            "Un essai public demande que la population ait été prévenue : notez-le d'abord."
        )


def sectors_of(plan: Plan, wanted: Wanted) -> tuple[str, ...]:
    """Return the sectors named; without an area of its own, else the scenario's. Raises NotThere.

    Where an area was drawn the scenario's sectors would name another place than the one alerted.
    """
    known = {sector.id for sector in plan.sectors}
    unknown = [ident for ident in wanted.sectors if ident not in known]
    if unknown:
        raise NotThere("Le plan n'a pas de secteur « {unknown} ».", unknown=unknown[0])
    if wanted.scenario is None:
        return wanted.sectors
    try:
        scenario = plan.scenario(wanted.scenario)
    except KeyError as missing:
        raise NotThere(
            "Le plan n'a pas de scénario « {scenario} ».", scenario=wanted.scenario
        ) from missing
    if wanted.sectors or wanted.area is not None:
        return wanted.sectors
    return tuple(scenario.sectors)


def template_of(plan: Plan, wanted: Wanted) -> MessageTemplate:
    """Return the template named, else the scenario's first; raises NotThere, NotSo."""
    ident = wanted.template
    if ident is None and wanted.scenario is not None:
        templates = plan.scenario(wanted.scenario).templates
        ident = templates[0] if templates else None
    if ident is None:
        raise NotSo("Choisissez un modèle de message : le scénario n'en propose pas.")
    try:
        return plan.template(ident)
    except KeyError as missing:
        raise NotThere("Le plan n'a pas de modèle « {ident} ».", ident=ident) from missing


def union_of(plan: Plan, sectors: tuple[str, ...]) -> Area:
    """Return the area of these sectors together; raises NotSo where there are none."""
    if not sectors:  # fail closed: no area never means everywhere
        raise NotSo("L'alerte n'a pas de zone : tracez-la ou choisissez des secteurs.")
    areas = [plan.sector(ident).area for ident in sectors]
    return areas[0].union(*areas[1:])


def _danger(plan: Plan, wanted: Wanted, area: Area) -> dict[str, object] | None:
    danger = wanted.danger or _prepared(plan, wanted.scenario)
    if danger is None:
        return None
    if danger.near(area):
        return write_danger(danger)
    if wanted.danger is None:  # the zone was moved far from where the plan expects the event
        return None
    raise NotSo("Le danger marqué est à plus de 200 km de la zone : marquez-le de nouveau.")


def _prepared(plan: Plan, scenario: str | None) -> Danger | None:
    """Return where the plan says that a scenario's danger comes from, if it says so."""
    center = plan.scenario(scenario).center if scenario else ()
    corners = [(place.lon, place.lat) for place in center]
    if not corners:
        return None
    try:
        return Danger.of(LineString(corners) if len(corners) > 1 else Point(corners[0]))
    except AreaFault:  # abroad: no grid measures there, and the plan's own order holds
        return None


def media_of(plan: Plan, wanted: Wanted) -> tuple[str, ...]:
    """Return the media that the policy uses, among those asked for where some are."""
    asked = wanted.media or MEDIA
    return tuple(one for one in MEDIA if one in asked and plan.policy.uses(one))


def _escalation(policy: AlertPolicy, wanted: Wanted) -> Escalation | None:
    """Freeze the policy's waits: a plan loaded while the alert runs changes nothing."""
    if not wanted.escalates:
        return None
    return Escalation(
        waits_s=tuple(float(60 * wait) for wait in policy.escalation_min),
        confirmation=policy.confirmation,
        second_contacts=wanted.mode not in PREFIXED,
        landlines_only="voice" in policy.media and policy.media["voice"].landlines_only,
    )


def _cap(template: MessageTemplate) -> dict[str, object]:
    cap = template.cap
    return {
        "event": cap.event,
        "category": list(cap.category),
        "responseType": list(cap.response_type),
        "urgency": cap.urgency,
        "severity": cap.severity,
        "certainty": cap.certainty,
    }


def _lane(content: Content) -> int:
    if content.mode != "real" or topics_of(content.as_json()) is not None:
        return 2  # a test, or an information
    return 0 if content.cap.get("severity") in LIFE_THREATENING else 1


def _expiry(wanted: Wanted, now: datetime) -> datetime:
    now = now.astimezone(UTC)  # on a wall's clock six hours may be five or seven
    expires = wanted.expires_at or now + LIFE
    if expires.tzinfo is None:
        raise NotSo("L'heure d'expiration n'a pas de fuseau : écrivez 2026-01-31T18:00:00+01:00.")
    if not now < expires <= now + LONGEST_LIFE:
        raise NotSo("L'alerte doit expirer dans l'avenir, au plus tard dans trois jours.")
    return expires


def digest_of(content: Mapping[str, object], *, expires_at: datetime, people: int) -> str:
    """Return what an approval binds: text, area, media, mode, expiry and head-count."""
    bound = {"content": content, "expires_at": expires_at.timestamp(), "people": people}
    plain = json.dumps(bound, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def new_id() -> str:
    """Return a new identifier: 80 random bits in lower-case base 32, easy to read out."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def id_of_key(commune: str, login: str, key: str) -> str:
    """Return the one identifier of what a user asked for under an idempotency key."""
    digest = hashlib.sha256(f"{commune}\n{login}\n{key}".encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:16])
