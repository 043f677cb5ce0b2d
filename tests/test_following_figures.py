"""Figures of an alert, cell by cell: each state in its own column, on page, wall and telephone."""

import re

import httpx

from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.sectoring import sectors_of
from dispatcher.store.following_tables import version_sectors
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_rows
from tests.situations import COMMUNE, Planned, Written, answer, office, write_alert
from tests.test_following_pages import said

pytest_plugins = ("tests.console_visits",)

# Each number is its own, so that a sum or a neighbour's is seen.
LINES = (
    ("sms", "delivered", 7), ("sms", "accepted", 5), ("sms", "ready", 3), ("sms", "failed", 2),
    ("voice", "delivered", 1), ("voice", "undelivered", 4),
)  # fmt: skip


async def put(town: Ledger) -> Written:
    """Write an alert of which 6 people could not be tried, and put people in two sectors."""
    written = await write_alert(
        town, Planned(lines=LINES, unreachable={"no_contact": 4, "unsubscribed": 2})
    )
    mine = {"commune": COMMUNE, "version_id": written.version_id}
    # p0–p6 delivered, p7–p11 accepted, p12–p14 wait, p15–p16 failed
    homes = {"Bas-Bourg": (0, 1, 2, 7, 8, 12, 15, 16, 17), "Moulins": (9, 13, 14)}
    rows = [
        {**mine, "person_id": f"p{number}", "sector": sector}
        for sector, numbers in homes.items()
        for number in numbers
    ]
    async with town.writing() as connection:
        await insert_rows(connection, version_sectors, rows)
    return written


def cells(page: str, row: str) -> dict[str, str]:
    """Return the figures of a table's row by the labels that a telephone shows beside them."""
    (found,) = re.findall(rf"<tr {row}>(.*?)</tr>", page, re.S)
    return {
        label: re.sub(r"<[^>]+>", "", value).strip()
        for label, value in re.findall(
            r'<td class="r" data-label="([^"]+)">(.*?)</td>', found, re.S
        )
    }


async def test_each_medium_and_each_sector_has_every_state_apart(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await put(town)
    page = await said(operator, f"/console/alertes/{written.alert_id}")
    sms = cells(page, 'data-medium="sms"')
    assert {name: sms[name] for name in ("Prévus", "Acceptés", "Remis", "Échecs")} == {
        "Prévus": "17", "Acceptés": "5", "Remis": "7", "Échecs": "2",
    }  # fmt: skip
    voice = cells(page, 'data-medium="voice"')
    assert (voice["Acceptés"], voice["Remis"], voice["Échecs"]) == ("0", "1", "4")
    assert cells(page, 'data-sector="Bas-Bourg"') == {
        "Aide": "0", "Compris": "0", "Remis, sans réponse": "4",
        "Acceptés": "2", "En attente": "1", "Échecs": "2",
    }  # fmt: skip
    assert cells(page, 'data-sector="Moulins"') == {
        "Aide": "0", "Compris": "0", "Remis, sans réponse": "0",
        "Acceptés": "1", "En attente": "2", "Échecs": "0",
    }  # fmt: skip


async def test_what_people_answered_stands_beside_what_was_delivered_in_each_sector(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await put(town)
    for number, kind in ((0, "understood"), (1, "help"), (9, "understood"), (9, "help")):
        await answer(town, written.deliveries[number], kind)
    page = await said(operator, f"/console/alertes/{written.alert_id}")
    assert cells(page, 'data-sector="Bas-Bourg"') == {
        "Aide": "1", "Compris": "1", "Remis, sans réponse": "2",
        "Acceptés": "2", "En attente": "1", "Échecs": "2",
    }  # fmt: skip
    assert cells(page, 'data-sector="Moulins"') == {
        "Aide": "1", "Compris": "1", "Remis, sans réponse": "0",
        "Acceptés": "0", "En attente": "2", "Échecs": "0",
    }  # fmt: skip
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert (told["ont compris"], told["demandent de l'aide"]) == ("2", "2")
    assert (told["message remis, sans réponse"], told["accepté, pas encore remis"]) == ("6", "4")


async def test_the_wall_says_each_state_of_people_apart(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await put(town)
    wall = await said(operator, "/console/mur")
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", wall))
    assert told == {
        "visées": "28", "ont compris": "0", "demandent de l'aide": "0",
        "message remis, sans réponse": "8", "accepté, pas encore remis": "5", "non jointes": "12",
    }  # fmt: skip
    sms = re.search(r'<th scope="row">SMS</th><td class="r">(\d+)</td><td class="r">(\d+)', wall)
    assert sms is not None
    assert sms.groups() == ("5", "7")


async def test_the_unreached_are_those_of_the_reason_and_of_the_sector_asked_for(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await put(town)
    path = f"/console/alertes/{written.alert_id}/non-joints"

    async def count(query: str) -> int:
        return (await said(operator, f"{path}?{query}")).count('name="person"')

    assert await count("") == 6
    assert await count("motif=no_contact") == 4
    assert await count("motif=unsubscribed&secteur=-") == 2
    assert await count("secteur=Bas-Bourg") == 0


async def test_each_person_is_placed_in_the_sector_that_holds_her_home(town: Ledger) -> None:
    plan = (await in_force(office(town))).plan
    middles = {one.name: one.area.geometry.representative_point() for one in plan.sectors}
    places = {name: (spot.x, spot.y) for name, spot in middles.items()}
    found = sectors_of(plan, {**places, "far": (0.0, 45.0)})
    assert found == {name: name for name in places}
    assert len(found) > 2
