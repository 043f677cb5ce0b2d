"""The emergency procedure under haste: two clicks hold once, one that fails keeps no other back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.alerts import life
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.crisis import overriding
from dispatcher.crisis.holds import Holds
from dispatcher.crisis.overriding import Emergency
from dispatcher.store import overrides, succession
from dispatcher.store.ledger import Ledger
from dispatcher.store.versions import Launch
from tests.decided_town import DEPUTY, MAYOR, ZONE, planned, town_of
from tests.emergencies import DANGER, audience, looked, minute_passes, state, with_danger
from tests.offices import bruz_plan

OTHER = "circle_500m"


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    town = await town_of(ledger, tmp_path)
    await planned(town, with_danger(bruz_plan(ZONE, OTHER)))
    return replace(town, public_url="https://alerte.example")


async def holding(office: Office) -> int:
    return len(await overrides.holding(office.ledger, office.commune))


async def test_two_clicks_at_once_hold_once(office: Office) -> None:
    clicks = (overriding.hold(office, DANGER, actor=MAYOR, key="un-clic") for _ in range(4))
    assert len(set(await asyncio.gather(*clicks))) == 1
    assert await holding(office) == 1


async def test_a_second_form_for_the_same_leads_to_what_is_held_whoever_sends_it(
    office: Office,
) -> None:
    first = await overriding.hold(office, DANGER, actor=MAYOR, key="premier")
    again = replace(DANGER, reason="Elle a cédé, je confirme")
    assert await overriding.hold(office, again, actor=DEPUTY, key="second") == first
    assert await holding(office) == 1
    elsewhere = replace(DANGER, sectors=(OTHER,))  # another danger is another alert
    assert await overriding.hold(office, elsewhere, actor=MAYOR, key="ailleurs") != first
    await overriding.stop(office, first, actor=MAYOR)
    anew = await overriding.hold(office, DANGER, actor=MAYOR, key="encore")
    assert anew != first  # what was stopped holds nobody back


async def test_one_that_fails_keeps_no_other_back_and_leaves_once_it_can(office: Office) -> None:
    broken = await overriding.hold(office, DANGER, actor=MAYOR)
    sound = await overriding.hold(office, replace(DANGER, sectors=(OTHER,)), actor=MAYOR)
    await minute_passes(office)
    faults = iter([RuntimeError("the disk of this machine")])

    def office_of(_commune: str) -> Office:
        for fault in faults:
            raise fault
        return office

    assert await Holds(office.ledger, office_of=office_of).turn()
    states = {(await state(office, one))[0] for one in (broken, sound)}
    assert states == {"holding", "launched"}
    assert await looked(office)
    assert (await state(office, broken), await state(office, sound)) == (
        ("launched", "launched"),
        ("launched", "launched"),
    )


@pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)
async def test_cancelled_in_the_moment_it_leaves_neither_waits_for_the_other(
    office: Office,
) -> None:
    for _ in range(25):
        alert = await overriding.hold(office, DANGER, actor=MAYOR)
        await minute_passes(office)
        (one,) = await overrides.holding(office.ledger, office.commune)
        version = await life.find(office, alert)
        act = Launch("maire", f"lance-{alert}", (), 0)
        lines = [office.line("maire", kind, "Essai", alert=alert) for kind in ("parti", "arrêté")]
        await asyncio.gather(
            overrides.launch_held(office.ledger, one, version, act=act, line=lines[0]),
            succession.stop(office.ledger, office.commune, alert, by="adj", line=lines[1]),
        )
        assert await state(office, alert) in (("launched", "cancelled"), ("stopped", "cancelled"))


async def test_an_exercise_of_it_reaches_the_players_of_the_plan_alone(office: Office) -> None:
    drill = Emergency(
        "danger",
        (ZONE,),
        "Essai",
        mode="exercise",
        players=("contact:adj",),
        night_confirmed=True,
    )
    stranger = replace(drill, players=("contact:adj", "habitant-1"))
    with pytest.raises(NotSo, match="« habitant-1 » n'est pas un joueur"):
        await overriding.hold(office, stranger, actor=MAYOR)
    alert = await overriding.hold(office, drill, actor=MAYOR)
    await minute_passes(office)
    assert await looked(office)
    assert await audience(office, alert) == ["contact:adj"]
