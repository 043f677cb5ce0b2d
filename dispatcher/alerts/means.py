"""Means of alert that Tocsin does not drive: a siren, bells, a loud-hailer… and who sees to them.

They are ticked while the alert is written and become tasks when it is launched: before that
nothing is decided, and a refused alert would leave people ringing bells for it. The tasks are
written in the launch's own transaction, so that none is forgotten and none is there alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.store import sketches
from dispatcher.store.means_opening import Brings, Means, opening
from dispatcher.store.tasks import NewTask
from dispatcher.store.versions import FIRST, Version
from plans.plan import Plan

FR_ALERT = "fr_alert"
PLANNED = "plan:"  # begins the code of a means that the plan lists
OF_ALERTING = "alerte"  # the category of such a means in moyens.yaml
MEANS = {
    "siren": "Déclencher la sirène communale",
    "bells": "Faire sonner les cloches (tocsin)",
    "loud_hailer": "Passer dans les rues avec un haut-parleur",
    "door_to_door": "Faire du porte-à-porte",
    "panels": "Afficher le message sur les panneaux",
    "radio": "Faire passer le message à la radio locale",
    FR_ALERT: "Demander un FR-Alert à la préfecture",
}
TITLE = "Autres moyens d'alerte"


@dataclass(frozen=True)
class Offered:
    """A means that may be ticked: its code, what to do, and where the plan says it is kept."""

    code: str
    text: str
    kept: str = ""


def offered(plan: Plan) -> tuple[Offered, ...]:
    """Return the means that an alert may take: those of every commune, then the plan's own."""
    centres = {centre.id: centre.label for centre in plan.centres}
    own = [
        Offered(
            f"{PLANNED}{one.id}",
            f"Employer : {one.label} ({one.quantity:g})" if one.quantity > 1 else one.label,
            centres.get(one.storage or "", one.storage or ""),
        )
        for one in plan.resources
        if one.category == OF_ALERTING
    ]
    return (*(Offered(code, text) for code, text in MEANS.items()), *own)


def check_means(plan: Plan, codes: Sequence[str]) -> None:
    """Raise NotSo for a means that is neither one of ours nor of the plan's."""
    known = {one.code for one in offered(plan)}
    if unknown := [code for code in codes if code not in known]:
        raise NotSo(
            "« {unknown} » n'est pas un moyen d'alerte de cette commune.", unknown=unknown[0]
        )


def card_of(alert_id: str) -> str:
    """Return the card under which the tasks of an alert stand among those of its event."""
    return f"alerte-{alert_id}"[:40]


def tasks_of_means(plan: Plan, codes: Sequence[str], *, alert_id: str) -> tuple[NewTask, ...]:
    """Return the ticked means as tasks; one that an older plan had is a task all the same."""
    known = {one.code: one for one in offered(plan)}
    return tuple(
        NewTask(
            card_of(alert_id),
            at,
            TITLE,
            known[code].text if code in known else code.removeprefix(PLANNED),
            means=code,
        )
        for at, code in enumerate(dict.fromkeys(codes), start=1)
    )


async def brings_means(office: Office, plan: Plan, version: Version, *, by: str) -> Brings | None:
    """Return what a launch writes of the means ticked, in its own transaction; None without any.

    A correction asks for none again. Whoever changes a sketch takes its approval back, so that
    what is read here is what was approved, or the launch fails.
    """
    row = await sketches.sketch_of(office.ledger, office.commune, version.alert_id)
    if row is None or version.kind != FIRST or not row.chosen.get("means"):
        return None
    codes = tuple(row.chosen["means"])
    tasks = tasks_of_means(plan, codes, alert_id=version.alert_id)
    said = ", ".join(task.text for task in tasks)
    line = office.line(
        by, "alert.means", f"Autres moyens d'alerte à mettre en œuvre : {said}",
        alert=version.alert_id, means=list(codes),
    )  # fmt: skip
    return opening(Means(office.commune, version.alert_id, tasks, row.event, line))
