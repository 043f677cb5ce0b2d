"""Dear signs on the page of a message: replaced by a button, places by a button of their own."""

import httpx

from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from tests.message_town import place, press, sketch_of, sketched, words_of
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)


async def test_dear_signs_are_named_and_replaced_one_by_one_or_together(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    typed = "Mairie de Vaubrenne: crue… fenêtres, Bas-Bourg. Montez jusqu'à demain. {lien}"
    await press(operator, alert, text__fr__sms=typed)
    said = words_of((await operator.get(place(alert))).text)
    assert "e accent circonflexe" in said
    assert "points de suspension" in said
    assert "alphabet étendu" in said
    one = await press(operator, alert, "plain:fr:ê", text__fr__sms=typed)
    assert one.headers["location"].endswith("#t-fr-sms")
    kept = (await sketch_of(town, alert)).chosen.words["fr"]["sms"]
    assert kept == typed.replace("ê", "e")
    await press(operator, alert, "plain:fr", text__fr__sms=typed)
    kept = (await sketch_of(town, alert)).chosen.words["fr"]["sms"]
    assert kept == typed.replace("ê", "e").replace("…", "...")
    assert "alphabet étendu" not in words_of((await operator.get(place(alert))).text)


async def test_a_place_is_respelled_only_when_its_own_button_is_pressed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    name = await _dear_place(town)
    alert = await sketched(town)
    typed = f"Crue, fenêtres. Allez à {name}. {{lien}}"
    await press(operator, alert, "plain:fr", text__fr__sms=typed)
    kept = (await sketch_of(town, alert)).chosen.words["fr"]["sms"]
    assert name in kept
    assert "fenetres" in kept
    page = (await operator.get(place(alert))).text
    assert f"dans le nom « {name} »" in words_of(page)
    await press(operator, alert, f"name:fr:{name}", text__fr__sms=kept)
    assert name not in (await sketch_of(town, alert)).chosen.words["fr"]["sms"]


async def _dear_place(town: Ledger) -> str:
    """Put a street with a circumflex into the address base."""
    await replace_addresses(
        town, COMMUNE, [Address("a1", "3 chemin du Chêne", "chemin du Chêne", "k", None, None)]
    )
    return "chemin du Chêne"


async def test_the_value_of_a_blank_is_written_plainly_when_asked(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, blanks={"point": "Place du Marché aux Chênes"})
    assert "dans le champ « Point de rassemblement »" in words_of(
        (await operator.get(place(alert))).text
    )
    await press(operator, alert, "spell:point", blank__point="Place du Marché aux Chênes")
    assert (await sketch_of(town, alert)).chosen.blanks["point"] == "Place du Marché aux Chenes"
    await press(operator, alert, "known:point")
    assert (await sketch_of(town, alert)).chosen.blanks == {}
