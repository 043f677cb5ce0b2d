"""The cover on the console: shares that betray nobody, its map, rounds as paper and table."""

import io
import re

import httpx
import pytest
from pypdf import PdfReader

from dispatcher.cover import rounds
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from tests.covered_town import doors_of, lives, load_doors, settle
from tests.signing import enrol, enter
from tests.situations import COMMUNE
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
HERE = "/habitants/couverture"
FAR = (5.3, 47.9)


@pytest.fixture
async def clerk(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be an operator, signed in; three doors of twelve are covered, in a street and a small one."""
    await load_doors(town, [*doors_of("Rue Basse", 12), *doors_of("Impasse du Lavoir", 6, at=FAR)])
    await settle(town, [lives(one, f"{one} Rue Basse") for one in (1, 2, 3)])
    await enrol(town, "secretaire", "operator")
    assert (await enter(visitor, "secretaire")).status_code == 303
    return visitor


async def test_the_page_tells_shares_of_the_commune_its_sectors_and_streets(
    clerk: httpx.AsyncClient,
) -> None:
    said = words(await clerk.get(HERE))
    assert "16 % 3 sur 18 ont au moins un contact confirmé" in said
    assert "Bas-Bourg 12 9 25 %" in said
    assert "Hors secteur 6 6 0 %" in said
    assert "Rue Basse Bas-Bourg 12 9 25 %" in said
    assert "NOM" not in said


async def test_the_least_covered_comes_first_or_the_most_doors_or_the_name(
    clerk: httpx.AsyncClient,
) -> None:
    async def order(query: str) -> list[str]:
        page = await clerk.get(f"{HERE}{query}")
        return re.findall(r'<th scope="row">(Rue Basse|Impasse du Lavoir)<', page.text)

    assert await order("") == ["Impasse du Lavoir", "Rue Basse"]
    assert await order("?tri=nom") == ["Impasse du Lavoir", "Rue Basse"]
    assert await order("?tri=adresses") == ["Rue Basse", "Impasse du Lavoir"]
    assert await order("?secteur=bas_bourg") == ["Rue Basse"]
    assert await order("?secteur=-&tri=quelconque&page=x") == ["Impasse du Lavoir"]
    assert await order("?page=9") == []


async def test_figures_of_few_addresses_are_told_nowhere(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    await load_doors(town, [*doors_of("Rue Basse", 4), *doors_of("Impasse du Lavoir", 9, at=FAR)])
    said = words(await clerk.get(HERE))
    assert "Bas-Bourg 4 non montré" in said
    assert "Hors secteur 9 non montré" in said  # else the rest would give it away
    drawn = (await clerk.get("/carte/couverture.geojson")).json()["features"]
    bas = [one["properties"] for one in drawn if "Bas-Bourg" in one["properties"]["nom"]]
    assert {(one["detail"], one["classe"]) for one in bas} == {("non montré", "")}


async def test_the_map_writes_each_sectors_share_and_colours_it_by_steps(
    clerk: httpx.AsyncClient,
) -> None:
    drawn = (await clerk.get("/carte/couverture.geojson")).json()["features"]
    shown = {one["properties"]["nom"]: one["properties"]["classe"] for one in drawn}
    assert shown["Bas-Bourg"] == shown["Bas-Bourg\n25 %"] == "2"
    assert shown["La Prairie\naucune adresse"] == ""
    assert len(drawn) == 18


async def test_without_addresses_the_page_says_that_nobody_knows(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    await load_doors(town, [])
    page = await clerk.get(HERE)
    assert "On ne sait pas qui n'est pas couvert" in words(page)
    assert "3 habitants ont confirmé un contact" in words(page)
    assert "%" not in words(page).split("On ne sait pas")[1].split("Mentions")[0]
    refused = await clerk.get(f"{HERE}/tournee.pdf")
    assert (refused.status_code, "il n'y a pas de tournée" in words(refused)) == (404, True)


async def test_a_round_is_printed_in_walking_order_without_any_name(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    answer = await clerk.get(f"{HERE}/tournee.pdf", params={"secteur": "bas_bourg"})
    assert answer.headers["content-type"] == "application/pdf"
    text = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages)
    assert "9 adresses sans contact confirmé" in text
    assert "Bas-Bourg" in text
    assert re.findall(r"^(\d+)\s*$", text, re.MULTILINE)[:9] == [f"{n}" for n in range(4, 13)]
    assert "NOM" not in text
    (line,) = await logbook.read_kinds(town, COMMUNE, "residents.round", limit=9)
    assert (line.author, line.data["addresses"]) == ("secretaire", 9)


async def test_a_round_is_a_table_too(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.get(f"{HERE}/tournee.csv", params={"rue": "Rue Basse"})
    rows = answer.text.removeprefix("\ufeff").splitlines()
    assert [one.split(";")[2] for one in rows[1:]] == [f'"{n}"' for n in range(4, 13)]
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_no_walk_any_more_is_not_printed(
    clerk: httpx.AsyncClient, town: Ledger
) -> None:
    await load_doors(town, doors_of("Rue Basse", rounds.MOST_PRINTED + 4))
    refused = await clerk.get(f"{HERE}/tournee.pdf")
    assert refused.status_code == 422
    assert "choisissez un secteur ou une rue" in words(refused)


async def test_who_keeps_no_register_sees_nothing_of_it(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "dpo", "dpo")
    await enter(visitor, "dpo")
    for path in (HERE, f"{HERE}/tournee.pdf", f"{HERE}/tournee.csv", "/carte/couverture.geojson"):
        assert (await visitor.get(path)).status_code == 403
