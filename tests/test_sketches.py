"""Writing an alert step by step: nothing lost, nothing widened, no approval outlives a change."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatcher.alerts import judging, life, plan_in_force, sketching
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.alerts.ringing import zone_words
from dispatcher.alerts.sketch import Chosen, Sketch
from dispatcher.alerts.sketch_choices import lacking, provisional
from dispatcher.alerts.sketching import Start
from dispatcher.delivery.content import Content
from dispatcher.store import decisions, logbook, sketches, versions
from dispatcher.store.alert_steps import By
from dispatcher.store.decisions import Renewal
from dispatcher.store.ledger import Ledger
from plans.plan import Plan
from tests.crises import CHIEF, MAYOR, OPERATOR, opened, town_hall
from tests.situations import AREA, COMMUNE
from zones.area import AreaRefused

READY = Chosen(template="fin_alerte", sectors=("bas_bourg",), hours=2.0, night_confirmed=True)


async def begun(town: Office, chosen: Chosen = READY, *, mode: str = "real") -> str:
    """Begin an alert with these choices."""
    return await sketching.begin(town, Start(mode=mode, chosen=chosen), actor=OPERATOR)


async def plan_in(town: Office) -> Plan:
    """Return the plan of the commune."""
    return (await plan_in_force.in_force(town)).plan


async def lacks(town: Office, sketch: Sketch) -> list[tuple[str, str]]:
    """Return what a sketch lacks: steps and what each is about."""
    found = lacking(await plan_in(town), sketch, public_url=town.public_url)
    return [(one.step, one.about) for one in found]


async def test_a_sketch_begins_with_nothing_and_says_what_it_lacks(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town, Chosen())
    sketch = await sketching.sketch_of(town, alert)
    assert [step for step, _about in await lacks(town, sketch)] == ["zone", "message"]
    assert provisional(await plan_in(town), sketch) is None  # no zone never means everywhere
    with pytest.raises(NotSo, match="n'a pas de zone"):
        await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    assert await versions.version_of(ledger, COMMUNE, alert) is None


async def test_a_second_click_begins_nothing_new(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    made = {
        await sketching.begin(town, Start(chosen=READY), actor=OPERATOR, key="same-click")
        for _ in range(2)
    }
    assert len(made) == 1


async def test_the_sectors_of_the_scenario_do_not_come_back_once_they_are_taken_away(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await begun(town, Chosen(scenario="serolle_q100", template="fin_alerte"))
    sketch = await sketching.sketch_of(town, alert)
    assert ("zone", "") in await lacks(town, sketch)
    with pytest.raises(NotSo, match="n'a pas de zone"):
        await sketching.freeze(town, alert, revision=1, actor=OPERATOR)


async def test_an_empty_blank_shows_as_dots_and_keeps_the_alert_from_being_frozen(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    words = {"fr": {"sms": "Mairie: {consigne_propre} a {secteur}", "voice": "{consigne_propre}"}}
    alert = await begun(town, READY.changed({"words": words}))
    sketch = await sketching.sketch_of(town, alert)
    content = provisional(await plan_in(town), sketch)
    assert content is not None
    assert content.texts["fr"].sms.startswith("Mairie: … a ")
    assert ("message", "consigne_propre") in await lacks(town, sketch)
    with pytest.raises(NotSo, match="consigne_propre"):
        await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    filled = await sketching.change(
        town, alert, {"blanks": {"consigne_propre": "restez chez vous"}}, revision=1, actor=CHIEF
    )
    assert await lacks(town, filled) == []


async def test_what_was_written_over_the_template_is_what_leaves(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    words = {"fr": {"sms": "Mairie: rentrez, {secteur}. {lien}"}}
    alert = await begun(town, READY.changed({"words": words}))
    version = await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    content = Content.of(version.content)
    assert content.texts["fr"].sms == "Mairie: rentrez, Bas-Bourg. {lien}"
    template = (await plan_in(town)).template("fin_alerte")
    assert content.texts["fr"].voice != content.texts["fr"].sms
    assert set(content.texts) == set(template.texts)


@pytest.mark.parametrize("text", ["un { seul", "deux } trois"])
async def test_a_stray_brace_is_told_and_never_leaves(ledger: Ledger, text: str) -> None:
    town = await town_hall(ledger)
    chosen = READY.changed({"words": {"fr": {"sms": text}}})
    alert = await begun(town, chosen)
    sketch = await sketching.sketch_of(town, alert)
    assert [step for step, _about in await lacks(town, sketch)] == ["message"]
    assert provisional(await plan_in(town), sketch) is not None
    with pytest.raises(NotSo, match="accolade"):
        await sketching.freeze(town, alert, revision=1, actor=OPERATOR)


async def test_two_operators_who_write_at_once_lose_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)

    async def widened(hours: float) -> str:
        try:
            await sketching.change(town, alert, {"hours": hours}, revision=1, actor=CHIEF)
        except NotNow as late:
            return str(late)
        return ""

    said = await asyncio.gather(widened(3.0), widened(4.0))
    assert sorted(map(bool, said)) == [False, True]
    assert "a modifié cette alerte à" in "".join(said)
    sketch = await sketching.sketch_of(town, alert)
    assert (sketch.revision, sketch.editors) == (2, ("etat_civil", "pm1"))


@pytest.mark.parametrize("approved", [False, True])
async def test_a_change_makes_what_was_asked_or_approved_void(
    ledger: Ledger, approved: bool
) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    if approved:
        await life.approve(town, alert, actor=MAYOR)
    await sketching.change(town, alert, {"media": ("sms",)}, revision=1, actor=CHIEF)
    version = await life.find(town, alert)
    assert (version.state, version.submitted_by, version.approved_by) == ("draft", None, None)
    with pytest.raises(NotNow):
        await life.launch(town, alert, actor=MAYOR)
    kinds = [line.kind async for line in logbook.read_all(ledger, COMMUNE)]
    assert kinds[-1] == "alert.reopened"
    before = version.digest
    again = await sketching.freeze(town, alert, revision=2, actor=OPERATOR)
    assert again.digest != before
    assert Content.of(again.content).media == ("sms",)


async def test_the_same_values_again_void_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    frozen = await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    await sketching.change(town, alert, {"hours": 2.0}, revision=1, actor=CHIEF)
    kept = await sketching.freeze(town, alert, revision=1, actor=CHIEF)
    assert (kept.state, kept.digest) == ("pending_approval", frozen.digest)


async def test_what_was_returned_is_made_anew_and_lives_from_then_on(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    first = await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    await judging.send_back(town, alert, actor=MAYOR, reason="Attendons une heure")
    later = replace(town, clock=lambda: utc_now() + timedelta(hours=1))
    again = await sketching.freeze(later, alert, revision=1, actor=OPERATOR)
    assert again.expires_at - first.expires_at == pytest.approx(3_600, abs=60)
    assert again.digest != first.digest
    twice = await sketching.freeze(later, alert, revision=1, actor=OPERATOR)
    assert twice.digest == again.digest  # a second click makes nothing anew
    await life.submit(later, alert, actor=OPERATOR)


async def test_what_was_asked_anew_with_another_head_count_is_still_its_sketch_s(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    asked = await life.find(town, alert)
    by, line = By(OPERATOR.login, OPERATOR.function), town.line("x", "alert.asked_again", "x")
    renewal = Renewal(people=asked.people + 12, digest="f" * 64)
    assert await decisions.renew(ledger, asked, by, renewal=renewal, ring=None, line=line)
    with pytest.raises(NotNow):  # an old page submits again what waits
        await life.submit(town, alert, actor=OPERATOR)
    await judging.send_back(town, alert, actor=MAYOR, reason="Attendons")
    await life.submit(town, alert, actor=OPERATOR)  # as a tool does, without making it anew
    assert (await life.find(town, alert)).state == "pending_approval"


async def test_what_has_left_or_was_stopped_is_not_written_any_more(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await life.cancel(town, alert, actor=MAYOR)
    with pytest.raises(NotNow, match="plus un brouillon"):
        await sketching.change(town, alert, {"hours": 3.0}, revision=1, actor=OPERATOR)
    assert (await life.find(town, alert)).state == "cancelled"


async def test_an_alert_drafted_elsewhere_is_taken_further(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    wanted = Wanted(
        template="essai", sectors=("bas_bourg",), mode="public_test", public_informed=True
    )
    alert = await life.make_draft(town, wanted, actor=OPERATOR)
    first = Content.of((await life.find(town, alert)).content)
    sketch = await sketching.sketch_of(town, alert)
    assert sketch.revision == 0
    wanted_now = {"hours": 1.0, "night_confirmed": True}
    changed = await sketching.change(town, alert, wanted_now, revision=0, actor=CHIEF)
    assert changed.revision == 1
    with pytest.raises(NotNow):
        await sketching.change(town, alert, {"hours": 9.0}, revision=0, actor=CHIEF)
    again = await sketching.freeze(town, alert, revision=1, actor=CHIEF)
    assert Content.of(again.content).texts == first.texts  # « EXERCICE » once, the link its own
    assert again.drafted_by == "etat_civil"


async def test_an_area_that_is_none_is_refused_where_it_is_written(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    open_ring = {"type": "Polygon", "coordinates": [[[5.0, 47.0], [5.1, 47.0], [5.1, 47.1]]]}
    with pytest.raises(AreaRefused):
        await sketching.change(town, alert, {"area": open_ring}, revision=1, actor=OPERATOR)
    kept = await sketching.change(town, alert, {"area": AREA}, revision=1, actor=OPERATOR)
    content = provisional(await plan_in(town), kept)
    assert content is not None
    assert content.area["type"] == "Polygon"


async def test_an_alert_of_an_event_has_the_event_s_mode(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    drill = await opened(town, mode="exercise")
    with pytest.raises(NotSo, match="exercice"):
        await sketching.begin(town, Start("real", drill.event_id), actor=OPERATOR)
    with pytest.raises(NotThere):
        await sketching.begin(town, Start("real", "nulle-part"), actor=OPERATOR)
    alert = await sketching.begin(town, Start("exercise", drill.event_id, READY), actor=OPERATOR)
    sketch = await sketching.sketch_of(town, alert)
    assert (sketch.mode, sketch.event) == ("exercise", drill.event_id)
    assert [step for step, _about in await lacks(town, sketch)] == ["reach"]  # its players


async def test_a_sketch_is_thrown_away_only_before_it_was_frozen(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    kept, dropped = await begun(town), await begun(town)
    await sketching.freeze(town, kept, revision=1, actor=OPERATOR)
    await sketching.drop(town, dropped, actor=OPERATOR)
    with pytest.raises(NotNow):
        await sketching.drop(town, kept, actor=OPERATOR)
    with pytest.raises(NotThere):
        await sketching.sketch_of(town, dropped)
    assert await sketches.unfrozen(ledger, COMMUNE) == []


async def test_what_was_frozen_before_a_change_is_not_submitted(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await begun(town)
    await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    await sketching.change(town, alert, {"media": ("sms",)}, revision=1, actor=CHIEF)
    with pytest.raises(NotNow):
        await life.submit(town, alert, actor=OPERATOR)
    await sketching.freeze(town, alert, revision=2, actor=OPERATOR)
    await life.submit(town, alert, actor=OPERATOR)
    assert (await life.find(town, alert)).state == "pending_approval"


async def test_a_zone_that_was_drawn_is_not_named_by_the_scenario_s_sectors(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    chosen = Chosen(scenario="serolle_q100", template="fin_alerte", area=AREA, night_confirmed=True)
    alert = await begun(town, chosen)
    words = {"fr": {"sms": "Mairie: rentrez. {lien}", "voice": "Rentrez."}}
    await sketching.change(
        town, alert, {"words": words, "blanks": {"secteur": "la rive"}}, revision=1, actor=CHIEF
    )
    version = await sketching.freeze(town, alert, revision=2, actor=OPERATOR)
    content, plan = Content.of(version.content), await plan_in(town)
    assert content.sectors == ()
    assert zone_words(plan, content) == "zone tracée sur la carte"
    beyond = replace(content, sectors=("bas_bourg",))
    assert zone_words(plan, beyond) == "zone modifiée sur la carte, Bas-Bourg"
    named = provisional(plan, await sketching.sketch_of(town, await begun(town)))
    assert named is not None
    assert zone_words(plan, named) == "Bas-Bourg"
