"""A centre that no plan has: its places by its surface, the danger by its address."""

import pytest

from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.shelter import counting
from dispatcher.shelter.counting import Count
from dispatcher.shelter.showing import shown
from dispatcher.shelter.unplanned import NewCentre, open_unplanned
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from tests.crises import CHIEF, OBSERVER, OPERATOR, by, opened, town_hall
from tests.sheltered_town import WET, flooded, lines_of
from tests.situations import COMMUNE


async def test_a_centre_that_no_plan_has_opens_by_name_address_and_surface(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    new = NewCentre("Salle de l'abbaye", "3 Place Haute", 410)
    await open_unplanned(town, event.event_id, new, asked=by(OPERATOR))
    seen = await open_unplanned(town, event.event_id, new, asked=by(OPERATOR))
    assert (seen.label, seen.most) == ("Salle de l'abbaye, 3 Place Haute", 102)
    assert len(await lines_of(ledger, "centre.opened")) == 1
    over = Count("arrival", 110)
    seen = await counting.count(town, event.event_id, seen.centre_id, wanted=over, asked=by(CHIEF))
    assert (seen.over, seen.fallback is not None) == (8, True)
    for wrong in (NewCentre(" "), NewCentre("X", surface_m2=0), NewCentre("X", "y" * 201)):
        with pytest.raises(NotSo):
            await open_unplanned(town, event.event_id, wrong, asked=by(OPERATOR))
    with pytest.raises(NotNow, match="centre du plan"):
        await open_unplanned(
            town, event.event_id, NewCentre("gymnase du  plateau"), asked=by(OPERATOR)
        )
    with pytest.raises(NotYou):
        await open_unplanned(town, event.event_id, new, asked=by(OBSERVER))


async def test_danger_is_looked_for_at_the_address_of_a_centre_that_no_plan_has(
    ledger: Ledger,
) -> None:
    town = await flooded(await town_hall(ledger))
    event = await opened(town)
    plan = (await in_force(town)).plan
    wet = next(one.place for one in plan.centres if one.id == WET)
    assert wet is not None
    dry = Address("b", "9 Rue Haute", "Rue Haute", "9 rue haute", wet.lon + 0.5, wet.lat)
    near = Address("a", "3 Place Basse", "Place Basse", "3 place basse", wet.lon, wet.lat)
    await replace_addresses(ledger, COMMUNE, [near, dry])
    for address, danger, known in (
        ("3 pl. Basse, Vaubrenne", ["dans une zone de danger : Crue de la Sérolle"], True),
        ("9, rue Haute", [], True),
        ("33 chemin Inconnu", [], False),
        ("", [], False),
    ):
        new = NewCentre("Salle", address, 100)
        seen = await open_unplanned(town, event.event_id, new, asked=by(OPERATOR))
        told = shown(seen)
        assert (told["dangers"], told["located"]) == (danger, known), address
        assert seen.elsewhere is bool(danger)
        line = (await lines_of(ledger, "centre.opened"))[-1]
        assert line.data["located"] is known
