"""Who had a call for help has lost her access: it is nobody's again, rung for and taken anew."""

import pytest
from sqlalchemy import delete, update

from dispatcher.access.permissions import FUNCTIONS, allowed
from dispatcher.alerts.refusals import NotNow
from dispatcher.crisis.standing_down import stand_down, warnings_of
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.distress.showing import listed, shown
from dispatcher.store import logbook
from dispatcher.store.crises import events_of
from dispatcher.store.help_counts import help_counts
from dispatcher.store.help_owners import OWNING
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import users
from dispatcher.store.users import disable_user
from tests.crises import MAYOR, activated, by
from tests.distress_town import OPERATOR, RAC, Town, town_in_distress
from tests.outgoing import COMMUNE
from tests.situations import office
from tests.test_distress_rings import MINUTES, rung, turn


async def taken(ledger: Ledger) -> Town:
    """Have the operator take a call, for one crisis, ten minutes ago."""
    town = await town_in_distress(ledger)
    event = await activated(office(ledger))
    async with ledger.writing() as connection:
        hers = update(users).where(users.c.login == OPERATOR.login)
        await connection.execute(hers.values(until_event=event.event_id))
    await town.cries()
    await calls.take(town.office, (await town.the_call()).call_id, actor=OPERATOR)
    await town.age(10 * MINUTES)
    return town


async def leaves(town: Town, how: str) -> None:
    """End the operator's right to have a call."""
    hers = users.c.login == OPERATOR.login
    if how == "revoked":
        line = town.office.line("rac", "access.revoked", "x")
        await disable_user(
            town.ledger, COMMUNE, OPERATOR.login, line=(line.entry, line.key)
        )  # fmt: skip
        return
    if how == "stood down":
        (held,) = await events_of(town.ledger, COMMUNE)
        knows = [one.kind for one in await warnings_of(town.office, held)]
        await stand_down(town.office, held.event_id, asked=by(MAYOR, "décrue"), knows=knows)
        return
    change = {
        "removed": delete(users).where(hers),
        "observer": update(users).where(hers).values(function="observer"),
    }[how]
    async with town.ledger.writing() as connection:
        await connection.execute(change)


WAYS = ("revoked", "stood down", "removed", "observer")


@pytest.mark.parametrize("how", WAYS)
async def test_a_call_whose_owner_lost_her_access_is_rung_for_counted_and_taken_as_nobodys(
    ledger: Ledger, how: str
) -> None:
    town = await taken(ledger)
    assert (await help_counts(ledger, COMMUNE, late_s=180.0)).alone == 0
    assert not await turn(town)
    before = len(await rung(ledger))
    await leaves(town, how)
    call = await town.the_call()
    assert (call.owner, call.left) == (OPERATOR.login, True)
    assert (shown(call)["owner"], shown(call)["former_owner"]) == (None, OPERATOR.login)
    counted = await help_counts(ledger, COMMUNE, late_s=180.0)
    assert (counted.alone, counted.late, counted.since) == (1, 1, call.came_at)
    assert (await listed(town.office))["unowned_count"] == 1
    assert await turn(town)
    assert len(await rung(ledger)) == before + 1
    assert not await turn(town)  # once
    taken_anew = await calls.take(town.office, call.call_id, actor=RAC)
    assert (taken_anew.owner, taken_anew.left) == ("rac", False)
    lines = [line async for line in logbook.read_all(ledger, COMMUNE) if line.kind == "help.taken"]
    assert [line.author for line in lines] == [OPERATOR.login, "rac"]
    assert lines[1].data["before"] == OPERATOR.login


async def test_what_was_rung_for_before_she_took_it_is_rung_for_again_when_she_leaves(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    await town.age(4 * MINUTES)
    assert await turn(town)
    await town.age(1 * MINUTES)
    await calls.take(town.office, (await town.the_call()).call_id, actor=OPERATOR)
    await town.age(4 * MINUTES)
    assert not await turn(town)
    await leaves(town, "revoked")
    assert await turn(town)
    await town.age(10 * MINUTES)
    assert not await turn(town)
    assert len(await rung(ledger)) == 2


async def test_whoever_may_ends_a_call_of_who_left_and_it_stays_written_who_had_it(
    ledger: Ledger,
) -> None:
    town = await taken(ledger)
    ident = (await town.the_call()).call_id
    with pytest.raises(NotNow, match="Noé Petit"):
        await calls.end(town.office, ident, End("called_back"), actor=RAC)
    await leaves(town, "revoked")
    ended = await calls.end(town.office, ident, End("called_back"), actor=RAC)
    assert (ended.owner, ended.closed_by) == ("rac", "rac")
    last = [line async for line in logbook.read_all(ledger, COMMUNE)][-1]
    assert (last.kind, last.data["before"]) == ("help.ended", OPERATOR.login)


def test_who_may_have_a_call_is_who_may_read_the_answers() -> None:
    assert {one for one in FUNCTIONS if allowed(one, calls.MAY)} == set(OWNING)
