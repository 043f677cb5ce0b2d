"""From the words of a sketch to a frozen version: as written, and never a broken promise."""

import pytest

from dispatcher.alerts import plan_in_force, sketching
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketch_choices import lacking
from dispatcher.alerts.sketching import Start
from dispatcher.delivery.content import Content
from dispatcher.store import versions
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from dispatcher.store.street_names import street_names
from tests.crises import OPERATOR, town_hall
from tests.situations import COMMUNE

SOUND = "Mairie de Vaubrenne: crue, {secteur}. Montez jusqu'à demain {heure}. {lien}"
BROKEN = "Mairie de Vaubrenne: crue, {secteur}. Montez jusqu'à demain. Répondez OUI. {lien}"


def chosen(sms: str, language: str = "fr") -> Chosen:
    words = {language: {"sms": sms}}
    return Chosen(template="crue_evacuation", sectors=("bas_bourg",), hours=2.0, words=words)


async def test_words_written_by_language_and_medium_are_those_frozen(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    start = Start(chosen=chosen(SOUND))
    alert = await sketching.begin(town, start, actor=OPERATOR)
    version = await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    texts = Content.of(version.content).texts
    assert texts["fr"].sms.startswith(
        "Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain "
    )
    assert texts["fr"].sms.endswith(". {lien}")
    assert "{" not in texts["fr"].sms.replace("{lien}", "")
    assert texts["en"].sms.startswith("Vaubrenne town hall: FLOOD. Leave Bas-Bourg now.")
    assert texts["fr"].voice.startswith("Message de la mairie de Vaubrenne. La Sérolle déborde.")


async def test_a_promise_that_cannot_be_kept_stops_it_on_the_page_and_at_the_freezing(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    alert = await sketching.begin(town, Start(chosen=chosen(BROKEN)), actor=OPERATOR)
    plan = (await plan_in_force.in_force(town)).plan
    sketch = await sketching.sketch_of(town, alert)
    told = lacking(plan, sketch, public_url=town.public_url)
    assert [(one.step, one.about) for one in told] == [("message", "Répondez")]
    with pytest.raises(NotSo, match="invite à répondre"):
        await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    assert await versions.version_of(ledger, COMMUNE, alert) is None


async def test_what_is_only_missing_or_advised_stops_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    alert = await sketching.begin(town, Start(chosen=chosen("ATTENTION DANGER")), actor=OPERATOR)
    plan = (await plan_in_force.in_force(town)).plan
    sketch = await sketching.sketch_of(town, alert)
    assert lacking(plan, sketch, public_url=town.public_url) == ()
    made = await sketching.freeze(town, alert, revision=1, actor=OPERATOR)
    assert made.state == "draft"


async def test_the_streets_of_the_commune_are_named_once_each(ledger: Ledger) -> None:
    rows = [
        Address(f"a{n}", f"{n} {street}", street, f"k{n}", None, None)
        for n, street in enumerate(("rue du Pont", "chemin du Chêne", "rue du Pont"))
    ]
    await replace_addresses(ledger, COMMUNE, rows)
    await replace_addresses(ledger, "99999", [Address("b", "1 x", "ailleurs", "k", None, None)])
    assert await street_names(ledger, COMMUNE) == ("chemin du Chêne", "rue du Pont")
