"""What a sketch's choices come to: what is asked of a draft, a first look at it, what it lacks."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from dispatcher.alerts.drafting import (
    Ground,
    Wanted,
    content_of,
    media_of,
    template_of,
    union_of,
)
from dispatcher.alerts.known_blanks import Moment
from dispatcher.alerts.lengths import check_lengths
from dispatcher.alerts.office import utc_now
from dispatcher.alerts.players import still_named
from dispatcher.alerts.proofreading import Carried, Finding, facts_of, judge, stopping
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.wording import blanks_for, written_over
from dispatcher.delivery.content import LINK_CHARS, Content, page_of
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan
from plans.words import StrayBrace, blanks_of
from zones.area import Area
from zones.danger import danger_of
from zones.geojson import read_area

NOT_YET = "…"  # stands for a blank that nobody has filled
ZONE, MESSAGE, REACH = "zone", "message", "reach"


@dataclass(frozen=True)
class Lack:
    """Why an alert cannot be submitted yet: at which step (zone, message, reach), in words.

    `said` is a sentence with `%(about)s` where it names something; the catalogue has it in English.
    """

    step: str
    said: str
    about: str = ""


def area_drawn(sketch: Sketch) -> Area | None:
    """Return the area that was drawn, None where the sectors stand for it; raises AreaRefused."""
    drawn = sketch.chosen.area
    return None if drawn is None else read_area(json.dumps(drawn).encode())


def wanted_of(sketch: Sketch, *, expires_at: datetime | None = None) -> Wanted:
    """Return what the author asks for, as every draft is asked for; raises AreaRefused."""
    chosen = sketch.chosen
    return Wanted(
        template=chosen.template,
        scenario=chosen.scenario,
        sectors=chosen.sectors,
        area=area_drawn(sketch),
        margin_m=chosen.margin_m,
        mode=sketch.mode,
        media=chosen.media,
        blanks={name: value for name, value in chosen.blanks.items() if value.strip()},
        expires_at=expires_at,
        players=chosen.players,
        public_informed=chosen.public_informed,
        danger=danger_of(chosen.danger) if chosen.danger else None,
        escalates=chosen.escalates,
        words=chosen.words,
    )


def sketched_template(plan: Plan, sketch: Sketch) -> MessageTemplate:
    """Return the template with what was written over it; an empty one where none is chosen."""
    try:
        template = template_of(plan, wanted_of(sketch))
    except (NotSo, NotThere):
        template = MessageTemplate("", texts={plan.policy.language: Wording(sms="")})
    return written_over(template, sketch.chosen.words)


def ground_of(plan: Plan, sketch: Sketch) -> Ground | None:
    """Return where the alert goes, None while it has no zone: no zone never means everywhere.

    Only what was chosen counts: a scenario's own sectors are chosen when the sketch begins, and
    whoever takes them all away is asked for a zone.
    """
    known = {sector.id for sector in plan.sectors}
    sectors = tuple(one for one in sketch.chosen.sectors if one in known)
    drawn = area_drawn(sketch)
    if drawn is None and not sectors:
        return None
    return Ground(drawn or union_of(plan, sectors), sectors)


def moment_of(plan: Plan, sketch: Sketch, *, now: datetime) -> Moment:
    """Return what fills the blanks of hour, date, scenario and level, as the freezing would."""
    return Moment(now, sketch.chosen.scenario).of(sketched_template(plan, sketch))


def provisional(plan: Plan, sketch: Sketch) -> Content | None:
    """Return the content as far as it can be made; None while it has no zone.

    Blanks that nobody filled show as `…`; a brace that opens none leaves its language out.
    """
    ground = ground_of(plan, sketch)
    if ground is None:
        return None
    template = _sound(plan, sketched_template(plan, sketch))
    wanted = wanted_of(sketch)
    names = [
        name for one in template.texts.values() for text in one.texts for name in blanks_of(text)
    ]
    now = utc_now()
    moment = moment_of(plan, sketch, now=now)
    unknown = set(names) - set(blanks_for(plan, ground.sectors, wanted.blanks, moment=moment))
    filled = {**dict.fromkeys(unknown, NOT_YET), **wanted.blanks}
    return content_of(plan, replace(wanted, blanks=filled), template, ground, now=now)


def _sound(plan: Plan, template: MessageTemplate) -> MessageTemplate:
    texts = {code: one for code, one in template.texts.items() if not _stray(one)}
    return replace(template, texts=texts or {plan.policy.language: Wording(sms="")})


def _stray(wording: Wording) -> bool:
    try:
        for text in wording.texts:
            blanks_of(text)
    except StrayBrace:
        return True
    return False


def missing_blanks(plan: Plan, sketch: Sketch) -> tuple[str, ...]:
    """Return the blanks of the message that nothing fills, in the order of its texts."""
    template = _sound(plan, sketched_template(plan, sketch))
    ground = ground_of(plan, sketch)
    sectors = ground.sectors if ground else ()
    moment = moment_of(plan, sketch, now=utc_now())
    known = blanks_for(plan, sectors, wanted_of(sketch).blanks, moment=moment)
    names = [
        name for one in template.texts.values() for text in one.texts for name in blanks_of(text)
    ]
    return tuple(name for name in dict.fromkeys(names) if name not in known)


def lacking(plan: Plan, sketch: Sketch, *, public_url: str) -> tuple[Lack, ...]:
    """Return what keeps a sketch from being submitted, step by step; empty when nothing does.

    The people inside are counted at the freezing only: a zone where nobody lives is refused there.
    """
    chosen, found = sketch.chosen, []
    if ground_of(plan, sketch) is None:
        found.append(Lack(ZONE, "L'alerte n'a pas de zone : tracez-la ou choisissez des secteurs."))
    found += _lacking_words(plan, sketch, public_url=public_url)
    if not media_of(plan, wanted_of(sketch)):
        found.append(Lack(REACH, "Aucun canal n'est actif : choisissez-en au moins un."))
    if sketch.mode == "exercise" and not chosen.players:
        found.append(Lack(REACH, "Un exercice ne s'adresse qu'à ses joueurs : choisissez-les."))
    elif sketch.mode == "exercise" and len(still_named(plan, chosen.players)) < len(chosen.players):
        said = "Un des joueurs n'est plus parmi les personnes du plan : choisissez-les de nouveau."
        found.append(Lack(REACH, said))
    if sketch.mode == "public_test" and not chosen.public_informed:
        said = "Un essai public demande que la population ait été prévenue : notez-le d'abord."
        found.append(Lack(REACH, said))
    return tuple(found)


def _lacking_words(plan: Plan, sketch: Sketch, *, public_url: str) -> list[Lack]:
    template = sketched_template(plan, sketch)
    if not any(text.strip() for one in template.texts.values() for text in one.texts):
        return [Lack(MESSAGE, "Le message est vide : choisissez un modèle ou écrivez-le.")]
    if any(_stray(one) for one in template.texts.values()):
        said = "Une accolade du texte n'ouvre aucun champ : écrivez-la deux fois, ou retirez-la."
        return [Lack(MESSAGE, said)]
    found = [
        Lack(MESSAGE, "Le message attend une valeur : %(about)s.", name)
        for name in missing_blanks(plan, sketch)
    ]
    content = provisional(plan, sketch)
    if content is not None:
        try:
            check_lengths(content, public_url=public_url)
        except AlertRefused as long:
            found.append(Lack(MESSAGE, "%(about)s", str(long)))
        found += _promised(plan, template, content, public_url=public_url)
    return found


def _promised(
    plan: Plan, template: MessageTemplate, content: Content, *, public_url: str
) -> list[Lack]:
    told = _stopping(plan, template, content, public_url=public_url)
    return [Lack(MESSAGE, one.as_lack(), one.words) for one in told]


def check_promises(plan: Plan, sketch: Sketch, content: Content, *, public_url: str) -> None:
    """Raise NotSo where the words invite to what cannot work: nobody would answer people."""
    template = sketched_template(plan, sketch)
    for one in _stopping(plan, template, content, public_url=public_url):
        raise NotSo(one.said("fr"))


def _stopping(
    plan: Plan, template: MessageTemplate, content: Content, *, public_url: str
) -> tuple[Finding, ...]:
    carried = Carried(content.mode, content.media, page_of(public_url, "x" * LINK_CHARS))
    facts = facts_of(plan, template, carried, now=utc_now())
    return stopping(judge(content.texts, facts))
