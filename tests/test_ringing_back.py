"""Who calls the displayed number back hears the message in force, and answers it by a key."""

from typing import Any
from xml.etree import ElementTree

import pytest

from dispatcher.alerts.switchboard import MOST_RINGS, Switchboard
from dispatcher.alerts.turnstile import Turnstile
from dispatcher.delivery.content import Texts
from dispatcher.store.ledger import Ledger
from dispatcher.store.open_alerts import open_alerts
from dispatcher.store.people import Contact
from dispatcher.store.replies import to_read
from dispatcher.store.situation import progress
from tests.answering_town import OTHER_NUMBER, Town, ago, with_plan
from tests.outgoing import COMMUNE, CONTENT, Inhabitant, Plan, crowd, phone, planned

ANNA, STRANGER, HIDDEN = phone(0), "+33199000123", ""
LANDLINE = "+33199000042"
VOICE = CONTENT.texts["fr"].voice


def by_call(*people: Inhabitant, public: str = "real", route: str = "live") -> Plan:
    return Plan(people, (("voice",),), public=public, route=route)


def heard(twiml: str | None) -> str:
    assert twiml is not None
    return " ".join(ElementTree.fromstring(twiml).itertext())  # noqa: S314 - our own words


async def test_who_was_called_hears_the_message_twice_and_is_asked_for_a_key(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(by_call(*crowd(1)))
    document = ElementTree.fromstring(await town.rings(ANNA))  # noqa: S314 - our own words
    assert [part.tag for part in document] == ["Gather", "Say", "Hangup"]
    gather = document[0]
    assert gather.get("numDigits") == "1"
    assert version.version_id in str(gather.get("action"))
    assert gather[0].get("loop") == "2"
    assert VOICE in str(gather[0].text)
    assert "tapez 2" in str(gather[0].text)
    assert "le 18 ou le 112" in str(document[1].text)


@pytest.mark.parametrize(("digit", "kind"), [("1", "understood"), ("2", "help")])
async def test_the_key_counts_for_the_alert_that_was_heard(
    ledger: Ledger, digit: str, kind: str
) -> None:
    town = Town(ledger)
    version = await town.sent(by_call(*crowd(1)))
    for _ in range(10):
        await town.presses(ANNA, digit, version, sid="CA" + "7" * 32)
    assert await town.answered() == {(version.version_id, kind, "ring")}
    assert len(await town.kept()) == 1


async def test_a_key_counts_for_what_was_heard_though_a_newer_alert_left_meanwhile(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    first = await town.sent(by_call(*crowd(1)))
    await town.sent(by_call(Inhabitant("again", (Contact("mobile", ANNA),))))
    await town.presses(ANNA, "1", first)
    assert await town.answered() == {(first.version_id, "understood", "ring")}


async def test_a_landline_answers_for_its_household(ledger: Ledger) -> None:
    town = Town(ledger)
    home = [Inhabitant(name, (Contact("fixed", LANDLINE),)) for name in ("anna", "benoit")]
    version = await town.sent(by_call(*home))
    assert VOICE in heard(await town.rings(LANDLINE))
    await town.presses(LANDLINE, "2", version)
    assert (await progress(ledger, COMMUNE, version.version_id)).need_help == 2


async def test_help_from_a_number_that_received_nothing_is_kept_for_the_desk_and_told_whom_to_call(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    version = await town.sent(by_call(*crowd(1)))
    assert VOICE in heard(await town.rings(STRANGER))
    words = heard(await town.presses(STRANGER, "2", version))
    assert "La mairie a bien votre demande d'aide." in words
    assert "le 18 ou le 112" in words
    assert await town.answered() == set()
    (kept,) = await to_read(ledger, COMMUNE, alert_id=version.alert_id)
    assert (kept.kind, kept.contact, kept.medium) == ("help", STRANGER, "voice")


async def test_a_hidden_caller_hears_the_message_and_learns_that_nobody_can_call_back(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    version = await town.sent(by_call(*crowd(1)))
    assert VOICE in heard(await town.rings(HIDDEN))
    words = heard(await town.presses(HIDDEN, "2", version))
    assert "votre numéro est masqué" in words
    assert "le 18 ou le 112" in words
    assert [one.contact for one in await to_read(ledger, COMMUNE)] == [""]


async def test_no_alert_in_force_says_whom_to_ask(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    words = heard(await town.rings(STRANGER))
    assert "Aucune alerte n'est en cours" in words
    assert "03 53 01 00 02" in words
    assert "le 18 ou le 112" in words


async def test_an_exercise_is_played_to_its_players_alone(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(by_call(*crowd(1), public="exercise"))
    assert VOICE in heard(await town.rings(ANNA))
    assert VOICE not in heard(await town.rings(STRANGER))


async def test_a_rehearsal_is_played_to_nobody(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await planned(ledger, by_call(*crowd(1), route="rehearsal"))
    assert len(await open_alerts(ledger)) == 1
    assert VOICE not in heard(await town.rings(ANNA))


async def test_the_newest_of_several_alerts_is_played(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    texts = {"fr": Texts("Feu. {lien}", "Le feu avance.", "Feu", "Feu. {lien}")}
    old = await town.sent(by_call(*crowd(1)))
    await town.sent(Plan(crowd(1, first=1), (("voice",),), texts=texts))
    await town.change(old, launched_at=ago(60))
    assert VOICE in heard(await town.rings(ANNA))  # hers, though another is newer
    assert "Le feu avance." in heard(await town.rings(STRANGER))


@pytest.mark.parametrize("later", [{"lane": 2}, {"public": "public_test"}, {"public": "exercise"}])
async def test_what_came_since_of_no_danger_is_not_played_before_an_evacuation(
    ledger: Ledger, later: dict[str, Any]
) -> None:
    town = await with_plan(ledger)
    texts = {"fr": Texts("Eau. {lien}", "L'eau est coupée.", "Eau", "Eau. {lien}")}
    old = await town.sent(by_call(*crowd(1)))
    await town.change(old, launched_at=ago(60))
    again = Inhabitant("again", (Contact("mobile", ANNA),))
    await town.sent(Plan([again], (("voice",),), texts=texts, **later))
    assert VOICE in heard(await town.rings(ANNA))
    if later.get("public") != "exercise":
        assert VOICE in heard(await town.rings(STRANGER))


async def test_a_caller_hears_her_own_language(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    people = Inhabitant("p", (Contact("mobile", ANNA),), language="en")
    await town.sent(by_call(people))
    words = heard(await town.rings(ANNA))
    assert "Go upstairs." in words
    assert "press 2" in words


async def test_a_number_that_no_plan_names_still_plays_the_only_commune_s_alert(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    await town.sent(by_call(*crowd(1)))
    assert VOICE in heard(await town.rings(STRANGER, to=OTHER_NUMBER))


async def test_who_calls_without_end_is_told_the_numbers_of_danger_and_costs_no_look_up(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    await town.sent(by_call(*crowd(1)))
    told = [heard(await town.rings(ANNA)) for _ in range(MOST_RINGS + 1)]
    assert VOICE in told[-2]
    assert VOICE not in told[-1]
    assert "le 18 ou le 112" in told[-1]
    assert VOICE in heard(await town.rings(HIDDEN))


async def test_zero_repeats_and_a_wrong_key_asks_again_and_neither_is_kept(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(by_call(*crowd(1)))
    assert VOICE in heard(await town.presses(ANNA, "0", version))
    assert "tapez 1" in heard(await town.presses(ANNA, "9", version))
    assert await town.kept() == []


async def test_an_alert_that_stopped_while_it_was_heard_still_keeps_the_call_for_help(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(by_call(*crowd(1)))
    await town.change(version, cancelled_at=ago(0), state="cancelled")
    assert "demande d'aide" in heard(await town.presses(ANNA, "2", version))
    (kept,) = await to_read(ledger, COMMUNE, alert_id=version.alert_id)
    assert (kept.kind, kept.contact) == ("help", ANNA)


def test_a_turnstile_forgets_after_its_window_and_counts_each_number_apart() -> None:
    now = [0.0]
    gate = Turnstile(2, 10.0, clock=lambda: now[0])
    assert [gate.passes("a") for _ in range(3)] == [True, True, False]
    assert gate.passes("b")
    now[0] = 10.0
    assert gate.passes("a")
    assert all(gate.passes("") for _ in range(50))


def test_a_switchboard_is_each_process_s_own() -> None:
    assert Switchboard().rings is not Switchboard().rings
