"""The public page in streets: what a zone holds in words, and never a sector that it is not."""

import asyncio
import dataclasses
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from typing_extensions import override

from dispatcher.alerts.drafting import union_of
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.delivery.content import Content
from dispatcher.store.addresses import Address
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.public_alerts import public_alerts
from operator_ui.public_pages import PublicPages
from operator_ui.public_streets import AlertStreets, StreetsTold, StreetTold
from operator_ui.zone_shown import geometry_of
from tests.addressed_town import put_addresses
from tests.situations import COMMUNE, Planned, Written, office, write_alert
from zones.street_numbers import NumberRun, runs_of
from zones.streets import StreetRead

pytest_plugins = ("tests.console_visits",)
HERE = "/alertes"


@pytest.mark.parametrize(
    ("inside", "outside", "runs"),
    [
        (["1", "2", "3"], ["4", "5"], [("1", "3", "both")]),
        (["1", "3", "5"], ["2", "4", "6"], [("1", "5", "odd")]),
        (["2", "4"], ["1", "3", "5", "6"], [("2", "4", "even")]),
        (["1", "9"], ["3", "5"], [("1", "1", "both"), ("9", "9", "both")]),
        (["4", "4 bis", "6"], ["2"], [("4", "6", "both")]),
        (["7"], ["7", "9"], [("7", "7", "both")]),
        (["12²"], ["①"], [("12²", "12²", "both")]),
        (["La Ferme", "12"], ["14"], [("La Ferme", "La Ferme", "both"), ("12", "12", "both")]),
    ],
)
def test_a_run_of_numbers_holds_no_address_that_is_outside(
    inside: list[str], outside: list[str], runs: list[tuple[str, str, str]]
) -> None:
    read = StreetRead("Rue Basse", tuple(inside), tuple(outside))
    assert list(runs_of(read)) == [NumberRun(*one) for one in runs]


def test_a_long_list_is_folded_by_letters_and_loses_no_street() -> None:
    streets = tuple(StreetTold(f"Rue {letter}{n}") for letter in "abcdef" for n in range(8))
    told = StreetsTold(streets)
    assert [(fold.first, fold.last) for fold in told.folds] == [("A", "B"), ("C", "D"), ("E", "F")]
    assert [one for fold in told.folds for one in fold.streets] == list(streets)
    assert StreetsTold(streets[:12]).folds == ()


async def at(ledger: Ledger, written: Written, **changed: object) -> None:
    """Give an alert's content other values."""
    (one,) = await public_alerts(ledger, COMMUNE)
    content = dataclasses.replace(Content.of(one.content), **changed)  # type: ignore[arg-type]
    async with ledger.writing() as connection:
        await connection.execute(
            update(versions)
            .where(versions.c.version_id == written.version_id)
            .values(content=content.as_json())
        )


