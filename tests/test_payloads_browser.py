"""Whatever is typed into any field of the application runs nothing, and breaks nothing."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request

from dispatcher.keys import key
from dispatcher.staff.first_run import set_up_code
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from plans.starter import STEPS
from tests.besieged import ALL, besiege, confirm_all, sections
from tests.browsing import DESK, Visit, visit
from tests.consoles import served
from tests.every_page import kind_of, kinds, links, pages, paths
from tests.keyring import opened
from tests.open_town import Town
from tests.payloads import Attacked, attack, shown, wounds
from tests.situations import add_user
from tests.typed_fields import EXCUSED, TYPED, UNSEEN, names_in_templates

pytest_plugins = ("tests.console_visits", "tests.open_town_visits")
LAST = (  # what would have other forms refused comes after them, and the plan, which voids alerts
    r"/decision$",
    r"/(clore|lever|sans-suite|retirer|arreter|fausse-alerte)$",
    r"^/plan",
    r"/(personnes/|mot-de-passe$)",
)
STATUS_4XX = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Battle:
    """What was sent from every page, and what it did.

    It takes longer than a second factor counts for: who signed in goes on being confirmed.
    """

    town: Ledger
    forms: list[Attacked] = field(default_factory=list)
    harm: list[str] = field(default_factory=list)
    showing: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    async def rage(self, seen: Visit, ways: Iterable[str]) -> None:
        """Send every form of these pages."""
        for path in ways:
            await confirm_all(self.town)
            await seen.open(path)
            told = await attack(seen, self.done)
            self.forms += told
            self.harm += [f"{one.action} {each}" for one in told for each in one.wounds]
            self.look(seen, path)

    async def survey(self, seen: Visit, path: str) -> None:
        """Look at a page that is on the screen, scripts run and all."""
        self.harm += [f"{path} {one}" for one in await wounds(seen)]
        if await shown(seen):
            self.showing.add(path)
        self.look(seen, path)

    def look(self, seen: Visit, path: str) -> None:
        """Keep what ran, broke or was refused by the policy; a form refused in words is none."""
        self.harm += [f"{path} {one}" for one in seen.problems if not STATUS_4XX.match(one)]
        seen.problems.clear()

    def watch(self, page: Page, url: str) -> None:
        """Keep every request that leaves the house."""

        def asked(request: Request) -> None:
            there = urlsplit(request.url)
            if (
                there.scheme in ("http", "https", "ws", "wss")
                and there.netloc != urlsplit(url).netloc
            ):
                self.harm.append(f"asked {request.url}")

        page.on("request", asked)

    def typed(self) -> dict[str, list[str]]:
        """Return the fields that were typed into, by where their forms are sent."""
        known = (*kinds("POST"), *kinds("GET"))
        found: dict[str, set[str]] = {}
        for one in self.forms:
            kind = kind_of(one.action, kinds("POST") if one.method == "post" else known)
            found.setdefault(kind.route if kind else one.action, set()).update(one.names)
        return {route: sorted(names) for route, names in sorted(found.items())}


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[tuple[str, Ledger, str]]:
    """Serve an installation that nobody has set up: its address, its ledger, its code."""
    folder = tmp_path / "bare"
    folder.mkdir()
    url = f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}"
    await migrate(url)
    async with opened(url) as ledger, served(folder) as address:
        yield address, ledger, set_up_code(key(folder, "sessions"))


async def test_whatever_is_typed_into_any_field_runs_nothing(
    chromium: Path, furnished_hall: Town, town: Ledger, bare: tuple[str, Ledger, str]
) -> None:
    battle = Battle(town)
    async with visit(chromium, furnished_hall.url, user_agent=ALL) as seen:
        battle.watch(seen.page, furnished_hall.url)
        await seen.resize(DESK)
        await seen.sign_in("maire")
        siege = await besiege(town)
        also = (*furnished_hall.also, *siege.inside)
        ways = await paths(seen, also=also)
        seen.problems.clear()  # the public page's own style, read under the console's policy
        ways += [one for one in sections() if one not in ways]
        await battle.rage(seen, siege.first)
        await battle.rage(seen, sorted(ways, key=turn_of))
        await battle.rage(seen, await _written_since(seen))
        routes = {kind.route for one in ways if (kind := kind_of(one, kinds()))}
        async for _route, path in pages(seen, also=also, sure=routes):
            await battle.survey(seen, path)
        await _as_stranger(battle, seen, ("/alertes", "/connexion", *siege.to_strangers))
    await _from_nothing(chromium, battle, *bare)
    assert battle.harm == []
    assert len(battle.showing) > 30
    typed = battle.typed()
    assert {route: names for route, names in typed.items() if names} == TYPED
    assert {one.route for one in kinds("POST")} - set(typed) == set(EXCUSED)
    assert unmet(names_in_templates(), typed.values()) == UNSEEN


def turn_of(path: str) -> int:
    """Return how late a page is attacked."""
    return next((at for at, one in enumerate(LAST, 1) if re.search(one, path)), 0)


async def _written_since(seen: Visit) -> list[str]:
    """Return pages that the attack itself made: lines of the logbook that it wrote by hand."""
    await seen.open("/main-courante?mots=alert")
    return [one for one in await links(seen) if re.search(r"/lignes/\d+$", one)][:3]


async def _as_stranger(battle: Battle, seen: Visit, ways: Sequence[str]) -> None:
    await seen.page.goto("about:blank")  # no page of somebody signed in is left to ask for more
    await seen.page.context.clear_cookies()
    for path in ways:
        await seen.open(path)
        await battle.survey(seen, path)
    await battle.rage(seen, ways)


async def _from_nothing(
    chromium: Path, battle: Battle, url: str, ledger: Ledger, code: str
) -> None:
    """Set up an installation and begin its first plan, with payloads."""
    async with visit(chromium, url) as seen:
        battle.watch(seen.page, url)
        await battle.rage(seen, [f"/installation?code={code}"])
        await add_user(ledger, "maire", "dos", ALL)
        await seen.sign_in("maire")
        steps = [f"/plan/demarrer/{one}" for one in STEPS]
        await battle.rage(seen, steps)
        for path in steps:
            await seen.open(path)
            await battle.survey(seen, path)


def unmet(names: Iterable[re.Pattern[str]], typed: Iterable[Sequence[str]]) -> set[str]:
    """Return the names of the templates' fields that were typed into nowhere."""
    met = {one for each in typed for one in each}
    return {one.pattern for one in names if not any(one.fullmatch(each) for each in met)}
