"""A town where everything that a page can show is there: an event, alerts, a call, a relief."""

from dataclasses import dataclass

from dispatcher.alerts import life, sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.crisis import relief
from dispatcher.delivery.answers import record_to
from dispatcher.distress import calls
from dispatcher.staff import asking
from dispatcher.staff.asking import Invitation
from dispatcher.store.help_calls import open_calls
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from tests.crises import MAYOR, OPERATOR, RAC, activated, by
from tests.fielded_town import send_out
from tests.situations import COMMUNE, Planned, add_user, office, write_alert

DECISIONS = (
    *("activer", "clore", "evaluer", "lever", "maire", "niveau", "phase", "pre-alerte", "prefet"),
    "sans-suite",
)
SEEDS = (
    *("/connexion", "/confirmer", "/alertes", "/compte"),
    *("/evenements/alerte-recue", "/evenements/ouvrir"),
)


@dataclass(frozen=True)
class Town:
    """A town's console, and pages of it that no link leads to from where things stand."""

    url: str
    also: tuple[str, ...]


async def furnished(town: Ledger) -> tuple[str, ...]:
    """Bring about everything that a page can show; return what no link leads to."""
    await add_user(town, "maire", "dos", "Hélène VASSEUR")
    await add_user(town, RAC.login)
    at_work = office(town)
    event = await activated(at_work)
    running = await write_alert(
        town,
        Planned(
            lines=(("sms", "delivered", 9), ("voice", "failed", 2), ("email", "accepted", 3)),
            unreachable={"no_contact": 2},
        ),
    )
    await record_to(town, COMMUNE, running.deliveries[0], kind="help", via="page")
    (cry,) = await open_calls(town, COMMUNE)
    await calls.take(at_work, cry.call_id, actor=RAC)
    ready = Chosen(
        template="fin_alerte",
        sectors=("bas_bourg",),
        scenario="serolle_q100",
        means=("siren", "fr_alert"),
        night_confirmed=True,
    )
    start = Start("real", event.event_id, ready)
    _written, alert = [await sketching.begin(at_work, start, actor=OPERATOR) for _ in range(2)]
    await sketching.freeze(at_work, alert, revision=1, actor=OPERATOR)
    await life.submit(at_work, alert, actor=OPERATOR)
    mayor = User(COMMUNE, "maire", "Hélène VASSEUR", "dos", "maire")
    await asking.invite(at_work, Invitation("nora", "deputy", "adj2"), by=mayor)
    await relief.hold(at_work, event.event_id, "RAC", holder="contact:dst", asked=by(MAYOR))
    second = await relief.hold(
        at_work, event.event_id, "RAC", holder="contact:dgs", asked=by(MAYOR)
    )
    await send_out(at_work)
    here = f"/evenements/{event.event_id}"
    seeds = (*SEEDS, f"/console/alertes/{alert}/portee", f"/console/alertes/{alert}/retirer")
    return (*seeds, *(f"{here}/{one}" for one in DECISIONS), f"{here}/releve/{second.number}")
