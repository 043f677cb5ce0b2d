"""SMS that people send back: understood, help, stop, or words that a person reads; none is lost."""

import pytest

from channels.segments import measure
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.replies import to_read
from dispatcher.store.situation import progress
from tests.answering_town import OTHER_NUMBER, Town, with_plan
from tests.outgoing import COMMUNE, Inhabitant, Plan, crowd, phone
from tests.pursued_town import LONG

ANNA, STRANGER = phone(0), phone(9000)


def two_way(number: int = 1) -> Plan:
    return Plan(crowd(number), two_way=True, lane=0)


async def test_one_is_thanked_and_counts_for_the_alert_it_answers(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way(3))
    assert "merci" in await town.texts(ANNA, " 1. ")
    assert await town.answered() == {(version.version_id, "understood", "sms")}
    assert (await progress(ledger, COMMUNE, version.version_id)).understood == 1
    assert await to_read(ledger, COMMUNE, alert_id=version.alert_id) == []


async def test_two_says_who_has_the_request_and_whom_to_call(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    words = await town.texts(ANNA, "AIDE !")
    assert "la mairie a bien votre demande d'aide" in words
    assert "18 ou le 112 (114 par SMS)" in words
    assert await town.answered() == {(version.version_id, "help", "sms")}


async def test_the_same_sms_ten_times_is_one_answer(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    said = {await town.texts(ANNA, "2", sid="SM" + "1" * 32) for _ in range(10)}
    assert len(said) == 1
    assert await town.kept() == [("help", "help", version.version_id, True)]


async def test_a_copy_that_comes_after_a_newer_alert_changes_nothing(ledger: Ledger) -> None:
    town = Town(ledger)
    first = await town.sent(two_way())
    await town.texts(ANNA, "1", sid="SM" + "1" * 32)
    again = Inhabitant("again", (Contact("mobile", ANNA),))
    await town.sent(Plan([again], two_way=True))
    await town.texts(ANNA, "1", sid="SM" + "1" * 32)
    assert await town.answered() == {(first.version_id, "understood", "sms")}


async def test_other_words_are_kept_whole_and_told_what_is_understood(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    words = await town.texts(ANNA, "2 enfants avec moi, on fait quoi ?")
    assert "Répondez 1" in words
    assert await town.answered() == set()
    (kept,) = await to_read(ledger, COMMUNE, alert_id=version.alert_id)
    assert (kept.contact, kept.body) == (ANNA, "2 enfants avec moi, on fait quoi ?")


@pytest.mark.parametrize("text", ["", "😀" * 800, "a\x00b", "'; DROP TABLE replies; --"])
async def test_any_words_are_kept(ledger: Ledger, text: str) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    assert await town.texts(ANNA, text.replace("\x00", ""))
    assert len(await town.kept()) == 1


async def test_an_answer_behind_a_shared_phone_counts_for_the_household(ledger: Ledger) -> None:
    town = Town(ledger)
    home = [Inhabitant(name, (Contact("mobile", ANNA),)) for name in ("anna", "benoit")]
    version = await town.sent(Plan(home, two_way=True))
    await town.texts(ANNA, "ok")
    assert (await progress(ledger, COMMUNE, version.version_id)).understood == 2


async def test_a_phone_warned_by_sms_and_by_call_answers_for_both_messages(ledger: Ledger) -> None:
    town = Town(ledger)
    by_sms, by_call = (Inhabitant(name, (Contact("mobile", ANNA),)) for name in ("a", "b"))
    chains, others = (("sms",),), ((("voice",),),)
    plan = Plan((by_sms, by_call), chains, others=others, choice=(0, 1), two_way=True)
    version = await town.sent(plan)
    await town.texts(ANNA, "1")
    assert (await progress(ledger, COMMUNE, version.version_id)).understood == 2


async def test_an_answer_by_sms_ends_the_pursuit(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), two_way=True, escalation=LONG))
    await town.texts(ANNA, "1")
    found = await progress(ledger, COMMUNE, version.version_id)
    assert (found.reached, found.understood) == (1, 1)


async def test_without_an_alert_in_force_nothing_is_counted_and_it_is_told_where_to_ask(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    words = await town.texts(STRANGER, "1")
    assert "03 53 01 00 02" in words
    assert "Vaubrenne" in words
    assert "114 par SMS" in words
    assert await town.answered() == set()
    assert await town.kept() == [("understood", "no_alert", None, False)]
    assert [one.contact for one in await to_read(ledger, COMMUNE)] == [STRANGER]


async def test_an_installation_without_any_plan_still_keeps_and_answers(ledger: Ledger) -> None:
    town = Town(ledger)
    assert "112" in await town.texts(STRANGER, "au secours")
    assert await town.kept() == [("help", "no_alert", None, False)]


async def test_on_a_sender_that_takes_no_answers_nothing_is_counted_but_kept(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1)))
    words = await town.texts(ANNA, "1", to=OTHER_NUMBER)
    assert "ne compte pas les réponses" in words
    assert await town.answered() == set()
    assert await town.kept() == [("understood", "one_way", version.version_id, False)]


async def test_who_reads_english_is_answered_in_english(ledger: Ledger) -> None:
    town = Town(ledger)
    people = [Inhabitant("p", (Contact("mobile", ANNA),), language="en")]
    await town.sent(Plan(people, two_way=True))
    assert "text 114" in await town.texts(ANNA, "help")


async def test_two_machines_do_not_answer_each_other_for_ever(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    told = [await town.texts(ANNA, "Je suis absent.") for _ in range(13)]
    assert [bool(words) for words in told] == [True] * 10 + [False] * 3
    assert len(await town.kept()) == 13
    assert "demande d'aide" in await town.texts(ANNA, "2")


async def test_a_name_cannot_be_answered_and_its_words_are_kept(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    assert await town.texts("", "votre colis est arrivé") == ""
    assert len(await town.kept()) == 1


async def test_the_longest_issuer_keeps_an_answer_within_two_sms(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    assert measure(await town.texts(ANNA, "quoi")).segments <= 2