async def test_a_zone_is_named_by_its_sectors_only_while_it_is_theirs(
    visitor: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    written = await write_alert(town, Planned())  # drawn: named by no sector
    plan = (await in_force(office(town))).plan
    sector = plan.sectors[0]
    theirs = geometry_of(union_of(plan, (sector.id,)))
    drawn = Content.of((await public_alerts(town, COMMUNE))[0].content).area

    async def page() -> str:
        pages = PublicPages(town, own=COMMUNE, folder=tmp_path / "alertes")
        await pages.fresh()
        found = pages.page(COMMUNE, "fr")
        assert found is not None
        return found.html.decode().split("<dl>")[1]

    await at(town, written, sectors=(sector.id,), area=theirs)
    assert sector.name in await page()
    await at(town, written, sectors=(sector.id,), area=theirs, margin_m=300.0)
    assert sector.name not in await page()  # it goes further
    await at(town, written, sectors=(sector.id,), area=drawn, margin_m=0.0)
    assert sector.name not in await page()
    assert "Là où le message le dit" in await page()  # no address is known here


async def test_a_drawn_zone_is_told_in_streets_with_the_numbers_of_those_in_part(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned())
    await put_addresses(
        town,
        *(
            Address(
                f"x{n}", f"{n} Ruelle Coupée", "Ruelle Coupée", f"{n} ruelle coupee", lon, 47.78
            )
            for n, lon in ((1, 5.012), (2, 5.040), (3, 5.013), (4, 5.041), (5, 5.014), (7, 5.042))
        ),
    )
    plan = (await in_force(office(town))).plan
    await at(town, written, sectors=(plan.sectors[0].id,))  # of a scenario, then drawn
    french = (await visitor.get(HERE)).text
    told = french.split("<dl>")[1]
    assert "Dans les rues nommées ci-dessous" in told
    assert plan.sectors[0].name not in told
    line = next(one for one in told.split("<li>") if "Ruelle Coupée" in one)
    assert "numéros impairs du 1 au 5" in line
    english = (await visitor.get(HERE, params={"lang": "en"})).text
    assert "odd numbers 1 to 5" in english
    assert '<span lang="fr">Ruelle Coupée</span>' in english
    assert "<script" not in french
    assert french.count("<li>") > 12
    assert "<details><summary>Rues de " in french


async def test_streets_are_read_once_a_version_and_again_when_it_changes(town: Ledger) -> None:
    written = await write_alert(town, Planned())
    await put_addresses(town)
    streets = AlertStreets(town)
    shown = await public_alerts(town, COMMUNE)
    first = await streets.of(COMMUNE, shown)
    for _ in range(3):
        assert await streets.of(COMMUNE, shown) == first
    assert first[written.version_id].streets
    assert streets.readings == 1
    changed = [dataclasses.replace(one, version_id="next") for one in shown]
    assert set(await streets.of(COMMUNE, changed)) == {"next"}
    assert streets.readings == 2


async def test_a_whole_commune_says_so_and_ground_that_nothing_measures_has_no_street(
    town: Ledger,
) -> None:
    written = await write_alert(town, Planned())
    await put_addresses(town)
    wide = {"type": "Polygon", "coordinates": [[[4, 47], [6, 47], [6, 48.5], [4, 48.5], [4, 47]]]}
    abroad = {"type": "Polygon", "coordinates": [[[20, 5], [21, 5], [21, 6], [20, 6], [20, 5]]]}
    await at(town, written, area=wide)
    (told,) = (await AlertStreets(town).of(COMMUNE, await public_alerts(town, COMMUNE))).values()
    assert told.all
    far = Address("far", "1 Rue Loin", "Rue Loin", "1 rue loin", 20.5, 5.5)
    await put_addresses(town, far)
    await at(town, written, area=abroad, margin_m=50.0)
    (told,) = (await AlertStreets(town).of(COMMUNE, await public_alerts(town, COMMUNE))).values()
    assert told == StreetsTold()


async def test_a_copy_that_nobody_makes_anew_says_of_itself_when_it_was_made(
    town: Ledger, tmp_path: Path
) -> None:
    folder = tmp_path / "alertes"
    await write_alert(town, Planned())
    await PublicPages(town, own=COMMUNE, folder=folder).fresh()
    here = time.localtime()
    for language, said in (("fr", "Page faite à"), ("en", "Page made at")):
        static = (folder / f"{COMMUNE}.{language}.html").read_text("utf-8")  # as any server has it
        assert said in static
        assert f" {here.tm_year}." in static
        assert ("n'est plus à jour" in static) or ("out of date" in static)


class Fragile(PublicPages):
    """Pages of which one commune's cannot be made, by a fault that nobody foresaw."""

    @override
    async def _made(self, commune: str, language: str) -> bytes:
        if commune == "35047":
            raise ValueError(commune)
        return await super()._made(commune, language)


async def test_a_page_that_cannot_be_made_keeps_no_other_back(
    visitor: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    pages = Fragile(town, own="35047", folder=tmp_path / "alertes")
    going = asyncio.create_task(pages.keep_fresh())
    await asyncio.sleep(0.5)
    await write_alert(town, Planned())
    await pages.fresh(0.0)
    found = pages.page(COMMUNE, "fr")
    assert found is not None
    assert "La Sérolle monte vite" in found.html.decode()
    assert pages.page("35047", "fr") is None
    assert not going.done()
    going.cancel()
