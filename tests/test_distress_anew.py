"""Who cries for help again though somebody has her call is heard: first, late, rung for."""

import pytest

from dispatcher.alerts.refusals import NotNow
from dispatcher.distress import calls
from dispatcher.distress.showing import listed, shown
from dispatcher.store import logbook
from dispatcher.store.help_calls import NOW, change_call
from dispatcher.store.help_counts import HelpCounts, help_counts
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from tests.distress_town import OPERATOR, RAC, Town, town_in_distress
from tests.outgoing import COMMUNE
from tests.test_distress_rings import MINUTES, rung, turn


async def owned(ledger: Ledger, people: int = 3) -> Town:
    """Have the RAC take the first person's call, five minutes ago."""
    town = await town_in_distress(ledger, people)
    await town.cries()
    await town.age(1 * MINUTES)
    await calls.take(town.office, (await town.the_call()).call_id, actor=RAC)
    await town.age(5 * MINUTES)
    return town


async def counts(town: Town) -> HelpCounts:
    return await help_counts(town.ledger, COMMUNE, late_s=180.0)


async def test_a_second_cry_is_late_and_rung_for_after_three_minutes_like_a_first_one(
    ledger: Ledger,
) -> None:
    town = await owned(ledger)
    await town.cries()
    assert not await turn(town)
    found = await counts(town)
    assert (found.open, found.alone, found.again, found.late) == (1, 0, 1, 0)
    await town.age(2.9 * MINUTES)
    assert not await turn(town)
    await town.age(0.2 * MINUTES)
    assert (await counts(town)).late == 1
    assert await turn(town)
    assert len(await rung(ledger)) == 1
    await town.age(60 * MINUTES)
    assert not await turn(town)
    (line,) = [one async for one in logbook.read_all(ledger, COMMUNE) if one.kind == "help.rung"]
    assert line.text == "Demandes d'aide qui rappellent sans réponse (1) : RAC appelé"
    wanted = versions.select().where(versions.c.kind == "summons")
    (summons,) = await ledger.read(lambda one: one.execute(wanted).all())
    said = summons.content["texts"]["fr"]["sms"]
    assert "1 demande d'aide sans réponse depuis 3 min, on rappelle" in said


async def test_who_goes_on_crying_waits_no_longer_for_it(ledger: Ledger) -> None:
    town = await owned(ledger)
    await town.cries()
    await town.age(2 * MINUTES)
    await town.cries()
    await town.age(1.1 * MINUTES)
    assert await turn(town)
    await town.age(1 * MINUTES)
    await town.cries()
    assert not await turn(town)  # she is at it
    await town.age(3 * MINUTES)
    assert await turn(town)  # and has done nothing


async def test_it_is_listed_before_what_nobody_has(ledger: Ledger) -> None:
    town = await owned(ledger)
    first = (await town.the_call()).call_id
    await town.cries(1)
    await town.age(9 * MINUTES)
    assert [one.call_id for one in await town.open()][1] == first
    await town.cries(0)
    call = (await town.open())[0]
    assert (call.call_id, call.owner, call.waits_since) == (first, "rac", call.anew_at)
    assert shown(call)["unanswered_since"] is not None
    assert (await listed(town.office))["asking_again_count"] == 1


@pytest.mark.parametrize("by_whom", ["owner", "taken over", "handed over", "given back"])
async def test_whatever_somebody_does_with_it_answers_her(ledger: Ledger, by_whom: str) -> None:
    town = await owned(ledger)
    ident = (await town.the_call()).call_id
    await town.cries()
    await town.age(4 * MINUTES)
    if by_whom == "owner":
        before = (await town.the_call()).owned_at
        for _ in range(2):
            await calls.take(town.office, ident, actor=RAC)
        assert (await town.the_call()).owned_at == before  # still hers, as long as before
        lines = [one.kind async for one in logbook.read_all(ledger, COMMUNE)]
        assert lines.count("help.heard") == 1
    else:
        actor = OPERATOR if by_whom == "taken over" else RAC
        to = "" if by_whom == "given back" else "operateur"
        await calls.hand_over(town.office, ident, to, actor=actor)
    found = await counts(town)
    assert found.again == 0
    assert await turn(town) is (by_whom == "given back")  # which is nobody's, four minutes old
    await town.cries()
    await town.age(1 * MINUTES)
    assert (await counts(town)).again == (by_whom != "given back")


async def test_a_cry_of_the_same_instant_as_the_first_is_none(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await calls.take(town.office, (await town.the_call()).call_id, actor=RAC)
    await town.cries()  # a telephone's one SMS answers each message of its number
    assert (await town.the_call()).anew_at is None


async def test_a_cry_that_came_since_the_page_was_read_is_not_given_away_nor_answered_unread(
    ledger: Ledger,
) -> None:
    town = await owned(ledger)
    read = await town.the_call()
    await town.cries()
    with pytest.raises(NotNow, match="redemandé de l'aide"):
        await calls.hand_over(
            town.office, read.call_id, "operateur", actor=RAC, read_again=read.again
        )
    line = town.office.line("rac", "help.heard", "x")
    assert not await change_call(ledger, read, values={}, line=line)
    assert (await counts(town)).again == 1
    over = {"owner": "operateur", "owned_at": NOW}
    assert await change_call(ledger, read, values=over, line=line)
