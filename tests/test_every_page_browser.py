"""Every page in a real browser is sound for everybody."""

from pathlib import Path

import pytest

from dispatcher.store.ledger import Ledger
from tests.besieged import confirm_all
from tests.browsing import DESK, PHONE, Visit, visit
from tests.every_page import missed, pages
from tests.open_town import Town

pytest_plugins = ("tests.console_visits", "tests.open_town_visits")
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
    "/donnees/analyse.md",
    "/donnees/preuve/bordereau-{number}.pdf",
    "/evenements/{event_id}/moyens.csv",
    "/equipes/photos/{photo}",
    "/evenements/{event_id}/vivant",
    "/habitants/a-confirmer",  # led to where there are some, as those who fail
    "/habitants/a-placer",
    "/habitants/affiche.pdf",
    "/habitants/couverture/tournee.csv",
    "/habitants/couverture/tournee.pdf",
    "/habitants/doublons",  # likewise
    "/habitants/en-echec",  # led to where there are some, as the page above
    "/habitants/formulaire.pdf",
    "/habitants/sans-noms.csv",
    "/habitants/{person_id}",
    "/inscription",
    "/inscription/{commune}/proche/{token}",
    "/inscription/{commune}/{token}",
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
    "/r/{token}",
    "/r/{token}/copie",
    "/r/{token}/copie.json",
    "/r/{token}/effacer",
    "/registre/importer.csv",
    "/t/sw.js",
    "/t/{token}",
)


@pytest.mark.parametrize(
    ("theme", "size", "motion"),
    [("light", DESK, "no-preference"), ("dark", PHONE, "reduce")],
    ids=["light-desk", "dark-phone-still"],
)
async def test_every_page_is_sound(
    chromium: Path,
    town: Ledger,
    furnished_hall: Town,
    theme: str,
    size: tuple[int, int],
    motion: str,
) -> None:
    found: dict[str, list[str]] = {}
    async with visit(
        chromium, furnished_hall.url, color_scheme=theme, reduced_motion=motion
    ) as seen:
        await seen.resize(size)
        await seen.sign_in("maire")
        async for route, path in pages(seen, also=furnished_hall.also):
            await confirm_all(town)  # a second factor counts for less time than all pages take
            found.setdefault(route, []).extend(f"{path} {one}" for one in await unsound(seen))
            if motion == "reduce":
                found[route].extend(f"{path} {one}" for one in await restless(seen))
    assert {route: faults for route, faults in found.items() if faults} == {}
    assert missed(found, excused=ELSEWHERE) == set()


async def unsound(seen: Visit) -> list[str]:
    """Return what is wrong with the page on the screen, for anybody who reads it."""
    said = await seen.faults()
    if wide := await seen.overflow_px():
        said.append(f"{wide} px wider than the screen")
    said += await seen.covered()
    if (heads := await seen.page.locator("h1").count()) != 1:
        said.append(f"{heads} headings of the first rank")
    if not await seen.page.title():
        said.append("no title")
    said += seen.problems
    seen.problems.clear()
    return said


async def restless(seen: Visit) -> list[str]:
    """Return what moves on the page for longer than 10 ms, or would scroll smoothly."""
    moves: list[str] = await seen.page.evaluate(
        """() => {
          const longest = (said) => Math.max(...said.split(",").map((one) => parseFloat(one) || 0));
          const named = (one, pseudo) => one.outerHTML.slice(0, 80) + (pseudo ?? "");
          const found = document.getAnimations()
            .filter((one) => one.effect.getComputedTiming().duration > 10)
            .map((one) => `runs: ${named(one.effect.target)}`);
          for (const one of document.querySelectorAll("*")) for (const pseudo of [null, "::before", "::after"]) {
            const style = getComputedStyle(one, pseudo);
            if (longest(style.transitionDuration) > 0.01) found.push(`transition: ${named(one, pseudo)}`);
            if (style.animationName !== "none" && longest(style.animationDuration) > 0.01)
              found.push(`animation: ${named(one, pseudo)}`);
            if (style.scrollBehavior === "smooth") found.push(`scrolls smoothly: ${named(one, pseudo)}`);
          }
          return found;
        }"""  # noqa: E501 - a script
    )
    return moves
