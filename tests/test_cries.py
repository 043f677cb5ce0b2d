"""A cry for help: in anybody's words, for the alert that takes it, one call for one person."""

import asyncio

import pytest

from dispatcher.delivery.answers import record_to
from dispatcher.store.help_calls import HelpCall, open_calls
from dispatcher.store.help_whose import whose
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.situation import progress
from dispatcher.store.versions import Version
from tests.answering_town import Town, ago, with_plan
from tests.distress_town import deliveries_of
from tests.outgoing import COMMUNE, Inhabitant, Plan, cancelled, crowd, phone

ANNA, BENOIT, LANDLINE = phone(0), phone(1), "+33199000042"


def warned(ident: str = "anna", *contacts: Contact) -> Inhabitant:
    return Inhabitant(ident, contacts or (Contact("mobile", ANNA),))


def two_way(*people: Inhabitant, public: str = "real", helps: bool = True, lane: int = 0) -> Plan:
    return Plan(people or [warned()], two_way=True, public=public, offers_help=helps, lane=lane)


async def calls(ledger: Ledger) -> list[HelpCall]:
    return await open_calls(ledger, COMMUNE)


@pytest.mark.parametrize(
    "words", ["je ne peux pas descendre", "2, 14 rue des Lilas", "Ma mère est tombée, aidez-nous"]
)
async def test_a_cry_in_her_own_words_is_a_call_that_says_them(ledger: Ledger, words: str) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    assert "la mairie a bien votre demande d'aide" in await town.texts(ANNA, words)
    (call,) = await calls(ledger)
    assert (call.alert_id, call.via) == (version.alert_id, "sms")
    assert (await whose(ledger, call)).words == words
    assert (await progress(ledger, COMMUNE, version.version_id)).need_help == 1


