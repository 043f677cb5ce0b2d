"""STOP by SMS: information ends at once, danger at a second one, whose consequence was told."""

import pytest
from sqlalchemy import select, update

from dispatcher.store import logbook
from dispatcher.store.information import EVERY, Hours, Wanted, wanted_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.people import Contact, people
from dispatcher.store.replies import known_by
from dispatcher.store.tables import persons
from dispatcher.store.versions import Version
from tests.answering_town import Town, with_plan
from tests.outgoing import COMMUNE, Inhabitant, Plan, crowd, phone, planned, rows

ANNA, LANDLINE, STRANGER = phone(0), "+33199000042", phone(9000)
HOURS = Hours(540, 1200, "Europe/Paris")
INFORMS = {"cap": {"severity": "Minor", "category": ["Other"], "responseType": ["None"]}}


def two_way(number: int = 1, *, lane: int = 0) -> Plan:
    return Plan(crowd(number), two_way=True, lane=lane)


async def informing(ledger: Ledger, *people: Inhabitant) -> Version:
    """Make every message of an information that nobody has sent yet."""
    version = await planned(ledger, Plan(people, lane=2, two_way=True))
    async with ledger.writing() as connection:
        mine = versions.c.version_id == version.version_id
        content = (await connection.execute(select(versions.c.content).where(mine))).scalar_one()
        await connection.execute(
            update(versions).where(mine).values(content={**content, **INFORMS})
        )
    return version


async def wants(ledger: Ledger, person: str = "p00000") -> Wanted:
    async with ledger.reading() as connection:
        kept = select(persons.c.information).where(persons.c.person_id == person)
        return wanted_of((await connection.execute(kept)).scalar_one())


async def kinds(ledger: Ledger) -> list[str]:
    lines = await logbook.read(ledger, COMMUNE)
    return [one.kind for one in lines if one.author == "resident"]


async def states(ledger: Ledger) -> dict[str, str]:
    return {str(row["contact"]): str(row["state"]) for row in await rows(ledger)}


@pytest.mark.parametrize("words", ["STOP", "Arrêt", "ARRET", "STOP SMS", "stop svp", "Désabonner"])
async def test_a_first_stop_ends_information_at_once_and_danger_is_still_told(
    ledger: Ledger, words: str
) -> None:
    town = await with_plan(ledger)
    await town.sent(two_way(2, lane=2))
    told = await town.texts(ANNA, words)
    assert "plus aucune information" in told
    assert "En cas de danger, vous serez toujours prévenu" in told
    assert "répondez STOP encore une fois" in told
    assert (await wants(ledger)).refuses(())
    assert (await wants(ledger)).refuses(("weather",))
    assert not (await wants(ledger)).refuses(None)
    assert await town.unsubscribed() == set()
    assert await wants(ledger, "p00001") == Wanted()


