"""Reception centres: places by the rule, people counted and never refused, names kept apart."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis import standing_down
from dispatcher.crisis.standing_down import warnings_of
from dispatcher.logbook.books import Keeper
from dispatcher.logbook.sitrep import draft
from dispatcher.shelter import counting, names, opening
from dispatcher.shelter.counting import Count, Departure, Name
from dispatcher.shelter.places import main_places, places_of
from dispatcher.shelter.showing import shown, shown_all
from dispatcher.shelter.sight import centres_seen
from dispatcher.store.centre_tables import centre_people
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import logbook as logbook_table
from operator_ui.plan_shown import METROPOLIS
from plans.ground import Centre, CentreRules
from tests.crises import CHIEF, MAYOR, OBSERVER, OPERATOR, activated, by, opened, town_hall
from tests.sheltered_town import (
    GYM,
    HALL,
    WET,
    flooded,
    lines_of,
    stood_down,
    warned_around,
    with_centre,
)
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)
RULES = CentreRules()
figures = st.none() | st.integers(0, 2000)


@pytest.fixture
def desk(town: Ledger) -> Office:
    """Be at work in a commune whose plan is in force already."""
    return office(town)


@given(surface=st.none() | st.floats(0, 10_000), capacity=figures, beds=figures, meals=figures)
def test_declared_places_win_and_the_surface_counts_where_none_are(
    surface: float | None, capacity: int | None, beds: int | None, meals: int | None
) -> None:
    centre = Centre("c", "CARE", surface_m2=surface, capacity=capacity, beds=beds, meals=meals)
    found = places_of(centre, RULES)
    by_surface = None if surface is None else int(surface / 4)
    for name, declared in (("reception", capacity), ("lodging", beds), ("meals", meals)):
        each = found[name]
        assert each.places == (by_surface if declared is None else declared)
        assert each.units == (each.places or 0) // 50
    adjusted = places_of(centre, RULES, {"reception": 12, "lodging": None, "meals": None})
    assert main_places(adjusted) == 12


def test_the_guide_s_own_example_is_three_units_and_the_plan_s_rules_count() -> None:
    hall = Centre("c", "CARE", surface_m2=600)
    assert places_of(hall, RULES)["reception"].places == 150
    assert places_of(hall, RULES)["reception"].units == 3
    narrow = places_of(hall, CentreRules(surface_m2=3, unit=40))["lodging"]
    assert (narrow.places, narrow.units) == (200, 5)


async def test_people_are_counted_in_and_out_and_a_second_click_counts_nobody(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    assert (await with_centre(town, event, people=3)).people == 3
    again = by(CHIEF, key="un-clic")
    for _ in range(2):
        wanted = Count("arrival", adults=2, children=2)
        seen = await counting.count(town, event.event_id, GYM, wanted=wanted, asked=again)
        assert (seen.people, seen.now and seen.now.children, seen.free) == (7, 2, 193)
    out = Count("departure", 6, children=2)
    seen = await counting.count(town, event.event_id, GYM, wanted=out, asked=by(CHIEF))
    assert (seen.people, seen.now and seen.now.children) == (1, 0)
    with pytest.raises(NotSo, match="Il y en a 1 de comptées"):
        await counting.count(town, event.event_id, GYM, wanted=out, asked=by(CHIEF))
    anew = Count("recount", 12, children=5)
    seen = await counting.count(town, event.event_id, GYM, wanted=anew, asked=by(CHIEF))
    assert (seen.people, seen.now and seen.now.children) == (12, 5)
    told = [line.text for line in await lines_of(ledger, "centre.")]
    assert told[-1] == "Gymnase du Plateau : 12 personnes comptées ; présentes : 12"
    assert len(told) == 5  # opened, two arrivals, a departure, a recount


async def test_two_doors_at_once_lose_nobody(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    await with_centre(town, event)
    wanted = Count("arrival", 2)
    await asyncio.gather(
        *(
            counting.count(town, event.event_id, GYM, wanted=wanted, asked=by(CHIEF))
            for _ in range(6)
        )
    )
    assert (await centres_seen(town, event.event_id)).people == 12


async def test_a_centre_that_is_full_goes_on_counting_and_says_so_once(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    full = await with_centre(town, event, people=200)
    assert (full.full, full.over) == (True, 0)
    assert full.fallback is not None
    assert (full.fallback.centre_id, full.fallback.is_open) == (HALL, False)  # the plan's own
    for expected in (3, 6):
        over = await with_centre(town, event, people=3)
        assert over.over == expected
    (alarm,) = await lines_of(ledger, "centre.over")
    assert alarm.text == (
        "CAPACITÉ DÉPASSÉE : Gymnase du Plateau, 203 personnes pour 200 places."
        " Repli proposé : Foyer des Essarts."
    )
    asked = by(MAYOR, "tribunes ouvertes")
    wider = await opening.adjust(
        town, event.event_id, GYM, places={"reception": 260}, asked=asked
    )  # fmt: skip
    assert (wider.over, wider.free, wider.places["reception"].units) == (0, 54, 5)
    assert wider.places["lodging"].places == 100  # the plan's still
    with pytest.raises(NotSo):
        await opening.adjust(town, event.event_id, GYM, places={"meals": 5}, asked=by(MAYOR))


async def test_where_the_plan_s_own_fallback_is_full_the_nearest_open_one_is_proposed(
    desk: Office,
) -> None:
    event = await opened(desk)
    await with_centre(desk, event, HALL, people=100)
    await with_centre(desk, event, GYM)
    seen = await with_centre(desk, event, "internat", people=10)
    gym = (await centres_seen(desk, event.event_id)).one(GYM)
    assert gym.fallback is not None
    assert (gym.fallback.centre_id, gym.fallback.free) == ("internat", 110)
    assert 450 < (gym.fallback.distance_m or 0) < 520
    assert seen.fallback is not None
    assert seen.fallback.centre_id == GYM


async def test_a_centre_in_the_flood_opens_only_with_words_that_say_why(desk: Office) -> None:
    town = await flooded(desk)
    event = await opened(town)
    found = (await centres_seen(town, event.event_id)).one(WET)
    assert [str(one) for one in found.dangers] == ["dans une zone de danger : Crue de la Sérolle"]
    with pytest.raises(NotNow, match="écrivez pourquoi vous l'ouvrez"):
        await opening.open_centre(town, event.event_id, WET, asked=by(OPERATOR))
    why = by(OPERATOR, "étage hors d'eau, une heure au plus")
    done = await opening.open_centre(town, event.event_id, WET, asked=why)
    assert done.is_open
    assert done.elsewhere
    (line,) = await lines_of(desk.ledger, "centre.opened")
    assert "zone de danger" in line.text
    assert "étage hors d'eau" in line.text


async def test_another_hazard_s_zone_is_no_danger_and_an_unknown_one_may_be(
    desk: Office,
) -> None:
    town = await flooded(desk)
    fire = await opened(town, scenario="charmaie_feu", mode="exercise")
    assert (await centres_seen(town, fire.event_id)).one(WET).dangers == ()
    unknown = await opened(town, scenario=None)
    assert (await centres_seen(town, unknown.event_id)).one(WET).dangers


async def test_an_alert_in_force_around_a_centre_is_a_danger(desk: Office) -> None:
    event = await opened(desk)
    await with_centre(desk, event)
    await warned_around(desk, event, 5.038448, 47.784047)
    gym = (await centres_seen(desk, event.event_id)).one(GYM)
    assert [str(one) for one in gym.dangers] == [
        "dans la zone de l'alerte « Évacuez le Plateau »"
    ]  # fmt: skip
    assert gym.elsewhere
    assert gym.fallback is not None
    assert gym.fallback.centre_id == HALL
    assert shown(gym)["fallback"] is not None


async def test_names_stand_in_their_own_table_and_nowhere_else(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    await with_centre(town, event, people=2)
    who = Name("Zéphyrine Quillet", 4, "12 rue de la Halle", "0639980042")
    seen = await counting.arrive(town, event.event_id, GYM, who=who, asked=by(CHIEF))
    assert (seen.people, seen.named) == (6, 4)
    known = replace(who, name="Ossian Fabre", household=2, counted=True)
    seen = await counting.arrive(town, event.event_id, GYM, who=known, asked=by(CHIEF))
    assert (seen.people, seen.named) == (6, 6)
    _, found = await names.look(town, event.event_id, GYM, asked=by(OPERATOR))
    assert [(one.name, one.household) for one in found] == [
        ("Ossian Fabre", 2), ("Zéphyrine Quillet", 4),
    ]  # fmt: skip
    gone = Departure(found[1].person_id, "chez sa sœur, à Langres")
    seen = await counting.leave(town, event.event_id, GYM, who=gone, asked=by(CHIEF))
    assert (seen.people, seen.named) == (2, 2)
    with pytest.raises(NotNow):
        await counting.leave(town, event.event_id, GYM, who=gone, asked=by(CHIEF))
    with pytest.raises(NotThere):
        await counting.leave(town, event.event_id, HALL, who=gone, asked=by(CHIEF))
    async with ledger.reading() as connection:
        lines = (await connection.execute(select(logbook_table))).all()
    keeper = Keeper(ledger, COMMUNE, town.logbook_key)
    report = await draft(keeper, event=event.event_id, zone=METROPOLIS)
    told = f"{lines} {report} {shown_all(await centres_seen(town, event.event_id))}"
    for secret in ("Quillet", "Fabre", "rue de la Halle", "0639980042", "sœur"):
        assert secret not in told
    assert "Gymnase du Plateau, personnes accueillies : 2" in report.parts["humain"]


async def test_each_reading_of_the_names_is_a_line_and_not_everybody_may(desk: Office) -> None:
    event = await opened(desk)
    await with_centre(desk, event)
    await names.look(desk, event.event_id, GYM, asked=by(OPERATOR))
    (line,) = await lines_of(desk.ledger, "centre.looked")
    assert (line.author, line.data["households"]) == ("etat_civil", 0)
    with pytest.raises(NotYou):
        await names.look(desk, event.event_id, GYM, asked=by(OBSERVER))
    with pytest.raises(NotYou):
        await counting.count(
            desk, event.event_id, GYM, wanted=Count("arrival", 1), asked=by(OBSERVER)
        )


async def test_a_centre_closes_empty_and_a_stand_down_tells_who_is_left(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    await with_centre(town, event, people=5)
    with pytest.raises(NotNow, match="Il en reste 5"):
        await opening.close_centre(town, event.event_id, GYM, asked=by(CHIEF))
    left = {one.kind: one.number for one in await warnings_of(town, event)}
    assert left["people_sheltered"] == 5
    known = set(left) - {"people_sheltered"}
    with pytest.raises(NotNow, match="5 personnes sont encore dans un centre"):
        await standing_down.stand_down(town, event.event_id, asked=by(MAYOR), knows=known)
    await stood_down(town, event)
    with pytest.raises(NotNow):
        await with_centre(town, event, people=1)
    out = Count("departure", 5)
    await counting.count(town, event.event_id, GYM, wanted=out, asked=by(CHIEF))
    closed = await opening.close_centre(town, event.event_id, GYM, asked=by(CHIEF))
    assert not closed.is_open


async def test_names_are_erased_after_the_stand_down_by_who_may(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    await with_centre(town, event)
    who = Name("Zéphyrine Quillet", 4)
    await counting.arrive(town, event.event_id, GYM, who=who, asked=by(CHIEF))
    with pytest.raises(NotNow):
        await names.erase(town, event.event_id, actor=MAYOR)
    await stood_down(town, event)
    with pytest.raises(NotYou):
        await names.erase(town, event.event_id, actor=OPERATOR)
    assert await names.erase(town, event.event_id, actor=MAYOR) == 1
    assert await names.erase(town, event.event_id, actor=MAYOR) == 0
    (line,) = await lines_of(ledger, "centre.erased")
    assert (line.data["households"], line.data["people"]) == (1, 4)
    async with ledger.reading() as connection:
        assert (await connection.execute(select(centre_people))).all() == []
    assert (await centres_seen(town, event.event_id)).people == 4  # figures stay
