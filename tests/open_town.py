"""A town where everything that a page can show is there: an event, alerts, a call, a relief."""

from dataclasses import dataclass, replace

from dispatcher.alerts import life, sketching
from dispatcher.alerts.office import Office
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.crisis import relief
from dispatcher.delivery.answers import record_to
from dispatcher.distress import calls
from dispatcher.lending import lending
from dispatcher.lending.lending import Coming, Lending, Return
from dispatcher.partners import naming, registry
from dispatcher.partners.naming import Called
from dispatcher.shelter import counting
from dispatcher.shelter.counting import Count, Name
from dispatcher.shelter.opening import open_centre
from dispatcher.staff import asking
from dispatcher.staff.asking import Invitation
from dispatcher.store.crises import Event
from dispatcher.store.help_calls import open_calls
from dispatcher.store.ledger import Ledger
from dispatcher.store.registers import Home
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes, persons
from dispatcher.store.users import User
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.phone_links import make_link
from tests.crises import MAYOR, OPERATOR, RAC, activated, by
from tests.fielded_town import send_out
from tests.keyring import home_row, name_of
from tests.partner_hall import FIRST, POLICE, admitted
from tests.situations import COMMUNE, Planned, add_user, office, write_alert

DECISIONS = (
    "effacer-noms",
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
    sent = await a_street(town, at_work, running.alert_id)
    ready = Chosen(
        template="fin_alerte",
        sectors=("bas_bourg",),
        scenario="serolle_q100",
        means=("siren", "fr_alert"),
        night_confirmed=True,
    )
    partner = await admitted(at_work, replace(POLICE, url="https://police.example/tocsin"))
    await registry.ask(at_work, replace(POLICE, name="SDIS 99"), by=FIRST)
    await naming.add_name(at_work, partner, Called("team", "PM-01", "POLICE"), by=FIRST)
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
    await _sheltered(at_work, event)
    await make_link(at_work, "TERRAIN1", actor=RAC)
    await send_out(at_work)
    here = f"/evenements/{event.event_id}"
    seeds = (
        *SEEDS,
        "/equipes/TERRAIN1/liens",
        f"/inscription/{COMMUNE}",
        f"/console/alertes/{alert}/portee",
        f"/console/alertes/{alert}/retirer",
    )
    follow = f"/console/missions/{sent}/suivi"
    decided = (f"{here}/{one}" for one in DECISIONS)
    return (*seeds, follow, *decided, f"{here}/releve/{second.number}")


async def _sheltered(at_work: Office, event: Event) -> None:
    """Open a centre where somebody gave her name, over its places; lend, and take half back."""
    centre = (event.event_id, "gymnase")
    await open_centre(at_work, *centre, asked=by(MAYOR))
    full = Count("arrival", 203, children=40)
    await counting.count(at_work, *centre, wanted=full, asked=by(MAYOR))
    who = Name("Zéphyrine Quillet", 4, "12 rue de la Halle", "06 39 98 00 42")
    await counting.arrive(at_work, *centre, who=who, asked=by(MAYOR))
    coming = Coming("Pelleteuse", 1, "u", "requisition", "Travaux Boulanger")
    await lending.add(at_work, event.event_id, coming, asked=by(MAYOR))
    beds = Lending("lits", 40, "team:ACCUEIL1", "dortoir")
    lent = await lending.lend(at_work, event.event_id, beds, asked=by(MAYOR))
    back = Return(20, 1, "un lit cassé")
    loan = lent.loans[0].loan_id
    await lending.take_back(at_work, event.event_id, loan, back=back, asked=by(MAYOR))


async def a_street(town: Ledger, at_work: Office, alert: str) -> str:
    """Send a team door to door to one whom the alert did not reach; return its mission."""
    who = {"commune": COMMUNE, "person_id": "uno_contact1"}
    name = name_of(COMMUNE, "uno_contact1", "PETIT")
    known = {"name": name, "source": "import", "language": "fr", "languages": ["fr"]}
    home = home_row(COMMUNE, "uno_contact1", Home("4 Rue Basse", "4 rue basse"))
    async with town.writing() as connection:
        await insert_rows(connection, persons, [{**who, **known, "media": []}])
        await insert_rows(connection, homes, [home])
    street = Choice(streets=("Rue Basse",))
    made = await from_street(at_work, alert, street, wish=Wish("RDQ-BAS"), actor=RAC)
    return made.mission