async def test_the_second_is_her_choice_and_it_is_kept(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(two_way(2, lane=2))
    await town.texts(ANNA, "STOP")
    assert "y compris en cas de danger" in await town.texts(ANNA, "STOP")
    assert await town.unsubscribed() == {"p00000"}
    assert (await people(ledger, COMMUNE, ["p00000"]))["p00000"].unsubscribed


async def test_each_leaves_a_line_in_the_logbook_without_a_number(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(two_way(lane=2))
    for words in ("STOP", "STOP", "STOP", "REPRENDRE"):
        await town.texts(ANNA, words)
    assert await kinds(ledger) == [
        "residents.information_off", "residents.unsubscribed", "residents.subscribed",
    ]  # fmt: skip
    assert ANNA not in str(await logbook.read(ledger, COMMUNE))


async def test_while_a_danger_is_in_force_it_is_told_what_she_would_miss_now(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    await town.sent(two_way(2))
    warned = await town.texts(ANNA, "STOP")
    assert "une alerte de danger est en cours" in warned
    assert "vous ne serez plus prévenu d'aucun danger" in warned
    assert (await wants(ledger)).refuses(())
    assert await town.unsubscribed() == set()
    assert "y compris en cas de danger" in await town.texts(ANNA, "stop")
    assert await town.unsubscribed() == {"p00000"}


async def test_a_danger_in_force_is_told_though_a_newer_message_only_informs(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    again = Inhabitant("again", (Contact("mobile", ANNA),))
    await town.sent(Plan([again], two_way=True, lane=2))
    assert "une alerte de danger est en cours" in await town.texts(ANNA, "STOP")


async def test_the_same_stop_ten_times_confirms_nothing(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    said = {await town.texts(ANNA, "STOP", sid="SM" + "3" * 32) for _ in range(10)}
    assert len(said) == 1
    assert await town.unsubscribed() == set()


async def test_a_stop_days_after_the_first_is_explained_anew(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    await town.texts(ANNA, "STOP")
    await town.age_replies(2 * 86_400.0)
    assert "encore une fois" in await town.texts(ANNA, "STOP")
    assert await town.unsubscribed() == set()


async def test_a_stop_after_she_came_back_is_explained_anew(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    for words in ("STOP", "REPRENDRE"):
        await town.texts(ANNA, words)
    assert "encore une fois" in await town.texts(ANNA, "STOP")
    assert await town.unsubscribed() == set()


async def test_who_comes_back_is_told_everything_again_at_the_hours_she_chose(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    await town.sent(two_way(lane=2))
    async with ledger.writing() as connection:
        await connection.execute(update(persons).values(information=Wanted((), HOURS).as_text()))
    for words in ("STOP", "STOP"):
        await town.texts(ANNA, words)
    assert await wants(ledger) == Wanted((EVERY,), HOURS)
    assert "de nouveau" in await town.texts(ANNA, "Reprendre")
    assert await wants(ledger) == Wanted((), HOURS)
    assert await town.unsubscribed() == set()


async def test_an_information_that_waits_to_leave_for_her_leaves_no_more(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await informing(ledger, *crowd(2))
    await town.texts(ANNA, "STOP")
    assert await states(ledger) == {ANNA: "suppressed", phone(1): "ready"}


async def test_a_danger_that_waits_to_leave_for_her_leaves(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await planned(ledger, two_way())
    await town.texts(ANNA, "STOP")
    assert await states(ledger) == {ANNA: "ready"}


async def test_an_information_waits_on_for_who_shares_her_landline_and_sent_no_stop(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    shared = Contact("fixed", LANDLINE)
    both = [
        Inhabitant("anna", (Contact("mobile", ANNA), shared)),
        Inhabitant("benoit", (shared,)),
    ]
    version = await planned(ledger, Plan(both, (("voice",),), lane=2))
    async with ledger.writing() as connection:
        mine = versions.c.version_id == version.version_id
        content = (await connection.execute(select(versions.c.content).where(mine))).scalar_one()
        await connection.execute(update(versions).where(mine).values(content=content | INFORMS))
    await town.texts(ANNA, "STOP")
    assert (await states(ledger))[LANDLINE] == "ready"


async def test_everybody_behind_a_shared_telephone_is_meant(ledger: Ledger) -> None:
    town = Town(ledger)
    home = [Inhabitant(name, (Contact("mobile", ANNA),)) for name in ("anna", "benoit")]
    await town.sent(Plan(home, two_way=True))
    for words in ("STOP", "STOP"):
        await town.texts(ANNA, words)
    assert await town.unsubscribed() == {"anna", "benoit"}


async def test_of_whom_nothing_is_held_nothing_is_left_to_explain(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    assert "encore une fois" not in await town.texts(STRANGER, "STOP")
    assert await known_by(ledger, STRANGER, communes=[COMMUNE]) == []


async def test_who_had_left_is_not_promised_a_warning(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(two_way(lane=2))
    for words in ("STOP", "STOP"):
        await town.texts(ANNA, words)
    await town.age_replies(2 * 86_400.0)
    assert "y compris en cas de danger" in await town.texts(ANNA, "STOP")


async def test_what_stop_ends_is_told_to_who_texts_without_end(ledger: Ledger) -> None:
    town = Town(ledger)
    await town.sent(two_way())
    for _ in range(12):
        await town.texts(ANNA, "Je suis absent.")
    assert "encore une fois" in await town.texts(ANNA, "STOP")


async def test_who_is_called_to_a_duty_learns_that_stop_does_not_end_it(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    (duty,) = await known_by(ledger, "+33639980001", communes=[COMMUNE])
    assert duty.on_duty
    told = await town.texts("+33639980001", "STOP")
    assert "le plan communal vous confie une fonction" in told
    assert await town.unsubscribed() == set()
