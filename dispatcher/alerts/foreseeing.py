"""What a correction would say, before anything of it is written: shown before it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.correcting import (
    Asked,
    check_alone,
    check_followed,
    drafted,
    launched_of,
    prepared_template,
)
from dispatcher.alerts.life import find
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.alerts.sketch_choices import NOT_YET
from dispatcher.alerts.wording import blanks_for
from dispatcher.delivery.content import Content, Texts
from dispatcher.store import earlier
from plans.words import blanks_of


@dataclass(frozen=True)
class Foreseen:
    """The texts of a correction by language; `asked` are the blanks that somebody has to fill.

    `people` were told before, and will be told again: of a false alarm they are all it goes to.
    """

    title: str
    texts: Mapping[str, Texts]
    asked: tuple[str, ...] = ()
    people: int = 0


async def foresee(office: Office, alert_id: str, asked: Asked) -> Foreseen:
    """Return what new instructions or the end would say; raises NotNow, NotThere, NotSo."""
    before = await launched_of(office, alert_id)
    check_alone(await find(office, alert_id))
    current = await plan_in_force.in_force(office)
    name = asked.template or await prepared_template(office, current.plan, before, asked.kind)
    template = current.plan.template(name)
    kept = Content.of(before.content)
    known = blanks_for(current.plan, kept.sectors, {})
    names = dict.fromkeys(
        blank
        for wording in template.texts.values()
        for text in wording.texts
        for blank in blanks_of(text)
    )
    open_ones = tuple(blank for blank in names if blank not in known)
    filled = {
        **dict.fromkeys(open_ones, NOT_YET),
        **{blank: value for blank, value in asked.blanks.items() if value.strip()},
    }
    made = drafted(office, current, replace(asked, template=name, blanks=filled), before=before)
    told = await earlier.told(office.ledger, office.commune, alert_id)
    return Foreseen(made.content.title, made.content.texts, open_ones, len(told))


async def foresee_false_alarm(office: Office, alert_id: str) -> Foreseen:
    """Return the false-alarm text as it was approved; raises NotNow without one, or too late."""
    before = await launched_of(office, alert_id)
    kept = Content.of(before.content)
    if before.kind == "false_alarm":
        raise NotNow("La fausse alerte est déjà envoyée.")
    check_followed(before)
    if not kept.false_alarm:
        raise NotNow(
            "Cette alerte a été rédigée sans texte de fausse alerte :"
            " arrêtez-la, puis rédigez une correction."
        )
    told = await earlier.told(office.ledger, office.commune, alert_id)
    content = kept.taken_back()
    return Foreseen(content.title, content.texts, people=len(told))
