"""Every page in a real browser: sound for everybody, and whatever is typed runs nothing."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

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
from tests.browsing import DESK, PHONE, Visit, visit
from tests.consoles import served
from tests.crises import MAYOR, OPERATOR, RAC, activated, by
from tests.every_page import missed, pages
from tests.situations import COMMUNE, Planned, add_user, office, write_alert

pytest_plugins = ("tests.console_visits",)
ELSEWHERE = (  # reached by a secret, by a provider's redirect, or as a part of another page
    "/a/{token}",
    "/alertes/{commune}",
    "/compte/externe",
    "/compte/externe/delier",
    "/compte/externe/relier",
    "/connexion/relier/{secret}",
    "/connexion/retour",
    "/console/alertes/{alert_id}/decision/appels",
    "/console/alertes/{alert_id}/fr-alert.pdf",
    "/console/alertes/{alert_id}/moyens/resume",
    "/console/alertes/{alert_id}/portee/chiffres",
    "/console/alertes/{alert_id}/portee/resume",
    "/console/alertes/{alert_id}/reponses",
    "/console/evenement",
    "/console/urgence/etat",
    "/evenements/{event_id}/vivant",
    "/installation",
    "/invitation/{token}",
    "/main-courante/copie.{form}",
    "/main-courante/lignes",
    "/main-courante/point-de-situation/{number}.pdf",
    "/plan/demarrer",
    "/plan/demarrer/{step}",
    "/plan/{section}/tableau.csv",
    "/plan/{section}/tableau.xlsx",
    "/pret/lignes",
)
DECISIONS = (
    *("activer", "clore", "evaluer", "lever", "maire", "niveau", "phase", "pre-alerte", "prefet"),
    "sans-suite",
)
SEEDS = (
    *("/connexion", "/confirmer", "/alertes", "/compte"),
    *("/evenements/alerte-recue", "/evenements/ouvrir"),
)
PAYLOADS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "</textarea></title><svg onload=alert(3)>",
    "javascript:alert(4)//{{7*7}}${7*7}",
    "' onmouseover=alert(5) x='",
)
LEAVES = re.compile(
    r"/(deconnexion|connexion|acces|compte|confirmer)"
)  # would end the visit itself
STATUS_4XX = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass(frozen=True)
class Town:
    """A town's console, and pages of it that no link leads to from where things stand."""

    url: str
    also: tuple[str, ...]


@pytest.fixture
async def hall(tmp_path: Path, town: Ledger) -> AsyncIterator[Town]:
    """Serve a town where everything that a page can show is there."""
    await add_user(town, "maire", "dos", "Hélène VASSEUR")
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
    here = f"/evenements/{event.event_id}"
    seeds = (*SEEDS, f"/console/alertes/{alert}/portee", f"/console/alertes/{alert}/retirer")
    also = (*seeds, *(f"{here}/{one}" for one in DECISIONS), f"{here}/releve/{second.number}")
    async with served(tmp_path) as address:
        yield Town(address, also)


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light-desk", "dark-phone"]
)
async def test_every_page_is_sound(
    chromium: Path, hall: Town, theme: str, size: tuple[int, int]
) -> None:
    found: dict[str, list[str]] = {}
    async with visit(chromium, hall.url, color_scheme=theme) as seen:
        await seen.resize(size)
        await seen.sign_in("maire")
        async for route, path in pages(seen, also=hall.also):
            found.setdefault(route, []).extend(f"{path} {one}" for one in await unsound(seen))
    assert {route: faults for route, faults in found.items() if faults} == {}
    assert missed(found, excused=ELSEWHERE) == set()


async def unsound(seen: Visit) -> list[str]:
    """Return what is wrong with the page on the screen, for anybody who reads it."""
    said = await seen.faults()
    if wide := await seen.overflow_px():
        said.append(f"{wide} px wider than the screen")
    if (heads := await seen.page.locator("h1").count()) != 1:
        said.append(f"{heads} headings of the first rank")
    if not await seen.page.title():
        said.append("no title")
    said += seen.problems
    seen.problems.clear()
    return said


async def test_whatever_is_typed_into_any_field_runs_nothing(chromium: Path, hall: Town) -> None:
    sent, broken = 0, list[str]()
    async with visit(chromium, hall.url) as seen:
        await seen.resize(DESK)
        await seen.sign_in("maire")
        paths = [path async for _route, path in pages(seen, also=hall.also)]
        for turn, path in enumerate(paths):
            for number in range(await forms_on(seen, path)):
                await seen.open(path)
                sent += await fill_and_send(seen, number, turn=turn)
                broken += harm(seen, path)
        async for _route, path in pages(
            seen, also=hall.also
        ):  # and shown again wherever it was kept
            broken += harm(seen, path)
    assert broken == []
    assert sent > 40


async def forms_on(seen: Visit, path: str) -> int:
    """Return how many forms a page has that act and do not end the visit."""
    await seen.open(path)
    return len(await acting(seen))


async def acting(seen: Visit) -> Sequence[int]:
    """Return which of the page's forms act, by their place among all forms."""
    actions: list[str] = await seen.page.evaluate(
        "[...document.forms].map((f) => f.method === 'post' ? new URL(f.action).pathname : '')"
    )
    return [at for at, path in enumerate(actions) if path and not LEAVES.match(path)]


async def fill_and_send(seen: Visit, number: int, *, turn: int) -> int:
    """Type into every text field of a form, past what the browser itself would refuse; send it."""
    places = await acting(seen)
    if number >= len(places):  # an earlier form changed the page
        return 0
    fields: int = await seen.page.evaluate(
        """([at, payloads, turn]) => {
          const form = document.forms[at];
          form.noValidate = true;
          const typed = [...form.elements].filter((one) =>
            one.matches("textarea, input:not([type]), input[type=text], input[type=email], "
              + "input[type=tel], input[type=search], input[type=url]"));
          typed.forEach((one, place) => {
            one.removeAttribute("maxlength");
            one.value = payloads[(turn + place) % payloads.length];
          });
          return typed.length;
        }""",
        [places[number], list(PAYLOADS), turn],
    )
    if not fields:
        return 0
    async with seen.page.expect_navigation():
        await seen.page.evaluate("(at) => document.forms[at].requestSubmit()", places[number])
    return fields


def harm(seen: Visit, path: str) -> list[str]:
    """Return what ran, broke or was refused by the policy; a form refused in words is none."""
    said = [f"{path} {one}" for one in seen.problems if not STATUS_4XX.match(one)]
    seen.problems.clear()
    return said
