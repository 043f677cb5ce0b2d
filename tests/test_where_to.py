"""Where a team is sent for who called: her place in the danger area, in her words, the nearest."""

import re

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.alerts.refusals import NotSo
from dispatcher.distress.calls import End
from dispatcher.store.help_calls import HelpCall
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import Mission
from dispatcher.store.outgoing import recipients, versions
from dispatcher.store.registers import Home
from dispatcher.store.replies import Reply, keep_reply
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes
from dispatcher.tasking.from_help import MOST_WORDS, from_help
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.reporting import Telling
from tests.distress_town import RAC, Town, town_in_distress
from tests.fielded_town import ago, tell
from tests.keyring import home_row
from tests.outgoing import CONTENT, LOGBOOK_KEY, Plan, crowd, phone, planned
from tests.situations import COMMUNE
from tests.test_following_pages import post, said

pytest_plugins = ("tests.console_visits",)
FAR, FLOODED, UNPLACED = "1 Rue Haute", "9 Quai Bas", "Lieu-dit Les Prés"
SQUARE = [[5.0, 48.0], [5.01, 48.0], [5.01, 48.01], [5.0, 48.01], [5.0, 48.0]]
WATER = {"type": "Polygon", "coordinates": [SQUARE]}
SENT = End("team_sent")


async def flooded(town: Town) -> HelpCall:
    """Have somebody of three addresses cry for help, the last of which the water covers."""
    places = [
        Home(UNPLACED, UNPLACED),
        Home(FAR, FAR, 5.2, 48.2),
        Home(FLOODED, FLOODED, 5.005, 48.005),
    ]
    async with town.ledger.writing() as connection:
        this = update(versions).where(versions.c.version_id == town.version.version_id)
        await connection.execute(this.values(content=CONTENT.as_json() | {"area": WATER}))
        her = (await connection.execute(select(recipients.c.person_id))).scalars()
        rows = [
            home_row(COMMUNE, person, home, number=at)
            for person in set(her)
            for at, home in enumerate(places)
        ]
        await insert_rows(connection, homes, rows)
    await town.cries()
    return await town.the_call()


async def says(town: Town, words: str, *, sid: str) -> None:
    """Have who cried write on from her number."""
    reply = Reply(
        COMMUNE, sid, "unknown", "sms", "a", "unknown", contact=phone(0), body=words,
        version_id=town.version.version_id, deliveries=(await town.delivery(0),),
    )  # fmt: skip
    await keep_reply(town.ledger, reply, key=LOGBOOK_KEY)


async def sent(town: Town, call: HelpCall, *, place: str = "") -> Mission:
    wish = Wish("TERRAIN1", place=place)
    return await from_help(town.office, call.call_id, wish=wish, how=SENT, actor=RAC)


async def test_a_team_goes_to_her_place_in_the_danger_area_and_reads_the_others(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    call = await flooded(town)
    made = await sent(town, call)
    first, *rest = made.text.splitlines()
    assert (first, made.lon) == (FLOODED, 5.005)
    assert f"Autre adresse connue : {FAR} ; {UNPLACED}." in rest


async def test_a_team_goes_to_the_address_that_was_chosen_and_to_no_other(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    call = await flooded(town)
    with pytest.raises(NotSo, match="n'est plus connue"):
        await sent(town, call, place="3 Rue Inconnue")
    assert (await town.the_call()).is_open
    made = await sent(town, call, place=FAR)
    assert (made.text.splitlines()[0], made.lon) == (FAR, 5.2)


async def test_a_number_of_very_many_addresses_has_its_team_sent_all_the_same(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    call = await flooded(town)
    wanted = select(homes.c.person_id).distinct()
    async with ledger.writing() as connection:
        people = (await connection.execute(wanted)).scalars().all()
        long = [f"{at} {'Chemin ' * 12}" for at in range(60)]
        rows = [
            home_row(COMMUNE, one, Home(label, label), number=10 + at)
            for one in people
            for at, label in enumerate(long)
        ]
        await insert_rows(connection, homes, rows)
    made = await sent(town, call)
    assert made.text.splitlines()[0] == FLOODED


async def test_a_team_reads_what_she_said_the_newest_whole(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    call = await flooded(town)
    await says(town, "a" * MOST_WORDS, sid="one")
    await says(town, "je suis au 2e étage\navec deux enfants", sid="two")
    made = await sent(town, call)
    (words,) = [one for one in made.text.splitlines() if one.startswith("«")]
    assert words.endswith("a / je suis au 2e étage avec deux enfants »")
    assert len(words) == MOST_WORDS + len("«  »")


async def test_the_page_offers_her_addresses_and_the_nearest_team_first(
    town: Ledger, operator: httpx.AsyncClient
) -> None:
    here = Town(town, await planned(town, Plan(crowd(3))))
    call = await flooded(here)
    for team, away in (("TERRAIN1", 0.02), ("TERRAIN2", 0.005)):
        place = Telling(ago(1), "available", lon=5.005, lat=48.005 + away, strength=2)
        await tell(here.office, team, place)
    page = f"/console/aide/{call.call_id}"
    shown = await said(operator, page)
    places = re.search(r'<select name="place">(.*?)</select>', shown, re.DOTALL)
    assert places is not None
    assert re.findall(r'<option value="([^"]*)"', places[1]) == [FLOODED, FAR, UNPLACED]
    teams = re.findall(r"<option value=\"([A-Z0-9-]+)\">[^<]*à [^<]+ m", shown)
    assert teams == ["TERRAIN2", "TERRAIN1"]
    gone = await post(operator, f"{page}/mission", team="TERRAIN2", again="", place="ailleurs")
    assert gone.status_code == 422
    sent_there = await post(operator, f"{page}/mission", team="TERRAIN2", again="", place=FAR)
    assert sent_there.status_code == 303
