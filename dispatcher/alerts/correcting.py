"""After the launch: new instructions, the end of the danger, or a false alarm taken back.

A correction is a new version of the same alert, made from the text prepared with its template. New
instructions and the end take two people, as the alert did. The false-alarm text was approved with
the alert: unaltered, one person sends it, at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.addressees import addressees
from dispatcher.alerts.audience import area_of
from dispatcher.alerts.drafting import LIFE, Wanted, digest_of, draft, id_of_key, new_id
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.life import find, newest_launched
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.players import still_named
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.delivery.content import Content, cap_identifier
from dispatcher.store import earlier, succession
from dispatcher.store.alert_lines import alert_versions
from dispatcher.store.succession import UNLAUNCHED, Correction, Retraction
from dispatcher.store.versions import Chained, Draft, Version
from plans.plan import Plan
from zones.area import Area
from zones.danger import Danger, danger_of

FOLLOWED_S = 24 * 3_600.0  # after its expiry an alert may still keep people away
KINDS = ("update", "all_clear", "false_alarm")
END_OF_ALERT = "levee"  # the level of a template that says so
_SAID = {
    "update": "Nouvelles consignes rédigées",
    "all_clear": "Fin d'alerte rédigée",
    "false_alarm": "Fausse alerte rédigée",
}


@dataclass(frozen=True)
class Asked:
    """What the author of a correction asks for; what is left out stays as it was launched."""

    kind: str = "update"
    template: str | None = None
    blanks: Mapping[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    area: Area | None = None
    margin_m: float | None = None
    danger: Danger | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Made:
    """The words of a correction, in which lane they leave, until when."""

    content: Content
    lane: int
    expires_at: datetime


async def correct(
    office: Office, alert_id: str, asked: Asked, *, actor: Actor, key: str = ""
) -> Version:
    """Draft a correction of a launched alert, to be approved by another person; raises NotNow.

    While one is being prepared there is no second: it is approved, or withdrawn. With a `key`,
    asking again (a second click) returns what it made.
    """
    if asked.kind not in KINDS:
        raise NotSo(
            "« {kind} » n'est pas une correction : {known}.",
            kind=asked.kind,
            known=", ".join(KINDS),
        )
    before = await launched_of(office, alert_id)
    newest = await find(office, alert_id)
    ident = id_of_key(office.commune, actor.login, f"{alert_id}\n{key}") if key else new_id()
    if newest.version_id == ident:
        return newest
    check_alone(newest)
    current = await plan_in_force.in_force(office)
    template = asked.template or await prepared_template(office, current.plan, before, asked.kind)
    asked = replace(asked, template=template)
    made = drafted(office, current, asked, before=before)
    check_lengths(made.content, public_url=office.public_url)
    found = await addressees(office, current.plan, made.content, alert_id=alert_id)
    correction = _correction(
        made, before, ident, number=newest.number + 1, people=found.most, by=actor.login
    )
    line = _line(office, correction, "alert.corrected", _SAID[asked.kind], actor=actor)
    if not await succession.keep_correction(office.ledger, correction, line):
        raise NotNow("Quelqu'un vient de rédiger une correction : regardez l'état de l'alerte.")
    return await find(office, alert_id)


def check_alone(newest: Version) -> None:
    """Raise NotNow while a correction is being prepared: there is no second."""
    if newest.state in UNLAUNCHED:
        raise NotNow(
            "Une correction est déjà en préparation (version {number}) : faites-la "
            "valider, ou retirez-la.",
            number=newest.number,
        )


async def take_back(office: Office, alert_id: str, *, actor: Actor) -> Version:
    """Send the false-alarm text as it was approved: it stops the alert too. One person is enough.

    A second time, or a second click, changes nothing. Raises NotNow a day after the alert expired.
    """
    before = await launched_of(office, alert_id)
    if before.kind == "false_alarm":
        return before
    check_followed(before)
    newest = await find(office, alert_id)
    kept = Content.of(before.content)
    if not kept.false_alarm:
        raise NotNow(
            "Cette alerte a été rédigée sans texte de fausse alerte :"
            " arrêtez-la, puis rédigez une correction."
        )
    told = await earlier.told(office.ledger, office.commune, alert_id)
    content = _like(kept.taken_back(), before, kind="false_alarm")
    made = Made(content, before.lane, utc_now() + LIFE)
    correction = _correction(
        made, before, new_id(), number=newest.number + 1, people=len(told), by=actor.login
    )
    act = Retraction(correction, actor.login, f"false-alarm-{before.version_id}")
    text = f"Fausse alerte envoyée : {content.title}"
    line = _line(office, correction, "alert.taken_back", text, actor=actor)
    done = await succession.retract(office.ledger, act, line)
    newest = await find(office, alert_id)
    if not done and newest.kind != "false_alarm":  # else a double click
        raise NotNow("Quelqu'un vient de modifier cette alerte : regardez son état.")
    return newest


def check_followed(before: Version) -> None:
    """Raise NotNow for what nobody can be following any more: one person alone alarms no one anew.

    Who left her home stays away beyond the hour that an alert named, but not for days.
    """
    if before.expires_at + FOLLOWED_S < utc_now().timestamp():
        raise NotNow(
            "Cette alerte a expiré depuis plus d'un jour : une fausse alerte ne part plus d'une"
            " seule personne. Rédigez une nouvelle alerte, validée à deux."
        )


async def withdraw(office: Office, alert_id: str, *, actor: Actor) -> Version:
    """Set aside what is being prepared of an alert: what runs goes on."""
    newest = await find(office, alert_id)
    line = office.line(
        actor.login, "alert.withdrawn", "Brouillon retiré", alert=alert_id, number=newest.number
    )
    ledger, commune = office.ledger, office.commune
    if not await succession.withdraw(ledger, commune, alert_id, by=actor.login, line=line):
        raise NotNow("Rien n'est en préparation pour cette alerte : il n'y a rien à retirer.")
    return await find(office, alert_id)


async def launched_of(office: Office, alert_id: str) -> Version:
    """Return the version that has left; raises NotThere, NotNow."""
    await find(office, alert_id)  # there is no such alert: said so
    launched = await newest_launched(office, alert_id)
    if launched is None:
        raise NotNow("Rien n'est parti de cette alerte : il n'y a rien à corriger.")
    return launched


def drafted(
    office: Office, current: plan_in_force.PlanInForce, asked: Asked, *, before: Version
) -> Made:
    """Return what a correction of the version before it says; raises as drafting does."""
    kept = Content.of(before.content)
    """Return what a correction of the version before it says; raises as drafting does."""
    made = draft(
        current.plan,
        _wanted(current.plan, kept, asked),
        plan_digest=current.digest,
        now=utc_now(),
        cap_sender=kept.cap_sender or office.cap_sender,
    )
    content = _like(made.content, before, kind=asked.kind)
    if _sequel(current.plan, content.template, "false_alarm") is None:
        content = replace(content, false_alarm=kept.false_alarm or content.false_alarm)
    if asked.kind == "all_clear":  # who is told that it is over is in no hurry
        content = replace(content, cap={**content.cap, "responseType": ["AllClear"]})
        return Made(content, made.lane, made.expires_at)
    return Made(content, min(made.lane, before.lane), made.expires_at)


def _wanted(plan: Plan, kept: Content, asked: Asked) -> Wanted:
    scenario = kept.scenario if any(one.id == kept.scenario for one in plan.scenarios) else None
    known = {sector.id for sector in plan.sectors}
    drawn = asked.area or (None if asked.sectors else area_of(kept.area))
    danger = asked.danger or (danger_of(kept.danger) if kept.danger else None)
    return Wanted(
        template=asked.template,
        scenario=scenario,
        sectors=asked.sectors or tuple(one for one in kept.sectors if one in known),
        area=drawn,
        margin_m=kept.margin_m if asked.margin_m is None else asked.margin_m,
        mode=kept.mode,
        media=kept.media,
        blanks=asked.blanks,
        expires_at=asked.expires_at,
        players=still_named(plan, kept.players),
        public_informed=True,  # it was, before the first version
        danger=danger,
        escalates=asked.kind == "update" and kept.escalation is not None,
    )


async def prepared_template(office: Office, plan: Plan, before: Version, kind: str) -> str:
    """Return the template that stands ready for this; raises NotThere with what to do.

    The newest version's template says it, else that of the version before it, back to the first.
    """
    kept = Content.of(before.content)
    lines = await alert_versions(office.ledger, office.commune, before.alert_id)
    templates = [str(line.content["template"]) for line in lines if line.launched_at is not None]
    found = [ready for one in templates if (ready := _sequel(plan, one, kind))]
    if not found and kind == "all_clear":
        found = _ends(plan, kept.scenario)
    if not found:
        raise NotThere(
            "Le modèle « {template} » n'a pas de suite prête pour cela : choisissez"
            " un modèle (--template).",
            template=kept.template,
        )
    return found[0]


def _sequel(plan: Plan, template: str, kind: str) -> str | None:
    try:
        sequels = plan.template(template).sequels
    except KeyError:  # of an older plan
        return None
    return {
        "update": sequels.correction,
        "all_clear": sequels.all_clear,
        "false_alarm": sequels.false_alarm,
    }[kind]


def _ends(plan: Plan, scenario: str | None) -> list[str]:
    """Return the end that a scenario names; there must be one and not two to choose from."""
    named = next((one.templates for one in plan.scenarios if one.id == scenario), ())
    ends = [one.id for one in plan.templates if one.id in named and one.level == END_OF_ALERT]
    return ends if len(ends) == 1 else []


def _like(content: Content, before: Version, *, kind: str) -> Content:
    """Say what a version is to those before it: CAP names each of them."""
    kept = Content.of(before.content)
    sent = datetime.fromtimestamp(before.launched_at or 0.0, UTC).isoformat(timespec="seconds")
    named = f"{kept.cap_sender},{cap_identifier(before.commune, before.version_id)},{sent}"
    return replace(content, kind=kind, references=(*kept.references, named))


def _correction(  # noqa: PLR0913 - what a row holds
    made: Made, before: Version, ident: str, *, number: int, people: int, by: str
) -> Correction:
    values = made.content.as_json()
    kept = Draft(
        commune=before.commune,
        alert_id=before.alert_id,
        version_id=ident,
        content=values,
        digest=digest_of(values, expires_at=made.expires_at, people=people),
        lane=made.lane,
        expires_at=made.expires_at.timestamp(),
        people=people,
        created_by=by,
    )
    return Correction(kept, number, made.content.kind)


def _line(office: Office, correction: Correction, kind: str, text: str, *, actor: Actor) -> Chained:
    kept = correction.draft
    return office.line(
        actor.login, kind, text, alert=kept.alert_id, version=kept.version_id,
        number=correction.number, is_a=correction.kind, digest=kept.digest, people=kept.people,
    )  # fmt: skip