async def test_who_needs_nothing_makes_no_call_and_is_read_by_a_person(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    await town.texts(ANNA, "je n'ai pas besoin d'aide, mais la cave est pleine")
    assert await calls(ledger) == []
    assert [kind for kind, *_ in await town.kept()] == ["unknown"]


@pytest.mark.parametrize("newer", [{"public": "exercise"}, {"helps": False, "lane": 2}])
async def test_a_newer_exercise_or_information_hides_no_alert_from_who_cries(
    ledger: Ledger, newer: dict[str, object]
) -> None:
    town = Town(ledger)
    real = await town.sent(two_way())
    await town.change(real, launched_at=ago(60))
    await town.sent(two_way(warned("again"), **newer))  # type: ignore[arg-type]  # its own words
    await town.texts(ANNA, "2")
    assert await town.answered() == {(real.version_id, "help", "sms")}
    (call,) = await calls(ledger)
    assert (call.alert_id, call.mode) == (real.alert_id, "real")


async def test_one_still_answers_the_newest_of_them(ledger: Ledger) -> None:
    town = Town(ledger)
    real = await town.sent(two_way())
    await town.change(real, launched_at=ago(60))
    exercise = await town.sent(two_way(warned("again"), public="exercise"))
    await town.texts(ANNA, "1")
    assert await town.answered() == {(exercise.version_id, "understood", "sms")}


async def test_the_cry_of_an_exercise_alone_is_of_the_exercise(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way(public="exercise"))
    await town.texts(ANNA, "au secours")
    assert [one.mode for one in await calls(ledger)] == ["exercise"]


async def test_an_alert_that_ended_takes_no_answer_and_the_other_one_does(ledger: Ledger) -> None:
    town = Town(ledger)
    open_one = await town.sent(two_way())
    await town.change(open_one, launched_at=ago(60))
    ended = await town.sent(two_way(warned("again")))
    await cancelled(ledger, ended)
    await town.texts(ANNA, "2")
    assert await town.answered() == {(open_one.version_id, "help", "sms")}


async def test_a_cry_after_the_end_is_a_call_all_the_same(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await cancelled(ledger, await town.sent(two_way()))
    words = await town.texts(ANNA, "2")
    assert "114 par SMS" in words
    (call,) = await calls(ledger)
    assert (call.alert_id, call.mode) == ("", "real")
    assert [one.person_id for one in (await whose(ledger, call)).people] == ["anna"]


async def test_who_cries_on_through_two_alerts_and_past_their_end_is_one_call(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    first = await town.sent(two_way())
    await town.texts(ANNA, "2")
    second = await town.sent(two_way(warned("again", Contact("mobile", BENOIT))))
    await town.texts(ANNA, "aide")
    for one in (first, second):
        await cancelled(ledger, one)
    await town.texts(ANNA, "je suis bloquée")
    assert [one.alert_id for one in await calls(ledger)] == [first.alert_id]


async def pressed(ledger: Ledger, version: Version, kind: str, *, via: str = "page") -> None:
    for ident in await deliveries_of(ledger, version):
        assert await record_to(ledger, COMMUNE, ident, kind=kind, via=via)


async def test_who_has_two_telephones_and_cries_by_both_is_one_call(ledger: Ledger) -> None:
    town = Town(ledger)
    both = warned("anna", Contact("mobile", ANNA), Contact("fixed", LANDLINE))
    version = await town.sent(two_way(both))
    await town.texts(ANNA, "2")
    await town.presses(LANDLINE, "2", version)
    assert len(await calls(ledger)) == 1


async def test_a_household_behind_one_telephone_is_one_call(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way(warned("anna"), warned("benoit")))
    await town.texts(ANNA, "2")
    await pressed(ledger, version, "help")
    (call,) = await calls(ledger)
    assert [one.person_id for one in (await whose(ledger, call)).people] == ["anna", "benoit"]


async def test_neighbours_who_share_a_landline_and_have_mobiles_are_not_taken_for_one(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    shared = Contact("fixed", LANDLINE)
    await town.sent(
        two_way(
            warned("anna", Contact("mobile", ANNA), shared),
            warned("benoit", Contact("mobile", BENOIT), shared),
        )
    )
    await town.texts(ANNA, "2")
    await town.texts(BENOIT, "2")
    assert len(await calls(ledger)) == 2


async def test_an_exercise_s_cry_hides_no_real_one(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way(public="exercise"))
    await town.texts(ANNA, "2")
    await town.sent(two_way(warned("again", Contact("mobile", ANNA))))
    await town.texts(ANNA, "2")
    assert sorted(one.mode for one in await calls(ledger)) == ["exercise", "real"]


async def test_at_once_by_sms_page_call_and_ring_it_is_one_call_and_nothing_is_lost(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    by_sms, by_call = warned("a"), warned("b")
    chains, others = (("sms",),), ((("voice",),),)
    plan = Plan((by_sms, by_call), chains, others=others, choice=(0, 1), two_way=True, lane=0)
    version = await town.sent(plan)
    await asyncio.gather(
        *(town.texts(ANNA, "2") for _ in range(4)),
        *(pressed(ledger, version, "help", via=via) for via in ("page", "keypad") * 2),
        *(town.presses(ANNA, "2", version) for _ in range(4)),
    )
    assert len(await calls(ledger)) == 1
    assert (await progress(ledger, COMMUNE, version.version_id)).need_help == 2


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
async def test_who_says_both_is_counted_in_both_and_her_call_stays(
    ledger: Ledger, order: tuple[str, str]
) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    for words in order:
        await town.texts(ANNA, words)
    found = await progress(ledger, COMMUNE, version.version_id)
    assert (found.understood, found.need_help, len(await calls(ledger))) == (1, 1, 1)


async def test_who_left_since_is_heard_and_called_back(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(two_way())
    for _ in range(2):
        await town.texts(ANNA, "STOP")
    await town.texts(ANNA, "2")
    assert await town.answered() == {(version.version_id, "help", "sms")}
    (call,) = await calls(ledger)
    assert (await whose(ledger, call)).contact == ANNA


async def test_somebody_unknown_who_cries_while_others_are_alerted_is_a_call_of_her_own(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(1), two_way=True, lane=0))
    await town.texts(BENOIT, "help me please")
    (call,) = await calls(ledger)
    assert (await whose(ledger, call)).contact == BENOIT
